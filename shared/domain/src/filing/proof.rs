//! A proof that a person answers under a number.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rulebook::policy::Codes;

/// A proof by SMS code: keyed to the person and the number, void when either changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    /// When the right code came.
    #[schema(value_type = String)]
    pub verified_at: Timestamp,
    /// First instant at which the proof no longer counts.
    #[schema(value_type = String)]
    pub until: Timestamp,
    /// When the person is next asked to prove the number anew; none once that was said for the last
    /// time.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub ask_at: Option<Timestamp>,
}

impl Proof {
    /// A proof that is given at `now` and lapses at `until`.
    pub fn given(now: Timestamp, until: Timestamp, policy: &Codes) -> Self {
        let proof = Self {
            verified_at: now,
            until,
            ask_at: None,
        };
        proof.asked(now, policy)
    }

    /// Whether the proof counts at `now`.
    pub fn stands(&self, now: Timestamp) -> bool {
        self.verified_at <= now && now < self.until
    }

    /// Whether the person is to be asked at `now`. Once it has lapsed nobody is asked: that is a finding.
    pub fn is_to_be_asked(&self, now: Timestamp) -> bool {
        self.stands(now) && self.ask_at.is_some_and(|at| at <= now)
    }

    /// Whether it stands, and its first stage of asking has come.
    pub fn lapses_soon(&self, now: Timestamp, policy: &Codes) -> bool {
        let first = self.stages(policy).min();
        self.stands(now) && first.is_some_and(|at| at <= now)
    }

    /// The proof after the person was asked at `now`: what was missed meanwhile is said once.
    #[must_use]
    pub fn asked(self, now: Timestamp, policy: &Codes) -> Self {
        let next = self.stages(policy).filter(|at| now < *at).min();
        Self {
            ask_at: next,
            ..self
        }
    }

    /// When the person is asked.
    fn stages(self, policy: &Codes) -> impl Iterator<Item = Timestamp> {
        let days = policy.lapse_warning_days.iter();
        days.map(move |days| self.until - DAY * i32::try_from(*days).unwrap_or(i32::MAX))
    }
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rulebook;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_person_is_asked_sixty_thirty_and_seven_days_before_the_lapse_and_no_more() {
        let policy = Rulebook::shipped().unwrap().policy.codes;
        let until = at("2027-03-02T02:00:00Z");
        let mut proof = Proof::given(at("2026-03-02T02:00:00Z"), until, &policy);
        let mut asked = Vec::new();
        while let Some(next) = proof.ask_at {
            assert!(!proof.is_to_be_asked(next - SignedDuration::from_nanos(1)));
            assert!(proof.is_to_be_asked(next));
            asked.push(until.duration_since(next).as_hours() / 24);
            proof = proof.asked(next, &policy);
        }
        assert_eq!(asked, [60, 30, 7]);
    }

    #[test]
    fn stages_that_were_missed_are_said_once_and_a_lapse_not_at_all() {
        let policy = Rulebook::shipped().unwrap().policy.codes;
        let until = at("2027-03-02T02:00:00Z");
        let proof = Proof::given(at("2026-03-02T02:00:00Z"), until, &policy);
        let late = until - DAY * 20;
        assert!(proof.is_to_be_asked(late));
        assert_eq!(proof.asked(late, &policy).ask_at, Some(until - DAY * 7));
        assert!(!proof.is_to_be_asked(until));
        let short = Proof::given(until - DAY * 3, until, &policy);
        assert_eq!(short.ask_at, None);
    }
}
