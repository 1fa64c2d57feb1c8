//! The number or address that stands now where a message's addressee stands, if it is still the one that the
//! message was made for.

use icp_domain::identifiers::{EmailAddress, Mobile};
use icp_domain::notice::Addressee;
use icp_store::records::{AccountContact, Message};
use icp_store::{Store, StoreError};

use super::recipients::hashed_email;

pub(super) async fn mobile(store: &Store, message: &Message) -> Result<Option<Mobile>, StoreError> {
    let (contact, _) = contact(store, message).await?;
    let Some(mobile) = contact.mobile else {
        return Ok(None);
    };
    let hash = &message.address_hash;
    let same = store.keys().is_hash_of(mobile.reveal(), hash).await?;
    Ok(same.then_some(mobile))
}

/// The address, and whether a mail server refused the last mail to its person.
pub(super) async fn email(
    store: &Store,
    message: &Message,
) -> Result<Option<(EmailAddress, bool)>, StoreError> {
    let (contact, is_doubted) = contact(store, message).await?;
    let Some(email) = contact.email else {
        return Ok(None);
    };
    let (keys, hash) = (store.keys(), &message.address_hash);
    let same = keys.is_hash_of(&hashed_email(&email), hash).await?;
    Ok(same.then_some((email, is_doubted)))
}

async fn contact(store: &Store, message: &Message) -> Result<(AccountContact, bool), StoreError> {
    match &message.addressee {
        Addressee::Account { account } => {
            Ok((store.account_contact(account).await?.contact, false))
        }
        Addressee::Person {
            person,
            order: None,
        } => {
            let Some(mut found) = store.filing(message.subject()).await? else {
                return Ok((AccountContact::default(), false));
            };
            let reports = found.reports.mails.get(person);
            let last = reports.and_then(|reports| reports.last());
            let is_doubted = last.is_some_and(|last| !last.taken);
            let person = found.filing.persons.remove(person);
            let contact = person.map_or_else(AccountContact::default, |person| AccountContact {
                mobile: Some(person.details.mobile),
                email: Some(person.details.email),
            });
            Ok((contact, is_doubted))
        }
        Addressee::Person {
            person,
            order: Some(order),
        } => {
            let found = store.order(order).await?;
            let persons = found.map(|found| found.draft.persons).unwrap_or_default();
            let typed = persons.iter().find(|typed| typed.id == person.as_str());
            let contact = typed.map_or_else(AccountContact::default, |typed| AccountContact {
                mobile: Mobile::parse(typed.mobile.reveal()).ok(),
                email: EmailAddress::parse(typed.email.reveal()).ok(),
            });
            Ok((contact, false))
        }
    }
}
