//! Sets the brake.

use icp_domain::brake::Brake;
use icp_domain::rulebook::BrakeMode;
use icp_domain::{Invocation, Rulebook};
use icp_store::records::StoredBrake;
use icp_store::{Answer, Change, Failure, Repeat, Store};

use crate::attempt::{Decided, Tries};

/// Sets the brake.
#[derive(Debug, Clone)]
pub struct SetBrake {
    /// The version that the caller saw; 0 while the first value holds.
    pub expected: u64,
    /// The setting.
    pub mode: BrakeMode,
    /// Whether a latch is taken off.
    pub unlatch: bool,
}

/// A brake is refused nothing but to be set on what somebody else set meanwhile.
#[derive(Debug, thiserror::Error)]
pub enum SetBrakeRefused {}

/// Sets the brake's mode, and takes a latch off if asked to.
pub async fn set_brake(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<(Brake, u64)>,
    command: SetBrake,
) -> Result<Answer, Failure<SetBrakeRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let stored: StoredBrake = store.brake(rulebook).await?;
            if stored.version() != command.expected {
                return Err(Failure::ChangedMeanwhile);
            }
            let brake = if command.unlatch {
                Brake {
                    voids: stored.brake.voids.clone(),
                    ..Brake::set_to(command.mode)
                }
            } else {
                Brake {
                    mode: command.mode,
                    ..stored.brake.clone()
                }
            };
            let mut change = Change::new();
            stored.put(&mut change, &brake)?;
            let version = stored.version() + 1;
            Ok::<_, Failure<SetBrakeRefused>>(Decided {
                change,
                done: (brake, version),
            })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}
