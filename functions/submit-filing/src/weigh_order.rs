//! `POST /orders/{order}/consequences`: what a deregistration takes away, before it is submitted.

use axum::extract::State;
use icp_domain::Text;
use icp_domain::identifiers::IcpNumber;
use icp_domain::ids::OrderId;
use icp_domain::way_back::{Advice, Situation};
use icp_http::{Answered, Body, Filer, Now, PathIds, Problem, ProblemBody};
use icp_use_cases::By;
use icp_use_cases::weigh_order::weigh;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::refusals::of_weighing;

/// What the order takes away, and how it is confirmed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConsequencesView {
    /// Numbers that are lost for good.
    loses: Vec<IcpNumber>,
    /// What the way back says of each service that is to go: questions that are open, or a gentler way.
    advice: Vec<Advice>,
    /// Whether the way back itself leads to this order.
    is_the_way: bool,
    /// Why there is no confirmation; null where there is one.
    withheld: Option<Text>,
    /// The number to type with the confirmation.
    number: Option<IcpNumber>,
    /// Submits the order, typed number beside it; null while something stands before it. It holds for an
    /// hour, and for the order and filing as they are now.
    confirmation: Option<String>,
}

/// Shows what a deregistration takes away for good. The body is the situation as for `POST /way-back`:
/// what only the filer knows. What the filing's own rows tell stands above it.
#[utoipa::path(post, path = "/orders/{order}/consequences", tag = "orders", request_body(content = Situation, example = icp_http::example::situation),
    params(("order" = String, Path)),
    responses((status = 200, body = ConsequencesView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    PathIds(order): PathIds<OrderId>,
    Body(said): Body<Situation>,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account, filer.user, String::new());
    let weighed = weigh(&app.store, app.rulebook, inv.now, &by, &order, &said).await;
    let weighed = weighed.map_err(of_weighing)?;
    let view = ConsequencesView {
        withheld: weighed.consequences.withheld(),
        loses: weighed.consequences.loses,
        advice: weighed.consequences.advice,
        is_the_way: weighed.consequences.is_the_way,
        number: weighed.number,
        confirmation: weighed.confirmation,
    };
    Ok(Answered::read(&view, None))
}
