//! `GET /review/filings/{subject}/history`: what happened to a filing, and whether the chain is whole.

use axum::extract::State;
use icp_domain::history::Entry;
use icp_domain::ids::SubjectId;
use icp_http::{Answered, PathIds, Problem, ProblemBody, Staff};
use icp_use_cases::verify_history::history;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

/// A filing's history, with the verdict on its chain.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryView {
    /// Its entries, the oldest first.
    items: Vec<Entry>,
    /// Whether the chain is whole.
    whole: bool,
    /// Where it is broken, if it is.
    broken: Option<String>,
}

/// A filing's history, whole and in order, with the verdict on its chain.
#[utoipa::path(get, path = "/review/filings/{subject}/history", tag = "review",
    params(("subject" = String, Path)),
    responses((status = 200, body = HistoryView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    _staff: Staff,
    PathIds(subject): PathIds<SubjectId>,
) -> Result<Answered, Problem> {
    let found = history(&app.store, &subject).await;
    let found = found
        .map_err(Problem::fault)?
        .ok_or_else(Problem::not_found)?;
    let broken = found.broken.map(|broken| broken.to_string());
    let view = HistoryView {
        items: found.entries,
        whole: broken.is_none(),
        broken,
    };
    Ok(Answered::read(&view, None))
}
