//! Digests: what waits for a number goes out as one text a day.
//!
//! **Invariant:** a digest is open until its first claim, and what joins rests on that: nothing is added to a text
//! that may have been sent.

use icp_domain::identifiers::Mobile;
use icp_domain::ids::NoticeId;
use icp_domain::notice::{About, Counts, Parameters, Unreached, WhyUnreached};
use icp_domain::rulebook::calendar::{at, local_date};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Digest, Message, Outcome, Posting, StoredOutbox, Taken};
use icp_store::{Change, CommitError, Store, StoreError};
use jiff::Timestamp;

use super::rows::{again_and_again, put_done, settle, wait_for_arrival};
use super::{Claimed, Work, address, bounced, delivered, says, truth};
use crate::notices::in_sending_hours;
use crate::trouble::Trouble;

/// Days that are tried for an open digest: today's may be sent, and tomorrow's at midnight.
const DAYS_TRIED: usize = 3;

/// The digest that a message for a number joins: of the day on which it may be sent, or where that one is out, of
/// the next. The change rests on its being open.
pub(super) async fn join(
    store: &Store,
    rulebook: &Rulebook,
    change: &mut Change,
    number_hash: &str,
    now: Timestamp,
) -> Result<NoticeId, StoreError> {
    let gather = rulebook.policy.delivery.digest_gather();
    let cases = &rulebook.policy.cases;
    let mut send_after = in_sending_hours(now + gather, cases);
    for _ in 0..DAYS_TRIED {
        let day = local_date(send_after);
        let digest = Digest::of(number_hash, day);
        let id = digest.id.clone();
        match store.outbox(&id).await? {
            None => {
                Store::post(change, &id, Posting::Digest(digest), send_after, now)?;
                return Ok(id);
            }
            Some(stored) if stored.row.is_open() => {
                stored.check(change);
                return Ok(id);
            }
            // After the hour of first notices, so that those of the day are in it.
            Some(_) => {
                let next = day.tomorrow().unwrap_or(day);
                send_after = in_sending_hours(at(next, cases.first_notice_hour) + gather, cases);
            }
        }
    }
    Err(StoreError::unavailable(NoDigest))
}

#[derive(Debug, thiserror::Error)]
#[error("the digests of the next days are all out")]
struct NoDigest;

/// What a digest says now: the one message that is still true by its own text, several by their count and the
/// earliest deadline.
pub(super) async fn work(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    claimed: &mut Claimed,
    digest: &Digest,
) -> Result<Work, Trouble> {
    let mut said: Vec<(Message, Parameters)> = Vec::new();
    let mut to = None;
    for stored in waiting(store, &digest.id).await? {
        let Posting::Message(message) = &stored.row.posting else {
            continue;
        };
        let (child, now) = (&stored, inv.now);
        match say(store, rulebook, message, now).await {
            Ok(Says::This(mobile, parameters)) => {
                to = Some(mobile);
                said.push((message.clone(), parameters));
            }
            Ok(Says::Nothing(outcome)) => {
                settle(store, child, outcome, inv).await?;
            }
            // It goes on by itself, with its own tries and its own alarm, and holds up no other.
            Err(error) => {
                tracing::warn!(row = %child.key, "a message leaves its digest: {error}");
                leave(store, child, message, now).await?;
            }
        }
    }
    let Some(to) = to else {
        settle(store, &claimed.stored, Outcome::Stale, inv).await?;
        return Ok(Work::Nothing);
    };
    let (about, parameters) = match said.as_mut_slice() {
        [(message, parameters)] => {
            let about = About::Notice(message.notice.kind.clone());
            (about, std::mem::take(parameters))
        }
        several => (About::Digest, together(several)),
    };
    Ok(claimed.sms(to, about, parameters))
}

/// What a message of a digest has to say.
enum Says {
    /// This, to this number.
    This(Mobile, Parameters),
    /// Nothing any more.
    Nothing(Outcome),
}

async fn say(
    store: &Store,
    rulebook: &Rulebook,
    message: &Message,
    now: Timestamp,
) -> Result<Says, StoreError> {
    if !truth::still_true(store, rulebook, &message.notice, now).await? {
        return Ok(Says::Nothing(Outcome::Stale));
    }
    let Some(mobile) = address::mobile(store, message).await? else {
        return Ok(Says::Nothing(Outcome::Unreached(
            WhyUnreached::Moved.alone(),
        )));
    };
    let parameters = says::parameters(store, rulebook, message, now).await?;
    Ok(Says::This(mobile, parameters))
}

/// Takes a message out of its digest: it is sent alone.
async fn leave(
    store: &Store,
    stored: &StoredOutbox,
    message: &Message,
    now: Timestamp,
) -> Result<(), StoreError> {
    let alone = Message {
        digest: None,
        ..message.clone()
    };
    let mut change = Change::new();
    let key = Store::post_message(&mut change, alone, now)?;
    put_done(&mut change, stored, Outcome::Expanded(vec![key]), now)?;
    store.commit(&change).await.map_err(contended)
}

/// How many they are, and the earliest deadline with the number of its case. Where the earliest is of no case, none is
/// named: another would be taken for it.
fn together(said: &[(Message, Parameters)]) -> Parameters {
    let named =
        earliest(said.iter().map(|(_, said)| said)).filter(|said| said.case_number.is_some());
    Parameters {
        findings: said.len(),
        due_at: named.and_then(|said| said.due_at),
        case_number: named.and_then(|said| said.case_number.clone()),
        ..Parameters::default()
    }
}

