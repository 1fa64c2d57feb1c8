//! `POST /orders/{order}/withdrawal`: withdraws an order.

use axum::extract::State;
use icp_domain::ids::OrderId;
use icp_http::views::{OrderHeadView, order_answer};
use icp_http::{Answered, Filer, IfMatch, Keyed, Now, Origin, PathIds, Problem, ProblemBody};
use icp_use_cases::By;
use icp_use_cases::step_order::{Step, StepOrder, step};

use crate::App;
use crate::refusals::of_step;

/// Takes an order back, until it is queued for the bureau.
#[utoipa::path(post, path = "/orders/{order}/withdrawal", tag = "orders",
    params(("order" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 200, body = OrderHeadView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    filer: Filer,
    Now(mut inv): Now,
    Origin(origin): Origin,
    PathIds(order): PathIds<OrderId>,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account, filer.user, origin);
    let command = StepOrder {
        order,
        by,
        expected,
        step: Step::Withdraw,
    };
    let repeat = keyed.rendered_by(order_answer);
    step(&app.store, app.rulebook, &mut inv, repeat, command)
        .await
        .map(Answered)
        .map_err(of_step)
}
