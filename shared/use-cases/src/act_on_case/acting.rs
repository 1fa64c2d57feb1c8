//! What an act makes of the case, its findings and what it needs of staff.

use std::collections::BTreeSet;

use icp_domain::case::{Call, Case, StaffNeed};
use icp_domain::command::CommandId;
use icp_domain::finding::{
    Event, Finding, FindingState, Freezes, StepRefused, TimeLeft, step, time_left,
};
use icp_domain::ids::{FindingId, LookId};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{StoredCase, StoredFiling};
use icp_store::{Failure, Store, StoreError};
use jiff::Timestamp;

use super::{Act, ActOnCase, ActRefused};
use crate::deliver::held_of;

pub(super) struct Acting<'a> {
    pub(super) rulebook: &'a Rulebook,
    pub(super) command: &'a ActOnCase,
    /// Findings that no call tells anybody of.
    pub(super) held: BTreeSet<FindingId>,
}

/// Findings of a case that the act, being a call, tells nobody of.
pub(super) async fn held(
    store: &Store,
    rulebook: &Rulebook,
    act: &Act,
    case: &Case,
    now: Timestamp,
) -> Result<BTreeSet<FindingId>, StoreError> {
    if matches!(act, Act::RecordCall { .. }) {
        held_of(store, rulebook, case, now).await
    } else {
        Ok(BTreeSet::new())
    }
}

impl Acting<'_> {
    pub(super) fn apply(
        &self,
        stored: &mut StoredCase,
        filing: &StoredFiling,
        command: &CommandId,
        inv: &Invocation,
    ) -> Result<(), Failure<ActRefused>> {
        let steps = match self.command.act.clone() {
            Act::ChooseCallSlot { person, from } => {
                if !filing.filing.persons.contains_key(&person) {
                    return Err(Failure::Refused(ActRefused::NoSuchPerson(person)));
                }
                let case = stored.case.clone();
                let chosen = case.with_call_slot(person, from, inv.now, self.rulebook);
                stored.case =
                    chosen.map_err(|refused| Failure::Refused(ActRefused::Slot(refused)))?;
                return Ok(());
            }
            Act::RecordCall {
                by,
                person,
                outcome,
                note,
            } => {
                let call = Call {
                    called_at: inv.now,
                    by,
                    person,
                    outcome,
                    note,
                    slot: None,
                    held: self.held.clone(),
                };
                return self.record_call(stored, filing, call);
            }
            act @ (Act::Recheck
            | Act::Extend { .. }
            | Act::Appeal { .. }
            | Act::Object { .. }
            | Act::DecideAppeal { .. }
            | Act::ExtendByStaff { .. }
            | Act::Exempt { .. }
            | Act::Read { .. }
            | Act::ReportAgain { .. }
            | Act::RecordReportAnswer { .. }
            | Act::DecideObjection { .. }) => {
                let look = LookId::derived("read", &[command.as_str()]);
                self::steps(act, &stored.case, look)
            }
        };
        if steps.is_empty() {
            return Err(Failure::Refused(ActRefused::NothingOpen));
        }
        if self.gives_back(&stored.case) && stored.case.is_ordered() {
            return Err(Failure::Refused(ActRefused::Step(
                StepRefused::BureausOrder,
            )));
        }
        let unit = stored.case.unit.clone();
        let freezes = filing.freezes_of(&unit);
        for (finding, event) in steps {
            let case = stored.case.clone();
            stored.case = case.with_finding(&finding, Failure::NotFound, |finding| {
                let finding = self.over(finding, &event, freezes, inv)?;
                step(finding, event, inv.now, self.rulebook)
                    .map_err(|error| Failure::Refused(ActRefused::Step(error)))
            })?;
        }
        let is_read = matches!(self.command.act, Act::Read { .. });
        stored.case.needs_staff = needs_staff(&stored.case, is_read);
        Ok(())
    }

    /// Whether it takes a stop back, which nobody here may where a bureau ordered it.
    fn gives_back(&self, case: &Case) -> bool {
        let stops = |id: &FindingId| {
            let state = case.finding(id).map(|finding| &finding.state);
            matches!(
                state,
                Some(FindingState::Stopping { .. } | FindingState::Stopped { .. })
            )
        };
        match &self.command.act {
            Act::DecideObjection { granted, .. } => *granted,
            Act::DecideAppeal {
                finding, granted, ..
            } => *granted && stops(finding),
            Act::Recheck
            | Act::Extend { .. }
            | Act::Appeal { .. }
            | Act::Object { .. }
            | Act::ExtendByStaff { .. }
            | Act::Exempt { .. }
            | Act::Read { .. }
            | Act::ReportAgain { .. }
            | Act::RecordReportAnswer { .. }
            | Act::ChooseCallSlot { .. }
            | Act::RecordCall { .. } => false,
        }
    }

    /// What a bureau demanded is over by the clock alone: staff read it after its date, and no machine.
    fn over(
        &self,
        finding: Finding,
        event: &Event,
        freezes: Freezes<'_>,
        inv: &Invocation,
    ) -> Result<Finding, Failure<ActRefused>> {
        let is_read = matches!(event, Event::ReadByPeople { broken: true, .. });
        if !is_read || !is_demanded(&finding) || finding.state != FindingState::Open {
            return Ok(finding);
        }
        let (policy, calendar) = (&self.rulebook.policy.cases, &self.rulebook.calendar);
        match time_left(&finding, freezes, inv.now, policy, calendar) {
            TimeLeft::Until(due_at) if due_at <= inv.now => {
                let over = step(finding, Event::PeriodOver, inv.now, self.rulebook);
                over.map_err(|error| Failure::Refused(ActRefused::Step(error)))
            }
            TimeLeft::Until(_) | TimeLeft::Frozen | TimeLeft::NotBegun => Ok(finding),
        }
    }

    fn record_call(
        &self,
        stored: &mut StoredCase,
        filing: &StoredFiling,
        call: Call,
    ) -> Result<(), Failure<ActRefused>> {
        if !stored.case.is_open() {
            return Err(Failure::Refused(ActRefused::NothingOpen));
        }
        if !filing.filing.persons.contains_key(&call.person) {
            return Err(Failure::Refused(ActRefused::NoSuchPerson(call.person)));
        }
        let case = stored.case.clone().with_call(call, self.rulebook);
        stored.case = case.map_err(|error| Failure::Refused(ActRefused::Step(error)))?;
        Ok(())
    }
}

