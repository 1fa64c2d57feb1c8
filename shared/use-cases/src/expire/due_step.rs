//! One step that is due about one finding of a case.

use icp_domain::case::StaffNeed;
use icp_domain::command::CommandId;
use icp_domain::finding::{Due, Event, Finding, FindingState, Reminded, StepRefused, next, step};
use icp_domain::history::Happened;
use icp_domain::ids::FindingId;
use icp_domain::look::{Look, Purpose};
use icp_domain::notice::NoticeKind;
use icp_domain::{Invocation, Rulebook, Text};
use icp_store::Change;
use icp_store::records::{StoredCase, StoredFiling};
use jiff::Timestamp;

use super::FUNCTION;
use crate::By;
use crate::notices::post_notice;
use crate::posted::look_for;
use crate::trouble::Trouble;

/// One step that is due about one finding.
pub(super) struct DueStep<'a> {
    pub(super) rulebook: &'a Rulebook,
    pub(super) filing: StoredFiling,
    pub(super) stored: StoredCase,
    pub(super) finding: FindingId,
    pub(super) at: Timestamp,
}

pub(super) type DueDecided = (Change, Vec<Look>);

impl DueStep<'_> {
    pub(super) fn decide(mut self, due: Due, inv: &Invocation) -> Result<DueDecided, Trouble> {
        let command = self.command(due);
        match due {
            // The brake's to decide, what moves links, and nothing: none comes here.
            Due::Stop | Due::GoOnStopping | Due::Report | Due::MoveLinks | Due::Wait => {
                Ok((Change::new(), Vec::new()))
            }
            Due::NobodyReached => {
                self.stored.case.needs_staff = Some(StaffNeed::NobodyReached(inv.now));
                let what = Happened::NobodyReached;
                self.commit(what, &command, Change::new(), Vec::new(), inv)
            }
            Due::StaffRead => {
                self.stored.case.needs_staff = Some(StaffNeed::Reading(inv.now));
                let what = Happened::StaffToLook;
                self.commit(what, &command, Change::new(), Vec::new(), inv)
            }
            Due::Remind(reminded) => {
                let mut change = Change::new();
                let kind = NoticeKind::Reminder {
                    case: self.stored.case.id.clone(),
                    finding: self.finding.clone(),
                    due_at: reminded.due_at,
                    stage: reminded.stage,
                };
                let policy = &self.rulebook.policy.cases;
                post_notice(
                    &mut change,
                    &command,
                    self.filing.id(),
                    kind,
                    inv.now,
                    policy,
                )?;
                self.remind_all(reminded, inv);
                self.commit(Happened::FilerReminded, &command, change, Vec::new(), inv)
            }
            Due::LastLook => {
                self.apply(&[Event::PeriodOver], inv)?;
                let looks = self.look();
                self.apply(&[Event::LookSent], inv)?;
                self.commit(Happened::PeriodOver, &command, Change::new(), looks, inv)
            }
            Due::SendLook => {
                let looks = self.look();
                self.apply(&[Event::LookSent], inv)?;
                self.ask_staff_when_given_up(inv);
                self.without_history(looks, inv)
            }
            Due::LookAnew => {
                self.apply(&[Event::LookAnew], inv)?;
                let looks = self.look();
                self.apply(&[Event::LookSent], inv)?;
                self.commit(Happened::LastLooksAnew, &command, Change::new(), looks, inv)
            }
            Due::SendRecheck => {
                let finding = self.stored.case.finding(&self.finding);
                let unit = &self.stored.case.unit;
                let look = finding.and_then(|finding| {
                    let asked = (finding.rule.as_str(), finding.recheck.as_ref()?);
                    look_for(&self.filing, unit, asked, Purpose::Recheck, self.rulebook)
                });
                self.apply(&[Event::RecheckSent], inv)?;
                self.without_history(look.into_iter().collect(), inv)
            }
        }
    }

    /// Asks for a newer look than the one that condemned it; it stays condemned and keeps its release.
    pub(super) fn look_again(mut self, inv: &Invocation) -> Result<DueDecided, Trouble> {
        self.apply(&[Event::LookAgain], inv)?;
        let looks = self.look();
        self.apply(&[Event::LookSent], inv)?;
        self.without_history(looks, inv)
    }

    /// The step's command: the finding, the step, and the instant that called for it. A reminder is
    /// known by the deadline it names, so that each stage goes once per deadline.
    fn command(&self, due: Due) -> CommandId {
        let row = format!("{} {}", self.stored.case.id, self.finding);
        match due {
            Due::Remind(reminded) => CommandId::of_due(
                &row,
                &format!("remind {:?}", reminded.stage),
                reminded.due_at,
            ),
            Due::NobodyReached
            | Due::StaffRead
            | Due::LastLook
            | Due::LookAnew
            | Due::SendLook
            | Due::SendRecheck
            | Due::Stop
            | Due::GoOnStopping
            | Due::Report
            | Due::MoveLinks
            | Due::Wait => CommandId::of_due(&row, &format!("{due:?}"), self.at),
        }
    }

    /// Puts the finding through events.
    fn apply(&mut self, events: &[Event], inv: &Invocation) -> Result<(), StepRefused> {
        let missing = StepRefused::State(Text::new("已不在", "gone"));
        let case = self.stored.case.clone();
        self.stored.case = case.with_finding(&self.finding, missing, |finding| {
            let step =
                |finding, event: &Event| step(finding, event.clone(), inv.now, self.rulebook);
            events.iter().try_fold(finding, step)
        })?;
        Ok(())
    }

    /// Marks every finding of the case that this reminder speaks for: one text per case, deadline and
    /// stage, however many findings share them.
    fn remind_all(&mut self, reminded: Reminded, inv: &Invocation) {
        let unit = self.stored.case.unit.clone();
        let frozen = self.filing.freezes_of(&unit);
        let spoken_for = |finding: &Finding| {
            next(finding, frozen, inv.now, self.rulebook)
                .any(|(at, due)| at <= inv.now && due == Due::Remind(reminded))
        };
        for finding in &mut self.stored.case.findings {
            if spoken_for(finding) {
                finding.reminded = Some(reminded);
            }
        }
    }

    /// The look that the finding asks for.
    fn look(&self) -> Vec<Look> {
        let finding = self.stored.case.finding(&self.finding);
        let asked = finding.and_then(|finding| match &finding.state {
            FindingState::LastLook { asked, .. } => Some((finding.rule.as_str(), asked)),
            FindingState::Condemned(condemned) => {
                Some((finding.rule.as_str(), condemned.asked.as_ref()?))
            }
            FindingState::Open
            | FindingState::Stopping { .. }
            | FindingState::Stopped { .. }
            | FindingState::Moving { .. }
            | FindingState::Reported { .. }
            | FindingState::Closed { .. } => None,
        });
        let unit = &self.stored.case.unit;
        asked
            .and_then(|asked| look_for(&self.filing, unit, asked, Purpose::LastLook, self.rulebook))
            .into_iter()
            .collect()
    }

    /// After so many hours of undecided last looks, people are asked; machines go on asking.
    fn ask_staff_when_given_up(&mut self, inv: &Invocation) {
        let patience = self.rulebook.policy.cases.last_look_give_up();
        let finding = self.stored.case.finding(&self.finding);
        let since = finding.and_then(|finding| match &finding.state {
            FindingState::LastLook { first_asked_at, .. } => Some(*first_asked_at),
            FindingState::Condemned(condemned) => condemned.undecided.map(|run| run.since),
            FindingState::Open
            | FindingState::Stopping { .. }
            | FindingState::Stopped { .. }
            | FindingState::Moving { .. }
            | FindingState::Reported { .. }
            | FindingState::Closed { .. } => None,
        });
        let given_up = since.is_some_and(|since| since + patience <= inv.now);
        let free = matches!(
            self.stored.case.needs_now(),
            None | Some(StaffNeed::CallWanted(_))
        );
        if given_up && free {
            self.stored.case.needs_staff = Some(StaffNeed::Undecided(inv.now));
        }
    }

    fn commit(
        mut self,
        what: Happened,
        command: &CommandId,
        mut change: Change,
        looks: Vec<Look>,
        inv: &Invocation,
    ) -> Result<DueDecided, Trouble> {
        let (freezes, case) = (&self.filing.freezes, &self.stored.case);
        let wakes_at = case.wakes_at(freezes, inv.now, self.rulebook);
        self.stored.put(&mut change, wakes_at, inv.now)?;
        let deed = By::machine(FUNCTION).deed(what, self.stored.case.id.as_str(), command);
        self.filing.record(&mut change, deed, inv.now)?;
        Ok((change, looks))
    }

    /// A wake that moves, or a look that is sent again: one small write, and no history.
    fn without_history(self, looks: Vec<Look>, inv: &Invocation) -> Result<DueDecided, Trouble> {
        let mut change = Change::new();
        let (freezes, case) = (&self.filing.freezes, &self.stored.case);
        let wakes_at = case.wakes_at(freezes, inv.now, self.rulebook);
        self.stored.put(&mut change, wakes_at, inv.now)?;
        Ok((change, looks))
    }
}
