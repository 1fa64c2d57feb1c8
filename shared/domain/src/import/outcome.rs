//! What a row makes of a filing.
//!
//! **Invariant:** what an order approved, ended or asks for stands above every file.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ImportedRow;
use crate::filing::{Filing, Link, Origin, Person, Service, SubjectState};
use crate::ids::PersonId;
use crate::rulebook::calendar;

/// What an import made of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowOutcome {
    /// A service that was not there.
    Added,
    /// What was there, changed.
    Changed,
    /// Nothing to do.
    Same,
    /// What an order approved, ended or asks for stands above the file.
    Kept,
}

impl Filing {
    /// The filing after a row of an import, and what became of the row.
    pub fn imported(&self, row: &ImportedRow, now: Timestamp) -> (Self, RowOutcome) {
        let mut after = self.clone();
        let held = self.services.get(&row.id);
        let is_ours = |origin: Origin| origin == Origin::Order;
        // What the bureau took off the record stays off it, whatever a base of before says; and what an
        // order asks for is asked of the filing as its filer saw it.
        let stands = held
            .is_some_and(|held| is_ours(held.origin) || held.deregistered_at.is_some())
            || self.subject.order_in_flight.is_some();
        let approved = row.approved_on.map(|day| calendar::at(day, 0).min(now));
        let (filed, filed_at) = match &self.subject.state {
            SubjectState::Filed { filed_at, .. } => (true, filed_at.or(approved)),
            SubjectState::New => (false, approved),
            SubjectState::Deregistered { .. } => return (after, RowOutcome::Kept),
        };
        if stands {
            return (after, RowOutcome::Kept);
        }
        if !(filed && is_ours(self.subject.origin)) {
            after.subject.state = SubjectState::Filed {
                number: row.number.clone(),
                filed_at,
            };
            after.subject.origin = Origin::Import;
            after.subject.details = Some(row.subject.clone());
            after.subject.label.clone_from(&row.label);
        }
        for (id, details) in &row.persons {
            if self.is_approved(id) {
                continue;
            }
            let before = self.persons.get(id).filter(|before| {
                let before = &before.details;
                before.mobile == details.mobile && before.identity == details.identity
            });
            // A number that was proved stays so while it and the person are the same.
            let proof = before.and_then(|before| before.proof);
            let person = Person {
                details: details.clone(),
                proof,
            };
            after.persons.insert(id.clone(), person);
        }
        let service = Service {
            number: Some(row.service_number.clone()),
            details: row.service.clone(),
            deregistered_at: None,
            origin: Origin::Import,
        };
        after.services.insert(row.id.clone(), service);
        // A file grants access that nobody recorded; it neither stops nor gives back any.
        if row.access && !self.links.contains_key(&row.id) {
            after.links.insert(row.id.clone(), Link::granted(now));
        }
        let outcome = match held {
            None => RowOutcome::Added,
            Some(_) if after == *self => RowOutcome::Same,
            Some(_) => RowOutcome::Changed,
        };
        (after, outcome)
    }

    /// Whether an order that was approved holds a person: as the principal of what it approved.
    fn is_approved(&self, person: &PersonId) -> bool {
        let is_principal = |of: &PersonId, origin: Origin| of == person && origin == Origin::Order;
        let subject = &self.subject;
        let of_subject = subject
            .details
            .as_ref()
            .is_some_and(|details| is_principal(&details.principal, subject.origin));
        let mut services = self.services.values();
        of_subject
            || services.any(|service| is_principal(&service.details.principal, service.origin))
    }
}
