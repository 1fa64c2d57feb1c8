//! Reading a filing: its partition, or the rows of it that one step needs.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt};
use icp_domain::audit::ClockName;
use icp_domain::filing::{Filing, Person, PersonDetails, Subject, SubjectDetails};
use icp_domain::finding::Freeze;
use icp_domain::history::Entry;
use icp_domain::ids::{LookId, NotAnId, PersonId, ServiceId, SubjectId, UnitId};

use super::super::KeptEvidence;
use super::super::contact_reports::is_contact_report;
use super::{Head, HeadRecord, PersonRecord, SHAPE, StoredClock, StoredFiling};
use crate::{Guard, Item, Key, Store, StoreError, keys};

/// Filings that are read beside each other, so that a page of many waits for few and holds no more in memory than it shows.
const FILINGS_AT_ONCE: usize = 16;

impl Store {
    /// A filing, whole: one query of its partition, read consistently.
    pub async fn filing(&self, subject: &SubjectId) -> Result<Option<StoredFiling>, StoreError> {
        let items = self.partition(&keys::subject_partition(subject)).await?;
        self.assemble(subject, &items.iter().collect::<Vec<_>>())
            .await
    }

    /// Filings of what a list shows, each read once and some beside each other; what is gone is left out.
    pub async fn filings(
        &self,
        subjects: impl IntoIterator<Item = &SubjectId>,
    ) -> Result<BTreeMap<SubjectId, StoredFiling>, StoreError> {
        let subjects: BTreeSet<SubjectId> = subjects.into_iter().cloned().collect();
        let reads = subjects
            .into_iter()
            .map(|subject| async move { self.filing(&subject).await });
        let reads = futures::stream::iter(reads).buffered(FILINGS_AT_ONCE);
        let found: Vec<Option<StoredFiling>> = reads.try_collect().await?;
        let found = found.into_iter().flatten();
        Ok(found.map(|stored| (stored.id().clone(), stored)).collect())
    }

    /// A filing's head alone.
    pub async fn filing_head(
        &self,
        subject: &SubjectId,
    ) -> Result<Option<StoredFiling>, StoreError> {
        match self.item(&keys::subject(subject)).await? {
            Some(item) => self.assemble(subject, &[&item]).await,
            None => Ok(None),
        }
    }

    /// The subjects whose heads stand under `rows`, in one call.
    pub async fn subjects(&self, rows: &[Key]) -> Result<Vec<Subject>, StoreError> {
        let mut subjects = Vec::new();
        for (key, item) in self.items(rows).await? {
            let id = key
                .pk
                .strip_prefix("SUBJECT#")
                .and_then(|id| id.parse().ok());
            let id = id.ok_or_else(|| item.malformed("no subject"))?;
            let stored = self.assemble(&id, &[&item]).await?;
            subjects.extend(stored.map(|stored| stored.filing.subject));
        }
        Ok(subjects)
    }

    /// What the judge of one service reads: both audit clocks, head, service, link and what is reported
    /// of it, in one call, and the holder clock where it is judged.
    pub async fn service_unit(
        &self,
        subject: &SubjectId,
        service: &ServiceId,
        clock: ClockName,
    ) -> Result<Option<StoredFiling>, StoreError> {
        let unit = UnitId::of_service(subject.clone(), service.clone());
        let mut rows = vec![
            keys::clock(&UnitId::of_subject(subject.clone())),
            keys::clock(&unit),
            keys::subject(subject),
            keys::service(subject, service),
            keys::link(subject, service),
            keys::reported(&UnitId::of_service(subject.clone(), service.clone())),
        ];
        match clock {
            ClockName::Audit => {}
            ClockName::Holder => rows.push(keys::holder_clock(&unit)),
        }
        let items: Vec<Item> = self.items(&rows).await?.into_values().collect();
        self.assemble(subject, &items.iter().collect::<Vec<_>>())
            .await
    }

    /// The stretches in which orders held a filing's findings still, in order.
    pub async fn freezes(&self, subject: &SubjectId) -> Result<Vec<Freeze>, StoreError> {
        let partition = keys::subject_partition(subject);
        let rows = self.partition_between(&partition, "FREEZE#", "FREEZE#~");
        rows.await?.iter().map(|item| item.read(SHAPE)).collect()
    }

    /// The evidence of a first broken look.
    pub async fn look_evidence(
        &self,
        subject: &SubjectId,
        look: &LookId,
    ) -> Result<Option<KeptEvidence>, StoreError> {
        let item = self.item(&keys::look(subject, look)).await?;
        item.map(|item| item.read(SHAPE)).transpose()
    }

    /// The evidence of every broken look that is kept beside a filing, in the order of the looks.
    pub async fn looks_evidence(
        &self,
        subject: &SubjectId,
    ) -> Result<Vec<KeptEvidence>, StoreError> {
        let partition = keys::subject_partition(subject);
        let rows = self.partition_between(&partition, "LOOK#", "LOOK#~");
        let items = rows.await?;
        let read = items.iter().map(|item| item.read::<KeptEvidence>(SHAPE));
        let mut found = read.collect::<Result<Vec<_>, _>>()?;
        found.sort_by_key(|kept| kept.evidence.begun_at);
        Ok(found)
    }

