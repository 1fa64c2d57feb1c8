//! The steps by which a finding falls, or what was stopped on it comes back.

use jiff::Timestamp;

use super::{StepRefused, closed};
use crate::finding::{Decision, Finding, FindingState, MoveTo, Objection, Why};
use crate::rulebook::Rulebook;
use crate::rulebook::calendar::{end_of, local_date};

/// Until when a stop may be objected to: the end of so many working days after it.
fn objection_until(stopped_at: Timestamp, rulebook: &Rulebook) -> Timestamp {
    let days = rulebook.policy.cases.objection_working_days;
    let last = rulebook
        .calendar
        .add_working_days(local_date(stopped_at), days);
    end_of(last)
}

impl Finding {
    /// Until when its filer may still object to the stop.
    pub fn may_object_until(&self, now: Timestamp, rulebook: &Rulebook) -> Option<Timestamp> {
        match &self.state {
            FindingState::Stopped {
                stopped_at,
                objection: None,
                ..
            } if !self.is_to_stop_now() => {
                let until = objection_until(*stopped_at, rulebook);
                (now < until).then_some(until)
            }
            FindingState::Stopped { .. }
            | FindingState::Open
            | FindingState::LastLook { .. }
            | FindingState::Condemned { .. }
            | FindingState::Stopping { .. }
            | FindingState::Moving { .. }
            | FindingState::Reported { .. }
            | FindingState::Closed { .. } => None,
        }
    }
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
        FindingState::Stopped {
            stopped_at,
            report_refused_at,
            ..
        } => Ok(Finding {
            state: FindingState::Stopped {
                stopped_at,
                report_refused_at,
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
        | FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.text())),
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
            report_refused_at,
        } => Ok(Finding {
            state: FindingState::Stopped {
                stopped_at,
                report_refused_at,
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
        | FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => Err(StepRefused::NoObjection),
    }
}

/// What is stopped, or is being stopped, begins to be given back.
pub(super) fn give_back(finding: Finding, why: Why, now: Timestamp) -> Finding {
    moving(finding, MoveTo::GivenBack { why }, now)
}

fn moving(finding: Finding, to: MoveTo, now: Timestamp) -> Finding {
    Finding {
        state: FindingState::Moving { moving_at: now, to },
        recheck: None,
        ..finding
    }
}

/// All links are where they were to move to.
pub(super) fn moved(finding: Finding, now: Timestamp) -> Result<Finding, StepRefused> {
    let FindingState::Moving { to, .. } = finding.state else {
        return Err(StepRefused::State(finding.state.text()));
    };
    let state = match to {
        MoveTo::GivenBack { why } => return Ok(closed(finding, why, now)),
        MoveTo::Cancelled => return Ok(closed(finding, Why::Cancelled, now)),
        MoveTo::Reported { stopped_at } => FindingState::Reported {
            stopped_at,
            reported_at: now,
        },
        MoveTo::TakenBack { stopped_at } => FindingState::Stopped {
            stopped_at,
            objection: None,
            report_refused_at: Some(now),
        },
    };
    Ok(Finding { state, ..finding })
}

/// Nothing is reported while an objection waits, nor twice.
pub(super) fn begin_report(finding: Finding, now: Timestamp) -> Result<Finding, StepRefused> {
    let is_free = !finding.is_under_objection();
    match finding.state {
        FindingState::Stopped {
            stopped_at,
            report_refused_at: None,
            ..
        } if is_free => Ok(moving(finding, MoveTo::Reported { stopped_at }, now)),
        FindingState::Open
        | FindingState::LastLook { .. }
        | FindingState::Condemned { .. }
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.text())),
    }
}

/// What the bureau refused is reported again, as people have it.
pub(super) fn report_again(finding: Finding, now: Timestamp) -> Result<Finding, StepRefused> {
    match finding.state {
        FindingState::Stopped {
            stopped_at,
            report_refused_at: Some(_),
            ..
        } => Ok(moving(finding, MoveTo::Reported { stopped_at }, now)),
        FindingState::Open
        | FindingState::LastLook { .. }
        | FindingState::Condemned { .. }
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.text())),
    }
}

pub(super) fn report_answered(
    finding: Finding,
    cancelled: bool,
    now: Timestamp,
) -> Result<Finding, StepRefused> {
    let FindingState::Reported { stopped_at, .. } = finding.state else {
        return Err(StepRefused::NotReported);
    };
    let to = if cancelled {
        MoveTo::Cancelled
    } else {
        MoveTo::TakenBack { stopped_at }
    };
    Ok(moving(finding, to, now))
}

