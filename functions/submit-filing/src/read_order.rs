//! `GET /orders/{order}`: an order with its draft.

use axum::extract::State;
use icp_domain::ids::OrderId;
use icp_http::views::{OrderView, order_view};
use icp_http::{Answered, Filer, PathIds, Problem, ProblemBody};
use icp_use_cases::By;
use icp_use_cases::read;

use crate::App;
use crate::refusals::of_read;

/// An order with its draft.
#[utoipa::path(get, path = "/orders/{order}", tag = "orders", params(("order" = String, Path)),
    responses((status = 200, body = OrderView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    filer: Filer,
    PathIds(order): PathIds<OrderId>,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account, filer.user, String::new());
    let stored = read::order(&app.store, &by, &order)
        .await
        .map_err(of_read)?;
    Ok(Answered::read(
        &order_view(&stored, app.rulebook),
        Some(stored.version()),
    ))
}
