//! Confirms a code: counted before compared, consumed with what it proves.

use icp_domain::code::{Challenge, NotAccepted};
use icp_domain::filing::Proof;
use icp_domain::history::Happened;
use icp_domain::ids::{PersonId, SubjectId};
use icp_domain::rulebook::calendar::{local_date, start_of};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Counted, Holder, StoredProof};
use icp_store::{Answer, Change, CommitError, Failure, Repeat, Repeated, Store, StoreError};
use jiff::{Span, Timestamp};

use crate::By;
use crate::attempt::answered_before;
use crate::send_code::code_of;

/// Confirms a code.
#[derive(Debug, Clone)]
pub struct ConfirmCode {
    /// Where the person stands.
    pub holder: Holder,
    /// The person.
    pub person: PersonId,
    /// What was typed.
    pub code: String,
    /// Who, from where.
    pub by: By,
}

/// Proves a number by its code.
///
/// The attempt is counted by one conditional update of the challenge before anything is compared:
/// whoever dies after it has paid. The right code is consumed in the commit that stores the proof, so
/// that of many right inputs exactly one counts.
pub async fn confirm_code(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<Proof>,
    command: ConfirmCode,
) -> Result<Answer, Failure<NotAccepted>> {
    let (holder, person) = (&command.holder, &command.person);
    let (found, repeated) = store.proof_and_repeated(holder, person, &repeat).await?;
    match repeated {
        Repeated::No => {}
        Repeated::Answered(answer) => return Ok(answer),
        Repeated::OtherBody => return Err(Failure::KeyReused),
    }
    let asked = found
        .filter(|found| command.by.may_see(&found.account))
        .ok_or(Failure::NotFound)?;
    let Some(hash) = asked.number_hash.clone() else {
        return Err(Failure::Refused(NotAccepted::NoChallenge));
    };
    let input = Input {
        subject: &asked.subject,
        person,
        number_hash: &hash,
        typed: &command.code,
    };
    let (challenge, version) = compare(store, rulebook, inv.now, &input).await?;
    let proven = Proven { challenge, version };
    proven
        .commit(store, rulebook, inv, &repeat, &command, asked)
        .await
}

/// What was typed for the code of a number.
pub(crate) struct Input<'a> {
    /// The filing.
    pub(crate) subject: &'a SubjectId,
    /// The person.
    pub(crate) person: &'a PersonId,
    /// Keyed hash of the number.
    pub(crate) number_hash: &'a str,
    /// What was typed.
    pub(crate) typed: &'a str,
}

/// Counts an input, and then compares it: the challenge whose code it is, with its version.
pub(crate) async fn compare(
    store: &Store,
    rulebook: &Rulebook,
    now: Timestamp,
    input: &Input<'_>,
) -> Result<(Challenge, u64), Failure<NotAccepted>> {
    let policy = &rulebook.policy.codes;
    let counted = store
        .count_attempt(input.subject, input.person, input.number_hash, now, policy)
        .await?;
    let (challenge, version) = match counted {
        Counted::Paid(challenge, version) => (challenge, version),
        Counted::Refused(found) => {
            let why = found.map_or(Err(NotAccepted::NoChallenge), |challenge| {
                challenge.may_try(input.number_hash, now, policy)
            });
            return Err(Failure::Refused(
                why.err().unwrap_or(NotAccepted::Exhausted),
            ));
        }
    };
    let code = code_of(store, &challenge, rulebook).await?;
    if code.matches(input.typed.trim()) {
        Ok((challenge, version))
    } else {
        Err(Failure::Refused(NotAccepted::Wrong))
    }
}

/// A number whose right code came.
struct Proven {
    challenge: Challenge,
    version: u64,
}

