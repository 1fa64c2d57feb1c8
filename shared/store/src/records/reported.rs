//! What people and files report of a unit, and what the operator's lists say for all units.
//!
//! **Invariant:** the register's answer stands sealed under the subject's key: who erases the subject takes
//! it along, and what does not open any more was never reported.

use std::collections::BTreeMap;

use icp_domain::Invocation;
use icp_domain::finding::Object;
use icp_domain::identifiers::DomainName;
use icp_domain::ids::{MaterialId, UnitId};
use icp_domain::look::FactsRevisions;
use icp_domain::reports::{
    Brought, Exemption, HostingReport, MaterialReport, PaperSeen, RegistrarStanding,
    RegistryReport, StaffDecision,
};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{SHAPE, StoredFiling};
use crate::seal::ClearKey;
use crate::{Change, Guard, Item, Row, Sealed, Store, StoreError, keys};

/// What people and files report of a unit, the newest of each kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reported {
    /// Of a subject: the register's answer.
    pub registry: Option<Brought<RegistryReport>>,
    /// Of a subject: what reading its materials came to.
    pub materials: BTreeMap<MaterialId, Brought<MaterialReport>>,
    /// Of a subject: materials that were seen on paper.
    pub papers: BTreeMap<MaterialId, Brought<PaperSeen>>,
    /// Of a service: first instant at which its server is no longer paid.
    pub server_until: Option<Brought<Timestamp>>,
    /// Of a service: the last day on which each name was asked for at the provider's front ends.
    pub front_ends: Option<Brought<BTreeMap<DomainName, Date>>>,
    /// What people decided where machines could not, the newest of each rule and object.
    pub decisions: Vec<Decided>,
    /// From which rules staff exempted it, whatever becomes of its facts; the newest of each rule and object.
    pub exemptions: Vec<Brought<Exemption>>,
}

/// A decision, and the facts that it was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    /// The decision.
    pub decision: Brought<StaffDecision>,
    /// Revisions of the subject and of the unit as they were: of other facts it says nothing.
    pub facts: FactsRevisions,
}

/// What is reported of a unit, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredReported {
    /// What is reported.
    pub reported: Reported,
    guard: Guard,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReportedRecord {
    #[serde(default)]
    registry: Option<Sealed>,
    #[serde(default)]
    materials: BTreeMap<MaterialId, Brought<MaterialReport>>,
    #[serde(default)]
    papers: BTreeMap<MaterialId, Brought<PaperSeen>>,
    #[serde(default)]
    server_until: Option<Brought<Timestamp>>,
    #[serde(default)]
    front_ends: Option<Brought<BTreeMap<DomainName, Date>>>,
    #[serde(default)]
    decisions: Vec<Decided>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    exemptions: Vec<Brought<Exemption>>,
}

impl Reported {
    /// Takes a decision in, instead of the one before it of the same rule and object.
    pub fn decide(&mut self, decided: Decided) {
        let about = |decided: &Decided| -> (String, Object) {
            let report = &decided.decision.report;
            (report.rule.clone(), report.object.clone())
        };
        let same = about(&decided);
        self.decisions.retain(|before| about(before) != same);
        self.decisions.push(decided);
    }

    /// Takes an exemption in, instead of the one before it of the same rule and object; those that speak no more go.
    pub fn exempt(&mut self, exemption: Brought<Exemption>, now: Timestamp) {
        self.exemptions.retain(|before| {
            let (before, new) = (&before.report, &exemption.report);
            now < before.until && (&before.rule, &before.object) != (&new.rule, &new.object)
        });
        self.exemptions.push(exemption);
    }

    /// What the provider's own systems say of a service, where they say anything.
    fn hosting(&self) -> Option<HostingReport> {
        let report = HostingReport {
            server_until: self.server_until.as_ref().map(|until| until.report),
            seen_at_front_ends: self.front_ends.as_ref().map(|seen| seen.report.clone()),
        };
        (report != HostingReport::default()).then_some(report)
    }
}

