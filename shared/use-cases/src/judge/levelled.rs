//! Levels at work before anything is confirmed: a rule that is off says nothing.

use icp_domain::rulebook::Level;
use icp_domain::rules::Outcome;
use icp_store::StoreError;
use icp_store::records::StoredFiling;

use super::{Judging, Outcomes};

impl Judging<'_> {
    /// The outcomes of rules that are not off for the unit. Levels are read only where anything but a clean look hangs on
    /// them, so that most audits pay for none.
    pub(super) async fn without_off(
        &self,
        filing: &StoredFiling,
        outcomes: Outcomes,
    ) -> Result<Outcomes, StoreError> {
        let is_clean = |outcome: &Outcome| match outcome {
            Outcome::Kept | Outcome::NotApplicable(_) => true,
            Outcome::Broken(_)
            | Outcome::BrokenByPeople(_)
            | Outcome::ForPeople(_)
            | Outcome::Undecided(_) => false,
        };
        if outcomes.iter().all(|(_, _, outcome)| is_clean(outcome)) {
            return Ok(outcomes);
        }
        let levels = self.store.levels().await?.levels;
        let said = outcomes.into_iter();
        let said = said.filter(|(rule, _, _)| self.level(&levels, filing, rule) != Level::Off);
        Ok(said.collect())
    }
}
