//! `GET /cases/{case}`: a case with its evidence.

use axum::extract::State;
use icp_domain::ids::CaseId;
use icp_http::views::{CaseView, case_for_filer, case_view};
use icp_http::{Answered, Filer, Now, PathIds, Problem, ProblemBody};
use icp_use_cases::By;
use icp_use_cases::read;

use crate::App;

/// A case with its findings, their deadlines, and the evidence that they rest on.
#[utoipa::path(get, path = "/cases/{case}", tag = "cases", params(("case" = String, Path)),
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    PathIds(case): PathIds<CaseId>,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account, filer.user, String::new());
    let found = read::case(&app.store, &by, &case).await;
    let (stored, evidence) =
        found.map_err(|failure| Problem::of(failure, |never| match never {}))?;
    let subject = &stored.case.unit.subject;
    let filing = app.store.filing(subject).await.map_err(Problem::fault)?;
    let version = stored.version();
    let view = case_view(&stored, evidence, filing.as_ref(), inv.now, app.rulebook);
    Ok(Answered::read(&case_for_filer(&view), Some(version)))
}
