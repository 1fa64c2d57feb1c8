//! A unit's clocks: when it is looked at, what is suspected, what was undecided.
//!
//! **Invariant:** a broken look becomes a suspicion; only a second one, from another vantage and
//! apart in time, is confirmed. An undecided look changes neither.

mod outcomes;
mod silence;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::command::hashed;
use crate::finding::{BroughtBy, Object};
use crate::ids::{CaseId, LookId, UnitId, VantageId};
use crate::look::Failure;
use crate::rulebook::Vantages;
use crate::rulebook::policy::Audits;
use crate::rules::{Outcome, Rule, Undecided, rule};

use self::outcomes::Sorted;
pub(crate) use self::outcomes::confirm;
pub use self::silence::{Heard, Silence};

/// Which of a unit's clocks.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ClockName {
    /// The audit clock, which every unit has.
    #[default]
    Audit,
    /// The holder clock, which a service has beside it: of rules that read registrations.
    Holder,
}

impl ClockName {
    /// Whether it is the audit clock.
    pub fn is_audit(&self) -> bool {
        *self == Self::Audit
    }

    /// Time between two regular looks.
    fn period(self, policy: &Audits) -> SignedDuration {
        match self {
            Self::Audit => policy.period(),
            Self::Holder => policy.holder_period(),
        }
    }
}

/// A clock of a unit. Under 1 KB, so that a clean audit is one small write.
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
    /// Time-outs in a row that are the site's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<Silence>,
    /// The unit's open case. The audit clock names it, whichever clock's look opened it.
    pub open_case: Option<CaseId>,
    /// Whether people are asked to look, since machines stayed undecided.
    pub people_asked: bool,
    /// Confirmed faults of which nobody is told, since their rules' levels are below `notify`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observed: Vec<Observed>,
}

/// A confirmed fault of which nobody is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Observed {
    /// The rule's code.
    pub rule: String,
    /// What is at fault.
    pub object: Object,
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

impl Suspicion {
    /// What a first broken look makes one suspect.
    pub(crate) fn of(rule: &Rule, object: &Object, judged: &Judged<'_>) -> Self {
        Self {
            rule: rule.code.to_owned(),
            object: object.clone(),
            look: judged.look.clone(),
            begun_at: judged.begun_at,
            vantage: judged.vantage.clone(),
        }
    }
}

