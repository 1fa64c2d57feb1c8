//! What could be read of a draft, part by part, whatever else is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use super::Draft;
use crate::filing::{Certificate, Material, PersonDetails, ServiceDetails, SubjectDetails};
use crate::ids::{MaterialId, PersonId, ServiceId};
use crate::rulebook::Known;

/// What could be read of a draft, part by part.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts {
    pub(super) about: BTreeSet<ServiceId>,
    pub(super) subject: Option<SubjectDetails>,
    pub(super) certificate: Option<Certificate>,
    pub(super) persons: BTreeMap<PersonId, PersonDetails>,
    pub(super) services: BTreeMap<ServiceId, ServiceDetails>,
    pub(super) materials: BTreeMap<MaterialId, Material>,
}

impl Parts {
    /// The draft, where the subject could be read whole.
    pub(super) fn whole(self) -> Option<Draft> {
        Some(Draft {
            about: self.about,
            subject: self.subject?,
            persons: self.persons,
            services: self.services,
            materials: self.materials,
        })
    }

    pub(super) fn person(&self, id: &str) -> Option<&PersonDetails> {
        self.persons.get(&id.parse().ok()?)
    }

    pub(super) fn service(&self, id: &str) -> Option<&ServiceDetails> {
        self.services.get(&id.parse().ok()?)
    }

    pub(super) fn subject_principal(&self) -> Option<&PersonDetails> {
        self.persons.get(&self.subject.as_ref()?.principal)
    }

    /// Whether the subject's principal is its legal representative.
    pub(super) fn subject_by_representative(&self) -> Known {
        match (&self.subject, self.subject_principal()) {
            (Some(subject), Some(principal)) => subject.is_represented_by(&principal.name),
            (_, _) => Known::Unknown,
        }
    }

    /// Whether every service's principal is.
    pub(super) fn services_by_representative(&self) -> Known {
        let mut all = Known::Yes;
        for service in self.services.values() {
            let principal = self.persons.get(&service.principal);
            let by = match (&self.subject, principal) {
                (Some(subject), Some(principal)) => subject.is_represented_by(&principal.name),
                (_, _) => Known::Unknown,
            };
            all = match (all, by) {
                (Known::No, _) | (_, Known::No) => Known::No,
                (Known::Unknown, _) | (_, Known::Unknown) => Known::Unknown,
                (Known::Yes, Known::Yes) => Known::Yes,
            };
        }
        all
    }
}
