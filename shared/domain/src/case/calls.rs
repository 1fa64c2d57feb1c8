//! Telephone calls (电话通知) by which staff tell a filer whom no notice reached.
//!
//! **Invariant:** a period never begins before the call that begins it, and two calls of one day, or
//! on a day off, are no two tries.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CallSlot, Case, StaffNeed};
use crate::Rulebook;
use crate::finding::{Event, Finding, StepRefused, step};
use crate::ids::{FindingId, PersonId, UserId};
use crate::reports::TelephoneSays;
use crate::rulebook::Calendar;
use crate::rulebook::calendar::local_date;

/// A call that staff recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// When it ended, which is when it was recorded.
    #[schema(value_type = String)]
    pub called_at: Timestamp,
    /// Who called; told to staff alone.
    #[schema(required = false)]
    pub by: UserId,
    /// The person who was called.
    pub person: PersonId,
    /// How it ended.
    pub outcome: CallOutcome,
    /// What the caller noted; nobody is named in it.
    #[serde(default)]
    pub note: Option<String>,
    /// The slot that the filer had chosen for it.
    #[serde(default)]
    pub slot: Option<CallSlot>,
    /// Findings that were held then: nobody spoke of them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schema(value_type = Vec<FindingId>)]
    pub held: BTreeSet<FindingId>,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CallOutcome {
    /// 本人接听: the person was spoken to, and told.
    IsThePerson,
    /// 非本人接听: somebody else answered.
    IsAnother,
    /// 不知晓备案: the person was spoken to, and does not know of the filing.
    DoesNotKnow,
    /// 无人接听.
    NoAnswer,
    /// 关机.
    SwitchedOff,
    /// 空号.
    NoSuchNumber,
}

impl CallOutcome {
    /// Whether the person was told by the call.
    pub fn is_told(self) -> bool {
        match self {
            Self::IsThePerson => true,
            Self::IsAnother
            | Self::DoesNotKnow
            | Self::NoAnswer
            | Self::SwitchedOff
            | Self::NoSuchNumber => false,
        }
    }

    /// What it reports of the person's telephone.
    pub fn says(self) -> TelephoneSays {
        match self {
            Self::IsThePerson => TelephoneSays::IsThePerson,
            Self::IsAnother => TelephoneSays::IsAnother,
            Self::DoesNotKnow => TelephoneSays::DoesNotKnow,
            Self::NoAnswer => TelephoneSays::NoAnswer,
            Self::SwitchedOff => TelephoneSays::SwitchedOff,
            Self::NoSuchNumber => TelephoneSays::NoSuchNumber,
        }
    }
}

/// Calls on different working days after which a finding counts as told, though nobody answered.
///
/// Source: behaviour of this service, part 4 (the period runs from the second of two recorded calls
/// on two working days).
const UNANSWERED_CALLS: usize = 2;

impl Case {
    /// The case after a call. Whoever was reached is told of every finding but those that are held; where nobody was, the
    /// period of a finding begins with the second working day on which staff tried since it joined.
    pub fn with_call(mut self, call: Call, rulebook: &Rulebook) -> Result<Self, StepRefused> {
        let (now, held) = (call.called_at, call.held.clone());
        let slot = self.answered_slot(&call.person);
        self.calls.push(Call { slot, ..call });
        let calls = std::mem::take(&mut self.calls);
        let told = |finding: &Finding| {
            let since = calls
                .iter()
                .filter(|call| finding.joined_at <= call.called_at)
                .filter(|call| !call.held.contains(&finding.id));
            since.clone().any(|call| call.outcome.is_told())
                || UNANSWERED_CALLS <= working_days_of(since, &rulebook.calendar)
        };
        for finding in &mut self.findings {
            if finding.waits_to_be_told() && !held.contains(&finding.id) && told(finding) {
                *finding = step(finding.clone(), Event::Noticed, now, rulebook)?;
            }
        }
        self.calls = calls;
        // Of what is held nobody is to be called.
        let mut findings = self.findings.iter();
        let untold =
            findings.any(|finding| finding.waits_to_be_told() && !held.contains(&finding.id));
        if let (Some(StaffNeed::NobodyReached(_)), false) = (self.needs_staff, untold) {
            self.needs_staff = self.waiting();
        }
        Ok(self)
    }
}

