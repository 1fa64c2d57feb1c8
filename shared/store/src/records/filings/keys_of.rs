//! The keys of a filing's subject and persons: wrapped anew, and destroyed.

use icp_domain::Invocation;
use icp_domain::ids::PersonId;

use super::StoredFiling;
use crate::{Change, Guard, Store, StoreError, keys};

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
        change.put(self.head_row()?);
        Ok(())
    }

    /// Destroys the subject's key and what it opened: nothing can be read of the subject any more.
    pub async fn erase_subject(
        &mut self,
        store: &Store,
        inv: &mut Invocation,
    ) -> Result<(), StoreError> {
        let (_, key) = store.keys().draw(&keys::subject(self.id()), inv).await?;
        self.head.key = key;
        self.head.details = None;
        self.filing.subject.details = None;
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
