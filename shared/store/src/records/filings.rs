//! The rows of a filing's partition.

use std::collections::BTreeMap;

use icp_domain::Invocation;
use icp_domain::audit::AuditClock;
use icp_domain::filing::{
    Filing, Link, Material, Origin, Person, Proof, Service, SubjectDetails, SubjectState, Takes,
};
use icp_domain::finding::{Freeze, Freezes};
use icp_domain::history::{Deed, HistoryHead};
use icp_domain::ids::{AccountId, OrderId, PersonId, ServiceId, SubjectId, UnitId};
use icp_domain::reports::Reports;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{KeptEvidence, NumberUser, SHAPE, StoredReported};
use crate::index::{DeskList, Family, OwnerList};
use crate::seal::ClearKey;
use crate::{Change, Guard, Row, Sealed, Store, StoreError, WrappedKey, keys};

mod clocks;
mod keys_of;
mod names;
mod read;

pub use names::FiledNames;

/// A filing as stored, with what its next commit needs.
#[derive(Debug, Clone)]
pub struct StoredFiling {
    /// The filing.
    pub filing: Filing,
    /// Where its history stands.
    pub history: HistoryHead,
    /// Audit clocks that were read, by unit.
    pub clocks: BTreeMap<UnitId, StoredClock>,
    /// Holder clocks that were read, by unit.
    pub holder_clocks: BTreeMap<UnitId, StoredClock>,
    /// Intervals in which orders froze findings.
    pub freezes: Vec<Freeze>,
    /// What is reported of it, where the whole of it was read.
    pub reports: Box<Reports>,
    /// What people and files report of its units, as stored, of those that were read.
    pub reported: BTreeMap<UnitId, StoredReported>,
    /// Keys and number hashes of the persons.
    pub seals: BTreeMap<PersonId, PersonSeal>,
    head: Head,
}

/// What a filing's head needs to be written again.
#[derive(Debug, Clone)]
struct Head {
    guard: Guard,
    key: WrappedKey,
    details: Option<Sealed>,
    /// Keyed hash of the subject's name, under which the filing is found.
    name_hash: Option<String>,
}

/// An audit clock as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredClock {
    /// The clock.
    pub clock: AuditClock,
    /// What its next write rests on.
    pub guard: Guard,
}