/// The steps that an act takes its findings through.
fn steps(act: Act, case: &Case, look: LookId) -> Vec<(FindingId, Event)> {
    match act {
        Act::Recheck => {
            let open = case
                .findings
                .iter()
                .filter(|finding| !finding.state.is_over() && !finding.is_to_stop_now());
            open.map(|finding| (finding.id.clone(), Event::AskRecheck))
                .collect()
        }
        Act::Extend {
            finding,
            days,
            reason,
        } => vec![(finding, Event::Extend { days, reason })],
        Act::ExtendByStaff {
            finding,
            by,
            days,
            reason,
        } => vec![(finding, Event::ExtendByStaff { by, days, reason })],
        Act::Appeal {
            finding,
            reason,
            material,
        } => {
            let material = material.map(|(_, material)| material);
            vec![(finding, Event::Appeal { reason, material })]
        }
        Act::Read {
            finding, broken, ..
        } => vec![(finding, Event::ReadByPeople { look, broken })],
        Act::Exempt { finding, until, .. } => vec![(finding, Event::Exempt { until })],
        Act::Object { grounds, reason } => of_stopped(case, &Event::Object { grounds, reason }),
        Act::ReportAgain { .. } => of_stopped(case, &Event::ReportAgain),
        Act::RecordReportAnswer { cancelled, .. } => {
            of_stopped(case, &Event::ReportAnswered { cancelled })
        }
        Act::DecideObjection {
            by,
            granted,
            reason,
        } => {
            let event = Event::DecideObjection {
                by,
                granted,
                reason,
            };
            of_stopped(case, &event)
        }
        Act::DecideAppeal {
            finding,
            by,
            granted,
            reason,
        } => {
            vec![(
                finding,
                Event::DecideAppeal {
                    by,
                    granted,
                    reason,
                },
            )]
        }
        // Neither is a step of a finding.
        Act::ChooseCallSlot { .. } | Act::RecordCall { .. } => Vec::new(),
    }
}

/// Whether a bureau demanded it and it is not over: staff look at it.
fn is_demanded(finding: &Finding) -> bool {
    finding.demand.is_some() && !finding.state.is_over()
}

/// The event for what stopped access, reported or not: one finding of the case, since a stop overtakes the others.
fn of_stopped(case: &Case, event: &Event) -> Vec<(FindingId, Event)> {
    let answers = matches!(event, Event::ReportAnswered { .. });
    let refuses = matches!(event, Event::DecideObjection { granted: false, .. });
    let meant = case.findings.iter().filter(|finding| {
        if answers {
            matches!(finding.state, FindingState::Reported { .. })
        } else if refuses {
            // What a bureau ordered beside it does not keep an objection from being refused.
            finding.is_under_objection()
        } else {
            matches!(finding.state, FindingState::Stopped { .. })
        }
    });
    meant
        .map(|finding| (finding.id.clone(), event.clone()))
        .collect()
}

/// What the case needs of staff after an act: what people wait for goes before what the clock asked for.
fn needs_staff(case: &Case, is_read: bool) -> Option<StaffNeed> {
    let waiting = case.waiting();
    match (case.needs_staff, waiting) {
        (_, Some(StaffNeed::Objection(_) | StaffNeed::Appeal(_))) => waiting,
        // Decided, or nothing was needed.
        (
            None | Some(StaffNeed::Objection(_) | StaffNeed::Appeal(_) | StaffNeed::CallWanted(_)),
            _,
        ) => waiting,
        (Some(StaffNeed::Reading(_) | StaffNeed::Undecided(_)), _) if is_read => waiting,
        // A report waits for weeks; it is found again.
        (Some(StaffNeed::Report(_) | StaffNeed::ReportRefused(_)), Some(_)) => waiting,
        (
            Some(
                StaffNeed::NobodyReached(_)
                | StaffNeed::Reading(_)
                | StaffNeed::Undecided(_)
                | StaffNeed::Report(_)
                | StaffNeed::ReportRefused(_),
            ),
            _,
        ) => case.needs_staff,
    }
}
