//! `POST /review/cases/{case}/appeal-decisions`, `/objection-decisions`, `/extensions`, `/exemptions`, `/readings`,
//! `/reports`, `/report-answers`: what staff decide of a case.

use axum::extract::State;
use icp_domain::Invocation;
use icp_domain::finding::StepRefused;
use icp_domain::ids::{CaseId, FindingId};
use icp_domain::reports::DecisionSays;
use icp_http::views::{CaseActedView, case_acted};
use icp_http::{
    Answered, Body, IfMatch, Keyed, Now, Origin, PathIds, Problem, ProblemBody, ProblemKind, Staff,
};
use icp_use_cases::By;
use icp_use_cases::act_on_case::{Act, ActOnCase, ActRefused, act};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;

/// A decision on an appeal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "finding": "3f6c0e1d2b4a59788796a5b4c3d2e1f0", "granted": true, "reason": "源站确在我司，CDN属已登记的前置" }))]
pub(crate) struct AppealDecision {
    /// Which finding.
    finding: FindingId,
    /// Whether the finding falls.
    granted: bool,
    /// Why.
    reason: String,
}

/// A decision on an objection.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "granted": true, "reason": "解析记录显示停止接入当日源站在我司" }))]
pub(crate) struct ObjectionDecision {
    /// Whether access is given again.
    granted: bool,
    /// Why.
    reason: String,
}

/// More days for a finding.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "finding": "3f6c0e1d2b4a59788796a5b4c3d2e1f0", "days": 15, "reason": "管局系统维护，变更备案暂不受理" }))]
pub(crate) struct StaffExtension {
    /// Which finding.
    finding: FindingId,
    /// Calendar days on top of the period.
    days: u32,
    /// Why.
    reason: String,
}

