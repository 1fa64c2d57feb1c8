//! A unit's audit clock: when it is looked at, what is suspected, what was undecided.
//!
//! **Invariant:** a broken look becomes a suspicion; only a second one, from another vantage and
//! apart in time, is confirmed. An undecided look changes neither.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::command::hashed;
use crate::finding::{BroughtBy, Object};
use crate::ids::{CaseId, LookId, UnitId, VantageId};
use crate::rulebook::Level;
use crate::rulebook::policy::Audits;
use crate::rules::{Outcome, Rule};

/// The audit clock of a unit. Under 1 KB, so that a clean audit is one small write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditClock {
    /// Moves with every change of what a plan carries.
    pub facts_revision: u64,
    /// The next look.
    pub next_audit_at: Timestamp,
    /// The next look of the regular period, kept while a suspicion or doubt calls for earlier ones.
    pub regular_at: Timestamp,
    /// Broken looks that wait to be confirmed.
    pub suspicions: Vec<Suspicion>,
    /// Undecided looks in a row.
    pub undecided: Option<UndecidedRun>,
    /// The unit's open case.
    pub open_case: Option<CaseId>,
    /// Whether people are asked to look, since machines stayed undecided.
    pub people_asked: bool,
}

/// A broken look that waits to be confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Suspicion {
    /// The rule's code.
    pub rule: String,
    /// What is at fault.
    pub object: Object,
    /// The look.
    pub look: LookId,
    /// When it began.
    pub begun_at: Timestamp,
    /// Where from.
    pub vantage: VantageId,
}

/// Undecided looks in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UndecidedRun {
    /// When the first of them was made.
    pub since: Timestamp,
    /// How many.
    pub looks: u32,
}

/// One look that is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged<'a> {
    /// The look.
    pub look: &'a LookId,
    /// When it began.
    pub begun_at: Timestamp,
    /// Where from.
    pub vantage: &'a VantageId,
    /// What every rule says of every object.
    pub outcomes: &'a [(&'static Rule, Object, Outcome)],
}

/// What a judged look comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The clock after it.
    pub clock: AuditClock,
    /// Broken outcomes that are confirmed now.
    pub confirmed: Vec<Confirmed>,
    /// Whether the evidence must be kept for a later look to confirm.
    pub suspected: bool,
    /// Whether any rule could not be decided.
    pub undecided: bool,
    /// What people are to do about it.
    pub people: People,
}

/// What a judged look asks of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum People {
    /// Nothing that they were not asked before.
    AsBefore,
    /// To look for themselves: machines stayed undecided, or saw what they are unsure of.
    Look,
    /// Nothing any more: a machine could decide.
    NoMore,
}

/// A confirmed broken outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// The rule.
    pub rule: &'static Rule,
    /// What is at fault.
    pub object: Object,
    /// The looks that found it, the earlier first.
    pub looks: Vec<LookId>,
    /// What brought the fact: the rule's own source, or people where machines could not decide.
    pub brought_by: BroughtBy,
}

impl AuditClock {
    /// The clock of a unit that was filed at `now`: the first audit comes within the first period,
    /// spread by the unit's hash.
    pub fn started(unit: &UnitId, now: Timestamp, policy: &Audits) -> Self {
        let first = now + jitter(unit, policy.period());
        Self {
            facts_revision: 1,
            next_audit_at: first,
            regular_at: first,
            suspicions: Vec::new(),
            undecided: None,
            open_case: None,
            people_asked: false,
        }
    }

