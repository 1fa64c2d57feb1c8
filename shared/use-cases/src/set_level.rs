//! Sets the level of a rule: how far its findings may go from now on.

use icp_domain::ids::UserId;
use icp_domain::rulebook::{Level, Scope};
use icp_domain::rules::rule;
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{LevelSetting, Previewed, StoredLevels};
use icp_store::{Answer, Change, Failure, Repeat, Store, StoreError};

use crate::attempt::{Decided, Tries};
use crate::preview_level::RaisedLevel;
use crate::preview_token::PreviewToken;

/// Sets the level of a rule.
#[derive(Debug, Clone)]
pub struct SetLevel {
    /// The version of the levels that the caller saw; 0 while nobody set one.
    pub expected: u64,
    /// The rule's code.
    pub rule: String,
    /// For whom.
    pub scope: Scope,
    /// How far its findings may go.
    pub level: Level,
    /// The token of the preview that the caller saw; wanted where the level is raised to where somebody is told.
    pub preview: Option<String>,
    /// Who sets it.
    pub user: UserId,
}

/// Why a level is not set.
#[derive(Debug, thiserror::Error)]
pub enum SetLevelRefused {
    /// No rule has this code.
    #[error("there is no rule {0}")]
    NoSuchRule(String),
    /// More would be told, and nobody looked at what.
    #[error("a level is raised by whoever saw its preview within 24 hours")]
    NotPreviewed,
}

/// The levels after a setting, with the version that they have then.
pub type LevelsSet = (StoredLevels, u64);

impl SetLevel {
    /// What the caller saw of it, if anything.
    async fn previewed(
        &self,
        store: &Store,
        inv: &Invocation,
    ) -> Result<Option<Previewed>, StoreError> {
        let Some(token) = &self.preview else {
            return Ok(None);
        };
        let raised = RaisedLevel {
            rule: self.rule.clone(),
            scope: self.scope.clone(),
            level: self.level,
        };
        PreviewToken::of_level(&raised)
            .read(store, token, inv.now)
            .await
    }
}

/// Sets the level of a rule for a scope. Findings that are condemned are held while the level is below
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
            let now = stored
                .levels
                .of_scope(&command.rule, &command.scope, rulebook);
            let previewed = command.previewed(store, inv).await?;
            if now < command.level && Level::Notify <= command.level && previewed.is_none() {
                return Err(Failure::Refused(SetLevelRefused::NotPreviewed));
            }
            let setting = LevelSetting {
                level: command.level,
                set_by: command.user.clone(),
                set_at: inv.now,
                previewed,
            };
            let (rule, scope) = (&command.rule, command.scope.clone());
            stored.levels.set(rule, scope, setting);
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