/// No link is left that was stopped on it: each was given back or ended by another cause.
pub(super) fn nothing_left(finding: Finding, now: Timestamp) -> Result<Finding, StepRefused> {
    match finding.state {
        FindingState::Stopped { .. }
        | FindingState::Moving { .. }
        | FindingState::Reported { .. } => Ok(closed(finding, Why::Overtaken, now)),
        FindingState::Open
        | FindingState::LastLook { .. }
        | FindingState::Condemned { .. }
        | FindingState::Stopping { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.text())),
    }
}

/// The bureau's record holds nothing of the unit any more.
pub(super) fn link_ended(finding: Finding, now: Timestamp) -> Result<Finding, StepRefused> {
    match finding.state {
        FindingState::Reported { .. }
        | FindingState::Moving {
            to: MoveTo::Cancelled,
            ..
        } => Ok(closed(finding, Why::Cancelled, now)),
        FindingState::Open
        | FindingState::LastLook { .. }
        | FindingState::Condemned { .. }
        | FindingState::Stopped { .. } => Ok(closed(finding, Why::Overtaken, now)),
        // Its own walk comes to it.
        FindingState::Stopping { .. }
        | FindingState::Moving { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.text())),
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
        // Only an order gives again what is with the bureau.
        FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.text())),
    }
}

/// What was not yet stopped falls; a stop that was made stands until people take it back.
pub(super) fn exempt(
    finding: Finding,
    until: Timestamp,
    now: Timestamp,
) -> Result<Finding, StepRefused> {
    if finding.demand.is_some() {
        return Err(StepRefused::BureausDate);
    }
    super::open_to_the_filer(&finding)?;
    let finding = Finding {
        exempt_until: Some(until),
        ..finding
    };
    Ok(closed(finding, Why::Exempt, now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::testing::finding;

    #[test]
    fn an_objection_is_decided_within_two_working_days_or_the_alarm_rings() {
        let rulebook = Rulebook::shipped().unwrap();
        let objected = Finding {
            state: FindingState::Stopped {
                stopped_at: "2026-03-11T03:00:00Z".parse().unwrap(),
                objection: Some(Objection {
                    objected_at: "2026-03-13T03:00:00Z".parse().unwrap(),
                    reason: String::new(),
                    decision: None,
                }),
                report_refused_at: None,
            },
            ..finding()
        };
        // Friday; two working days later is Tuesday, which ends at 16:00 UTC.
        for (at, overdue) in [
            ("2026-03-16T16:00:00Z", false),
            ("2026-03-17T15:59:59Z", false),
            ("2026-03-17T16:00:00Z", true),
        ] {
            let is = objected.is_decision_overdue(at.parse().unwrap(), &rulebook);
            assert_eq!(is, overdue, "{at}");
        }
        assert!(!finding().is_decision_overdue("2026-03-17T16:00:00Z".parse().unwrap(), &rulebook));
    }

    #[test]
    fn an_appeal_that_is_granted_after_the_stop_gives_access_back() {
        let rulebook = Rulebook::shipped().unwrap();
        let now = "2026-03-13T03:00:00Z".parse().unwrap();
        let stopped = Finding {
            state: FindingState::Stopped {
                stopped_at: "2026-03-11T03:00:00Z".parse().unwrap(),
                objection: None,
                report_refused_at: None,
            },
            appeals: vec![crate::finding::Appeal {
                appealed_at: "2026-03-09T03:00:00Z".parse().unwrap(),
                reason: String::new(),
                material: None,
                decision: None,
            }],
            ..finding()
        };
        let granted = crate::finding::Event::DecideAppeal {
            by: "u".parse().unwrap(),
            granted: true,
            reason: String::new(),
        };
        let after = crate::finding::step(stopped, granted, now, &rulebook).unwrap();
        let why = Why::AppealGranted;
        assert!(matches!(
            after.state,
            FindingState::Moving { to: MoveTo::GivenBack { why: given }, .. } if given == why
        ));
    }

    #[test]
    fn a_stop_may_be_objected_to_for_ten_working_days() {
        let rulebook = Rulebook::shipped().unwrap();
        let stopped = Finding {
            state: FindingState::Stopped {
                stopped_at: "2026-03-11T03:00:00Z".parse().unwrap(),
                objection: None,
                report_refused_at: None,
            },
            ..finding()
        };
        // Ten working days after Wednesday the 11th is Wednesday the 25th, in Shanghai.
        for (at, open) in [
            ("2026-03-11T03:00:00Z", true),
            ("2026-03-25T15:59:59Z", true),
            ("2026-03-25T16:00:00Z", false),
        ] {
            let now = at.parse().unwrap();
            let said = stopped.may_object_until(now, &rulebook);
            let until = open.then(|| "2026-03-25T16:00:00Z".parse().unwrap());
            assert_eq!(said, until, "{at}");
            let objected = object(stopped.clone(), String::new(), now, &rulebook);
            assert_eq!(objected.is_ok(), open, "{at}");
        }
    }
}
