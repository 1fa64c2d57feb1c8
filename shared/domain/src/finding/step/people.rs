//! The steps that people take: the filer's, and the staff's.

use jiff::Timestamp;

use super::after_stop::give_back;
use super::looks::{ask, condemned, resent};
use super::{StepRefused, closed, open_to_the_filer};
use crate::finding::{
    Appeal, BrokenLook, BroughtBy, Condemned, Decision, Extension, Finding, FindingState,
    Rechecked, Release, StaffExtension, Why,
};
use crate::ids::{LookId, MaterialId, UserId};
use crate::rulebook::Rulebook;
use crate::rulebook::policy::Cases;

pub(super) fn release(
    finding: Finding,
    by: UserId,
    shown: &LookId,
    now: Timestamp,
) -> Result<Finding, StepRefused> {
    let refused = StepRefused::State(finding.state.text());
    let FindingState::Condemned(condemned) = finding.state else {
        return Err(refused);
    };
    if condemned
        .looks
        .last()
        .is_none_or(|look| look.look != *shown)
    {
        return Err(StepRefused::LookedAtSince);
    }
    let release = Some(Release {
        by,
        released_at: now,
    });
    Ok(Finding {
        state: FindingState::Condemned(Condemned {
            release,
            ..condemned
        }),
        ..finding
    })
}

pub(super) fn extend(
    finding: Finding,
    days: u32,
    reason: String,
    now: Timestamp,
    policy: &Cases,
) -> Result<Finding, StepRefused> {
    let longest = finding.may_extend_by(policy);
    match finding.state {
        FindingState::Open if finding.demand.is_some() => Err(StepRefused::BureausDate),
        FindingState::Open if finding.extension.is_some() => Err(StepRefused::AlreadyExtended),
        FindingState::Open if longest.is_some_and(|longest| days == 0 || longest < days) => {
            Err(StepRefused::ExtensionTooLong(longest.unwrap_or_default()))
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
        | FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.text())),
    }
}

/// Days that staff give: as long as the filer's own extension at a time, and as often as they find right.
pub(super) fn extend_by_staff(
    mut finding: Finding,
    (by, reason): (UserId, String),
    days: u32,
    now: Timestamp,
    policy: &Cases,
) -> Result<Finding, StepRefused> {
    let longest = policy.staff_extension_most_days;
    match finding.state {
        FindingState::Open if finding.demand.is_some() => Err(StepRefused::BureausDate),
        FindingState::Open if days == 0 || longest < days => {
            Err(StepRefused::ExtensionTooLong(longest))
        }
        FindingState::Open => {
            finding.staff_extensions.push(StaffExtension {
                days,
                given_at: now,
                by,
                reason,
            });
            Ok(finding)
        }
        FindingState::LastLook { .. }
        | FindingState::Condemned { .. }
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.text())),
    }
}

/// A first appeal, or a second that brings what the first did not.
pub(super) fn appeal(
    mut finding: Finding,
    (reason, material): (String, Option<MaterialId>),
    now: Timestamp,
) -> Result<Finding, StepRefused> {
    match finding.state {
        FindingState::Open => {
            if finding.is_under_appeal() || 1 < finding.appeals.len() {
                return Err(StepRefused::AlreadyAppealed);
            }
            if let Some(first) = finding.appeals.first()
                && (material.is_none() || material == first.material)
            {
                return Err(StepRefused::NothingNew);
            }
            finding.appeals.push(Appeal {
                appealed_at: now,
                reason,
                material,
                decision: None,
            });
            Ok(finding)
        }
        FindingState::LastLook { .. }
        | FindingState::Condemned { .. }
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.text())),
    }
}

pub(super) fn decide_appeal(
    mut finding: Finding,
    decision: Decision,
    now: Timestamp,
) -> Result<Finding, StepRefused> {
    let granted = decision.granted;
    let state = StepRefused::State(finding.state.text());
    let waiting = finding
        .appeals
        .iter_mut()
        .find(|appeal| appeal.decision.is_none());
    waiting.ok_or(StepRefused::NoAppeal)?.decision = Some(decision);
    match finding.state {
        FindingState::Open | FindingState::LastLook { .. } | FindingState::Condemned { .. }
            if granted =>
        {
            Ok(closed(finding, Why::AppealGranted, now))
        }
        // What a bureau dated waited for no appeal.
        FindingState::Stopping { .. } | FindingState::Stopped { .. } if granted => {
            Ok(give_back(finding, Why::AppealGranted, now))
        }
        FindingState::Open
        | FindingState::LastLook { .. }
        | FindingState::Condemned { .. }
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. } => Ok(finding),
        FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => Err(state),
    }
}

pub(super) fn ask_recheck(
    finding: Finding,
    now: Timestamp,
    rulebook: &Rulebook,
) -> Result<Finding, StepRefused> {
    open_to_the_filer(&finding)?;
    if finding.is_to_stop_now() {
        return Err(StepRefused::BureausOrder);
    }
    // Staff look at what a bureau demanded: asked for once, however often.
    if finding.demand.is_some() {
        return Ok(Finding {
            reading_asked_at: finding.reading_asked_at.or(Some(now)),
            rechecked: None,
            ..finding
        });
    }
    if finding.recheck.is_some() {
        return Err(StepRefused::RecheckUnderWay);
    }
    let asked = ask(&finding, now, &[], rulebook);
    let asked = resent(asked, now, &rulebook.policy.cases);
    Ok(Finding {
        looks_asked: finding.looks_asked + 1,
        recheck: Some(asked),
        rechecked: None,
        ..finding
    })
}

/// What staff saw stands for the looks: kept, it is put right; broken after its period, it is condemned.
pub(super) fn read_by_people(
    finding: Finding,
    look: LookId,
    broken: bool,
    now: Timestamp,
    rulebook: &Rulebook,
) -> Result<Finding, StepRefused> {
    if finding.is_to_stop_now() {
        return Err(StepRefused::BureausOrder);
    }
    if !broken {
        open_to_the_filer(&finding)?;
        return Ok(closed(finding, Why::PutRight, now));
    }
    match finding.state {
        FindingState::LastLook { .. } => {
            let seen = BrokenLook {
                look,
                begun_at: now,
                vantage: rulebook.vantages.in_turn(0, &[]),
            };
            Ok(Finding {
                // It is read again where people brought it, and not looked at.
                brought_by: BroughtBy::Files,
                state: condemned(vec![seen], now),
                reading_asked_at: None,
                ..finding
            })
        }
        // Its filer asked: the answer is no, and the period goes on.
        FindingState::Open | FindingState::Condemned { .. }
            if finding.reading_asked_at.is_some() =>
        {
            Ok(Finding {
                reading_asked_at: None,
                rechecked: Some(Rechecked {
                    at: now,
                    is_broken: true,
                }),
                ..finding
            })
        }
        FindingState::Open => Err(StepRefused::BeforeDeadline),
        FindingState::Condemned { .. }
        | FindingState::Stopping { .. }
        | FindingState::Stopped { .. }
        | FindingState::Moving { .. }
        | FindingState::Reported { .. }
        | FindingState::Closed { .. } => Err(StepRefused::State(finding.state.text())),
    }
}
