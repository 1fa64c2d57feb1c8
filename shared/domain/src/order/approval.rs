//! What the bureau's approval makes of a filing.
//!
//! **Invariant:** this and nothing else in an order's life changes a filing; which links it gives or
//! ends hangs on the order's kind alone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Draft, OrderKind};
use crate::filing::{Filing, Link, Origin, Person, PersonDetails, Proof, Service, SubjectState};
use crate::identifiers::IcpNumber;
use crate::ids::{PersonId, ServiceId};

/// The bureau's approval (管局审核通过).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Approval {
    /// 主体备案号; may be left out where it stays as it is.
    pub number: Option<IcpNumber>,
    /// 网站备案号 of each service that gets one.
    pub services: Vec<ServiceNumber>,
}

/// A service and the number the bureau gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceNumber {
    /// The service.
    pub service: ServiceId,
    /// Its number.
    pub number: IcpNumber,
}

/// Why an approval does not fit its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalMisfit {
    /// The subject's number has a service's suffix, or a service's number is not the subject's.
    #[error("the numbers do not belong together")]
    NumbersApart,
    /// A service of the order has no number, or a number is for no service of it.
    #[error("each service of the order needs its number")]
    NumberMissing,
    /// The subject is filed under another number, which this kind of order does not change.
    #[error("the subject has another number")]
    OtherNumber,
}

/// An order that the bureau approved.
#[derive(Debug, Clone, Copy)]
pub struct Approved<'a> {
    /// The wish.
    pub kind: OrderKind,
    /// The filing as it shall be.
    pub draft: &'a Draft,
    /// Standing or lapsed proofs of the draft's persons. One that lapsed at the bureau is carried
    /// over too: its lapse is then found, and not taken for a number that was never to be proven.
    pub proofs: &'a BTreeMap<PersonId, Proof>,
    /// What the bureau gave.
    pub approval: &'a Approval,
    /// When its answer was recorded.
    pub now: Timestamp,
}

impl Filing {
    /// The filing after an approval.
    pub fn approved(&self, order: &Approved<'_>) -> Result<Self, ApprovalMisfit> {
        let number = self.subject_number(order)?;
        self.fits(order, number.as_ref())?;
        let mut after = self.clone();
        match order.kind {
            OrderKind::FirstFiling
            | OrderKind::AddSite
            | OrderKind::AddAccess
            | OrderKind::Change => after.take_draft(order, number),
            OrderKind::DeregisterSite | OrderKind::DeregisterSubject | OrderKind::CancelAccess => {}
        }
        match order.kind {
            OrderKind::FirstFiling | OrderKind::AddSite | OrderKind::AddAccess => {
                after.grant(order);
            }
            OrderKind::Change => {}
            OrderKind::DeregisterSite => {
                for service in &order.draft.about {
                    after.deregister(service, order.now);
                }
            }
            OrderKind::DeregisterSubject => after.deregister_subject(order.now),
            OrderKind::CancelAccess => {
                for service in &order.draft.about {
                    after.end_link(service, order.now);
                }
            }
        }
        Ok(after)
    }

    /// The subject off the record, with every service.
    pub fn deregister_subject(&mut self, now: Timestamp) {
        let services: Vec<ServiceId> = self.on_record().map(|(id, _)| id.clone()).collect();
        for service in services {
            self.deregister(&service, now);
        }
        if let SubjectState::Filed { number, .. } = &self.subject.state {
            self.subject.state = SubjectState::Deregistered {
                number: number.clone(),
                deregistered_at: now,
            };
        }
    }

    /// A service off the record, and our access with it.
    pub fn deregister(&mut self, service: &ServiceId, now: Timestamp) {
        if let Some(service) = self.services.get_mut(service) {
            service.deregistered_at.get_or_insert(now);
        }
        self.end_link(service, now);
    }

    /// Our access off the record.
    pub fn end_link(&mut self, service: &ServiceId, now: Timestamp) {
        if let Some(link) = self.links.get_mut(service)
            && let Some(ended) = link.clone().end(now)
        {
            *link = ended;
        }
    }

    fn subject_number(&self, order: &Approved<'_>) -> Result<Option<IcpNumber>, ApprovalMisfit> {
        let given = order.approval.number.as_ref();
        if given.is_some_and(|number| number.subject() != *number) {
            return Err(ApprovalMisfit::NumbersApart);
        }
        match (given, self.number()) {
            (Some(given), Some(held)) if given != held && order.kind != OrderKind::Change => {
                Err(ApprovalMisfit::OtherNumber)
            }
            (Some(number), _) | (None, Some(number)) => Ok(Some(number.clone())),
            (None, None) => Err(ApprovalMisfit::NumberMissing),
        }
    }

