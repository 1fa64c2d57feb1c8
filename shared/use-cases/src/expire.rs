//! What falls due about cases, orders and persons: reminders, last looks, lapses, stops.

use icp_domain::ids::{AccountId, CaseId, FindingId, OrderId, PersonId, SubjectId};
use icp_domain::look::Look;
use icp_domain::{Invocation, Rulebook};
use icp_store::files::Files;
use icp_store::{DueRow, Family, Key, Store, StoreError};
use jiff::Timestamp;

use crate::ask_again::ask_again;
use crate::purge_draft::purge;
use crate::step_order::lapse;
use crate::trouble::{Left, Trouble};

mod due_case;
mod due_step;
mod move_links;
mod readiness;
mod stop;

pub use readiness::Terms;
pub use stop::{Stopped, stop_condemned};

/// Who drives these steps, as history knows it.
const FUNCTION: &str = "expire-deadlines";

/// A finding that may be stopped, and what the caps ask of it.
#[derive(Debug)]
pub struct Wanted {
    case: CaseId,
    finding: FindingId,
    account: AccountId,
    /// Since when the case's row was due.
    since: Timestamp,
    /// The links that it would stop, by name.
    links: Vec<String>,
    /// When its stop was released, where it was.
    released_at: Option<Timestamp>,
    /// Whether no cap holds it.
    is_decided: bool,
}

/// What one shard's sweep came to.
#[derive(Debug, Default)]
pub struct Swept {
    /// Looks to send now.
    pub looks: Vec<Look>,
    /// Rows handled.
    pub done: usize,
    /// Rows that failed and stay due.
    pub failed: usize,
    /// Rows set aside.
    pub quarantined: i64,
    /// Rows that were due before the watermark: the minute's sweep had gone past them.
    pub left_behind: i64,
    /// Rows that there was no time for: they stay due.
    pub not_reached: usize,
    /// Cases that the brake put off.
    pub put_off: usize,
    /// Findings that would be stopped, were it not a dry run.
    pub would_stop: usize,
    /// Cases in which an appeal or an objection has waited for its decision for longer than it may, or a call that was
    /// promised holds a stop.
    pub decisions_overdue: i64,
    /// The oldest instant that stays due: of rows that failed, or that the sweep did not reach.
    pub oldest_left: Option<Timestamp>,
    /// Findings that may be stopped now.
    pub wanted: Vec<Wanted>,
}

/// What a sweep may reach.
#[derive(Clone, Copy)]
pub struct Reach<'a> {
    /// The table.
    pub store: &'a Store,
    /// Files of orders that ended.
    pub files: &'a Files,
    /// Policy.
    pub rulebook: &'a Rulebook,
    /// Whether there is time for another row, or another stop: asked before each, so that none is cut
    /// off, and that rows leave time for the stops they lead to.
    pub has_time: &'a (dyn Fn() -> bool + Sync),
}

/// Sweeps what fell due in one shard, and moves its watermark. Stops are not made here: they are
/// counted over all shards first ([`stop_condemned`]).
pub async fn sweep_due(
    reach: Reach<'_>,
    inv: &mut Invocation,
    terms: &mut Terms,
    shard: u8,
) -> Result<Swept, StoreError> {
    let Reach {
        store, rulebook, ..
    } = reach;
    let policy = &rulebook.policy.sweeps;
    let sweep = store.sweep(Family::Deadline.name(), shard, inv.now).await?;
    let limit = policy.tick_rows as usize;
    let rows = store
        .due(Family::Deadline, shard, sweep.from, None, inv.now, limit)
        .await?;
    let mut swept = Swept::default();
    for row in &rows {
        swept.take(reach, inv, terms, row).await;
    }
    if limit <= rows.len() {
        swept.leave(rows.last().map(|last| last.at));
    }
    // What waits for its stop stays due until the pass over the condemned has come to it.
    let waiting = swept.wanted.iter().map(|wanted| wanted.since);
    let behind = inv.now - policy.watermark_behind();
    let from = waiting.chain(swept.oldest_left).fold(behind, Ord::min);
    store.advance(&sweep, from, None).await?;
    Ok(swept)
}

