//! Delivers what commits left in the outbox: claimed, expanded, sent by the function, settled.

use icp_domain::case::StaffNeed;
use icp_domain::command::{CommandId, hashed};
use icp_domain::filing::Filing;
use icp_domain::finding::{Event, FindingState, step};
use icp_domain::identifiers::Mobile;
use icp_domain::ids::{CaseId, PersonId};
use icp_domain::notice::{AccessChange, Notice, NoticeKind, Parameters};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{
    Claim, Done, Message, OutboxRow, Outcome, Posting, StoredFiling, StoredOutbox,
};
use icp_store::{Change, CommitError, Family, Key, Store, StoreError};
use jiff::Timestamp;

use crate::By;
use crate::send_code::{Holder, asked, code_of};

mod truth;

/// Who delivers, as history knows it.
const FUNCTION: &str = "deliver-notices";

/// A row that this process may send, until the lease ends.
#[derive(Debug, Clone)]
pub struct Claimed {
    stored: StoredOutbox,
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
                expand(store, claimed, notice, inv).await?;
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
    let holder = match &message.order {
        Some(order) => Holder::Order(order.clone()),
        None => Holder::Filing(message.subject().clone()),
    };
    let person = asked::<()>(store, &holder, &message.person, &By::machine(FUNCTION)).await;
    let mobile = match person {
        Ok(asked) => asked.mobile,
        Err(icp_store::Failure::Fault(error)) => return Err(error),
        Err(_) => None,
    };
    // A code goes to the number it was asked for, and to no other that stands there now.
    let mobile = match mobile {
        Some(mobile) if store.keys().hashed(mobile.reveal()).await? == message.number_hash => {
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
    let parameters = parameters(store, rulebook, message, inv.now).await?;
    Ok(Work::Sms {
        to: mobile,
        kind: message.notice.kind.clone(),
        parameters,
    })
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
) -> Result<(), StoreError> {
    let row = &claimed.stored.row;
    match (sent, &row.posting) {
        (Sent::Unavailable, _) => retry_later(store, rulebook, claimed, inv).await,
        (Sent::Refused(why), _) => settle(store, claimed, Outcome::Undeliverable(why), inv).await,
        // A published change of access waits for its acknowledgement, and is published again.
        (Sent::Accepted(_), Posting::Access(_)) => retry_later(store, rulebook, claimed, inv).await,
        (Sent::Accepted(reference), Posting::Message(message)) => {
            accepted(store, rulebook, inv, claimed, message, reference).await
        }
        (Sent::Accepted(reference), Posting::Notice(_)) => {
            settle(store, claimed, Outcome::Accepted(reference), inv).await
        }
    }
}

async fn retry_later(
    store: &Store,
    rulebook: &Rulebook,
    claimed: &Claimed,
    inv: &Invocation,
) -> Result<(), StoreError> {
    let row = &claimed.stored.row;
    let send_after = inv.now + rulebook.policy.delivery.retry_after(row.tries);
    let waiting = OutboxRow {
        claim: None,
        send_after,
        ..row.clone()
    };
    let mut change = Change::new();
    claimed.stored.put(&mut change, &waiting, inv.now)?;
    commit_mine(store, &change).await
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

/// Expands a notice into one message per number, once.
async fn expand(
    store: &Store,
    claimed: &Claimed,
    notice: &Notice,
    inv: &Invocation,
) -> Result<(), StoreError> {
    let mut change = Change::new();
    let mut numbers: Vec<String> = Vec::new();
    for (person, order, hash) in recipients(store, notice).await? {
        if numbers.contains(&hash) {
            continue;
        }
        let id = Message::id_of(&notice.id, &hash);
        numbers.push(hash.clone());
        let message = Message {
            id: id.clone(),
            notice: notice.clone(),
            person,
            order,
            number_hash: hash,
        };
        Store::post(
            &mut change,
            &id,
            Posting::Message(message),
            inv.now,
            inv.now,
        )?;
    }
    let outcome = if numbers.is_empty() {
        Outcome::Undeliverable("no number to send it to".into())
    } else {
        Outcome::Expanded
    };
    put_done(&mut change, claimed, outcome, inv.now)?;
    commit_mine(store, &change).await
}

type Recipient = (PersonId, Option<icp_domain::ids::OrderId>, String);

/// Whom a notice goes to: a code to its person, all else to the subject's principal and the
/// principals of the services that it is about.
async fn recipients(store: &Store, notice: &Notice) -> Result<Vec<Recipient>, StoreError> {
    if let NoticeKind::Code {
        person,
        order,
        challenge,
        generation,
    } = &notice.kind
    {
        let found = store.challenge(&notice.subject, person).await?;
        let current =
            found.filter(|(now, _)| now.id == *challenge && now.generation == *generation);
        let to = current.map(|(now, _)| (person.clone(), order.clone(), now.number_hash));
        return Ok(to.into_iter().collect());
    }
    if let NoticeKind::OrderReturned { order } | NoticeKind::OrderApproved { order } = &notice.kind
    {
        return order_recipients(store, order).await;
    }
    let Some(stored) = store.filing(&notice.subject).await? else {
        return Ok(Vec::new());
    };
    let persons = principals(&stored.filing);
    let of = |person: PersonId| {
        let seal = stored.seals.get(&person)?;
        Some((person, None, seal.number_hash.clone()))
    };
    Ok(persons.into_iter().filter_map(of).collect())
}

async fn order_recipients(
    store: &Store,
    order: &icp_domain::ids::OrderId,
) -> Result<Vec<Recipient>, StoreError> {
    let Some(stored) = store.order(order).await? else {
        return Ok(Vec::new());
    };
    let principal = stored.draft.subject.principal.clone();
    let typed = stored
        .draft
        .persons
        .iter()
        .find(|typed| typed.id == principal);
    let (Some(typed), Ok(person)) = (typed, principal.parse::<PersonId>()) else {
        return Ok(Vec::new());
    };
    let Ok(mobile) = Mobile::parse(typed.mobile.reveal()) else {
        return Ok(Vec::new());
    };
    let hash = store.keys().hashed(mobile.reveal()).await?;
    Ok(vec![(person, Some(order.clone()), hash)])
}

fn principals(filing: &Filing) -> Vec<PersonId> {
    filing.principals().into_iter().cloned().collect()
}

/// What the text of a message says.
async fn parameters(
    store: &Store,
    rulebook: &Rulebook,
    message: &Message,
    now: Timestamp,
) -> Result<Parameters, StoreError> {
    let mut parameters = Parameters::default();
    match &message.notice.kind {
        NoticeKind::Code { person, .. } => {
            if let Some((challenge, _)) = store.challenge(message.subject(), person).await? {
                parameters.code = Some(code_of(store, &challenge, rulebook).await?);
            }
        }
        NoticeKind::Audit { cases } => {
            for case in cases {
                add_case(store, rulebook, case, &mut parameters, now).await?;
            }
        }
        NoticeKind::Reminder { case, due_at, .. } => {
            add_case(store, rulebook, case, &mut parameters, now).await?;
            parameters.due_at = Some(*due_at);
        }
        NoticeKind::CaseClosed { case } | NoticeKind::AccessStopped { case, .. } => {
            add_case(store, rulebook, case, &mut parameters, now).await?;
        }
        NoticeKind::OrderApproved { .. }
        | NoticeKind::OrderReturned { .. }
        | NoticeKind::AccessReinstated { .. } => {}
    }
    Ok(parameters)
}

/// Adds a case's number, its findings that can still be put right in time, and their earliest
/// deadline: as it would be if the notice were delivered now, where it has not begun.
async fn add_case(
    store: &Store,
    rulebook: &Rulebook,
    case: &CaseId,
    parameters: &mut Parameters,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(stored) = store.case(case).await? else {
        return Ok(());
    };
    let open = stored
        .case
        .findings
        .iter()
        .filter(|finding| finding.state == FindingState::Open);
    for finding in open {
        parameters.findings += 1;
        let from = finding.notified_at.unwrap_or(now);
        let extension = finding.extension.as_ref().map_or(0, |taken| taken.days);
        let days = i64::from(finding.period_days + extension);
        let due_at = rulebook.calendar.deadline(from, days);
        parameters.due_at = Some(
            parameters
                .due_at
                .map_or(due_at, |earliest| earliest.min(due_at)),
        );
    }
    parameters.case_number.get_or_insert(stored.case.number);
    Ok(())
}

/// Records that a message was taken. Where it is a case's notice, the period begins with it.
async fn accepted(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    claimed: &Claimed,
    message: &Message,
    reference: String,
) -> Result<(), StoreError> {
    let NoticeKind::Audit { cases } = &message.notice.kind else {
        return settle(store, claimed, Outcome::Accepted(reference), inv).await;
    };
    for _ in 0..=rulebook.policy.sweeps.reloads {
        let mut change = Change::new();
        put_done(
            &mut change,
            claimed,
            Outcome::Accepted(reference.clone()),
            inv.now,
        )?;
        let Some(mut filing) = store.filing(message.subject()).await? else {
            return Ok(());
        };
        notice_cases(
            store,
            rulebook,
            inv,
            &mut change,
            &mut filing,
            message,
            cases,
        )
        .await?;
        match store.commit(&change).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Conflict(_)) => {
                // Either the case or filing moved, or the row is done: only the first is tried again.
                let row = store.outbox(&message.id).await?;
                if row.is_none_or(|stored| stored.row.done.is_some()) {
                    return Ok(());
                }
            }
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    // The lease ends and the row is sent again; the case number in the text shows the double.
    Ok(())
}

async fn notice_cases(
    store: &Store,
    rulebook: &Rulebook,
    inv: &Invocation,
    change: &mut Change,
    filing: &mut StoredFiling,
    message: &Message,
    cases: &[CaseId],
) -> Result<(), StoreError> {
    let mut noticed = None;
    for case in cases {
        let Some(mut stored) = store.case(case).await? else {
            continue;
        };
        let untold = |finding: &icp_domain::finding::Finding| {
            finding.notified_at.is_none() && !finding.state.is_closed()
        };
        if !stored.case.findings.iter().any(untold) {
            continue;
        }
        let findings = stored.case.findings.drain(..).map(|finding| {
            if finding.state.is_closed() {
                return finding;
            }
            step(finding.clone(), Event::Noticed, inv.now, rulebook).unwrap_or(finding)
        });
        stored.case.findings = findings.collect();
        if let Some(StaffNeed::NobodyReached(_)) = stored.case.needs_staff {
            stored.case.needs_staff = None;
        }
        let wake = stored
            .case
            .next(&filing.frozen(), inv.now, rulebook)
            .map(|(at, _, _)| at);
        stored.put(change, wake, inv.now)?;
        noticed = Some(case.clone());
    }
    if let Some(case) = noticed {
        let command = CommandId::of_cause(message.id.as_str(), "noticed", "sms");
        let deed = By::machine(FUNCTION).deed("notice-delivered", case.as_str(), &command);
        filing.record(change, deed, inv.now)?;
    }
    Ok(())
}
