//! `POST /review/cases/{case}/calls`: staff called somebody whom no notice reached.

use axum::extract::State;
use icp_domain::case::CallOutcome;
use icp_domain::ids::{CaseId, PersonId};
use icp_http::views::CaseActedView;
use icp_http::{
    Answered, Body, IfMatch, Keyed, Now, Origin, PathIds, Problem, ProblemBody, Staff, reason,
};
use icp_use_cases::act_on_case::Act;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::decide_case::acted;

/// A call as it ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "person": "p1", "outcome": "no-answer", "note": "上午约定时段拨打，响铃未接" }))]
pub(crate) struct RecordedCall {
    /// The person of the filing who was called.
    person: PersonId,
    /// `is-the-person` (spoken to, and told of the findings), `is-another`, `does-not-know`, `no-answer`,
    /// `switched-off` or `no-such-number`.
    outcome: CallOutcome,
    /// What there is to note; name nobody in it.
    #[serde(default)]
    note: Option<String>,
}

/// Records a call about a case. Whoever was reached is told by it; calls in vain on two working days
/// begin the period as well. What it says of the number is evidence from now on.
#[utoipa::path(post, path = "/review/cases/{case}/calls", tag = "review",
    request_body = RecordedCall,
    params(("case" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 202, body = CaseActedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    staff: Staff,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds(case): PathIds<CaseId>,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
    Body(call): Body<RecordedCall>,
) -> Result<Answered, Problem> {
    let act_on = Act::RecordCall {
        by: staff.user.clone(),
        person: call.person,
        outcome: call.outcome,
        note: call.note.map(reason).transpose()?,
    };
    acted(app, inv, (staff, origin), (case, expected), act_on, keyed).await
}