impl StoredFiling {
    /// What is reported of a unit.
    pub fn reported(&self, unit: &UnitId) -> Reported {
        let stored = self.reported.get(unit);
        stored
            .map(|stored| stored.reported.clone())
            .unwrap_or_default()
    }

    /// Writes what is reported of a unit, on the row as it was read.
    pub async fn put_reported(
        &self,
        store: &Store,
        change: &mut Change,
        unit: &UnitId,
        reported: Reported,
        inv: &mut Invocation,
    ) -> Result<(), StoreError> {
        let row = keys::reported(unit);
        let registry = match &reported.registry {
            Some(answer) => {
                let clear = self.key(store).await?;
                Some(clear.seal_value(answer, &row, "registry", inv)?)
            }
            None => None,
        };
        let record = ReportedRecord {
            registry,
            materials: reported.materials,
            papers: reported.papers,
            server_until: reported.server_until,
            front_ends: reported.front_ends,
            decisions: reported.decisions,
            exemptions: reported.exemptions,
        };
        let stored = self.reported.get(unit);
        let guard = stored.map_or(Guard::New, |stored| stored.guard);
        change.put(Row::of(row, SHAPE, guard, &record)?);
        Ok(())
    }

    /// Removes what is reported of a unit.
    pub fn delete_reported(&self, change: &mut Change, unit: &UnitId) {
        if let Some(stored) = self.reported.get(unit) {
            change.delete(keys::reported(unit), stored.guard);
        }
    }

    /// The revisions of the facts of a unit as read.
    pub fn facts_revisions(&self, unit: &UnitId) -> FactsRevisions {
        let revision = |unit: &UnitId| {
            let stored = self.clocks.get(unit);
            stored.map_or(0, |stored| stored.clock.facts_revision)
        };
        FactsRevisions {
            subject: revision(&UnitId::of_subject(self.id().clone())),
            unit: revision(unit),
        }
    }

    /// Takes in what was read of a unit's reports.
    pub(super) async fn add_reported(
        &mut self,
        store: &Store,
        unit: UnitId,
        item: &Item,
    ) -> Result<(), StoreError> {
        let record: ReportedRecord = item.read(SHAPE)?;
        let registry = match &record.registry {
            Some(sealed) => {
                let clear = self.key(store).await?;
                // The key may be another since the subject was erased.
                clear.open_value(sealed, &item.key(), "registry").ok()
            }
            None => None,
        };
        let reported = Reported {
            registry,
            materials: record.materials,
            papers: record.papers,
            server_until: record.server_until,
            front_ends: record.front_ends,
            decisions: record.decisions,
            exemptions: record.exemptions,
        };
        let guard = Guard::Version(item.version()?);
        self.reported
            .insert(unit, StoredReported { reported, guard });
        Ok(())
    }

    /// Lets rules read what is reported, once all rows were taken in.
    pub(super) fn tell_reported(&mut self) {
        for (unit, stored) in &self.reported {
            let (reported, facts) = (&stored.reported, self.facts_revisions(unit));
            let decisions = reported.decisions.iter();
            let speaking = decisions.filter(|decided| decided.facts == facts);
            let speaking = speaking.map(|decided| decided.decision.report.clone());
            self.reports.decisions.extend(speaking);
            let exemptions = reported.exemptions.iter();
            let exemptions = exemptions.map(|exemption| exemption.report.clone());
            self.reports.exemptions.extend(exemptions);
            if let Some(service) = &unit.service {
                let hosting = reported.hosting().map(|report| (service.clone(), report));
                self.reports.hosting.extend(hosting);
            } else {
                let registry = reported.registry.as_ref();
                self.reports.registry = registry.map(|brought| brought.report.clone());
                let materials = reported.materials.iter();
                let read = materials.map(|(id, brought)| (id.clone(), brought.report.clone()));
                self.reports.materials.extend(read);
            }
        }
    }
}

