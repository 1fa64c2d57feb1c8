//! Takes in that a mail came back: it reached nobody, and what begins with it has not begun.

use icp_domain::bounce::Bounce;
use icp_domain::finding::{Event, FindingState, step};
use icp_domain::ids::CaseId;
use icp_domain::notice::{Channel, WhyUnreached};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Message, Outcome, Posting};
use icp_store::{Answer, Change, Failure, Key, Repeat, Store, StoreError};
use jiff::{SignedDuration, Timestamp};

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

/// For how long after a mail was taken its return takes back what began with it: as long as servers try. Whoever got
/// it can write a report too, and is not to end a period in its last days.
///
/// Source: RFC 5321, 4.5.4.1 (servers give up after four to five days).
const BELIEVED: SignedDuration = SignedDuration::from_hours(24 * 6);

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
            let mut returned = None;
            let is_believed = stored
                .row
                .taken
                .as_ref()
                .is_some_and(|taken| inv.now < taken.at + BELIEVED);
            if let Some(done) = done.filter(|_| is_believed)
                && let Outcome::Delivered(_) = done.outcome
            {
                returned = take_back(store, rulebook, &mut change, &message, done.at, inv)
                    .await
                    .map_err(refused)?;
            }
            // A report tells of failures only: whatever the code speaks of, the mail did not arrive.
            let why = WhyUnreached::of_mail(Some(&bounce.status)).unwrap_or(WhyUnreached::Refused);
            let why = why.answered(&bounce.status);
            put_unreached(
                store,
                &mut change,
                (&stored, &message),
                (&why, returned),
                inv,
            )
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

/// The mail counted as delivered. The findings that it began are as if it had not: they begin with the earliest other
/// message of the notice that reached anybody, or nobody was told. A case that this changes, if there is one.
async fn take_back(
    store: &Store,
    rulebook: &Rulebook,
    change: &mut Change,
    message: &Message,
    counted_at: Timestamp,
    inv: &Invocation,
) -> Result<Option<CaseId>, Trouble> {
    let told = message.notice.kind.told();
    if told.is_empty() {
        return Ok(None);
    }
    let otherwise = told_otherwise(store, change, message).await?;
    let Some(filing) = store.filing(message.subject()).await? else {
        return Ok(None);
    };
    let mut cases: Vec<_> = told.iter().map(|told| &told.case).collect();
    cases.sort();
    cases.dedup();
    let mut returned = None;
    for case in cases {
        let Some(mut stored) = store.case(case).await? else {
            continue;
        };
        let mut any = false;
        for finding in &mut stored.case.findings {
            let of_notice = told.iter().any(|told| told.finding == finding.id);
            let begun_by_it = finding.notified_at == Some(counted_at);
            if of_notice && begun_by_it && finding.state == FindingState::Open {
                let event = Event::NoticeReturned { otherwise };
                *finding = step(finding.clone(), event, inv.now, rulebook)?;
                any = true;
            }
        }
        if any {
            let wake = stored.case.wakes_at(&filing.freezes, inv.now, rulebook);
            stored.put(change, wake, inv.now)?;
            returned.get_or_insert(case.clone());
        }
    }
    Ok(returned)
}

/// When another message of the same notice first reached somebody. The change rests on each that has not: it may be
/// about to.
async fn told_otherwise(
    store: &Store,
    change: &mut Change,
    message: &Message,
) -> Result<Option<Timestamp>, StoreError> {
    let notice = store.outbox(&message.notice.id).await?;
    let done = notice.and_then(|stored| stored.row.done);
    let Some(Outcome::Expanded(mut keys)) = done.map(|done| done.outcome) else {
        return Ok(None);
    };
    let own: Key = message.key();
    let mut earliest: Option<Timestamp> = None;
    while let Some(key) = keys.pop() {
        let other = store.outbox_at(&key).await?.filter(|_| key != own);
        let Some(other) = other else { continue };
        match other.row.done.as_ref().map(|done| (&done.outcome, done.at)) {
            Some((Outcome::Delivered(_) | Outcome::Accepted(_), at)) => {
                earliest = earliest.into_iter().chain([at]).min();
            }
            // It left its digest, and stands elsewhere.
            Some((Outcome::Expanded(alone), _)) => keys.extend(alone.iter().cloned()),
            Some((Outcome::Stale | Outcome::Unreached(_) | Outcome::Settled, _)) => {}
            None => other.check(change),
        }
    }
    Ok(earliest)
}
