//! An item as DynamoDB knows it, and reading one.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::DeserializeOwned;

use crate::{Key, StoreError};

/// Attributes around a record: keys, indexes, shape, version, end. A record never sees them.
const ENVELOPE: [&str; 11] = [
    "pk", "sk", "shape", "version", "ttl", "wake_pk", "wake_sk", "owner_pk", "owner_sk", "desk_pk",
    "desk_sk",
];

/// A stored item.
#[derive(Debug, Clone, PartialEq)]
pub struct Item(pub(crate) HashMap<String, AttributeValue>);

impl Item {
    /// Its key; of an item without one, an empty one, which no read finds.
    pub fn key(&self) -> Key {
        Key {
            pk: self.text("pk").unwrap_or_default(),
            sk: self.text("sk").unwrap_or_default(),
        }
    }

    /// Its version, for the next write's condition.
    pub fn version(&self) -> Result<u64, StoreError> {
        match self.0.get("version") {
            Some(AttributeValue::N(number)) => {
                number.parse().map_err(|_| self.malformed("version"))
            }
            _ => Err(self.malformed("version")),
        }
    }

    /// Its body as a record, whose shape must be `shape`.
    pub fn read<T: DeserializeOwned>(&self, shape: u32) -> Result<T, StoreError> {
        match self.0.get("shape") {
            Some(AttributeValue::N(number)) if *number == shape.to_string() => {}
            _ => return Err(self.malformed("its shape is not one that this release knows")),
        }
        let mut body = self.0.clone();
        body.retain(|name, _| !ENVELOPE.contains(&name.as_str()));
        serde_dynamo::from_item(body)
            .map_err(|error: serde_dynamo::Error| self.malformed(&error.to_string()))
    }

    /// Its counters: every number beside the envelope. A row that is added to has no other fields.
    pub(crate) fn counters(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let counters = self.0.iter();
        counters
            .filter(|(name, _)| !ENVELOPE.contains(&name.as_str()))
            .map(|(name, value)| {
                let number = value.as_n().ok().and_then(|number| number.parse().ok());
                let number = number.ok_or_else(|| self.malformed(name))?;
                Ok((name.clone(), number))
            })
            .collect()
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.0
            .get(name)
            .and_then(|value| value.as_s().ok())
            .cloned()
    }

    pub(crate) fn malformed(&self, reason: &str) -> StoreError {
        StoreError::Malformed {
            key: self.key(),
            reason: reason.to_owned(),
        }
    }
}
