//! Repeats: a request that comes again gets the answer that it got.

use icp_domain::Invocation;
use icp_domain::command::CommandId;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Answer, Guard, Item, Row, Store, StoreError, WrappedKey, keys};

/// How a request that may come again is known, and how its result is rendered before the commit.
#[derive(Debug, Clone)]
pub struct Repeat<T> {
    /// The request's command id.
    pub command: CommandId,
    /// Hash of its body.
    pub body_hash: String,
    /// Renders what the use case did.
    pub render: fn(&T) -> Answer,
}

/// What the table knows of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeated {
    /// It never committed.
    No,
    /// It committed with this answer.
    Answered(Answer),
    /// The key was used for another body.
    OtherBody,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RepeatRecord {
    body_hash: String,
    answer: WrappedKey,
    committed_at: Timestamp,
}

const SHAPE: u32 = 1;

impl Store {
    /// What became of a request, read consistently. A row that is there answers whatever its age.
    pub async fn repeated<T>(&self, repeat: &Repeat<T>) -> Result<Repeated, StoreError> {
        let item = self.item(&keys::repeat(&repeat.command)).await?;
        self.repeated_in(repeat, item.as_ref()).await
    }

    /// The same, of a row that was read with others.
    pub(crate) async fn repeated_in<T>(
        &self,
        repeat: &Repeat<T>,
        item: Option<&Item>,
    ) -> Result<Repeated, StoreError> {
        let key = keys::repeat(&repeat.command);
        let Some(item) = item else {
            return Ok(Repeated::No);
        };
        let record: RepeatRecord = item.read(SHAPE)?;
        if record.body_hash != repeat.body_hash {
            return Ok(Repeated::OtherBody);
        }
        self.keys()
            .open_under_data_key(&record.answer, &key, "answer")
            .await
            .map(Repeated::Answered)
    }

    /// The row that makes an answer repeat, for the commit that it answers.
    pub async fn repeat_row<T>(
        &self,
        repeat: &Repeat<T>,
        answer: &Answer,
        kept_hours: u32,
        inv: &mut Invocation,
    ) -> Result<Row, StoreError> {
        let key = keys::repeat(&repeat.command);
        let sealed = self
            .keys()
            .seal_under_data_key(answer, &key, "answer", inv)
            .await?;
        let record = RepeatRecord {
            body_hash: repeat.body_hash.clone(),
            answer: sealed,
            committed_at: inv.now,
        };
        let dies_at = inv.now + SignedDuration::from_hours(i64::from(kept_hours));
        Ok(Row::of(key, SHAPE, Guard::New, &record)?.ttl(dies_at))
    }
}
