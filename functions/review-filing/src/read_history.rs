//! `GET /review/filings/{subject}/history`: what happened to a filing, and whether the chain is whole.

use axum::extract::State;
use icp_domain::history::verify;
use icp_domain::ids::SubjectId;
use icp_http::{Answered, PathIds, Problem, ProblemBody, Staff};
use icp_use_cases::{By, read};
use serde_json::json;

use crate::App;

/// A filing's history, whole and in order, with the verdict on its chain.
#[utoipa::path(get, path = "/review/filings/{subject}/history", tag = "review",
    params(("subject" = String, Path)),
    responses((status = 200), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    staff: Staff,
    PathIds(subject): PathIds<SubjectId>,
) -> Result<Answered, Problem> {
    let by = By::staff(staff.user, staff.role, String::new());
    let stored = read::filing(&app.store, &by, &subject).await;
    let stored = stored.map_err(|failure| Problem::of(failure, |never| match never {}))?;
    let entries = app.store.history(&subject).await.map_err(Problem::fault)?;
    let broken = verify(&entries, &stored.history)
        .err()
        .map(|broken| broken.to_string());
    Ok(Answered::read(
        &json!({ "items": entries, "whole": broken.is_none(), "broken": broken }),
        None,
    ))
}
