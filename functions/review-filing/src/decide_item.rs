//! `POST /review/items/{item}/decisions`: staff decide what machines could not.

use axum::extract::State;
use icp_domain::finding::{FaultyObject, Object};
use icp_domain::reports::DecisionSays;
use icp_http::{
    Answered, Body, DoneView, Keyed, Now, Origin, PathIds, Problem, ProblemBody, ProblemKind,
    Staff, reason,
};
use icp_use_cases::By;
use icp_use_cases::decide_doubt::{DecideDoubt, DecideRefused, decide_doubt};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::queue::unit;
use crate::reports::taken;

/// A decision on one thing that an item asks.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "rule": "ICP-505", "object": { "kind": "service" }, "says": "kept", "reason": "标题为该单位英文名称" }))]
pub(crate) struct ItemDecision {
    /// The rule's code, as the item names it.
    rule: String,
    /// What it is about, as the item names it.
    #[schema(value_type = FaultyObject)]
    object: Object,
    /// `kept` or `broken`.
    says: DecisionSays,
    /// On what that rests; where it is broken, the filer reads it. Name nobody in it.
    reason: String,
}

/// Decides one thing that an item asks. For 180 days it stands for what machines cannot decide of it, while the
/// facts are the same; what a machine sees for itself stands above it. It names what it decides, and is refused
/// where that was decided before, so no version is asked for.
#[utoipa::path(post, path = "/review/items/{item}/decisions", tag = "review",
    request_body = ItemDecision,
    params(("item" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 202, body = DoneView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    staff: Staff,
    Now(mut inv): Now,
    Origin(origin): Origin,
    PathIds(item): PathIds<String>,
    keyed: Keyed,
    Body(new): Body<ItemDecision>,
) -> Result<Answered, Problem> {
    let command = DecideDoubt {
        unit: unit(&item).ok_or_else(Problem::not_found)?,
        rule: new.rule,
        object: new.object,
        says: new.says,
        reason: reason(new.reason)?,
        user: staff.user.clone(),
        by: By::staff(staff.user, staff.role, origin),
    };
    let repeat = keyed.rendered_by(taken);
    let answer = decide_doubt(&app.store, app.rulebook, &mut inv, repeat, command).await;
    answer.map(Answered).map_err(|failure| {
        Problem::of(failure, |refusal| {
            let kind = match refusal {
                DecideRefused::NotAsked => ProblemKind::StepRefused,
                DecideRefused::Claimed(_) => ProblemKind::ClaimedByOther,
            };
            Problem::client(kind, refusal.text())
        })
    })
}
