//! What an approval takes off the record before its own commit, where all at once is more than a commit
//! takes: the sites of a subject that the bureau deregistered.
//!
//! **Invariant:** nothing goes ahead of an approval that would be refused; one that breaks off is recorded
//! again, and goes on.

use icp_domain::Invocation;
use icp_domain::history::Happened;
use icp_domain::ids::OrderId;
use icp_domain::order::OrderKind;
use icp_store::{Change, CommitError, Failure};

use super::{StepOrderRefused, Taking};
use crate::write_filing::{FrontEnds, Writing, without_some};

impl Taking<'_> {
    /// Takes some sites of the order's subject off the record. Tells whether there were any to take.
    pub(super) async fn go_ahead(
        &self,
        order: &OrderId,
        inv: &mut Invocation,
    ) -> Result<bool, Failure<StepOrderRefused>> {
        let stored = self.store.order(order).await?.ok_or(Failure::NotFound)?;
        let filing = self.store.filing(&stored.order.subject).await?;
        let mut filing = filing.ok_or(Failure::NotFound)?;
        if stored.order.kind != OrderKind::DeregisterSubject {
            return Ok(false);
        }
        let Some(after) = without_some(&filing.filing, inv.now) else {
            return Ok(false);
        };
        let writing = Writing {
            store: self.store,
            rulebook: self.rulebook,
            front_ends: FrontEnds::AreTold,
        };
        let mut change = Change::new();
        writing
            .difference(&mut change, &mut filing, after, inv)
            .await?;
        stored.check_head(&mut change);
        let deed = self
            .by
            .deed(Happened::SitesDeregistered, order.as_str(), self.command);
        filing.record(&mut change, deed, inv.now)?;
        match self.store.commit(&change).await {
            // Whoever wrote first may have done the same: what is left is decided anew.
            Ok(()) | Err(CommitError::Conflict(_)) => Ok(true),
            Err(CommitError::Store(error)) => Err(error.into()),
        }
    }
}
