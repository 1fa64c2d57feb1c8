//! The steps that looks lead to: asked for, sent, judged.

use jiff::Timestamp;

use super::{LookOutcome, StepRefused, closed, open_to_the_filer};
use crate::audit::UndecidedRun;
use crate::finding::{
    Asked, BrokenLook, BroughtBy, Condemned, Finding, FindingState, Rechecked, Why,
};
use crate::ids::{LookId, VantageId};
use crate::rulebook::policy::Cases;
use crate::rulebook::{Rulebook, Vantages};
use crate::rules::rule;

/// Asks for a look from a vantage that is not among `used`, as long as there is one.
pub(super) fn ask(
    finding: &Finding,
    send_at: Timestamp,
    used: &[&VantageId],
    rulebook: &Rulebook,
) -> Asked {
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

/// The first of the last looks, asked for at `now`.
pub(super) fn last_look(finding: Finding, now: Timestamp, rulebook: &Rulebook) -> Finding {
    let asked = ask(&finding, now, &[], rulebook);
    asking(finding, asked, |asked| FindingState::LastLook {
        asked,
        first_asked_at: now,
        broken: None,
        undecided: 0,
    })
}

/// The last looks begin anew: what was seen before an order says nothing of what is after it.
pub(super) fn look_anew(
    finding: Finding,
    now: Timestamp,
    rulebook: &Rulebook,
) -> Result<Finding, StepRefused> {
    match finding.state {
        FindingState::LastLook { .. } | FindingState::Condemned { .. } => {
            Ok(last_look(finding, now, rulebook))
        }
        FindingState::Open
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.text())),
    }
}

pub(super) fn resent(asked: Asked, now: Timestamp, policy: &Cases) -> Asked {
    Asked {
        send_at: now + policy.last_look_retry(),
        ..asked
    }
}

pub(super) fn look_sent(
    finding: Finding,
    now: Timestamp,
    policy: &Cases,
) -> Result<Finding, StepRefused> {
    let state = match finding.state {
        FindingState::LastLook {
            asked,
            first_asked_at,
            broken,
            undecided,
        } => FindingState::LastLook {
            asked: resent(asked, now, policy),
            first_asked_at,
            broken,
            undecided,
        },
        FindingState::Condemned(condemned) => {
            let asked = condemned.asked.ok_or(StepRefused::NoSuchLook)?;
            FindingState::Condemned(Condemned {
                asked: Some(resent(asked, now, policy)),
                ..condemned
            })
        }
        FindingState::Open
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => return Err(StepRefused::NoSuchLook),
    };
    Ok(Finding { state, ..finding })
}

pub(super) fn looked(
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
        LookOutcome::Broken | LookOutcome::BrokenByPeople | LookOutcome::Undecided
            if finding
                .recheck
                .as_ref()
                .is_some_and(|asked| asked.look == seen.look) =>
        {
            Ok(Finding {
                recheck: None,
                rechecked: Some(Rechecked {
                    at: now,
                    is_broken: outcome != LookOutcome::Undecided,
                }),
                ..finding
            })
        }
        LookOutcome::Broken => {
            let brought_by = rule(&finding.rule).map_or(finding.brought_by, |rule| rule.brought_by);
            broken_again(finding, (seen, brought_by), now, rulebook)
        }
        LookOutcome::BrokenByPeople => {
            broken_again(finding, (seen, BroughtBy::Files), now, rulebook)
        }
        LookOutcome::Undecided => undecided(finding, now, rulebook),
    }
}

/// Whether two looks were made far enough apart in place for the finding's rule.
fn is_seen_apart(
    finding: &Finding,
    first: &BrokenLook,
    seen: &BrokenLook,
    vantages: &Vantages,
) -> bool {
    rule(&finding.rule)
        .is_some_and(|rule| rule.is_seen_apart(&first.vantage, &seen.vantage, vantages))
}

/// Condemned by looks.
pub(super) fn condemned(looks: Vec<BrokenLook>, now: Timestamp) -> FindingState {
    FindingState::Condemned(Condemned {
        looks,
        condemned_at: now,
        release: None,
        asked: None,
        undecided: None,
    })
}

