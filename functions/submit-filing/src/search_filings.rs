//! `POST /filing-searches`: the account's filings by domain, number or a person's mobile, or all of them,
//! filtered.

use axum::extract::State;
use icp_domain::Text;
use icp_domain::identifiers::{DomainName, IcpNumber, Mobile};
use icp_http::views::{FilingView, Viewer, filing_view};
use icp_http::{Answered, Body, Filer, Now, Page, Paging, Problem, ProblemBody, page_body};
use icp_use_cases::By;
use icp_use_cases::search_filings::{Filter, RecordState, Sought, search};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::refusals::of_read;

/// What is looked for: at most one of domain, number and mobile; none for all of the account's. A mobile
/// is asked for in a body, since paths are logged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "number": "京ICP备2026000001号-1" }))]
pub(crate) struct OwnSearch {
    /// A domain.
    domain: Option<String>,
    /// A number, of the subject or of a service.
    number: Option<String>,
    /// A person's mobile.
    mobile: Option<String>,
    /// Only filings of a state: `filed` or `deregistered`.
    #[schema(value_type = Option<String>)]
    state: Option<RecordState>,
    /// Only filings of a province, by its code of two digits.
    province: Option<String>,
    /// Only filings of an account group.
    label: Option<String>,
    /// At most so many; a page of filings that do not fit is shorter.
    limit: Option<usize>,
    /// Where the last page ended.
    cursor: Option<String>,
}

/// Finds the account's filings by domain, number or a person's mobile, or lists all of them, filtered.
#[utoipa::path(post, path = "/filing-searches", tag = "filings", request_body = OwnSearch,
    responses((status = 200, body = Page<FilingView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    Body(asked): Body<OwnSearch>,
) -> Result<Answered, Problem> {
    let (field, sought) = match (asked.domain, asked.number, asked.mobile) {
        (Some(text), None, None) => ("/domain", DomainName::parse(&text).map(Sought::Domain)),
        (None, Some(text), None) => ("/number", IcpNumber::parse(&text).map(Sought::Number)),
        (None, None, Some(text)) => ("/mobile", Mobile::parse(&text).map(Sought::Mobile)),
        (None, None, None) => ("", Ok(Sought::Account(filer.account.clone()))),
        (_, _, _) => {
            let detail = Text::new(
                "domain、number、mobile至多填一项",
                "give at most one of domain, number and mobile",
            );
            return Err(Problem::one_of(&["/domain", "/number", "/mobile"], detail));
        }
    };
    let sought = sought.map_err(|fault| Problem::unread(field, &fault))?;
    let narrowed = Filter {
        province: asked.province,
        label: asked.label,
        state: asked.state,
    };
    let most = app.rulebook.policy.http.page_items as usize;
    let Paging { limit, cursor } = Paging::asked(asked.limit, asked.cursor, most)?;
    let by = By::filer(filer.account, filer.user, String::new());
    let listed = search(&app.store, &by, &sought, &narrowed, cursor.as_ref(), limit).await;
    let listed = listed.map_err(of_read)?;
    let views = listed
        .items
        .iter()
        .map(|stored| filing_view(stored, Viewer::Holder, inv.now));
    let items: Vec<FilingView> = views.collect();
    let next = listed.next.as_ref();
    Ok(Answered::read(&page_body(&items, next), None))
}
