//! `GET /cases`: the account's cases.

use axum::extract::State;
use icp_http::views::{CaseView, case_for_filer, case_view};
use icp_http::{Answered, Filer, Now, Page, Paging, Problem, ProblemBody, page_body};
use icp_use_cases::read;

use crate::App;

/// The account's cases, without their evidence.
#[utoipa::path(get, path = "/cases", tag = "cases",
    params(("limit" = Option<i32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<CaseView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    paging: Paging,
) -> Result<Answered, Problem> {
    let listed = read::cases_of(
        &app.store,
        &filer.account,
        paging.cursor.as_ref(),
        paging.limit,
    );
    let listed = listed
        .await
        .map_err(|failure| Problem::of(failure, |never| match never {}))?;
    let mut items = Vec::new();
    for stored in &listed.items {
        let subject = &stored.case.unit.subject;
        let filing = app.store.filing(subject).await.map_err(Problem::fault)?;
        let view = case_view(stored, Vec::new(), filing.as_ref(), inv.now, app.rulebook);
        items.push(case_for_filer(&view));
    }
    Ok(Answered::read(
        &page_body(&items, listed.next.as_ref()),
        None,
    ))
}
