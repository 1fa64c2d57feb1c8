//! `GET /filings/{subject}/history`: what happened to a filing, for its filer.

use axum::extract::State;
use icp_domain::account::Actor;
use icp_domain::history::{Entry, Happened};
use icp_domain::ids::SubjectId;
use icp_http::{Answered, Filer, Page, PathIds, Problem, ProblemBody, page_body};
use icp_use_cases::By;
use icp_use_cases::read;
use icp_use_cases::verify_history::history;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::refusals::of_read;

/// One thing that happened to a filing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HappenedView {
    /// Its number: 1, 2, …
    number: u64,
    /// When.
    #[schema(value_type = String)]
    at: Timestamp,
    /// Who: `filer`, `staff`, `person` (who proved a number without an account) or `service`.
    who: &'static str,
    /// The step's name, past tense, such as `order-submitted`.
    #[schema(value_type = Happened)]
    what: String,
}

impl HappenedView {
    /// An entry without what is the staff's own: names, addresses, and what they wrote.
    fn of(entry: Entry) -> Self {
        Self {
            number: entry.number,
            at: entry.at,
            who: match entry.actor {
                Actor::Filer { .. } => "filer",
                Actor::Staff { .. } => "staff",
                Actor::Person { .. } => "person",
                Actor::Machine { .. } => "service",
            },
            what: entry.what,
        }
    }
}

/// What happened to a filing, in order. Staff are not named.
#[utoipa::path(get, path = "/filings/{subject}/history", tag = "filings",
    params(("subject" = String, Path)),
    responses((status = 200, body = Page<HappenedView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    filer: Filer,
    PathIds(subject): PathIds<SubjectId>,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account, filer.user, String::new());
    // Whose filing it is.
    read::filing(&app.store, &by, &subject)
        .await
        .map_err(of_read)?;
    let found = history(&app.store, &subject)
        .await
        .map_err(Problem::fault)?;
    let entries = found.ok_or_else(Problem::not_found)?.entries;
    let items: Vec<HappenedView> = entries.into_iter().map(HappenedView::of).collect();
    Ok(Answered::read(&page_body(&items, None), None))
}
