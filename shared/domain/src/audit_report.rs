//! The audit report (核查报表): what audits of a period came to, and what a campaign came to, by rule, category and
//! province.
//!
//! **Invariant:** a report is made from counts alone: no filing, person or unit can be told from it.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use crate::rules::{Category, RULES, Rule};

/// Most days of a report's period: a leap year.
pub const MOST_DAYS: i32 = 366;

/// Longest period, in days, that is shown day by day. Chosen here: a month and some days over.
const DAY_BY_DAY: i32 = 45;

/// Longest period, in days, that is shown week by week. Chosen here: half a year, so that no chart has more than 27 bars.
const WEEK_BY_WEEK: i32 = 184;

/// The days that a report is about, both ends among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    from: Date,
    until: Date,
}

/// A period that is none, or is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a report is about 1 to {MOST_DAYS} days")]
pub struct NoPeriod;

impl Period {
    /// The days from `from` to `until`, both among them.
    pub fn new(from: Date, until: Date) -> Result<Self, NoPeriod> {
        let period = Self { from, until };
        if (1..=MOST_DAYS).contains(&period.days()) {
            Ok(period)
        } else {
            Err(NoPeriod)
        }
    }

    /// The `days` days that end with `until`.
    pub fn ending(until: Date, days: i32) -> Result<Self, NoPeriod> {
        let from = until.checked_sub((days - 1).days());
        Self::new(from.map_err(|_| NoPeriod)?, until)
    }

    /// Its first day.
    pub fn from(self) -> Date {
        self.from
    }

    /// Its last day.
    pub fn until(self) -> Date {
        self.until
    }

    /// How many days it has.
    pub fn days(self) -> i32 {
        // Without units a span between dates is in days.
        let between = self.from.until(self.until).map(|span| span.get_days());
        between.map_or(0, |days| days.saturating_add(1))
    }

    /// Its parts for a chart.
    pub fn step(self) -> Step {
        let days = self.days();
        if days <= DAY_BY_DAY {
            Step::Day
        } else if days <= WEEK_BY_WEEK {
            Step::Week
        } else {
            Step::Month
        }
    }
}

/// How long a part of a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A day.
    Day,
    /// A week, from Monday.
    Week,
    /// A calendar month.
    Month,
}

impl Step {
    /// Its name: `day`, `week` or `month`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The first day of the part that a day is in.
    fn begin(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => {
                let since = day.weekday().since(Weekday::Monday);
                day.checked_sub(i32::from(since).days()).unwrap_or(day)
            }
            Self::Month => day.first_of_month(),
        }
    }

    /// The first day of the part that follows the one that a day is in.
    fn next(self, day: Date) -> Option<Date> {
        let begin = self.begin(day);
        let next = match self {
            Self::Day => begin.checked_add(1.day()),
            Self::Week => begin.checked_add(1.week()),
            Self::Month => begin.checked_add(1.month()),
        };
        next.ok()
    }
}

/// What checks came to. A check is one look at one unit by one rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checks {
    /// Checks that were planned.
    pub planned: u64,
    /// Findings that were new and confirmed.
    pub findings: u64,
    /// Looks at which the rule could not decide.
    pub undecided: u64,
}

impl Checks {
    /// Checks that brought nothing new: kept, not applicable, or a fault that was known. Counters of a day may run ahead
    /// of what was planned for it, since a look of late in the evening is judged on the next.
    pub fn rest(self) -> u64 {
        let told = self.findings.saturating_add(self.undecided);
        self.planned.saturating_sub(told)
    }

    /// Findings in hundredths of a percent of the checks, rounded down; `None` without checks.
    pub fn findings_basis_points(self) -> Option<u64> {
        share(self.findings, self.planned)
    }

    /// What is left of these when others are taken off.
    fn without(self, other: Self) -> Self {
        Self {
            planned: self.planned.saturating_sub(other.planned),
            findings: self.findings.saturating_sub(other.findings),
            undecided: self.undecided.saturating_sub(other.undecided),
        }
    }

