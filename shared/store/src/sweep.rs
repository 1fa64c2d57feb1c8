//! What is due, and how far a sweep has come.
//!
//! **Invariant:** a watermark moves forward only, and never past a row that is not done.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, ReturnValue};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::contended;
use crate::index::Family;
use crate::{Change, Guard, Item, Key, Row, Store, StoreError, keys};

/// A row that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRow {
    /// The row.
    pub key: Key,
    /// Since when.
    pub at: Timestamp,
    /// Its place in the index, for a cursor.
    pub place: String,
}

/// How far a sweep has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// Everything due before this instant is done.
    pub from: Timestamp,
    /// The last row passed, where the sweep goes by cursor.
    pub place: Option<String>,
    guard: Guard,
    name: String,
    shard: u8,
}

#[derive(Serialize, Deserialize)]
struct SweepRecord {
    from: Timestamp,
    place: Option<String>,
}

const SHAPE: u32 = 1;

/// How far back the first sweep of a new table looks.
const FIRST_LOOK_BACK: SignedDuration = SignedDuration::from_hours(24);

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A row that was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Quarantined {
    /// The row.
    pub key: Key,
    /// Why.
    pub reason: String,
    /// When.
    #[schema(value_type = String)]
    pub set_aside_at: Timestamp,
}

impl Sweep {
    /// The shard that is swept.
    pub fn shard(&self) -> u8 {
        self.shard
    }
}

impl Store {
    /// How far the sweep `name` of a shard has come.
    pub async fn sweep(&self, name: &str, shard: u8, now: Timestamp) -> Result<Sweep, StoreError> {
        let item = self.item(&keys::watermark(name, shard)).await?;
        let name = name.to_owned();
        let Some(item) = item else {
            let from = now - FIRST_LOOK_BACK;
            return Ok(Sweep {
                from,
                place: None,
                guard: Guard::New,
                name,
                shard,
            });
        };
        let record: SweepRecord = item.read(SHAPE)?;
        let guard = Guard::Version(item.version()?);
        Ok(Sweep {
            from: record.from,
            place: record.place,
            guard,
            name,
            shard,
        })
    }

    /// Moves a sweep on. Another sweep that moved it meanwhile is no fault: it came at least as far.
    pub async fn advance(
        &self,
        sweep: &Sweep,
        from: Timestamp,
        place: Option<String>,
    ) -> Result<(), StoreError> {
        self.advance_with(sweep, from, place, Change::new()).await
    }

    /// Moves a sweep on, and commits `beside` with it: once, whoever moves it.
    pub async fn advance_with(
        &self,
        sweep: &Sweep,
        from: Timestamp,
        place: Option<String>,
        beside: Change,
    ) -> Result<(), StoreError> {
        if from <= sweep.from && place == sweep.place {
            return Ok(());
        }
        let key = keys::watermark(&sweep.name, sweep.shard);
        let record = SweepRecord {
            from: from.max(sweep.from),
            place,
        };
        let mut change = Change::new();
        change
            .put(Row::of(key, SHAPE, sweep.guard, &record)?)
            .extend(beside);
        match self.commit(&change).await {
            Ok(()) | Err(crate::CommitError::Conflict(_)) => Ok(()),
            Err(crate::CommitError::Store(error)) => Err(error),
        }
    }

