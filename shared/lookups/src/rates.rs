//! How often a registry is asked: at most its part of the rate by this process, and not at all
//! while it said not to.
//!
//! **Invariant:** nobody waits here. Who may not ask now is told when to come again, so that a
//! look never sleeps past its deadline.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use icp_domain::look::Failure;
use jiff::{SignedDuration, Timestamp};

/// What is counted of a registry.
#[derive(Debug, Clone, Copy)]
struct Asked {
    /// When the minute began that is counted.
    since: Timestamp,
    /// Questions in it.
    questions: u32,
    /// Until when the registry wants to be left alone.
    closed_until: Timestamp,
}

/// The rates of a process, by registry. Time is the looks' own.
#[derive(Debug)]
pub(crate) struct Rates {
    per_minute: u32,
    asked: Mutex<BTreeMap<String, Asked>>,
}

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Longest time that a registry is left alone at its word: nobody puts off looks for good.
///
/// Source: chosen here.
const LONGEST_CLOSED: SignedDuration = SignedDuration::from_hours(24);

/// Time for which a registry is left alone that does not say for how long.
///
/// Source: chosen here, as the first step of an undecided look's back-off.
const CLOSED: SignedDuration = SignedDuration::from_hours(1);

impl Rates {
    pub(crate) fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            asked: Mutex::default(),
        }
    }

    /// Counts a question at `at`, if it may be asked.
    pub(crate) fn take(&self, registry: &str, at: Timestamp) -> Result<(), Failure> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = asked.entry(registry.to_owned()).or_insert(Asked {
            since: at,
            questions: 0,
            closed_until: Timestamp::UNIX_EPOCH,
        });
        if at < entry.closed_until {
            let until = entry.closed_until;
            return Err(Failure::Throttled { until });
        }
        // Looks of one batch may have begun a little before one that was counted.
        if entry.since + MINUTE <= at {
            (entry.since, entry.questions) = (at, 0);
        }
        if self.per_minute <= entry.questions {
            let until = entry.since + MINUTE;
            return Err(Failure::Throttled { until });
        }
        entry.questions += 1;
        Ok(())
    }

    /// Leaves a registry alone, as it asked at `at`: for so many seconds or until a date (RFC 9110,
    /// 10.2.3). Tells until when.
    pub(crate) fn close(
        &self,
        registry: &str,
        retry_after: Option<&str>,
        at: Timestamp,
    ) -> Failure {
        let wished = retry_after.and_then(|text| wished(text.trim(), at));
        let until = wished.unwrap_or(at + CLOSED).clamp(at, at + LONGEST_CLOSED);
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = asked.get_mut(registry) {
            entry.closed_until = entry.closed_until.max(until);
        }
        Failure::Throttled { until }
    }
}

fn wished(text: &str, at: Timestamp) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(at + SignedDuration::from_secs(i64::from(seconds)));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(date.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn until(text: &str) -> Failure {
        Failure::Throttled { until: at(text) }
    }

    #[test]
    fn a_registry_is_asked_so_often_a_minute_and_others_beside_it() {
        let rates = Rates::new(2);
        let ask = |registry, second| rates.take(registry, at(second));
        assert_eq!(ask("a", "2026-03-02T02:00:10Z"), Ok(()));
        assert_eq!(ask("a", "2026-03-02T02:00:09Z"), Ok(()));
        assert_eq!(
            ask("a", "2026-03-02T02:01:09Z"),
            Err(until("2026-03-02T02:01:10Z"))
        );
        assert_eq!(ask("b", "2026-03-02T02:01:09Z"), Ok(()));
        assert_eq!(ask("a", "2026-03-02T02:01:10Z"), Ok(()));
    }

    #[test]
    fn a_registry_that_says_so_is_left_alone() {
        let now = "2026-03-02T02:00:00Z";
        for (said, expected) in [
            (Some("120"), "2026-03-02T02:02:00Z"),
            (Some(" 0 "), now),
            (
                Some("Mon, 02 Mar 2026 05:00:00 GMT"),
                "2026-03-02T05:00:00Z",
            ),
            (Some("Mon, 02 Mar 2020 05:00:00 GMT"), now),
            (Some("4294967295"), "2026-03-03T02:00:00Z"),
            (Some("99999999999"), "2026-03-02T03:00:00Z"),
            (Some("soon"), "2026-03-02T03:00:00Z"),
            (None, "2026-03-02T03:00:00Z"),
        ] {
            let rates = Rates::new(9);
            assert_eq!(rates.take("a", at(now)), Ok(()));
            assert_eq!(rates.close("a", said, at(now)), until(expected), "{said:?}");
            let before = at(expected) - SignedDuration::from_secs(1);
            if at(now) <= before {
                assert_eq!(rates.take("a", before), Err(until(expected)), "{said:?}");
            }
            assert_eq!(rates.take("a", at(expected)), Ok(()), "{said:?}");
        }
    }
}
