//! Lets the notices of a held run go.

use icp_domain::ids::UserId;
use icp_domain::notice_brake::Run;
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{NoticeHold, Released};
use icp_store::{Answer, Change, Failure, Repeat, Store};

use crate::attempt::{Decided, Tries};

/// Lets the notices of a run go.
#[derive(Debug, Clone)]
pub struct ReleaseNotices {
    /// The run.
    pub run: Run,
    /// The version that the caller saw.
    pub expected: u64,
    /// Who.
    pub user: UserId,
    /// Why.
    pub reason: String,
}

/// Why no notices go.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseNoticesRefused {
    /// They were let go before.
    #[error("the run's notices were released before")]
    Released,
}

/// A run with its version.
pub type HoldAfter = (NoticeHold, u64);

/// Lets the notices of a held run go: each is sent when it is next looked at.
pub async fn release_notices(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<HoldAfter>,
    command: ReleaseNotices,
) -> Result<Answer, Failure<ReleaseNoticesRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let stored = store.notice_hold(&command.run).await?;
            let stored = stored.ok_or(Failure::NotFound)?;
            if stored.version() != command.expected {
                return Err(Failure::ChangedMeanwhile);
            }
            if stored.hold.released.is_some() {
                return Err(Failure::Refused(ReleaseNoticesRefused::Released));
            }
            let released = Released {
                by: command.user.clone(),
                at: inv.now,
                reason: command.reason.clone(),
            };
            let hold = NoticeHold {
                released: Some(released),
                ..stored.hold.clone()
            };
            let mut change = Change::new();
            stored.put(&mut change, &hold)?;
            let done = (hold, stored.version() + 1);
            Ok(Decided { change, done })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}
