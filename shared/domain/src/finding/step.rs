//! The steps of a finding's life.

use jiff::Timestamp;

use super::{
    Appeal, AppealDecision, Asked, BrokenLook, BroughtBy, Extension, Finding, FindingState,
    Release, Why,
};
use crate::ids::{LookId, UserId, VantageId};
use crate::rulebook::Rulebook;
use crate::rulebook::policy::Cases;

/// What happens to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A notice of it was delivered.
    Noticed,
    /// The period is over.
    PeriodOver,
    /// The look that is asked for was sent.
    LookSent,
    /// The recheck that is asked for was sent again.
    RecheckSent,
    /// The look that is asked for was judged.
    Looked {
        /// The look, with its beginning and vantage.
        seen: BrokenLook,
        /// What it said of this finding.
        outcome: LookOutcome,
    },
    /// The later look of a condemned finding grew old: look again.
    LookAgain,
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
    /// The filer asks for an extension.
    Extend {
        /// Days on top.
        days: u32,
        /// Why.
        reason: String,
    },
    /// The filer appeals.
    Appeal {
        /// Why.
        reason: String,
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
}

/// What a look says of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookOutcome {
    /// The fault is gone.
    Clean,
    /// The fault is there.
    Broken,
    /// It could not be seen.
    Undecided,
}

/// Why a step is not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepRefused {
    /// The state does not take it.
    #[error("a finding that is {0} does not take this step")]
    State(&'static str),
    /// The one extension was taken.
    #[error("the extension was taken before")]
    AlreadyExtended,
    /// Too long an extension.
    #[error("an extension has 1 to {0} days")]
    ExtensionTooLong(u32),
    /// The one appeal was made.
    #[error("the finding was appealed before")]
    AlreadyAppealed,
    /// No appeal waits.
    #[error("no appeal waits for a decision")]
    NoAppeal,
    /// A recheck is under way.
    #[error("a recheck is under way")]
    RecheckUnderWay,
    /// The look that was shown is not the one that condemns it now.
    #[error("the finding was looked at again since")]
    LookedAtSince,
    /// The look is not the one that is asked for.
    #[error("no such look is asked for")]
    NoSuchLook,
}

/// A finding after `event` at `now`.
pub fn step(
    finding: Finding,
    event: Event,
    now: Timestamp,
    rulebook: &Rulebook,
) -> Result<Finding, StepRefused> {
    let policy = &rulebook.policy.cases;
    let state = StepRefused::State(finding.state.name());
    match event {
        Event::Noticed => Ok(Finding {
            notified_at: finding.notified_at.or(Some(now)),
            ..finding
        }),
        Event::PeriodOver => match finding.state {
            FindingState::Open => {
                let asked = ask(&finding, now, &[], rulebook);
                Ok(asking(finding, asked, |asked| FindingState::LastLook {
                    asked,
                    first_asked_at: now,
                    broken: None,
                    undecided: 0,
                }))
            }
            FindingState::LastLook { .. }
            | FindingState::Condemned { .. }
            | FindingState::Stopping { .. }
            | FindingState::Stopped { .. }
            | FindingState::Closed { .. } => Err(state),
        },
        Event::LookSent => look_sent(finding, now, policy),
        Event::RecheckSent => {
            let recheck = finding.recheck.map(|asked| resent(asked, now, policy));
            Ok(Finding { recheck, ..finding })
        }
        Event::Looked { seen, outcome } => looked(finding, seen, outcome, now, rulebook),
        Event::LookAgain => look_again(finding, now, rulebook),
        Event::Release { by, shown } => release(finding, by, &shown, now),
        Event::BeginStopping => match finding.state {
            FindingState::Condemned { .. } => Ok(Finding {
                state: FindingState::Stopping { stopping_at: now },
                ..finding
            }),
            FindingState::Open
            | FindingState::LastLook { .. }
            | FindingState::Stopping { .. }
            | FindingState::Stopped { .. }
            | FindingState::Closed { .. } => Err(state),
        },
        Event::Stop => match finding.state {
            FindingState::Condemned { .. } | FindingState::Stopping { .. } => Ok(Finding {
                state: FindingState::Stopped { stopped_at: now },
                ..finding
            }),
            FindingState::Open
            | FindingState::LastLook { .. }
            | FindingState::Stopped { .. }
            | FindingState::Closed { .. } => Err(state),
        },
        Event::Reinstate => match finding.state {
            FindingState::Stopped { .. } => Ok(closed(finding, Why::Reinstated, now)),
            FindingState::Open
            | FindingState::LastLook { .. }
            | FindingState::Condemned { .. }
            | FindingState::Stopping { .. }
            | FindingState::Closed { .. } => Err(state),
        },
        Event::Overtake => {
            open_to_the_filer(&finding).map(|()| closed(finding, Why::Overtaken, now))
        }
        Event::Extend { days, reason } => extend(finding, days, reason, now, policy),
        Event::Appeal { reason } => appeal(finding, reason, now),
        Event::DecideAppeal {
            by,
            granted,
            reason,
        } => decide_appeal(
            finding,
            AppealDecision {
                decided_at: now,
                by,
                granted,
                reason,
            },
            now,
        ),
        Event::AskRecheck => ask_recheck(finding, now, rulebook),
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
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.name())),
    }
}

