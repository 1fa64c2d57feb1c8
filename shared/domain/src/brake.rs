//! The brake: how many links may be stopped, and whether the hour is right.
//!
//! **Invariant:** a sweep that would pass a cap stops nobody and latches; it never stops "as many
//! as still fit".

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ids::VoidId;
use crate::rulebook::calendar::{at, local_date};
use crate::rulebook::policy::Brake as Policy;
use crate::rulebook::{BrakeMode, Calendar};

/// Stops per hour: the last 25 hours, so that a rolling day is never counted short.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HourlyStops(BTreeMap<i64, u64>);

/// Hours that are kept, one more than the rolling day has. Source: flows, cases 6.
const HOURS_KEPT: i64 = 25;

const SECONDS_AN_HOUR: i64 = 3600;

impl HourlyStops {
    /// Stops in the hour of `now` and the 24 before it: a rolling day, never under.
    pub fn in_last_day(&self, now: Timestamp) -> u64 {
        let oldest = hour(now) - (HOURS_KEPT - 1);
        self.0.range(oldest..).map(|(_, stops)| stops).sum()
    }

    /// With `stops` more at `now`, older hours let go.
    #[must_use]
    pub fn plus(&self, stops: u64, now: Timestamp) -> Self {
        let oldest = hour(now) - (HOURS_KEPT - 1);
        let mut hours: BTreeMap<i64, u64> = self.0.range(oldest..).map(|(h, n)| (*h, *n)).collect();
        *hours.entry(hour(now)).or_default() += stops;
        Self(hours)
    }
}

fn hour(now: Timestamp) -> i64 {
    now.as_second().div_euclid(SECONDS_AN_HOUR)
}

/// The brake's row: its setting, and whether it latched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Brake {
    /// The setting.
    pub mode: BrakeMode,
    /// Set when a sweep would have passed a cap; staff release a named set.
    pub latched_at: Option<Timestamp>,
    /// The release whose set may pass the caps while the brake is latched: one, and no other after it
    /// until the latch is taken off.
    pub named_at: Option<Timestamp>,
    /// Voids that are under way: what one covers is not stopped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub voids: Vec<VoidId>,
}

impl Brake {
    /// A brake that is not latched.
    pub fn set_to(mode: BrakeMode) -> Self {
        Self {
            mode,
            latched_at: None,
            named_at: None,
            voids: Vec::new(),
        }
    }

    /// Whether the set that was released at `released_at` may be stopped. Latched, only what was
    /// released after it, and of that only the first set.
    pub fn lets_go(&self, released_at: Timestamp) -> bool {
        match (self.latched_at, self.named_at) {
            (None, _) => true,
            (Some(latched_at), None) => latched_at < released_at,
            (Some(_), Some(named_at)) => named_at == released_at,
        }
    }
}

/// What the caps are measured against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// Live links in all.
    pub live_links: u64,
    /// Links stopped in the last rolling day.
    pub stopped: u64,
    /// Links that the sweep would stop.
    pub wanted: u64,
}

/// How often a rule's condemned findings were right, as far as people took them back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Precision {
    /// The first day of the window on which a finding was condemned.
    pub since: Option<Date>,
    /// Findings condemned.
    pub condemned: u64,
    /// Condemned findings that people took back: reinstated, voided, or won by the filer.
    pub taken_back: u64,
}

impl Precision {
    /// Whether the rule may stop access by itself: watched for long enough, on enough findings, of
    /// which few enough were taken back.
    ///
    /// What is taken back counts on the day on which it is, so the share of a window is never
    /// reckoned better than it is by findings that were condemned before it.
    pub fn suffices(&self, today: Date, policy: &Policy) -> bool {
        const ALL: u128 = 10_000;
        let watched = self
            .since
            .and_then(|since| since.until((jiff::Unit::Day, today)).ok())
            .is_some_and(|span| span.get_days() >= policy.automatic_after_days.cast_signed());
        let right = u128::from(self.condemned.saturating_sub(self.taken_back));
        let wanted = u128::from(policy.automatic_precision_basis_points);
        watched
            && u64::from(policy.automatic_precision_of) <= self.condemned
            && wanted * u128::from(self.condemned) <= right * ALL
    }
}

/// Why nothing is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// The cap over all accounts.
    All,
    /// The cap of one account.
    Account,
}

/// The cap that a sweep would pass over all accounts, if any.
pub fn cap_passed(load: &Load, policy: &Policy) -> Option<Held> {
    let after = load.stopped + load.wanted;
    (policy.most_of_all(load.live_links + load.stopped) < after).then_some(Held::All)
}

/// The cap that a sweep would pass for one account.
pub fn account_cap_passed(load: &Load, policy: &Policy) -> Option<Held> {
    let after = load.stopped + load.wanted;
    // Links that the account held a day ago: those that live, and those stopped since.
    (policy.most_of_account(load.live_links + load.stopped) < after).then_some(Held::Account)
}

/// Whether stops may happen at `now`: working days in the stop window, and not the last working day
/// before a holiday. Where the year's holidays are not known yet, no day is.
pub fn in_stop_window(now: Timestamp, policy: &Policy, calendar: &Calendar) -> bool {
    let today = local_date(now);
    let opens = at(today, policy.stop_from_hour);
    let closes = at(today, policy.stop_until_hour);
    calendar.is_working_day(today)
        && calendar.knows_days_around(today)
        && !calendar.is_last_before_holiday(today)
        && opens <= now
        && now < closes
}

