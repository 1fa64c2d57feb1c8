//! Delivers what commits left in the outbox: claimed, expanded, sent by the function, settled.

use icp_domain::command::hashed;
use icp_domain::identifiers::Mobile;
use icp_domain::notice::{AccessChange, NoticeKind, Parameters};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Claim, Done, Message, OutboxRow, Outcome, Posting, StoredOutbox};
use icp_store::{Change, CommitError, Family, Key, Store, StoreError};
use jiff::Timestamp;

use crate::notices::in_sending_hours;
use crate::trouble::Trouble;

mod accepted;
mod expand;
mod says;
mod truth;

/// Who delivers, as history knows it.
const FUNCTION: &str = "deliver-notices";

/// A row that this process may send, until the lease ends.
#[derive(Debug, Clone)]
pub struct Claimed {
    stored: StoredOutbox,
}

impl Claimed {
    /// What the sender is told to know a repeat by: the row's id.
    pub fn reference(&self) -> &str {
        self.stored.id.as_str()
    }
}

/// What is to be done with a claimed row.
#[derive(Debug)]
pub enum Work {
    /// Send this text's notice to this number.
    Sms {
        /// The number.
        to: Mobile,
        /// What about.
        kind: NoticeKind,
        /// What the text says.
        parameters: Parameters,
    },
    /// Publish this change of access.
    Publish(AccessChange),
    /// Nothing: it was expanded, is stale, or reaches nobody. It is settled already.
    Nothing,
}

/// How sending went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The sender took it, under this reference.
    Accepted(String),
    /// The sender refuses it for good.
    Refused(String),
    /// The sender could not be reached; it is tried again.
    Unavailable,
}

/// Rows of the outbox that are due, of one shard.
pub async fn due(
    store: &Store,
    rulebook: &Rulebook,
    shard: u8,
    now: Timestamp,
) -> Result<Vec<Key>, StoreError> {
    let policy = &rulebook.policy.sweeps;
    let sweep = store.sweep(Family::Outbox.name(), shard, now).await?;
    let limit = policy.page_rows as usize;
    let rows = store
        .due(Family::Outbox, shard, sweep.from, None, now, limit)
        .await?;
    // Rows that are done have left the index; what is found stands before the watermark's next place.
    let oldest = rows.iter().map(|row| row.at).min();
    let from = now - policy.watermark_behind();
    store
        .advance(&sweep, oldest.map_or(from, |oldest| from.min(oldest)), None)
        .await?;
    Ok(rows.into_iter().map(|row| row.key).collect())
}

/// Rows of the outbox that the minute's sweep went past and that are still due, of one shard: found
/// once a day.
pub async fn left_behind(
    store: &Store,
    rulebook: &Rulebook,
    shard: u8,
    now: Timestamp,
) -> Result<Vec<Key>, StoreError> {
    let policy = &rulebook.policy.sweeps;
    let (since, limit) = (now - policy.daily_sweep(), policy.tick_rows as usize);
    let passed = store.sweep(Family::Outbox.name(), shard, now).await?;
    let rows = store
        .due(Family::Outbox, shard, since, None, passed.from, limit)
        .await?;
    // A row of the watermark's own instant is what it waits for.
    let behind = rows.into_iter().filter(|row| row.at < passed.from);
    Ok(behind.map(|row| row.key).collect())
}

