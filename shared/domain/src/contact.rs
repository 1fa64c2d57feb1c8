//! A responsible person as somebody whose number is proved: where it stands, and what may be done next.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::code::Challenge;
use crate::filing::Proof;
use crate::ids::{PersonId, ServiceId};
use crate::personal::Personal;
use crate::rulebook::policy::Codes;

/// Where the proof of a person's number stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContactState {
    /// Never proved, or changed since.
    Unverified,
    /// Proved.
    Verified,
    /// Proved, and to be proved anew soon.
    Lapsing,
    /// The proof has lapsed.
    Lapsed,
    /// Too many wrong codes in a row: nobody may try until staff unlock it or the number changes.
    Locked,
}

/// What somebody who proved a number without an account says of the filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContactAnswer {
    /// I am the principal (是我本人).
    Me,
    /// The number is mine, and I am not the principal (我不是负责人).
    NotPrincipal,
    /// I say nothing; nothing is recorded.
    Stop,
}

/// A code that was asked for and still counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveCode {
    /// Until when.
    pub until: Timestamp,
    /// Inputs that are left.
    pub attempts_left: u32,
}

/// What of a filing a person answers for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles {
    /// Whether the person is the subject's principal (主体负责人).
    pub subject: bool,
    /// The services whose principal (网站负责人) the person is.
    pub services: Vec<ServiceId>,
}

/// A person of a filing or of an order's draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub id: PersonId,
    /// Name.
    pub name: Personal<String>,
    /// Mobile, masked.
    pub mobile: String,
    /// What the person answers for.
    pub roles: Roles,
    /// The last proof of this number, lapsed or not.
    pub proof: Option<Proof>,
    /// Where it stands.
    pub state: ContactState,
    /// The code that was sent last, while it counts.
    pub code: Option<LiveCode>,
    /// When the next code may be asked for; `None` when it may be now.
    pub next_code_at: Option<Timestamp>,
}

/// What is known of the proof of a number.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// Keyed hash of the number; `None` where what stands there gets no SMS.
    pub number_hash: Option<&'a str>,
    /// The last proof of this number.
    pub proof: Option<Proof>,
    /// The person's challenge, if there is one: it may be of an earlier number.
    pub challenge: Option<&'a Challenge>,
}

impl Standing<'_> {
    fn own_challenge(&self) -> Option<&Challenge> {
        self.challenge
            .filter(|challenge| Some(challenge.number_hash.as_str()) == self.number_hash)
    }

    /// Where the proof stands at `now`.
    pub fn state(&self, now: Timestamp, policy: &Codes) -> ContactState {
        let failures = self.own_challenge().map(|own| own.failures_in_a_row);
        if failures.is_some_and(|failures| policy.failures_lock <= failures) {
            return ContactState::Locked;
        }
        match self.proof {
            None => ContactState::Unverified,
            Some(proof) if !proof.stands(now) => ContactState::Lapsed,
            Some(proof) if proof.lapses_soon(now, policy) => ContactState::Lapsing,
            Some(_) => ContactState::Verified,
        }
    }

    /// The code that counts at `now`.
    pub fn code(&self, now: Timestamp, policy: &Codes) -> Option<LiveCode> {
        let own = self.own_challenge()?;
        own.may_try(&own.number_hash, now, policy).ok()?;
        Some(LiveCode {
            until: own.expires_at(policy),
            attempts_left: policy.wrong_inputs_per_code.saturating_sub(own.attempts),
        })
    }

    /// When the next code may be asked for; `None` when it may be at `now`. Whatever number the last one
    /// went to, the person waits.
    pub fn next_code_at(&self, now: Timestamp, policy: &Codes) -> Option<Timestamp> {
        self.challenge?.cooling_until(now, policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rulebook;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn challenge() -> Challenge {
        Challenge {
            id: "c1".into(),
            account: "a1".parse().unwrap(),
            person: "p1".parse().unwrap(),
            number_hash: "h".into(),
            generation: 1,
            secret_id: "s".into(),
            issued_at: at("2026-03-02T02:00:00Z"),
            attempts: 2,
            failures_in_a_row: 2,
            used: false,
            answered: false,
        }
    }

    #[test]
    fn a_proof_is_verified_lapsing_and_lapsed_in_turn_and_a_lock_stands_above_it() {
        let policy = Rulebook::shipped().unwrap().policy.codes;
        let (from, until) = (at("2026-03-02T02:00:00Z"), at("2027-03-02T02:00:00Z"));
        let locked = Challenge {
            failures_in_a_row: policy.failures_lock,
            ..challenge()
        };
        let standing = Standing {
            number_hash: Some("h"),
            proof: Some(Proof::given(from, until, &policy)),
            challenge: None,
        };
        for (now, state) in [
            ("2026-03-02T02:00:00Z", ContactState::Verified),
            ("2027-01-01T01:59:59Z", ContactState::Verified),
            ("2027-01-01T02:00:00Z", ContactState::Lapsing),
            ("2027-03-02T02:00:00Z", ContactState::Lapsed),
        ] {
            assert_eq!(standing.state(at(now), &policy), state, "{now}");
            let challenge = Some(&locked);
            let with_lock = Standing {
                challenge,
                ..standing
            };
            assert_eq!(with_lock.state(at(now), &policy), ContactState::Locked);
            // Another number is another lock.
            let number_hash = Some("other");
            let changed = Standing {
                number_hash,
                ..with_lock
            };
            assert_eq!(changed.state(at(now), &policy), state);
        }
        let proof = None;
        let never = Standing { proof, ..standing };
        assert_eq!(never.state(from, &policy), ContactState::Unverified);
    }

    #[test]
    fn a_code_is_shown_with_its_end_and_what_is_left_of_it() {
        let policy = Rulebook::shipped().unwrap().policy.codes;
        let own = challenge();
        let standing = Standing {
            number_hash: Some("h"),
            proof: None,
            challenge: Some(&own),
        };
        let now = at("2026-03-02T02:00:30Z");
        let code = standing.code(now, &policy).unwrap();
        assert_eq!(code.attempts_left, 3);
        assert_eq!(code.until, at("2026-03-02T02:10:00Z"));
        let next = standing.next_code_at(now, &policy);
        assert_eq!(next, Some(at("2026-03-02T02:01:00Z")));
        assert_eq!(standing.code(code.until, &policy), None);
        assert_eq!(standing.next_code_at(code.until, &policy), None);
    }
}