impl Proven {
    async fn commit(
        mut self,
        store: &Store,
        rulebook: &Rulebook,
        inv: &mut Invocation,
        repeat: &Repeat<Proof>,
        command: &ConfirmCode,
        mut asked: StoredProof,
    ) -> Result<Answer, Failure<NotAccepted>> {
        let proof = proof_of(inv.now, rulebook);
        let answer = (repeat.render)(&proof);
        // Each input that was counted beside this one may have moved the challenge once.
        let beside = rulebook.policy.codes.wrong_inputs_per_code;
        for _ in 0..=rulebook.policy.sweeps.reloads + beside {
            let subject = asked.subject.clone();
            let mut filing = asked.filing(store).await?.ok_or(Failure::NotFound)?;
            let mut change = Change::new();
            asked.put(&mut change, proof, inv.now)?;
            let deed = command.by.deed(
                Happened::NumberVerified,
                command.person.as_str(),
                &repeat.command,
            );
            filing.record(&mut change, deed, inv.now)?;
            self.consume(&mut change, &subject, rulebook)?;
            let kept = rulebook.policy.repeats.answer_hours;
            change.put(store.repeat_row(repeat, &answer, kept, inv).await?);
            let fault = match store.commit(&change).await {
                Ok(()) => return Ok(answer),
                Err(CommitError::Conflict(_)) => None,
                Err(CommitError::Store(fault)) => Some(fault),
            };
            if let Some(answer) = answered_before(store, repeat).await? {
                return Ok(answer);
            }
            if let Some(fault) = fault {
                return Err(Failure::Fault(fault));
            }
            asked = self.again(store, command).await?;
        }
        Err(Failure::ChangedMeanwhile)
    }

    fn consume(
        &self,
        change: &mut Change,
        subject: &SubjectId,
        rulebook: &Rulebook,
    ) -> Result<(), StoreError> {
        let used = Challenge {
            used: true,
            failures_in_a_row: 0,
            ..self.challenge.clone()
        };
        let policy = &rulebook.policy.codes;
        Store::put_challenge(change, subject, &used, Some(self.version), policy)
    }

    /// Reads again what somebody changed meanwhile. The attempt is paid, and the code was right: only
    /// a challenge that was used, or is another by now, or a number that changed, ends it. A wrong
    /// input that was counted beside it does not.
    async fn again(
        &mut self,
        store: &Store,
        command: &ConfirmCode,
    ) -> Result<StoredProof, Failure<NotAccepted>> {
        let asked = store.proof(&command.holder, &command.person).await?;
        let asked = asked.ok_or(Failure::NotFound)?;
        if asked.number_hash.as_ref() != Some(&self.challenge.number_hash) {
            return Err(Failure::Refused(NotAccepted::NoChallenge));
        }
        let now = store.challenge(&asked.subject, &command.person).await?;
        let same = now.filter(|(now, _)| {
            now.id == self.challenge.id && now.generation == self.challenge.generation && !now.used
        });
        let (_, version) = same.ok_or(Failure::Refused(NotAccepted::Used))?;
        self.version = version;
        Ok(asked)
    }
}

/// A proof that is given at `now`.
pub(crate) fn proof_of(now: Timestamp, rulebook: &Rulebook) -> Proof {
    Proof::given(now, lapses_at(now, rulebook), &rulebook.policy.codes)
}

/// When a proof of `now` lapses: so many calendar months later, at the same time of day.
fn lapses_at(now: Timestamp, rulebook: &Rulebook) -> Timestamp {
    let months = i64::from(rulebook.policy.codes.verification_months);
    let today = local_date(now);
    // The calendar ends in the year 9999; a proof given on its last day lapses on it.
    let last = today
        .checked_add(Span::new().months(months))
        .unwrap_or(today);
    now + start_of(last).duration_since(start_of(today))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_lapses_twelve_months_later_at_the_same_time_of_day() {
        let rulebook = Rulebook::shipped().unwrap();
        let of = |text: &str| lapses_at(text.parse().unwrap(), &rulebook).to_string();
        assert_eq!(of("2026-03-02T02:00:00Z"), "2027-03-02T02:00:00Z");
        assert_eq!(of("2028-02-29T02:00:00Z"), "2029-02-28T02:00:00Z");
    }
}
