//! Orders that are found by a domain which no filing has yet.
//!
//! A domain is taken by a filing with its approval. Until then a list of the bureau's, and whoever
//! searches, finds the order by these rows: written when it is submitted, deleted with its draft.

use icp_domain::identifiers::DomainName;
use icp_domain::ids::{OrderId, SubjectId};
use icp_domain::order::{OrderKind, TypedDraft};
use serde::{Deserialize, Serialize};

use super::{SHAPE, StoredOrder};
use crate::{Change, Guard, Row, Store, StoreError, keys};

/// An order that was submitted for a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DomainOrder {
    /// The order.
    pub order: OrderId,
    /// Its filing.
    pub subject: SubjectId,
}

/// The domains that an order would give access to.
fn domains(kind: OrderKind, draft: &TypedDraft) -> Vec<DomainName> {
    match kind {
        OrderKind::FirstFiling | OrderKind::AddSite | OrderKind::AddAccess => {
            let typed = draft.services.iter().flat_map(|service| &service.domains);
            let mut domains: Vec<DomainName> = typed
                .filter_map(|domain| DomainName::parse(domain).ok())
                .collect();
            domains.sort();
            domains.dedup();
            domains
        }
        OrderKind::Change
        | OrderKind::DeregisterSite
        | OrderKind::DeregisterSubject
        | OrderKind::CancelAccess => Vec::new(),
    }
}

impl StoredOrder {
    /// Lets the order be found by the domains of its draft.
    pub fn put_domains(&self, change: &mut Change) -> Result<(), StoreError> {
        let found = DomainOrder {
            order: self.order.id.clone(),
            subject: self.order.subject.clone(),
        };
        for domain in domains(self.order.kind, &self.draft) {
            let row = keys::domain_order(domain.as_str(), &self.order.id);
            change.put(Row::of(row, SHAPE, Guard::Parent, &found)?);
        }
        Ok(())
    }

    /// Lets the order be found no more by what the next draft, if there is one, does not name.
    pub(super) fn delete_domains(&self, change: &mut Change, next: Option<&TypedDraft>) {
        let kind = self.order.kind;
        let kept = next.map(|next| domains(kind, next)).unwrap_or_default();
        for gone in domains(kind, &self.draft) {
            if !kept.contains(&gone) {
                let row = keys::domain_order(gone.as_str(), &self.order.id);
                change.delete(row, Guard::Parent);
            }
        }
    }
}

impl Store {
    /// The orders that were submitted for a domain, whatever became of them.
    pub async fn orders_for(&self, domain: &DomainName) -> Result<Vec<DomainOrder>, StoreError> {
        let items = self
            .partition(&keys::domain_orders(domain.as_str()))
            .await?;
        items.iter().map(|item| item.read(SHAPE)).collect()
    }
}
