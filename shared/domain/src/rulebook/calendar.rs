//! Working days of mainland China, and Asia/Shanghai as deadlines are said in it.
//!
//! **Invariant:** the zone is a fixed +08:00, as it has been since 1991; no zone database is read.
//! Instants before the first or after the last that `jiff` holds are bent to the nearest.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use super::fault::{self, RulebookFault};

/// The file's name.
pub(crate) const FILE: &str = "holidays.json";

/// Beijing time: UTC+8, without summer time since 1991-09-15 (IANA time zone database, Asia/Shanghai).
const SHANGHAI: Offset = Offset::constant(8);

/// Longest run of days off that is looked across; a longer one ends the search where it is.
const LONGEST_RUN_DAYS: usize = 400;

/// Which days are working days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i16, Vec<String>>,
    days_off: BTreeSet<Date>,
    working_days: BTreeSet<Date>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    #[serde(rename = "note")]
    _note: Option<String>,
    years: BTreeMap<String, Year>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Year {
    notices: Vec<String>,
    days_off: Vec<Date>,
    working_days: Vec<Date>,
}

impl Calendar {
    /// Reads the file's text.
    pub(crate) fn read(text: &str) -> Result<Self, RulebookFault> {
        let file: File = fault::read(FILE, text)?;
        let mut calendar = Self {
            years: BTreeMap::new(),
            days_off: BTreeSet::new(),
            working_days: BTreeSet::new(),
        };
        for (key, year) in file.years {
            let path = format!("/years/{key}");
            let number: i16 = key.parse().map_err(|_| {
                RulebookFault::at(FILE, &path, format!("{key:?}"), "a year, such as \"2026\"")
            })?;
            calendar.years.insert(number, year.notices);
            calendar.days_off.extend(year.days_off);
            for day in year.working_days {
                if calendar.days_off.contains(&day) {
                    let path = format!("{path}/workingDays");
                    return Err(RulebookFault::at(
                        FILE,
                        path,
                        day,
                        "a day that is not a day off",
                    ));
                }
                calendar.working_days.insert(day);
            }
        }
        Ok(calendar)
    }

    /// Whether offices work on `day`: a make-up day, or Monday to Friday and no day off.
    pub fn is_working_day(&self, day: Date) -> bool {
        self.working_days.contains(&day) || (!is_weekend(day) && !self.days_off.contains(&day))
    }

    /// Whether the notice for `year` is not known, so that its holidays are only weekends.
    pub fn is_provisional(&self, year: i16) -> bool {
        !self.years.contains_key(&year)
    }

    /// Where the days of `year` were announced; nothing where they are provisional.
    pub fn notices(&self, year: i16) -> &[String] {
        self.years.get(&year).map_or(&[], Vec::as_slice)
    }

    /// `day`, or the next working day after it.
    pub fn working_day_on_or_after(&self, day: Date) -> Date {
        days_from(day)
            .find(|day| self.is_working_day(*day))
            .unwrap_or(day)
    }

    /// The `count`-th working day after `day`; `day` itself for none.
    pub fn add_working_days(&self, day: Date, count: u32) -> Date {
        (0..count).fold(day, |day, _| self.working_day_on_or_after(next(day)))
    }

    /// The day that is `count` working days before `day`.
    pub fn working_days_before(&self, day: Date, count: u32) -> Date {
        let earlier = day.series(jiff::Span::new().days(-1)).skip(1);
        let mut working = earlier.filter(|day| self.is_working_day(*day));
        let steps = (count as usize).saturating_sub(1);
        if count == 0 {
            day
        } else {
            working.nth(steps).unwrap_or(day)
        }
    }

    /// Working days in `[from, until)`.
    pub fn working_days_between(&self, from: Date, until: Date) -> u32 {
        let days = std::iter::successors(Some(from), |day| Some(next(*day)))
            .take_while(|day| *day < until);
        u32::try_from(days.filter(|day| self.is_working_day(*day)).count()).unwrap_or(u32::MAX)
    }

    /// Whether `day` is the working day before a run of days off that holds a holiday, and not
    /// only a weekend.
    pub fn is_last_before_holiday(&self, day: Date) -> bool {
        let mut run = days_from(next(day)).take_while(|day| !self.is_working_day(*day));
        self.is_working_day(day) && run.any(|day| self.days_off.contains(&day))
    }

    /// Whether the holidays of `day` and of all until the working day after it are known, and not guessed.
    pub fn knows_days_around(&self, day: Date) -> bool {
        let after = self.add_working_days(day, 1);
        !self.is_provisional(day.year()) && !self.is_provisional(after.year())
    }

    /// The end of a period of `days` calendar days that begins at `from`: 24:00 of its last day,
    /// moved to the next working day's 24:00 where that day is none.
    pub fn deadline(&self, from: Timestamp, days: i64) -> Timestamp {
        let last = local_date(from).saturating_add(days.clamp(-MOST_DAYS, MOST_DAYS).days());
        end_of(self.working_day_on_or_after(last))
    }