    fn fits(&self, order: &Approved<'_>, number: Option<&IcpNumber>) -> Result<(), ApprovalMisfit> {
        let given = &order.approval.services;
        let apart = given
            .iter()
            .any(|given| Some(&given.number.subject()) != number);
        if apart {
            return Err(ApprovalMisfit::NumbersApart);
        }
        let times = |id: &ServiceId| given.iter().filter(|given| given.service == *id).count();
        let may_be_given = |id: &ServiceId| match order.kind {
            OrderKind::FirstFiling | OrderKind::AddSite | OrderKind::AddAccess => {
                order.draft.about.contains(id)
            }
            OrderKind::Change
            | OrderKind::DeregisterSite
            | OrderKind::DeregisterSubject
            | OrderKind::CancelAccess => order.draft.services.contains_key(id),
        };
        let strays = given
            .iter()
            .any(|given| 1 < times(&given.service) || !may_be_given(&given.service));
        let has_number = |id: &ServiceId| {
            let held = self.services.get(id).and_then(|held| held.number.as_ref());
            held.is_some() || times(id) == 1
        };
        let lacks = match order.kind {
            OrderKind::FirstFiling | OrderKind::AddSite | OrderKind::AddAccess => {
                !order.draft.about.iter().all(has_number)
            }
            OrderKind::Change
            | OrderKind::DeregisterSite
            | OrderKind::DeregisterSubject
            | OrderKind::CancelAccess => false,
        };
        if strays || lacks {
            Err(ApprovalMisfit::NumberMissing)
        } else {
            Ok(())
        }
    }

    /// The data of the draft, and the numbers that the bureau gave.
    fn take_draft(&mut self, order: &Approved<'_>, number: Option<IcpNumber>) {
        let principals_before: Vec<PersonId> = self.principals().into_iter().cloned().collect();
        if let Some(number) = number {
            // A change keeps the day on which the subject was first filed.
            let filed_at = match &self.subject.state {
                SubjectState::New | SubjectState::Deregistered { .. } => Some(order.now),
                SubjectState::Filed { filed_at, .. } => *filed_at,
            };
            self.subject.state = SubjectState::Filed { number, filed_at };
        }
        self.subject.details = Some(order.draft.subject.clone());
        self.subject.origin = Origin::Order;
        let is_new = |(id, details): &(&PersonId, &PersonDetails)| {
            let held = self.persons.get(*id);
            held.is_none_or(|held| held.details != **details)
        };
        let persons = order.draft.persons.iter().filter(is_new);
        let new_persons: BTreeSet<PersonId> = persons.map(|(id, _)| id.clone()).collect();
        for (id, details) in &order.draft.services {
            let given = &order.approval.services;
            let given = given.iter().find(|given| given.service == *id);
            let held = self.services.get(id).and_then(|held| held.number.clone());
            let service = Service {
                number: given.map(|given| given.number.clone()).or(held),
                details: details.clone(),
                deregistered_at: None,
                // Whose principal the order changed is the order's as well.
                origin: if order.draft.about.contains(id)
                    || new_persons.contains(&details.principal)
                {
                    Origin::Order
                } else {
                    self.services
                        .get(id)
                        .map_or(Origin::Order, |held| held.origin)
                },
            };
            self.services.insert(id.clone(), service);
        }
        for (id, details) in &order.draft.persons {
            let held = self.persons.get(id).filter(|held| held.details == *details);
            let held = held.and_then(|held| held.proof);
            let person = Person {
                details: details.clone(),
                proof: order.proofs.get(id).copied().or(held),
            };
            self.persons.insert(id.clone(), person);
        }
        self.materials.extend(order.draft.materials.clone());
        // Who answered for something, and answers for nothing now, leaves the filing.
        let principals: Vec<PersonId> = self.principals().into_iter().cloned().collect();
        for gone in principals_before {
            if !principals.contains(&gone) {
                self.persons.remove(&gone);
            }
        }
    }

    fn grant(&mut self, order: &Approved<'_>) {
        for service in &order.draft.about {
            match self.links.get_mut(service) {
                None => {
                    let link = Link::granted(order.now);
                    self.links.insert(service.clone(), link);
                }
                Some(link) => {
                    if let Some(granted) = link.clone().grant(order.now) {
                        *link = granted;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
