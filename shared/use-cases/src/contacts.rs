//! The persons of a filing or a draft, with what may be done about their proofs.

use icp_domain::Rulebook;
use icp_domain::contact::{Contact, Roles, Standing};
use icp_domain::ids::PersonId;
use icp_domain::personal::{Personal, masked};
use icp_store::records::{Holder, StoredFiling, StoredOrder};
use icp_store::{Failure, Store};
use jiff::Timestamp;

use crate::By;
use crate::read::{self, ReadRefused};

/// The persons of a filing, or of an order's draft. Nobody to whom the holder is not there is shown any.
pub async fn contacts(
    store: &Store,
    rulebook: &Rulebook,
    by: &By,
    holder: &Holder,
    now: Timestamp,
) -> Result<Vec<Contact>, Failure<ReadRefused>> {
    let (subject, persons) = match holder {
        Holder::Filing(subject) => {
            let stored = read::filing(store, by, subject).await?;
            (subject.clone(), of_filing(&stored))
        }
        Holder::Order(order) => {
            let stored = read::order(store, by, order).await?;
            (stored.order.subject.clone(), of_order(&stored))
        }
    };
    let ids: Vec<PersonId> = persons.iter().map(|person| person.id.clone()).collect();
    let challenges = store.challenges(&subject, &ids).await?;
    let policy = &rulebook.policy.codes;
    let contacts = persons.into_iter().map(|person| {
        let standing = Standing {
            number_hash: person.number_hash.as_deref(),
            proof: person.proof,
            challenge: challenges.get(&person.id),
        };
        Contact {
            state: standing.state(now, policy),
            code: standing.code(now, policy),
            next_code_at: standing.next_code_at(now, policy),
            proof: person.proof,
            id: person.id,
            name: person.name,
            mobile: person.mobile,
            roles: person.roles,
        }
    });
    Ok(contacts.collect())
}

/// A person as its holder has it.
struct Held {
    id: PersonId,
    name: Personal<String>,
    mobile: String,
    number_hash: Option<String>,
    proof: Option<icp_domain::filing::Proof>,
    roles: Roles,
}

fn of_filing(stored: &StoredFiling) -> Vec<Held> {
    let persons = stored.filing.persons.iter();
    let held = persons.map(|(id, person)| Held {
        id: id.clone(),
        name: person.details.name.clone(),
        mobile: person.details.mobile.masked(),
        number_hash: stored.seals.get(id).map(|seal| seal.number_hash.clone()),
        proof: person.proof,
        roles: stored.filing.roles(id),
    });
    held.collect()
}

fn of_order(stored: &StoredOrder) -> Vec<Held> {
    let draft = &stored.draft;
    let persons = draft.persons.iter().filter_map(|person| {
        let services = draft.services.iter();
        let own = services.filter(|service| service.principal == person.id);
        let proven = stored.proofs.get(&person.id);
        Some(Held {
            id: person.id.parse().ok()?,
            name: person.name.clone(),
            mobile: masked(person.mobile.reveal(), 3, 4),
            number_hash: stored.number_hash(&person.id).map(str::to_owned),
            proof: proven.map(|(_, proof)| *proof),
            roles: Roles {
                subject: draft.subject.principal == person.id,
                services: own.filter_map(|service| service.id.parse().ok()).collect(),
            },
        })
    });
    persons.collect()
}
