//! Confirms a code: counted before compared, consumed with what it proves.

use icp_domain::code::{Challenge, NotAccepted};
use icp_domain::filing::Proof;
use icp_domain::identifiers::Mobile;
use icp_domain::ids::PersonId;
use icp_domain::rulebook::calendar::{local_date, start_of};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::Counted;
use icp_store::{Answer, Change, CommitError, Failure, Repeat, Store, StoreError};
use jiff::{Span, Timestamp};

use crate::By;
use crate::attempt::answered_before;
use crate::send_code::{Asked, Holder, asked, code_of};

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
/// whoever dies after it has paid. The right code is consumed in the commit that stores the proof,
/// under the challenge's version, so that of many right inputs exactly one counts.
pub async fn confirm_code(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<Proof>,
    command: ConfirmCode,
) -> Result<Answer, Failure<NotAccepted>> {
    if let Some(answer) = answered_before(store, &repeat).await? {
        return Ok(answer);
    }
    let asked = asked(store, &command.holder, &command.person, &command.by).await?;
    let Some(mobile) = &asked.mobile else {
        return Err(Failure::Refused(NotAccepted::NoChallenge));
    };
    let hash = store.keys().hashed(mobile.reveal()).await?;
    let policy = &rulebook.policy.codes;
    let counted = store
        .count_attempt(&asked.subject, &command.person, &hash, inv.now, policy)
        .await?;
    let (challenge, version) = match counted {
        Counted::Paid(challenge, version) => (challenge, version),
        Counted::Refused(found) => {
            let why = found.map_or(Err(NotAccepted::NoChallenge), |challenge| {
                challenge.may_try(&hash, inv.now, policy)
            });
            return Err(Failure::Refused(
                why.err().unwrap_or(NotAccepted::Exhausted),
            ));
        }
    };
    if !code_of(store, &challenge, rulebook)
        .await?
        .matches(command.code.trim())
    {
        return Err(Failure::Refused(NotAccepted::Wrong));
    }
    let proven = Proven {
        asked: &asked,
        challenge: &challenge,
        version,
    };
    proven.commit(store, rulebook, inv, &repeat, &command).await
}

/// A number whose right code came.
struct Proven<'a> {
    asked: &'a Asked,
    challenge: &'a Challenge,
    version: u64,
}

impl Proven<'_> {
    async fn commit(
        &self,
        store: &Store,
        rulebook: &Rulebook,
        inv: &mut Invocation,
        repeat: &Repeat<Proof>,
        command: &ConfirmCode,
    ) -> Result<Answer, Failure<NotAccepted>> {
        let proof = Proof {
            verified_at: inv.now,
            until: lapses_at(inv.now, rulebook),
        };
        for _ in 0..=rulebook.policy.sweeps.reloads {
            let mut change = self.change(store, inv, command, proof, repeat).await?;
            let used = Challenge {
                used: true,
                failures_in_a_row: 0,
                ..self.challenge.clone()
            };
            let policy = &rulebook.policy.codes;
            Store::put_challenge(
                &mut change,
                &self.asked.subject,
                &used,
                Some(self.version),
                policy,
            )?;
            let answer = (repeat.render)(&proof);
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
            // The filing was changed by somebody else: the attempt is paid, the proof is tried again.
            // The challenge was: another input was quicker.
            let now = store
                .challenge(&self.asked.subject, &command.person)
                .await?;
            if now.is_none_or(|(_, version)| version != self.version) {
                return Err(Failure::Refused(NotAccepted::Used));
            }
        }
        Err(Failure::ChangedMeanwhile)
    }

    /// The proof, written where the person stands; only while the number is still the proven one.
    async fn change(
        &self,
        store: &Store,
        inv: &mut Invocation,
        command: &ConfirmCode,
        proof: Proof,
        repeat: &Repeat<Proof>,
    ) -> Result<Change, Failure<NotAccepted>> {
        let mut change = Change::new();
        let missing = Failure::NotFound;
        let mut filing = store.filing(&self.asked.subject).await?.ok_or(missing)?;
        match &command.holder {
            Holder::Filing(_) => {
                let person = filing
                    .filing
                    .persons
                    .get_mut(&command.person)
                    .ok_or(Failure::NotFound)?;
                if !self.is_number(store, &person.details.mobile).await? {
                    return Err(Failure::Refused(NotAccepted::NoChallenge));
                }
                person.proof = Some(proof);
                let person = person.clone();
                filing
                    .put_person(store, &mut change, &command.person, &person, inv)
                    .await?;
            }
            Holder::Order(order) => {
                let stored = crate::draft_order::own_order(store, order, &command.by).await?;
                let typed = stored
                    .draft
                    .persons
                    .iter()
                    .find(|p| p.id == command.person.as_str());
                let mobile = typed.and_then(|typed| Mobile::parse(typed.mobile.reveal()).ok());
                let is_number = match &mobile {
                    Some(mobile) => self.is_number(store, mobile).await?,
                    None => false,
                };
                if !is_number {
                    return Err(Failure::Refused(NotAccepted::NoChallenge));
                }
                stored
                    .put_proof(store, &mut change, &command.person, proof, inv)
                    .await?;
                stored.check_head(&mut change);
            }
        }
        let deed = command
            .by
            .deed("number-verified", command.person.as_str(), &repeat.command);
        filing.record(&mut change, deed, inv.now)?;
        Ok(change)
    }

    async fn is_number(&self, store: &Store, mobile: &Mobile) -> Result<bool, StoreError> {
        Ok(store.keys().hashed(mobile.reveal()).await? == self.challenge.number_hash)
    }
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
