//! `GET /review/items`: what machines cannot decide and people must look at.

use axum::extract::State;
use icp_domain::Text;
use icp_domain::rules::rule;
use icp_http::views::AboutView;
use icp_http::{Answered, Page, Paging, Problem, ProblemBody, Staff, page_body};
use icp_store::records::Doubt;
use icp_use_cases::read;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

/// A unit whose looks stayed undecided.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ItemView {
    /// What to claim and to decide it by: the unit as `subject~service`, or the subject.
    id: String,
    /// The filing.
    subject: String,
    /// The service, or none for the subject itself.
    service: Option<String>,
    /// The same as people know it.
    about: AboutView,
    /// Codes of the rules that could not decide.
    rules: Vec<String>,
    /// When people were asked.
    #[schema(value_type = String)]
    asked_at: Timestamp,
    /// Since when machines could not decide.
    #[schema(value_type = Option<String>)]
    since: Option<Timestamp>,
    /// What is asked: rule, the `fault` that it looks for, object, and what the machines saw last.
    doubts: Vec<DoubtView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct DoubtView {
    #[serde(flatten)]
    doubt: Doubt,
    fault: Option<Text>,
}

impl DoubtView {
    fn of(doubt: Doubt) -> Self {
        Self {
            fault: rule(&doubt.rule).map(|rule| (rule.fault)()),
            doubt,
        }
    }
}

/// Units that machines cannot decide about. An item goes by itself when a later look decides, and thing by
/// thing as people do.
#[utoipa::path(get, path = "/review/items", tag = "review",
    params(("limit" = Option<i32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<ItemView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    _staff: Staff,
    paging: Paging,
) -> Result<Answered, Problem> {
    let listed = read::review_items(&app.store, paging.cursor.as_ref(), paging.limit).await;
    let listed = listed.map_err(|failure| Problem::of(failure, |never| match never {}))?;
    let subjects = listed.items.iter().map(|item| &item.unit.subject);
    let filings = app.store.filings(subjects).await.map_err(Problem::fault)?;
    let mut items = Vec::new();
    for item in listed.items {
        items.push(ItemView {
            id: item.unit.to_string().replace('/', "~"),
            subject: item.unit.subject.to_string(),
            about: AboutView::among(&item.unit, &filings),
            service: item.unit.service.map(|service| service.to_string()),
            rules: item.rules,
            asked_at: item.asked_at,
            since: item.since,
            doubts: item.doubts.into_iter().map(DoubtView::of).collect(),
        });
    }
    let body = page_body(&items, listed.next.as_ref());
    Ok(Answered::read(&body, None))
}
