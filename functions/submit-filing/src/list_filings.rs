//! `GET /filings`: the account's filings.

use axum::extract::State;
use icp_http::views::{FilingView, Viewer, filing_view};
use icp_http::{Answered, Filer, Now, Page, Paging, Problem, ProblemBody, page_body};
use icp_use_cases::read;

use crate::App;
use crate::refusals::of_read;

/// The account's filings.
#[utoipa::path(get, path = "/filings", tag = "filings",
    params(("limit" = Option<i32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<FilingView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    paging: Paging,
) -> Result<Answered, Problem> {
    let listed = read::filings_of(
        &app.store,
        &filer.account,
        paging.cursor.as_ref(),
        paging.limit,
    );
    let listed = listed.await.map_err(of_read)?;
    let items: Vec<FilingView> = listed
        .items
        .iter()
        .map(|stored| filing_view(stored, Viewer::Holder, inv.now))
        .collect();
    Ok(Answered::read(
        &page_body(&items, listed.next.as_ref()),
        None,
    ))
}
