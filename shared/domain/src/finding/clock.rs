//! How much of a finding's period is left, computed and never stored.

use jiff::{SignedDuration, Timestamp};

use super::{Finding, Freeze, Freezes, Interval, Phase};
use crate::ids::OrderId;
use crate::rulebook::Calendar;
use crate::rulebook::calendar::{end_of, local_date};
use crate::rulebook::policy::Cases;

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
/// answers the finding does not count, if it began within the period: what was left runs on after it. Each interval only
/// ever adds time, so a deadline never moves earlier.
pub fn time_left(
    finding: &Finding,
    freezes: Freezes<'_>,
    now: Timestamp,
    policy: &Cases,
    calendar: &Calendar,
) -> TimeLeft {
    let Some(notified_at) = finding.notified_at else {
        return TimeLeft::NotBegun;
    };
    if let Some(due_by) = finding.bureaus_date() {
        return TimeLeft::Until(due_by);
    }
    let frozen = stood_still(finding, freezes, now, policy, calendar);
    if frozen.iter().any(|interval| interval.lasts_at(now)) {
        return TimeLeft::Frozen;
    }
    let unfrozen = unfrozen_end(finding, notified_at, calendar);
    let (due_at, _) = moved(unfrozen, &frozen, notified_at, now, calendar);
    let reminded = finding.reminded.map(|reminded| reminded.due_at);
    TimeLeft::Until(due_at.max(reminded.unwrap_or(due_at)))
}

/// What is left of a finding's period that stands still at `now`, at least, once it goes on; none where it does not.
pub fn left_once_it_goes_on(
    finding: &Finding,
    freezes: Freezes<'_>,
    now: Timestamp,
    policy: &Cases,
    calendar: &Calendar,
) -> Option<SignedDuration> {
    let TimeLeft::Frozen = time_left(finding, freezes, now, policy, calendar) else {
        return None;
    };
    let notified_at = finding.notified_at?;
    let frozen = stood_still(finding, freezes, now, policy, calendar);
    let unfrozen = unfrozen_end(finding, notified_at, calendar);
    let (_, given_back) = moved(unfrozen, &frozen, notified_at, now, calendar);
    let left = (unfrozen + given_back).duration_since(now);
    Some(left.max(SignedDuration::ZERO))
}

/// The stretches in which a finding's period stood still: under appeals and orders, in order.
fn stood_still(
    finding: &Finding,
    freezes: Freezes<'_>,
    now: Timestamp,
    policy: &Cases,
    calendar: &Calendar,
) -> Vec<Interval> {
    let appeals = finding.appeals.iter().map(|appeal| Interval {
        from: appeal.appealed_at,
        until: appeal.decision.as_ref().map(|decision| decision.decided_at),
    });
    let mut frozen = under_orders(finding, freezes, now, policy, calendar);
    frozen.extend(appeals);
    frozen.sort_by_key(|interval| interval.from);
    frozen
}

/// The end of a finding's period, if nothing held it still. What people were told is kept, where a calendar that was
/// learnt of since would say less.
fn unfrozen_end(finding: &Finding, notified_at: Timestamp, calendar: &Calendar) -> Timestamp {
    let end = period_end(finding, notified_at, calendar);
    end.max(finding.due_named.unwrap_or(end))
}

/// The end of a finding's whole period, if nothing holds it still.
pub(super) fn period_end(
    finding: &Finding,
    notified_at: Timestamp,
    calendar: &Calendar,
) -> Timestamp {
    calendar.deadline(notified_at, i64::from(finding.days()))
}

/// A deadline moved by the stretches, sorted by their beginning, in which the period stood still, and how long that was.
/// One that begins after the period's end holds what follows, and gives no time back.
fn moved(
    unfrozen: Timestamp,
    frozen: &[Interval],
    notified_at: Timestamp,
    now: Timestamp,
    calendar: &Calendar,
) -> (Timestamp, SignedDuration) {
    let mut due_at = unfrozen;
    let mut covered_to = notified_at;
    let mut stood_still = SignedDuration::ZERO;
    for interval in frozen {
        if due_at <= interval.from {
            break;
        }
        let begin = interval.from.max(covered_to);
        let end = interval.until.unwrap_or(now).min(now);
        if begin < end {
            stood_still += end.duration_since(begin);
            covered_to = end;
            // The last instant of the period, moved, ends its own day; a day off moves on to a working day.
            let last = unfrozen + stood_still - SignedDuration::from_nanos(1);
            due_at = calendar.deadline(last, 0);
        }
    }
    (due_at, stood_still)
}

