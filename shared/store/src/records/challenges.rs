//! Challenges and the rings of sends.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure,
};
use icp_domain::code::{Challenge, Sends};
use icp_domain::ids::{PersonId, SubjectId};
use icp_domain::rulebook::policy::Codes;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::SHAPE;
use crate::change::key_item;
use crate::contended;
use crate::{Change, Guard, Item, Key, Row, Store, StoreError, keys};

/// The last sends to a number, as stored.
#[derive(Debug, Clone)]
pub struct StoredSends {
    /// The ring.
    pub sends: Sends,
    guard: Guard,
}

/// What counting an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted {
    /// The attempt is paid for: the challenge as it is now, and its version.
    Paid(Challenge, u64),
    /// The row does not allow one: the challenge as it is, if there is one.
    Refused(Option<Challenge>),
}

#[derive(Serialize, Deserialize)]
struct SendsRecord {
    sends: Sends,
}

/// How long the ring of a number is kept: a day, and one more for late writers.
const SENDS_KEPT: SignedDuration = SignedDuration::from_hours(48);

impl StoredSends {
    /// Writes the ring after a send.
    pub fn put(
        &self,
        change: &mut Change,
        hash: &str,
        sends: &Sends,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let record = SendsRecord {
            sends: sends.clone(),
        };
        let row = Row::of(keys::sends(hash), SHAPE, self.guard, &record)?;
        change.put(row.ttl(now + SENDS_KEPT));
        Ok(())
    }
}

/// A challenge with its version, where there is one.
pub type StoredChallenge = Option<(Challenge, u64)>;

fn challenge_of(item: Option<&Item>) -> Result<StoredChallenge, StoreError> {
    item.map(|item| Ok((item.read(SHAPE)?, item.version()?)))
        .transpose()
}

impl Store {
    /// What the next send rests on, in one call: the person's challenge, and the ring of sends to the
    /// number.
    pub async fn challenge_and_sends(
        &self,
        subject: &SubjectId,
        person: &PersonId,
        number_hash: &str,
    ) -> Result<(StoredChallenge, StoredSends), StoreError> {
        let (challenge, ring) = (keys::challenge(subject, person), keys::sends(number_hash));
        let items = self.items(&[challenge.clone(), ring.clone()]).await?;
        let sends = match items.get(&ring) {
            None => StoredSends {
                sends: Sends::default(),
                guard: Guard::New,
            },
            Some(item) => {
                let record: SendsRecord = item.read(SHAPE)?;
                StoredSends {
                    sends: record.sends,
                    guard: Guard::Version(item.version()?),
                }
            }
        };
        Ok((challenge_of(items.get(&challenge))?, sends))
    }

    /// When codes were last sent to a number.
    pub(in crate::records) async fn codes_sent(
        &self,
        number_hash: &str,
    ) -> Result<Vec<Timestamp>, StoreError> {
        let item = self.item(&keys::sends(number_hash)).await?;
        let record: Option<SendsRecord> = item.map(|item| item.read(SHAPE)).transpose()?;
        let sends = record.map(|record| record.sends).unwrap_or_default();
        Ok(sends.instants().collect())
    }

    /// The challenges of persons who have one.
    pub async fn challenges(
        &self,
        subject: &SubjectId,
        persons: &[PersonId],
    ) -> Result<HashMap<PersonId, Challenge>, StoreError> {
        let rows = persons
            .iter()
            .map(|person| keys::challenge(subject, person));
        let rows: Vec<Key> = rows.collect();
        let items = self.items(&rows).await?;
        let challenges = items.values().map(|item| {
            let challenge: Challenge = item.read(SHAPE)?;
            Ok((challenge.person.clone(), challenge))
        });
        challenges.collect()
    }

    /// A person's challenge with its version.
    pub async fn challenge(
        &self,
        subject: &SubjectId,
        person: &PersonId,
    ) -> Result<StoredChallenge, StoreError> {
        let item = self.item(&keys::challenge(subject, person)).await?;
        challenge_of(item.as_ref())
    }

    /// Counts one attempt **before** anything is compared: one conditional update that restates the
    /// rule of [`Challenge::may_try`] on the row, and returns it.
    pub async fn count_attempt(
        &self,
        subject: &SubjectId,
        person: &PersonId,
        number_hash: &str,
        now: Timestamp,
        policy: &Codes,
    ) -> Result<Counted, StoreError> {
        let number = |value: i64| AttributeValue::N(value.to_string());
        let oldest = now - policy.code_life();
        let row = keys::challenge(subject, person);
        let counting = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_item(&row)))
            // While failures are counted the row must not vanish, or guessing would begin anew.
            .update_expression("ADD attempts :one, failuresInARow :one, version :one REMOVE #ttl")
            .condition_expression(
                "numberHash = :hash AND attempts < :attempts AND failuresInARow < :failures \
                 AND #used = :no AND issuedAtNanos > :oldest",
            )
            .expression_attribute_names("#used", "used")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":hash", AttributeValue::S(number_hash.to_owned()))
            .expression_attribute_values(":attempts", number(policy.wrong_inputs_per_code.into()))
            .expression_attribute_values(":failures", number(policy.failures_lock.into()))
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .expression_attribute_values(":oldest", AttributeValue::N(nanos(oldest).to_string()))
            .return_values(ReturnValue::AllNew)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match contended::update(&row.to_string(), counting).await {
            Ok(answer) => {
                let item = Item(answer.attributes.unwrap_or_default());
                Ok(Counted::Paid(item.read(SHAPE)?, item.version()?))
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    let found = failed
                        .item()
                        .filter(|item| !item.is_empty())
                        .cloned()
                        .map(Item);
                    Ok(Counted::Refused(
                        found.map(|item| item.read(SHAPE)).transpose()?,
                    ))
                }
                _ => Err(StoreError::unavailable(error)),
            },
        }
    }

    /// Writes a challenge over what was read (`None`: there was none).
    pub fn put_challenge(
        change: &mut Change,
        subject: &SubjectId,
        challenge: &Challenge,
        read: Option<u64>,
        policy: &Codes,
    ) -> Result<(), StoreError> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct ChallengeRecord<'a> {
            #[serde(flatten)]
            challenge: &'a Challenge,
            // The instant again as a number, which the counting update's condition compares.
            issued_at_nanos: i64,
        }
        let record = ChallengeRecord {
            challenge,
            issued_at_nanos: nanos(challenge.issued_at),
        };
        let guard = read.map_or(Guard::New, Guard::Version);
        let row = Row::of(
            keys::challenge(subject, &challenge.person),
            SHAPE,
            guard,
            &record,
        )?;
        // While failures are counted the row must not vanish, or guessing would begin anew.
        let row = if challenge.failures_in_a_row == 0 {
            row.ttl(challenge.expires_at(policy) + policy.challenge_kept())
        } else {
            row
        };
        change.put(row);
        Ok(())
    }
}

/// An instant as a number that conditions compare: nanoseconds, which 64 bits hold until the year
/// 2262.
fn nanos(at: Timestamp) -> i64 {
    i64::try_from(at.as_nanosecond()).unwrap_or(i64::MAX)
}
