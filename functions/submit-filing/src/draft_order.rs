//! `POST /orders`: begins an order.

use axum::extract::State;
use icp_domain::ids::SubjectId;
use icp_domain::order::{OrderKind, TypedDraft};
use icp_http::views::{OrderHeadView, order_answer};
use icp_http::{Answered, Body, Filer, Keyed, Now, Origin, Problem, ProblemBody};
use icp_use_cases::By;
use icp_use_cases::draft_order::{DraftOrder, draft};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::refusals::of_draft;

/// An order to begin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = icp_http::example::order)]
pub(crate) struct BeginOrder {
    /// The wish.
    kind: OrderKind,
    /// The filing to change; none for a first filing.
    subject: Option<SubjectId>,
    /// The draft, as far as it is known.
    #[serde(default)]
    draft: TypedDraft,
}

/// Begins an order. The draft may be half done; it is checked when it is submitted.
#[utoipa::path(post, path = "/orders", tag = "orders", request_body = BeginOrder,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = OrderHeadView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    filer: Filer,
    Now(mut inv): Now,
    Origin(origin): Origin,
    keyed: Keyed,
    Body(begin): Body<BeginOrder>,
) -> Result<Answered, Problem> {
    let command = DraftOrder {
        account: filer.account.clone(),
        by: By::filer(filer.account, filer.user, origin),
        kind: begin.kind,
        subject: begin.subject,
        draft: begin.draft,
    };
    let repeat = keyed.rendered_by(order_answer);
    draft(&app.store, app.rulebook, &mut inv, repeat, command)
        .await
        .map(Answered)
        .map_err(of_draft)
}
