//! The steps of a finding's life.

use jiff::Timestamp;

use super::clock::period_end;
use super::{BrokenLook, Decision, Finding, FindingState, Grounds, Why};
use crate::ids::{LookId, MaterialId, UserId};
use crate::rulebook::{Level, Rulebook};

mod after_stop;
mod looks;
mod people;
mod refused;
mod stop;

use after_stop::{
    begin_report, decide_objection, exempt, link_ended, moved, nothing_left, object, report_again,
    report_answered, void,
};
use looks::{last_look, look_again, look_anew, look_sent, looked, resent};
use people::{
    appeal, ask_recheck, decide_appeal, extend, extend_by_staff, read_by_people, release,
};
pub use refused::StepRefused;
use stop::{begin_stopping, reinstated, stopped};

/// What happens to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A notice of it was delivered.
    Noticed,
    /// The notice that began the period came back.
    NoticeReturned {
        /// When another message of it reached somebody; none: nobody was told.
        otherwise: Option<Timestamp>,
    },
    /// The period is over.
    PeriodOver,
    /// The look that is asked for was sent.
    LookSent,
    /// The recheck that is asked for was sent again.
    RecheckSent,
    /// A regular look found it put right, before anybody was told or where nothing hangs on it.
    SeenKept,
    /// The look that is asked for was judged.
    Looked {
        /// The look, with its beginning and vantage.
        seen: BrokenLook,
        /// What it said of this finding.
        outcome: LookOutcome,
    },
    /// The later look of a condemned finding grew old: look again.
    LookAgain,
    /// An order held it after its period and let it go: the last looks begin anew.
    LookAnew,
    /// Staff let it be stopped.
    Release {
        /// Who.
        by: UserId,
        /// The look that was shown to them.
        shown: LookId,
    },
    /// The subject's links begin to be stopped.
    BeginStopping,
    /// Access was stopped.
    Stop,
    /// Staff reinstated access.
    Reinstate,
    /// Another cause ended the link.
    Overtake,
    /// The bureau's record holds the link no more.
    LinkEnded,
    /// The filer asks for an extension.
    Extend {
        /// Days on top.
        days: u32,
        /// Why.
        reason: String,
    },
    /// Staff give more days.
    ExtendByStaff {
        /// Who.
        by: UserId,
        /// Days on top.
        days: u32,
        /// Why.
        reason: String,
    },
    /// The filer appeals.
    Appeal {
        /// Why.
        reason: String,
        /// What is new in it.
        material: Option<MaterialId>,
    },
    /// Staff decide the appeal.
    DecideAppeal {
        /// Who.
        by: UserId,
        /// Whether the finding falls.
        granted: bool,
        /// Why.
        reason: String,
    },
    /// The filer asks for a recheck.
    AskRecheck,
    /// The filer objects to the stop.
    Object {
        /// What it says.
        grounds: Grounds,
        /// Why.
        reason: String,
    },
    /// Staff decide the objection.
    DecideObjection {
        /// Who.
        by: UserId,
        /// Whether access is given again.
        granted: bool,
        /// Why.
        reason: String,
    },
    /// Staff looked for themselves.
    ReadByPeople {
        /// What stands for a look.
        look: LookId,
        /// Whether the fault is there.
        broken: bool,
    },
    /// It is void: closed, and what was stopped on it is given back.
    Void,
    /// The unit is exempt from its rule for a time.
    Exempt {
        /// For how long.
        until: Timestamp,
    },
    /// The cancellation of access begins to be reported to the bureau.
    BeginReport,
    /// Staff report again what the bureau refused.
    ReportAgain,
    /// The bureau answered the report.
    ReportAnswered {
        /// Whether it recorded that we give no access.
        cancelled: bool,
    },
    /// The last link that was stopped on it has moved on.
    Moved,
    /// No link is left that was stopped on it.
    NothingLeft,
}

/// What a look says of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookOutcome {
    /// The fault is gone.
    Clean,
    /// The fault is there.
    Broken,
    /// It could not be seen, or was doubtful, and what people decided of it still stands: the fault is there.
    BrokenByPeople,
    /// It could not be seen.
    Undecided,
}