/// What is broken still. `brought_by` brings it now: what people once decided, and machines see by themselves meanwhile,
/// is for looks to confirm.
fn broken_again(
    finding: Finding,
    (seen, brought_by): (BrokenLook, BroughtBy),
    now: Timestamp,
    rulebook: &Rulebook,
) -> Result<Finding, StepRefused> {
    let (policy, vantages) = (&rulebook.policy.cases, &rulebook.vantages);
    let apart = policy.last_look_apart();
    let by_others_before = finding.brought_by != brought_by;
    let mut finding = Finding {
        brought_by,
        ..finding
    };
    match finding.state.clone() {
        FindingState::LastLook {
            first_asked_at,
            broken,
            ..
        } => {
            match (brought_by, broken) {
                (BroughtBy::Rows | BroughtBy::Files, _) => Ok(Finding {
                    state: condemned(vec![seen], now),
                    ..finding
                }),
                // The clock that said the period was over was ahead: a look from before it counts for nothing.
                (BroughtBy::Looks, broken) if seen.begun_at < first_asked_at => {
                    let used: Vec<&VantageId> = broken.iter().map(|look| &look.vantage).collect();
                    let asked = ask(&finding, first_asked_at.max(now), &used, rulebook);
                    Ok(asking(finding, asked, |asked| FindingState::LastLook {
                        asked,
                        first_asked_at,
                        broken: broken.clone(),
                        undecided: 0,
                    }))
                }
                (BroughtBy::Looks, Some(first))
                    if is_seen_apart(&finding, &first, &seen, vantages)
                        && first.begun_at + apart <= seen.begun_at =>
                {
                    let mut looks = finding.looks.clone();
                    looks.extend([first.look.clone(), seen.look.clone()]);
                    Ok(Finding {
                        looks,
                        state: condemned(vec![first, seen], now),
                        ..finding
                    })
                }
                // Too close in time or place to the first: the first stands, another is asked for.
                (BroughtBy::Looks, first) => {
                    let again = seen.begun_at + policy.last_look_retry();
                    // What no look could confirm, since vantages changed, gives way to what is seen now.
                    let confirmable = |first: &BrokenLook| {
                        rule(&finding.rule)
                            .is_some_and(|rule| rule.can_confirm(&first.vantage, vantages))
                    };
                    let first = first.filter(confirmable).unwrap_or(seen);
                    let at = (first.begun_at + apart).max(again);
                    let asked = ask(&finding, at, &[&first.vantage], rulebook);
                    Ok(asking(finding, asked, |asked| FindingState::LastLook {
                        asked,
                        first_asked_at,
                        broken: Some(first),
                        undecided: 0,
                    }))
                }
            }
        }
        // What condemned it says nothing any more: this look is the first of two.
        FindingState::Condemned(_) if by_others_before && brought_by == BroughtBy::Looks => {
            let asked = ask(&finding, seen.begun_at + apart, &[&seen.vantage], rulebook);
            Ok(asking(finding, asked, |asked| FindingState::LastLook {
                asked,
                first_asked_at: now,
                broken: Some(seen),
                undecided: 0,
            }))
        }
        FindingState::Condemned(mut condemned) => {
            finding.looks.push(seen.look.clone());
            condemned.looks.push(seen);
            let surplus = condemned.looks.len().saturating_sub(2);
            let state = FindingState::Condemned(Condemned {
                looks: condemned.looks.split_off(surplus),
                asked: None,
                undecided: None,
                ..condemned
            });
            Ok(Finding { state, ..finding })
        }
        FindingState::Open
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.text())),
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
        FindingState::Condemned(condemned) => {
            let run = condemned.undecided;
            let looks = run.map_or(0, |run| run.looks);
            let asked = ask(&finding, now + wait(looks), &[], rulebook);
            let run = UndecidedRun {
                since: run.map_or(now, |run| run.since),
                looks: looks + 1,
            };
            Ok(asking(finding, asked, |asked| {
                FindingState::Condemned(Condemned {
                    asked: Some(asked),
                    undecided: Some(run),
                    ..condemned
                })
            }))
        }
        FindingState::Open
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.text())),
    }
}

