//! A person's row as far as proofs go: the keyed hash of the number, and the proof. Nothing personal
//! is opened for either.

use std::collections::HashMap;

use icp_domain::filing::Proof;
use icp_domain::ids::{AccountId, OrderId, PersonId, SubjectId};
use icp_domain::order::Order;
use jiff::Timestamp;

use super::SHAPE;
use super::filings::{PersonRecord, StoredFiling};
use super::orders::DraftPersonRecord;
use crate::index::Family;
use crate::{Change, Guard, Item, Key, Repeat, Repeated, Row, Store, StoreError, keys};

/// Where a person stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// In a filing.
    Filing(SubjectId),
    /// In an order's draft.
    Order(OrderId),
}

/// A person whose number is to be proved.
#[derive(Debug)]
pub struct StoredProof {
    /// The filing.
    pub subject: SubjectId,
    /// The account that holds it.
    pub account: AccountId,
    /// The order whose draft holds the person, or `None` for the filing's own.
    pub order: Option<OrderId>,
    /// Keyed hash of the mobile; `None` where what stands there is no number that gets an SMS.
    pub number_hash: Option<String>,
    /// The filing's head, where it was read with the person.
    filing: Option<StoredFiling>,
    key: Key,
    row: ProofRow,
    guard: Guard,
}

#[derive(Debug)]
enum ProofRow {
    OfFiling(PersonRecord),
    OfOrder(DraftPersonRecord),
}

impl StoredProof {
    /// Writes a proof into the person's row. The row hangs on the filing's head, which is written
    /// beside it; an order's draft must be as it was read too.
    pub fn put(self, change: &mut Change, proof: Proof, now: Timestamp) -> Result<(), StoreError> {
        let row = match self.row {
            ProofRow::OfFiling(mut record) => {
                record.proof = Some(proof);
                let row = Row::of(self.key, SHAPE, Guard::Parent, &record)?;
                row.wake(Family::Deadline, proof.ask_at, now)
            }
            ProofRow::OfOrder(mut record) => {
                record.proof = Some(proof);
                Row::of(self.key, SHAPE, Guard::Parent, &record)?
            }
        };
        change.put(row);
        if let Some(order) = &self.order {
            change.check(keys::order(order), self.guard);
        }
        Ok(())
    }

    /// The head of the filing, for the history that a proof belongs to.
    pub async fn filing(&mut self, store: &Store) -> Result<Option<StoredFiling>, StoreError> {
        match self.filing.take() {
            Some(filing) => Ok(Some(filing)),
            None => store.filing_head(&self.subject).await,
        }
    }
}

impl Store {
    /// A person whose number is to be proved: head and row, in one call.
    pub async fn proof(
        &self,
        holder: &Holder,
        person: &PersonId,
    ) -> Result<Option<StoredProof>, StoreError> {
        let items = self.items(&rows(holder, person)).await?;
        self.proof_of(holder, person, items).await
    }

    /// The same in one call with what became of a request.
    pub async fn proof_and_repeated<T>(
        &self,
        holder: &Holder,
        person: &PersonId,
        repeat: &Repeat<T>,
    ) -> Result<(Option<StoredProof>, Repeated), StoreError> {
        let repeat_row = keys::repeat(&repeat.command);
        let mut wanted = rows(holder, person).to_vec();
        wanted.push(repeat_row.clone());
        let mut items = self.items(&wanted).await?;
        let repeated = items.remove(&repeat_row);
        let repeated = self.repeated_in(repeat, repeated.as_ref()).await?;
        Ok((self.proof_of(holder, person, items).await?, repeated))
    }

    async fn proof_of(
        &self,
        holder: &Holder,
        person: &PersonId,
        items: HashMap<Key, Item>,
    ) -> Result<Option<StoredProof>, StoreError> {
        let [head_key, key] = rows(holder, person);
        let (Some(head), Some(row)) = (items.get(&head_key), items.get(&key)) else {
            return Ok(None);
        };
        let guard = Guard::Version(head.version()?);
        match holder {
            Holder::Filing(subject) => {
                let record: PersonRecord = row.read(SHAPE)?;
                let filing = self.assemble(subject, &[head]).await?;
                Ok(filing.map(|filing| StoredProof {
                    subject: subject.clone(),
                    account: filing.filing.subject.account.clone(),
                    order: None,
                    number_hash: Some(record.seal.number_hash.clone()),
                    filing: Some(filing),
                    key,
                    row: ProofRow::OfFiling(record),
                    guard,
                }))
            }
            Holder::Order(order) => {
                let head: Order = head.read(SHAPE)?;
                let record: DraftPersonRecord = row.read(SHAPE)?;
                Ok(Some(StoredProof {
                    subject: head.subject,
                    account: head.account,
                    order: Some(order.clone()),
                    number_hash: record.number_hash.clone(),
                    filing: None,
                    key,
                    row: ProofRow::OfOrder(record),
                    guard,
                }))
            }
        }
    }
}

/// The head and the person's row.
fn rows(holder: &Holder, person: &PersonId) -> [Key; 2] {
    match holder {
        Holder::Filing(subject) => [keys::subject(subject), keys::person(subject, person)],
        Holder::Order(order) => [keys::order(order), keys::order_person(order, person)],
    }
}