/// Undecided looks in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UndecidedRun {
    /// When the first of them was made.
    #[schema(value_type = String)]
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
    /// What was heard of the home page.
    pub heard: Heard<'a>,
    /// From where looks are made.
    pub vantages: &'a Vantages,
    /// The clock that it was made for.
    pub clock: ClockName,
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
    /// Broken outcomes that were confirmed before, and of which nobody was told.
    pub observed: Vec<Confirmed>,
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
    pub fn started(unit: &UnitId, name: ClockName, now: Timestamp, policy: &Audits) -> Self {
        let first = now + jitter(unit, name.period(policy));
        Self {
            facts_revision: 1,
            next_audit_at: first,
            regular_at: first,
            suspicions: Vec::new(),
            undecided: None,
            silence: None,
            open_case: None,
            people_asked: false,
            observed: Vec::new(),
        }
    }

    /// The clock of a unit that has access again: what was suspected before says nothing of now.
    #[must_use]
    pub fn woken(self, now: Timestamp) -> Self {
        let next_audit_at = self.next_audit_at.max(now);
        Self {
            suspicions: Vec::new(),
            undecided: None,
            next_audit_at,
            regular_at: self.regular_at.max(next_audit_at),
            ..self
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
        let Sorted {
            suspicions,
            confirmed,
            observed,
            undecided,
            mut for_people,
        } = self.sorted(judged, in_case, policy);
        let run = undecided.then(|| UndecidedRun {
            since: self.undecided.map_or(judged.begun_at, |run| run.since),
            looks: self.undecided.map_or(0, |run| run.looks) + 1,
        });
        let given_up = run.is_some_and(|run| {
            policy.undecided_staff_after_looks <= run.looks
                && run.since + policy.undecided_staff_after() <= judged.begun_at
        });
        let silence = judged.heard.after(self.silence.clone(), judged.begun_at);
        let is_silent = silence
            .as_ref()
            .is_some_and(|silence| silence.is_whole(judged.begun_at, policy));
        for_people |= is_silent;
        let regular_at = self.regular_after(judged.begun_at, judged.clock.period(policy));
        let mut retry = run
            .filter(|_| !given_up)
            .map(|run| judged.begun_at + policy.undecided_back_off(run.looks));
        if silence.is_some() && !is_silent {
            let soon = judged.begun_at + silence::apart(policy);
            retry = retry.map(|retry| retry.min(soon));
        }
        let next_audit_at = next_look(unit, &suspicions, retry, judged, regular_at, policy);
        // Who said when to come again is not asked before.
        let next_audit_at = next_audit_at.max(throttled_until(judged).unwrap_or(next_audit_at));
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
            observed: self.still_observed(judged.outcomes),
            silence,
            ..self.clone()
        };
        Judgement {
            clock,
            confirmed,
            observed,
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

    fn regular_after(&self, at: Timestamp, period: SignedDuration) -> Timestamp {
        let mut regular = self.regular_at;
        while regular <= at {
            regular += period;
        }
        regular
    }
}

/// When the last of those who may not be asked yet may be asked again.
fn throttled_until(judged: &Judged<'_>) -> Option<Timestamp> {
    let outcomes = judged.outcomes.iter();
    let until = outcomes.filter_map(|(_, _, outcome)| {
        if let Outcome::Undecided(Undecided::LookFailed(Failure::Throttled { until })) = outcome {
            Some(*until)
        } else {
            None
        }
    });
    until.max()
}

fn next_look(
    unit: &UnitId,
    suspicions: &[Suspicion],
    retry: Option<Timestamp>,
    judged: &Judged<'_>,
    regular_at: Timestamp,
    policy: &Audits,
) -> Timestamp {
    let apart = policy.confirmation_apart();
    let confirmable = |suspicion: &&Suspicion| {
        let rule = rule(&suspicion.rule);
        rule.is_some_and(|rule| rule.can_confirm(&suspicion.vantage, judged.vantages))
    };
    let confirming = suspicions
        .iter()
        .filter(confirmable)
        .map(|suspicion| suspicion.begun_at + apart + jitter(unit, policy.confirmation_jitter()))
        .map(|at| at.max(judged.begun_at + RETRY_AT_ONCE))
        .min();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Text;
    use crate::finding::Object;
    use crate::rulebook::vantages::for_tests;
    use crate::rules::rule;

    const FIRST: &str = "2026-03-02T02:00:00Z";

    fn unit() -> UnitId {
        UnitId::of_service("s1".parse().unwrap(), "1".parse().unwrap())
    }

    fn clock(name: ClockName) -> AuditClock {
        AuditClock {
            next_audit_at: FIRST.parse().unwrap(),
            regular_at: FIRST.parse().unwrap(),
            ..AuditClock::started(&unit(), name, FIRST.parse().unwrap(), &Audits::default())
        }
    }

    /// What the clock comes to after a look from a vantage at an instant.
    fn after(clock: &AuditClock, code: &str, at: &str, from: &str, outcome: Outcome) -> Judgement {
        let rule = rule(code).unwrap();
        let judged = Judged {
            look: &LookId::derived("look", &[at]),
            begun_at: at.parse().unwrap(),
            vantage: &from.parse().unwrap(),
            heard: Heard::Unknown,
            vantages: &for_tests(),
            clock: rule.clock(),
            outcomes: &[(rule, Object::Service, outcome)],
        };
        clock.judge(&unit(), &judged, |_, _| false, &Audits::default())
    }

    fn broken() -> Outcome {
        Outcome::Broken(Text::new("坏", "broken"))
    }

    #[test]
    fn two_looks_confirm_apart_in_time_and_but_for_registrations_in_place() {
        for (code, at, from, expected) in [
            ("ICP-402", "2026-03-02T02:59:59Z", "south", false),
            ("ICP-402", "2026-03-02T03:00:00Z", "south", true),
            ("ICP-402", "2026-03-02T03:00:00Z", "north", false),
            ("ICP-509", "2026-03-02T02:59:59Z", "south", false),
            ("ICP-509", "2026-03-02T02:59:59Z", "north", false),
            ("ICP-509", "2026-03-02T03:00:00Z", "north", true),
            ("ICP-509", "2026-03-02T03:00:00Z", "south", true),
        ] {
            let name = rule(code).unwrap().clock();
            let first = after(&clock(name), code, FIRST, "north", broken());
            assert!(first.suspected && first.confirmed.is_empty());
            let second = after(&first.clock, code, at, from, broken());
            let confirmed = second.confirmed.iter().map(|found| found.looks.len());
            let confirmed: Vec<usize> = confirmed.collect();
            let expected = if expected { vec![2] } else { vec![] };
            assert_eq!(confirmed, expected, "{code} {at} {from}");
        }
    }

    #[test]
    fn each_clock_has_its_own_period() {
        for (code, expected) in [
            ("ICP-402", "2026-04-01T02:00:00Z"),
            ("ICP-509", "2026-05-31T02:00:00Z"),
        ] {
            let name = rule(code).unwrap().clock();
            let clean = after(&clock(name), code, FIRST, "north", Outcome::Kept);
            assert_eq!(clean.clock.next_audit_at.to_string(), expected, "{code}");
        }
    }

    #[test]
    fn who_said_when_to_come_again_is_not_asked_before() {
        let undecided = |until: &str| {
            let until = until.parse().unwrap();
            Outcome::Undecided(Undecided::LookFailed(Failure::Throttled { until }))
        };
        for (until, expected) in [
            ("2026-03-02T02:00:01Z", "2026-03-02T03:00:00Z"),
            ("2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z"),
        ] {
            let holder = clock(ClockName::Holder);
            let judged = after(&holder, "ICP-509", FIRST, "north", undecided(until));
            assert!(judged.undecided && judged.confirmed.is_empty());
            assert_eq!(judged.clock.next_audit_at.to_string(), expected, "{until}");
        }
    }
}
