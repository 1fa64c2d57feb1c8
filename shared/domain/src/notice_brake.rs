//! The notice brake (通知刹车): whether what a run of audits found is to be seen by people before anyone is told.
//!
//! **Invariant:** a run that breaks beyond measure is held whole; what is held is neither told nor dropped.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::NotAnId;
use crate::rulebook::policy::Brake as Policy;
use crate::rules::{Rule, rule};
use crate::schema::text_schema;

/// A run: what is measured as one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Run {
    /// One rule's audits of one day of Asia/Shanghai.
    Day {
        /// The rule's code.
        rule: String,
        /// The day on which its findings were confirmed.
        day: Date,
    },
}

text_schema!(Run);

impl Run {
    /// The run of a rule's finding that was confirmed on `day`.
    pub fn of_day(rule: &Rule, day: Date) -> Self {
        Self::Day {
            rule: rule.code.to_owned(),
            day,
        }
    }
}

/// `RULE.DAY`, such as `ICP-402.2026-03-02`.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day { rule, day } => write!(f, "{rule}.{day}"),
        }
    }
}

impl FromStr for Run {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let (code, day) = text.split_once('.').ok_or(NotAnId)?;
        let rule = rule(code).ok_or(NotAnId)?;
        let day = day.parse().map_err(|_| NotAnId)?;
        Ok(Self::of_day(rule, day))
    }
}

impl TryFrom<String> for Run {
    type Error = NotAnId;

    fn try_from(text: String) -> Result<Self, NotAnId> {
        text.parse()
    }
}

impl From<Run> for String {
    fn from(run: Run) -> Self {
        run.to_string()
    }
}

/// What a run counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// Units that were to be looked at.
    pub units: u64,
    /// Units at which the rule broke, confirmed.
    pub broken: u64,
}

/// Whether a run is held before anyone is told of what it found.
///
/// `before` are the same rule's runs of the days before it. The mean is asked only where enough days speak for it:
/// a rule's first days say little of what is usual.
pub fn holds(run: Counted, before: &[Counted], policy: &Policy) -> bool {
    if run.broken < u64::from(policy.notice_at_least) {
        return false;
    }
    let wide = |number: u64| u128::from(number);
    let share = u128::from(policy.notice_share_basis_points);
    if share * wide(run.units) < ALL * wide(run.broken) {
        return true;
    }
    let spoken = before.iter().filter(|day| 0 < day.units);
    let (mut days, mut usual) = (0_u32, Counted::default());
    for day in spoken {
        days += 1;
        usual.units += day.units;
        usual.broken += day.broken;
    }
    let times = u128::from(policy.notice_times_mean);
    policy.notice_mean_of_days <= days
        && times * wide(usual.broken) * wide(run.units) < wide(run.broken) * wide(usual.units)
}

/// A whole in hundredths of a percent.
const ALL: u128 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn of(units: u64, broken: u64) -> Counted {
        Counted { units, broken }
    }

    #[test]
    fn a_run_is_held_beyond_its_share_and_never_for_a_handful() {
        let policy = Policy::default();
        for (units, broken, held) in [
            (10, 10, false),
            (100, 19, false),
            (100, 20, true),
            (1000, 20, false),
            (1000, 21, true),
            (10_000, 200, false),
            (10_000, 201, true),
            // A day of which nothing was planned: what is found on it was not foreseen.
            (0, 20, true),
        ] {
            assert_eq!(
                holds(of(units, broken), &[], &policy),
                held,
                "{broken} of {units}"
            );
        }
    }

    #[test]
    fn a_run_is_held_at_more_than_three_times_what_is_usual() {
        let policy = Policy::default();
        let usual = |days: usize| vec![of(10_000, 10); days];
        for (days, broken, held) in [
            (30, 30, false),
            (30, 31, true),
            (6, 31, false),
            (7, 31, true),
            (30, 19, false),
        ] {
            let run = of(10_000, broken);
            assert_eq!(
                holds(run, &usual(days), &policy),
                held,
                "{broken} after {days} days"
            );
        }
        let silent = vec![of(0, 0); 30];
        assert!(!holds(of(10_000, 31), &silent, &policy));
        let clean = vec![of(10_000, 0); 30];
        assert!(holds(of(10_000, 20), &clean, &policy));
    }

    #[test]
    fn a_run_is_named_by_rule_and_day() {
        let run: Run = "ICP-402.2026-03-02".parse().unwrap();
        assert_eq!(run.to_string(), "ICP-402.2026-03-02");
        for bad in [
            "",
            "ICP-402",
            "ICP-999.2026-03-02",
            "ICP-402.yesterday",
            "ICP-402#2026-03-02",
        ] {
            assert_eq!(bad.parse::<Run>(), Err(NotAnId), "{bad}");
        }
    }
}
