//! `GET /review/filings/{subject}/history`: what happened to a filing, and whether the chain is whole.

use axum::extract::State;
use icp_domain::ids::SubjectId;
use icp_http::{Answered, PathIds, Problem, ProblemBody, Staff};
use icp_use_cases::verify_history::history;
use serde_json::json;

use crate::App;

/// A filing's history, whole and in order, with the verdict on its chain.
#[utoipa::path(get, path = "/review/filings/{subject}/history", tag = "review",
    params(("subject" = String, Path)),
    responses((status = 200), (status = "4XX", body = ProblemBody)))]
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
    Ok(Answered::read(
        &json!({ "items": found.entries, "whole": broken.is_none(), "broken": broken }),
        None,
    ))
}
