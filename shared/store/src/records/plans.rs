//! What planning reads: clocks and services of many units in one call, never a whole filing.

use std::collections::HashMap;

use icp_domain::audit::{AuditClock, ClockName};
use icp_domain::filing::Service;
use icp_domain::ids::UnitId;

use super::{SHAPE, StoredClock};
use crate::{Guard, Item, Key, Store, StoreError, keys};

/// The attribute of a subject's clock that names its province, beside the record.
pub(super) const PROVINCE: &str = "province";

/// Clocks and services, by key.
#[derive(Debug, Default)]
pub struct PlanFacts {
    clocks: HashMap<Key, StoredClock>,
    services: HashMap<Key, Service>,
    provinces: HashMap<Key, String>,
    unreadable: HashMap<Key, StoreError>,
}

impl PlanFacts {
    /// Why nothing can be planned for a unit, where a row that its plan needs does not read. One such
    /// row holds up its own filing and no other.
    pub fn unreadable(&self, unit: &UnitId, name: ClockName) -> Option<&StoreError> {
        rows_of(unit, name)
            .iter()
            .find_map(|row| self.unreadable.get(row))
    }

    /// A unit's clock, its subject's clock, and its service where it has one. `None` where a row is
    /// gone: the unit is not there any more.
    pub fn of(
        &self,
        unit: &UnitId,
        name: ClockName,
    ) -> Option<(&StoredClock, &StoredClock, Option<&Service>)> {
        let clock = self.clocks.get(&keys::clock_of(unit, name))?;
        let subject = self
            .clocks
            .get(&keys::clock(&UnitId::of_subject(unit.subject.clone())))?;
        match &unit.service {
            None => Some((clock, subject, None)),
            Some(service) => {
                let service = self.services.get(&keys::service(&unit.subject, service))?;
                Some((clock, subject, Some(service)))
            }
        }
    }

    /// Code of the province of a unit's subject, as the subject's clock names it. A clock that was last written before
    /// clocks named it has none.
    pub fn province(&self, unit: &UnitId) -> Option<&str> {
        let clock = keys::clock(&UnitId::of_subject(unit.subject.clone()));
        self.provinces.get(&clock).map(String::as_str)
    }

    fn take(&mut self, key: &Key, item: &Item) -> Result<(), StoreError> {
        if key.sk.starts_with("SERVICE#") {
            self.services.insert(key.clone(), item.read(SHAPE)?);
        } else {
            let clock: AuditClock = item.read(SHAPE)?;
            let guard = Guard::Version(item.version()?);
            self.provinces
                .extend(item.text(PROVINCE).map(|code| (key.clone(), code)));
            self.clocks
                .insert(key.clone(), StoredClock { clock, guard });
        }
        Ok(())
    }
}

impl Store {
    /// What a page of units is planned from: at most three small rows a unit, in one call.
    pub async fn plan_facts(&self, units: &[(UnitId, ClockName)]) -> Result<PlanFacts, StoreError> {
        let rows = units.iter().flat_map(|(unit, name)| rows_of(unit, *name));
        let mut rows: Vec<Key> = rows.collect();
        rows.sort();
        rows.dedup();
        let mut facts = PlanFacts::default();
        for (key, item) in self.items(&rows).await? {
            if let Err(error) = facts.take(&key, &item) {
                facts.unreadable.insert(key, error);
            }
        }
        Ok(facts)
    }

    /// The unit whose clock has this key, and which of its clocks it is.
    pub fn unit_of_clock(key: &Key) -> Option<(UnitId, ClockName)> {
        let subject = key.pk.strip_prefix("SUBJECT#")?.parse().ok()?;
        let (kind, unit) = key.sk.split_once('#')?;
        let name = match kind {
            "CLOCK" => ClockName::Audit,
            "HOLDER" => ClockName::Holder,
            _ => return None,
        };
        let unit = match unit {
            "S" => UnitId::of_subject(subject),
            service => UnitId::of_service(subject, service.parse().ok()?),
        };
        Some((unit, name))
    }
}

fn rows_of(unit: &UnitId, name: ClockName) -> Vec<Key> {
    let mut rows = vec![
        keys::clock_of(unit, name),
        keys::clock(&UnitId::of_subject(unit.subject.clone())),
    ];
    rows.extend(
        unit.service
            .as_ref()
            .map(|service| keys::service(&unit.subject, service)),
    );
    rows
}
