//! `GET /operations/history-checks/{state}`: whether the chains of all filings are whole.

use axum::extract::State;
use icp_http::{Answered, Now, Page, Paging, PathIds, Problem, ProblemBody, Staff, page_body};
use icp_runtime::metrics::{Metric, measure};
use icp_use_cases::search_filings::SoughtState;
use icp_use_cases::verify_history::verify_page;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

/// The verdict on a filing's history.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct VerdictView {
    /// The filing.
    subject: String,
    /// Entries that its history holds.
    entries: usize,
    /// Where the chain breaks, or which row does not read; `null` when the history is whole.
    broken: Option<String>,
}

/// Verifies the histories of a page of filings: `filed`, `deregistered` or `conflict`. An edited, missing
/// or reordered entry is told, and raises the alarm of internal faults.
#[utoipa::path(get, path = "/operations/history-checks/{state}", tag = "operations",
    params(("state" = String, Path), ("limit" = Option<i32>, Query),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<VerdictView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn check(
    State(app): State<&'static App>,
    _staff: Staff,
    Now(inv): Now,
    PathIds(state): PathIds<String>,
    paging: Paging,
) -> Result<Answered, Problem> {
    let state = match state.as_str() {
        "filed" => SoughtState::Filed,
        "deregistered" => SoughtState::Deregistered,
        "conflict" => SoughtState::Conflict,
        _ => return Err(Problem::not_found()),
    };
    let cursor = paging.cursor.as_ref();
    let page = verify_page(&app.store, state, cursor, paging.limit).await;
    let page = page.map_err(Problem::fault)?;
    let mut items = Vec::new();
    for verdict in page.items {
        if let Some(fault) = &verdict.fault {
            let subject = &verdict.subject;
            tracing::error!(%subject, "the history of {subject} is broken: {fault}");
            measure(Metric::InternalFaults, 1, inv.now);
        }
        items.push(VerdictView {
            subject: verdict.subject.to_string(),
            entries: verdict.entries,
            broken: verdict.fault,
        });
    }
    Ok(Answered::read(&page_body(&items, page.next.as_ref()), None))
}
