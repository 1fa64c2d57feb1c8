//! A row's own writes: settled, tried again later, waiting for its arrival to be known.

use icp_domain::ids::NoticeId;
use icp_domain::notice::{CaseFinding, Counts, Notice, NoticeKind};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Done, OutboxRow, Outcome, Posting, StoredOutbox, Taken};
use icp_store::{Change, CommitError, Store, StoreError};
use jiff::Timestamp;

use super::Claimed;
use crate::notices::in_sending_hours;

/// A row as it is when nothing more becomes of it.
pub(super) fn put_done(
    change: &mut Change,
    stored: &StoredOutbox,
    outcome: Outcome,
    now: Timestamp,
) -> Result<(), StoreError> {
    let done = Some(Done { at: now, outcome });
    let row = OutboxRow {
        claim: None,
        done,
        ..stored.row.clone()
    };
    stored.put(change, &row, now)
}

pub(super) async fn settle(
    store: &Store,
    stored: &StoredOutbox,
    outcome: Outcome,
    inv: &Invocation,
) -> Result<(), StoreError> {
    let mut change = Change::new();
    put_done(&mut change, stored, outcome, inv.now)?;
    commit_mine(store, &change).await
}

pub(super) async fn retry_later(
    store: &Store,
    rulebook: &Rulebook,
    claimed: &Claimed,
    inv: &Invocation,
) -> Result<(), StoreError> {
    let row = &claimed.stored.row;
    let waiting = OutboxRow {
        claim: None,
        send_after: retry_at(row, rulebook, inv.now),
        ..row.clone()
    };
    let mut change = Change::new();
    claimed.stored.put(&mut change, &waiting, inv.now)?;
    commit_mine(store, &change).await
}

/// Puts a notice off whose run is held.
pub(super) async fn hold(
    store: &Store,
    rulebook: &Rulebook,
    claimed: &Claimed,
    inv: &Invocation,
) -> Result<(), StoreError> {
    let row = &claimed.stored.row;
    let again = inv.now + rulebook.policy.brake.notice_held_again();
    let waiting = OutboxRow {
        send_after: may_be_sent(&row.posting, again, rulebook),
        ..row.clone()
    };
    let mut change = Change::new();
    claimed.stored.put(&mut change, &waiting, inv.now)?;
    commit_mine(store, &change).await
}

/// Takes what is held out of a notice into one of its own, which is put off; the rest stays due.
pub(super) async fn hold_part(
    store: &Store,
    rulebook: &Rulebook,
    claimed: &Claimed,
    (notice, held): (&Notice, Vec<CaseFinding>),
    inv: &Invocation,
) -> Result<(), StoreError> {
    let rest = notice.kind.told().iter();
    let rest = rest.filter(|told| !held.contains(told)).cloned().collect();
    let mut parts = vec![notice.id.as_str()];
    parts.extend(held.iter().map(|told| told.finding.as_str()));
    let id = NoticeId::derived("held-part", &parts);
    let of = |id: &NoticeId, told| {
        Posting::Notice(Notice {
            id: id.clone(),
            kind: NoticeKind::Audit { told },
            ..notice.clone()
        })
    };
    let mut change = Change::new();
    let row = OutboxRow {
        posting: of(&notice.id, rest),
        ..claimed.stored.row.clone()
    };
    claimed.stored.put(&mut change, &row, inv.now)?;
    let again = inv.now + rulebook.policy.brake.notice_held_again();
    let posting = of(&id, held);
    let send_after = may_be_sent(&posting, again, rulebook);
    Store::post(&mut change, &id, posting, send_after, inv.now)?;
    commit_mine(store, &change).await
}

/// When a row that failed is tried next.
pub(super) fn retry_at(row: &OutboxRow, rulebook: &Rulebook, now: Timestamp) -> Timestamp {
    let again = now + rulebook.policy.delivery.retry_after(row.tries);
    match &row.taken {
        Some(_) => again,
        None => may_be_sent(&row.posting, again, rulebook),
    }
}

/// The sender took it: its arrival is known later.
pub(super) async fn wait_for_arrival(
    store: &Store,
    rulebook: &Rulebook,
    claimed: &Claimed,
    (reference, counts): (String, Counts),
    inv: &Invocation,
) -> Result<(), StoreError> {
    let policy = &rulebook.policy.delivery;
    let wait = match counts {
        Counts::WhenQuiet => policy.mail_quiet(),
        Counts::ByReceipt | Counts::AtOnce => policy.retry_after(1),
    };
    let taken = Taken {
        at: inv.now,
        reference,
    };
    let waiting = OutboxRow {
        claim: None,
        tries: 0,
        taken: Some(taken),
        send_after: inv.now + wait,
        ..claimed.stored.row.clone()
    };
    let mut change = Change::new();
    claimed.stored.put(&mut change, &waiting, inv.now)?;
    super::delivered::put_sent(&mut change, claimed, inv)?;
    commit_mine(store, &change).await
}

/// `at`, or where the posting keeps the sending hours their next beginning.
pub(super) fn may_be_sent(posting: &Posting, at: Timestamp, rulebook: &Rulebook) -> Timestamp {
    let urgent = match posting {
        Posting::Access(_) => true,
        Posting::Notice(notice) => notice.kind.is_urgent(),
        Posting::Message(message) => message.notice.kind.is_urgent(),
        Posting::Digest(_) => false,
    };
    if urgent {
        at
    } else {
        in_sending_hours(at, &rulebook.policy.cases)
    }
}

/// A row that somebody else wrote meanwhile is theirs: the lease had ended, or it was acknowledged.
pub(super) async fn commit_mine(store: &Store, change: &Change) -> Result<(), StoreError> {
    match store.commit(change).await {
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error),
    }
}

/// The rows that a step rests on were written by others again and again: it stays due.
pub(super) fn again_and_again() -> StoreError {
    StoreError::unavailable(AgainAndAgain)
}

#[derive(Debug, thiserror::Error)]
#[error("what a message is about was written by others again and again")]
struct AgainAndAgain;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_at_night_waits_for_the_morning_and_a_code_for_nothing() {
        let rulebook = Rulebook::shipped().unwrap();
        let notice = |kind| {
            Posting::Notice(Notice {
                id: "n1".parse().unwrap(),
                subject: "s1".parse().unwrap(),
                kind,
                only: Vec::new(),
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
