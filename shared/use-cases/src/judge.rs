//! Judges evidence: a clean audit moves the clock, a confirmed fault opens or joins a case, a last
//! look or a recheck decides a finding.

use std::collections::BTreeSet;

use icp_domain::audit::{Heard, Judged, People};
use icp_domain::case::Case;
use icp_domain::finding::Object;
use icp_domain::ids::{CaseId, UnitId};
use icp_domain::look::{Evidence, Purpose};
use icp_domain::rulebook::calendar::local_date;
use icp_domain::rules::{Outcome, Rule, Sight, judge};
use icp_domain::{Invocation, Rulebook, Text};
use icp_store::records::{Doubt, KeptEvidence, ReviewItem, StoredFiling, Tally, count_outcome};
use icp_store::{Change, CommitError, Store, StoreError};

mod again;
mod asked_for;
mod campaign;
mod confirmed;
mod levelled;
mod lists;
mod observed;
mod public_check;
mod self_check;
mod told;
mod untold;

pub use again::{Again, JudgedAgain, judge_again};
use lists::add_lists;

/// What judging came to, for the log and the metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All is as it must be; the clock moved on.
    Clean,
    /// A first broken look: to be confirmed.
    Suspected,
    /// At least one rule could not decide.
    Undecided,
    /// Confirmed: a case was opened or joined.
    Confirmed(CaseId),
    /// Confirmed, and only counted, since no rule's level asks for a case.
    Observed,
    /// A look that a finding waited for was judged.
    Finding(CaseId, &'static str),
    /// A look of a check that somebody asked for was judged: nothing follows.
    Checked,
    /// The evidence answers nothing that is open: it came twice, late, or of other facts.
    Overtaken,
}

/// Who judges, as history knows it.
const FUNCTION: &str = "judge-evidence";

