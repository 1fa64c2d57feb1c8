//! A person named in a filing proves the number without an account: by the number of a case, which a
//! notice printed, and the mobile that it came to.
//!
//! **Invariant:** until the right code came nothing is told: neither whether there is such a case, nor
//! whether the mobile is one of its filing's.

use icp_domain::case::CaseNumber;
use icp_domain::code::NotAccepted;
use icp_domain::contact::{ContactAnswer, Roles};
use icp_domain::filing::{Filing, Proof};
use icp_domain::identifiers::Mobile;
use icp_domain::ids::{AccountId, CaseId, PersonId, SubjectId, UnitId};
use icp_domain::reports::TelephoneSays;
use icp_domain::{Invocation, Rulebook, Text};
use icp_store::records::{Holder, StoredFiling};
use icp_store::{Answer, Change, CommitError, Failure, Repeat, Repeated, Store, StoreError};
use jiff::Timestamp;

use crate::By;
use crate::attempt::{Decided, Tries, answered_before};
use crate::confirm_code::{Input, compare, proof_of};
use crate::send_code::{Asked, SendCode, SendCodeRefused, send_code};

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

/// Whom a case number and a mobile name.
struct Found {
    subject: SubjectId,
    person: PersonId,
    number_hash: String,
    filing: StoredFiling,
    unit: UnitId,
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
}

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
            Failure::Refused(SendCodeRefused::TooSoon(_))
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
        domain: domain_of(&found.filing.filing, &found.unit),
        roles: found.filing.filing.roles(&found.person),
        ticket: found.ticket(store, &challenge.id, until).await?,
        until,
    };
    let answer = (repeat.render)(&shown);
    let policy = &rulebook.policy.codes;
    for _ in 0..=rulebook.policy.sweeps.reloads + policy.wrong_inputs_per_code {
        let used = icp_domain::code::Challenge {
            used: true,
            failures_in_a_row: 0,
            ..challenge.clone()
        };
        let mut change = Change::new();
        Store::put_challenge(&mut change, &found.subject, &used, Some(version), policy)?;
        let kept = rulebook.policy.repeats.answer_hours;
        change.put(store.repeat_row(&repeat, &answer, kept, inv).await?);
        let fault = match store.commit(&change).await {
            Ok(()) => return Ok(answer),
            Err(CommitError::Conflict(_)) => None,
            Err(CommitError::Store(fault)) => Some(fault),
        };
        if let Some(answer) = answered_before(store, &repeat).await? {
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
            let mut found = found.ok_or(Failure::Refused(NotAccepted::NoChallenge))?;
            if !found.is_ticket(store, &command.ticket, inv.now).await? {
                return Err(Failure::Refused(NotAccepted::Late));
            }
            let mut change = Change::new();
            let proof = match command.answer {
                ContactAnswer::Stop => None,
                ContactAnswer::Me => Some(proof_of(inv.now, rulebook)),
                ContactAnswer::NotPrincipal => None,
            };
            let what = match command.answer {
                ContactAnswer::Stop => {
                    return Ok::<_, Failure<NotAccepted>>(Decided {
                        change,
                        done: Recorded { proof },
                    });
                }
                ContactAnswer::Me => "number-verified",
                ContactAnswer::NotPrincipal => {
                    found.tell_apart(&mut change, inv.now)?;
                    "number-disowned"
                }
            };
            let Found {
                person: id,
                mut filing,
                ..
            } = found;
            if let Some(mut person) = filing.filing.persons.get(&id).cloned() {
                person.proof = proof;
                filing
                    .put_person(store, &mut change, &id, &person, inv)
                    .await?;
            }
            let by = By::person(id.clone(), command.named.origin.clone());
            let deed = by.deed(what, id.as_str(), &repeat.command);
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

impl Found {
    fn parts(&self, challenge: &str, until: i64) -> [String; 5] {
        [
            self.subject.to_string(),
            self.person.to_string(),
            self.number_hash.clone(),
            challenge.to_owned(),
            until.to_string(),
        ]
    }

    async fn ticket(
        &self,
        store: &Store,
        challenge: &str,
        until: Timestamp,
    ) -> Result<String, StoreError> {
        let until = until.as_second();
        let parts = self.parts(challenge, until);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let signature = store.keys().signed(TICKET, &parts).await?;
        Ok(format!("{until}.{challenge}.{signature}"))
    }

    async fn is_ticket(
        &self,
        store: &Store,
        ticket: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut parts = ticket.splitn(3, '.');
        let (Some(until), Some(challenge), Some(signature)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return Ok(false);
        };
        let Ok(until) = until.parse::<i64>() else {
            return Ok(false);
        };
        if until <= now.as_second() {
            return Ok(false);
        }
        let parts = self.parts(challenge, until);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        store.keys().is_signed(TICKET, &parts, signature).await
    }

    /// Records that the number's owner is not the principal, and has the subject judged at once.
    fn tell_apart(&mut self, change: &mut Change, now: Timestamp) -> Result<(), StoreError> {
        let says = TelephoneSays::IsNotPrincipal;
        self.filing.put_telephone(change, &self.person, says, now)?;
        let unit = UnitId::of_subject(self.subject.clone());
        let Some(stored) = self.filing.clock(&unit) else {
            return Ok(());
        };
        let mut clock = stored.clock.clone();
        clock.next_audit_at = clock.next_audit_at.min(now);
        let live = self.filing.filing.has_access(&unit);
        self.filing.put_clock(change, &unit, &clock, live, now)
    }
}

const TICKET: &str = "contact-check";

/// The principal of a case's filing who answers under a mobile.
async fn find(store: &Store, named: &Named) -> Result<Option<Found>, StoreError> {
    let case = store.case_of_number(&named.case).await?;
    let case = case.and_then(|case| case.parse::<CaseId>().ok());
    let Some(case) = case else {
        return Ok(None);
    };
    let Some(case) = store.case(&case).await? else {
        return Ok(None);
    };
    let unit = case.case.unit;
    let Some(filing) = store.filing(&unit.subject).await? else {
        return Ok(None);
    };
    let principals = filing.filing.principals();
    let person = principals.into_iter().find(|id| {
        let person = filing.filing.persons.get(*id);
        person.is_some_and(|person| person.details.mobile == named.mobile)
    });
    let Some(person) = person.cloned() else {
        return Ok(None);
    };
    let Some(seal) = filing.seals.get(&person) else {
        return Ok(None);
    };
    Ok(Some(Found {
        subject: unit.subject.clone(),
        number_hash: seal.number_hash.clone(),
        person,
        filing,
        unit,
    }))
}

/// The first domain of what a case is about: of its service, or of the subject's first.
fn domain_of(filing: &Filing, unit: &UnitId) -> Option<String> {
    let service = match &unit.service {
        Some(service) => filing.services.get(service),
        None => filing.on_record().map(|(_, service)| service).next(),
    };
    let domain = service?.details.domains.first()?;
    Some(domain.to_string())
}