/// What the register answered, of a subject's row under the subject's key. An answer of before the subject's erasure
/// opens no more.
pub(super) fn registry_in(
    clear: &ClearKey,
    item: &Item,
) -> Result<Option<RegistryReport>, StoreError> {
    let record: ReportedRecord = item.read(SHAPE)?;
    let Some(sealed) = &record.registry else {
        return Ok(None);
    };
    let opened = clear.open_value::<Brought<RegistryReport>>(sealed, &item.key(), "registry");
    Ok(opened.ok().map(|brought| brought.report))
}

#[derive(Serialize, Deserialize)]
struct RegistrarRecord {
    name: String,
    standing: Brought<RegistrarStanding>,
}

#[derive(Serialize, Deserialize)]
struct RegistrarsRecord {
    since: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct FrontEndFilesRecord {
    until: Date,
}

impl Store {
    /// Whether registrars are approved, of those names that the operator's list has; `None` where there is
    /// no list.
    pub async fn registrars(
        &self,
        names: &[&str],
    ) -> Result<Option<BTreeMap<String, RegistrarStanding>>, StoreError> {
        let mut rows = vec![keys::registrars()];
        rows.extend(names.iter().map(|name| keys::registrar(name)));
        let mut items = self.items(&rows).await?;
        if items.remove(&keys::registrars()).is_none() {
            return Ok(None);
        }
        let mut known = BTreeMap::new();
        for item in items.values() {
            let record: RegistrarRecord = item.read(SHAPE)?;
            known.insert(record.name, record.standing.report);
        }
        Ok(Some(known))
    }

    /// A registrar of the operator's list as stored: what its next write rests on.
    pub async fn registrar(
        &self,
        name: &str,
    ) -> Result<Option<(RegistrarStanding, Guard)>, StoreError> {
        let Some(item) = self.item(&keys::registrar(name)).await? else {
            return Ok(None);
        };
        let record: RegistrarRecord = item.read(SHAPE)?;
        Ok(Some((
            record.standing.report,
            Guard::Version(item.version()?),
        )))
    }

    /// Writes a registrar of the operator's list.
    pub fn put_registrar(
        change: &mut Change,
        name: &str,
        standing: Brought<RegistrarStanding>,
        guard: Guard,
    ) -> Result<(), StoreError> {
        let record = RegistrarRecord {
            name: name.to_owned(),
            standing,
        };
        change.put(Row::of(keys::registrar(name), SHAPE, guard, &record)?);
        Ok(())
    }

    /// Says that there is a list of registrars: from then on, one that it lacks is unknown. `None` where
    /// that was said before.
    pub async fn begin_registrars(&self, now: Timestamp) -> Result<Option<Change>, StoreError> {
        if self.exists(&keys::registrars()).await? {
            return Ok(None);
        }
        let record = RegistrarsRecord { since: now };
        let mut change = Change::new();
        change.put(Row::of(keys::registrars(), SHAPE, Guard::New, &record)?);
        Ok(Some(change))
    }

    /// The last day that a file of the provider's front ends spoke of.
    pub async fn front_ends_until(&self) -> Result<Option<Date>, StoreError> {
        let item = self.item(&keys::front_end_files()).await?;
        let record = item.map(|item| item.read::<FrontEndFilesRecord>(SHAPE));
        Ok(record.transpose()?.map(|record| record.until))
    }

    /// Says that a file of the provider's front ends spoke of a day; `None` where a later one was said
    /// before.
    pub async fn front_ends_spoke(&self, day: Date) -> Result<Option<Change>, StoreError> {
        let item = self.item(&keys::front_end_files()).await?;
        let guard = match &item {
            Some(item) => {
                let record: FrontEndFilesRecord = item.read(SHAPE)?;
                if day <= record.until {
                    return Ok(None);
                }
                Guard::Version(item.version()?)
            }
            None => Guard::New,
        };
        let record = FrontEndFilesRecord { until: day };
        let mut change = Change::new();
        change.put(Row::of(keys::front_end_files(), SHAPE, guard, &record)?);
        Ok(Some(change))
    }
}
