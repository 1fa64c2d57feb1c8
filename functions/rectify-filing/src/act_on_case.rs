//! `POST /cases/{case}/rechecks`, `/extensions`, `/appeals`, `/objections`, `/call-slots`: what a filer does about a
//! case.

use axum::extract::State;
use icp_domain::finding::Grounds;
use icp_domain::ids::{CaseId, FindingId, MaterialId, OrderId, PersonId};
use icp_domain::{Invocation, Text};
use icp_http::views::{CaseActedView, case_acted};
use icp_http::{
    Answered, Body, Filer, IfMatch, Keyed, Now, Origin, PathIds, Problem, ProblemBody, ProblemKind,
};
use icp_use_cases::By;
use icp_use_cases::act_on_case::{Act, ActOnCase, ActRefused, act};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::self_check::slow_down;

/// A longer period for one finding.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "finding": "3f6c0e1d2b4a59788796a5b4c3d2e1f0", "days": 7, "reason": "负责人出差，材料需补盖公章" }))]
pub(crate) struct Extend {
    /// Which finding.
    finding: FindingId,
    /// Calendar days on top of the period.
    days: u32,
    /// Why.
    reason: String,
}

/// An appeal against one finding.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "finding": "3f6c0e1d2b4a59788796a5b4c3d2e1f0", "reason": "网站经CDN接入，源站在贵司，解析记录见工单" }))]
pub(crate) struct AppealAgainst {
    /// Which finding.
    finding: FindingId,
    /// Why.
    reason: String,
    /// What is new in it. A second appeal wants one that the first did not bring.
    #[serde(default)]
    material: Option<BroughtMaterial>,
}

/// A file that was uploaded to an order of the filing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "order": "7a6b5c4d3e2f10987a6b5c4d3e2f1098", "material": "1f2e3d4c5b6a79881f2e3d4c5b6a7988" }))]
pub(crate) struct BroughtMaterial {
    /// The order.
    order: OrderId,
    /// The file.
    material: MaterialId,
}

/// An objection to a stop.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "reason": "源站一直在贵司，停止接入当日解析记录见工单" }))]
pub(crate) struct Objection {
    /// What it says: `wrong` (where nothing is said), or `put-right`.
    #[serde(default)]
    grounds: Grounds,
    /// Why; or what was put right.
    reason: String,
}

/// Has every open finding of a case looked at again, at once.
#[utoipa::path(post, path = "/cases/{case}/rechecks", tag = "cases",
    params(("case" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 202, body = CaseActedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn recheck(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds(case): PathIds<CaseId>,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
) -> Result<Answered, Problem> {
    let of = (case, expected);
    acted(app, inv, (filer, origin), of, Act::Recheck, keyed).await
}

/// Takes the one extension of a finding.
#[utoipa::path(post, path = "/cases/{case}/extensions", tag = "cases", request_body = Extend,
    params(("case" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 202, body = CaseActedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn extend(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds(case): PathIds<CaseId>,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
    Body(Extend {
        finding,
        days,
        reason,
    }): Body<Extend>,
) -> Result<Answered, Problem> {
    let most = app.rulebook.policy.cases.extension_most_days;
    let refused = Text::new(
        format!("延期须为1至{most}天，且不超过整改期的天数"),
        format!("an extension has 1 to {most} days, and no more than the period"),
    );
    let act = Act::Extend {
        finding,
        days,
        reason: icp_http::reason_for_days(reason, days, (most, refused))?,
    };
    acted(app, inv, (filer, origin), (case, expected), act, keyed).await
}

/// Appeals against a finding; its period stands still until the appeal is decided. A second appeal wants new material.
#[utoipa::path(post, path = "/cases/{case}/appeals", tag = "cases", request_body = AppealAgainst,
    params(("case" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 202, body = CaseActedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn appeal(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds(case): PathIds<CaseId>,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
    Body(AppealAgainst {
        finding,
        reason,
        material,
    }): Body<AppealAgainst>,
) -> Result<Answered, Problem> {
    let act = Act::Appeal {
        finding,
        reason: icp_http::reason(reason)?,
        material: material.map(|new| (new.order, new.material)),
    };
    acted(app, inv, (filer, origin), (case, expected), act, keyed).await
}

/// Objects to the stop that the case led to, within ten working days of it: that it was wrong, or (`put-right`) that it was
/// right and what it was for is put right, which may be said again after each refusal. Nothing is reported to the bureau
/// until the objection is decided.
#[utoipa::path(post, path = "/cases/{case}/objections", tag = "cases", request_body = Objection,
    params(("case" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 202, body = CaseActedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn object(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds(case): PathIds<CaseId>,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
    Body(Objection { grounds, reason }): Body<Objection>,
) -> Result<Answered, Problem> {
    let act = Act::Object {
        grounds,
        reason: icp_http::reason(reason)?,
    };
    acted(app, inv, (filer, origin), (case, expected), act, keyed).await
}

/// When a person of the filing wants to be called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "person": "p1", "from": "2026-03-06T14:00:00+08:00" }))]
pub(crate) struct WantedCall {
    /// Whom to call.
    person: PersonId,
    /// From when; the slot is two hours long.
    #[schema(value_type = String)]
    from: Timestamp,
}

/// Chooses a slot in which staff call a person of the filing: the way of a landline, or where no text arrives.
#[utoipa::path(post, path = "/cases/{case}/call-slots", tag = "cases", request_body = WantedCall,
    params(("case" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 202, body = CaseActedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn choose_call_slot(
    State(app): State<&'static App>,
    filer: Filer,
    Now(inv): Now,
    Origin(origin): Origin,
    PathIds(case): PathIds<CaseId>,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
    Body(WantedCall { person, from }): Body<WantedCall>,
) -> Result<Answered, Problem> {
    let act = Act::ChooseCallSlot { person, from };
    acted(app, inv, (filer, origin), (case, expected), act, keyed).await
}

async fn acted(
    app: &App,
    mut inv: Invocation,
    (filer, origin): (Filer, String),
    (case, expected): (CaseId, u64),
    wanted: Act,
    keyed: Keyed,
) -> Result<Answered, Problem> {
    let command = ActOnCase {
        case,
        by: By::filer(filer.account, filer.user, origin),
        expected,
        act: wanted,
    };
    let repeat = keyed.rendered_by(case_acted);
    let done = act(&app.store, app.rulebook, &mut inv, repeat, command).await;
    let (answer, looks) =
        done.map_err(|failure| Problem::of(failure, |refusal| refused(&refusal, inv.now)))?;
    // The act is committed: a look that is lost here is sent again by its own wake.
    if let Err(error) = app.looks.send(&looks).await {
        tracing::warn!(
            "looks were not sent, and will be again: {}",
            icp_runtime::Chain(&error)
        );
    }
    Ok(Answered(answer))
}

fn refused(refusal: &ActRefused, now: Timestamp) -> Problem {
    match (refusal, refusal.field()) {
        (ActRefused::TooMany(until), _) => slow_down(refusal.text(), *until, now),
        (_, Some(field)) => Problem::of_field(field, refusal.text()),
        (_, None) => Problem::client(ProblemKind::StepRefused, refusal.text()),
    }
}
