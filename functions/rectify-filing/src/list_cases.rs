//! `GET /cases`: the account's cases.

use axum::extract::State;
use icp_http::views::{CaseView, case_for_filer, case_views};
use icp_http::{Answered, Filer, Now, Page, Paging, Parameters, Problem, ProblemBody, page_body};
use icp_use_cases::read::{self, CasesOf};
use serde::Deserialize;

use crate::App;

/// Which of the account's cases, and which page of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedPage {
    open: Option<bool>,
    limit: Option<usize>,
    cursor: Option<String>,
}

impl AskedPage {
    fn which(&self) -> CasesOf {
        match self.open {
            None => CasesOf::All,
            Some(true) => CasesOf::Open,
            Some(false) => CasesOf::Closed,
        }
    }
}

/// The account's cases, without their evidence, the oldest first. With `open=true` those of which something is still to
/// come; with `open=false` those that are over, the last opened first.
#[utoipa::path(get, path = "/cases", tag = "cases",
    params(("open" = Option<bool>, Query), ("limit" = Option<i32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<CaseView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    Parameters(asked): Parameters<AskedPage>,
) -> Result<Answered, Problem> {
    let which = asked.which();
    let most = app.rulebook.policy.http.page_items as usize;
    let Paging { limit, cursor } = Paging::of_query(asked.limit, asked.cursor, most)?;
    let listed = read::cases_of(&app.store, &filer.account, which, cursor.as_ref(), limit);
    let listed = listed
        .await
        .map_err(|failure| Problem::of(failure, |never| match never {}))?;
    let subjects = listed.items.iter();
    let subjects = subjects.map(|stored| &stored.case.unit.subject);
    let filings = app.store.filings(subjects).await.map_err(Problem::fault)?;
    let views = case_views(&listed.items, &filings, inv.now, app.rulebook);
    let items: Vec<_> = views.iter().map(case_for_filer).collect();
    Ok(Answered::read(
        &page_body(&items, listed.next.as_ref()),
        None,
    ))
}
