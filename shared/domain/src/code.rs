//! One-time codes: derived, stored nowhere, counted before they are compared.

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::ids::{AccountId, PersonId};
use crate::personal::Personal;
use crate::rulebook::policy::Codes;

/// A challenge (验证): what a code is derived from and how often it was tried. It holds no code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Challenge {
    /// From the command id of the send.
    pub id: String,
    /// The account that asked.
    pub account: AccountId,
    /// The person who is asked.
    pub person: PersonId,
    /// Keyed hash of the number that the code goes to.
    pub number_hash: String,
    /// Counts the codes of this person; a new one makes the older dead.
    pub generation: u64,
    /// Which secret the code is derived under.
    pub secret_id: String,
    /// When the code was issued.
    pub issued_at: Timestamp,
    /// Comparisons paid for with this code.
    pub attempts: u32,
    /// Wrong inputs in a row over all codes of this person.
    pub failures_in_a_row: u32,
    /// Whether the right code came.
    pub used: bool,
    /// Whether what it gave without an account was answered.
    #[serde(default)]
    pub answered: bool,
}

/// Why a code is not accepted. The caller learns only that it is not; the log learns this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAccepted {
    /// No code was asked for, or another number's.
    #[error("there is no code for this person and number")]
    NoChallenge,
    /// The person is locked until staff unlock it or the number changes.
    #[error("the person is locked after too many failures")]
    Locked,
    /// The code was used.
    #[error("the code was used")]
    Used,
    /// The code is past its life.
    #[error("the code is past its life")]
    Late,
    /// The code was tried as often as it may be.
    #[error("the code was tried too often")]
    Exhausted,
    /// The input is not the code.
    #[error("the input is not the code")]
    Wrong,
}

impl Challenge {
    /// First instant at which the code no longer counts: its life is `[issued_at, issued_at + life)`.
    pub fn expires_at(&self, policy: &Codes) -> Timestamp {
        self.issued_at + policy.code_life()
    }

    /// Whether a comparison may be paid for at `now`; the row's condition says the same.
    pub fn may_try(
        &self,
        number_hash: &str,
        now: Timestamp,
        policy: &Codes,
    ) -> Result<(), NotAccepted> {
        if self.number_hash != number_hash {
            return Err(NotAccepted::NoChallenge);
        }
        if self.failures_in_a_row >= policy.failures_lock {
            return Err(NotAccepted::Locked);
        }
        if self.used {
            return Err(NotAccepted::Used);
        }
        if self.expires_at(policy) <= now {
            return Err(NotAccepted::Late);
        }
        if self.attempts >= policy.wrong_inputs_per_code {
            return Err(NotAccepted::Exhausted);
        }
        Ok(())
    }

    /// When the next code may be asked for; `None` when it may be at `now`.
    pub fn cooling_until(&self, now: Timestamp, policy: &Codes) -> Option<Timestamp> {
        let until = self.issued_at + policy.resend_after();
        (now < until).then_some(until)
    }

    /// The code itself, derived again whenever it is needed.
    pub fn code(&self, secret: &[u8], policy: &Codes) -> Code {
        let account = self.account.as_str();
        let generation = self.generation.to_string();
        let parts = [
            account,
            self.person.as_str(),
            &self.number_hash,
            &self.id,
            generation.as_str(),
        ];
        derive(secret, "contact", &parts, policy.digits)
    }
}

/// A code. Compared in constant time, printed never.
#[derive(Clone)]
pub struct Code(Personal<String>);

impl Code {
    /// Whether `input` is this code, in time that does not depend on where they differ.
    pub fn matches(&self, input: &str) -> bool {
        self.0.reveal().as_bytes().ct_eq(input.as_bytes()).into()
    }

    /// The digits, for the message that carries them.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[code]")
    }
}

/// Derives a uniform code of `digits` digits from a secret and the parts that it is bound to.
///
/// HMAC-SHA-256; 64 bits are taken, and values above the largest multiple of 10^digits are rejected with
/// the next counter byte, so that no code is likelier than another.
pub fn derive(secret: &[u8], purpose: &str, parts: &[&str], digits: u32) -> Code {
    let codes = 10u64.pow(digits);
    let ceiling = u64::MAX - u64::MAX % codes;
    let mut counter = 0u8;
    loop {
        let drawn = draw(secret, purpose, parts, counter);
        // A run of 256 rejections has a chance below 2^-10000; the last draw is then taken as it is.
        if drawn < ceiling || counter == u8::MAX {
            let digits = format!("{:0width$}", drawn % codes, width = digits as usize);
            return Code(Personal::new(digits));
        }
        counter += 1;
    }
}

fn draw(secret: &[u8], purpose: &str, parts: &[&str], counter: u8) -> u64 {
    // HMAC takes a key of any length, so the error of this constructor cannot occur.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return u64::from(counter);
    };
    for part in std::iter::once(&purpose).chain(parts) {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac.update(&[counter]);
    mac.finalize()
        .into_bytes()
        .iter()
        .take(8)
        .fold(0, |value, byte| (value << 8) | u64::from(*byte))
}

/// The last accepted sends to one number: exact rolling windows over all accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sends(Vec<Send>);

/// One accepted send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Send {
    /// When.
    pub at: Timestamp,
    /// Who asked.
    pub account: AccountId,
}

/// What becomes of a wish to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendWish {
    /// It may be sent: the ring with it.
    Accepted(Sends),
    /// A cap is reached.
    Capped {
        /// Whether it is the number's own, and several accounts came to it: somebody may be pestered.
        is_contested: bool,
    },
}