/// Decides the appeal against a finding: granted, it is closed; refused, its period runs on.
#[utoipa::path(post, path = "/review/cases/{case}/appeal-decisions", tag = "review",
    request_body = AppealDecision,
    params(("case" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 202, body = CaseActedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_appeal(
    State(app): State<&'static App>,
    staff: Staff,
    Now(inv): Now,
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
    let act = Act::DecideAppeal {
        finding,
        by: staff.user.clone(),
        granted,
        reason: icp_http::reason(reason)?,
    };
    acted(app, inv, (staff, origin), (case, expected), act, keyed).await
}

/// Decides the objection to a stop: granted, what was stopped is given back within minutes; refused, the stop stands.
#[utoipa::path(post, path = "/review/cases/{case}/objection-decisions", tag = "review",
    request_body = ObjectionDecision,
    params(("case" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 202, body = CaseActedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_objection(
    State(app): State<&'static App>,
    staff: Staff,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds(case): PathIds<CaseId>,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
    Body(ObjectionDecision { granted, reason }): Body<ObjectionDecision>,
) -> Result<Answered, Problem> {
    let act = Act::DecideObjection {
        by: staff.user.clone(),
        granted,
        reason: icp_http::reason(reason)?,
    };
    acted(app, inv, (staff, origin), (case, expected), act, keyed).await
}

/// Gives a finding more days, beside the filer's one extension.
#[utoipa::path(post, path = "/review/cases/{case}/extensions", tag = "review", request_body = StaffExtension,
    params(("case" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 202, body = CaseActedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_extension(
    State(app): State<&'static App>,
    staff: Staff,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds(case): PathIds<CaseId>,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
    Body(StaffExtension {
        finding,
        days,
        reason,
    }): Body<StaffExtension>,
) -> Result<Answered, Problem> {
    let most = app.rulebook.policy.cases.staff_extension_most_days;
    let refused = StepRefused::ExtensionTooLong(most).text();
    let act = Act::ExtendByStaff {
        finding,
        by: staff.user.clone(),
        days,
        reason: icp_http::reason_for_days(reason, days, (most, refused))?,
    };
    acted(app, inv, (staff, origin), (case, expected), act, keyed).await
}

/// An exemption from a rule.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "finding": "3f6c0e1d2b4a59788796a5b4c3d2e1f0", "until": "2026-06-30T16:00:00Z", "reason": "省局同意暂缓，见来函" }))]
pub(crate) struct Exemption {
    /// The finding whose rule and object are meant.
    finding: FindingId,
    /// First instant at which the rule speaks again.
    #[schema(value_type = String)]
    until: Timestamp,
    /// Why.
    reason: String,
}

/// Exempts a unit from the rule of a finding until an instant: the finding is closed, and the rule does not speak of its
/// object before. A stop that was made stands.
#[utoipa::path(post, path = "/review/cases/{case}/exemptions", tag = "review", request_body = Exemption,
    params(("case" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 202, body = CaseActedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_exemption(
    State(app): State<&'static App>,
    staff: Staff,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds(case): PathIds<CaseId>,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
    Body(Exemption {
        finding,
        until,
        reason,
    }): Body<Exemption>,
) -> Result<Answered, Problem> {
    let act = Act::Exempt {
        finding,
        by: staff.user.clone(),
        until,
        reason: icp_http::reason(reason)?,
    };
    acted(app, inv, (staff, origin), (case, expected), act, keyed).await
}

/// What staff saw of a finding.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "finding": "3f6c0e1d2b4a59788796a5b4c3d2e1f0", "says": "kept", "reason": "首页已标明备案号，见截图" }))]
pub(crate) struct Reading {
    /// Which finding.
    finding: FindingId,
    /// `kept` or `broken`.
    says: DecisionSays,
    /// On what that rests. Name nobody in it.
    reason: String,
}

/// Records what staff saw of a finding that machines cannot decide, or that a bureau demanded. Kept, it is closed at any
/// time; broken, it is condemned once its period is over. For 180 days it stands for what machines cannot decide of
/// the rule.
#[utoipa::path(post, path = "/review/cases/{case}/readings", tag = "review", request_body = Reading,
    params(("case" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 202, body = CaseActedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_reading(
    State(app): State<&'static App>,
    staff: Staff,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds(case): PathIds<CaseId>,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
    Body(Reading {
        finding,
        says,
        reason,
    }): Body<Reading>,
) -> Result<Answered, Problem> {
    let act = Act::Read {
        finding,
        by: staff.user.clone(),
        broken: says == DecisionSays::Broken,
        reason: icp_http::reason(reason)?,
    };
    acted(app, inv, (staff, origin), (case, expected), act, keyed).await
}

/// What the bureau answered to the report of a cancellation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "answer": "cancelled", "reason": "管局系统显示已取消接入" }))]
pub(crate) struct ReportAnswer {
    /// `cancelled` or `refused`.
    answer: BureauSays,
    /// What it said. Name nobody in it.
    reason: String,
}

/// What a bureau answers to a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum BureauSays {
    /// 已取消接入.
    Cancelled,
    /// 退回.
    Refused,
}

/// Records what the bureau answered to the report of a cancellation: cancelled, the links go off our record and the case
/// is closed; refused, they are stopped as before, and machines report no second time.
#[utoipa::path(post, path = "/review/cases/{case}/report-answers", tag = "review", request_body = ReportAnswer,
    params(("case" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 202, body = CaseActedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn of_report(
    State(app): State<&'static App>,
    staff: Staff,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds(case): PathIds<CaseId>,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
    Body(ReportAnswer { answer, reason }): Body<ReportAnswer>,
) -> Result<Answered, Problem> {
    let act = Act::RecordReportAnswer {
        by: staff.user.clone(),
        cancelled: answer == BureauSays::Cancelled,
        reason: icp_http::reason(reason)?,
    };
    acted(app, inv, (staff, origin), (case, expected), act, keyed).await
}

/// A report that is made again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "reason": "已按管局意见补充说明" }))]
pub(crate) struct ReportAgain {
    /// Why.
    reason: String,
}

/// Reports a cancellation again that the bureau refused.
#[utoipa::path(post, path = "/review/cases/{case}/reports", tag = "review", request_body = ReportAgain,
    params(("case" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 202, body = CaseActedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn again(
    State(app): State<&'static App>,
    staff: Staff,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds(case): PathIds<CaseId>,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
    Body(ReportAgain { reason }): Body<ReportAgain>,
) -> Result<Answered, Problem> {
    let act = Act::ReportAgain {
        by: staff.user.clone(),
        reason: icp_http::reason(reason)?,
    };
    acted(app, inv, (staff, origin), (case, expected), act, keyed).await
}

pub(crate) async fn acted(
    app: &App,
    mut inv: Invocation,
    (staff, origin): (Staff, String),
    (case, expected): (CaseId, u64),
    wanted: Act,
    keyed: Keyed,
) -> Result<Answered, Problem> {
    let command = ActOnCase {
        case,
        by: By::staff(staff.user, staff.role, origin),
        expected,
        act: wanted,
    };
    let repeat = keyed.rendered_by(case_acted);
    let done = act(&app.store, app.rulebook, &mut inv, repeat, command).await;
    done.map(|(answer, _looks)| Answered(answer))
        .map_err(|failure| Problem::of(failure, |refusal| refused(&refusal)))
}

/// Why an act of the staff on a case is refused.
fn refused(refusal: &ActRefused) -> Problem {
    match (refusal, refusal.field()) {
        (ActRefused::Claimed(_), _) => Problem::client(ProblemKind::ClaimedByOther, refusal.text()),
        (_, Some(field)) => Problem::of_field(field, refusal.text()),
        (_, None) => Problem::client(ProblemKind::StepRefused, refusal.text()),
    }
}
