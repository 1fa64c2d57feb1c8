//! `POST /orders/{order}/submission`: submits an order.

use axum::extract::State;
use icp_domain::ids::OrderId;
use icp_http::views::{OrderHeadView, order_answer};
use icp_http::{
    Answered, Filer, IfMatch, Keyed, MaybeBody, Now, Origin, PathIds, Problem, ProblemBody,
};
use icp_use_cases::By;
use icp_use_cases::step_order::{Step, StepOrder, step};
use icp_use_cases::weigh_order::Confirmation;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::refusals::of_step;

/// The confirmation of a loss.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "confirmation": "0001.eyJvcmRlciI6Ii4uLiJ9.c2lnbmF0dXJl", "typed": "京ICP备2026000001号-1" }))]
pub(crate) struct Submission {
    /// The token that `POST /orders/{order}/consequences` gave.
    confirmation: String,
    /// The number that will be lost, as that answer named it: of the site, or of the subject.
    typed: String,
}

/// Submits an order for review. Every number must be verified. A deregistration wants a body: the
/// confirmation that its consequences were seen.
#[utoipa::path(post, path = "/orders/{order}/submission", tag = "orders",
    request_body = Option<Submission>,
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
    MaybeBody(submission): MaybeBody<Submission>,
) -> Result<Answered, Problem> {
    let confirmation = submission.map(|given| Confirmation {
        token: given.confirmation,
        typed: given.typed,
    });
    let by = By::filer(filer.account, filer.user, origin);
    let command = StepOrder {
        order,
        by,
        expected,
        step: Step::Submit(confirmation),
    };
    let repeat = keyed.rendered_by(order_answer);
    step(&app.store, app.rulebook, &mut inv, repeat, command)
        .await
        .map(Answered)
        .map_err(of_step)
}
