//! Expanding a notice into one message per number.

use icp_domain::Invocation;
use icp_domain::filing::Filing;
use icp_domain::identifiers::Mobile;
use icp_domain::ids::{OrderId, PersonId};
use icp_domain::notice::{Notice, NoticeKind};
use icp_store::records::{Message, Outcome, Posting};
use icp_store::{Change, Store, StoreError};

use super::{Claimed, commit_mine, put_done};

/// Expands a notice into one message per number, once.
pub(super) async fn expand(
    store: &Store,
    claimed: &Claimed,
    notice: &Notice,
    inv: &Invocation,
) -> Result<(), StoreError> {
    let mut change = Change::new();
    let mut numbers: Vec<String> = Vec::new();
    for (person, order, hash) in recipients(store, notice).await? {
        if numbers.contains(&hash) {
            continue;
        }
        let id = Message::id_of(&notice.id, &hash);
        numbers.push(hash.clone());
        let message = Message {
            id: id.clone(),
            notice: notice.clone(),
            person,
            order,
            number_hash: hash,
        };
        Store::post(
            &mut change,
            &id,
            Posting::Message(message),
            inv.now,
            inv.now,
        )?;
    }
    let outcome = if numbers.is_empty() {
        Outcome::Undeliverable("no number to send it to".into())
    } else {
        Outcome::Expanded
    };
    put_done(&mut change, claimed, outcome, inv.now)?;
    commit_mine(store, &change).await
}

type Recipient = (PersonId, Option<OrderId>, String);

/// Whom a notice goes to: a code, and word of a lapse, to its person; all else to the subject's principal and the
/// principals of the services that it is about.
async fn recipients(store: &Store, notice: &Notice) -> Result<Vec<Recipient>, StoreError> {
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
        let to = current.map(|(now, _)| (person.clone(), order.clone(), now.number_hash));
        return Ok(to.into_iter().collect());
    }
    if let NoticeKind::OrderReturned { order }
    | NoticeKind::OrderReminder { order }
    | NoticeKind::OrderApproved { order } = &notice.kind
    {
        let of_draft = order_recipients(store, order).await?;
        if !of_draft.is_empty() {
            return Ok(of_draft);
        }
        // The draft names no principal of its own: the filing's are told.
    }
    let Some(stored) = store.filing(&notice.subject).await? else {
        return Ok(Vec::new());
    };
    let persons = if let NoticeKind::ProofLapses { person, .. } = &notice.kind {
        vec![person.clone()]
    } else {
        principals(&stored.filing)
    };
    let of = |person: PersonId| {
        let seal = stored.seals.get(&person)?;
        Some((person, None, seal.number_hash.clone()))
    };
    Ok(persons.into_iter().filter_map(of).collect())
}

async fn order_recipients(store: &Store, order: &OrderId) -> Result<Vec<Recipient>, StoreError> {
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
    let Ok(mobile) = Mobile::parse(typed.mobile.reveal()) else {
        return Ok(Vec::new());
    };
    let hash = store.keys().hashed(mobile.reveal()).await?;
    Ok(vec![(person, Some(order.clone()), hash)])
}

fn principals(filing: &Filing) -> Vec<PersonId> {
    filing.principals().into_iter().cloned().collect()
}
