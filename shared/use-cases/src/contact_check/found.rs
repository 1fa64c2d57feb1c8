//! Whom a case's number and a mobile name, and the ticket that the right code gives.

use icp_domain::Rulebook;
use icp_domain::code::{Challenge, NotAccepted};
use icp_domain::contact::Roles;
use icp_domain::filing::Filing;
use icp_domain::identifiers::Mobile;
use icp_domain::ids::{CaseId, PersonId, SubjectId, UnitId};
use icp_store::records::StoredFiling;
use icp_store::{Change, Failure, Store, StoreError};
use jiff::Timestamp;

use super::Named;

/// Whom a case number and a mobile name.
pub(super) struct Found {
    pub(super) subject: SubjectId,
    /// Under whose id the code goes.
    pub(super) person: PersonId,
    /// All principals of the mobile: one human may stand in a filing under several ids.
    pub(super) persons: Vec<PersonId>,
    pub(super) number_hash: String,
    pub(super) mobile: Mobile,
    pub(super) filing: StoredFiling,
    unit: UnitId,
}

impl Found {
    /// The first domain of what the case is about.
    pub(super) fn domain(&self) -> Option<String> {
        domain_of(&self.filing.filing, &self.unit)
    }

    /// What its persons answer for, together.
    pub(super) fn roles(&self) -> Roles {
        let mut roles = Roles::default();
        for person in &self.persons {
            let own = self.filing.filing.roles(person);
            roles.subject |= own.subject;
            roles.services.extend(own.services);
        }
        roles
    }

    fn parts(&self, challenge: &str, until: i64) -> [String; 5] {
        [
            self.subject.to_string(),
            self.person.to_string(),
            self.number_hash.clone(),
            challenge.to_owned(),
            until.to_string(),
        ]
    }

    /// A ticket that holds until then.
    pub(super) async fn ticket(
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

    /// The challenge whose right code gave a ticket that holds at `now`.
    pub(super) async fn ticketed(
        &self,
        store: &Store,
        ticket: &str,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let mut parts = ticket.splitn(3, '.');
        let (Some(until), Some(challenge), Some(signature)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return Ok(None);
        };
        let until = until.parse::<i64>().unwrap_or_default();
        if until <= now.as_second() {
            return Ok(None);
        }
        let parts = self.parts(challenge, until);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let is_ours = store.keys().is_signed(TICKET, &parts, signature).await?;
        Ok(is_ours.then(|| challenge.to_owned()))
    }

    /// Takes the challenge away with the answer: a ticket is used once.
    pub(super) async fn answer_once(
        &self,
        store: &Store,
        rulebook: &Rulebook,
        change: &mut Change,
        challenge: &str,
    ) -> Result<(), Failure<NotAccepted>> {
        let found = store.challenge(&self.subject, &self.person).await?;
        let found = found.filter(|(found, _)| found.id == challenge && !found.answered);
        let (found, version) = found.ok_or(Failure::Refused(NotAccepted::Used))?;
        let answered = Challenge {
            answered: true,
            ..found
        };
        let policy = &rulebook.policy.codes;
        Store::put_challenge(change, &self.subject, &answered, Some(version), policy)?;
        Ok(())
    }
}

const TICKET: &str = "contact-check";

/// The principal of a case's filing who answers under a mobile.
pub(super) async fn find(store: &Store, named: &Named) -> Result<Option<Found>, StoreError> {
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
    let principals = filing.filing.principals().into_iter();
    let of_mobile = principals.filter(|id| {
        let person = filing.filing.persons.get(*id);
        person.is_some_and(|person| person.details.mobile == named.mobile)
    });
    let persons: Vec<PersonId> = of_mobile.cloned().collect();
    let Some(person) = persons.first().cloned() else {
        return Ok(None);
    };
    let Some(seal) = filing.seals.get(&person) else {
        return Ok(None);
    };
    Ok(Some(Found {
        subject: unit.subject.clone(),
        number_hash: seal.number_hash.clone(),
        mobile: named.mobile.clone(),
        person,
        persons,
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
