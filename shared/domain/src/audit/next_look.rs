//! When a unit is looked at next.

use jiff::{SignedDuration, Timestamp};

use super::{Asked, Judged, Suspicion};
use crate::command::hashed;
use crate::ids::UnitId;
use crate::look::Failure;
use crate::rulebook::policy::Audits;
use crate::rules::{Outcome, Undecided, rule};

/// When the last of those who may not be asked yet may be asked again.
fn throttled_until(judged: &Judged<'_>) -> Option<Timestamp> {
    let outcomes = judged.outcomes.iter();
    let until = outcomes.filter_map(|(_, _, outcome)| {
        if let Outcome::Undecided(Undecided::LookFailed(Failure::Throttled { until })) = outcome {
            Some(*until)
        } else {
            None
        }
    });
    until.max()
}

/// The next look: of the regular period, or before it what a suspicion, an answer that is awaited or a doubt calls for.
pub(super) fn next_look(
    unit: &UnitId,
    (suspicions, asked, retry): (&[Suspicion], &[Asked], Option<Timestamp>),
    judged: &Judged<'_>,
    regular_at: Timestamp,
    policy: &Audits,
) -> Timestamp {
    let apart = policy.confirmation_apart();
    let confirmable = |suspicion: &&Suspicion| {
        let rule = rule(&suspicion.rule);
        rule.is_some_and(|rule| rule.can_confirm(&suspicion.vantage, judged.vantages))
    };
    let confirming = suspicions
        .iter()
        .filter(confirmable)
        .map(|suspicion| suspicion.begun_at + apart + jitter(unit, policy.confirmation_jitter()))
        .map(|at| at.max(judged.begun_at + RETRY_AT_ONCE))
        .min();
    // A doubt on top of a suspicion waits for the doubt's own back-off.
    let answers = asked
        .iter()
        .map(|asked| asked.until.max(judged.begun_at + RETRY_AT_ONCE));
    let next = retry
        .or(confirming)
        .into_iter()
        .chain(answers)
        .fold(regular_at, Timestamp::min);
    // Who said when to come again is not asked before.
    next.max(throttled_until(judged).unwrap_or(next))
}

/// A suspicion from a vantage that must change is looked at again soon, but not at once.
const RETRY_AT_ONCE: SignedDuration = SignedDuration::from_mins(5);

/// A fixed share of `span` for this unit: the same each time, even over many units.
pub(super) fn jitter(unit: &UnitId, span: SignedDuration) -> SignedDuration {
    let hash = hashed("jitter", &[&unit.to_string()]);
    let share = u64::from_str_radix(hash.get(..8).unwrap_or("0"), 16).unwrap_or_default();
    let seconds = u64::try_from(span.as_secs()).unwrap_or_default();
    SignedDuration::from_secs(
        i64::try_from(share * seconds / (u64::from(u32::MAX) + 1)).unwrap_or_default(),
    )
}
