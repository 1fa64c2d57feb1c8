//! What a case needs of staff: one thing after the other, and none is forgotten.

use jiff::Timestamp;

use super::{Case, StaffNeed};
use crate::finding::{Finding, FindingState};

impl StaffNeed {
    /// Its name in the API and in rows, and since when it is so.
    pub fn named(self) -> (&'static str, Timestamp) {
        match self {
            Self::NobodyReached(since) => ("nobody-reached", since),
            Self::Undecided(since) => ("undecided", since),
            Self::Appeal(since) => ("appeal", since),
            Self::Objection(since) => ("objection", since),
            Self::Report(since) => ("report", since),
            Self::ReportRefused(since) => ("report-refused", since),
            Self::Reading(since) => ("reading", since),
            Self::CallWanted(since) => ("call-wanted", since),
        }
    }
}

impl Case {
    /// What is needed of staff as the findings stand: what machines or other causes ended is needed no more, and gives way
    /// to what it hid.
    pub fn needs_now(&self) -> Option<StaffNeed> {
        if !self.is_open() {
            return None;
        }
        let standing = self.needs_staff.filter(|need| self.stands(*need));
        standing.or_else(|| self.waiting())
    }

    /// Whether what a need is about is still there.
    fn stands(&self, need: StaffNeed) -> bool {
        let mut open = self.findings.iter().filter(|it| !it.state.is_closed());
        match need {
            // What was stopped at once has no period that a notice begins.
            StaffNeed::NobodyReached(_) => open
                .any(|finding| finding.waits_to_be_told() && finding.state == FindingState::Open),
            StaffNeed::Undecided(_) => open.any(|finding| match &finding.state {
                FindingState::LastLook { .. } => true,
                FindingState::Condemned(condemned) => condemned.undecided.is_some(),
                FindingState::Open
                | FindingState::Stopping { .. }
                | FindingState::Stopped { .. }
                | FindingState::Moving { .. }
                | FindingState::Reported { .. }
                | FindingState::Closed { .. } => false,
            }),
            StaffNeed::Appeal(_) => open.any(Finding::is_under_appeal),
            StaffNeed::Objection(_) => open.any(Finding::is_under_objection),
            StaffNeed::Report(_) | StaffNeed::ReportRefused(_) => {
                open.any(|finding| report(finding).is_some())
            }
            StaffNeed::Reading(_) => open.any(|finding| {
                let is_due = finding.demand.is_some() && finding.state == FindingState::Open;
                is_due || finding.reading_asked_at.is_some()
            }),
            StaffNeed::CallWanted(_) => self.call_slot.is_some(),
        }
    }

    /// What waits for staff by what the case itself holds, the most urgent first: what another need hid is found again
    /// here once that is met. Calls and readings that fall due are asked for by the clock.
    pub fn waiting(&self) -> Option<StaffNeed> {
        let open = || {
            self.findings
                .iter()
                .filter(|finding| !finding.state.is_closed())
        };
        let slot = self.call_slot.as_ref();
        open()
            .find_map(objection)
            .or_else(|| open().find_map(appeal))
            .or_else(|| open().find_map(|finding| finding.reading_asked_at.map(StaffNeed::Reading)))
            .or_else(|| open().find_map(report))
            .or_else(|| slot.map(|slot| StaffNeed::CallWanted(slot.from)))
    }
}

fn objection(finding: &Finding) -> Option<StaffNeed> {
    let waits = finding.objection_waiting()?;
    Some(StaffNeed::Objection(waits.objected_at))
}

fn appeal(finding: &Finding) -> Option<StaffNeed> {
    let mut appeals = finding.appeals.iter();
    let waits = appeals.find(|appeal| appeal.decision.is_none())?;
    Some(StaffNeed::Appeal(waits.appealed_at))
}