/// What is due first; of several at one instant one of a case.
fn earliest<'a>(said: impl Iterator<Item = &'a Parameters>) -> Option<&'a Parameters> {
    said.filter(|said| said.due_at.is_some())
        .min_by_key(|said| (said.due_at, said.case_number.is_none()))
}

/// Asks what became of a text that was taken, by the number of any of its messages. Where each of them belongs to
/// another number by now, none is left to ask for.
pub(super) async fn ask_receipt(
    store: &Store,
    inv: &Invocation,
    claimed: &Claimed,
    (digest, taken): (&Digest, &Taken),
) -> Result<Work, Trouble> {
    let waiting = waiting(store, &digest.id).await?;
    for stored in &waiting {
        if let Posting::Message(message) = &stored.row.posting
            && let Some(to) = address::mobile(store, message).await?
        {
            let taken = taken.clone();
            return Ok(Work::AskReceipt { to, taken });
        }
    }
    let moved = || Outcome::Unreached(WhyUnreached::Moved.alone());
    for stored in &waiting {
        let mut change = Change::new();
        put_done(&mut change, stored, moved(), inv.now)?;
        store.commit(&change).await.map_err(contended)?;
    }
    // Its messages were told, and what was cut off was its own mark.
    let outcome = if waiting.is_empty() {
        Outcome::Delivered(taken.reference.clone())
    } else {
        moved()
    };
    settle(store, &claimed.stored, outcome, inv).await?;
    Ok(Work::Nothing)
}

fn contended(error: CommitError) -> StoreError {
    match error {
        CommitError::Conflict(_) => again_and_again(),
        CommitError::Store(error) => error,
    }
}

/// The sender took the text, and says no more: it counts. Of several messages each is told in a commit of its own,
/// and that the text was taken stands before the first: what is cut off is told on, and not sent again.
pub(super) async fn accepted(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    claimed: &Claimed,
    (digest, reference): (&Digest, String),
) -> Result<(), Trouble> {
    let outcome = Outcome::Accepted(reference.clone());
    if let [one] = waiting(store, &digest.id).await?.as_slice()
        && let Posting::Message(message) = &one.row.posting
    {
        return delivered::message(
            store,
            rulebook,
            inv,
            Some(claimed),
            (one, message),
            &outcome,
        )
        .await;
    }
    wait_for_arrival(store, rulebook, claimed, (reference, Counts::AtOnce), inv).await?;
    let Some(stored) = store.outbox_at(&claimed.stored.key).await? else {
        return Ok(());
    };
    delivered(store, rulebook, inv, &stored, (digest, outcome)).await
}

/// Each message of it is told, and then it is done.
pub(super) async fn delivered(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    stored: &StoredOutbox,
    (digest, outcome): (&Digest, Outcome),
) -> Result<(), Trouble> {
    let mut trouble = None;
    for child in waiting(store, &digest.id).await? {
        if let Posting::Message(message) = &child.row.posting {
            let row = (&child, message);
            let told = delivered::message(store, rulebook, inv, None, row, &outcome).await;
            if let Err(error) = told {
                trouble.get_or_insert(error);
            }
        }
    }
    match trouble {
        None => Ok(settle(store, stored, outcome, inv).await?),
        Some(trouble) => Err(trouble),
    }
}

/// The text reached nobody, and with it none of its messages.
pub(super) async fn unreached(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    claimed: &Claimed,
    (digest, why): (&Digest, Unreached),
) -> Result<(), Trouble> {
    for stored in waiting(store, &digest.id).await? {
        if let Posting::Message(message) = &stored.row.posting {
            bounced::message(store, rulebook, inv, (&stored, message), &why).await?;
        }
    }
    settle(store, &claimed.stored, Outcome::Unreached(why), inv).await?;
    Ok(())
}

/// Its messages that are not done.
async fn waiting(store: &Store, digest: &NoticeId) -> Result<Vec<StoredOutbox>, StoreError> {
    let mut found = store.digested(digest).await?;
    found.retain(|stored| stored.row.done.is_none());
    Ok(found)
}

#[cfg(test)]
mod tests {
    use icp_domain::case::CaseNumber;

    use super::*;

    #[test]
    fn what_is_due_first_is_named_only_where_it_is_a_cases() {
        let case = CaseNumber::of_attempt(&"c1".parse().unwrap(), 0);
        let said = |due_at: Option<&str>, of_case: bool| Parameters {
            due_at: due_at.map(|at| at.parse().unwrap()),
            case_number: of_case.then(|| case.clone()),
            ..Parameters::default()
        };
        let (early, late) = ("2026-12-28T13:19:00Z", "2027-12-27T16:00:00Z");
        for (all, expected) in [
            (vec![said(None, false), said(Some(late), true)], Some(late)),
            (
                vec![said(Some(late), true), said(Some(early), true)],
                Some(early),
            ),
            (
                vec![said(Some(early), false), said(Some(early), true)],
                Some(early),
            ),
            (vec![said(Some(late), true), said(Some(early), false)], None),
            (vec![said(None, false)], None),
        ] {
            let named = earliest(all.iter()).filter(|said| said.case_number.is_some());
            let named = named.and_then(|said| said.due_at).map(|at| at.to_string());
            assert_eq!(named.as_deref(), expected);
        }
    }
}
