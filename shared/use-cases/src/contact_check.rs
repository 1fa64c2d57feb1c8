//! A person named in a filing proves the number without an account: by the number of a case, which a
//! notice printed, and the mobile that it came to.
//!
//! **Invariant:** until the right code came nothing is told: neither whether there is such a case, nor
//! whether the mobile is one of its filing's.

use icp_domain::case::CaseNumber;
use icp_domain::code::{Challenge, NotAccepted};
use icp_domain::contact::{ContactAnswer, Roles};
use icp_domain::filing::Proof;
use icp_domain::history::Happened;
use icp_domain::identifiers::Mobile;
use icp_domain::ids::{AccountId, PersonId};
use icp_domain::reports::TelephoneSays;
use icp_domain::{Invocation, Rulebook, Text};
use icp_store::records::{Holder, SentTo};
use icp_store::{Answer, Change, CommitError, Failure, Repeat, Repeated, Store, StoreError};
use jiff::{SignedDuration, Timestamp};

use crate::By;
use crate::attempt::{Decided, Tries, answered_before};
use crate::confirm_code::{Input, compare, proof_of};
use crate::reported::report_telephone;
use crate::send_code::{Asked, SendCode, SendCodeRefused, send_code};

mod found;

use found::{Found, find};

/// What the caller holds in hands.
#[derive(Debug, Clone)]
pub struct Named {
    /// The number that the notice printed.
    pub case: CaseNumber,
    /// The caller's own mobile.
    pub mobile: Mobile,
    /// Where the call comes from.
    pub origin: String,
}

/// What is shown once the right code came.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Who gives access, and asks.
    pub provider: Text,
    /// The first domain of what the case is about.
    pub domain: Option<String>,
    /// What the person answers for.
    pub roles: Roles,
    /// What the answer is given with.
    pub ticket: String,
    /// Until when.
    pub until: Timestamp,
    /// What was sent to the number of late, the newest first: whether a message was ours.
    pub sent: Vec<SentTo>,
}

/// How far back whoever proved a number is told what was sent to it.
///
/// Source: chosen here; a notice is asked about while it lies before one.
const TOLD_OF: SignedDuration = SignedDuration::from_hours(24 * 30);

/// What was recorded of an answer.
#[derive(Debug, Clone, Copy)]
pub struct Recorded {
    /// The proof, where it is one.
    pub proof: Option<Proof>,
}

/// Sends a code, if case and mobile name a person; the answer is the same if they do not.
pub async fn ask(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<()>,
    named: &Named,
) -> Result<Asked, StoreError> {
    let none = Asked {
        answer: (repeat.render)(&()),
        is_contested: false,
    };
    let Some(found) = find(store, named).await? else {
        return Ok(none);
    };
    let command = SendCode {
        holder: Holder::Filing(found.subject),
        by: By::person(found.person.clone(), named.origin.clone()),
        person: found.person,
        account: account_of(&named.case),
    };
    match send_code(store, rulebook, inv, repeat, command).await {
        Ok(asked) => Ok(asked),
        Err(Failure::Fault(fault)) => Err(fault),
        // Too soon, or overtaken: as for sent.
        Err(
            Failure::Refused(SendCodeRefused::TooSoon(_) | SendCodeRefused::TooMany(_))
            | Failure::NotFound
            | Failure::ChangedMeanwhile
            | Failure::KeyReused,
        ) => Ok(none),
    }
}

/// Whoever asks by a case's number asks as one account, with the caps of one.
fn account_of(case: &CaseNumber) -> AccountId {
    AccountId::derived("case", &[case.as_str()])
}

/// Tells what the case is about, if the code is right; it is used up then.
pub async fn confirm(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<Shown>,
    (named, code): (&Named, &str),
) -> Result<Answer, Failure<NotAccepted>> {
    match store.repeated(&repeat).await? {
        Repeated::No => {}
        Repeated::Answered(answer) => return Ok(answer),
        Repeated::OtherBody => return Err(Failure::KeyReused),
    }
    let found = find(store, named).await?;
    let found = found.ok_or(Failure::Refused(NotAccepted::NoChallenge))?;
    confirmed(store, rulebook, inv, &repeat, (found, code)).await
}

