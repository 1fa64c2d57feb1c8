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

    /// Whether a row is there.
    pub async fn exists(&self, key: &Key) -> Result<bool, StoreError> {
        self.item(key).await.map(|item| item.is_some())
    }

    /// A whole partition, read consistently and to its end.
    pub(crate) async fn partition(&self, pk: &str) -> Result<Vec<Item>, StoreError> {
        // Every sort key comes after a space.
        self.partition_from(pk, " ").await
    }

    /// The rows of a partition from a sort key on, read consistently and to the end.
    pub(crate) async fn partition_from(
        &self,
        pk: &str,
        from: &str,
    ) -> Result<Vec<Item>, StoreError> {
        // Every sort key comes before a tilde.
        self.partition_between(pk, from, "~").await
    }

    /// At most `limit` rows of a partition after a sort key, and whether there are more; read consistently.
    pub(crate) async fn page_of(
        &self,
        pk: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Item>, bool), StoreError> {
        // Every sort key comes after a space, and before a tilde.
        self.page_between(pk, after.unwrap_or(" "), "~", limit)
            .await
    }

    /// The same, of the rows before `until`.
    pub(crate) async fn page_between(
        &self,
        pk: &str,
        after: &str,
        until: &str,
        limit: usize,
    ) -> Result<(Vec<Item>, bool), StoreError> {
        // DynamoDB has no range that leaves out its first key: the least key after it is asked for.
        let from = format!("{after}\u{1}");
        let mut items: Vec<Item> = Vec::new();
        let mut start = None;
        loop {
            // One more than is wanted, so that the end shows.
            let wanted = (limit + 1).saturating_sub(items.len());
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :until")
                .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
                .expression_attribute_values(":from", AttributeValue::S(from.clone()))
                .expression_attribute_values(":until", AttributeValue::S(until.to_owned()))
                .set_exclusive_start_key(start.take())
                .limit(i32::try_from(wanted).unwrap_or(i32::MAX))
                .consistent_read(true)
                .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
                .send()
                .await
                .map_err(StoreError::unavailable)?;
            items.extend(answer.items.unwrap_or_default().into_iter().map(Item));
            start = answer.last_evaluated_key;
            if start.is_none() || limit < items.len() {
                let more = limit < items.len();
                items.truncate(limit);
                return Ok((items, more));
            }
        }
    }

    /// The rows of a partition whose sort key lies between two, read consistently and to the end.
    pub(crate) async fn partition_between(
        &self,
        pk: &str,
        from: &str,
        until: &str,
    ) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :until")
                .expression_attribute_values(":until", AttributeValue::S(until.to_owned()))
                .expression_attribute_values(":from", AttributeValue::S(from.to_owned()))
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
