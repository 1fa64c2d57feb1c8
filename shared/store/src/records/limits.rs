//! Counts of calls by hour, where a gateway has no limits of its own.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, ReturnValue};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::change::key_item;
use crate::contended;
use crate::{Item, Store, StoreError, keys};

/// What calls are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limited {
    /// Where calls come from.
    Source,
    /// The case that they name.
    Case,
    /// The account that asks.
    Account,
    /// The account that asks for self-checks.
    SelfChecks,
    /// The case that rechecks are asked of.
    Rechecks,
    /// Where calls about public checks come from.
    PublicSource,
    /// The domain that public checks are of.
    PublicDomain,
}

impl Limited {
    fn name(self) -> &'static str {
        match self {
            Self::Source => "SOURCE",
            Self::Case => "CASE",
            Self::Account => "ACCOUNT",
            Self::SelfChecks => "SELF-CHECKS",
            Self::Rechecks => "RECHECKS",
            Self::PublicSource => "PUBLIC-SOURCE",
            Self::PublicDomain => "PUBLIC-DOMAIN",
        }
    }
}

#[derive(Deserialize)]
struct LimitRecord {
    calls: u64,
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// How long a count is kept: an hour, and one more for late writers.
const KEPT: SignedDuration = SignedDuration::from_hours(2);

impl Store {
    /// Counts a call of the hour, and tells how many it is. `of` may be personal: it is hashed under the
    /// key of the index.
    pub async fn count_call(
        &self,
        limited: Limited,
        of: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let hash = self.keys().hashed(of).await?;
        let hour = now.as_second().div_euclid(HOUR.as_secs());
        let row = keys::limit(limited.name(), &hash, hour);
        let number = |value: i64| AttributeValue::N(value.to_string());
        let counting = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_item(&row)))
            .update_expression("ADD calls :one SET #ttl = :ttl, shape = :shape")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":ttl", number((now + KEPT).as_second()))
            .expression_attribute_values(":shape", number(super::SHAPE.into()))
            .return_values(ReturnValue::AllNew)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes);
        let answer = contended::update(&row.to_string(), counting).await;
        let answer = answer.map_err(StoreError::unavailable)?;
        let item = Item(answer.attributes.unwrap_or_default());
        let record: LimitRecord = item.read(super::SHAPE)?;
        Ok(record.calls)
    }
}