    /// Rows of a family's shard that fell due in `[from, until]`, in order, at most `limit`; after
    /// `place` where one is given.
    pub async fn due(
        &self,
        family: Family,
        shard: u8,
        from: Timestamp,
        place: Option<&str>,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueRow>, StoreError> {
        let mut rows = Vec::new();
        // A clock that was set back, or a cursor ahead of it: nothing is due before the cursor.
        if until < from {
            return Ok(rows);
        }
        let mut day = from;
        let last = keys::wake_partition(family.name(), until, shard);
        loop {
            let partition = keys::wake_partition(family.name(), day, shard);
            let wanted = limit.saturating_sub(rows.len());
            rows.extend(self.due_on_day(&partition, place, until, wanted).await?);
            if partition == last || limit <= rows.len() || until < day {
                return Ok(rows);
            }
            day += DAY;
        }
    }

    async fn due_on_day(
        &self,
        partition: &str,
        place: Option<&str>,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueRow>, StoreError> {
        // `~` sorts after every character of a key, so that the instant itself is included.
        let end = format!("{}~", keys::instant(until));
        let after = place.map_or_else(|| "0".to_owned(), |place| format!("{place}!"));
        // DynamoDB refuses a range that ends before it begins.
        if end < after {
            return Ok(Vec::new());
        }
        let mut rows = Vec::new();
        let mut start = None;
        loop {
            let wanted = i32::try_from(limit.saturating_sub(rows.len()).min(1000)).unwrap_or(1000);
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .index_name("wake")
                .key_condition_expression("wake_pk = :pk AND wake_sk BETWEEN :after AND :end")
                .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
                .expression_attribute_values(":after", AttributeValue::S(after.clone()))
                .expression_attribute_values(":end", AttributeValue::S(end.clone()))
                .set_exclusive_start_key(start.take())
                .limit(wanted.max(1))
                .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
                .send()
                .await
                .map_err(StoreError::unavailable)?;
            for item in answer.items.unwrap_or_default() {
                rows.extend(due_row(&Item(item)));
            }
            start = answer.last_evaluated_key;
            if start.is_none() || limit <= rows.len() {
                rows.truncate(limit);
                return Ok(rows);
            }
        }
    }

    /// Counts one more sweep on which the domain refused what is due about a row; gives the count.
    /// Whoever writes the row anew takes the count away with it. `None` when the row is gone.
    pub async fn count_refusal(&self, key: &Key) -> Result<Option<u32>, StoreError> {
        let counting = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(crate::change::key_item(key)))
            .update_expression("ADD refusals :one")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .return_values(ReturnValue::UpdatedNew)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes);
        match contended::update(&key.to_string(), counting).await {
            Ok(counted) => {
                let refusals = counted
                    .attributes
                    .and_then(|mut after| after.remove("refusals"))
                    .and_then(|count| count.as_n().ok()?.parse().ok());
                Ok(refusals)
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(None),
                _ => Err(StoreError::unavailable(error)),
            },
        }
    }

    /// Sets a row aside that does not read or that the domain refuses: off every index, kept whole,
    /// with a mark for people. A row that changed meanwhile is left alone.
    pub async fn set_aside(
        &self,
        key: &Key,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(item) = self.item(key).await? else {
            return Ok(false);
        };
        let record = Quarantined {
            key: key.clone(),
            reason: reason.to_owned(),
            set_aside_at: now,
        };
        let mut change = Change::new();
        change.put(Row::asleep(&item)).put(Row::of(
            keys::quarantine(key),
            SHAPE,
            Guard::Parent,
            &record,
        )?);
        match self.commit(&change).await {
            Ok(()) => Ok(true),
            Err(crate::CommitError::Conflict(_)) => Ok(false),
            Err(crate::CommitError::Store(error)) => Err(error),
        }
    }

    /// Rows that are set aside.
    pub async fn quarantined(&self) -> Result<Vec<Quarantined>, StoreError> {
        let items = self.partition(keys::QUARANTINE).await?;
        items.iter().map(|item| item.read(SHAPE)).collect()
    }

    /// Wakes a row that was set aside, at `now`, and takes the mark away. `false` when there is no
    /// such mark, or the row is gone.
    pub async fn requeue(
        &self,
        key: &Key,
        family: Family,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mark = keys::quarantine(key);
        let (Some(item), Some(marked)) = (self.item(key).await?, self.item(&mark).await?) else {
            return Ok(false);
        };
        let mut change = Change::new();
        change
            .put(Row::asleep(&item).wake(family, Some(now), now))
            .delete(mark, Guard::Version(marked.version()?));
        match self.commit(&change).await {
            Ok(()) => Ok(true),
            Err(crate::CommitError::Conflict(_)) => Ok(false),
            Err(crate::CommitError::Store(error)) => Err(error),
        }
    }
}

fn due_row(item: &Item) -> Option<DueRow> {
    let place = item.text("wake_sk")?;
    let at = place.split('#').next()?.parse().ok()?;
    Some(DueRow {
        key: item.key(),
        at,
        place,
    })
}