    /// The clock after a look. `in_case` tells which faults the unit's open case already holds.
    pub fn judge(
        &self,
        unit: &UnitId,
        judged: &Judged<'_>,
        in_case: impl Fn(&Rule, &Object) -> bool,
        policy: &Audits,
    ) -> Judgement {
        let mut suspicions = Vec::new();
        let mut confirmed = Vec::new();
        let mut undecided = false;
        let mut for_people = false;
        for (rule, object, outcome) in judged.outcomes {
            let before = self
                .suspicions
                .iter()
                .find(|suspicion| suspicion.rule == rule.code && suspicion.object == *object);
            match outcome {
                Outcome::Kept | Outcome::NotApplicable(_) => {}
                Outcome::ForPeople(_) => for_people = true,
                // What could not be seen neither clears nor confirms a suspicion.
                Outcome::Undecided(_) => {
                    undecided = true;
                    suspicions.extend(before.cloned());
                }
                Outcome::Broken(_) | Outcome::BrokenByPeople(_) if in_case(rule, object) => {}
                // Whoever decided saw it: one reading suffices.
                Outcome::BrokenByPeople(_) => confirmed.push(Confirmed {
                    rule,
                    object: object.clone(),
                    looks: vec![judged.look.clone()],
                    brought_by: BroughtBy::Files,
                }),
                Outcome::Broken(_) => match confirm(rule, before, judged, policy) {
                    Some(looks) => {
                        confirmed.push(Confirmed {
                            rule,
                            object: object.clone(),
                            looks,
                            brought_by: rule.brought_by,
                        });
                    }
                    None => suspicions.push(before.cloned().unwrap_or_else(|| Suspicion {
                        rule: rule.code.to_owned(),
                        object: object.clone(),
                        look: judged.look.clone(),
                        begun_at: judged.begun_at,
                        vantage: judged.vantage.clone(),
                    })),
                },
            }
        }
        let run = undecided.then(|| UndecidedRun {
            since: self.undecided.map_or(judged.begun_at, |run| run.since),
            looks: self.undecided.map_or(0, |run| run.looks) + 1,
        });
        let given_up = run.is_some_and(|run| {
            policy.undecided_staff_after_looks <= run.looks
                && run.since + policy.undecided_staff_after() <= judged.begun_at
        });
        let regular_at = self.regular_after(judged.begun_at, policy);
        let next_audit_at = next_look(
            unit,
            &suspicions,
            run.filter(|_| !given_up),
            judged,
            regular_at,
            policy,
        );
        let suspected = suspicions
            .iter()
            .any(|suspicion| suspicion.look == *judged.look);
        let people = match (given_up, for_people, undecided) {
            (true, _, _) => People::Look,
            (false, true, _) if !self.people_asked => People::Look,
            (false, false, false) if self.people_asked => People::NoMore,
            (false, true | false, true | false) => People::AsBefore,
        };
        let clock = Self {
            people_asked: match people {
                People::Look => true,
                People::NoMore => false,
                People::AsBefore => self.people_asked,
            },
            next_audit_at,
            regular_at,
            suspicions,
            undecided: run.filter(|_| !given_up),
            ..self.clone()
        };
        Judgement {
            clock,
            confirmed,
            suspected,
            undecided,
            people,
        }
    }

    /// Vantages that a confirming look must not use.
    pub fn suspected_from(&self) -> Vec<&VantageId> {
        self.suspicions
            .iter()
            .map(|suspicion| &suspicion.vantage)
            .collect()
    }

    /// Since when machines cannot decide, where the look of `at` could not.
    pub fn undecided_since(&self, at: Timestamp) -> Timestamp {
        self.undecided.map_or(at, |run| run.since)
    }

    fn regular_after(&self, at: Timestamp, policy: &Audits) -> Timestamp {
        let mut regular = self.regular_at;
        while regular <= at {
            regular += policy.period();
        }
        regular
    }
}

/// The looks that confirm a broken outcome, if it is confirmed.
///
/// | brought by | earlier look | from another vantage | apart | outcome |
/// |---|---|---|---|---|
/// | rows, files | - | - | - | confirmed by one reading |
/// | looks | none | - | - | suspicion |
/// | looks | broken | no | - | suspicion stays |
/// | looks | broken | yes | no | suspicion stays |
/// | looks | broken | yes | yes | confirmed by both |
///
/// A rule whose findings are counted at most is told to nobody: one look suffices, and no other is
/// made for it.
fn confirm(
    rule: &Rule,
    before: Option<&Suspicion>,
    judged: &Judged<'_>,
    policy: &Audits,
) -> Option<Vec<LookId>> {
    let apart = policy.confirmation_apart();
    if rule.most <= Level::Observe {
        return Some(vec![judged.look.clone()]);
    }
    match (rule.brought_by, before) {
        (BroughtBy::Rows | BroughtBy::Files, _) => Some(vec![judged.look.clone()]),
        (BroughtBy::Looks, Some(first))
            if first.vantage != *judged.vantage && first.begun_at + apart <= judged.begun_at =>
        {
            Some(vec![first.look.clone(), judged.look.clone()])
        }
        (BroughtBy::Looks, Some(_) | None) => None,
    }
}

fn next_look(
    unit: &UnitId,
    suspicions: &[Suspicion],
    undecided: Option<UndecidedRun>,
    judged: &Judged<'_>,
    regular_at: Timestamp,
    policy: &Audits,
) -> Timestamp {
    let apart = policy.confirmation_apart();
    let confirming = suspicions
        .iter()
        .map(|suspicion| suspicion.begun_at + apart + jitter(unit, policy.confirmation_jitter()))
        .map(|at| at.max(judged.begun_at + RETRY_AT_ONCE))
        .min();
    let retry = undecided.map(|run| judged.begun_at + policy.undecided_back_off(run.looks));
    // A doubt on top of a suspicion waits for the doubt's own back-off.
    retry
        .or(confirming)
        .map_or(regular_at, |at| at.min(regular_at))
}

/// A suspicion from a vantage that must change is looked at again soon, but not at once.
const RETRY_AT_ONCE: SignedDuration = SignedDuration::from_mins(5);

/// A fixed share of `span` for this unit: the same each time, even over many units.
fn jitter(unit: &UnitId, span: SignedDuration) -> SignedDuration {
    let hash = hashed("jitter", &[&unit.to_string()]);
    let share = u64::from_str_radix(hash.get(..8).unwrap_or("0"), 16).unwrap_or_default();
    let seconds = u64::try_from(span.as_secs()).unwrap_or_default();
    SignedDuration::from_secs(
        i64::try_from(share * seconds / (u64::from(u32::MAX) + 1)).unwrap_or_default(),
    )
}