    /// The end of a period of `count` working days that begins at `from`: 24:00 of the last.
    pub fn working_deadline(&self, from: Timestamp, count: u32) -> Timestamp {
        end_of(self.add_working_days(local_date(from), count))
    }
}

/// Days of the longest period that is reckoned, so that no span overflows: a thousand years.
const MOST_DAYS: i64 = 365_000;

/// The date in Shanghai.
pub fn local_date(instant: Timestamp) -> Date {
    SHANGHAI.to_datetime(instant).date()
}

/// The time of day in Shanghai.
pub fn local_time(instant: Timestamp) -> Time {
    SHANGHAI.to_datetime(instant).time()
}

/// 00:00 of `day` in Shanghai.
pub fn start_of(day: Date) -> Timestamp {
    at(day, 0)
}

/// 24:00 of `day` in Shanghai: the first instant of the next day.
pub fn end_of(day: Date) -> Timestamp {
    match day.tomorrow() {
        Ok(next) => start_of(next),
        Err(_) => Timestamp::MAX,
    }
}

/// `hour` o'clock of `day` in Shanghai; 24 and more run into the next day's midnight.
pub fn at(day: Date, hour: u32) -> Timestamp {
    let Ok(hour @ 0..24) = i8::try_from(hour) else {
        return end_of(day);
    };
    SHANGHAI
        .to_timestamp(day.at(hour, 0, 0, 0))
        .unwrap_or(if day.year() < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        })
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn next(day: Date) -> Date {
    day.tomorrow().unwrap_or(day)
}