/// A person's key, and the keyed hash of the number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonSeal {
    /// The key, wrapped for the row it stands in.
    pub key: WrappedKey,
    /// Keyed hash of the mobile.
    pub number_hash: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeadRecord {
    account: AccountId,
    #[serde(flatten)]
    state: SubjectState,
    order_in_flight: Option<OrderId>,
    #[serde(default)]
    origin: Origin,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    conflicts: Vec<Takes>,
    history: HistoryHead,
    key: WrappedKey,
    details: Option<Sealed>,
    #[serde(default)]
    name_hash: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PersonRecord {
    #[serde(flatten)]
    pub(super) seal: PersonSeal,
    details: Sealed,
    pub(super) proof: Option<Proof>,
}

impl StoredFiling {
    /// A filing that a first filing's draft begins: nothing of it is filed yet.
    pub async fn begun(
        store: &Store,
        subject: SubjectId,
        account: AccountId,
        inv: &mut Invocation,
    ) -> Result<Self, StoreError> {
        let (_, key) = store.keys().draw(&keys::subject(&subject), inv).await?;
        Ok(Self {
            filing: Filing::begun(subject, account),
            history: HistoryHead::default(),
            clocks: BTreeMap::new(),
            holder_clocks: BTreeMap::new(),
            freezes: Vec::new(),
            reports: Box::default(),
            reported: BTreeMap::new(),
            seals: BTreeMap::new(),
            head: Head {
                guard: Guard::New,
                key,
                details: None,
                name_hash: None,
            },
        })
    }

    /// The filing's id.
    pub fn id(&self) -> &SubjectId {
        &self.filing.subject.id
    }

    /// The version that was read; 0 before the first write.
    pub fn version(&self) -> u64 {
        match self.head.guard {
            Guard::Version(read) => read,
            Guard::New | Guard::Parent => 0,
        }
    }

    /// The filing's own key.
    pub async fn key(&self, store: &Store) -> Result<ClearKey, StoreError> {
        store
            .keys()
            .unwrap(&self.head.key, &keys::subject(self.id()))
            .await
    }

    /// Writes one more entry of history, beside others: the last one is [`Self::record`]ed.
    pub fn note(
        &mut self,
        change: &mut Change,
        deed: Deed,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (entry, history) = self.history.append(deed, now);
        self.history = history;
        let row = keys::history(self.id(), entry.number);
        change.put(Row::of(row, SHAPE, Guard::New, &entry)?);
        Ok(())
    }

    /// Writes the head with one more entry of history: beside every change of the filing.
    pub fn record(
        &mut self,
        change: &mut Change,
        deed: Deed,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.note(change, deed, now)?;
        change.put(self.head_row()?);
        Ok(())
    }

    fn head_row(&self) -> Result<Row, StoreError> {
        let subject = &self.filing.subject;
        let record = HeadRecord {
            account: subject.account.clone(),
            state: subject.state.clone(),
            order_in_flight: subject.order_in_flight.clone(),
            origin: subject.origin,
            label: subject.label.clone(),
            conflicts: subject.conflicts.clone(),
            history: self.history.clone(),
            key: self.head.key.clone(),
            details: self.head.details.clone(),
            name_hash: self.head.name_hash.clone(),
        };
        let row = Row::of(keys::subject(&subject.id), SHAPE, self.head.guard, &record)?;
        let row = row.owner(&subject.account, OwnerList::Filings, subject.id.as_str());
        // The list's order is that of the state's beginning, which no later commit moves; where nobody
        // knows it, a filing stands before all others.
        let since = |filed_at: Option<Timestamp>| filed_at.unwrap_or(Timestamp::UNIX_EPOCH);
        Ok(match &subject.state {
            SubjectState::New => row,
            SubjectState::Filed { filed_at, .. } if !subject.conflicts.is_empty() => {
                row.desk(Some(DeskList::FilingsInConflict), since(*filed_at))
            }
            SubjectState::Filed { filed_at, .. } => {
                row.desk(Some(DeskList::FiledSubjects), since(*filed_at))
            }
            SubjectState::Deregistered {
                deregistered_at, ..
            } => row.desk(Some(DeskList::DeregisteredSubjects), *deregistered_at),
        })
    }

    /// Writes the head as it was read: beside a change of a row that hangs on it and is no event of the
    /// filing, so that whoever read that row before writes it no more.
    pub fn put_head(&self, change: &mut Change) -> Result<(), StoreError> {
        change.put(self.head_row()?);
        Ok(())
    }

    /// Rests on the head as it was read, without writing it.
    pub fn check_head(&self, change: &mut Change) {
        change.check(keys::subject(self.id()), self.head.guard);
    }

    /// Seals new details of the subject into the head that [`Self::record`] writes, and writes by what
    /// name it is found.
    pub async fn set_details(
        &mut self,
        store: &Store,
        change: &mut Change,
        details: SubjectDetails,
        inv: &mut Invocation,
    ) -> Result<(), StoreError> {
        let name_hash = store.name_hash(details.name.reveal()).await?;
        self.set_name_hash(change, Some(name_hash))?;
        let row = keys::subject(self.id());
        let sealed = self
            .key(store)
            .await?
            .seal_value(&details, &row, "details", inv)?;
        self.head.details = Some(sealed);
        self.filing.subject.details = Some(details);
        Ok(())
    }

    /// Writes a service.
    pub fn put_service(
        &self,
        change: &mut Change,
        id: &ServiceId,
        service: &Service,
    ) -> Result<(), StoreError> {
        change.put(Row::of(
            keys::service(self.id(), id),
            SHAPE,
            Guard::Parent,
            service,
        )?);
        Ok(())
    }

    /// Writes a link.
    pub fn put_link(
        &self,
        change: &mut Change,
        id: &ServiceId,
        link: &Link,
    ) -> Result<(), StoreError> {
        change.put(Row::of(
            keys::link(self.id(), id),
            SHAPE,
            Guard::Parent,
            link,
        )?);
        Ok(())
    }

    /// Writes a material.
    pub fn put_material(
        &self,
        change: &mut Change,
        id: &icp_domain::ids::MaterialId,
        material: &Material,
    ) -> Result<(), StoreError> {
        change.put(Row::of(
            keys::material(self.id(), id),
            SHAPE,
            Guard::Parent,
            material,
        )?);
        Ok(())
    }

    /// Writes a person: sealed under the person's own key, which is drawn for a new person, and found
    /// by the number.
    pub async fn put_person(
        &self,
        store: &Store,
        change: &mut Change,
        id: &PersonId,
        person: &Person,
        inv: &mut Invocation,
    ) -> Result<(), StoreError> {
        let row = keys::person(self.id(), id);
        let (clear, key) = match self.seals.get(id) {
            Some(seal) => {
                let clear = store.keys().unwrap(&seal.key, &row).await?;
                let key = store.keys().rewrapped(&clear, &seal.key, &row, inv).await?;
                (clear, key)
            }
            None => store.keys().draw(&row, inv).await?,
        };
        let number_hash = store.keys().hashed(person.details.mobile.reveal()).await?;
        let details = clear.seal_value(&person.details, &row, "details", inv)?;
        let before = self.seals.get(id).map(|seal| &seal.number_hash);
        if before != Some(&number_hash) {
            if let Some(before) = before {
                change.delete(keys::number_user(before, self.id(), id), Guard::Parent);
            }
            let user = NumberUser {
                subject: self.id().clone(),
                person: id.clone(),
            };
            let row = keys::number_user(&number_hash, self.id(), id);
            change.put(Row::of(row, SHAPE, Guard::Parent, &user)?);
        }
        let seal = PersonSeal { key, number_hash };
        let record = PersonRecord {
            seal,
            details,
            proof: person.proof,
        };
        let ask_at = person.proof.and_then(|proof| proof.ask_at);
        let row = Row::of(row, SHAPE, Guard::Parent, &record)?;
        change.put(row.wake(Family::Deadline, ask_at, inv.now));
        Ok(())
    }

    /// What orders hold still of one of its units.
    pub fn freezes_of<'a>(&'a self, unit: &'a UnitId) -> Freezes<'a> {
        Freezes::of(unit, &self.freezes)
    }

    /// Writes a stretch in which an order freezes findings.
    pub fn put_freeze(&self, change: &mut Change, freeze: &Freeze) -> Result<(), StoreError> {
        let row = keys::freeze(self.id(), freeze.interval.from, freeze.phase);
        change.put(Row::of(row, SHAPE, Guard::Parent, freeze)?);
        Ok(())
    }

    /// Keeps the evidence of a first broken look beside the filing.
    pub fn put_evidence(
        &self,
        change: &mut Change,
        kept: &KeptEvidence,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let row = keys::look(self.id(), &kept.evidence.look.id);
        change.put(Row::of(row, SHAPE, Guard::Parent, kept)?.ttl(until));
        Ok(())
    }
}
