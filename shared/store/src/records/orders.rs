//! The rows of an order's partition: head, draft, and the draft's persons.

use std::collections::BTreeMap;

use icp_domain::Invocation;
use icp_domain::filing::{MaterialKind, MediaType, Proof, StoredObject};
use icp_domain::ids::{MaterialId, OrderId, PersonId};
use icp_domain::order::{Order, OrderState, TypedDraft, TypedPerson};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{NumberDraft, SHAPE};
use crate::index::{DeskList, Family, OwnerList};
use crate::{Change, Guard, Row, Sealed, Store, StoreError, WrappedKey, keys};

/// An order as stored, with what its next commit needs.
#[derive(Debug, Clone)]
pub struct StoredOrder {
    /// The order.
    pub order: Order,
    /// Its draft, as typed.
    pub draft: TypedDraft,
    /// Proofs of the draft's numbers: the keyed hash of the number, and the proof.
    pub proofs: BTreeMap<String, (String, Proof)>,
    /// Keys of the draft's persons.
    pub seals: DraftSeals,
    /// Files that were announced for it.
    pub uploads: BTreeMap<MaterialId, Upload>,
    /// Keyed hashes of the numbers of the draft's persons.
    number_hashes: BTreeMap<String, String>,
    key: Option<WrappedKey>,
    guard: Guard,
}

/// Keys of a draft's persons, by the id as typed.
pub type DraftSeals = BTreeMap<String, WrappedKey>;

/// A file that was announced: what will be uploaded, and what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Upload {
    /// Key of its object.
    pub key: String,
    /// What it is.
    pub kind: MaterialKind,
    /// Last day of its validity.
    pub valid_until: Option<Date>,
    /// Its type.
    pub media_type: MediaType,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes, in base64.
    pub sha256: String,
    /// When it was announced.
    pub announced_at: Timestamp,
    /// The object, once it was seen.
    pub seen: Option<StoredObject>,
}

#[derive(Serialize, Deserialize)]
struct DraftRecord {
    key: WrappedKey,
    draft: Sealed,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DraftPersonRecord {
    at: usize,
    key: WrappedKey,
    person: Sealed,
    pub(super) number_hash: Option<String>,
    pub(super) proof: Option<Proof>,
}

impl StoredOrder {
    /// An order that is begun now.
    pub fn begun(order: Order) -> Self {
        Self {
            order,
            draft: TypedDraft::default(),
            proofs: BTreeMap::new(),
            seals: BTreeMap::new(),
            uploads: BTreeMap::new(),
            number_hashes: BTreeMap::new(),
            key: None,
            guard: Guard::New,
        }
    }

    /// The version that was read; 0 before the first write.
    pub fn version(&self) -> u64 {
        match self.guard {
            Guard::Version(read) => read,
            Guard::New | Guard::Parent => 0,
        }
    }

    /// The version after the change that is being made.
    pub fn next_version(&self) -> u64 {
        self.version() + 1
    }

    /// Keyed hash of a person's number, where it is one that gets an SMS.
    pub fn number_hash(&self, person: &str) -> Option<&str> {
        self.number_hashes.get(person).map(String::as_str)
    }

    /// Writes the head: state, wake, lists.
    pub fn put_head(
        &self,
        change: &mut Change,
        wakes_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let order = &self.order;
        let listed = format!("{}#{}", keys::instant(order.begun_at), order.id);
        let row = Row::of(keys::order(&order.id), SHAPE, self.guard, order)?
            .wake(Family::Deadline, wakes_at, now)
            .owner(&order.account, OwnerList::Orders, &listed)
            .desk(desk_list(order), order.waits_since());
        change.put(row);
        Ok(())
    }

    /// Rests on the head as it was read, without writing it.
    pub fn check_head(&self, change: &mut Change) {
        change.check(keys::order(&self.order.id), self.guard);
    }

    /// Writes an announced file.
    pub fn put_upload(
        &self,
        change: &mut Change,
        material: &MaterialId,
        upload: &Upload,
    ) -> Result<(), StoreError> {
        let row = keys::order_upload(&self.order.id, material);
        change.put(Row::of(row, SHAPE, Guard::Parent, upload)?);
        Ok(())
    }

    /// Replaces the draft. Persons that are gone lose their rows and so their keys; a person whose
    /// number changed loses the proof.
    pub async fn put_draft(
        &self,
        store: &Store,
        change: &mut Change,
        draft: &TypedDraft,
        inv: &mut Invocation,
    ) -> Result<(), StoreError> {
        let order = &self.order.id;
        let row = keys::order_draft(order);
        let (clear, key) = match &self.key {
            Some(wrapped) => (store.keys().unwrap(wrapped, &row).await?, wrapped.clone()),
            None => store.keys().draw(&row, inv).await?,
        };
        self.delete_domains(change, Some(draft));
        let without_persons = TypedDraft {
            persons: Vec::new(),
            ..draft.clone()
        };
        let sealed = clear.seal_value(&without_persons, &row, "draft", inv)?;
        change.put(Row::of(
            row,
            SHAPE,
            Guard::Parent,
            &DraftRecord { key, draft: sealed },
        )?);
        for (at, person) in draft.persons.iter().enumerate() {
            let Ok(id) = person.id.parse::<PersonId>() else {
                continue;
            };
            self.put_person(store, change, at, &id, person, inv).await?;
        }
        for gone in self
            .seals
            .keys()
            .filter(|id| !draft.persons.iter().any(|p| p.id == **id))
        {
            if let Ok(id) = gone.parse() {
                self.delete_person(change, &id);
            }
        }
        Ok(())
    }

