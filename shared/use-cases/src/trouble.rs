//! What becomes of a due row that could not be handled.
//!
//! **Invariant:** a failed call never sets a row aside; a row that does not read, or that the domain
//! refuses on sweep after sweep, never stays in the way of others and never goes unheard.

use icp_domain::Rulebook;
use icp_domain::finding::StepRefused;
use icp_store::{Key, Store, StoreError};
use jiff::Timestamp;

/// Why a due row could not be handled.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The table: the call failed, or a row does not read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The domain refuses a step that the row says is due.
    #[error("the domain refuses what is due: {0}")]
    Refused(#[from] StepRefused),
}

/// Where a row is after its trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Still due: the next sweep tries it again.
    Due,
    /// In the quarantine, with an alarm.
    SetAside,
}

impl Trouble {
    /// Sets the row aside where it must be; else it stays due.
    pub async fn settle(
        &self,
        store: &Store,
        rulebook: &Rulebook,
        row: &Key,
        now: Timestamp,
    ) -> Result<Left, StoreError> {
        let aside = match self {
            Self::Store(error) => error.is_malformed(),
            Self::Refused(_) => {
                let most = rulebook.policy.sweeps.quarantine_after_sweeps;
                let refusals = store.count_refusal(row).await?;
                refusals.is_some_and(|refusals| most <= refusals)
            }
        };
        if !aside {
            tracing::warn!(row = %row, "a due row failed and stays due: {self}");
            return Ok(Left::Due);
        }
        tracing::error!(row = %row, "a due row is set aside: {self}");
        let done = store.set_aside(row, &self.to_string(), now).await?;
        Ok(if done { Left::SetAside } else { Left::Due })
    }
}
