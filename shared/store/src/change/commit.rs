//! Commits a change: one conditional write, or one transaction of several.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnConsumedCapacity,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use super::{Change, Guard, Row, Write};
use crate::contended::Contention;
use crate::{Item, Key, Store, StoreError};

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