    /// A filing's history, whole and in order.
    pub async fn history(&self, subject: &SubjectId) -> Result<Vec<Entry>, StoreError> {
        let items = self.partition(&keys::history_partition(subject)).await?;
        items.iter().map(|item| item.read(SHAPE)).collect()
    }

    pub(in crate::records) async fn assemble(
        &self,
        subject: &SubjectId,
        items: &[&Item],
    ) -> Result<Option<StoredFiling>, StoreError> {
        let head_key = keys::subject(subject);
        let Some(item) = items.iter().find(|item| item.key() == head_key) else {
            return Ok(None);
        };
        let record: HeadRecord = item.read(SHAPE)?;
        let guard = Guard::Version(item.version()?);
        let details = match &record.details {
            Some(sealed) => {
                let clear = self.keys().unwrap(&record.key, &head_key).await?;
                Some(clear.open_value::<SubjectDetails>(sealed, &head_key, "details")?)
            }
            None => None,
        };
        let head = Head {
            guard,
            key: record.key,
            details: record.details,
            name_hash: record.name_hash,
        };
        let subject = Subject {
            id: subject.clone(),
            account: record.account,
            state: record.state,
            details,
            order_in_flight: record.order_in_flight,
            origin: record.origin,
            label: record.label,
            conflicts: record.conflicts,
        };
        let mut filing = Filing::begun(subject.id.clone(), subject.account.clone());
        filing.subject = subject;
        let mut stored = StoredFiling {
            filing,
            history: record.history,
            clocks: BTreeMap::new(),
            holder_clocks: BTreeMap::new(),
            freezes: Vec::new(),
            reports: Box::default(),
            reported: BTreeMap::new(),
            seals: BTreeMap::new(),
            head,
        };
        let mut told = Vec::new();
        for item in items {
            if is_contact_report(item) {
                told.push(*item);
            } else {
                self.add_child(&mut stored, item).await?;
            }
        }
        let subject = stored.filing.subject.id.clone();
        let reports = self.reports(&subject, &stored.seals, &told).await?;
        stored.reports = Box::new(reports);
        stored.tell_reported();
        stored.freezes.sort_by_key(|freeze| freeze.interval.from);
        Ok(Some(stored))
    }

    async fn add_child(&self, stored: &mut StoredFiling, item: &Item) -> Result<(), StoreError> {
        let Key { sk, .. } = item.key();
        let Some((kind, name)) = sk.split_once('#') else {
            return Ok(());
        };
        let unnamed = |_| item.malformed("its name is not an id");
        match kind {
            "SERVICE" => {
                stored
                    .filing
                    .services
                    .insert(name.parse().map_err(unnamed)?, item.read(SHAPE)?);
            }
            "LINK" => {
                stored
                    .filing
                    .links
                    .insert(name.parse().map_err(unnamed)?, item.read(SHAPE)?);
            }
            "MATERIAL" => {
                stored
                    .filing
                    .materials
                    .insert(name.parse().map_err(unnamed)?, item.read(SHAPE)?);
            }
            "PERSON" => {
                let record: PersonRecord = item.read(SHAPE)?;
                let id: PersonId = name.parse().map_err(unnamed)?;
                let clear = self.keys().unwrap(&record.seal.key, &item.key()).await?;
                let details: PersonDetails =
                    clear.open_value(&record.details, &item.key(), "details")?;
                let person = Person {
                    details,
                    proof: record.proof,
                };
                stored.filing.persons.insert(id.clone(), person);
                stored.seals.insert(id, record.seal);
            }
            "REPORTED" => {
                let unit = unit_of(stored, name).map_err(unnamed)?;
                stored.add_reported(self, unit, item).await?;
            }
            "CLOCK" | "HOLDER" => {
                let unit = unit_of(stored, name).map_err(unnamed)?;
                let clock = StoredClock {
                    clock: item.read(SHAPE)?,
                    guard: Guard::Version(item.version()?),
                };
                match kind {
                    "HOLDER" => stored.holder_clocks.insert(unit, clock),
                    _ => stored.clocks.insert(unit, clock),
                };
            }
            "FREEZE" => stored.freezes.push(item.read(SHAPE)?),
            // Evidence of looks, and what yearly reviews asked, are read by their own names.
            "LOOK" | "YEARLY" => {}
            _ => return Err(item.malformed("no row of a filing has such a name")),
        }
        Ok(())
    }
}

/// The unit that a row of a filing names: the subject, or a service.
fn unit_of(stored: &StoredFiling, name: &str) -> Result<UnitId, NotAnId> {
    let subject = stored.filing.subject.id.clone();
    Ok(match name {
        "S" => UnitId::of_subject(subject),
        service => UnitId::of_service(subject, service.parse()?),
    })
}
