//! What is reported of persons' telephones and mail addresses, beside the filing.
//!
//! The number or address stands sealed under the person's own key: who is erased takes it along.

use std::collections::BTreeMap;

use icp_domain::Invocation;
use icp_domain::ids::{PersonId, UserId};
use icp_domain::reports::{
    Bringer, MailReport, Reports, SPEAKS_FOR_DAYS, TelephoneReport, TelephoneSays,
};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{PersonSeal, SHAPE, StoredFiling};
use crate::{Change, Guard, Item, Key, Row, Sealed, Store, StoreError, keys};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TelephoneRecord {
    person: PersonId,
    at: Timestamp,
    says: TelephoneSays,
    mobile: Sealed,
    #[serde(default)]
    by: Option<UserId>,
    #[serde(default)]
    because: Option<String>,
}

/// What was heard of a person's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// What it says.
    pub says: TelephoneSays,
    /// When it was tried or asked.
    pub at: Timestamp,
    /// Who of the staff brings it, by form or by file; `None` where it was heard by this service itself.
    pub bringer: Option<Bringer>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MailRecord {
    person: PersonId,
    at: Timestamp,
    taken: bool,
    email: Sealed,
}

impl StoredFiling {
    /// Writes what was heard of a person's number as it stands.
    pub async fn put_telephone(
        &self,
        store: &Store,
        change: &mut Change,
        person: &PersonId,
        heard: &Heard,
        inv: &mut Invocation,
    ) -> Result<(), StoreError> {
        let Some(held) = self.filing.persons.get(person) else {
            return Ok(());
        };
        let row = keys::telephone(self.id(), person, heard.at);
        let mobile = self.sealed_for(store, person, &held.details.mobile, (&row, "mobile"), inv);
        let Some(mobile) = mobile.await? else {
            return Ok(());
        };
        let (person, at) = (person.clone(), heard.at);
        let bringer = heard.bringer.as_ref();
        let record = TelephoneRecord {
            person,
            at,
            says: heard.says,
            mobile,
            by: bringer.map(|bringer| bringer.by.clone()),
            because: bringer.map(|bringer| bringer.because.clone()),
        };
        put_report(change, row, &record, at)
    }

    /// Writes whether a mail server takes mail for a person's address as it stands.
    pub async fn put_mail(
        &self,
        store: &Store,
        change: &mut Change,
        person: &PersonId,
        taken: bool,
        inv: &mut Invocation,
    ) -> Result<(), StoreError> {
        let Some(held) = self.filing.persons.get(person) else {
            return Ok(());
        };
        let row = keys::mail(self.id(), person, inv.now);
        let email = self.sealed_for(store, person, &held.details.email, (&row, "email"), inv);
        let Some(email) = email.await? else {
            return Ok(());
        };
        let (person, at) = (person.clone(), inv.now);
        let record = MailRecord {
            person,
            at,
            taken,
            email,
        };
        put_report(change, row, &record, at)
    }

    async fn sealed_for<T: Serialize>(
        &self,
        store: &Store,
        person: &PersonId,
        value: &T,
        (row, field): (&Key, &'static str),
        inv: &mut Invocation,
    ) -> Result<Option<Sealed>, StoreError> {
        let Some(seal) = self.seals.get(person) else {
            return Ok(None);
        };
        let of_person = keys::person(self.id(), person);
        let clear = store.keys().unwrap(&seal.key, &of_person).await?;
        clear.seal_value(value, row, field, inv).map(Some)
    }
}

fn put_report<T: Serialize>(
    change: &mut Change,
    row: Key,
    record: &T,
    at: Timestamp,
) -> Result<(), StoreError> {
    let until = at + SignedDuration::from_hours(24 * SPEAKS_FOR_DAYS);
    change.put(Row::of(row, SHAPE, Guard::Parent, record)?.ttl(until));
    Ok(())
}

/// Whether a row of a filing is a report of a person's telephone or address.
pub(in crate::records) fn is_contact_report(item: &Item) -> bool {
    let name = item.key().sk;
    name.starts_with(TELEPHONE) || name.starts_with(MAIL)
}

const TELEPHONE: &str = "TELEPHONE#";
const MAIL: &str = "MAIL#";

impl Store {
    /// The reports of a filing's persons, the oldest first; of whom the filing no longer names there are
    /// none.
    pub(in crate::records) async fn reports(
        &self,
        subject: &icp_domain::ids::SubjectId,
        seals: &BTreeMap<PersonId, PersonSeal>,
        items: &[&Item],
    ) -> Result<Reports, StoreError> {
        let mut reports = Reports::default();
        let of = Opening {
            store: self,
            subject,
            seals,
        };
        for item in items {
            if item.key().sk.starts_with(TELEPHONE) {
                let record: TelephoneRecord = item.read(SHAPE)?;
                let value = (&record.mobile, "mobile");
                if let Some(mobile) = of.opened(&record.person, value, item).await? {
                    let told = reports.telephones.entry(record.person).or_default();
                    let (at, says) = (record.at, record.says);
                    told.push(TelephoneReport { mobile, at, says });
                }
            } else {
                let record: MailRecord = item.read(SHAPE)?;
                let value = (&record.email, "email");
                if let Some(email) = of.opened(&record.person, value, item).await? {
                    let told = reports.mails.entry(record.person).or_default();
                    let (at, taken) = (record.at, record.taken);
                    told.push(MailReport { email, at, taken });
                }
            }
        }
        for told in reports.telephones.values_mut() {
            told.sort_by_key(|report| report.at);
        }
        for told in reports.mails.values_mut() {
            told.sort_by_key(|report| report.at);
        }
        Ok(reports)
    }
}

/// Opens what stands under the keys of a filing's persons.
struct Opening<'a> {
    store: &'a Store,
    subject: &'a icp_domain::ids::SubjectId,
    seals: &'a BTreeMap<PersonId, PersonSeal>,
}

impl Opening<'_> {
    async fn opened<T: DeserializeOwned>(
        &self,
        person: &PersonId,
        (sealed, field): (&Sealed, &'static str),
        item: &Item,
    ) -> Result<Option<T>, StoreError> {
        let Some(seal) = self.seals.get(person) else {
            return Ok(None);
        };
        let of_person = keys::person(self.subject, person);
        let clear = self.store.keys().unwrap(&seal.key, &of_person).await?;
        // Another human may stand under the id by now, with another key.
        Ok(clear.open_value(sealed, &item.key(), field).ok())
    }
}
