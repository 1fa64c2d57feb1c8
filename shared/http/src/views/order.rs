//! Orders as callers see them.

use icp_domain::filing::Nature;
use icp_domain::order::{Order, OrderState, TypedCertificate, TypedDraft};
use icp_domain::personal::{Personal, masked};
use icp_store::Answer;
use icp_store::records::StoredOrder;
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
    #[schema(value_type = String)]
    pub kind: icp_domain::order::OrderKind,
    /// Its state, with what is true in it.
    #[schema(value_type = Object)]
    pub state: OrderState,
    /// Its version, for `If-Match`.
    pub version: u64,
}

/// An order with its draft.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderView {
    /// What lists show.
    #[serde(flatten)]
    pub head: OrderHeadView,
    /// The draft: as typed for its filer, masked for staff.
    #[schema(value_type = Object)]
    pub draft: TypedDraft,
    /// Persons of the draft whose number is proved, by id.
    pub verified: Vec<String>,
}

impl OrderHeadView {
    /// The view of an order at a version.
    pub fn of(order: &Order, version: u64) -> Self {
        Self {
            id: order.id.to_string(),
            subject: order.subject.to_string(),
            kind: order.kind,
            state: order.state.clone(),
            version,
        }
    }
}

/// The view of an order with its draft, as typed.
pub fn order_view(stored: &StoredOrder) -> OrderView {
    OrderView {
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

/// A draft as staff see it: names, numbers and addresses masked.
pub fn masked_draft(mut draft: TypedDraft) -> TypedDraft {
    let subject = &mut draft.subject;
    hide(&mut subject.certificate_address, 6, 0);
    hide(&mut subject.postal_address, 6, 0);
    hide(&mut subject.legal_representative, 1, 0);
    // A company's name is public; an individual's is the person's.
    if subject.nature == Some(Nature::Individual) {
        hide(&mut subject.name, 1, 0);
    }
    if let Some(TypedCertificate::ResidentId(number)) = &mut subject.certificate {
        hide(number, 3, 4);
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
        let named = |nature| {
            let mut draft = TypedDraft::default();
            draft.subject.nature = Some(nature);
            draft.subject.name = Personal::new("王小明".to_owned());
            masked_draft(draft).subject.name
        };
        assert_eq!(named(Nature::Individual).reveal(), "王**");
        assert_eq!(named(Nature::Enterprise).reveal(), "王小明");
    }
}
