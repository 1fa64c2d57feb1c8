//! What is reported of persons' telephones, beside the filing.

use icp_domain::filing::Filing;
use icp_domain::ids::PersonId;
use icp_domain::reports::{Reports, SPEAKS_FOR_DAYS, TelephoneReport, TelephoneSays};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{SHAPE, StoredFiling};
use crate::{Change, Guard, Row, Store, StoreError, keys};

/// A report as stored: the number by its keyed hash alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::records) struct TelephoneRecord {
    person: PersonId,
    number_hash: String,
    at: Timestamp,
    says: TelephoneSays,
}

impl StoredFiling {
    /// Writes what was said at `now` of a person's number as it stands.
    pub fn put_telephone(
        &self,
        change: &mut Change,
        person: &PersonId,
        says: TelephoneSays,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(seal) = self.seals.get(person) else {
            return Ok(());
        };
        let record = TelephoneRecord {
            person: person.clone(),
            number_hash: seal.number_hash.clone(),
            at: now,
            says,
        };
        let row = keys::telephone(self.id(), person, now);
        let until = now + SignedDuration::from_hours(24 * SPEAKS_FOR_DAYS);
        change.put(Row::of(row, SHAPE, Guard::Parent, &record)?.ttl(until));
        Ok(())
    }
}

impl Store {
    /// The reports of a filing. Those of numbers that persons have no more say nothing of the new ones.
    pub(in crate::records) async fn reports(
        &self,
        filing: &Filing,
        mut records: Vec<TelephoneRecord>,
    ) -> Result<Reports, StoreError> {
        let mut reports = Reports::default();
        records.sort_by_key(|record| record.at);
        for record in records {
            let Some(person) = filing.persons.get(&record.person) else {
                continue;
            };
            let mobile = &person.details.mobile;
            let hash = &record.number_hash;
            if self.keys().is_hash_of(mobile.reveal(), hash).await? {
                let told = reports.telephones.entry(record.person).or_default();
                told.push(TelephoneReport {
                    mobile: mobile.clone(),
                    at: record.at,
                    says: record.says,
                });
            }
        }
        Ok(reports)
    }
}