    fn add(&mut self, other: Self) {
        self.planned = self.planned.saturating_add(other.planned);
        self.findings = self.findings.saturating_add(other.findings);
        self.undecided = self.undecided.saturating_add(other.undecided);
    }
}

/// A part of a whole in hundredths of a percent, rounded down, and at most all of it; `None` of nothing.
pub fn share(part: u64, whole: u64) -> Option<u64> {
    let points = part.saturating_mul(ALL).checked_div(whole)?;
    Some(points.min(ALL))
}

/// A whole in hundredths of a percent.
const ALL: u64 = 10_000;

/// What one rule's checks of one day came to, in a province or where none is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted<'a> {
    /// The rule.
    pub rule: &'static Rule,
    /// The day.
    pub day: Date,
    /// Code of the province; `None` for the whole of all provinces.
    pub province: Option<&'a str>,
    /// What they came to.
    pub checks: Checks,
}

/// What the audits of a period came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// The period.
    pub period: Period,
    /// All checks.
    pub all: Checks,
    /// By part of the period, those without any check among them: the part's first day in the period.
    pub times: BTreeMap<Date, Checks>,
    /// By category, each of them.
    pub categories: Vec<(Category, Checks)>,
    /// By rule, each of them, in the order of codes.
    pub rules: Vec<(&'static Rule, Checks)>,
    /// By code of the province, those that anything was counted of.
    pub provinces: BTreeMap<String, Checks>,
}

impl AuditReport {
    /// A report of a period of which nothing was counted yet.
    pub fn new(period: Period) -> Self {
        let step = period.step();
        let mut times = BTreeMap::new();
        let mut day = Some(period.from);
        while let Some(begin) = day.filter(|day| *day <= period.until) {
            times.insert(begin, Checks::default());
            day = step.next(begin);
        }
        Self {
            period,
            all: Checks::default(),
            times,
            categories: Category::ALL
                .map(|category| (category, Checks::default()))
                .to_vec(),
            rules: RULES
                .iter()
                .map(|rule| (*rule, Checks::default()))
                .collect(),
            provinces: BTreeMap::new(),
        }
    }

    /// Checks of subjects whose province was not known to those who counted.
    pub fn of_no_province(&self) -> Checks {
        let provinces = self.provinces.values();
        provinces.fold(self.all, |left, of_province| left.without(*of_province))
    }

    /// Takes in what a rule's checks of a day came to. A day outside the period is passed over.
    pub fn count(&mut self, counted: &Counted<'_>) {
        let (rule, day, checks) = (counted.rule, counted.day, counted.checks);
        if day < self.period.from || self.period.until < day {
            return;
        }
        if let Some(province) = counted.province {
            let province = self.provinces.entry(province.to_owned()).or_default();
            province.add(checks);
            return;
        }
        self.all.add(checks);
        let begin = self.period.step().begin(day).max(self.period.from);
        self.times.entry(begin).or_default().add(checks);
        let of_category = self.categories.iter_mut();
        for (_, of_category) in of_category.filter(|(category, _)| *category == rule.category) {
            of_category.add(checks);
        }
        for (_, of_rule) in self.rules.iter_mut().filter(|(other, _)| *other == rule) {
            of_rule.add(checks);
        }
    }
}

/// What members of a campaign came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Members {
    /// Members as they must be.
    pub kept: u64,
    /// Members not as they must be.
    pub broken: u64,
    /// Members that could not be decided.
    pub undecided: u64,
    /// Members that lost their access meanwhile.
    pub gone: u64,
    /// Members that were told.
    pub told: u64,
    /// Members whose faults were put right before they were told.
    pub put_right: u64,
}

impl Members {
    /// Members that have their outcome.
    pub fn done(self) -> u64 {
        let named = [self.kept, self.broken, self.undecided, self.gone];
        named.into_iter().fold(0, u64::saturating_add)
    }

