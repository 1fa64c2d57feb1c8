//! What is reported of persons' telephones, beside the filing.
//!
//! The number stands sealed under the person's own key: who is erased takes it along.

use std::collections::BTreeMap;

use icp_domain::Invocation;
use icp_domain::identifiers::Mobile;
use icp_domain::ids::PersonId;
use icp_domain::reports::{Reports, SPEAKS_FOR_DAYS, TelephoneReport, TelephoneSays};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{PersonSeal, SHAPE, StoredFiling};
use crate::{Change, Guard, Item, Row, Sealed, Store, StoreError, keys};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TelephoneRecord {
    person: PersonId,
    at: Timestamp,
    says: TelephoneSays,
    mobile: Sealed,
}

impl StoredFiling {
    /// Writes what was said now of a person's number as it stands.
    pub async fn put_telephone(
        &self,
        store: &Store,
        change: &mut Change,
        person: &PersonId,
        says: TelephoneSays,
        inv: &mut Invocation,
    ) -> Result<(), StoreError> {
        let (Some(held), Some(seal)) = (self.filing.persons.get(person), self.seals.get(person))
        else {
            return Ok(());
        };
        let row = keys::telephone(self.id(), person, inv.now);
        let of_person = keys::person(self.id(), person);
        let clear = store.keys().unwrap(&seal.key, &of_person).await?;
        let record = TelephoneRecord {
            person: person.clone(),
            at: inv.now,
            says,
            mobile: clear.seal_value(&held.details.mobile, &row, "mobile", inv)?,
        };
        let until = inv.now + SignedDuration::from_hours(24 * SPEAKS_FOR_DAYS);
        change.put(Row::of(row, SHAPE, Guard::Parent, &record)?.ttl(until));
        Ok(())
    }
}

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
        for item in items {
            let record: TelephoneRecord = item.read(SHAPE)?;
            let Some(seal) = seals.get(&record.person) else {
                continue;
            };
            let of_person = keys::person(subject, &record.person);
            let clear = self.keys().unwrap(&seal.key, &of_person).await?;
            // Another human may stand under the id by now, with another key.
            let Ok(mobile) = clear.open_value::<Mobile>(&record.mobile, &item.key(), "mobile")
            else {
                continue;
            };
            let told = reports.telephones.entry(record.person).or_default();
            told.push(TelephoneReport {
                mobile,
                at: record.at,
                says: record.says,
            });
        }
        for told in reports.telephones.values_mut() {
            told.sort_by_key(|report| report.at);
        }
        Ok(reports)
    }
}
