//! `GET /orders`: the account's orders.

use axum::extract::State;
use icp_domain::ids::UnitId;
use icp_http::views::{AboutView, OrderHeadView};
use icp_http::{Answered, Filer, Page, Paging, Problem, ProblemBody, page_body};
use icp_use_cases::read;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::refusals::of_read;

/// An order as its account's list shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedOrderView {
    /// The order.
    #[serde(flatten)]
    head: OrderHeadView,
    /// Its subject; what is not filed yet has neither name nor number.
    about: AboutView,
}

/// The account's orders, the newest first.
#[utoipa::path(get, path = "/orders", tag = "orders",
    params(("limit" = Option<i32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<ListedOrderView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    filer: Filer,
    paging: Paging,
) -> Result<Answered, Problem> {
    let listed = read::orders_of(
        &app.store,
        &filer.account,
        paging.cursor.as_ref(),
        paging.limit,
    );
    let listed = listed.await.map_err(of_read)?;
    let subjects = listed.items.iter().map(|(order, _)| &order.subject);
    let filings = app.store.filings(subjects).await.map_err(Problem::fault)?;
    let views = listed.items.iter().map(|(order, version)| ListedOrderView {
        about: AboutView::among(&UnitId::of_subject(order.subject.clone()), &filings),
        head: OrderHeadView::of(order, *version),
    });
    let items: Vec<ListedOrderView> = views.collect();
    Ok(Answered::read(
        &page_body(&items, listed.next.as_ref()),
        None,
    ))
}