async fn confirmed(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: &Repeat<Shown>,
    (found, code): (Found, &str),
) -> Result<Answer, Failure<NotAccepted>> {
    let input = Input {
        subject: &found.subject,
        person: &found.person,
        number_hash: &found.number_hash,
        typed: code,
    };
    let (challenge, mut version) = compare(store, rulebook, inv.now, &input).await?;
    let until = inv.now + rulebook.policy.codes.code_life();
    let shown = Shown {
        provider: rulebook.provider.name.clone(),
        domain: found.domain(),
        roles: found.roles(),
        ticket: found.ticket(store, &challenge.id, until).await?,
        until,
        sent: store.sent_to(&found.mobile, inv.now - TOLD_OF).await?,
    };
    let answer = (repeat.render)(&shown);
    let policy = &rulebook.policy.codes;
    for _ in 0..=rulebook.policy.sweeps.reloads + policy.wrong_inputs_per_code {
        let used = Challenge {
            used: true,
            failures_in_a_row: 0,
            ..challenge.clone()
        };
        let mut change = Change::new();
        Store::put_challenge(&mut change, &found.subject, &used, Some(version), policy)?;
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
        let now = store.challenge(&found.subject, &found.person).await?;
        let same = now.filter(|(now, _)| now.id == challenge.id && !now.used);
        (_, version) = same.ok_or(Failure::Refused(NotAccepted::Used))?;
    }
    Err(Failure::ChangedMeanwhile)
}

/// An answer with the ticket that a right code gave.
#[derive(Debug, Clone)]
pub struct AnswerCheck {
    /// What the caller holds.
    pub named: Named,
    /// The ticket.
    pub ticket: String,
    /// What is said.
    pub answer: ContactAnswer,
}

/// Records what the person says: a proof, or evidence that the filing names somebody else.
pub async fn answer(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<Recorded>,
    command: AnswerCheck,
) -> Result<Answer, Failure<NotAccepted>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let found = find(store, &command.named).await?;
            let found = found.ok_or(Failure::Refused(NotAccepted::NoChallenge))?;
            let Some(challenge) = found.ticketed(store, &command.ticket, inv.now).await? else {
                return Err(Failure::Refused(NotAccepted::Late));
            };
            let mut change = Change::new();
            let proof = match command.answer {
                ContactAnswer::Stop => None,
                ContactAnswer::Me => Some(proof_of(inv.now, rulebook)),
                ContactAnswer::NotPrincipal => None,
            };
            let says = match command.answer {
                ContactAnswer::Stop => {
                    return Ok::<_, Failure<NotAccepted>>(Decided {
                        change,
                        done: Recorded { proof },
                    });
                }
                ContactAnswer::Me => None,
                ContactAnswer::NotPrincipal => Some(TelephoneSays::IsNotPrincipal),
            };
            found
                .answer_once(store, rulebook, &mut change, &challenge)
                .await?;
            let by = By::person(found.person.clone(), command.named.origin.clone());
            let Found {
                persons,
                mut filing,
                ..
            } = found;
            for id in &persons {
                if let Some(says) = says {
                    report_telephone(store, &mut change, &filing, id, says, inv).await?;
                }
                if let Some(mut person) = filing.filing.persons.get(id).cloned() {
                    person.proof = proof;
                    filing
                        .put_person(store, &mut change, id, &person, inv)
                        .await?;
                }
            }
            let what = match says {
                None => Happened::NumberVerified,
                Some(_) => Happened::NumberDisowned,
            };
            let named: Vec<&str> = persons.iter().map(PersonId::as_str).collect();
            let deed = by.deed(what, &named.join(" "), &repeat.command);
            filing.record(&mut change, deed, inv.now)?;
            Ok(Decided {
                change,
                done: Recorded { proof },
            })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}
