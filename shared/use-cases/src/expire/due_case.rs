//! What is due about one case, step by step.

use icp_domain::case::StaffNeed;
use icp_domain::command::CommandId;
use icp_domain::finding::{
    Due, Event, Finding, FindingState, Reminded, StepRefused, next, next_morning, step,
};
use icp_domain::history::Happened;
use icp_domain::ids::{CaseId, FindingId};
use icp_domain::look::{Look, Purpose};
use icp_domain::notice::{CaseFinding, NoticeKind};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{StoredCase, StoredFiling};
use icp_store::{Change, CommitError, Store, StoreError};
use jiff::Timestamp;

use super::move_links::{begin_report, move_next};
use super::readiness::{Readiness, Terms};
use super::{FUNCTION, One, Wanted};
use crate::By;
use crate::deliver::is_held;
use crate::judge::close;
use crate::notices::post_notice;
use crate::posted::look_for;
use crate::trouble::Trouble;

/// Does all that is due about one case, each step in its own commit. More steps than this in one
/// sweep would be a loop; the next sweep goes on.
const MOST_STEPS: usize = 8;

pub(super) async fn due_case(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    terms: &mut Terms,
    (id, since): (&CaseId, Timestamp),
) -> Result<One, Trouble> {
    let mut one = One::default();
    for _ in 0..MOST_STEPS {
        let Some(stored) = store.case(id).await? else {
            return Ok(one);
        };
        let subject = stored.case.unit.subject.clone();
        let Some(filing) = store.filing(&subject).await? else {
            return Ok(one);
        };
        if !filing.filing.has_access(&stored.case.unit) && stored.case.is_to_be_overtaken() {
            overtake(store, rulebook, inv, stored, filing).await?;
            continue;
        }
        let steps = stored.case.steps(&filing.freezes, inv.now, rulebook);
        let mut later = Vec::new();
        let mut wanted = Vec::new();
        let mut act = None;
        let mut reports = None;
        for (at, finding, due) in steps {
            if inv.now < at {
                later.push(at);
                break;
            }
            // Nobody was told since its run is held: that is for the operators, and nobody is to be called.
            if due == Due::NobodyReached {
                let told = CaseFinding {
                    case: id.clone(),
                    finding: finding.clone(),
                };
                if is_held(store, rulebook, &told, inv.now).await? {
                    later.push(next_morning(inv.now, &rulebook.policy.cases));
                    continue;
                }
            }
            if due == Due::Report {
                let of = (store, rulebook);
                match begin_report(of, &stored, &filing, &finding, inv).await? {
                    Some(change) => reports = Some(change),
                    None => later.push(next_morning(inv.now, &rulebook.policy.cases)),
                }
                continue;
            }
            let (Due::Stop | Due::GoOnStopping) = due else {
                act = Some((at, finding, due));
                break;
            };
            let Some(condemned) = stored.case.finding(&finding) else {
                continue;
            };
            terms.learn(store, rulebook, condemned, inv.now).await?;
            // What the brake holds is put off here, so that it takes no time from what it lets go.
            match terms.readiness(&stored, &filing, condemned, inv.now, rulebook) {
                Readiness::PutOff(until) => later.push(until),
                Readiness::Ready | Readiness::LookAgain | Readiness::WouldStop => {
                    wanted.push(Wanted {
                        case: id.clone(),
                        finding,
                        account: stored.case.account.clone(),
                        since,
                    });
                }
            }
        }
        if let Some(change) = reports {
            commit_or_look_again(store, &change).await?;
            continue;
        }
        let Some((at, finding, due)) = act else {
            let mut findings = stored.case.findings.iter();
            one.decisions_overdue =
                findings.any(|finding| finding.is_decision_overdue(inv.now, rulebook));
            if wanted.is_empty() {
                let wakes_at = later.into_iter().min();
                one.put_off = sleep_until(store, &stored, wakes_at, inv.now).await?;
            }
            one.wanted = wanted;
            return Ok(one);
        };
        if due == Due::MoveLinks {
            let of = (store, rulebook);
            let change = move_next(of, stored, filing, &finding, inv).await?;
            commit_or_look_again(store, &change).await?;
            continue;
        }
        let due_step = DueStep {
            rulebook,
            filing,
            stored,
            finding,
            at,
        };
        let (change, looks) = due_step.decide(due, inv)?;
        match store.commit(&change).await {
            Ok(()) => one.looks.extend(looks),
            // Somebody acted in time: look again at what is due now.
            Err(CommitError::Conflict(_)) => {}
            Err(CommitError::Store(error)) => return Err(error.into()),
        }
    }
    Ok(one)
}

/// Closes what is open of a unit that lost its access by another cause: nobody is told to put right
/// what nothing depends on any more.
async fn overtake(
    store: &Store,
    rulebook: &Rulebook,
    inv: &Invocation,
    mut stored: StoredCase,
    mut filing: StoredFiling,
) -> Result<(), Trouble> {
    for finding in &mut stored.case.findings {
        if !finding.state.is_over() && finding.demand.is_none() {
            *finding = step(finding.clone(), Event::Overtake, inv.now, rulebook)?;
        }
    }
    let mut change = Change::new();
    if !stored.case.is_open() {
        close(&mut change, &filing, &stored.case, inv.now)?;
    }
    let wakes_at = stored.case.wakes_at(&filing.freezes, inv.now, rulebook);
    stored.put(&mut change, wakes_at, inv.now)?;
    let case = stored.case.id.as_str();
    let command = CommandId::of_due(case, "overtaken", inv.now);
    let deed = By::machine(FUNCTION).deed(Happened::CaseOvertaken, case, &command);
    filing.record(&mut change, deed, inv.now)?;
    commit_or_look_again(store, &change).await
}

/// Commits; where somebody acted in time, what is due now is asked anew.
async fn commit_or_look_again(store: &Store, change: &Change) -> Result<(), Trouble> {
    match store.commit(change).await {
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error.into()),
    }
}

/// Puts a case off without changing it; not at all where somebody changed it meanwhile. Gives whether
/// it was.
pub(super) async fn sleep_until(
    store: &Store,
    stored: &StoredCase,
    at: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut change = Change::new();
    stored.put(&mut change, at, now)?;
    match store.commit(&change).await {
        Ok(()) => Ok(true),
        Err(CommitError::Conflict(_)) => Ok(false),
        Err(CommitError::Store(error)) => Err(error),
    }
}

/// One step that is due about one finding.
struct DueStep<'a> {
    rulebook: &'a Rulebook,
    filing: StoredFiling,
    stored: StoredCase,
    finding: FindingId,
    at: Timestamp,
}

type DueDecided = (Change, Vec<Look>);

impl DueStep<'_> {
    fn decide(mut self, due: Due, inv: &Invocation) -> Result<DueDecided, Trouble> {
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
        let missing = StepRefused::State("gone");
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
        let frozen = self.filing.freezes.clone();
        let spoken_for = |finding: &Finding| {
            next(finding, &frozen, inv.now, self.rulebook)
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
            self.stored.case.needs_staff,
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