/// The stretches in which orders held a finding still, in order, as far as the caps allow: the first
/// so many submissions of orders since it joined its case, and of the provider's own review so many working days.
fn under_orders(
    finding: &Finding,
    freezes: Freezes<'_>,
    now: Timestamp,
    policy: &Cases,
    calendar: &Calendar,
) -> Vec<Interval> {
    let mut counted: Vec<&Freeze> = freezes
        .iter()
        .filter(|freeze| {
            freeze
                .interval
                .until
                .is_none_or(|until| finding.joined_at < until)
        })
        .collect();
    counted.sort_by_key(|freeze| freeze.interval.from);
    let mut submissions = 0;
    let mut before: Option<(&OrderId, Option<Timestamp>)> = None;
    let mut review_days = policy.frozen_review_working_days;
    let mut held = Vec::new();
    for freeze in counted {
        // From the provider's review an order goes on to the bureau's; what was returned and is sent again holds anew.
        if before != Some((&freeze.order, Some(freeze.interval.from))) {
            submissions += 1;
        }
        before = Some((&freeze.order, freeze.interval.until));
        if policy.freezes_per_case < submissions {
            break;
        }
        let interval = match freeze.phase {
            Phase::Bureau => freeze.interval,
            // Its days are used up.
            Phase::Review if review_days == 0 => continue,
            Phase::Review => {
                let first = local_date(freeze.interval.from);
                let capped = end_of(calendar.add_working_days(first, review_days));
                let ends = freeze.interval.until.unwrap_or(now).min(capped);
                let used = calendar.working_days_between(first, local_date(ends));
                review_days = review_days.saturating_sub(used);
                Interval {
                    from: freeze.interval.from,
                    until: match freeze.interval.until {
                        None if now < capped => None,
                        None | Some(_) => Some(ends),
                    },
                }
            }
        };
        held.push(interval);
    }
    held
}

/// What orders do to a finding whose period is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// No order held it since `since`.
    Never,
    /// One holds it now.
    Lasts,
    /// The last one let it go then.
    Ended(Timestamp),
}