/// The next instant at which the stop window opens, after `now`.
pub fn next_stop_window(now: Timestamp, policy: &Policy, calendar: &Calendar) -> Timestamp {
    let mut day = local_date(now);
    let day_length = SignedDuration::from_hours(24);
    let mut noon = at(day, 12);
    // No holiday of the State Council's calendar is longer than the days tried here.
    for _ in 0..LONGEST_WAIT_DAYS {
        let opens = at(day, policy.stop_from_hour);
        if now < opens && in_stop_window(opens, policy, calendar) {
            return opens;
        }
        noon += day_length;
        day = local_date(noon);
    }
    noon
}

/// Days within which a stop window always opens: the longest holiday on record, twice over.
///
/// Source: `config/holidays.json` (10 days off in a row at the spring festival of 2020).
const LONGEST_WAIT_DAYS: u32 = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rulebook;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_rolling_day_is_never_counted_short() {
        let stops = HourlyStops::default().plus(3, at("2026-03-02T02:59:00Z"));
        assert_eq!(stops.in_last_day(at("2026-03-03T02:30:00Z")), 3);
        assert_eq!(stops.in_last_day(at("2026-03-03T02:59:00Z")), 3);
        assert_eq!(stops.in_last_day(at("2026-03-03T03:00:00Z")), 0);
    }

    #[test]
    fn the_caps_hold_at_their_edges() {
        let policy = Rulebook::shipped().unwrap().policy.brake;
        let of = |live_links, stopped, wanted| {
            cap_passed(
                &Load {
                    live_links,
                    stopped,
                    wanted,
                },
                &policy,
            )
        };
        assert_eq!(of(100, 0, 5), None);
        assert_eq!(of(100, 0, 6), Some(Held::All));
        assert_eq!(of(2000, 4, 6), None);
        assert_eq!(of(2000, 4, 7), Some(Held::All));
        assert_eq!(of(1_000_000, 100, 100), None);
        assert_eq!(of(1_000_000, 100, 101), Some(Held::All));
        let account = |live_links, stopped, wanted| {
            account_cap_passed(
                &Load {
                    live_links,
                    stopped,
                    wanted,
                },
                &policy,
            )
        };
        assert_eq!(account(100, 0, 20), None);
        assert_eq!(account(100, 0, 21), Some(Held::Account));
        assert_eq!(account(2000, 0, 40), None);
    }

    #[test]
    fn one_named_set_passes_a_latch_and_none_after_it() {
        let released = [
            at("2026-03-02T01:00:00Z"),
            at("2026-03-02T03:00:00Z"),
            at("2026-03-02T04:00:00Z"),
        ];
        let of = |brake: &Brake| released.map(|released| brake.lets_go(released));
        let open = Brake::set_to(BrakeMode::Manual);
        assert_eq!(of(&open), [true, true, true]);
        let latched = Brake {
            latched_at: Some(at("2026-03-02T02:00:00Z")),
            ..open
        };
        assert_eq!(
            of(&latched),
            [false, true, true],
            "what is older does not count"
        );
        let named = Brake {
            named_at: Some(at("2026-03-02T03:00:00Z")),
            ..latched
        };
        assert_eq!(
            of(&named),
            [false, true, false],
            "the set that was named, and no other"
        );
    }

    #[test]
    fn a_rule_stops_by_itself_after_a_month_of_being_right() {
        let policy = Rulebook::shipped().unwrap().policy.brake;
        let today: Date = "2026-06-30".parse().unwrap();
        let of = |since: &str, condemned, taken_back| {
            let since = since.parse().ok();
            let precision = Precision {
                since,
                condemned,
                taken_back,
            };
            precision.suffices(today, &policy)
        };
        assert!(of("2026-05-31", 200, 1));
        assert!(!of("2026-06-01", 200, 1), "watched for 29 days");
        assert!(!of("2026-05-31", 199, 0), "too few to tell");
        assert!(!of("2026-05-31", 200, 2), "99 %");
        assert!(of("2026-05-31", 1000, 5) && !of("2026-05-31", 1000, 6));
        assert!(
            !of("2026-05-31", 200, 400),
            "more taken back than condemned"
        );
        assert!(!of("", 1000, 0), "never watched");
    }

    #[test]
    fn stops_happen_by_day_and_not_before_a_holiday() {
        let rulebook = Rulebook::shipped().unwrap();
        let (policy, calendar) = (&rulebook.policy.brake, &rulebook.calendar);
        let open = |text| in_stop_window(at(text), policy, calendar);
        assert!(!open("2026-03-02T01:59:59Z"));
        assert!(open("2026-03-02T02:00:00Z"));
        assert!(open("2026-03-02T07:59:59Z"));
        assert!(!open("2026-03-02T08:00:00Z"));
        assert!(!open("2026-03-01T03:00:00Z"), "a Sunday");
        assert!(
            !open("2026-09-30T03:00:00Z"),
            "the day before the national day"
        );
        assert!(
            !open("2026-12-31T03:00:00Z") && !open("2027-03-02T03:00:00Z"),
            "the holidays of 2027 are not known yet"
        );
        let next = |text| next_stop_window(at(text), policy, calendar);
        assert_eq!(next("2026-03-02T02:00:00Z"), at("2026-03-03T02:00:00Z"));
        assert_eq!(next("2026-03-06T09:00:00Z"), at("2026-03-09T02:00:00Z"));
    }
}