    /// What is left of these when others are taken off.
    fn without(self, other: Self) -> Self {
        Self {
            kept: self.kept.saturating_sub(other.kept),
            broken: self.broken.saturating_sub(other.broken),
            undecided: self.undecided.saturating_sub(other.undecided),
            gone: self.gone.saturating_sub(other.gone),
            told: self.told.saturating_sub(other.told),
            put_right: self.put_right.saturating_sub(other.put_right),
        }
    }

    /// Broken ones in hundredths of a percent of those that have their outcome, rounded down; `None` without any.
    pub fn broken_basis_points(self) -> Option<u64> {
        share(self.broken, self.done())
    }
}

/// What a campaign came to so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignReport {
    /// Units chosen.
    pub chosen: u64,
    /// All members.
    pub all: Members,
    /// By category of which the campaign has a rule: rules that broke at members, each rule and member once.
    pub categories: Vec<(Category, u64)>,
    /// By rule of the campaign, in the order of codes: members at which it broke.
    pub rules: Vec<(&'static Rule, u64)>,
    /// By code of the province, those that anything was counted of.
    pub provinces: BTreeMap<String, Members>,
}

impl CampaignReport {
    /// Members of subjects whose province was not known to those who counted.
    pub fn of_no_province(&self) -> Members {
        let provinces = self.provinces.values();
        provinces.fold(self.all, |left, of_province| left.without(*of_province))
    }

