//! What a regular look finds put right before anybody was told of it, or where nothing hangs on it: it is closed. Who was
//! told of it hears that, too.

use icp_domain::Invocation;
use icp_domain::audit::AuditClock;
use icp_domain::command::CommandId;
use icp_domain::finding::{Event, Finding, step};
use icp_domain::history::Happened;
use icp_domain::notice::NoticeKind;
use icp_domain::rules::Outcome;
use icp_store::records::{StoredCase, StoredFiling};
use icp_store::{Change, StoreError};

use super::{FUNCTION, Judging, Outcomes};
use crate::By;
use crate::notices::post_notice;

impl Judging<'_> {
    /// Closes the findings of a case that wait for no look of their own and that the look saw kept. The clock is the one that the
    /// caller writes.
    pub(super) fn clear_untold(
        &self,
        change: &mut Change,
        filing: &mut StoredFiling,
        clock: &mut AuditClock,
        mut stored: StoredCase,
        outcomes: &Outcomes,
        inv: &Invocation,
    ) -> Result<(), StoreError> {
        let kept = |finding: &Finding| {
            outcomes.iter().any(|(rule, object, outcome)| {
                let same = rule.code == finding.rule && *object == finding.object;
                same && matches!(outcome, Outcome::Kept)
            })
        };
        let mut cleared = Vec::new();
        for finding in stored
            .case
            .findings
            .iter_mut()
            .filter(|finding| kept(finding))
        {
            if let Ok(closed) = step(finding.clone(), Event::SeenKept, inv.now, self.rulebook) {
                cleared.push(finding.notified_at.is_some());
                *finding = closed;
            }
        }
        if cleared.is_empty() {
            return Ok(());
        }
        let (case, look) = (stored.case.id.as_str(), self.evidence.look.id.as_str());
        let command = CommandId::of_cause(case, "seen-kept", look);
        let was_told = cleared.contains(&true);
        if !stored.case.is_open() {
            if was_told {
                let case = stored.case.id.clone();
                let policy = &self.rulebook.policy.cases;
                let kind = NoticeKind::CaseClosed { case };
                post_notice(change, &command, filing.id(), kind, inv.now, policy)?;
            }
            if self.evidence.look.clock.is_audit() {
                clock.open_case = None;
            } else {
                super::close(change, filing, &stored.case, inv.now)?;
            }
        }
        let wakes_at = stored
            .case
            .wakes_at(&filing.freezes, inv.now, self.rulebook);
        stored.put(change, wakes_at, inv.now)?;
        let what = if was_told {
            Happened::FindingPutRight
        } else {
            Happened::PutRightUntold
        };
        let deed = By::machine(FUNCTION).deed(what, stored.case.id.as_str(), &command);
        filing.record(change, deed, inv.now)
    }
}
