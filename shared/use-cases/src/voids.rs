//! Voids: proposed by one operator, counted, confirmed by another, and carried out page by page.
//!
//! **Invariant:** a void that is under way stands in the brake's row, which every stop rests on: what it covers is not
//! stopped from its confirmation on.

use icp_domain::ids::{UserId, VoidId};
use icp_domain::void::{Void, VoidRefused, VoidTerms};
use icp_domain::{Invocation, Rulebook, Violation};
use icp_store::records::{StoredBrake, StoredVoid};
use icp_store::{Answer, Change, Failure, Repeat, Store, StoreError};

use crate::attempt::{Decided, Tries};

mod walk;

pub use walk::{VoidPage, walk_voids};

/// A void with its version.
pub type VoidAfter = (Void, u64);

/// Proposes a void.
#[derive(Debug, Clone)]
pub struct ProposeVoid {
    /// Which findings, and why.
    pub terms: VoidTerms,
    /// Who.
    pub by: UserId,
}

/// Why a void is not proposed.
#[derive(Debug, thiserror::Error)]
pub enum ProposeRefused {
    /// Its terms are wrong.
    #[error("the void's terms do not hold")]
    Terms(Vec<Violation>),
}

/// Proposes a void: its dry run begins with the next minute.
pub async fn propose(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<VoidAfter>,
    command: ProposeVoid,
) -> Result<Answer, Failure<ProposeRefused>> {
    let id = VoidId::derived("void", &[repeat.command.as_str()]);
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let violations = command.terms.violations();
            if !violations.is_empty() {
                return Err(Failure::Refused(ProposeRefused::Terms(violations)));
            }
            let (terms, by) = (command.terms.clone(), command.by.clone());
            let stored = StoredVoid::proposed(Void::proposed(id.clone(), terms, by, inv.now));
            let mut change = Change::new();
            stored.put(&mut change, &stored.void)?;
            let brake = store.brake(rulebook).await?;
            under_way(&mut change, &brake, &id, true)?;
            Ok::<_, Failure<ProposeRefused>>(Decided {
                change,
                done: (stored.void, 1),
            })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

/// Confirms a void.
#[derive(Debug, Clone)]
pub struct ConfirmVoid {
    /// Which.
    pub void: VoidId,
    /// Who.
    pub by: UserId,
    /// The version that the caller saw.
    pub expected: u64,
}

/// Confirms a void: from now on nothing that it covers is stopped, and it is carried out with the next minutes.
pub async fn confirm(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<VoidAfter>,
    command: ConfirmVoid,
) -> Result<Answer, Failure<VoidRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let stored = store.void(&command.void).await?;
            let stored = stored.ok_or(Failure::NotFound)?;
            if stored.version() != command.expected {
                return Err(Failure::ChangedMeanwhile);
            }
            let confirmed = stored.void.clone().confirmed(command.by.clone(), inv.now);
            let after = confirmed.map_err(Failure::Refused)?;
            let mut change = Change::new();
            stored.put(&mut change, &after)?;
            let brake = store.brake(rulebook).await?;
            under_way(&mut change, &brake, &command.void, true)?;
            Ok::<_, Failure<VoidRefused>>(Decided {
                change,
                done: (after, stored.version() + 1),
            })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

/// Writes into the brake's row whether a void is under way.
fn under_way(
    change: &mut Change,
    brake: &StoredBrake,
    id: &VoidId,
    is: bool,
) -> Result<(), StoreError> {
    let mut after = brake.brake.clone();
    after.voids.retain(|other| other != id);
    if is {
        after.voids.push(id.clone());
    }
    brake.put(change, &after)
}