    /// A report of a campaign. `rules` are its rules by code, each with the members at which it broke; a code that no
    /// rule has any more is passed over.
    pub fn new(
        chosen: u64,
        all: Members,
        rules: &BTreeMap<String, u64>,
        provinces: BTreeMap<String, Members>,
    ) -> Self {
        let rules: Vec<(&'static Rule, u64)> = RULES
            .iter()
            .filter_map(|rule| Some((*rule, *rules.get(rule.code)?)))
            .collect();
        let of = |category: Category| -> Option<(Category, u64)> {
            let of_category = rules.iter().filter(|(rule, _)| rule.category == category);
            let counts: Vec<u64> = of_category.map(|(_, broken)| *broken).collect();
            let sum = counts.iter().copied().fold(0, u64::saturating_add);
            (!counts.is_empty()).then_some((category, sum))
        };
        let categories = Category::ALL.into_iter().filter_map(of).collect();
        Self {
            chosen,
            all,
            categories,
            rules,
            provinces,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::rule;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn checks(planned: u64, findings: u64, undecided: u64) -> Checks {
        Checks {
            planned,
            findings,
            undecided,
        }
    }

    #[test]
    fn a_period_has_a_day_at_least_and_a_leap_year_at_most() {
        for (from, until, days) in [
            ("2026-03-02", "2026-03-01", None),
            ("2026-03-02", "2026-03-02", Some(1)),
            ("2024-01-01", "2024-12-31", Some(366)),
            ("2024-01-01", "2025-01-01", None),
            ("-009999-01-01", "9999-12-31", None),
        ] {
            let period = Period::new(day(from), day(until));
            assert_eq!(period.map(Period::days).ok(), days, "{from} to {until}");
        }
        let month = Period::ending(day("2026-03-31"), 31).unwrap();
        assert_eq!(month.from(), day("2026-03-01"));
        assert_eq!(Period::ending(Date::MIN, 2), Err(NoPeriod));
    }

    #[test]
    fn a_period_is_shown_in_parts_that_a_chart_can_hold() {
        for (until, step, parts, second) in [
            ("2026-01-01", Step::Day, 1, None),
            ("2026-02-14", Step::Day, 45, Some("2026-01-02")),
            // 2026-01-01 is a Thursday: the first week has four days.
            ("2026-02-15", Step::Week, 7, Some("2026-01-05")),
            ("2026-07-03", Step::Week, 27, Some("2026-01-05")),
            ("2026-07-04", Step::Month, 7, Some("2026-02-01")),
            ("2026-12-31", Step::Month, 12, Some("2026-02-01")),
        ] {
            let period = Period::new(day("2026-01-01"), day(until)).unwrap();
            let report = AuditReport::new(period);
            let days: Vec<Date> = report.times.keys().copied().collect();
            assert_eq!((period.step(), days.len()), (step, parts), "{until}");
            assert_eq!(days[0], day("2026-01-01"));
            assert_eq!(days.get(1).copied(), second.map(day), "{until}");
        }
    }

    #[test]
    fn what_is_counted_stands_in_every_division_once() {
        let period = Period::new(day("2026-03-02"), day("2026-03-08")).unwrap();
        let mut report = AuditReport::new(period);
        for (code, on, province, counts) in [
            ("ICP-401", "2026-03-01", None, checks(9, 9, 9)),
            ("ICP-401", "2026-03-02", None, checks(100, 3, 1)),
            ("ICP-401", "2026-03-02", Some("44"), checks(60, 3, 0)),
            ("ICP-402", "2026-03-08", None, checks(50, 1, 0)),
            ("ICP-402", "2026-03-08", Some("44"), checks(20, 1, 0)),
            ("ICP-105", "2026-03-08", None, checks(10, 0, 10)),
            ("ICP-105", "2026-03-09", None, checks(9, 9, 9)),
        ] {
            let rule = rule(code).unwrap();
            report.count(&Counted {
                rule,
                day: day(on),
                province,
                checks: counts,
            });
        }
        assert_eq!(report.all, checks(160, 4, 11));
        assert_eq!(report.all.rest(), 145);
        assert_eq!(report.all.findings_basis_points(), Some(250));
        let sum = |counts: &mut dyn Iterator<Item = Checks>| {
            counts.fold(Checks::default(), |mut sum, one| {
                sum.add(one);
                sum
            })
        };
        assert_eq!(sum(&mut report.times.values().copied()), report.all);
        assert_eq!(
            sum(&mut report.rules.iter().map(|(_, one)| *one)),
            report.all
        );
        let categories = report.categories.iter().map(|(_, one)| *one);
        assert_eq!(sum(&mut categories.clone()), report.all);
        let of_access = report.categories[3];
        assert_eq!(of_access, (Category::Access, checks(150, 4, 1)));
        assert_eq!(report.provinces["44"], checks(80, 4, 0));
        assert_eq!(report.of_no_province(), checks(80, 0, 11));
        assert_eq!(report.times[&day("2026-03-08")], checks(60, 1, 10));
    }

    #[test]
    fn counts_that_run_ahead_of_what_was_planned_leave_no_rest() {
        assert_eq!(checks(3, 2, 2).rest(), 0);
        assert_eq!(checks(3, 4, 0).findings_basis_points(), Some(10_000));
        assert_eq!(checks(0, 1, 0).findings_basis_points(), None);
        assert_eq!(share(1, 3), Some(3333));
        assert_eq!(checks(u64::MAX, u64::MAX, 1).rest(), 0);
    }

    #[test]
    fn a_campaign_is_divided_by_its_own_rules() {
        let broken = [
            ("ICP-401", 2),
            ("ICP-402", 0),
            ("ICP-501", 3),
            ("ICP-000", 9),
        ];
        let broken = broken.map(|(code, members)| (code.to_owned(), members));
        let all = Members {
            kept: 4,
            broken: 4,
            undecided: 1,
            gone: 1,
            ..Members::default()
        };
        let of_guangdong = Members {
            kept: 3,
            broken: 4,
            ..Members::default()
        };
        let provinces = BTreeMap::from([("44".to_owned(), of_guangdong)]);
        let report = CampaignReport::new(12, all, &broken.into(), provinces);
        let left = report.of_no_province();
        assert_eq!((left.kept, left.broken, left.done()), (1, 0, 3));
        assert_eq!(report.all.done(), 10);
        assert_eq!(report.all.broken_basis_points(), Some(4000));
        let codes: Vec<&str> = report.rules.iter().map(|(rule, _)| rule.code).collect();
        assert_eq!(codes, ["ICP-401", "ICP-402", "ICP-501"]);
        assert_eq!(
            report.categories,
            [(Category::Access, 2), (Category::ContentAndHolder, 3)]
        );
        assert_eq!(Members::default().broken_basis_points(), None);
    }
}