pub(super) fn look_again(
    finding: Finding,
    now: Timestamp,
    rulebook: &Rulebook,
) -> Result<Finding, StepRefused> {
    let refused = StepRefused::State(finding.state.text());
    let FindingState::Condemned(condemned) = finding.state.clone() else {
        return Err(refused);
    };
    if condemned.asked.is_some() {
        return Err(refused);
    }
    let last = condemned.looks.last();
    let used: Vec<&VantageId> = last.map(|look| &look.vantage).into_iter().collect();
    let asked = ask(&finding, now, &used, rulebook);
    Ok(asking(finding, asked, |asked| {
        FindingState::Condemned(Condemned {
            asked: Some(asked),
            ..condemned.clone()
        })
    }))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::finding::testing::finding;
    use crate::finding::{Event, step};

    fn seen(turn: u32) -> BrokenLook {
        BrokenLook {
            look: LookId::derived("look", &["f1", &turn.to_string()]),
            begun_at: "2026-03-11T02:00:00Z".parse().unwrap(),
            vantage: "resolver-114".parse().unwrap(),
        }
    }

    /// Condemned by people, whose word stands no more: a newer look was asked for.
    fn by_people() -> Finding {
        let rulebook = Rulebook::shipped().unwrap();
        let now = "2026-03-11T02:00:00Z".parse().unwrap();
        let read = BrokenLook {
            look: "read".parse().unwrap(),
            ..seen(0)
        };
        let condemned = Finding {
            brought_by: BroughtBy::Files,
            state: condemned(vec![read], now),
            ..finding()
        };
        look_again(condemned, now, &rulebook).unwrap()
    }

    fn after(outcome: LookOutcome) -> Finding {
        let (rulebook, before) = (Rulebook::shipped().unwrap(), by_people());
        let FindingState::Condemned(condemned) = &before.state else {
            panic!("{before:#?}");
        };
        let asked = condemned.asked.clone().unwrap();
        let seen = BrokenLook {
            look: asked.look,
            ..seen(0)
        };
        let now = "2026-03-11T02:05:00Z".parse().unwrap();
        step(before, Event::Looked { seen, outcome }, now, &rulebook).unwrap()
    }

    #[test]
    fn a_look_that_began_before_the_period_was_over_condemns_nothing() {
        let rulebook = Rulebook::shipped().unwrap();
        // The sweep's clock is ten minutes ahead: the look begins before what it took for now.
        let over: Timestamp = "2026-03-10T16:00:00Z".parse().unwrap();
        let began = |finding: &Finding, at: Timestamp, first: Option<&BrokenLook>| {
            let FindingState::LastLook { asked, broken, .. } = &finding.state else {
                panic!("{finding:#?}");
            };
            assert_eq!(broken.as_ref(), first);
            BrokenLook {
                look: asked.look.clone(),
                begun_at: at,
                vantage: asked.vantage.clone(),
            }
        };
        let broken = |finding: Finding, seen: &BrokenLook| {
            let outcome = LookOutcome::Broken;
            let seen = seen.clone();
            let now = seen.begun_at;
            step(finding, Event::Looked { seen, outcome }, now, &rulebook).unwrap()
        };
        let asked = last_look(finding(), over, &rulebook);
        let early = began(&asked, over - SignedDuration::from_mins(5), None);
        let again = broken(asked, &early);
        let first = began(&again, over, None);
        assert_ne!(first.look, early.look);
        let once = broken(again, &first);
        let hour_later = over + SignedDuration::from_hours(1);
        let second = began(&once, hour_later, Some(&first));
        let condemned = broken(once, &second);
        let FindingState::Condemned(condemned) = condemned.state else {
            panic!("{condemned:#?}");
        };
        assert_eq!(condemned.looks, [first, second]);
    }

    #[test]
    fn what_people_decided_and_machines_see_meanwhile_is_for_two_looks() {
        let first = after(LookOutcome::Broken);
        assert_eq!(first.brought_by, BroughtBy::Looks);
        let FindingState::LastLook { asked, broken, .. } = &first.state else {
            panic!("{first:#?}");
        };
        let broken = broken.as_ref().unwrap();
        assert_ne!(asked.vantage, broken.vantage);
        assert!(broken.begun_at < asked.send_at);
    }

    #[test]
    fn what_people_decided_and_still_stands_condemns_by_one_reading() {
        let still = after(LookOutcome::BrokenByPeople);
        assert_eq!(still.brought_by, BroughtBy::Files);
        let FindingState::Condemned(condemned) = &still.state else {
            panic!("{still:#?}");
        };
        assert_eq!((condemned.looks.len(), &condemned.asked), (2, &None));
    }
}
