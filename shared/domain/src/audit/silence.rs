//! Silence: time-outs of a site while the exits to it work.
//!
//! **Invariant:** silence is never a finding. Long enough, and from exits in several networks, it is
//! shown to people, who confirm it or not; whatever the site says ends it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::look::{Evidence, Failure, Seen};
use crate::rulebook::Vantages;
use crate::rulebook::policy::Audits;

/// Time-outs in a row, each while the exit's control site answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Silence {
    /// When the first of them was looked for.
    pub since: Timestamp,
    /// How many.
    pub looks: u32,
    /// The networks of the exits, each once.
    pub networks: Vec<String>,
}

/// What one look heard of a home page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard<'a> {
    /// Nothing, through an exit in this network that works.
    Silence {
        /// The exit's network.
        network: &'a str,
    },
    /// An answer, whatever it is.
    Answer,
    /// Nothing that speaks for or against the site: it was not looked at, or the exit may be at
    /// fault.
    Unknown,
}

impl<'a> Heard<'a> {
    /// What evidence says of its home page.
    pub fn of(evidence: &Evidence, vantages: &'a Vantages) -> Self {
        let network = || {
            let vantage = vantages.named(&evidence.look.plan.vantage);
            vantage.map(|vantage| vantage.network.as_str())
        };
        match &evidence.home_page {
            Some(Seen::Answer(_)) => Self::Answer,
            Some(Seen::Failed(Failure::TimedOut)) if evidence.control_answered => {
                network().map_or(Self::Unknown, |network| Self::Silence { network })
            }
            Some(Seen::Failed(_)) | None => Self::Unknown,
        }
    }

    /// The silence after a look that began at `at`.
    pub(super) fn after(self, before: Option<Silence>, at: Timestamp) -> Option<Silence> {
        let network = match self {
            Self::Answer => return None,
            Self::Unknown => return before,
            Self::Silence { network } => network,
        };
        let mut silence = before.unwrap_or(Silence {
            since: at,
            looks: 0,
            networks: Vec::new(),
        });
        silence.looks += 1;
        if !silence.networks.iter().any(|known| known == network) {
            silence.networks.push(network.to_owned());
        }
        Some(silence)
    }
}

impl Silence {
    /// Whether it is enough to be shown to people.
    pub(super) fn is_whole(&self, at: Timestamp, policy: &Audits) -> bool {
        let networks = u32::try_from(self.networks.len()).unwrap_or(u32::MAX);
        policy.silent_looks <= self.looks
            && self.since + policy.silent_over() <= at
            && policy.silent_networks <= networks
    }
}

