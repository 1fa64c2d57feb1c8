//! The staff's queue: what waits, by kind and age, and who works on it.

use icp_domain::ids::UserId;
use icp_domain::wall_clock::in_words;
use icp_domain::{Invocation, Rulebook, Text};
use icp_store::records::ItemClaim;
use icp_store::{Answer, Change, Cursor, DeskList, Failure, Key, Repeat, Store, StoreError};
use jiff::Timestamp;

use crate::attempt::{Decided, Tries};
use crate::read::{Listed, ReadRefused};

/// What waits for the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The item's row.
    pub row: Key,
    /// Since when it waits.
    pub since: Option<Timestamp>,
    /// Who works on it.
    pub claim: Option<ItemClaim>,
}

/// Claims or releases an item.
#[derive(Debug, Clone)]
pub struct ClaimItem {
    /// The item's row.
    pub row: Key,
    /// Who.
    pub user: UserId,
    /// Whether it is taken, or given back.
    pub act: ClaimAct,
}

/// What is done with a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimAct {
    /// Taken, or held longer.
    Take,
    /// Given back.
    Release,
}

/// Why a claim is refused.
#[derive(Debug, thiserror::Error)]
pub enum ClaimRefused {
    /// Somebody else works on it.
    #[error("somebody else works on it until {0}")]
    Held(Timestamp),
}

/// That somebody else works on a thing until then, for people.
pub fn held_text(what: &str, until: Timestamp) -> Text {
    let until = in_words(until);
    Text::new(
        format!("{what}已由他人受理，至{}", until.zh),
        format!("somebody else works on it until {}", until.en),
    )
}

/// A page of what waits in some lists, the oldest first.
pub async fn queue(
    store: &Store,
    lists: &[DeskList],
    cursor: Option<&Cursor>,
    limit: usize,
    now: Timestamp,
) -> Result<Listed<Waiting>, Failure<ReadRefused>> {
    let page = store.on_desks(lists, cursor, limit).await?;
    let mut claims = store.claims(&page.keys).await?;
    let waiting = page.keys.into_iter().zip(page.since).map(|(row, since)| {
        let claim = claims.remove(&row).filter(|claim| now < claim.until);
        Waiting { row, since, claim }
    });
    Ok(Listed {
        items: waiting.collect(),
        next: page.next,
    })
}

/// Claims an item, or gives it back.
pub async fn claim(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<Option<ItemClaim>>,
    command: ClaimItem,
) -> Result<Answer, Failure<ClaimRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            if !store.exists(&command.row).await? {
                return Err(Failure::NotFound);
            }
            let stored = store.claim(&command.row).await?;
            if let Some(other) = stored.other(&command.user, inv.now) {
                return Err(Failure::Refused(ClaimRefused::Held(other.until)));
            }
            let mut change = Change::new();
            let done = match command.act {
                ClaimAct::Take => {
                    let claim = ItemClaim {
                        by: command.user.clone(),
                        claimed_at: inv.now,
                        until: inv.now + rulebook.policy.orders.claim(),
                    };
                    stored.put(&mut change, &claim)?;
                    Some(claim)
                }
                ClaimAct::Release => {
                    stored.remove(&mut change);
                    None
                }
            };
            Ok::<_, Failure<ClaimRefused>>(Decided { change, done })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

/// Whether the claim on an item outlives what is done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClaimThen {
    /// Its holder is done with it, and shuts no second person out.
    Ends,
    /// It goes on.
    Stays,
}

/// Rests a change on that nobody else of the staff works on the item; until when, where somebody does.
pub(crate) async fn rest_on_claim(
    store: &Store,
    change: &mut Change,
    (row, user): (&Key, &UserId),
    then: ClaimThen,
    now: Timestamp,
) -> Result<Result<(), Timestamp>, StoreError> {
    let claim = store.claim(row).await?;
    if let Some(other) = claim.other(user, now) {
        return Ok(Err(other.until));
    }
    match then {
        ClaimThen::Ends => claim.remove(change),
        ClaimThen::Stays => claim.check(change),
    }
    Ok(Ok(()))
}
