//! `POST /review/cases/{case}/calls`: staff called somebody whom no notice reached.

use axum::extract::State;
use icp_domain::case::CallOutcome;
use icp_domain::ids::{CaseId, PersonId};
use icp_http::views::case_acted;
use icp_http::{
    Answered, Body, IfMatch, Keyed, Now, Origin, PathIds, Problem, ProblemBody, ProblemKind, Staff,
    reason,
};
use icp_use_cases::By;
use icp_use_cases::act_on_case::{Act, ActOnCase, ActRefused, act};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;

/// A call as it ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "person": "p1", "outcome": "no-answer", "note": "上午约定时段拨打，响铃未接" }))]
pub(crate) struct RecordedCall {
    /// The person of the filing who was called.
    #[schema(value_type = String)]
    person: PersonId,
    /// `is-the-person` (spoken to, and told of the findings), `is-another`, `does-not-know`, `no-answer`,
    /// `switched-off` or `no-such-number`.
    #[schema(value_type = String)]
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
    responses((status = 202), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn handle(
    State(app): State<&'static App>,
    staff: Staff,
    Now(mut inv): Now,
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
    let command = ActOnCase {
        case,
        by: By::staff(staff.user, staff.role, origin),
        expected,
        act: act_on,
    };
    let repeat = keyed.rendered_by(case_acted);
    let done = act(&app.store, app.rulebook, &mut inv, repeat, command).await;
    done.map(|(answer, _looks)| Answered(answer))
        .map_err(|failure| Problem::of(failure, |refusal| refused(&refusal)))
}

/// Why an act of the staff on a case is refused.
pub(crate) fn refused(refusal: &ActRefused) -> Problem {
    let kind = match refusal {
        ActRefused::NoSuchPerson(_) | ActRefused::Slot(_) => ProblemKind::MalformedRequest,
        ActRefused::Claimed(_) => ProblemKind::ClaimedByOther,
        ActRefused::Step(_) | ActRefused::NothingOpen | ActRefused::TooMany(_) => {
            ProblemKind::StepRefused
        }
    };
    Problem::client(kind, refusal.text())
}
