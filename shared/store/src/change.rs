//! The one write path: a change is one conditional write, or one transaction of several.
//!
//! **Invariant:** nothing is written without saying what it rests on. A row that hangs on another's
//! version ([`Guard::Parent`]) is written only beside that row in the same change.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnConsumedCapacity,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use icp_domain::ids::AccountId;
use jiff::Timestamp;
use serde::Serialize;

use crate::contended::Contention;
use crate::index::{DeskList, Family, OwnerList};
use crate::{Item, Key, Store, StoreError, keys};

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
    key: Key,
    item: HashMap<String, AttributeValue>,
    guard: Guard,
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

#[derive(Debug, Clone)]
enum Write {
    Put(Row),
    Check(Key, Guard),
    Delete(Key, Guard),
    Add {
        key: Key,
        shape: u32,
        attributes: Vec<(String, i64)>,
    },
}

/// What commits together or not at all.
#[derive(Debug, Clone, Default)]
pub struct Change {
    writes: Vec<Write>,
}

/// Why a change did not commit.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Somebody wrote first: the rows that were not as the change rests on, as they are now.
    #[error("somebody else wrote first")]
    Conflict(Vec<Conflicted>),
    /// The call failed. It may have been carried out all the same.
    #[error("the change could not be committed")]
    Store(#[from] StoreError),
}

/// A row that was not as the change rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflicted {
    /// Which row.
    pub key: Key,
    /// What it is now; `None` when it is not there.
    pub found: Option<Item>,
}

impl Change {
    /// A change that writes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a row.
    pub fn put(&mut self, row: Row) -> &mut Self {
        self.writes.push(Write::Put(row));
        self
    }

    /// Most rows of one change.
    ///
    /// Source: Amazon DynamoDB, `TransactWriteItems`.
    pub const MOST_ROWS: usize = 100;

    /// Rests on a row that it does not write.
    pub fn check(&mut self, key: Key, guard: Guard) -> &mut Self {
        self.writes.push(Write::Check(key, guard));
        self
    }

    /// Removes a row.
    pub fn delete(&mut self, key: Key, guard: Guard) -> &mut Self {
        self.writes.push(Write::Delete(key, guard));
        self
    }

    /// Adds to counters of a row, whether it exists or not. Two additions to one row are one write,
    /// since a transaction touches a row once.
    pub fn add(&mut self, key: Key, shape: u32, attributes: &[(&str, i64)]) -> &mut Self {
        let same = self.writes.iter_mut().find_map(|write| match write {
            Write::Add {
                key: other,
                attributes,
                ..
            } if *other == key => Some(attributes),
            Write::Add { .. } | Write::Put(_) | Write::Check(..) | Write::Delete(..) => None,
        });
        let Some(summed) = same else {
            let attributes = attributes
                .iter()
                .map(|(name, by)| ((*name).to_owned(), *by))
                .collect();
            self.writes.push(Write::Add {
                key,
                shape,
                attributes,
            });
            return self;
        };
        for (name, by) in attributes {
            match summed.iter_mut().find(|(other, _)| other == name) {
                Some((_, sum)) => *sum += by,
                None => summed.push(((*name).to_owned(), *by)),
            }
        }
        self
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// How many rows it touches; DynamoDB takes 100.
    pub fn rows(&self) -> usize {
        self.writes.len()
    }

    /// Takes in another change: both commit together.
    pub fn extend(&mut self, other: Self) -> &mut Self {
        self.writes.extend(other.writes);
        self
    }
}

impl Store {
    /// Commits a change, whole or not at all.
    pub async fn commit(&self, change: &Change) -> Result<(), CommitError> {
        let rows: String = change
            .writes
            .iter()
            .map(|write| key_of(write).to_string())
            .collect();
        let mut contention = Contention::of(&rows);
        loop {
            match self.try_commit(change).await {
                Ok(()) => return Ok(()),
                Err(Tried::Failed(error)) => return Err(error),
                Err(Tried::Contended(error)) => {
                    if !contention.wait().await {
                        return Err(CommitError::Store(StoreError::Unavailable(error)));
                    }
                }
            }
        }
    }

    async fn try_commit(&self, change: &Change) -> Result<(), Tried> {
        match change.writes.as_slice() {
            [] => Ok(()),
            [Write::Put(row)] => self.put_one(row).await,
            writes => self.transact(writes).await,
        }
    }

