//! Takes in that a mail came back: it reached nobody, and what begins with it has not begun.

use icp_domain::bounce::Bounce;
use icp_domain::finding::{Event, FindingState, step};
use icp_domain::notice::{Channel, WhyUnreached};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Message, Outcome, Posting, StoredOutbox};
use icp_store::{Answer, Change, Failure, Key, Repeat, Store, StoreError};
use jiff::Timestamp;

use crate::attempt::{Decided, Tries};
use crate::deliver::put_unreached;
use crate::trouble::Trouble;

/// Why a bounce is not taken in.
#[derive(Debug, thiserror::Error)]
pub enum BounceRefused {
    /// A case refuses what follows of it.
    #[error("what follows of it is refused: {0}")]
    Trouble(Trouble),
}

/// Takes in a bounce. A mail that is not ours is not there; one that came back already is taken in once more without
/// any change.
pub async fn report_bounce(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<()>,
    bounce: &Bounce,
) -> Result<Answer, Failure<BounceRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let stored = store
                .outbox(&bounce.message)
                .await?
                .ok_or(Failure::NotFound)?;
            let Posting::Message(message) = stored.row.posting.clone() else {
                return Err(Failure::NotFound);
            };
            if message.channel != Channel::Mail {
                return Err(Failure::NotFound);
            }
            let mut change = Change::new();
            let done = stored.row.done.as_ref();
            if let Some(Outcome::Unreached(_)) = done.map(|done| &done.outcome) {
                return Ok(Decided { change, done: () });
            }
            if let Some(done) = done
                && let Outcome::Delivered(_) = done.outcome
            {
                take_back(store, rulebook, &mut change, &message, done.at, inv)
                    .await
                    .map_err(refused)?;
            }
            // A report tells of failures only: whatever the code speaks of, the mail did not arrive.
            let why = WhyUnreached::of_mail(Some(&bounce.status)).unwrap_or(WhyUnreached::Refused);
            let why = why.answered(&bounce.status);
            put_unreached(store, &mut change, (&stored, &message), &why, inv)
                .await
                .map_err(refused)?;
            Ok::<_, Failure<BounceRefused>>(Decided { change, done: () })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

fn refused(trouble: Trouble) -> Failure<BounceRefused> {
    match trouble {
        Trouble::Store(error) => error.into(),
        trouble @ Trouble::Refused(_) => Failure::Refused(BounceRefused::Trouble(trouble)),
    }
}

/// The mail counted as delivered. Where it was the only message of its notice that reached anybody, the findings that
/// it began are as if nobody had been told.
async fn take_back(
    store: &Store,
    rulebook: &Rulebook,
    change: &mut Change,
    message: &Message,
    counted_at: Timestamp,
    inv: &Invocation,
) -> Result<(), Trouble> {
    let told = message.notice.kind.told();
    if told.is_empty() || reached_another(store, message).await? {
        return Ok(());
    }
    let Some(filing) = store.filing(message.subject()).await? else {
        return Ok(());
    };
    let mut cases: Vec<_> = told.iter().map(|told| &told.case).collect();
    cases.sort();
    cases.dedup();
    for case in cases {
        let Some(mut stored) = store.case(case).await? else {
            continue;
        };
        let mut any = false;
        for finding in &mut stored.case.findings {
            let of_notice = told.iter().any(|told| told.finding == finding.id);
            let begun_by_it = finding.notified_at == Some(counted_at);
            if of_notice && begun_by_it && finding.state == FindingState::Open {
                *finding = step(finding.clone(), Event::NoticeReturned, inv.now, rulebook)?;
                any = true;
            }
        }
        if any {
            let wake = stored.case.wakes_at(&filing.freezes, inv.now, rulebook);
            stored.put(change, wake, inv.now)?;
        }
    }
    Ok(())
}

/// Whether another message of the same notice reached somebody.
async fn reached_another(store: &Store, message: &Message) -> Result<bool, StoreError> {
    let notice = store.outbox(&message.notice.id).await?;
    let done = notice.and_then(|stored| stored.row.done);
    let Some(Outcome::Expanded(keys)) = done.map(|done| done.outcome) else {
        return Ok(false);
    };
    let own: Key = message.key();
    for key in keys.iter().filter(|key| **key != own) {
        let other = store.outbox_at(key).await?;
        if other.is_some_and(|other| is_reached(&other)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_reached(stored: &StoredOutbox) -> bool {
    let outcome = stored.row.done.as_ref().map(|done| &done.outcome);
    matches!(outcome, Some(Outcome::Delivered(_) | Outcome::Accepted(_)))
}
