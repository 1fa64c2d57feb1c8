//! Reading many rows at once.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnConsumedCapacity};

use crate::change::key_item;
use crate::{Item, Key, Store, StoreError};

/// Keys in one call.
///
/// Source: Amazon DynamoDB API reference, `BatchGetItem` (at most 100 items).
const BATCH: usize = 100;

/// Calls for one batch before what DynamoDB left unread counts as out of reach.
const TRIES: u32 = 5;

impl Store {
    /// The rows with `keys`, read consistently; those that are not there are left out.
    pub async fn items(&self, keys: &[Key]) -> Result<HashMap<Key, Item>, StoreError> {
        let mut found = HashMap::new();
        for batch in keys.chunks(BATCH) {
            let mut wanted = Some(request(batch.iter().map(key_item).collect())?);
            let mut tries = 0;
            while let Some(request) = wanted.take() {
                tries += 1;
                if tries > TRIES {
                    return Err(StoreError::unavailable(std::io::Error::other(
                        "rows of a batch stayed unread",
                    )));
                }
                let answer = self
                    .client
                    .batch_get_item()
                    .request_items(&self.table, request)
                    .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
                    .send()
                    .await
                    .map_err(StoreError::unavailable)?;
                let items = answer.responses.unwrap_or_default().into_values().flatten();
                found.extend(items.map(Item).map(|item| (item.key(), item)));
                // What was not read is asked for again: the answer was a success all the same.
                wanted = answer
                    .unprocessed_keys
                    .unwrap_or_default()
                    .into_values()
                    .next();
            }
        }
        Ok(found)
    }
}

fn request(
    keys: Vec<HashMap<String, aws_sdk_dynamodb::types::AttributeValue>>,
) -> Result<KeysAndAttributes, StoreError> {
    KeysAndAttributes::builder()
        .set_keys(Some(keys))
        .consistent_read(true)
        .build()
        .map_err(StoreError::unavailable)
}