    async fn put_one(&self, row: &Row) -> Result<(), Tried> {
        let condition = condition(row.guard);
        let sent = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(row.item.clone()))
            .set_condition_expression(condition.text)
            .set_expression_attribute_values(condition.values)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = sent else { return Ok(()) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                let found = failed.item().cloned().map(Item);
                let conflicted = Conflicted {
                    key: row.key.clone(),
                    found,
                };
                Err(Tried::Failed(CommitError::Conflict(vec![conflicted])))
            }
            Some(PutItemError::TransactionConflictException(_)) => {
                Err(Tried::Contended(Box::new(error)))
            }
            _ => Err(Tried::Failed(StoreError::unavailable(error).into())),
        }
    }

    async fn transact(&self, writes: &[Write]) -> Result<(), Tried> {
        let items = writes
            .iter()
            .map(|write| self.transact_item(write))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| Tried::Failed(error.into()))?;
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await;
        sent.map(|_| ()).map_err(|error| cancelled(writes, error))
    }

    fn transact_item(&self, write: &Write) -> Result<TransactWriteItem, StoreError> {
        let old = ReturnValuesOnConditionCheckFailure::AllOld;
        let item = TransactWriteItem::builder();
        Ok(match write {
            Write::Put(row) => {
                let condition = condition(row.guard);
                let put = Put::builder()
                    .table_name(&self.table)
                    .set_item(Some(row.item.clone()))
                    .set_condition_expression(condition.text)
                    .set_expression_attribute_values(condition.values)
                    .return_values_on_condition_check_failure(old)
                    .build()
                    .map_err(StoreError::unavailable)?;
                item.put(put).build()
            }
            Write::Check(key, guard) => {
                let condition = condition(*guard);
                let check = ConditionCheck::builder()
                    .table_name(&self.table)
                    .set_key(Some(key_item(key)))
                    .set_condition_expression(condition.text)
                    .set_expression_attribute_values(condition.values)
                    .return_values_on_condition_check_failure(old)
                    .build()
                    .map_err(StoreError::unavailable)?;
                item.condition_check(check).build()
            }
            Write::Delete(key, guard) => {
                let condition = condition(*guard);
                let delete = Delete::builder()
                    .table_name(&self.table)
                    .set_key(Some(key_item(key)))
                    .set_condition_expression(condition.text)
                    .set_expression_attribute_values(condition.values)
                    .return_values_on_condition_check_failure(old)
                    .build()
                    .map_err(StoreError::unavailable)?;
                item.delete(delete).build()
            }
            Write::Add {
                key,
                shape,
                attributes,
            } => {
                let mut update = Update::builder()
                    .table_name(&self.table)
                    .set_key(Some(key_item(key)))
                    .expression_attribute_names("#shape", "shape")
                    .expression_attribute_names("#version", "version")
                    .expression_attribute_values(":shape", AttributeValue::N(shape.to_string()))
                    .expression_attribute_values(":one", AttributeValue::N("1".into()));
                let mut adds = vec!["#version :one".to_owned()];
                for (at, (name, by)) in attributes.iter().enumerate() {
                    adds.push(format!("#a{at} :a{at}"));
                    update = update
                        .expression_attribute_names(format!("#a{at}"), name)
                        .expression_attribute_values(
                            format!(":a{at}"),
                            AttributeValue::N(by.to_string()),
                        );
                }
                let expression = format!("SET #shape = :shape ADD {}", adds.join(", "));
                let update = update
                    .update_expression(expression)
                    .build()
                    .map_err(StoreError::unavailable)?;
                item.update(update).build()
            }
        })
    }
}

/// Outcome of one try.
enum Tried {
    /// Another transaction was on one of the rows.
    Contended(Box<dyn std::error::Error + Send + Sync>),
    /// Any other.
    Failed(CommitError),
}

fn cancelled(writes: &[Write], error: SdkError<TransactWriteItemsError>) -> Tried {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    else {
        return Tried::Failed(StoreError::unavailable(error).into());
    };
    let reasons = cancelled.cancellation_reasons();
    let conflicted: Vec<Conflicted> = writes
        .iter()
        .zip(reasons)
        .filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"))
        .map(|(write, reason)| Conflicted {
            key: key_of(write).clone(),
            found: reason
                .item()
                .filter(|item| !item.is_empty())
                .cloned()
                .map(Item),
        })
        .collect();
    if !conflicted.is_empty() {
        return Tried::Failed(CommitError::Conflict(conflicted));
    }
    if reasons
        .iter()
        .any(|reason| reason.code() == Some("TransactionConflict"))
    {
        return Tried::Contended(Box::new(error));
    }
    Tried::Failed(StoreError::unavailable(error).into())
}

fn key_of(write: &Write) -> &Key {
    match write {
        Write::Put(row) => &row.key,
        Write::Check(key, _) | Write::Delete(key, _) | Write::Add { key, .. } => key,
    }
}

struct Condition {
    text: Option<String>,
    values: Option<HashMap<String, AttributeValue>>,
}

fn condition(guard: Guard) -> Condition {
    match guard {
        Guard::New => Condition {
            text: Some("attribute_not_exists(pk)".into()),
            values: None,
        },
        Guard::Version(read) => Condition {
            text: Some("version = :version".into()),
            values: Some(HashMap::from([(
                ":version".to_owned(),
                AttributeValue::N(read.to_string()),
            )])),
        },
        Guard::Parent => Condition {
            text: None,
            values: None,
        },
    }
}

pub(crate) fn key_item(key: &Key) -> HashMap<String, AttributeValue> {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
        ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}
