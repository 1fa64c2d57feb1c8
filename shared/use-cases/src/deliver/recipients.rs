//! Whom a notice goes to, under which number and address.

use icp_domain::filing::Filing;
use icp_domain::identifiers::{EmailAddress, Mobile};
use icp_domain::ids::{CaseId, OrderId, PersonId};
use icp_domain::notice::{Addressee, Notice, NoticeKind};
use icp_store::records::AccountContact;
use icp_store::{Store, StoreError};

/// One whom a notice goes to: keyed hashes of the number and the address, where there is one.
#[derive(Debug)]
pub(super) struct Recipient {
    pub(super) addressee: Addressee,
    pub(super) mobile: Option<String>,
    pub(super) email: Option<String>,
}

/// Whom a notice goes to: a code, and word of a lapse, to its person; all else to the account's holder, the
/// subject's principal and the principals of the services that it is about.
pub(super) async fn recipients(
    store: &Store,
    notice: &Notice,
) -> Result<Vec<Recipient>, StoreError> {
    if let NoticeKind::Code {
        person,
        order,
        challenge,
        generation,
    } = &notice.kind
    {
        let found = store.challenge(&notice.subject, person).await?;
        let current =
            found.filter(|(now, _)| now.id == *challenge && now.generation == *generation);
        let to = current.map(|(now, _)| Recipient {
            addressee: Addressee::Person {
                person: person.clone(),
                order: order.clone(),
            },
            mobile: Some(now.number_hash),
            email: None,
        });
        return Ok(to.into_iter().collect());
    }
    if let NoticeKind::OrderReturned { order }
    | NoticeKind::OrderReminder { order }
    | NoticeKind::OrderApproved { order } = &notice.kind
    {
        let of_draft = of_order(store, order).await?;
        if !of_draft.is_empty() {
            return Ok(of_draft);
        }
        // The draft names no principal of its own: the filing's are told.
    }
    let Some(stored) = store.filing(&notice.subject).await? else {
        return Ok(Vec::new());
    };
    let filing = &stored.filing;
    let (with_holder, persons) = if let NoticeKind::ProofLapses { person, .. } = &notice.kind {
        (false, vec![person.clone()])
    } else {
        (true, about(store, filing, &notice.kind).await?)
    };
    let mut found = Vec::new();
    // First, so that of more recipients than a commit holds it is not the holder who is left out.
    if with_holder {
        found.push(holder(store, &filing.subject.account).await?);
    }
    for id in persons {
        let Some(person) = filing.persons.get(&id) else {
            continue;
        };
        let contact = AccountContact {
            mobile: Some(person.details.mobile.clone()),
            email: Some(person.details.email.clone()),
        };
        let addressee = Addressee::Person {
            person: id,
            order: None,
        };
        found.push(recipient(store, addressee, &contact).await?);
    }
    Ok(found)
}

/// The subject's principal, and those of the services that a notice is about; where it names no service, of all.
async fn about(
    store: &Store,
    filing: &Filing,
    kind: &NoticeKind,
) -> Result<Vec<PersonId>, StoreError> {
    let mut services = Vec::new();
    let mut whole = false;
    let mut of_case = Vec::new();
    match kind {
        NoticeKind::Audit { told } => of_case.extend(told.iter().map(|told| &told.case)),
        NoticeKind::Reminder { case, .. }
        | NoticeKind::PeriodExtended { case, .. }
        | NoticeKind::AppealDecided { case, .. }
        | NoticeKind::ObjectionDecided { case, .. }
        | NoticeKind::Correction { case }
        | NoticeKind::CaseClosed { case } => of_case.push(case),
        NoticeKind::AccessStopped { service, .. }
        | NoticeKind::AccessReinstated { service, .. }
        | NoticeKind::Deregistered {
            service: Some(service),
        } => services.push(service.clone()),
        NoticeKind::Code { .. }
        | NoticeKind::ProofLapses { .. }
        | NoticeKind::OrderApproved { .. }
        | NoticeKind::OrderReturned { .. }
        | NoticeKind::OrderReminder { .. }
        | NoticeKind::YearlyReview { .. }
        | NoticeKind::Deregistered { service: None } => whole = true,
    }
    of_case.sort();
    of_case.dedup();
    for case in of_case {
        let case: &CaseId = case;
        match store
            .case(case)
            .await?
            .and_then(|found| found.case.unit.service)
        {
            Some(service) => services.push(service),
            None => whole = true,
        }
    }
    if whole {
        return Ok(filing.principals().into_iter().cloned().collect());
    }
    let of_services = services.iter().filter_map(|id| filing.services.get(id));
    let subject = filing.subject.details.as_ref();
    let mut persons: Vec<PersonId> = subject
        .map(|details| details.principal.clone())
        .into_iter()
        .chain(of_services.map(|service| service.details.principal.clone()))
        .collect();
    persons.sort();
    persons.dedup();
    Ok(persons)
}

async fn of_order(store: &Store, order: &OrderId) -> Result<Vec<Recipient>, StoreError> {
    let Some(stored) = store.order(order).await? else {
        return Ok(Vec::new());
    };
    let principal = stored.draft.subject.principal.clone();
    let typed = stored
        .draft
        .persons
        .iter()
        .find(|typed| typed.id == principal);
    let (Some(typed), Ok(person)) = (typed, principal.parse::<PersonId>()) else {
        return Ok(Vec::new());
    };
    let contact = AccountContact {
        mobile: Mobile::parse(typed.mobile.reveal()).ok(),
        email: EmailAddress::parse(typed.email.reveal()).ok(),
    };
    if contact == AccountContact::default() {
        return Ok(Vec::new());
    }
    let addressee = Addressee::Person {
        person,
        order: Some(order.clone()),
    };
    Ok(vec![
        recipient(store, addressee, &contact).await?,
        holder(store, &stored.order.account).await?,
    ])
}

async fn holder(
    store: &Store,
    account: &icp_domain::ids::AccountId,
) -> Result<Recipient, StoreError> {
    let contact = store.account_contact(account).await?.contact;
    let addressee = Addressee::Account {
        account: account.clone(),
    };
    recipient(store, addressee, &contact).await
}

async fn recipient(
    store: &Store,
    addressee: Addressee,
    contact: &AccountContact,
) -> Result<Recipient, StoreError> {
    let keys = store.keys();
    let mobile = match &contact.mobile {
        Some(mobile) => Some(keys.hashed(mobile.reveal()).await?),
        None => None,
    };
    let email = match &contact.email {
        Some(email) => Some(keys.hashed(&hashed_email(email)).await?),
        None => None,
    };
    Ok(Recipient {
        addressee,
        mobile,
        email,
    })
}

/// What is hashed of an address: the same whoever wrote it in whatever case, and nothing that a number is.
pub(super) fn hashed_email(email: &EmailAddress) -> String {
    format!("mail:{}", email.reveal().to_lowercase())
}