/// Judges one look's evidence; on conflict it loads and judges again.
pub async fn judge_evidence(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    evidence: &Evidence,
) -> Result<Verdict, StoreError> {
    for _ in 0..=rulebook.policy.sweeps.reloads {
        let judging = Judging {
            store,
            rulebook,
            evidence,
        };
        let decided = match evidence.look.purpose {
            Purpose::Audit => judging.audit(inv).await?,
            Purpose::Recheck | Purpose::LastLook => judging.asked_for(inv).await?,
            Purpose::Campaign => Box::pin(judging.of_campaign(inv)).await?,
            Purpose::SelfCheck => judging.self_check(inv).await?,
            Purpose::PublicCheck => Box::pin(judging.public_check(inv)).await?,
        };
        let Some((change, verdict)) = decided else {
            return Ok(Verdict::Overtaken);
        };
        match store.commit(&change).await {
            Ok(()) => return Ok(verdict),
            Err(CommitError::Conflict(_)) => {}
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    Ok(Verdict::Overtaken)
}

struct Judging<'a> {
    store: &'a Store,
    rulebook: &'a Rulebook,
    evidence: &'a Evidence,
}

type Outcomes = Vec<(&'static Rule, Object, Outcome)>;

impl Judging<'_> {
    fn unit(&self) -> &UnitId {
        &self.evidence.look.unit
    }

    async fn filing(&self) -> Result<Option<StoredFiling>, StoreError> {
        let unit = self.unit();
        let found = match &unit.service {
            None => self.store.filing(&unit.subject).await?,
            Some(service) => {
                let clock = self.evidence.look.clock;
                self.store
                    .service_unit(&unit.subject, service, clock)
                    .await?
            }
        };
        let Some(mut filing) = found else {
            return Ok(None);
        };
        add_lists(self.store, &mut filing, self.evidence).await?;
        Ok(Some(filing))
    }

    fn outcomes(&self, filing: &StoredFiling) -> Outcomes {
        judge(&Sight {
            unit: self.unit(),
            filing: &filing.filing,
            evidence: self.evidence,
            reports: &filing.reports,
            rulebook: self.rulebook,
            at: self.evidence.begun_at,
        })
    }

    /// The look's evidence, with what it shows by these outcomes.
    fn kept(&self, outcomes: &Outcomes) -> KeptEvidence {
        KeptEvidence {
            evidence: self.evidence.clone(),
            shows: broken(outcomes),
        }
    }

    /// Whether the plan was made from the facts as they are now.
    fn is_of_these_facts(&self, filing: &StoredFiling) -> bool {
        let subject = filing.clock(&UnitId::of_subject(filing.id().clone()));
        let unit = filing.clock_of(self.unit(), self.evidence.look.clock);
        let revision = |clock: Option<&icp_store::records::StoredClock>| {
            clock.map(|stored| stored.clock.facts_revision)
        };
        let planned = self.evidence.look.facts_revisions;
        revision(subject) == Some(planned.subject) && revision(unit) == Some(planned.unit)
    }

    /// Judges the unit's own period.
    async fn audit(&self, inv: &mut Invocation) -> Result<Option<(Change, Verdict)>, StoreError> {
        let (unit, policy) = (self.unit(), &self.rulebook.policy.audits);
        let name = self.evidence.look.clock;
        let Some(mut filing) = self.filing().await? else {
            return Ok(None);
        };
        let Some(stored) = filing.clock_of(unit, name).cloned() else {
            return Ok(None);
        };
        if stored.clock.next_audit_at != self.evidence.look.due {
            return Ok(None);
        }
        let mut change = Change::new();
        // A unit that lost its access meanwhile sleeps, and late evidence does not wake it.
        if !filing.filing.has_access(unit) {
            filing.put_clock_of(&mut change, (unit, name), &stored.clock, false, inv.now)?;
            return Ok(Some((change, Verdict::Overtaken)));
        }
        if !self.is_of_these_facts(&filing) {
            let mut clock = stored.clock.clone();
            clock.next_audit_at = inv.now + policy.overtaken_again();
            filing.put_clock_of(&mut change, (unit, name), &clock, true, inv.now)?;
            return Ok(Some((change, Verdict::Overtaken)));
        }
        // The unit's case stands on its audit clock, whichever clock's look found what it holds.
        let open = filing
            .clock(unit)
            .and_then(|stored| stored.clock.open_case.as_ref());
        let case = match open {
            Some(case) => self.store.case(case).await?,
            None => None,
        };
        let outcomes = self.without_off(&filing, self.outcomes(&filing)).await?;
        let judged = Judged {
            look: &self.evidence.look.id,
            begun_at: self.evidence.begun_at,
            vantage: &self.evidence.look.plan.vantage,
            heard: Heard::of(self.evidence, &self.rulebook.vantages),
            vantages: &self.rulebook.vantages,
            clock: name,
            outcomes: &outcomes,
        };
        let in_case = |rule: &Rule, object: &Object| {
            case.as_ref()
                .is_some_and(|stored| stored.case.holds(rule.code, object))
        };
        let judgement = stored.clock.judge(unit, &judged, in_case, policy);
        self.count_undecided(&mut change, &filing, &outcomes, inv);
        match judgement.people {
            People::AsBefore => {}
            People::Look => ReviewItem {
                unit: unit.clone(),
                clock: name,
                rules: rules_for_people(&outcomes),
                asked_at: inv.now,
                since: Some(stored.clock.undecided_since(self.evidence.begun_at)),
                doubts: doubts(&outcomes),
            }
            .put(&mut change)?,
            People::NoMore => ReviewItem::remove(&mut change, unit, name),
        }
        if judgement.confirmed.is_empty() && judgement.observed.is_empty() {
            let mut clock = judgement.clock;
            if let Some(case) = case {
                self.clear_untold(&mut change, &mut filing, &mut clock, case, &outcomes, inv)?;
            }
            filing.put_clock_of(&mut change, (unit, name), &clock, true, inv.now)?;
            if judgement.suspected {
                let until = inv.now + policy.evidence_kept();
                filing.put_evidence(&mut change, &self.kept(&outcomes), until)?;
            }
            let verdict = match (judgement.suspected, judgement.undecided) {
                (true, _) => Verdict::Suspected,
                (false, true) => Verdict::Undecided,
                (false, false) => Verdict::Clean,
            };
            return Ok(Some((change, verdict)));
        }
        self.confirmed(change, filing, case, judgement, &outcomes, inv)
            .await
            .map(Some)
    }

    fn count_undecided(
        &self,
        change: &mut Change,
        filing: &StoredFiling,
        outcomes: &Outcomes,
        inv: &Invocation,
    ) {
        let undecided = Tally {
            broken: 0,
            undecided: 1,
        };
        for rule in undecided_rules(outcomes) {
            self.count(change, filing, rule, undecided, inv);
        }
    }

    /// Counts what a rule said of the unit, for the rule's day.
    fn count(
        &self,
        change: &mut Change,
        filing: &StoredFiling,
        rule: &str,
        tally: Tally,
        inv: &Invocation,
    ) {
        let province = filing.filing.province();
        let run = (rule, local_date(inv.now));
        count_outcome(change, run, province, self.evidence.look.id.as_str(), tally);
    }
}

/// Codes of the rules that could not decide, each once, in order.
fn undecided_rules(outcomes: &Outcomes) -> impl Iterator<Item = &'static str> {
    let undecided = outcomes
        .iter()
        .filter(|(_, _, outcome)| matches!(outcome, Outcome::Undecided(_)));
    let codes: BTreeSet<&'static str> = undecided.map(|(rule, _, _)| rule.code).collect();
    codes.into_iter()
}

