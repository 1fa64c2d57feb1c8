//! `POST /orders/{order}/edits`: replaces a draft.

use axum::extract::State;
use icp_domain::ids::OrderId;
use icp_domain::order::TypedDraft;
use icp_http::views::{OrderHeadView, order_answer};
use icp_http::{Answered, Body, Filer, IfMatch, Keyed, Now, Origin, PathIds, Problem, ProblemBody};
use icp_use_cases::By;
use icp_use_cases::draft_order::{EditOrder, edit};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::refusals::of_draft;

/// A draft in place of the one before.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = icp_http::example::edit)]
pub(crate) struct Edit {
    /// The draft.
    draft: TypedDraft,
}

/// Replaces a draft that is not yet submitted, or that came back.
#[utoipa::path(post, path = "/orders/{order}/edits", tag = "orders", request_body = Edit,
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
    Body(Edit { draft }): Body<Edit>,
) -> Result<Answered, Problem> {
    let by = By::filer(filer.account, filer.user, origin);
    let command = EditOrder {
        order,
        by,
        expected,
        draft,
    };
    let repeat = keyed.rendered_by(order_answer);
    edit(&app.store, app.rulebook, &mut inv, repeat, command)
        .await
        .map(Answered)
        .map_err(of_draft)
}