/// Sweeps what the minute's sweep went past, which it never should: a row that came to the index
/// later than the watermark waits for it.
pub async fn sweep_everything(
    reach: Reach<'_>,
    inv: &mut Invocation,
    terms: &mut Terms,
    shard: u8,
) -> Result<Swept, StoreError> {
    let Reach {
        store, rulebook, ..
    } = reach;
    let policy = &rulebook.policy.sweeps;
    let (since, limit) = (inv.now - policy.daily_sweep(), policy.tick_rows as usize);
    let passed = store.sweep(Family::Deadline.name(), shard, inv.now).await?;
    let rows = store
        .due(Family::Deadline, shard, since, None, passed.from, limit)
        .await?;
    let mut swept = Swept::default();
    for row in rows.iter().filter(|row| row.at < passed.from) {
        tracing::error!(row = %row.key, "a row was left behind, due since {}", row.at);
        swept.left_behind += 1;
        swept.take(reach, inv, terms, row).await;
    }
    Ok(swept)
}

impl Swept {
    /// Handles one due row.
    async fn take(
        &mut self,
        reach: Reach<'_>,
        inv: &mut Invocation,
        terms: &mut Terms,
        row: &DueRow,
    ) {
        let Reach {
            store, rulebook, ..
        } = reach;
        if !(reach.has_time)() {
            self.not_reached += 1;
            self.leave(Some(row.at));
            return;
        }
        let trouble = match due_row(reach, inv, terms, row).await {
            Ok(one) => {
                self.done += 1;
                self.put_off += usize::from(one.put_off);
                self.would_stop += one.would_stop;
                self.decisions_overdue += i64::from(one.decisions_overdue);
                self.looks.extend(one.looks);
                self.wanted.extend(one.wanted);
                return;
            }
            Err(trouble) => trouble,
        };
        // A row whose trouble cannot even be counted stays due like any other that failed.
        match trouble.settle(store, rulebook, &row.key, inv.now).await.inspect_err(|error| {
            tracing::warn!(row = %row.key, "what became of a row could not be written: {error}");
        }) {
            Ok(Left::SetAside) => self.quarantined += 1,
            Ok(Left::Due) | Err(_) => {
                self.failed += 1;
                self.leave(Some(row.at));
            }
        }
    }

    fn leave(&mut self, at: Option<Timestamp>) {
        self.oldest_left = [self.oldest_left, at].into_iter().flatten().min();
    }
}

/// What one due row asks for.
#[derive(Default)]
struct One {
    looks: Vec<Look>,
    wanted: Vec<Wanted>,
    put_off: bool,
    would_stop: usize,
    decisions_overdue: bool,
}

async fn due_row(
    reach: Reach<'_>,
    inv: &mut Invocation,
    terms: &mut Terms,
    row: &DueRow,
) -> Result<One, Trouble> {
    let Reach {
        store,
        files,
        rulebook,
        ..
    } = reach;
    match named(&row.key)? {
        Named::Order(order) => {
            lapse(store, rulebook, inv, &order, FUNCTION).await?;
            purge(store, files, rulebook, inv, &order).await?;
            Ok(One::default())
        }
        Named::Person(subject, person) => {
            ask_again(store, rulebook, inv, (&subject, &person)).await?;
            Ok(One::default())
        }
        Named::Case(case) => due_case::due_case(store, rulebook, inv, terms, (&case, row.at)).await,
    }
}

enum Named {
    Order(OrderId),
    Person(SubjectId, PersonId),
    Case(CaseId),
}

fn named(key: &Key) -> Result<Named, StoreError> {
    let order = key
        .pk
        .strip_prefix("ORDER#")
        .and_then(|id| id.parse().ok())
        .map(Named::Order);
    let case = key
        .pk
        .strip_prefix("CASE#")
        .and_then(|id| id.parse().ok())
        .map(Named::Case);
    let person = || {
        let subject = key.pk.strip_prefix("SUBJECT#")?.parse().ok()?;
        let person = key.sk.strip_prefix("PERSON#")?.parse().ok()?;
        Some(Named::Person(subject, person))
    };
    order
        .or(case)
        .or_else(person)
        .ok_or_else(|| StoreError::Malformed {
            key: key.clone(),
            reason: "no row of this name has deadlines".to_owned(),
        })
}
