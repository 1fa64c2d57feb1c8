//! `POST /filing-searches`: the account's filings by domain, number or a person's mobile.

use axum::extract::State;
use icp_domain::Text;
use icp_domain::identifiers::{DomainName, IcpNumber, Mobile};
use icp_http::views::{FilingView, filing_view};
use icp_http::{Answered, Body, Filer, Now, Page, Problem, ProblemBody, ProblemKind, page_body};
use icp_use_cases::By;
use icp_use_cases::search_filings::{Filter, Sought, search};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::refusals::of_read;

/// What is looked for: one of the three. A mobile is asked for in a body, since paths are logged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct OwnSearch {
    /// A domain.
    domain: Option<String>,
    /// A number, of the subject or of a service.
    number: Option<String>,
    /// A person's mobile.
    mobile: Option<String>,
}

/// Finds the account's filings by domain, number or a person's mobile.
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
        (_, _, _) => {
            let detail = Text::new(
                "请提供domain、number、mobile之一",
                "give one of domain, number and mobile",
            );
            return Err(Problem::client(ProblemKind::MalformedRequest, detail));
        }
    };
    let sought = sought.map_err(|fault| Problem::unread(field, &fault))?;
    let by = By::filer(filer.account, filer.user, String::new());
    let listed = search(&app.store, &by, &sought, &Filter::default(), None, 1).await;
    let listed = listed.map_err(of_read)?;
    let views = listed
        .items
        .iter()
        .map(|stored| filing_view(stored, inv.now));
    let items: Vec<FilingView> = views.collect();
    Ok(Answered::read(&page_body(&items, None), None))
}