/// Claims a row: a lease under which nobody else sends it. `None` when it is done, claimed, or not
/// due yet.
pub async fn claim(
    store: &Store,
    rulebook: &Rulebook,
    inv: &Invocation,
    key: &Key,
) -> Result<Option<Claimed>, StoreError> {
    let Some(stored) = store.outbox_at(key).await? else {
        return Ok(None);
    };
    let row = &stored.row;
    let leased = row
        .claim
        .as_ref()
        .is_some_and(|claim| inv.now < claim.until);
    if row.done.is_some() || leased || inv.now < row.send_after {
        return Ok(None);
    }
    // A row that was due by day and is found at night waits for the morning.
    let send_after = may_be_sent(&row.posting, inv.now, rulebook);
    if inv.now < send_after {
        let waiting = OutboxRow {
            send_after,
            ..row.clone()
        };
        let mut change = Change::new();
        stored.put(&mut change, &waiting, inv.now)?;
        commit_mine(store, &change).await?;
        return Ok(None);
    }
    // Expanding sends nothing: its one commit rests on the row as read, and needs no lease.
    if let Posting::Notice(_) = &row.posting {
        return Ok(Some(Claimed { stored }));
    }
    let token = hashed("claim", &[stored.id.as_str(), &row.tries.to_string()]);
    let until = inv.now + rulebook.policy.delivery.lease();
    let claimed = OutboxRow {
        claim: Some(Claim { token, until }),
        tries: row.tries + 1,
        ..row.clone()
    };
    let mut change = Change::new();
    stored.put(&mut change, &claimed, inv.now)?;
    match store.commit(&change).await {
        Ok(()) => Ok(store.outbox_at(key).await?.map(|stored| Claimed { stored })),
        Err(CommitError::Conflict(_)) => Ok(None),
        Err(CommitError::Store(error)) => Err(error),
    }
}

/// What is to be done with a claimed row. A notice is expanded here, in one commit.
pub async fn work(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    claimed: &Claimed,
) -> Result<Work, StoreError> {
    match &claimed.stored.row.posting {
        Posting::Access(access) => {
            if truth::access_still_true(store, access).await? {
                return Ok(Work::Publish(access.clone()));
            }
            settle(store, claimed, Outcome::Settled, inv).await?;
            Ok(Work::Nothing)
        }
        Posting::Notice(notice) => {
            if truth::still_true(store, rulebook, notice, inv.now).await? {
                expand::expand(store, claimed, notice, inv).await?;
            } else {
                settle(store, claimed, Outcome::Stale, inv).await?;
            }
            Ok(Work::Nothing)
        }
        Posting::Message(message) => message_work(store, rulebook, inv, claimed, message).await,
    }
}

async fn message_work(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    claimed: &Claimed,
    message: &Message,
) -> Result<Work, StoreError> {
    if !truth::still_true(store, rulebook, &message.notice, inv.now).await? {
        settle(store, claimed, Outcome::Stale, inv).await?;
        return Ok(Work::Nothing);
    }
    let mobile = number_of(store, message).await?;
    // A code goes to the number it was asked for, and to no other that stands there now.
    let mobile = match mobile {
        Some(mobile)
            if store
                .keys()
                .is_hash_of(mobile.reveal(), &message.number_hash)
                .await? =>
        {
            mobile
        }
        Some(_) | None => {
            settle(
                store,
                claimed,
                Outcome::Undeliverable("the number changed".into()),
                inv,
            )
            .await?;
            return Ok(Work::Nothing);
        }
    };
    let parameters = says::parameters(store, rulebook, message, inv.now).await?;
    Ok(Work::Sms {
        to: mobile,
        kind: message.notice.kind.clone(),
        parameters,
    })
}

/// The number that stands now where the message's person stands.
async fn number_of(store: &Store, message: &Message) -> Result<Option<Mobile>, StoreError> {
    match &message.order {
        None => {
            let found = store.filing(message.subject()).await?;
            let person = found.and_then(|mut found| found.filing.persons.remove(&message.person));
            Ok(person.map(|person| person.details.mobile))
        }
        Some(order) => {
            let found = store.order(order).await?;
            let persons = found.map(|found| found.draft.persons).unwrap_or_default();
            let typed = persons
                .iter()
                .find(|typed| typed.id == message.person.as_str());
            Ok(typed.and_then(|typed| Mobile::parse(typed.mobile.reveal()).ok()))
        }
    }
}

/// Whether a change of access waits for its acknowledgement longer than it may.
pub fn is_unacknowledged(claimed: &Claimed, rulebook: &Rulebook, now: Timestamp) -> bool {
    match &claimed.stored.row.posting {
        Posting::Access(access) => {
            access.at + rulebook.policy.delivery.acknowledgement_alarm() <= now
        }
        Posting::Notice(_) | Posting::Message(_) => false,
    }
}

