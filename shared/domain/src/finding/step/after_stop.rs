//! The steps by which a finding falls, or what was stopped on it comes back.

use jiff::Timestamp;

use super::{StepRefused, closed};
use crate::finding::{Decision, Finding, FindingState, Objection, Why};
use crate::rulebook::Rulebook;
use crate::rulebook::calendar::{end_of, local_date};

/// Until when a stop may be objected to: the end of so many working days after it.
pub(crate) fn objection_until(stopped_at: Timestamp, rulebook: &Rulebook) -> Timestamp {
    let days = rulebook.policy.cases.objection_working_days;
    let last = rulebook
        .calendar
        .add_working_days(local_date(stopped_at), days);
    end_of(last)
}

pub(super) fn object(
    finding: Finding,
    reason: String,
    now: Timestamp,
    rulebook: &Rulebook,
) -> Result<Finding, StepRefused> {
    match finding.state {
        FindingState::Stopped { .. } if finding.is_to_stop_now() => Err(StepRefused::BureausOrder),
        FindingState::Stopped {
            objection: Some(_), ..
        } => Err(StepRefused::AlreadyObjected),
        FindingState::Stopped { stopped_at, .. }
            if objection_until(stopped_at, rulebook) <= now =>
        {
            let days = rulebook.policy.cases.objection_working_days;
            Err(StepRefused::ObjectionTooLate(days))
        }
        FindingState::Stopped { stopped_at, .. } => Ok(Finding {
            state: FindingState::Stopped {
                stopped_at,
                objection: Some(Objection {
                    objected_at: now,
                    reason,
                    decision: None,
                }),
            },
            ..finding
        }),
        FindingState::Open
        | FindingState::LastLook { .. }
        | FindingState::Condemned { .. }
        | FindingState::Stopping { .. }
        | FindingState::Reinstating { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.name())),
    }
}

pub(super) fn decide_objection(
    finding: Finding,
    decision: Decision,
    now: Timestamp,
) -> Result<Finding, StepRefused> {
    if !finding.is_under_objection() {
        return Err(StepRefused::NoObjection);
    }
    match finding.state {
        FindingState::Stopped { .. } if decision.granted => {
            Ok(give_back(finding, Why::ObjectionUpheld, now))
        }
        FindingState::Stopped {
            stopped_at,
            objection,
        } => Ok(Finding {
            state: FindingState::Stopped {
                stopped_at,
                objection: objection.map(|objection| Objection {
                    decision: Some(decision),
                    ..objection
                }),
            },
            ..finding
        }),
        FindingState::Open
        | FindingState::LastLook { .. }
        | FindingState::Condemned { .. }
        | FindingState::Stopping { .. }
        | FindingState::Reinstating { .. }
        | FindingState::Closed { .. } => Err(StepRefused::NoObjection),
    }
}

/// What is stopped, or is being stopped, begins to be given back.
pub(super) fn give_back(finding: Finding, why: Why, now: Timestamp) -> Finding {
    Finding {
        state: FindingState::Reinstating {
            reinstating_at: now,
            why,
        },
        recheck: None,
        ..finding
    }
}

pub(super) fn given_back(finding: Finding, now: Timestamp) -> Result<Finding, StepRefused> {
    match finding.state {
        FindingState::Reinstating { why, .. } => Ok(closed(finding, why, now)),
        FindingState::Open
        | FindingState::LastLook { .. }
        | FindingState::Condemned { .. }
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.name())),
    }
}

pub(super) fn void(finding: Finding, now: Timestamp) -> Result<Finding, StepRefused> {
    match finding.state {
        FindingState::Open | FindingState::LastLook { .. } | FindingState::Condemned { .. } => {
            Ok(closed(finding, Why::Void, now))
        }
        FindingState::Stopping { .. } | FindingState::Stopped { .. } => {
            Ok(give_back(finding, Why::Void, now))
        }
        FindingState::Reinstating { .. } | FindingState::Closed { .. } => {
            Err(StepRefused::State(finding.state.name()))
        }
    }
}

/// What was not yet stopped falls; a stop that was made stands until people take it back.
pub(super) fn exempt(finding: Finding, now: Timestamp) -> Result<Finding, StepRefused> {
    super::open_to_the_filer(&finding).map(|()| closed(finding, Why::Exempt, now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::testing::finding;

    #[test]
    fn a_stop_may_be_objected_to_for_ten_working_days() {
        let rulebook = Rulebook::shipped().unwrap();
        let stopped = Finding {
            state: FindingState::Stopped {
                stopped_at: "2026-03-11T03:00:00Z".parse().unwrap(),
                objection: None,
            },
            ..finding()
        };
        // Ten working days after Wednesday the 11th is Wednesday the 25th, in Shanghai.
        for (at, open) in [
            ("2026-03-11T03:00:00Z", true),
            ("2026-03-25T15:59:59Z", true),
            ("2026-03-25T16:00:00Z", false),
        ] {
            let objected = object(
                stopped.clone(),
                String::new(),
                at.parse().unwrap(),
                &rulebook,
            );
            assert_eq!(objected.is_ok(), open, "{at}");
        }
    }
}
