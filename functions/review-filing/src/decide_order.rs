//! `POST /review/orders/{order}/decisions`: staff pass an order, or send it back with reasons.

use axum::extract::State;
use icp_domain::ids::OrderId;
use icp_domain::order::ReturnReason;
use icp_domain::{Invocation, Text};
use icp_http::views::{OrderHeadView, staff_order_answer};
use icp_http::{
    Answered, Body, IfMatch, Keyed, Now, Origin, PathIds, Problem, ProblemBody, ProblemKind, Staff,
};
use icp_use_cases::By;
use icp_use_cases::step_order::{Step, StepOrder, StepOrderRefused, step};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;

/// A decision on an order.
// Every variant has braces: serde refuses no unknown field of one without.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "decision")]
#[schema(example = json!({ "decision": "return", "reasons": [{ "field": "/services/0/name", "error": "网站名称不得含“中国”字样", "suggestion": "请改为与主办单位相符的名称" }] }))]
pub(crate) enum Decision {
    /// It goes on to the bureau.
    Pass {},
    /// It goes back to the filer.
    Return {
        /// What is to be mended, at least one entry.
        reasons: Vec<ReturnReason>,
    },
}

/// Passes an order on to the bureau, or sends it back.
#[utoipa::path(post, path = "/review/orders/{order}/decisions", tag = "review",
    request_body = Decision,
    params(("order" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 200, body = OrderHeadView), (status = 202, body = OrderHeadView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    staff: Staff,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds(order): PathIds<OrderId>,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
    Body(decision): Body<Decision>,
) -> Result<Answered, Problem> {
    let step = match decision {
        Decision::Pass {} => Step::Pass,
        Decision::Return { reasons } => Step::Return(some(reasons)?),
    };
    let by = By::staff(staff.user, staff.role, origin);
    stepped(
        app,
        inv,
        StepOrder {
            order,
            by,
            expected,
            step,
        },
        keyed,
    )
    .await
}

/// Reasons that say something: the filer has to know what to mend.
pub(crate) fn some(reasons: Vec<ReturnReason>) -> Result<Vec<ReturnReason>, Problem> {
    let faults = ReturnReason::faults(&reasons);
    if faults.is_empty() {
        return Ok(reasons);
    }
    let detail = Text::new(
        "退回原因须修改",
        "the reasons of the return are to be mended",
    );
    Err(Problem::client(ProblemKind::MalformedRequest, detail).violations(faults))
}

/// Takes a step of an order for staff.
pub(crate) async fn stepped(
    app: &App,
    mut inv: Invocation,
    command: StepOrder,
    keyed: Keyed,
) -> Result<Answered, Problem> {
    let repeat = keyed.rendered_by(staff_order_answer);
    // An order and its filing are large; they are on the heap, not in each caller's future.
    let stepping = step(&app.store, app.rulebook, &mut inv, repeat, command);
    let answer = Box::pin(stepping).await;
    answer
        .map(Answered)
        .map_err(|failure| Problem::of(failure, refused))
}

fn refused(refusal: StepOrderRefused) -> Problem {
    let text = refusal.text();
    match refusal {
        StepOrderRefused::Draft(violations) => {
            Problem::client(ProblemKind::DraftRefused, text).violations(violations)
        }
        StepOrderRefused::Claimed(_) => Problem::client(ProblemKind::ClaimedByOther, text),
        StepOrderRefused::SamePerson(_) => Problem::client(ProblemKind::SecondPersonNeeded, text),
        StepOrderRefused::Step(_)
        | StepOrderRefused::ConfirmationNeeded
        | StepOrderRefused::SubjectsOfAccount(_)
        | StepOrderRefused::OtherInFlight
        | StepOrderRefused::Approval(_) => Problem::client(ProblemKind::StepRefused, text),
    }
}
