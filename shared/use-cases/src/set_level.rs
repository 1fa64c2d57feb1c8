//! Sets the level of a rule: how far its findings may go from now on.

use icp_domain::ids::UserId;
use icp_domain::rulebook::Level;
use icp_domain::rules::rule;
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{LevelSetting, StoredLevels};
use icp_store::{Answer, Change, Failure, Repeat, Store};

use crate::attempt::{Decided, Tries};

/// Sets the level of a rule.
#[derive(Debug, Clone)]
pub struct SetLevel {
    /// The version of the levels that the caller saw; 0 while nobody set one.
    pub expected: u64,
    /// The rule's code.
    pub rule: String,
    /// How far its findings may go.
    pub level: Level,
    /// Who sets it.
    pub user: UserId,
}

/// Why a level is not set.
#[derive(Debug, thiserror::Error)]
pub enum SetLevelRefused {
    /// No rule has this code.
    #[error("there is no rule {0}")]
    NoSuchRule(String),
}

/// The levels after a setting, with the version that they have then.
pub type LevelsSet = (StoredLevels, u64);

/// Sets the level of a rule. Findings that are condemned are held while the level is below
/// `enforce`; the brake's row is written too, so that no stop commits on the level before.
pub async fn set_level(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<LevelsSet>,
    command: SetLevel,
) -> Result<Answer, Failure<SetLevelRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            if rule(&command.rule).is_none() {
                let refusal = SetLevelRefused::NoSuchRule(command.rule.clone());
                return Err(Failure::Refused(refusal));
            }
            let mut stored = store.levels().await?;
            if stored.version() != command.expected {
                return Err(Failure::ChangedMeanwhile);
            }
            let setting = LevelSetting {
                level: command.level,
                set_by: command.user.clone(),
                set_at: inv.now,
            };
            stored.levels.set(&command.rule, setting);
            let mut change = Change::new();
            stored.put(&mut change, &store.brake(rulebook).await?)?;
            let version = stored.version() + 1;
            let done = (stored, version);
            Ok(Decided { change, done })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}
