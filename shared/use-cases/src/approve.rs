//! What the bureau's approval writes: the filing as [`Filing::approved`] makes it.
//!
//! [`Filing::approved`]: icp_domain::filing::Filing::approved

use std::collections::BTreeMap;

use icp_domain::filing::Takes;
use icp_domain::order::{Approval, ApprovalMisfit, Approved};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{StoredFiling, StoredOrder};
use icp_store::{Change, Failure, Store};

use crate::step_order::{StepOrderRefused, latest_proof};
use crate::write_filing::{FrontEnds, Writing};

/// Why an approval is not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalRefused {
    /// Its numbers do not fit the order.
    #[error(transparent)]
    Misfit(#[from] ApprovalMisfit),
    /// The draft no longer parses: a bug, since it was submitted.
    #[error("the draft does not parse")]
    DraftUnreadable,
    /// Another filing holds the certificate, a domain or a number: for staff to settle.
    #[error("another filing holds the {}", .0.text().en)]
    TakenElsewhere(Takes),
}

/// What an approval may reach.
pub(crate) struct Approving<'a> {
    pub(crate) store: &'a Store,
    pub(crate) rulebook: &'a Rulebook,
}

impl Approving<'_> {
    /// Writes an approved order's filing into the change that approves it.
    pub(crate) async fn apply(
        &self,
        change: &mut Change,
        stored: &StoredOrder,
        filing: &mut StoredFiling,
        approval: &Approval,
        inv: &mut Invocation,
    ) -> Result<(), Failure<StepOrderRefused>> {
        let refused = |why: ApprovalRefused| Failure::Refused(StepOrderRefused::Approval(why));
        let draft = stored
            .draft
            .parse(&filing.filing)
            .map_err(|_| refused(ApprovalRefused::DraftUnreadable))?;
        let mut proofs = BTreeMap::new();
        for (id, details) in &draft.persons {
            let mobile = &details.mobile;
            let proof = latest_proof(self.store, stored, &filing.filing, id, mobile).await?;
            proofs.extend(proof.map(|proof| (id.clone(), proof)));
        }
        let approved = Approved {
            kind: stored.order.kind,
            draft: &draft,
            proofs: &proofs,
            approval,
            now: inv.now,
        };
        let after = filing.filing.approved(&approved);
        let after = after.map_err(|misfit| refused(misfit.into()))?;
        let writing = Writing {
            store: self.store,
            rulebook: self.rulebook,
            front_ends: FrontEnds::AreTold,
        };
        let held = writing.difference(change, filing, after, inv).await?;
        match held.first() {
            None => Ok(()),
            Some(what) => Err(refused(ApprovalRefused::TakenElsewhere(*what))),
        }
    }
}
