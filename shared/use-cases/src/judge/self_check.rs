//! Judges a look that a self-check waits for, into the check's own rows.
//!
//! **Invariant:** it writes no clock, case, item, count or history.

use icp_domain::Invocation;
use icp_domain::checks::Said;
use icp_store::records::CheckedLook;
use icp_store::{Change, StoreError, keys};

use super::{Judging, Verdict};

impl Judging<'_> {
    /// Judges a look that a self-check waits for. What comes when the check is over, twice, or of other facts
    /// says nothing.
    pub(super) async fn self_check(
        &self,
        inv: &Invocation,
    ) -> Result<Option<(Change, Verdict)>, StoreError> {
        let (look, policy) = (&self.evidence.look, &self.rulebook.policy.audits);
        let Some(id) = &look.check else {
            return Ok(None);
        };
        let Some(check) = self.store.self_check(id).await? else {
            return Ok(None);
        };
        let awaits = check
            .looks
            .iter()
            .any(|awaited| awaited.look == look.id && awaited.unit == look.unit);
        let over = check.asked_at + policy.check_judged() <= inv.now;
        if !awaits || over || self.store.exists(&keys::check_look(id, &look.id)).await? {
            return Ok(None);
        }
        let Some(filing) = self.filing().await? else {
            return Ok(None);
        };
        if !self.is_of_these_facts(&filing) || !filing.filing.has_access(&look.unit) {
            return Ok(None);
        }
        let levels = self.store.levels().await?.levels;
        let outcomes = self.outcomes(&filing);
        let said = outcomes.iter().map(|(rule, object, outcome)| {
            let level = self.level(&levels, &filing, rule);
            Said::of(rule, object, outcome, Some(level))
        });
        let judged = CheckedLook {
            look: look.id.clone(),
            begun_at: self.evidence.begun_at,
            proved: None,
            said: said.collect(),
        };
        let mut change = Change::new();
        judged.put(&mut change, id, check.asked_at + policy.check_kept())?;
        Ok(Some((change, Verdict::Checked)))
    }
}