/// A finding after `event` at `now`.
pub fn step(
    finding: Finding,
    event: Event,
    now: Timestamp,
    rulebook: &Rulebook,
) -> Result<Finding, StepRefused> {
    let policy = &rulebook.policy.cases;
    let state = StepRefused::State(finding.state.text());
    match event {
        Event::Noticed => {
            let notified_at = finding.notified_at.or(Some(now));
            Ok(named(
                Finding {
                    notified_at,
                    ..finding
                },
                rulebook,
            ))
        }
        Event::NoticeReturned { otherwise } => {
            let finding = only_open(finding)?;
            Ok(named(
                Finding {
                    notified_at: otherwise,
                    ..finding
                },
                rulebook,
            ))
        }
        // Nobody's period ends before they were told of it, or while they are heard.
        Event::PeriodOver if finding.notified_at.is_none() || finding.is_heard() => Err(state),
        Event::PeriodOver => only_open(finding).map(|finding| last_look(finding, now, rulebook)),
        // What was told and may stop access waits for its recheck or last look; what may not has no last look.
        Event::SeenKept if finding.notified_at.is_some() && finding.level == Level::Enforce => {
            Err(state)
        }
        Event::SeenKept => only_open(finding).map(|finding| closed(finding, Why::PutRight, now)),
        Event::LookAnew => look_anew(finding, now, rulebook),
        Event::LookSent => look_sent(finding, now, policy),
        Event::RecheckSent => {
            let recheck = finding.recheck.map(|asked| resent(asked, now, policy));
            Ok(Finding { recheck, ..finding })
        }
        Event::Looked { seen, outcome } => looked(finding, seen, outcome, now, rulebook),
        Event::LookAgain => look_again(finding, now, rulebook),
        Event::Release { by, shown } => release(finding, by, &shown, now),
        Event::BeginStopping => begin_stopping(finding, now),
        Event::Stop => stopped(finding, now),
        Event::Reinstate => reinstated(finding, now),
        Event::Overtake => {
            open_to_the_filer(&finding).map(|()| closed(finding, Why::Overtaken, now))
        }
        Event::LinkEnded => link_ended(finding, now),
        Event::Extend { days, reason } => {
            let extended = extend(finding, days, reason, now, policy)?;
            Ok(named(extended, rulebook))
        }
        Event::ExtendByStaff { by, days, reason } => {
            let extended = extend_by_staff(finding, (by, reason), days, now, policy)?;
            Ok(named(extended, rulebook))
        }
        Event::Appeal { reason, material } => appeal(finding, (reason, material), now),
        Event::DecideAppeal {
            by,
            granted,
            reason,
        } => decide_appeal(finding, decided(by, granted, reason, now), now),
        Event::AskRecheck => ask_recheck(finding, now, rulebook),
        Event::Object { grounds, reason } => object(finding, (grounds, reason), now, rulebook),
        Event::DecideObjection {
            by,
            granted,
            reason,
        } => decide_objection(finding, decided(by, granted, reason, now), now),
        Event::ReadByPeople { look, broken } => {
            read_by_people(finding, look, broken, now, rulebook)
        }
        Event::Void => void(finding, now),
        Event::Exempt { until } => exempt(finding, until, now),
        Event::BeginReport => begin_report(finding, now),
        Event::ReportAgain => report_again(finding, now),
        Event::ReportAnswered { cancelled } => report_answered(finding, cancelled, now),
        Event::Moved => moved(finding, now),
        Event::NothingLeft => nothing_left(finding, now),
    }
}

/// The finding with the end of its period as the calendar has it now, which people are told.
fn named(finding: Finding, rulebook: &Rulebook) -> Finding {
    let began = finding.notified_at;
    let due = began.map(|began| period_end(&finding, began, &rulebook.calendar));
    Finding {
        due_named: finding.due_named.max(due),
        ..finding
    }
}

fn decided(by: UserId, granted: bool, reason: String, now: Timestamp) -> Decision {
    Decision {
        decided_at: now,
        by,
        granted,
        reason,
    }
}

/// The finding where it is in its period, or waits for that to begin.
fn only_open(finding: Finding) -> Result<Finding, StepRefused> {
    match finding.state {
        FindingState::Open => Ok(finding),
        FindingState::LastLook { .. }
        | FindingState::Condemned { .. }
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.text())),
    }
}

/// Whether the filer, or whoever speaks for them, may still act on it.
fn open_to_the_filer(finding: &Finding) -> Result<(), StepRefused> {
    match finding.state {
        FindingState::Open | FindingState::LastLook { .. } | FindingState::Condemned { .. } => {
            Ok(())
        }
        FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.text())),
    }
}

fn closed(finding: Finding, why: Why, now: Timestamp) -> Finding {
    Finding {
        state: FindingState::Closed {
            closed_at: now,
            why,
        },
        recheck: None,
        reading_asked_at: None,
        ..finding
    }
}