/// Records how sending went: done, or tried again later. A notice that begins a period records its
/// delivery with the case in the same commit.
pub async fn record(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    claimed: &Claimed,
    sent: Sent,
) -> Result<(), Trouble> {
    let row = &claimed.stored.row;
    match (sent, &row.posting) {
        (Sent::Unavailable, _) => retry_later(store, rulebook, claimed, inv).await?,
        (Sent::Refused(why), _) => settle(store, claimed, Outcome::Undeliverable(why), inv).await?,
        // A published change of access waits for its acknowledgement, and is published again.
        (Sent::Accepted(_), Posting::Access(_)) => {
            retry_later(store, rulebook, claimed, inv).await?;
        }
        (Sent::Accepted(reference), Posting::Message(message)) => {
            accepted::accepted(store, rulebook, inv, claimed, message, reference).await?;
        }
        (Sent::Accepted(reference), Posting::Notice(_)) => {
            settle(store, claimed, Outcome::Accepted(reference), inv).await?;
        }
    }
    Ok(())
}

async fn retry_later(
    store: &Store,
    rulebook: &Rulebook,
    claimed: &Claimed,
    inv: &Invocation,
) -> Result<(), StoreError> {
    let row = &claimed.stored.row;
    let again = inv.now + rulebook.policy.delivery.retry_after(row.tries);
    let send_after = may_be_sent(&row.posting, again, rulebook);
    let waiting = OutboxRow {
        claim: None,
        send_after,
        ..row.clone()
    };
    let mut change = Change::new();
    claimed.stored.put(&mut change, &waiting, inv.now)?;
    commit_mine(store, &change).await
}

/// `at`, or where the posting keeps the sending hours their next beginning.
fn may_be_sent(posting: &Posting, at: Timestamp, rulebook: &Rulebook) -> Timestamp {
    let urgent = match posting {
        Posting::Access(_) => true,
        Posting::Notice(notice) => notice.kind.is_urgent(),
        Posting::Message(message) => message.notice.kind.is_urgent(),
    };
    if urgent {
        at
    } else {
        in_sending_hours(at, &rulebook.policy.cases)
    }
}

async fn settle(
    store: &Store,
    claimed: &Claimed,
    outcome: Outcome,
    inv: &Invocation,
) -> Result<(), StoreError> {
    let mut change = Change::new();
    put_done(&mut change, claimed, outcome, inv.now)?;
    commit_mine(store, &change).await
}

fn put_done(
    change: &mut Change,
    claimed: &Claimed,
    outcome: Outcome,
    now: Timestamp,
) -> Result<(), StoreError> {
    let done = Some(Done { at: now, outcome });
    let row = OutboxRow {
        claim: None,
        done,
        ..claimed.stored.row.clone()
    };
    claimed.stored.put(change, &row, now)
}

/// A row that somebody else wrote meanwhile is theirs: the lease had ended, or it was acknowledged.
async fn commit_mine(store: &Store, change: &Change) -> Result<(), StoreError> {
    match store.commit(change).await {
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use icp_domain::notice::Notice;

    use super::*;

    #[test]
    fn a_retry_at_night_waits_for_the_morning_and_a_code_for_nothing() {
        let rulebook = Rulebook::shipped().unwrap();
        let notice = |kind| {
            Posting::Notice(Notice {
                id: "n1".parse().unwrap(),
                subject: "s1".parse().unwrap(),
                kind,
            })
        };
        let closed = notice(NoticeKind::CaseClosed {
            case: "c1".parse().unwrap(),
        });
        let code = notice(NoticeKind::Code {
            person: "p1".parse().unwrap(),
            order: None,
            challenge: "x".to_owned(),
            generation: 1,
        });
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        // 20:00 in Shanghai is 12:00 UTC, and 09:00 is 01:00.
        let (day, night) = (at("2026-03-02T11:59:59Z"), at("2026-03-02T15:55:00Z"));
        let morning = at("2026-03-03T01:00:00Z");
        assert_eq!(may_be_sent(&closed, day, &rulebook), day);
        assert_eq!(may_be_sent(&closed, night, &rulebook), morning);
        assert_eq!(may_be_sent(&code, night, &rulebook), night);
    }
}
