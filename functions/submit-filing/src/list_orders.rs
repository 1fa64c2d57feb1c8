//! `GET /orders`: the account's orders.

use axum::extract::State;
use icp_http::views::OrderHeadView;
use icp_http::{Answered, Filer, Page, Paging, Problem, ProblemBody, page_body};
use icp_use_cases::read;

use crate::App;
use crate::refusals::of_read;

/// The account's orders.
#[utoipa::path(get, path = "/orders", tag = "orders",
    params(("limit" = Option<i32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<OrderHeadView>), (status = "4XX", body = ProblemBody)))]
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
    let items: Vec<OrderHeadView> = listed
        .items
        .iter()
        .map(|(order, version)| OrderHeadView::of(order, *version))
        .collect();
    Ok(Answered::read(
        &page_body(&items, listed.next.as_ref()),
        None,
    ))
}
