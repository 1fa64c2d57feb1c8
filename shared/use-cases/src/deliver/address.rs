//! The number or address that stands now where a message's addressee stands, if it is still the one that the
//! message was made for.

use icp_domain::identifiers::{EmailAddress, Mobile};
use icp_domain::notice::Addressee;
use icp_store::records::{AccountContact, Message};
use icp_store::{Store, StoreError};

use super::recipients::hashed_email;

pub(super) async fn mobile(store: &Store, message: &Message) -> Result<Option<Mobile>, StoreError> {
    let Some(mobile) = contact(store, message).await?.mobile else {
        return Ok(None);
    };
    let hash = &message.address_hash;
    let same = store.keys().is_hash_of(mobile.reveal(), hash).await?;
    Ok(same.then_some(mobile))
}

pub(super) async fn email(
    store: &Store,
    message: &Message,
) -> Result<Option<EmailAddress>, StoreError> {
    let Some(email) = contact(store, message).await?.email else {
        return Ok(None);
    };
    let (keys, hash) = (store.keys(), &message.address_hash);
    let same = keys.is_hash_of(&hashed_email(&email), hash).await?;
    Ok(same.then_some(email))
}

async fn contact(store: &Store, message: &Message) -> Result<AccountContact, StoreError> {
    match &message.addressee {
        Addressee::Account { account } => Ok(store.account_contact(account).await?.contact),
        Addressee::Person {
            person,
            order: None,
        } => {
            let found = store.filing(message.subject()).await?;
            let person = found.and_then(|mut found| found.filing.persons.remove(person));
            Ok(
                person.map_or_else(AccountContact::default, |person| AccountContact {
                    mobile: Some(person.details.mobile),
                    email: Some(person.details.email),
                }),
            )
        }
        Addressee::Person {
            person,
            order: Some(order),
        } => {
            let found = store.order(order).await?;
            let persons = found.map(|found| found.draft.persons).unwrap_or_default();
            let typed = persons.iter().find(|typed| typed.id == person.as_str());
            Ok(
                typed.map_or_else(AccountContact::default, |typed| AccountContact {
                    mobile: Mobile::parse(typed.mobile.reveal()).ok(),
                    email: EmailAddress::parse(typed.email.reveal()).ok(),
                }),
            )
        }
    }
}
