//! `GET /review/cases` and `/review/cases/{case}`: cases that only people can take further.

use axum::extract::State;
use icp_domain::ids::CaseId;
use icp_http::views::{CaseView, case_view, case_views};
use icp_http::{Answered, Now, Page, Paging, PathIds, Problem, ProblemBody, Staff, page_body};
use icp_use_cases::{By, read};

use crate::App;

/// Cases that wait for staff: nobody reached, looks undecided, an appeal made.
#[utoipa::path(get, path = "/review/cases", tag = "review",
    params(("limit" = Option<i32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<CaseView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(app): State<&'static App>,
    _staff: Staff,
    Now(inv): Now,
    paging: Paging,
) -> Result<Answered, Problem> {
    let (cursor, limit) = (paging.cursor.as_ref(), paging.limit);
    let listed = read::cases_on_desk(&app.store, &read::FOR_STAFF, cursor, limit).await;
    let listed = listed.map_err(|failure| Problem::of(failure, |never| match never {}))?;
    let subjects = listed.items.iter();
    let subjects = subjects.map(|stored| &stored.case.unit.subject);
    let filings = app.store.filings(subjects).await.map_err(Problem::fault)?;
    let items = case_views(&listed.items, &filings, inv.now, app.rulebook);
    Ok(Answered::read(
        &page_body(&items, listed.next.as_ref()),
        None,
    ))
}

/// A case with its evidence.
#[utoipa::path(get, path = "/review/cases/{case}", tag = "review", params(("case" = String, Path)),
    responses((status = 200, body = CaseView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn read(
    State(app): State<&'static App>,
    staff: Staff,
    Now(inv): Now,
    PathIds(case): PathIds<CaseId>,
) -> Result<Answered, Problem> {
    let by = By::staff(staff.user, staff.role, String::new());
    let found = read::case(&app.store, &by, &case).await;
    let (stored, evidence) =
        found.map_err(|failure| Problem::of(failure, |never| match never {}))?;
    let subject = &stored.case.unit.subject;
    let filing = app.store.filing(subject).await.map_err(Problem::fault)?;
    let version = stored.version();
    let view = case_view(&stored, evidence, filing.as_ref(), inv.now, app.rulebook);
    Ok(Answered::read(&view, Some(version)))
}
