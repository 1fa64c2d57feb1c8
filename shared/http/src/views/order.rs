//! Orders as callers see them.

use icp_domain::filing::{Nature, Takes};
use icp_domain::identifiers::DomainName;
use icp_domain::order::{Decision, Order, OrderState, TypedCertificate, TypedDraft};
use icp_domain::personal::{Personal, masked};
use icp_domain::{Rulebook, Violation};
use icp_store::Answer;
use icp_store::records::StoredOrder;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// An order without its draft, as lists show it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderHeadView {
    /// Its id.
    pub id: String,
    /// The filing that it is about.
    pub subject: String,
    /// The wish.
    pub kind: icp_domain::order::OrderKind,
    /// When it was begun.
    #[schema(value_type = String)]
    pub begun_at: Timestamp,
    /// The sites that its draft names, each by its first domain.
    pub sites: Vec<DomainName>,
    /// Its state, with what is true in it.
    pub state: OrderState,
    /// A decision of the staff that waits for a second person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed: Option<ProposedView>,
    /// What another filing holds of what it wants; shown to staff.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<Takes>,
    /// Its version, for `If-Match`.
    pub version: u64,
}

/// A decision that waits for a second person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProposedView {
    /// `pass` or `approve`.
    pub decision: Decision,
    /// Since when.
    #[schema(value_type = String)]
    pub proposed_at: Timestamp,
}

/// An order with its draft.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderView {
    /// What lists show.
    #[serde(flatten)]
    pub head: OrderHeadView,
    /// The draft: as typed for its filer, masked for staff.
    pub draft: TypedDraft,
    /// Persons of the draft whose number is proved, by id.
    pub verified: Vec<String>,
    /// When a draft dies, a returned order falls back to a draft, or the bureau's SMS check is taken to have failed, unless
    /// somebody acts before. None while nothing runs out.
    #[schema(value_type = Option<String>)]
    pub lapses_at: Option<Timestamp>,
}

/// An order as it is reviewed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewedOrderView {
    /// The order, masked.
    #[serde(flatten)]
    pub order: OrderView,
    /// What its filer was told to look at before sending it; nothing of it refuses the order.
    pub warnings: Vec<Violation>,
}

impl OrderHeadView {
    /// The same with what only staff are shown.
    pub fn for_staff(order: &Order, version: u64) -> Self {
        let proposed = order.proposed.as_ref().map(|proposed| ProposedView {
            decision: proposed.decision,
            proposed_at: proposed.proposed_at,
        });
        Self {
            proposed,
            conflicts: order.conflicts.clone(),
            ..Self::of(order, version)
        }
    }

    /// The view of an order at a version.
    pub fn of(order: &Order, version: u64) -> Self {
        Self {
            id: order.id.to_string(),
            subject: order.subject.to_string(),
            kind: order.kind,
            begun_at: order.begun_at,
            sites: order.sites.clone(),
            state: order.state.clone(),
            proposed: None,
            conflicts: Vec::new(),
            version,
        }
    }
}

/// The view of an order with its draft, as typed.
pub fn order_view(stored: &StoredOrder, rulebook: &Rulebook) -> OrderView {
    OrderView {
        lapses_at: stored.order.lapses_at(rulebook),
        head: OrderHeadView::of(&stored.order, stored.version()),
        draft: stored.draft.clone(),
        verified: stored.proofs.keys().cloned().collect(),
    }
}

/// The answer to a step of an order: its head at the new version.
pub fn order_answer(stored: &StoredOrder) -> Answer {
    let version = stored.next_version();
    let head = OrderHeadView::of(&stored.order, version);
    let created = version == 1;
    Answer {
        status: if created { 201 } else { 200 },
        location: created.then(|| format!("/orders/{}", stored.order.id)),
        etag: Some(version),
        body: serde_json::to_value(head).unwrap_or_default(),
    }
}

/// The answer to a step that staff took: with what waits for a second person, if it does.
pub fn staff_order_answer(stored: &StoredOrder) -> Answer {
    let version = stored.next_version();
    let head = OrderHeadView::for_staff(&stored.order, version);
    let waits = stored.order.proposed.is_some();
    Answer {
        status: if waits { 202 } else { 200 },
        location: None,
        etag: Some(version),
        body: serde_json::to_value(head).unwrap_or_default(),
    }
}

/// A draft as staff see it: names, numbers and addresses masked. Where it leaves its subject's nature as it is filed,
/// that is `filed`.
pub fn masked_draft(mut draft: TypedDraft, filed: Option<Nature>) -> TypedDraft {
    let subject = &mut draft.subject;
    hide(&mut subject.certificate_address, 6, 0);
    hide(&mut subject.postal_address, 6, 0);
    hide(&mut subject.legal_representative, 1, 0);
    // A company's name is public; an individual's is the person's.
    if subject.nature.or(filed) == Some(Nature::Individual) {
        hide(&mut subject.name, 1, 0);
    }
    match &mut subject.certificate {
        Some(
            TypedCertificate::ResidentId(number)
            | TypedCertificate::Passport(number)
            | TypedCertificate::HongKongMacaoPermit(number)
            | TypedCertificate::TaiwanPermit(number)
            | TypedCertificate::PermanentResidentId(number),
        ) => hide(number, 3, 4),
        // A body's own number is public.
        Some(
            TypedCertificate::CreditCode(_)
            | TypedCertificate::RegistrationNumber(_)
            | TypedCertificate::OrganisationCode(_),
        )
        | None => {}
    }
    for person in &mut draft.persons {
        hide(&mut person.name, 1, 0);
        hide(&mut person.identity, 3, 4);
        hide(&mut person.mobile, 3, 4);
        hide(&mut person.email, 1, 4);
    }
    draft
}

fn hide(field: &mut Personal<String>, head: usize, tail: usize) {
    let hidden = masked(field.reveal(), head, tail);
    *field = Personal::new(hidden);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staff_see_an_individuals_name_masked_and_a_companys_whole() {
        let named = |nature, filed| {
            let mut draft = TypedDraft::default();
            draft.subject.nature = nature;
            draft.subject.name = Personal::new("王小明".to_owned());
            masked_draft(draft, filed).subject.name
        };
        let (individual, enterprise) = (Some(Nature::Individual), Some(Nature::Enterprise));
        assert_eq!(named(individual, None).reveal(), "王**");
        assert_eq!(named(enterprise, individual).reveal(), "王小明");
        // A change says only what changes: the nature is the filed one.
        assert_eq!(named(None, individual).reveal(), "王**");
        assert_eq!(named(None, enterprise).reveal(), "王小明");
    }
}
