//! `POST /review/cases/{case}/appeal-decisions`: staff decide an appeal.

use axum::extract::State;
use icp_domain::ids::{CaseId, FindingId};
use icp_http::views::case_acted;
use icp_http::{Answered, Body, IfMatch, Keyed, Now, Origin, PathIds, Problem, ProblemBody, Staff};
use icp_use_cases::By;
use icp_use_cases::act_on_case::{Act, ActOnCase, act};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::record_call::refused;

/// A decision on an appeal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "finding": "3f6c0e1d2b4a59788796a5b4c3d2e1f0", "granted": true, "reason": "源站确在我司，CDN属已登记的前置" }))]
pub(crate) struct AppealDecision {
    /// Which finding.
    #[schema(value_type = String)]
    finding: FindingId,
    /// Whether the finding falls.
    granted: bool,
    /// Why.
    reason: String,
}

/// Decides the appeal against a finding: granted, it is closed; refused, its period runs on.
#[utoipa::path(post, path = "/review/cases/{case}/appeal-decisions", tag = "review",
    request_body = AppealDecision,
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
    Body(AppealDecision {
        finding,
        granted,
        reason,
    }): Body<AppealDecision>,
) -> Result<Answered, Problem> {
    let act_on = Act::DecideAppeal {
        finding,
        by: staff.user.clone(),
        granted,
        reason: icp_http::reason(reason)?,
    };
    let by = By::staff(staff.user, staff.role, origin);
    let command = ActOnCase {
        case,
        by,
        expected,
        act: act_on,
    };
    let repeat = keyed.rendered_by(case_acted);
    let done = act(&app.store, app.rulebook, &mut inv, repeat, command).await;
    done.map(|(answer, _looks)| Answered(answer))
        .map_err(|failure| Problem::of(failure, |refusal| refused(&refusal)))
}
