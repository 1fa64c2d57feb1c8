//! What planning reads: clocks and services of many units in one call, never a whole filing.

use std::collections::HashMap;

use icp_domain::audit::AuditClock;
use icp_domain::filing::Service;
use icp_domain::ids::UnitId;

use super::{SHAPE, StoredClock};
use crate::{Guard, Key, Store, StoreError, keys};

/// Clocks and services, by key.
#[derive(Debug, Default)]
pub struct PlanFacts {
    clocks: HashMap<Key, StoredClock>,
    services: HashMap<Key, Service>,
}

impl PlanFacts {
    /// A unit's clock, its subject's clock, and its service where it has one. `None` where a row is
    /// gone: the unit is not there any more.
    pub fn of(&self, unit: &UnitId) -> Option<(&StoredClock, &StoredClock, Option<&Service>)> {
        let clock = self.clocks.get(&keys::clock(unit))?;
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
}

impl Store {
    /// What a page of units is planned from: at most three small rows a unit, in one call.
    pub async fn plan_facts(&self, units: &[UnitId]) -> Result<PlanFacts, StoreError> {
        let mut rows: Vec<Key> = units.iter().flat_map(rows_of).collect();
        rows.sort();
        rows.dedup();
        let mut facts = PlanFacts::default();
        for (key, item) in self.items(&rows).await? {
            if key.sk.starts_with("SERVICE#") {
                facts.services.insert(key, item.read(SHAPE)?);
            } else {
                let clock: AuditClock = item.read(SHAPE)?;
                let guard = Guard::Version(item.version()?);
                facts.clocks.insert(key, StoredClock { clock, guard });
            }
        }
        Ok(facts)
    }

    /// The unit whose clock has this key.
    pub fn unit_of_clock(key: &Key) -> Option<UnitId> {
        let subject = key.pk.strip_prefix("SUBJECT#")?.parse().ok()?;
        match key.sk.strip_prefix("CLOCK#")? {
            "S" => Some(UnitId::of_subject(subject)),
            service => Some(UnitId::of_service(subject, service.parse().ok()?)),
        }
    }
}

fn rows_of(unit: &UnitId) -> Vec<Key> {
    let mut rows = vec![
        keys::clock(unit),
        keys::clock(&UnitId::of_subject(unit.subject.clone())),
    ];
    rows.extend(
        unit.service
            .as_ref()
            .map(|service| keys::service(&unit.subject, service)),
    );
    rows
}
