//! What waits for the staff, as people know it: which order or case, of which site.

use std::collections::HashMap;

use icp_domain::Text;
use icp_domain::finding::Finding;
use icp_domain::ids::UnitId;
use icp_domain::order::Order;
use icp_http::views::{AboutView, OrderHeadView, StaffNeedView};
use icp_store::records::{ItemClaim, StoredCase};
use icp_store::{Key, Store, StoreError};
use icp_use_cases::claim_item::Waiting;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::queue::{HOLDER, QueueKind, unit};

/// One thing that waits.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WaitingView {
    /// What to read it by: an order, a case, a filing, or a unit as `subject~service`, with `~holder`
    /// where it is looks at registrations that cannot decide.
    id: String,
    /// Since when.
    #[schema(value_type = Option<String>)]
    since: Option<Timestamp>,
    /// Who works on it.
    claim: Option<ItemClaim>,
    /// The site or subject that it is about; what is not filed yet has neither name nor number.
    about: AboutView,
    /// The order, where it is one.
    order: Option<OrderHeadView>,
    /// The case, where it is one.
    case: Option<CaseHeadView>,
}

/// A case as queues show it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaseHeadView {
    /// The number that notices print.
    number: String,
    /// What only people can do now.
    needs_staff: Option<StaffNeedView>,
    /// The faults that are still open, in both languages.
    faults: Vec<Text>,
}

impl CaseHeadView {
    fn of(stored: &StoredCase) -> Self {
        let findings = stored.case.findings.iter();
        let open = findings.filter(|finding| !finding.state.is_closed());
        Self {
            number: stored.case.number.to_string(),
            needs_staff: stored.case.needs_staff.map(StaffNeedView::of),
            faults: open.filter_map(Finding::fault).collect(),
        }
    }
}

/// What waits, each with what it is about: the rows of a kind in one call, and each filing once.
pub(crate) async fn shown(
    store: &Store,
    kind: QueueKind,
    waiting: Vec<Waiting>,
) -> Result<Vec<WaitingView>, StoreError> {
    let rows: Vec<Key> = waiting.iter().map(|one| one.row.clone()).collect();
    let mut things = Things::default();
    match kind {
        QueueKind::OrderReview | QueueKind::OrderConflict | QueueKind::OrderBureau => {
            let heads = store.order_heads(&rows).await?;
            let heads = heads.into_iter();
            things.orders = heads.map(|one| (one.0.id.to_string(), one)).collect();
        }
        QueueKind::CaseOpen | QueueKind::CaseStaff | QueueKind::CaseCondemned => {
            let cases = store.cases(&rows).await?;
            let cases = cases.into_iter();
            things.cases = cases.map(|one| (one.case.id.to_string(), one)).collect();
        }
        QueueKind::Review | QueueKind::FilingConflict => {}
    }
    let units: Vec<Option<UnitId>> = rows.iter().map(|row| things.unit(&id(row))).collect();
    let subjects = units.iter().flatten().map(|unit| &unit.subject);
    let filings = store.filings(subjects).await?;
    let views = waiting.into_iter().zip(units).map(|(one, unit)| {
        let id = id(&one.row);
        let order = things.orders.get(&id);
        WaitingView {
            about: unit.map_or_else(AboutView::default, |unit| AboutView::among(&unit, &filings)),
            order: order.map(|(order, version)| OrderHeadView::for_staff(order, *version)),
            case: things.cases.get(&id).map(CaseHeadView::of),
            since: one.since,
            claim: one.claim,
            id,
        }
    });
    Ok(views.collect())
}

/// The rows of what waits, by the ids of queues.
#[derive(Default)]
struct Things {
    orders: HashMap<String, (Order, u64)>,
    cases: HashMap<String, StoredCase>,
}

impl Things {
    /// The unit that a thing is about.
    fn unit(&self, id: &str) -> Option<UnitId> {
        if let Some((order, _)) = self.orders.get(id) {
            return Some(UnitId::of_subject(order.subject.clone()));
        }
        if let Some(stored) = self.cases.get(id) {
            return Some(stored.case.unit.clone());
        }
        unit(id.strip_suffix(HOLDER).unwrap_or(id))
    }
}

/// What queues call a row.
fn id(row: &Key) -> String {
    let (_, id) = row.pk.split_once('#').unwrap_or_default();
    let mut id = id.replace('/', "~");
    id.push_str(if row.sk == "HOLDER" { HOLDER } else { "" });
    id
}