    /// Deletes the draft with its persons, and so their keys, and what it is found by.
    pub fn delete_draft(&self, change: &mut Change) {
        self.delete_domains(change, None);
        if self.key.is_some() {
            change.delete(keys::order_draft(&self.order.id), Guard::Parent);
        }
        for id in self.seals.keys().filter_map(|id| id.parse().ok()) {
            self.delete_person(change, &id);
        }
    }

    fn delete_person(&self, change: &mut Change, id: &PersonId) {
        let order = &self.order.id;
        change.delete(keys::order_person(order, id), Guard::Parent);
        if let Some(hash) = self.number_hashes.get(id.as_str()) {
            change.delete(keys::number_draft(hash, order, id), Guard::Parent);
        }
    }

    async fn put_person(
        &self,
        store: &Store,
        change: &mut Change,
        at: usize,
        id: &PersonId,
        person: &TypedPerson,
        inv: &mut Invocation,
    ) -> Result<(), StoreError> {
        let row = keys::order_person(&self.order.id, id);
        let (clear, key) = match self.seals.get(&person.id) {
            Some(wrapped) => (store.keys().unwrap(wrapped, &row).await?, wrapped.clone()),
            None => store.keys().draw(&row, inv).await?,
        };
        let (mut number_hash, mut proof) = (None, None);
        if let Ok(mobile) = icp_domain::identifiers::Mobile::parse(person.mobile.reveal()) {
            number_hash = Some(store.keys().hashed(mobile.reveal()).await?);
            // A proof of before a rotation names the number under an earlier key.
            if let Some((hash, held)) = self.proofs.get(&person.id)
                && store.keys().is_hash_of(mobile.reveal(), hash).await?
            {
                proof = Some(*held);
            }
        }
        let before = self.number_hashes.get(&person.id);
        if before != number_hash.as_ref() {
            if let Some(before) = before {
                let row = keys::number_draft(before, &self.order.id, id);
                change.delete(row, Guard::Parent);
            }
            if let Some(hash) = &number_hash {
                let user = NumberDraft {
                    order: self.order.id.clone(),
                    subject: self.order.subject.clone(),
                };
                let row = keys::number_draft(hash, &self.order.id, id);
                change.put(Row::of(row, SHAPE, Guard::Parent, &user)?);
            }
        }
        let sealed = clear.seal_value(person, &row, "person", inv)?;
        let record = DraftPersonRecord {
            at,
            key,
            person: sealed,
            number_hash,
            proof,
        };
        change.put(Row::of(row, SHAPE, Guard::Parent, &record)?);
        Ok(())
    }
}

/// The staff list on which an order stands.
fn desk_list(order: &Order) -> Option<DeskList> {
    if order.state.is_in_flight() && !order.conflicts.is_empty() {
        return Some(DeskList::OrdersInConflict);
    }
    match &order.state {
        OrderState::ProviderReview { .. } => Some(DeskList::OrdersInReview),
        OrderState::Queued { .. }
        | OrderState::BureauSms { .. }
        | OrderState::BureauReview { .. } => Some(DeskList::OrdersAtBureau),
        OrderState::Draft
        | OrderState::Returned { .. }
        | OrderState::Approved { .. }
        | OrderState::Withdrawn { .. }
        | OrderState::Dead { .. } => None,
    }
}

impl Store {
    /// An order with its draft: one query of its partition, read consistently.
    pub async fn order(&self, id: &OrderId) -> Result<Option<StoredOrder>, StoreError> {
        let items = self.partition(&keys::order_partition(id)).await?;
        let head_key = keys::order(id);
        let Some(head) = items.iter().find(|item| item.key() == head_key) else {
            return Ok(None);
        };
        let order: Order = head.read(SHAPE)?;
        let guard = Guard::Version(head.version()?);
        let mut stored = StoredOrder {
            guard,
            ..StoredOrder::begun(order)
        };
        let draft_key = keys::order_draft(id);
        if let Some(item) = items.iter().find(|item| item.key() == draft_key) {
            let record: DraftRecord = item.read(SHAPE)?;
            let clear = self.keys().unwrap(&record.key, &draft_key).await?;
            stored.draft = clear.open_value(&record.draft, &draft_key, "draft")?;
            stored.key = Some(record.key);
        }
        for item in &items {
            if let Some(material) = item.key().sk.strip_prefix("UPLOAD#") {
                let material = material
                    .parse()
                    .map_err(|_| item.malformed("no material"))?;
                stored.uploads.insert(material, item.read(SHAPE)?);
            }
        }
        let mut persons = Vec::new();
        for item in items
            .iter()
            .filter(|item| item.key().sk.starts_with("PERSON#"))
        {
            let record: DraftPersonRecord = item.read(SHAPE)?;
            let clear = self.keys().unwrap(&record.key, &item.key()).await?;
            let person: TypedPerson = clear.open_value(&record.person, &item.key(), "person")?;
            if let Some(hash) = record.number_hash {
                if let Some(proof) = record.proof {
                    let proof = (hash.clone(), proof);
                    stored.proofs.insert(person.id.clone(), proof);
                }
                stored.number_hashes.insert(person.id.clone(), hash);
            }
            stored.seals.insert(person.id.clone(), record.key);
            persons.push((record.at, person));
        }
        persons.sort_by_key(|(at, _)| *at);
        stored.draft.persons = persons.into_iter().map(|(_, person)| person).collect();
        Ok(Some(stored))
    }

    /// Heads of many orders, in the order of `ids`; those that are gone are left out.
    pub async fn order_heads(&self, rows: &[crate::Key]) -> Result<Vec<(Order, u64)>, StoreError> {
        let items = self.items(rows).await?;
        let found = rows.iter().filter_map(|key| items.get(key));
        found
            .map(|item| Ok((item.read(SHAPE)?, item.version()?)))
            .collect()
    }
}
