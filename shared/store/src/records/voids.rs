//! Voids, and how far they have come.

use icp_domain::ids::VoidId;
use icp_domain::void::Void;

use super::SHAPE;
use crate::{Change, Guard, Item, Row, Store, StoreError, keys};

/// A void as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVoid {
    /// The void.
    pub void: Void,
    guard: Guard,
}

impl StoredVoid {
    /// A void that is proposed now.
    pub fn proposed(void: Void) -> Self {
        Self {
            void,
            guard: Guard::New,
        }
    }

    /// The version that was read; 0 before the first write.
    pub fn version(&self) -> u64 {
        match self.guard {
            Guard::Version(read) => read,
            Guard::New | Guard::Parent => 0,
        }
    }

    /// Writes the void as `after`.
    pub fn put(&self, change: &mut Change, after: &Void) -> Result<(), StoreError> {
        change.put(Row::of(keys::void(&after.id), SHAPE, self.guard, after)?);
        Ok(())
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        Ok(Self {
            void: item.read(SHAPE)?,
            guard: Guard::Version(item.version()?),
        })
    }
}

impl Store {
    /// A void.
    pub async fn void(&self, id: &VoidId) -> Result<Option<StoredVoid>, StoreError> {
        let item = self.item(&keys::void(id)).await?;
        item.as_ref().map(StoredVoid::read).transpose()
    }

    /// All voids.
    pub async fn voids(&self) -> Result<Vec<StoredVoid>, StoreError> {
        let items = self.partition(keys::VOIDS).await?;
        items.iter().map(StoredVoid::read).collect()
    }
}
