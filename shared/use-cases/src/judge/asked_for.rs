//! Judges a look that a finding asked for: a recheck, or a last look.

use icp_domain::Invocation;
use icp_domain::command::CommandId;
use icp_domain::finding::{BrokenLook, Event, Finding, LookOutcome, step};
use icp_domain::history::Happened;
use icp_domain::notice::NoticeKind;
use icp_domain::rulebook::calendar::local_date;
use icp_domain::rules::{NotApplicable, Outcome};
use icp_store::{Change, Store, StoreError};

use super::{FUNCTION, Judging, Outcomes, Verdict, close};
use crate::By;
use crate::notices::post_notice;

impl Judging<'_> {
    /// Judges a look that a finding asked for.
    pub(super) async fn asked_for(
        &self,
        inv: &mut Invocation,
    ) -> Result<Option<(Change, Verdict)>, StoreError> {
        let (unit, look, now) = (self.unit(), &self.evidence.look, inv.now);
        let Some(mut filing) = self.filing().await? else {
            return Ok(None);
        };
        // Evidence of other facts is dropped: the finding's own wake sends the look again. So is what
        // was seen of a unit that lost its access: another cause ended what the finding is about.
        if !self.is_of_these_facts(&filing) || !filing.filing.has_access(unit) {
            return Ok(None);
        }
        let Some(clock) = filing.clock(unit).cloned() else {
            return Ok(None);
        };
        let Some(case) = &clock.clock.open_case else {
            return Ok(None);
        };
        let Some(mut stored) = self.store.case(case).await? else {
            return Ok(None);
        };
        let awaiting = stored
            .case
            .findings
            .iter()
            .find(|finding| finding.awaits(&look.id));
        let Some(finding) = awaiting.cloned() else {
            return Ok(None);
        };
        let outcomes = self.outcomes(&filing);
        let outcome = outcome_for(&finding, &outcomes);
        let seen = BrokenLook {
            look: look.id.clone(),
            begun_at: self.evidence.begun_at,
            vantage: look.plan.vantage.clone(),
        };
        let event = Event::Looked { seen, outcome };
        let stepped = stored
            .case
            .clone()
            .with_finding(&finding.id, (), |finding| {
                step(finding, event, now, self.rulebook).map_err(|_| ())
            });
        let Ok(case) = stepped else { return Ok(None) };
        stored.case = case;
        let mut change = Change::new();
        if let Some(after) = stored.case.finding(&finding.id) {
            Store::count_precision(&mut change, local_date(now), &finding, after);
        }
        if matches!(outcome, LookOutcome::Broken | LookOutcome::BrokenByPeople) {
            let until = now + self.rulebook.policy.audits.evidence_of_stops_kept();
            stored.put_evidence(&mut change, &self.kept(&outcomes), until)?;
        }
        let command = CommandId::of_cause(stored.case.id.as_str(), "looked", look.id.as_str());
        let after = stored
            .case
            .finding(&finding.id)
            .map_or("gone", |finding| finding.state.name());
        if !stored.case.is_open() {
            close(&mut change, &filing, &stored.case, now)?;
            let kind = NoticeKind::CaseClosed {
                case: stored.case.id.clone(),
            };
            let policy = &self.rulebook.policy.cases;
            post_notice(&mut change, &command, filing.id(), kind, now, policy)?;
        }
        let wake = stored.case.wakes_at(&filing.freezes, now, self.rulebook);
        stored.put(&mut change, wake, now)?;
        let what = match after {
            "closed" => Some(Happened::FindingPutRight),
            "condemned" if finding.state.name() != after => Some(Happened::FindingCondemned),
            _ => None,
        };
        match what {
            Some(what) => {
                let deed = By::machine(FUNCTION).deed(what, stored.case.id.as_str(), &command);
                filing.record(&mut change, deed, now)?;
            }
            // Nothing that history keeps, but what was judged must still be the filing.
            None => filing.check_head(&mut change),
        }
        Ok(Some((
            change,
            Verdict::Finding(stored.case.id.clone(), after),
        )))
    }
}

/// What the look says of the finding. A fault that another rule now speaks of is not gone.
fn outcome_for(finding: &Finding, outcomes: &Outcomes) -> LookOutcome {
    let said = outcomes
        .iter()
        .find(|(rule, object, _)| rule.code == finding.rule && *object == finding.object);
    match said.map(|(_, _, outcome)| outcome) {
        Some(Outcome::Broken(_)) => LookOutcome::Broken,
        Some(Outcome::BrokenByPeople(_)) => LookOutcome::BrokenByPeople,
        Some(
            Outcome::ForPeople(_)
            | Outcome::Undecided(_)
            | Outcome::NotApplicable(NotApplicable::OtherRule),
        ) => LookOutcome::Undecided,
        // What the rule no longer speaks of, or what is no longer there, is put right.
        Some(Outcome::Kept | Outcome::NotApplicable(_)) | None => LookOutcome::Clean,
    }
}
