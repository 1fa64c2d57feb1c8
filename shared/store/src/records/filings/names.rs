//! The names that the domains of a service may be registered to: of the subject as it is filed and as the register
//! knows it, and of the principals, and nothing else of the filing.

use icp_domain::filing::{PersonDetails, Service, SubjectDetails};
use icp_domain::ids::{PersonId, SubjectId, UnitId};
use icp_domain::reports::RegistryReport;

use super::{HeadRecord, PersonRecord};
use crate::records::SHAPE;
use crate::records::reported::registry_in;
use crate::{Item, Store, StoreError, keys};

/// What the holders of a service's domains are held against.
#[derive(Debug, Clone, Default)]
pub struct FiledNames {
    /// What is filed of the subject.
    pub details: Option<SubjectDetails>,
    /// What the register answered of the subject, with its former names.
    pub registry: Option<RegistryReport>,
    /// The principals of the subject and of the service: one where they are the same person.
    pub principals: Vec<PersonDetails>,
}

impl Store {
    /// The names of a subject and of its and its service's principals: head, one person and what is reported of the
    /// subject in one call, and the other person where it is another one in a second.
    pub async fn filed_names(
        &self,
        subject: &SubjectId,
        service: &Service,
    ) -> Result<FiledNames, StoreError> {
        let own = &service.details.principal;
        let [head, person, reported] = [
            keys::subject(subject),
            keys::person(subject, own),
            keys::reported(&UnitId::of_subject(subject.clone())),
        ];
        let rows = [head.clone(), person.clone(), reported.clone()];
        let items = self.items(&rows).await?;
        let mut names = FiledNames::default();
        if let Some(head) = items.get(&head) {
            names.details = self.subject_details(head).await?;
            if let Some(reported) = items.get(&reported) {
                names.registry = self.registry_answer(head, reported).await?;
            }
        }
        if let Some(person) = items.get(&person) {
            names.principals.push(self.person_details(person).await?);
        }
        let other = names.details.as_ref().map(|details| &details.principal);
        if let Some(other) = other.filter(|other| *other != own) {
            names
                .principals
                .extend(self.person_of(subject, other).await?);
        }
        Ok(names)
    }

    async fn person_of(
        &self,
        subject: &SubjectId,
        person: &PersonId,
    ) -> Result<Option<PersonDetails>, StoreError> {
        match self.item(&keys::person(subject, person)).await? {
            Some(item) => self.person_details(&item).await.map(Some),
            None => Ok(None),
        }
    }

    async fn subject_details(&self, item: &Item) -> Result<Option<SubjectDetails>, StoreError> {
        let record: HeadRecord = item.read(SHAPE)?;
        let Some(sealed) = &record.details else {
            return Ok(None);
        };
        let clear = self.keys().unwrap(&record.key, &item.key()).await?;
        clear.open_value(sealed, &item.key(), "details").map(Some)
    }

    async fn registry_answer(
        &self,
        head: &Item,
        reported: &Item,
    ) -> Result<Option<RegistryReport>, StoreError> {
        let record: HeadRecord = head.read(SHAPE)?;
        let clear = self.keys().unwrap(&record.key, &head.key()).await?;
        registry_in(&clear, reported)
    }

    async fn person_details(&self, item: &Item) -> Result<PersonDetails, StoreError> {
        let record: PersonRecord = item.read(SHAPE)?;
        let clear = self.keys().unwrap(&record.seal.key, &item.key()).await?;
        clear.open_value(&record.details, &item.key(), "details")
    }
}
