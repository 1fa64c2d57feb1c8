//! Reading one row, or one partition.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};

use crate::change::key_item;
use crate::{Item, Key, Store, StoreError};

impl Store {
    /// One row, read consistently.
    pub(crate) async fn item(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key_item(key)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(StoreError::unavailable)?;
        Ok(found.item.map(Item))
    }

    /// A whole partition, read consistently and to its end.
    pub(crate) async fn partition(&self, pk: &str) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
                .set_exclusive_start_key(start.take())
                .consistent_read(true)
                .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
                .send()
                .await
                .map_err(StoreError::unavailable)?;
            items.extend(answer.items.unwrap_or_default().into_iter().map(Item));
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
    }
}