fn working_days_of<'a>(calls: impl Iterator<Item = &'a Call>, calendar: &Calendar) -> usize {
    let days: BTreeSet<_> = calls.map(|call| local_date(call.called_at)).collect();
    days.into_iter()
        .filter(|day| calendar.is_working_day(*day))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::CaseNumber;
    use crate::finding::testing::finding;
    use crate::ids::UnitId;

    fn call(at: &str, reached: bool) -> Call {
        Call {
            called_at: at.parse().unwrap(),
            by: "u1".parse().unwrap(),
            person: "p1".parse().unwrap(),
            outcome: if reached {
                CallOutcome::IsThePerson
            } else {
                CallOutcome::NoAnswer
            },
            note: None,
            slot: None,
            held: BTreeSet::new(),
        }
    }

    #[test]
    fn a_call_during_which_a_finding_was_held_says_nothing_of_it_afterwards() {
        let rulebook = Rulebook::shipped().unwrap();
        let held = BTreeSet::from([finding().id]);
        let mut case = open_case();
        for (at, reached, held) in [
            ("2026-03-05T02:00:00Z", true, held),
            ("2026-03-06T02:00:00Z", false, BTreeSet::new()),
        ] {
            let call = Call {
                held,
                ..call(at, reached)
            };
            case = case.with_call(call, &rulebook).unwrap();
        }
        assert_eq!(case.findings[0].notified_at, None);
        let told = case.with_call(call("2026-03-09T02:00:00Z", false), &rulebook);
        assert!(told.unwrap().findings[0].notified_at.is_some());
    }

    fn open_case() -> Case {
        let id = "c1".parse().unwrap();
        Case {
            number: CaseNumber::of_attempt(&id, 0),
            id,
            unit: UnitId::of_subject("s1".parse().unwrap()),
            account: "a1".parse().unwrap(),
            opened_at: "2026-03-02T02:00:00Z".parse().unwrap(),
            findings: vec![finding()],
            needs_staff: Some(StaffNeed::NobodyReached(
                "2026-03-05T01:00:00Z".parse().unwrap(),
            )),
            calls: Vec::new(),
            call_slot: None,
        }
    }

    fn notified(calls: &[(&str, bool)]) -> Option<String> {
        let rulebook = Rulebook::shipped().unwrap();
        let mut case = open_case();
        for (at, reached) in calls {
            case = case.with_call(call(at, *reached), &rulebook).unwrap();
        }
        assert_eq!(case.calls.len(), calls.len());
        let told = case.findings[0].notified_at;
        assert_eq!(case.needs_staff.is_none(), told.is_some());
        told.map(|at| at.to_string())
    }

    #[test]
    fn who_is_reached_is_told_by_that_call() {
        let told = notified(&[("2026-03-05T02:00:00Z", true)]);
        assert_eq!(told.as_deref(), Some("2026-03-05T02:00:00Z"));
    }

    #[test]
    fn two_working_days_of_trying_begin_the_period_and_two_calls_of_one_day_do_not() {
        let thursday = ("2026-03-05T02:00:00Z", false);
        let later = ("2026-03-05T09:00:00Z", false);
        let saturday = ("2026-03-07T02:00:00Z", false);
        let monday = ("2026-03-09T02:00:00Z", false);
        assert_eq!(notified(&[thursday, later]), None);
        assert_eq!(notified(&[thursday, saturday]), None);
        let told = notified(&[thursday, saturday, monday]);
        assert_eq!(told.as_deref(), Some("2026-03-09T02:00:00Z"));
    }

    #[test]
    fn a_call_before_a_finding_joined_tells_nothing_of_it() {
        assert_eq!(notified(&[("2026-03-01T02:00:00Z", true)]), None);
    }
}