fn days_from(day: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(day), |day| Some(next(*day))).take(LONGEST_RUN_DAYS)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::Rulebook;

    fn calendar() -> Calendar {
        Rulebook::shipped().unwrap().calendar
    }

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_make_up_saturday_is_a_working_day_and_a_holiday_is_not() {
        let calendar = calendar();
        for (day, works) in [
            (date(2026, 2, 14), true),
            (date(2026, 2, 16), false),
            (date(2026, 2, 24), true),
            (date(2026, 3, 7), false),
            (date(2026, 3, 9), true),
        ] {
            assert_eq!(calendar.is_working_day(day), works, "{day}");
        }
    }

    #[test]
    fn a_year_without_a_notice_is_provisional() {
        let calendar = calendar();
        assert!(!calendar.is_provisional(2026));
        assert!((2020..=2026).all(|year| !calendar.notices(year).is_empty()));
        assert!(calendar.notices(2027).is_empty());
        assert!(calendar.is_provisional(2027));
        assert!(calendar.is_working_day(date(2027, 10, 1)));
    }

    #[test]
    fn the_days_around_the_end_of_the_last_known_year_are_not_known() {
        let year = r#"{ "notices": ["n"], "daysOff": [], "workingDays": [] }"#;
        let known = format!(r#"{{ "years": {{ "2026": {year}, "2028": {year} }} }}"#);
        let calendar = Calendar::read(&known).unwrap();
        for (day, is_known) in [
            (date(2026, 12, 30), true),
            (date(2026, 12, 31), false),
            // A Friday: the working day after it is in a year whose holidays nobody knows yet.
            (date(2028, 12, 29), false),
            (date(2028, 12, 28), true),
        ] {
            assert_eq!(calendar.knows_days_around(day), is_known, "{day}");
        }
    }

    #[test]
    fn working_days_skip_the_spring_festival() {
        let calendar = calendar();
        assert_eq!(
            calendar.add_working_days(date(2026, 2, 14), 1),
            date(2026, 2, 24)
        );
        assert_eq!(
            calendar.add_working_days(date(2026, 2, 14), 0),
            date(2026, 2, 14)
        );
        assert_eq!(
            calendar.working_day_on_or_after(date(2026, 2, 15)),
            date(2026, 2, 24)
        );
        assert_eq!(
            calendar.working_day_on_or_after(date(2026, 2, 14)),
            date(2026, 2, 14)
        );
        assert_eq!(
            calendar.working_days_between(date(2026, 2, 14), date(2026, 2, 25)),
            2
        );
    }

    #[test]
    fn the_last_day_before_a_holiday_is_told_from_a_friday() {
        let calendar = calendar();
        assert!(calendar.is_last_before_holiday(date(2026, 2, 14)));
        assert!(calendar.is_last_before_holiday(date(2026, 9, 30)));
        assert!(
            !calendar.is_last_before_holiday(date(2026, 3, 6)),
            "a plain weekend follows"
        );
        assert!(
            !calendar.is_last_before_holiday(date(2026, 10, 2)),
            "itself a day off"
        );
    }

    #[test]
    fn a_deadline_is_midnight_in_shanghai_of_a_working_day() {
        let calendar = calendar();
        let check = |from, days, until| {
            assert_eq!(
                calendar.deadline(instant(from), days),
                instant(until),
                "{from} + {days}"
            );
        };
        // Wednesday + 7.
        check("2026-03-04T10:00:00+08:00", 7, "2026-03-12T00:00:00+08:00");
        // 23:59 and 00:01 of Shanghai are two dates, whatever the date in UTC.
        check("2026-03-04T23:59:00+08:00", 7, "2026-03-12T00:00:00+08:00");
        check("2026-03-05T00:01:00+08:00", 7, "2026-03-13T00:00:00+08:00");
        // Saturday moves to Monday; a day within the Spring Festival to the day after it.
        check("2026-02-28T10:00:00+08:00", 7, "2026-03-10T00:00:00+08:00");
        check("2026-02-10T10:00:00+08:00", 7, "2026-02-25T00:00:00+08:00");
        let far = calendar.deadline(Timestamp::MAX, i64::MAX);
        assert_eq!(far, Timestamp::MAX);
    }

    #[test]
    fn hours_are_those_of_shanghai() {
        assert_eq!(at(date(2026, 3, 4), 10), instant("2026-03-04T02:00:00Z"));
        assert_eq!(at(date(2026, 3, 4), 24), end_of(date(2026, 3, 4)));
        assert_eq!(
            local_date(instant("2026-03-04T16:00:00Z")),
            date(2026, 3, 5)
        );
        assert_eq!(
            local_time(instant("2026-03-04T16:30:00Z")).to_string(),
            "00:30:00"
        );
    }

    #[test]
    fn a_day_that_is_both_is_refused_with_its_path() {
        let text = r#"{ "years": { "2030": { "notices": [], "daysOff": ["2030-01-01"], "workingDays": ["2030-01-01"] } } }"#;
        let fault = Calendar::read(text).unwrap_err();
        assert_eq!(
            (fault.path.as_str(), fault.value.as_str()),
            ("/years/2030/workingDays", "2030-01-01")
        );
        let fault = Calendar::read(
            r#"{ "years": { "next": { "notices": [], "daysOff": [], "workingDays": [] } } }"#,
        );
        assert_eq!(fault.unwrap_err().path, "/years/next");
        let fault = Calendar::read(
            r#"{ "years": { "2030": { "notices": [], "daysOff": ["soon"], "workingDays": [] } } }"#,
        );
        assert_eq!(fault.unwrap_err().path, "/years/2030/daysOff/0");
    }

    /// Any instant from 2019 to 2028: known years, make-up days, year ends, and unknown years.
    fn instants() -> impl Strategy<Value = Timestamp> {
        let (first, last) = (
            instant("2019-01-01T00:00:00Z"),
            instant("2029-01-01T00:00:00Z"),
        );
        (first.as_second()..last.as_second())
            .prop_map(|second| Timestamp::from_second(second).unwrap())
    }

    proptest! {
        #[test]
        fn a_period_is_never_shorter_than_promised_nor_longer_than_days_off_make_it(
            from in instants(),
            days in 0_i64..120,
        ) {
            let calendar = calendar();
            let deadline = calendar.deadline(from, days);
            let promised = local_date(from).saturating_add(days.days());
            prop_assert!(end_of(promised) <= deadline);
            prop_assert!(from + jiff::SignedDuration::from_hours(24 * days) < deadline);
            let last = local_date(deadline).yesterday().unwrap();
            prop_assert_eq!(deadline, end_of(last));
            prop_assert!(calendar.is_working_day(last));
            let mut day = promised;
            while day < last {
                prop_assert!(!calendar.is_working_day(day), "{} could have ended it", day);
                day = next(day);
            }
        }

        #[test]
        fn who_is_told_later_ends_no_earlier(from in instants(), later in 0_i64..10_000_000, days in 0_i64..120) {
            let calendar = calendar();
            let told_later = from + jiff::SignedDuration::from_secs(later);
            prop_assert!(calendar.deadline(from, days) <= calendar.deadline(told_later, days));
            prop_assert!(calendar.deadline(from, days) <= calendar.deadline(from, days + 1));
        }

        #[test]
        fn working_days_are_counted_as_they_are_added(from in instants(), count in 1_u32..60) {
            let calendar = calendar();
            let day = local_date(from);
            let last = calendar.add_working_days(day, count);
            prop_assert!(calendar.is_working_day(last));
            prop_assert_eq!(calendar.working_days_between(next(day), next(last)), count);
            prop_assert_eq!(calendar.working_deadline(from, count), end_of(last));
        }

        #[test]
        fn a_make_up_day_works_and_a_day_off_does_not(from in instants()) {
            let calendar = calendar();
            let day = local_date(from);
            let works = calendar.is_working_day(day);
            prop_assert_eq!(works, calendar.working_day_on_or_after(day) == day);
            if calendar.is_last_before_holiday(day) {
                prop_assert!(works && !calendar.is_working_day(next(day)));
            }
        }
    }
}
