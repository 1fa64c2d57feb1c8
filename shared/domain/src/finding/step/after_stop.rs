//! The steps by which a finding falls, or what was stopped on it comes back.

use jiff::Timestamp;

use super::{StepRefused, closed};
use crate::finding::{Decision, Finding, FindingState, Grounds, MoveTo, Objection, Why};
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
    /// Until when its filer may still say that the stop was wrong: once, within so many working days of it.
    pub fn may_object_until(&self, now: Timestamp, rulebook: &Rulebook) -> Option<Timestamp> {
        let until = self.stopped_until(rulebook).ok()?;
        let open = self.takes_objection(Grounds::Wrong, now, rulebook).is_ok();
        open.then_some(until)
    }

    /// Whether its filer may say that it is put right, and ask for access back: after each refusal anew, until the
    /// cancellation of access is reported to the bureau.
    pub fn may_ask_back(&self, now: Timestamp, rulebook: &Rulebook) -> bool {
        self.takes_objection(Grounds::PutRight, now, rulebook)
            .is_ok()
    }

    fn stopped_until(&self, rulebook: &Rulebook) -> Result<Timestamp, StepRefused> {
        match &self.state {
            FindingState::Stopped { stopped_at, .. } => Ok(objection_until(*stopped_at, rulebook)),
            FindingState::Open
            | FindingState::LastLook { .. }
            | FindingState::Condemned { .. }
            | FindingState::Stopping { .. }
            | FindingState::Moving { .. }
            | FindingState::Reported { .. }
            | FindingState::Closed { .. } => Err(StepRefused::State(self.state.text())),
        }
    }

    fn takes_objection(
        &self,
        grounds: Grounds,
        now: Timestamp,
        rulebook: &Rulebook,
    ) -> Result<(), StepRefused> {
        let until = self.stopped_until(rulebook)?;
        if self.is_to_stop_now() {
            return Err(StepRefused::BureausOrder);
        }
        let mut said = self.objections.iter();
        match grounds {
            _ if self.is_under_objection() => Err(StepRefused::AlreadyObjected),
            Grounds::PutRight => Ok(()),
            Grounds::Wrong if said.any(|one| one.grounds == Grounds::Wrong) => {
                Err(StepRefused::AlreadyObjected)
            }
            Grounds::Wrong if until <= now => {
                let days = rulebook.policy.cases.objection_working_days;
                Err(StepRefused::ObjectionTooLate(days))
            }
            Grounds::Wrong => Ok(()),
        }
    }
}

pub(super) fn object(
    mut finding: Finding,
    (grounds, reason): (Grounds, String),
    now: Timestamp,
    rulebook: &Rulebook,
) -> Result<Finding, StepRefused> {
    finding.takes_objection(grounds, now, rulebook)?;
    finding.objections.push(Objection {
        objected_at: now,
        grounds,
        reason,
        decision: None,
    });
    Ok(finding)
}

pub(super) fn decide_objection(
    mut finding: Finding,
    decision: Decision,
    now: Timestamp,
) -> Result<Finding, StepRefused> {
    let Some(waiting) = finding.objection_waiting() else {
        return Err(StepRefused::NoObjection);
    };
    // A stop that was right says nothing against its rule.
    let why = match waiting.grounds {
        Grounds::Wrong => Why::ObjectionUpheld,
        Grounds::PutRight => Why::PutRight,
    };
    let granted = decision.granted;
    if let Some(last) = finding.objections.last_mut() {
        last.decision = Some(decision);
    }
    Ok(if granted {
        give_back(finding, why, now)
    } else {
        finding
    })
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

/// What the bureau refused is reported again, as people have it; not while an objection waits.
pub(super) fn report_again(finding: Finding, now: Timestamp) -> Result<Finding, StepRefused> {
    let is_free = !finding.is_under_objection();
    match finding.state {
        FindingState::Stopped {
            stopped_at,
            report_refused_at: Some(_),
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
                report_refused_at: None,
            },
            objections: vec![Objection {
                grounds: Grounds::Wrong,
                objected_at: "2026-03-13T03:00:00Z".parse().unwrap(),
                reason: String::new(),
                decision: None,
            }],
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
    fn a_stop_is_said_to_be_wrong_once_and_to_be_put_right_after_each_refusal() {
        let rulebook = Rulebook::shipped().unwrap();
        let day = |day: i8| format!("2026-03-{day:02}T03:00:00Z").parse().unwrap();
        let decided = |finding, granted, at| {
            let by = "anna".parse().unwrap();
            let reason = String::new();
            let decision = Decision {
                decided_at: at,
                by,
                granted,
                reason,
            };
            decide_objection(finding, decision, at).unwrap()
        };
        let objected =
            |finding, grounds, at| object(finding, (grounds, String::new()), at, &rulebook);
        let wrong = objected(stopped(), Grounds::Wrong, day(12)).unwrap();
        let again = objected(wrong.clone(), Grounds::PutRight, day(12));
        assert_eq!(
            again,
            Err(StepRefused::AlreadyObjected),
            "one after the other"
        );
        let refused = decided(wrong, false, day(13));
        let twice = objected(refused.clone(), Grounds::Wrong, day(13));
        assert_eq!(twice, Err(StepRefused::AlreadyObjected));
        let asked = objected(refused, Grounds::PutRight, day(16)).unwrap();
        let not_yet = decided(asked, false, day(17));
        let wrong_after_all = objected(not_yet.clone(), Grounds::Wrong, day(18));
        assert_eq!(wrong_after_all, Err(StepRefused::AlreadyObjected));
        let mended = objected(not_yet, Grounds::PutRight, day(18)).unwrap();
        let given_back = decided(mended, true, day(19));
        let why = MoveTo::GivenBack { why: Why::PutRight };
        assert!(
            matches!(&given_back.state, FindingState::Moving { to, .. } if *to == why),
            "{given_back:?}"
        );
        // What an order in flight holds back from the bureau may be asked for long after the days to object.
        let late = objected(stopped(), Grounds::PutRight, day(30));
        assert!(late.is_ok(), "{late:?}");
    }

    /// Stopped on Wednesday, 11 March 2026.
    fn stopped() -> Finding {
        Finding {
            state: FindingState::Stopped {
                stopped_at: "2026-03-11T03:00:00Z".parse().unwrap(),
                report_refused_at: None,
            },
            ..finding()
        }
    }

    #[test]
    fn a_stop_may_be_objected_to_for_ten_working_days() {
        let rulebook = Rulebook::shipped().unwrap();
        let stopped = stopped();
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
            let objected = object(
                stopped.clone(),
                (Grounds::Wrong, String::new()),
                now,
                &rulebook,
            );
            assert_eq!(objected.is_ok(), open, "{at}");
        }
    }
}