/// The cancellation of access is with the bureau, or was refused by it.
fn report(finding: &Finding) -> Option<StaffNeed> {
    match finding.state {
        FindingState::Reported { reported_at, .. } => Some(StaffNeed::Report(reported_at)),
        FindingState::Stopped {
            report_refused_at: Some(at),
            ..
        } => Some(StaffNeed::ReportRefused(at)),
        FindingState::Open
        | FindingState::LastLook { .. }
        | FindingState::Condemned { .. }
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Moving { .. }
        | FindingState::Closed { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::CaseNumber;
    use crate::finding::testing::finding;
    use crate::finding::{Appeal, Grounds, Objection};
    use crate::ids::{CaseId, UnitId};

    fn case(findings: Vec<Finding>) -> Case {
        let id: CaseId = "c1".parse().unwrap();
        Case {
            number: CaseNumber::of_attempt(&id, 0),
            id,
            unit: UnitId::of_subject("s1".parse().unwrap()),
            account: "a1".parse().unwrap(),
            opened_at: "2026-03-02T02:00:00Z".parse().unwrap(),
            findings,
            calls: Vec::new(),
            call_slot: None,
            needs_staff: None,
        }
    }

    #[test]
    fn what_ended_otherwise_is_needed_no_more_and_what_it_hid_is_asked_for() {
        let at = |day: i8| format!("2026-03-{day:02}T02:00:00Z").parse().unwrap();
        let appealed = |state| Finding {
            appeals: vec![Appeal {
                appealed_at: at(3),
                reason: String::new(),
                material: None,
                decision: None,
            }],
            state,
            ..finding()
        };
        let asked = Finding {
            reading_asked_at: Some(at(4)),
            ..finding()
        };
        let closed = FindingState::Closed {
            closed_at: at(5),
            why: crate::finding::Why::PutRight,
        };
        let needs = |findings: Vec<Finding>| {
            let mut case = case(findings);
            case.needs_staff = Some(StaffNeed::Appeal(at(3)));
            case.needs_now()
        };
        let appeal = Some(StaffNeed::Appeal(at(3)));
        let reading = Some(StaffNeed::Reading(at(4)));
        assert_eq!(
            needs(vec![appealed(FindingState::Open), asked.clone()]),
            appeal
        );
        // A look closed what was appealed.
        assert_eq!(needs(vec![appealed(closed.clone()), asked]), reading);
        assert_eq!(needs(vec![appealed(closed.clone()), finding()]), None);
        assert_eq!(needs(vec![appealed(closed)]), None);
    }

    #[test]
    fn the_most_urgent_is_needed_first_and_none_is_forgotten() {
        let day = |day: i8| format!("2026-03-{day:02}T02:00:00Z").parse().unwrap();
        let appealed = Finding {
            appeals: vec![Appeal {
                appealed_at: day(3),
                reason: String::new(),
                material: None,
                decision: None,
            }],
            ..finding()
        };
        let asked = Finding {
            reading_asked_at: Some(day(4)),
            ..finding()
        };
        let reported = Finding {
            state: FindingState::Reported {
                stopped_at: day(5),
                reported_at: day(6),
            },
            ..finding()
        };
        let stopped = |report_refused_at| Finding {
            state: FindingState::Stopped {
                stopped_at: day(7),
                report_refused_at,
            },
            ..finding()
        };
        let objected = Finding {
            objections: vec![Objection {
                objected_at: day(8),
                grounds: Grounds::Wrong,
                reason: String::new(),
                decision: None,
            }],
            ..stopped(None)
        };
        let mut waits = case(vec![
            finding(),
            stopped(Some(day(9))),
            reported,
            asked,
            appealed,
            objected,
        ]);
        let mut seen = Vec::new();
        while let Some(need) = waits.waiting() {
            seen.push(need);
            waits.findings.pop();
        }
        assert_eq!(
            seen,
            [
                StaffNeed::Objection(day(8)),
                StaffNeed::Appeal(day(3)),
                StaffNeed::Reading(day(4)),
                StaffNeed::ReportRefused(day(9)),
                StaffNeed::ReportRefused(day(9)),
            ]
        );
    }
}
