//! `GET …/persons`: who must be verified, and who is.

use axum::extract::State;
use icp_domain::ids::{OrderId, SubjectId};
use icp_http::views::{ContactView, contact_view};
use icp_http::{Answered, Filer, Now, Page, PathIds, Problem, ProblemBody, page_body};
use icp_store::records::Holder;
use icp_use_cases::By;
use icp_use_cases::contacts::contacts;
use jiff::Timestamp;

use crate::App;

/// The persons of a filing, masked: state, proof, the code that counts, when the next may be asked for.
#[utoipa::path(get, path = "/filings/{subject}/persons", tag = "contacts",
    params(("subject" = String, Path)),
    responses((status = 200, body = Page<ContactView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_filing(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    PathIds(subject): PathIds<SubjectId>,
) -> Result<Answered, Problem> {
    listed(app, filer, &Holder::Filing(subject), inv.now).await
}

/// The persons of an order's draft, masked, with the proofs that move to the filing at approval.
#[utoipa::path(get, path = "/orders/{order}/persons", tag = "contacts",
    params(("order" = String, Path)),
    responses((status = 200, body = Page<ContactView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_order(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    PathIds(order): PathIds<OrderId>,
) -> Result<Answered, Problem> {
    listed(app, filer, &Holder::Order(order), inv.now).await
}

async fn listed(
    app: &App,
    filer: Filer,
    holder: &Holder,
    now: Timestamp,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account, filer.user, String::new());
    let found = contacts(&app.store, app.rulebook, &by, holder, now).await;
    let found = found.map_err(|failure| Problem::of(failure, |never| match never {}))?;
    let views: Vec<ContactView> = found.iter().map(contact_view).collect();
    Ok(Answered::read(&page_body(&views, None), None))
}
