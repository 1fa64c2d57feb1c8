//! `GET /filings/{subject}`: a filing as it stands.

use axum::extract::State;
use icp_domain::ids::SubjectId;
use icp_http::views::{FilingView, Viewer, filing_view};
use icp_http::{Answered, Filer, Now, PathIds, Problem, ProblemBody};
use icp_use_cases::By;
use icp_use_cases::read;

use crate::App;
use crate::refusals::of_read;

/// A filing as it stands.
#[utoipa::path(get, path = "/filings/{subject}", tag = "filings", params(("subject" = String, Path)),
    responses((status = 200, body = FilingView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    PathIds(subject): PathIds<SubjectId>,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account, filer.user, String::new());
    let stored = read::filing(&app.store, &by, &subject)
        .await
        .map_err(of_read)?;
    Ok(Answered::read(
        &filing_view(&stored, Viewer::Holder, inv.now),
        Some(stored.version()),
    ))
}