/// What people are asked, thing by thing, with what was seen.
fn doubts(outcomes: &Outcomes) -> Vec<Doubt> {
    let wanted = outcomes.iter().filter_map(|(rule, object, outcome)| {
        let seen = match outcome {
            Outcome::ForPeople(basis) => basis.clone(),
            Outcome::Undecided(why) => why.text(),
            Outcome::Kept
            | Outcome::Broken(_)
            | Outcome::BrokenByPeople(_)
            | Outcome::NotApplicable(_) => return None,
        };
        Some(Doubt {
            rule: rule.code.to_owned(),
            object: object.clone(),
            seen,
        })
    });
    wanted.collect()
}

/// Codes of the rules that want people, each once, in order.
fn rules_for_people(outcomes: &Outcomes) -> Vec<String> {
    let doubts = doubts(outcomes);
    let codes: BTreeSet<String> = doubts.into_iter().map(|doubt| doubt.rule).collect();
    codes.into_iter().collect()
}

fn broken(outcomes: &Outcomes) -> Vec<(String, Object, Text)> {
    outcomes
        .iter()
        .filter_map(|(rule, object, outcome)| match outcome {
            Outcome::Broken(basis) | Outcome::BrokenByPeople(basis) => {
                Some((rule.code.to_owned(), object.clone(), basis.clone()))
            }
            Outcome::Kept
            | Outcome::ForPeople(_)
            | Outcome::Undecided(_)
            | Outcome::NotApplicable(_) => None,
        })
        .collect()
}

/// Takes a closed case off its unit's clock.
pub(crate) fn close(
    change: &mut Change,
    filing: &StoredFiling,
    case: &Case,
    now: jiff::Timestamp,
) -> Result<(), StoreError> {
    let Some(stored) = filing.clock(&case.unit) else {
        return Ok(());
    };
    if stored.clock.open_case.as_ref() != Some(&case.id) {
        return Ok(());
    }
    let mut clock = stored.clock.clone();
    clock.open_case = None;
    let live = filing.filing.has_access(&case.unit);
    filing.put_clock(change, &case.unit, &clock, live, now)
}
