//! The keys of a filing's subject and persons: wrapped anew, and destroyed.

use icp_domain::Invocation;
use icp_domain::ids::PersonId;

use super::super::SHAPE;
use super::super::numbers::NamedSubject;
use super::StoredFiling;
use crate::{Change, Guard, Row, Store, StoreError, keys};

impl StoredFiling {
    /// Writes every sealed part under the newest keys, where it is not.
    pub async fn rekey(
        &mut self,
        store: &Store,
        change: &mut Change,
        persons: &[PersonId],
        inv: &mut Invocation,
    ) -> Result<(), StoreError> {
        for (id, person) in &self.filing.persons {
            if persons.contains(id) {
                self.put_person(store, change, id, person, inv).await?;
            }
        }
        let row = keys::subject(self.id());
        let clear = self.key(store).await?;
        let rewrapped = store
            .keys()
            .rewrapped(&clear, &self.head.key, &row, inv)
            .await?;
        self.head.key = rewrapped;
        if let Some(details) = &self.filing.subject.details {
            let name_hash = store.name_hash(details.name.reveal()).await?;
            self.set_name_hash(change, Some(name_hash))?;
        }
        change.put(self.head_row()?);
        Ok(())
    }

    /// Destroys the subject's key and what it opened: nothing can be read of the subject any more.
    pub async fn erase_subject(
        &mut self,
        store: &Store,
        change: &mut Change,
        inv: &mut Invocation,
    ) -> Result<(), StoreError> {
        self.set_name_hash(change, None)?;
        let (_, key) = store.keys().draw(&keys::subject(self.id()), inv).await?;
        self.head.key = key;
        self.head.details = None;
        self.filing.subject.details = None;
        Ok(())
    }

    /// Moves the row by which the filing is found by name.
    pub(super) fn set_name_hash(
        &mut self,
        change: &mut Change,
        hash: Option<String>,
    ) -> Result<(), StoreError> {
        if self.head.name_hash == hash {
            return Ok(());
        }
        if let Some(before) = &self.head.name_hash {
            change.delete(keys::named(before, self.id()), Guard::Parent);
        }
        if let Some(hash) = &hash {
            let named = NamedSubject {
                subject: self.id().clone(),
            };
            let row = keys::named(hash, self.id());
            change.put(Row::of(row, SHAPE, Guard::Parent, &named)?);
        }
        self.head.name_hash = hash;
        Ok(())
    }

    /// Removes a person, and with the person the key.
    pub fn delete_person(&self, change: &mut Change, id: &PersonId) {
        change.delete(keys::person(self.id(), id), Guard::Parent);
        if let Some(seal) = self.seals.get(id) {
            let row = keys::number_user(&seal.number_hash, self.id(), id);
            change.delete(row, Guard::Parent);
        }
    }
}