/// Whether orders hold a finding at `now`, or did since `since`.
pub fn hold(
    finding: &Finding,
    freezes: Freezes<'_>,
    since: Timestamp,
    now: Timestamp,
    policy: &Cases,
    calendar: &Calendar,
) -> Hold {
    // What a bureau demanded waits for no order once it is over: staff have looked.
    if finding.demand.is_some() {
        return Hold::Never;
    }
    let held = under_orders(finding, freezes, now, policy, calendar);
    if held.iter().any(|interval| interval.lasts_at(now)) {
        return Hold::Lasts;
    }
    let ended = held.iter().filter_map(|interval| interval.until).max();
    match ended {
        Some(ended) if since < ended && ended <= now => Hold::Ended(ended),
        Some(_) | None => Hold::Never,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Rulebook;
    use crate::finding::testing::{finding, unit};
    use crate::finding::{Answers, Appeal, Decision, Extension, Reminded, Stage};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn freeze(order: &str, phase: Phase, from: &str, until: Option<&str>) -> Freeze {
        Freeze {
            order: order.parse().unwrap(),
            answers: Answers::All,
            phase,
            interval: Interval {
                from: at(from),
                until: until.map(at),
            },
        }
    }

    fn left(finding: &Finding, freezes: &[Freeze], now: &str) -> TimeLeft {
        let rulebook = Rulebook::shipped().unwrap();
        let policy = &rulebook.policy.cases;
        let (unit, calendar) = (unit(), &rulebook.calendar);
        time_left(
            finding,
            Freezes::of(&unit, freezes),
            at(now),
            policy,
            calendar,
        )
    }

    /// Joined on Monday, 2 March 2026, told at 10:00 of the next day, seven days: until 24:00 of the
    /// 10th in Shanghai.
    fn told() -> Finding {
        Finding {
            joined_at: at("2026-03-02T02:00:00Z"),
            notified_at: Some(at("2026-03-03T02:00:00Z")),
            period_days: 7,
            ..finding()
        }
    }

    #[test]
    fn what_is_left_of_a_period_that_stands_still_is_the_same_on_each_day() {
        let rulebook = Rulebook::shipped().unwrap();
        let (policy, calendar, unit) = (&rulebook.policy.cases, &rulebook.calendar, unit());
        let left = |finding: &Finding, now| {
            left_once_it_goes_on(finding, Freezes::of(&unit, &[]), at(now), policy, calendar)
        };
        let appealed = Finding {
            appeals: vec![Appeal {
                appealed_at: at("2026-03-05T02:00:00Z"),
                reason: String::new(),
                material: None,
                decision: None,
            }],
            ..told()
        };
        // From 10:00 of the 5th to 24:00 of the 10th.
        let expected = SignedDuration::from_hours(5 * 24 + 14);
        for now in [
            "2026-03-05T02:00:00Z",
            "2026-03-08T20:00:00Z",
            "2026-04-30T02:00:00Z",
        ] {
            assert_eq!(left(&appealed, now), Some(expected), "{now}");
        }
        assert_eq!(left(&told(), "2026-03-05T02:00:00Z"), None);
    }

    #[test]
    fn a_period_runs_from_the_notice_and_ends_with_a_working_day() {
        let until = |text| TimeLeft::Until(at(text));
        assert_eq!(
            left(&told(), &[], "2026-03-04T00:00:00Z"),
            until("2026-03-10T16:00:00Z")
        );
        let saturday = Finding {
            period_days: 4,
            ..told()
        };
        assert_eq!(
            left(&saturday, &[], "2026-03-04T00:00:00Z"),
            until("2026-03-09T16:00:00Z")
        );
        let untold = Finding {
            notified_at: None,
            ..told()
        };
        assert_eq!(
            left(&untold, &[], "2026-03-30T00:00:00Z"),
            TimeLeft::NotBegun
        );
    }

    #[test]
    fn an_order_holds_the_period_and_what_was_left_runs_on() {
        let review = |until| freeze("o1", Phase::Review, "2026-03-05T02:00:00Z", until);
        assert_eq!(
            left(&told(), &[review(None)], "2026-03-12T00:00:00Z"),
            TimeLeft::Frozen
        );
        let over = review(Some("2026-03-07T02:00:00Z"));
        let left = left(&told(), &[over], "2026-03-12T00:00:00Z");
        assert_eq!(left, TimeLeft::Until(at("2026-03-12T16:00:00Z")));
    }

    #[test]
    fn an_order_holds_although_the_clock_that_wrote_its_beginning_is_ahead() {
        let ahead = freeze("o1", Phase::Review, "2026-03-05T02:10:00Z", None);
        assert_eq!(
            left(
                &told(),
                std::slice::from_ref(&ahead),
                "2026-03-05T02:00:00Z"
            ),
            TimeLeft::Frozen
        );
        let rulebook = Rulebook::shipped().unwrap();
        let (since, now) = (at("2026-03-05T01:00:00Z"), at("2026-03-05T02:00:00Z"));
        let (policy, calendar) = (&rulebook.policy.cases, &rulebook.calendar);
        let (unit, held_by) = (unit(), [ahead]);
        let held = Freezes::of(&unit, &held_by);
        let held = hold(&told(), held, since, now, policy, calendar);
        assert_eq!(held, Hold::Lasts);
    }

    #[test]
    fn a_deadline_that_was_told_is_kept_where_a_calendar_learnt_of_since_says_less() {
        let later = at("2026-03-12T16:00:00Z");
        let named = Finding {
            due_named: Some(later),
            ..told()
        };
        let reminded = Finding {
            reminded: Some(Reminded {
                due_at: later,
                stage: Stage::HalfTime,
            }),
            ..told()
        };
        for kept in [named, reminded] {
            assert_eq!(
                left(&kept, &[], "2026-03-04T00:00:00Z"),
                TimeLeft::Until(later)
            );
        }
    }

    #[test]
    fn an_order_after_the_periods_end_holds_and_gives_no_time_back() {
        let late = |until| freeze("o1", Phase::Review, "2026-03-10T16:00:00Z", until);
        assert_eq!(
            left(&told(), &[late(None)], "2026-03-12T00:00:00Z"),
            TimeLeft::Frozen
        );
        let over = late(Some("2026-03-13T02:00:00Z"));
        let left = left(&told(), &[over], "2026-03-14T00:00:00Z");
        assert_eq!(left, TimeLeft::Until(at("2026-03-10T16:00:00Z")));
    }

    #[test]
    fn a_review_holds_for_thirty_working_days_and_the_bureau_for_as_long_as_it_takes() {
        let review = freeze("o1", Phase::Review, "2026-03-05T02:00:00Z", None);
        let bureau = freeze("o1", Phase::Bureau, "2026-03-05T02:00:00Z", None);
        // Thirty working days after 5 March, with Tomb-sweeping Day between them: 17 April.
        assert_eq!(
            left(
                &told(),
                std::slice::from_ref(&review),
                "2026-04-17T15:59:59Z"
            ),
            TimeLeft::Frozen
        );
        let after = left(&told(), &[review], "2026-04-17T16:00:00Z");
        assert!(matches!(after, TimeLeft::Until(_)), "{after:?}");
        assert_eq!(
            left(&told(), &[bureau], "2026-12-17T16:00:00Z"),
            TimeLeft::Frozen
        );
    }

    #[test]
    fn what_one_order_used_of_the_thirty_days_the_next_one_lacks() {
        let first = freeze(
            "o1",
            Phase::Review,
            "2026-03-05T02:00:00Z",
            Some("2026-04-16T02:00:00Z"),
        );
        let second = freeze("o2", Phase::Review, "2026-04-20T02:00:00Z", None);
        // 29 of the days are used up to 16 April: one is left.
        let both = [first, second];
        assert_eq!(
            left(&told(), &both, "2026-04-21T15:59:59Z"),
            TimeLeft::Frozen
        );
        let after = left(&told(), &both, "2026-04-21T16:00:00Z");
        assert!(matches!(after, TimeLeft::Until(_)), "{after:?}");
    }

    #[test]
    fn the_third_order_of_a_case_holds_nothing_and_orders_of_an_earlier_case_do_not_count() {
        let of = |order, day| {
            let (from, until) = (
                format!("2026-{day}T02:00:00Z"),
                format!("2026-{day}T03:00:00Z"),
            );
            freeze(order, Phase::Review, &from, Some(&until))
        };
        let lasting = freeze("o9", Phase::Review, "2026-03-06T02:00:00Z", None);
        let earlier = [of("o1", "01-05"), of("o2", "01-06"), lasting.clone()];
        assert_eq!(
            left(&told(), &earlier, "2026-03-07T00:00:00Z"),
            TimeLeft::Frozen
        );
        let two_before = [of("o1", "03-04"), of("o2", "03-05"), lasting];
        let third = left(&told(), &two_before, "2026-03-07T00:00:00Z");
        assert!(matches!(third, TimeLeft::Until(_)), "{third:?}");
    }

    #[test]
    fn an_order_that_is_returned_and_sent_again_holds_twice_and_no_more() {
        let sent = |from: &str, until: Option<&str>| freeze("o1", Phase::Review, from, until);
        let once = sent("2026-03-04T02:00:00Z", Some("2026-03-04T03:00:00Z"));
        let twice = sent("2026-03-05T02:00:00Z", Some("2026-03-05T03:00:00Z"));
        let now = "2026-03-07T00:00:00Z";
        let lasting = sent("2026-03-06T02:00:00Z", None);
        assert_eq!(
            left(&told(), &[once.clone(), lasting.clone()], now),
            TimeLeft::Frozen
        );
        let third = left(&told(), &[once, twice, lasting], now);
        assert!(matches!(third, TimeLeft::Until(_)), "{third:?}");
    }

    #[test]
    fn a_phase_of_the_same_order_is_no_second_freeze() {
        let phases = [
            freeze(
                "o1",
                Phase::Review,
                "2026-03-04T02:00:00Z",
                Some("2026-03-05T02:00:00Z"),
            ),
            freeze(
                "o1",
                Phase::Bureau,
                "2026-03-05T02:00:00Z",
                Some("2026-03-06T02:00:00Z"),
            ),
            freeze("o2", Phase::Review, "2026-03-07T02:00:00Z", None),
        ];
        assert_eq!(
            left(&told(), &phases, "2026-03-08T00:00:00Z"),
            TimeLeft::Frozen
        );
    }

    /// Hours after 2025-12-22T02:00:00Z: across a year's end, New Year and the Spring Festival.
    fn hour(hours: i64) -> Timestamp {
        at("2025-12-22T02:00:00Z") + SignedDuration::from_hours(hours)
    }

    /// Stretches of one order each, of one reviewer or the other.
    fn freezes() -> impl Strategy<Value = Vec<Freeze>> {
        let one = (0_i64..1200, 1_i64..400, 0_u8..3, any::<bool>());
        proptest::collection::vec(one, 0..4).prop_map(|stretches| {
            let freeze = |(from, length, order, review): (i64, i64, u8, bool)| Freeze {
                order: format!("o{order}").parse().unwrap(),
                answers: Answers::All,
                phase: if review { Phase::Review } else { Phase::Bureau },
                interval: Interval {
                    from: hour(from),
                    until: Some(hour(from + length)),
                },
            };
            stretches.into_iter().map(freeze).collect()
        })
    }

    fn told_at_hour(hours: i64) -> Finding {
        Finding {
            joined_at: hour(0),
            notified_at: Some(hour(hours)),
            ..finding()
        }
    }

    proptest! {
        #[test]
        fn a_deadline_is_never_earlier_than_without_what_held_it(
            told_at in 0_i64..400,
            freezes in freezes(),
            now in 0_i64..2400,
        ) {
            let rulebook = Rulebook::shipped().unwrap();
            let (policy, calendar) = (&rulebook.policy.cases, &rulebook.calendar);
            let finding = told_at_hour(told_at);
            let plain = calendar.deadline(hour(told_at), i64::from(finding.period_days));
            let unit = unit();
            let held = Freezes::of(&unit, &freezes);
            match time_left(&finding, held, hour(now), policy, calendar) {
                TimeLeft::NotBegun => prop_assert!(false, "it was told"),
                TimeLeft::Frozen => {}
                TimeLeft::Until(until) => {
                    prop_assert!(plain <= until);
                    let last = local_date(until).yesterday().unwrap();
                    prop_assert!(calendar.is_working_day(last) && until == end_of(last));
                }
            }
        }

        #[test]
        fn a_deadline_that_was_told_never_moves_earlier_as_time_goes_by(
            told_at in 0_i64..400,
            freezes in freezes(),
            now in 400_i64..2400,
            later in 0_i64..600,
        ) {
            let rulebook = Rulebook::shipped().unwrap();
            let (policy, calendar) = (&rulebook.policy.cases, &rulebook.calendar);
            let finding = told_at_hour(told_at);
            let unit = unit();
            let held = Freezes::of(&unit, &freezes);
            let left = |now| time_left(&finding, held, hour(now), policy, calendar);
            if let (TimeLeft::Until(first), TimeLeft::Until(second)) = (left(now), left(now + later)) {
                prop_assert!(first <= second);
            }
        }

        #[test]
        fn an_extension_and_an_appeal_only_add(
            told_at in 0_i64..400,
            days in 1_u32..16,
            appealed in 0_i64..300,
            decided in 1_i64..300,
        ) {
            let rulebook = Rulebook::shipped().unwrap();
            let (policy, calendar) = (&rulebook.policy.cases, &rulebook.calendar);
            let plain = told_at_hour(told_at);
            let unit = unit();
            let held = Freezes::of(&unit, &[]);
            let until = |finding: &Finding| match time_left(finding, held, hour(2400), policy, calendar) {
                TimeLeft::Until(until) => until,
                other @ (TimeLeft::NotBegun | TimeLeft::Frozen) => panic!("{other:?}"),
            };
            let mut extended = plain.clone();
            extended.extension = Some(Extension {
                days,
                taken_at: hour(told_at),
                reason: String::new(),
            });
            prop_assert!(until(&plain) <= until(&extended), "a day off may swallow a day");
            let promised = calendar.deadline(hour(told_at), i64::from(plain.period_days + days));
            prop_assert_eq!(until(&extended), promised);
            let mut held = plain.clone();
            let from = hour(told_at + appealed);
            held.appeals = vec![Appeal {
                appealed_at: from,
                reason: String::new(),
                material: None,
                decision: Some(Decision {
                    decided_at: from + SignedDuration::from_hours(decided),
                    by: "u1".parse().unwrap(),
                    granted: false,
                    reason: String::new(),
                }),
            }];
            let added = SignedDuration::from_hours(decided);
            if from < until(&plain) {
                prop_assert!(until(&plain) + added <= until(&held), "what was left runs on whole");
            } else {
                prop_assert_eq!(until(&held), until(&plain));
            }
        }
    }
}
