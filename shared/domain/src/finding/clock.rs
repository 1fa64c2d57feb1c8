//! How much of a finding's period is left, computed and never stored.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Finding;
use crate::rulebook::Calendar;
use crate::rulebook::policy::Cases;

/// A stretch of time in which a finding's period stood still: an order under review that answers
/// it, or an appeal. Half-open; without an end while it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// First instant.
    pub from: Timestamp,
    /// First instant after it, once it is over.
    pub until: Option<Timestamp>,
}

/// What a finding's period comes to at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeLeft {
    /// No notice was delivered: the period has not begun.
    NotBegun,
    /// It stands still.
    Frozen,
    /// It runs, until this instant (exclusive).
    Until(Timestamp),
}

/// Computes what is left of a finding's period at `now`.
///
/// The period runs from the first delivered notice, `[notified_at, due)`, over whole calendar days,
/// and ends at 24:00 Asia/Shanghai of a working day. Time under an appeal or under an order that
/// answers the finding does not count: what was left runs on after it. Each interval only ever adds
/// time, so a deadline never moves earlier.
pub fn time_left(
    finding: &Finding,
    orders: &[Interval],
    now: Timestamp,
    policy: &Cases,
    calendar: &Calendar,
) -> TimeLeft {
    let Some(notified_at) = finding.notified_at else {
        return TimeLeft::NotBegun;
    };
    let appeals = finding.appeals.iter().map(|appeal| Interval {
        from: appeal.appealed_at,
        until: appeal.decision.as_ref().map(|decision| decision.decided_at),
    });
    let orders = orders
        .iter()
        .copied()
        .take(policy.freezes_per_case as usize);
    let mut frozen: Vec<Interval> = orders.chain(appeals).collect();
    frozen.sort_by_key(|interval| interval.from);
    let lasts = |interval: &Interval| {
        interval.from <= now && interval.until.is_none_or(|until| now < until)
    };
    if frozen.iter().any(lasts) {
        return TimeLeft::Frozen;
    }
    let days = finding.period_days + finding.extension.as_ref().map_or(0, |taken| taken.days);
    let unfrozen = calendar.deadline(notified_at, i64::from(days));
    let stood_still = overlap(&frozen, notified_at, now);
    if stood_still.is_zero() {
        return TimeLeft::Until(unfrozen);
    }
    // The last instant of the period, moved, ends its own day; a day off moves on to a working day.
    let last = unfrozen + stood_still - SignedDuration::from_nanos(1);
    TimeLeft::Until(calendar.deadline(last, 0))
}

/// Time within `[from, until)` that the intervals, sorted by their beginning, cover together.
fn overlap(intervals: &[Interval], from: Timestamp, until: Timestamp) -> SignedDuration {
    let mut covered_to = from;
    let mut total = SignedDuration::ZERO;
    for interval in intervals {
        let begin = interval.from.max(covered_to);
        let end = interval.until.unwrap_or(until).min(until);
        if begin < end {
            total += end.duration_since(begin);
            covered_to = end;
        }
    }
    total
}