fn closed(finding: Finding, why: Why, now: Timestamp) -> Finding {
    Finding {
        state: FindingState::Closed {
            closed_at: now,
            why,
        },
        recheck: None,
        ..finding
    }
}

/// Asks for a look from a vantage that is not among `used`, as long as there is one.
fn ask(finding: &Finding, send_at: Timestamp, used: &[&VantageId], rulebook: &Rulebook) -> Asked {
    let turn = finding.looks_asked;
    Asked {
        look: LookId::derived("look", &[finding.id.as_str(), &turn.to_string()]),
        vantage: rulebook.vantages.in_turn(turn as usize, used),
        send_at,
    }
}

fn asking(finding: Finding, asked: Asked, state: impl FnOnce(Asked) -> FindingState) -> Finding {
    Finding {
        looks_asked: finding.looks_asked + 1,
        state: state(asked),
        ..finding
    }
}

fn resent(asked: Asked, now: Timestamp, policy: &Cases) -> Asked {
    Asked {
        send_at: now + policy.last_look_retry(),
        ..asked
    }
}

fn look_sent(finding: Finding, now: Timestamp, policy: &Cases) -> Result<Finding, StepRefused> {
    let state = match finding.state {
        FindingState::LastLook {
            asked,
            first_asked_at,
            broken,
            undecided,
        } => {
            let asked = resent(asked, now, policy);
            FindingState::LastLook {
                asked,
                first_asked_at,
                broken,
                undecided,
            }
        }
        FindingState::Condemned {
            looks,
            condemned_at,
            release,
            asked: Some(asked),
        } => {
            let asked = Some(resent(asked, now, policy));
            FindingState::Condemned {
                looks,
                condemned_at,
                release,
                asked,
            }
        }
        FindingState::Open
        | FindingState::Condemned { asked: None, .. }
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Closed { .. } => return Err(StepRefused::NoSuchLook),
    };
    Ok(Finding { state, ..finding })
}

fn looked(
    finding: Finding,
    seen: BrokenLook,
    outcome: LookOutcome,
    now: Timestamp,
    rulebook: &Rulebook,
) -> Result<Finding, StepRefused> {
    if !finding.awaits(&seen.look) {
        return Err(StepRefused::NoSuchLook);
    }
    match outcome {
        // A clean look saves a finding whoever asked for it.
        LookOutcome::Clean => {
            open_to_the_filer(&finding)?;
            Ok(closed(finding, Why::PutRight, now))
        }
        LookOutcome::Broken | LookOutcome::Undecided
            if finding
                .recheck
                .as_ref()
                .is_some_and(|asked| asked.look == seen.look) =>
        {
            Ok(Finding {
                recheck: None,
                ..finding
            })
        }
        LookOutcome::Broken => broken_again(finding, seen, now, rulebook),
        LookOutcome::Undecided => undecided(finding, now, rulebook),
    }
}

fn broken_again(
    finding: Finding,
    seen: BrokenLook,
    now: Timestamp,
    rulebook: &Rulebook,
) -> Result<Finding, StepRefused> {
    let policy = &rulebook.policy.cases;
    let apart = policy.last_look_apart();
    match finding.state.clone() {
        FindingState::LastLook {
            first_asked_at,
            broken,
            ..
        } => {
            let condemned = |looks| FindingState::Condemned {
                looks,
                condemned_at: now,
                release: None,
                asked: None,
            };
            match (finding.brought_by, broken) {
                (BroughtBy::Rows, _) => Ok(Finding {
                    state: condemned(vec![seen]),
                    ..finding
                }),
                (BroughtBy::Looks, Some(first))
                    if first.vantage != seen.vantage && first.begun_at + apart <= seen.begun_at =>
                {
                    Ok(Finding {
                        state: condemned(vec![first, seen]),
                        ..finding
                    })
                }
                // Too close in time or place to the first: the first stands, another is asked for.
                (BroughtBy::Looks, first) => {
                    let first = first.unwrap_or(seen);
                    let asked = ask(
                        &finding,
                        first.begun_at + apart,
                        &[&first.vantage],
                        rulebook,
                    );
                    Ok(asking(finding, asked, |asked| FindingState::LastLook {
                        asked,
                        first_asked_at,
                        broken: Some(first),
                        undecided: 0,
                    }))
                }
            }
        }
        FindingState::Condemned {
            mut looks,
            condemned_at,
            release,
            ..
        } => {
            looks.push(seen);
            let surplus = looks.len().saturating_sub(2);
            let looks = looks.split_off(surplus);
            let state = FindingState::Condemned {
                looks,
                condemned_at,
                release,
                asked: None,
            };
            Ok(Finding { state, ..finding })
        }
        FindingState::Open
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.name())),
    }
}

