//! A row to be written, and what its write rests on.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use icp_domain::ids::AccountId;
use jiff::Timestamp;
use serde::Serialize;

use crate::index::{DeskList, Family, OwnerList};
use crate::{Item, Key, StoreError, keys};

/// What a write rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// The row must not exist.
    New,
    /// The row must still have the version that was read.
    Version(u64),
    /// The row's parent is written under its own version in the same change.
    Parent,
}

impl Guard {
    fn next_version(self) -> u64 {
        match self {
            Self::New | Self::Parent => 1,
            Self::Version(read) => read + 1,
        }
    }
}

/// A row to be written whole.
#[derive(Debug, Clone)]
pub struct Row {
    pub(super) key: Key,
    pub(super) item: HashMap<String, AttributeValue>,
    pub(super) guard: Guard,
}

impl Row {
    /// A row with a record as its body.
    pub fn of<T: Serialize>(
        key: Key,
        shape: u32,
        guard: Guard,
        body: &T,
    ) -> Result<Self, StoreError> {
        let unwritable = |source| StoreError::Unwritable {
            key: key.clone(),
            source,
        };
        let mut item: HashMap<String, AttributeValue> =
            serde_dynamo::to_item(body).map_err(unwritable)?;
        item.retain(|_, value| !value.is_null());
        let (pk, sk) = (key.pk.clone(), key.sk.clone());
        let mut row = Self { key, item, guard };
        row.set("pk", &pk);
        row.set("sk", &sk);
        row.number("shape", u64::from(shape));
        row.number("version", guard.next_version());
        Ok(row)
    }

    /// The item as it stands, off the `wake` index. A version that does not read cannot be
    /// conditioned on; nobody else can write such a row either.
    pub(crate) fn asleep(item: &Item) -> Self {
        let guard = item.version().map_or(Guard::Parent, Guard::Version);
        let mut attributes = item.0.clone();
        attributes.remove("wake_pk");
        attributes.remove("wake_sk");
        let mut row = Self {
            key: item.key(),
            item: attributes,
            guard,
        };
        if let Guard::Version(read) = guard {
            row.number("version", read + 1);
        }
        row
    }

    /// With a wake: found by the family's sweep from `at` on. A wake in the past is found at once,
    /// since it stands in the bucket of `now`.
    #[must_use]
    pub fn wake(mut self, family: Family, at: Option<Timestamp>, now: Timestamp) -> Self {
        if let Some(at) = at {
            let at = at.max(now);
            let shard = keys::shard_of(&self.key.to_string(), keys::WAKE_SHARDS);
            let (partition, sort) = (
                keys::wake_partition(family.name(), at, shard),
                keys::wake_sort(at, &self.key),
            );
            self.set("wake_pk", &partition);
            self.set("wake_sk", &sort);
        }
        self
    }

    /// In a list of its account.
    #[must_use]
    pub fn owner(mut self, account: &AccountId, list: OwnerList, sort: &str) -> Self {
        self.set("owner_pk", &keys::owner_partition(account, list.name()));
        self.set("owner_sk", sort);
        self
    }

    /// In a list of the staff, if it belongs to one, by its age.
    #[must_use]
    pub fn desk(mut self, list: Option<DeskList>, since: Timestamp) -> Self {
        if let Some(list) = list {
            let shard = keys::shard_of(&self.key.to_string(), keys::SHARDS);
            let sort = keys::desk_sort(since, &self.key);
            self.set("desk_pk", &keys::desk_partition(list.name(), shard));
            self.set("desk_sk", &sort);
        }
        self
    }

    /// Dies after `at`; housekeeping only, every reader compares the time itself.
    #[must_use]
    pub fn ttl(mut self, at: Timestamp) -> Self {
        self.number("ttl", u64::try_from(at.as_second()).unwrap_or_default());
        self
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.item
            .insert(name.to_owned(), AttributeValue::S(value.to_owned()));
    }

    fn number(&mut self, name: &str, value: u64) {
        self.item
            .insert(name.to_owned(), AttributeValue::N(value.to_string()));
    }
}