impl Sends {
    /// When they were.
    pub fn instants(&self) -> impl Iterator<Item = Timestamp> {
        self.0.iter().map(|send| send.at)
    }

    /// What becomes of a send of `account` at `now`: a cap of the number, or of the account and the number,
    /// may be reached.
    pub fn accept(&self, account: &AccountId, now: Timestamp, policy: &Codes) -> SendWish {
        let hour = now - SignedDuration::from_hours(1);
        let day = now - SignedDuration::from_hours(24);
        let count = |since: Timestamp, of_account: bool| {
            let counted =
                |send: &&Send| since < send.at && (!of_account || send.account == *account);
            u32::try_from(self.0.iter().filter(counted).count()).unwrap_or(u32::MAX)
        };
        let number_open = count(hour, false) < policy.sends_per_number_hour
            && count(day, false) < policy.sends_per_number_day;
        let account_open = count(hour, true) < policy.sends_per_account_hour
            && count(day, true) < policy.sends_per_account_day;
        if !(number_open && account_open) {
            let mut others = self.0.iter().filter(|send| day < send.at);
            let is_contested = !number_open && others.any(|send| send.account != *account);
            return SendWish::Capped { is_contested };
        }
        let mut sends = self.0.clone();
        sends.push(Send {
            at: now,
            account: account.clone(),
        });
        let keep = policy.sends_per_number_day as usize;
        let surplus = sends.len().saturating_sub(keep);
        SendWish::Accepted(Self(sends.split_off(surplus)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rulebook;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn policy() -> Codes {
        Rulebook::shipped().unwrap().policy.codes
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
            attempts: 0,
            failures_in_a_row: 0,
            used: false,
            answered: false,
        }
    }

    #[test]
    fn a_code_lives_ten_minutes_and_not_one_nanosecond_more() {
        let policy = policy();
        let try_at = |text| challenge().may_try("h", at(text), &policy);
        assert_eq!(try_at("2026-03-02T02:00:00Z"), Ok(()));
        assert_eq!(try_at("2026-03-02T02:09:59.999999999Z"), Ok(()));
        assert_eq!(try_at("2026-03-02T02:10:00Z"), Err(NotAccepted::Late));
    }

    #[test]
    fn each_cause_of_refusal_is_its_own() {
        let policy = policy();
        let now = at("2026-03-02T02:01:00Z");
        let refusal = |change: &dyn Fn(&mut Challenge)| {
            let mut challenge = challenge();
            change(&mut challenge);
            challenge.may_try("h", now, &policy)
        };
        assert_eq!(
            refusal(&|c| c.number_hash = "other".into()),
            Err(NotAccepted::NoChallenge)
        );
        assert_eq!(refusal(&|c| c.used = true), Err(NotAccepted::Used));
        assert_eq!(refusal(&|c| c.attempts = 5), Err(NotAccepted::Exhausted));
        assert_eq!(
            refusal(&|c| c.failures_in_a_row = 100),
            Err(NotAccepted::Locked)
        );
        assert_eq!(refusal(&|c| c.attempts = 4), Ok(()));
    }

    #[test]
    fn codes_are_uniform_within_chance() {
        // Chi-squared over the first digit of 20,000 codes: 9 degrees of freedom, and a value above
        // 33.7 has a chance of one in ten thousand. The parts are fixed, so the value is too.
        let mut counts = [0f64; 10];
        for n in 0..20_000 {
            let code = derive(b"secret", "contact", &[&n.to_string()], 6);
            assert_eq!(code.reveal().len(), 6);
            counts[usize::from(code.reveal().as_bytes()[0] - b'0')] += 1.0;
        }
        let chi: f64 = counts
            .iter()
            .map(|count| (count - 2000.0).powi(2) / 2000.0)
            .sum();
        assert!(chi < 33.7, "{chi}");
    }

    #[test]
    fn a_code_is_bound_to_every_part() {
        let secret = b"secret";
        let code = challenge().code(secret, &policy()).reveal().to_owned();
        let other = |change: &dyn Fn(&mut Challenge)| {
            let mut challenge = challenge();
            change(&mut challenge);
            challenge.code(secret, &policy()).reveal().to_owned()
        };
        assert_ne!(other(&|c| c.generation = 2), code);
        assert_ne!(other(&|c| c.number_hash = "g".into()), code);
        assert_ne!(other(&|c| c.account = "a2".parse().unwrap()), code);
        assert!(challenge().code(secret, &policy()).matches(&code));
        assert!(!challenge().code(secret, &policy()).matches(""));
    }

    #[test]
    fn a_number_takes_three_sends_an_hour_of_one_account_and_five_of_all() {
        let policy = policy();
        let (one, two): (AccountId, AccountId) = ("a1".parse().unwrap(), "a2".parse().unwrap());
        let now = at("2026-03-02T02:00:00Z");
        let accepted =
            |sends: &Sends, account: &AccountId, at| match sends.accept(account, at, &policy) {
                SendWish::Accepted(sends) => Ok(sends),
                SendWish::Capped { is_contested } => Err(is_contested),
            };
        let mut sends = Sends::default();
        for _ in 0..3 {
            sends = accepted(&sends, &one, now).unwrap();
        }
        // At its own cap an account is alone.
        assert_eq!(accepted(&sends, &one, now), Err(false));
        for _ in 0..2 {
            sends = accepted(&sends, &two, now).unwrap();
        }
        assert_eq!(accepted(&sends, &two, now), Err(true));
        let later = now + SignedDuration::from_hours(1);
        assert!(accepted(&sends, &two, later).is_ok());
    }
}