fn undecided(
    finding: Finding,
    now: Timestamp,
    rulebook: &Rulebook,
) -> Result<Finding, StepRefused> {
    let policy = &rulebook.policy.cases;
    // Doubled each time: 15 minutes, half an hour, … up to 16 hours.
    let wait = |times: u32| policy.last_look_retry() * 2i32.pow(times.min(6));
    match finding.state.clone() {
        FindingState::LastLook {
            first_asked_at,
            broken,
            undecided,
            ..
        } => {
            let used: Vec<&VantageId> = broken.iter().map(|look| &look.vantage).collect();
            let asked = ask(&finding, now + wait(undecided), &used, rulebook);
            Ok(asking(finding, asked, |asked| FindingState::LastLook {
                asked,
                first_asked_at,
                broken: broken.clone(),
                undecided: undecided + 1,
            }))
        }
        FindingState::Condemned {
            looks,
            condemned_at,
            release,
            ..
        } => {
            let asked = ask(&finding, now + wait(0), &[], rulebook);
            Ok(asking(finding, asked, |asked| FindingState::Condemned {
                looks,
                condemned_at,
                release,
                asked: Some(asked),
            }))
        }
        FindingState::Open
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.name())),
    }
}

fn look_again(
    finding: Finding,
    now: Timestamp,
    rulebook: &Rulebook,
) -> Result<Finding, StepRefused> {
    match finding.state.clone() {
        FindingState::Condemned {
            looks,
            condemned_at,
            release,
            asked: None,
        } => {
            let used: Vec<&VantageId> =
                looks.last().map(|look| &look.vantage).into_iter().collect();
            let asked = ask(&finding, now, &used, rulebook);
            Ok(asking(finding, asked, |asked| FindingState::Condemned {
                looks: looks.clone(),
                condemned_at,
                release,
                asked: Some(asked),
            }))
        }
        FindingState::Condemned { .. }
        | FindingState::Open
        | FindingState::LastLook { .. }
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.name())),
    }
}

fn release(
    finding: Finding,
    by: UserId,
    shown: &LookId,
    now: Timestamp,
) -> Result<Finding, StepRefused> {
    match finding.state.clone() {
        FindingState::Condemned {
            looks,
            condemned_at,
            asked,
            ..
        } => {
            if looks.last().is_none_or(|look| look.look != *shown) {
                return Err(StepRefused::LookedAtSince);
            }
            let release = Some(Release {
                by,
                released_at: now,
            });
            let state = FindingState::Condemned {
                looks,
                condemned_at,
                release,
                asked,
            };
            Ok(Finding { state, ..finding })
        }
        FindingState::Open
        | FindingState::LastLook { .. }
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.name())),
    }
}

fn extend(
    finding: Finding,
    days: u32,
    reason: String,
    now: Timestamp,
    policy: &Cases,
) -> Result<Finding, StepRefused> {
    let longest = policy.extension_most_days.min(finding.period_days);
    match finding.state {
        FindingState::Open if finding.extension.is_some() => Err(StepRefused::AlreadyExtended),
        FindingState::Open if days == 0 || longest < days => {
            Err(StepRefused::ExtensionTooLong(longest))
        }
        FindingState::Open => Ok(Finding {
            extension: Some(Extension {
                days,
                taken_at: now,
                reason,
            }),
            ..finding
        }),
        FindingState::LastLook { .. }
        | FindingState::Condemned { .. }
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.name())),
    }
}

fn appeal(mut finding: Finding, reason: String, now: Timestamp) -> Result<Finding, StepRefused> {
    match finding.state {
        FindingState::Open if finding.appeals.is_empty() => {
            finding.appeals.push(Appeal {
                appealed_at: now,
                reason,
                decision: None,
            });
            Ok(finding)
        }
        FindingState::Open => Err(StepRefused::AlreadyAppealed),
        FindingState::LastLook { .. }
        | FindingState::Condemned { .. }
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.name())),
    }
}

fn decide_appeal(
    mut finding: Finding,
    decision: AppealDecision,
    now: Timestamp,
) -> Result<Finding, StepRefused> {
    let granted = decision.granted;
    let waiting = finding
        .appeals
        .iter_mut()
        .find(|appeal| appeal.decision.is_none());
    waiting.ok_or(StepRefused::NoAppeal)?.decision = Some(decision);
    Ok(if granted {
        closed(finding, Why::AppealGranted, now)
    } else {
        finding
    })
}

fn ask_recheck(
    finding: Finding,
    now: Timestamp,
    rulebook: &Rulebook,
) -> Result<Finding, StepRefused> {
    open_to_the_filer(&finding)?;
    if finding.recheck.is_some() {
        return Err(StepRefused::RecheckUnderWay);
    }
    let asked = ask(&finding, now, &[], rulebook);
    let asked = resent(asked, now, &rulebook.policy.cases);
    Ok(Finding {
        looks_asked: finding.looks_asked + 1,
        recheck: Some(asked),
        ..finding
    })
}
