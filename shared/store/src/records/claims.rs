//! Items that one person of the staff works on, so that no two do.

use std::collections::HashMap;

use icp_domain::ids::UserId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SHAPE;
use crate::{Change, Guard, Item, Key, Row, Store, StoreError, keys};

/// A claim on an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ItemClaim {
    /// Who works on it.
    pub by: UserId,
    /// Since when.
    #[schema(value_type = String)]
    pub claimed_at: Timestamp,
    /// First instant at which it is anybody's again.
    #[schema(value_type = String)]
    pub until: Timestamp,
}

/// A claim as stored, or that there is none.
#[derive(Debug, Clone)]
pub struct StoredClaim {
    /// The claim, if one was ever made and not released.
    pub claim: Option<ItemClaim>,
    row: Key,
    guard: Guard,
}

impl StoredClaim {
    /// Who else works on it at `now`.
    pub fn other(&self, than: &UserId, now: Timestamp) -> Option<&ItemClaim> {
        let claim = self.claim.as_ref();
        claim.filter(|claim| claim.by != *than && now < claim.until)
    }

    /// Writes a claim.
    pub fn put(&self, change: &mut Change, claim: &ItemClaim) -> Result<(), StoreError> {
        let row = Row::of(self.row.clone(), SHAPE, self.guard, claim)?;
        change.put(row.ttl(claim.until));
        Ok(())
    }

    /// Takes the claim away; where there is none, rests on that.
    pub fn remove(&self, change: &mut Change) {
        if self.claim.is_some() {
            change.delete(self.row.clone(), self.guard);
        } else {
            self.check(change);
        }
    }

    /// Rests on the claim as it was read, so that nobody claims the item in between.
    pub fn check(&self, change: &mut Change) {
        change.check(self.row.clone(), self.guard);
    }

    fn of(row: Key, item: Option<&Item>) -> Result<Self, StoreError> {
        let Some(item) = item else {
            return Ok(Self {
                claim: None,
                row,
                guard: Guard::New,
            });
        };
        Ok(Self {
            claim: Some(item.read(SHAPE)?),
            row,
            guard: Guard::Version(item.version()?),
        })
    }
}

impl Store {
    /// The claim on the item whose row is `row`.
    pub async fn claim(&self, row: &Key) -> Result<StoredClaim, StoreError> {
        let key = keys::claim(&row.pk);
        let item = self.item(&key).await?;
        StoredClaim::of(key, item.as_ref())
    }

    /// The claims on a page of items, by the items' rows; items that nobody claimed are left out.
    pub async fn claims(&self, rows: &[Key]) -> Result<HashMap<Key, ItemClaim>, StoreError> {
        let wanted: Vec<Key> = rows.iter().map(|row| keys::claim(&row.pk)).collect();
        let items = self.items(&wanted).await?;
        let mut claims = HashMap::new();
        for (row, key) in rows.iter().zip(&wanted) {
            if let Some(item) = items.get(key) {
                claims.insert(row.clone(), item.read(SHAPE)?);
            }
        }
        Ok(claims)
    }
}