/// Time between looks at a silent site, so that enough of them fall into the time.
pub(super) fn apart(policy: &Audits) -> SignedDuration {
    let steps = i32::try_from(policy.silent_looks.saturating_sub(1)).unwrap_or(i32::MAX);
    policy.silent_over() / steps.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{AuditClock, ClockName, Judged, People};
    use crate::finding::Object;
    use crate::ids::UnitId;
    use crate::rulebook::vantages::for_tests;
    use crate::rules::{self, NotApplicable, Outcome, Rule, Undecided};

    /// Looks at a unit, each when the clock says so, and what each asks of people.
    struct Looks {
        unit: UnitId,
        clock: AuditClock,
        first: Timestamp,
        policy: Audits,
    }

    impl Looks {
        fn new() -> Self {
            let unit = UnitId::of_service("s1".parse().unwrap(), "1".parse().unwrap());
            let policy = Audits::default();
            let first = "2026-03-02T02:00:00Z".parse().unwrap();
            let clock = AuditClock::started(&unit, ClockName::Audit, first, &policy);
            Self {
                first: clock.next_audit_at,
                unit,
                clock,
                policy,
            }
        }

        /// Hours since the first look, and what this one asks of people.
        fn hear(&mut self, heard: Heard<'_>, outcome: Outcome) -> (i64, People) {
            let at = self.clock.next_audit_at;
            let rule: &'static Rule = rules::rule("ICP-504").unwrap();
            let judgement = self.clock.judge(
                &self.unit,
                &Judged {
                    look: &"l1".parse().unwrap(),
                    begun_at: at,
                    vantage: &"v1".parse().unwrap(),
                    heard,
                    vantages: &for_tests(),
                    clock: ClockName::Audit,
                    outcomes: &[(rule, Object::Service, outcome)],
                },
                |_, _| false,
                &self.policy,
            );
            self.clock = judgement.clock;
            ((at - self.first).as_hours(), judgement.people)
        }

        fn times_out(&mut self, network: &str) -> (i64, People) {
            let timed_out = Outcome::Undecided(Undecided::LookFailed(Failure::TimedOut));
            self.hear(Heard::Silence { network }, timed_out)
        }
    }

    #[test]
    fn a_site_silent_for_three_days_from_two_networks_is_shown_to_people() {
        let mut looks = Looks::new();
        let mut told = Vec::new();
        for network in ["a", "b", "a", "b", "a", "b", "a", "b", "a"] {
            told.push(looks.times_out(network));
        }
        let shown = told.iter().position(|(_, people)| *people == People::Look);
        let (hours, _) = told[shown.unwrap()];
        assert!((72..96).contains(&hours), "{told:?}");
        // What follows goes by the steps of any doubt.
        assert_eq!(told[8].0 - hours, 120, "{told:?}");
        assert_eq!(looks.hear(Heard::Answer, Outcome::Kept).1, People::NoMore);
        assert_eq!(looks.clock.silence, None);
    }

    #[test]
    fn silence_through_one_network_is_not_shown_as_such() {
        let mut looks = Looks::new();
        let told: Vec<_> = (0..15).map(|_| looks.times_out("a")).collect();
        let (hours, _) = told
            .iter()
            .find(|(_, people)| *people == People::Look)
            .unwrap();
        let week = 7 * 24;
        assert!(*hours >= week, "only as undecided for a week: {told:?}");
    }

    #[test]
    fn an_answer_ends_silence_and_a_failure_of_ours_does_not() {
        let mut looks = Looks::new();
        looks.times_out("a");
        looks.times_out("b");
        let down = Outcome::Undecided(Undecided::LookFailed(Failure::ExitDown));
        looks.hear(Heard::Unknown, down);
        assert_eq!(looks.clock.silence.as_ref().unwrap().looks, 2);
        assert_eq!(looks.clock.silence.as_ref().unwrap().networks, ["a", "b"]);
        looks.hear(Heard::Answer, Outcome::Kept);
        assert_eq!(looks.clock.silence, None);
    }

    #[test]
    fn people_are_asked_at_once_where_a_machine_would_see_the_same_again() {
        for (outcome, expected) in [
            (Outcome::Undecided(Undecided::Challenge), People::Look),
            (Outcome::Undecided(Undecided::DrawnByScript), People::Look),
            (Outcome::Undecided(Undecided::Status(412)), People::Look),
            (Outcome::Undecided(Undecided::Status(429)), People::Look),
            (Outcome::Undecided(Undecided::Status(451)), People::Look),
            (Outcome::Undecided(Undecided::Status(521)), People::Look),
            (Outcome::Undecided(Undecided::Status(403)), People::AsBefore),
            (Outcome::Undecided(Undecided::CutOff), People::AsBefore),
            (
                Outcome::NotApplicable(NotApplicable::NoHomePage),
                People::AsBefore,
            ),
        ] {
            let mut looks = Looks::new();
            let (_, people) = looks.hear(Heard::Answer, outcome.clone());
            assert_eq!(people, expected, "{outcome:?}");
        }
    }

    #[test]
    fn evidence_tells_silence_from_what_may_be_the_exits_fault() {
        let vantages = r#"{ "vantages": [{ "id": "v1", "resolver": "192.0.2.1:53", "exit": "direct", "network": "n", "carrier": "c", "mainland": true }] }"#;
        let vantages = Vantages::read(vantages).unwrap();
        let look = r#"{"id":"l1","unit":{"subject":"s1","service":"1"},"purpose":"audit",
            "due":"2026-03-02T02:00:00Z","factsRevisions":{"subject":1,"unit":1},
            "plan":{"vantage":"VANTAGE","names":[],"homePage":"http://example.cn/"}}"#;
        for (vantage, page, control, expected) in [
            (
                "v1",
                r#"{"failed":"timed-out"}"#,
                true,
                Heard::Silence { network: "n" },
            ),
            ("v1", r#"{"failed":"timed-out"}"#, false, Heard::Unknown),
            ("v2", r#"{"failed":"timed-out"}"#, true, Heard::Unknown),
            ("v1", r#"{"failed":"exit-down"}"#, false, Heard::Unknown),
            ("v1", r#"{"answer":"refused"}"#, false, Heard::Answer),
            ("v1", "null", false, Heard::Unknown),
        ] {
            let look = look.replace("VANTAGE", vantage);
            let text = format!(
                r#"{{"look":{look},"begunAt":"2026-03-02T02:00:00Z","names":[],"homePage":{page},"controlAnswered":{control}}}"#
            );
            let evidence: Evidence = serde_json::from_str(&text).unwrap();
            assert_eq!(
                Heard::of(&evidence, &vantages),
                expected,
                "{vantage} {page}"
            );
        }
    }
}
