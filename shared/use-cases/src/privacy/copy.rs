//! A copy of all that is stored of a person.

use std::collections::BTreeMap;

use icp_domain::filing::{Filing, Person, PersonDetails, Proof};
use icp_domain::history::Happened;
use icp_domain::identifiers::{IcpNumber, Mobile};
use icp_domain::ids::{OrderId, PersonId, SubjectId};
use icp_domain::order::TypedPerson;
use icp_domain::reports::{MailReport, RegistryReport, TelephoneReport};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::StoredFiling;
use icp_store::{Answer, Change, Failure, Repeat, Store};
use serde::Serialize;
use utoipa::ToSchema;

use crate::By;
use crate::attempt::{Decided, Tries};
use crate::read::ReadRefused;

/// All that is stored of a person in one filing, or in the draft of an order of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StoredOfPerson {
    /// The filing.
    pub subject: SubjectId,
    /// The order whose draft holds the person; none for the filing itself.
    pub order: Option<OrderId>,
    /// The person's id in it.
    pub person: String,
    /// The subject's number.
    pub number: Option<IcpNumber>,
    /// Of which services the person is principal, and whether of the subject.
    pub principal_of: Vec<String>,
    /// Name, identity document, mobile and mail.
    pub details: Details,
    /// The proof of the mobile.
    pub proof: Option<Proof>,
    /// What was reported of the person.
    pub reports: OfReports,
}

/// What was reported of a person.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfReports {
    /// What was heard of the number, by calls, codes, receipts and carriers.
    pub telephones: Vec<TelephoneReport>,
    /// Whether mails to the address were taken.
    pub mails: Vec<MailReport>,
    /// The register's answer, where it names the person.
    pub registry: Option<RegistryReport>,
}

/// A person's data.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Details {
    /// As filed.
    Filed(PersonDetails),
    /// As typed into a draft.
    Typed(TypedPerson),
}

/// A page of what is stored of a person.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Copied {
    /// What is stored, filing by filing.
    pub items: Vec<StoredOfPerson>,
    /// The filing after which the next page begins; none at the end.
    pub next: Option<SubjectId>,
}

/// Most filings whose data are handed out at once, so that it is recorded in one commit.
const MOST_FILINGS: usize = 30;

/// A copy of all that is stored of whoever answers under a mobile, in filings and in drafts, a page of
/// filings at a time; that it was given stands in the history of each.
pub async fn copy(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<Copied>,
    by: &By,
    (mobile, reason, after): (&Mobile, &str, Option<&SubjectId>),
) -> Result<Answer, Failure<ReadRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let decided = async {
            let mut change = Change::new();
            let mut of_filings: BTreeMap<SubjectId, Vec<OrderId>> = BTreeMap::new();
            for subject in store.users_of(mobile).await? {
                of_filings.entry(subject).or_default();
            }
            for draft in store.drafts_of(mobile).await? {
                of_filings
                    .entry(draft.subject)
                    .or_default()
                    .push(draft.order);
            }
            let mut rest = of_filings
                .into_iter()
                .filter(|(subject, _)| after.is_none_or(|after| after < subject));
            let mut done = Copied {
                items: Vec::new(),
                next: None,
            };
            let mut last = None;
            for (subject, orders) in rest.by_ref().take(MOST_FILINGS) {
                last = Some(subject.clone());
                let Some(mut stored) = store.filing(&subject).await? else {
                    continue;
                };
                let filing = &stored.filing;
                let persons = filing.persons.iter();
                let theirs = persons.filter(|(_, person)| person.details.mobile == *mobile);
                done.items
                    .extend(theirs.map(|(id, person)| of_person(&stored, id, person)));
                for order in &orders {
                    done.items
                        .extend(of_draft(store, filing, order, mobile).await?);
                }
                let deed = by.deed(Happened::PersonalDataCopied, reason, &repeat.command);
                stored.record(&mut change, deed, inv.now)?;
            }
            done.next = rest.next().and(last);
            Ok::<_, Failure<ReadRefused>>(Decided { change, done })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

fn of_person(stored: &StoredFiling, id: &PersonId, person: &Person) -> StoredOfPerson {
    let (filing, told) = (&stored.filing, &stored.reports);
    let registry = told.registry.as_ref();
    let of_subject = filing
        .subject
        .details
        .iter()
        .filter(|details| details.principal == *id)
        .map(|_| "subject".to_owned());
    let of_services = filing
        .services
        .iter()
        .filter(|(_, service)| service.details.principal == *id)
        .map(|(service, _)| service.to_string());
    StoredOfPerson {
        subject: filing.subject.id.clone(),
        order: None,
        person: id.to_string(),
        number: filing.number().cloned(),
        principal_of: of_subject.chain(of_services).collect(),
        details: Details::Filed(person.details.clone()),
        proof: person.proof,
        reports: OfReports {
            telephones: told.telephones.get(id).cloned().unwrap_or_default(),
            mails: told.mails.get(id).cloned().unwrap_or_default(),
            registry: registry
                .filter(|answer| answer.names(person.details.name.reveal()))
                .cloned(),
        },
    }
}

async fn of_draft(
    store: &Store,
    filing: &Filing,
    order: &OrderId,
    mobile: &Mobile,
) -> Result<Vec<StoredOfPerson>, Failure<ReadRefused>> {
    let Some(stored) = store.order(order).await? else {
        return Ok(Vec::new());
    };
    let draft = &stored.draft;
    let theirs = draft
        .persons
        .iter()
        .filter(|typed| Mobile::parse(typed.mobile.reveal()).as_ref() == Ok(mobile));
    let items = theirs.map(|typed| {
        let of_subject = (draft.subject.principal == typed.id).then(|| "subject".to_owned());
        let services = draft.services.iter();
        let of_services = services
            .filter(|service| service.principal == typed.id)
            .map(|service| service.id.clone());
        StoredOfPerson {
            subject: filing.subject.id.clone(),
            order: Some(order.clone()),
            person: typed.id.clone(),
            number: filing.number().cloned(),
            principal_of: of_subject.into_iter().chain(of_services).collect(),
            details: Details::Typed(typed.clone()),
            proof: stored.proofs.get(&typed.id).map(|(_, proof)| *proof),
            reports: OfReports::default(),
        }
    });
    Ok(items.collect())
}
