//! `POST /review/orders/{order}/bureau-results`: records what the bureau did. Nothing here is
//! invented: each result is one that staff read at the bureau.

use axum::extract::State;
use icp_domain::ids::OrderId;
use icp_domain::order::{Approval, ReturnReason};
use icp_http::views::OrderHeadView;
use icp_http::{Answered, Body, IfMatch, Keyed, Now, Origin, PathIds, Problem, ProblemBody, Staff};
use icp_use_cases::By;
use icp_use_cases::step_order::{Step, StepOrder};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::decide_order::{some, stepped};

/// A result of the bureau.
// Every variant has braces: serde refuses no unknown field of one without.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "result")]
#[schema(example = json!({ "result": "approved", "approval": { "number": "京ICP备2026000001号", "services": [{ "service": "1", "number": "京ICP备2026000001号-1" }] } }))]
pub(crate) enum BureauResult {
    /// It was sent; the bureau's SMS check runs.
    Sent {},
    /// All named persons answered the bureau.
    SmsDone {},
    /// They did not, within the bureau's time.
    SmsNotDone {},
    /// It rejects the order.
    Rejected {
        /// Its reasons.
        reasons: Vec<ReturnReason>,
    },
    /// It approves the order.
    Approved {
        /// The numbers that it gave.
        approval: Approval,
    },
}

/// Records a result of the bureau.
#[utoipa::path(post, path = "/review/orders/{order}/bureau-results", tag = "review",
    request_body = BureauResult,
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
    Body(result): Body<BureauResult>,
) -> Result<Answered, Problem> {
    let step = match result {
        BureauResult::Sent {} => Step::Send,
        BureauResult::SmsDone {} => Step::SmsDone,
        BureauResult::SmsNotDone {} => Step::SmsNotDone,
        BureauResult::Rejected { reasons } => Step::Reject(some(reasons)?),
        BureauResult::Approved { approval } => Step::Approve(approval),
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
