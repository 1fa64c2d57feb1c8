//! `/operations/voids`: findings that were wrong are taken back together.

use axum::extract::State;
use icp_domain::Text;
use icp_domain::ids::VoidId;
use icp_domain::void::{Void, VoidCounts, VoidRefused, VoidSample, VoidStage, VoidTerms};
use icp_http::{
    Answered, Body, IfMatch, Keyed, Now, Page, PathIds, Problem, ProblemBody, ProblemKind, Staff,
    page_body, reason,
};
use icp_store::Answer;
use icp_use_cases::voids::{ConfirmVoid, ProposeRefused, ProposeVoid, VoidAfter, confirm, propose};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::App;
use crate::logged::logged;

/// Findings that were wrong: which, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "rule": "ICP-402", "from": "2026-03-02T00:00:00Z", "until": "2026-03-03T00:00:00Z", "reason": "地址文件缺少新启用的网段，核查结果有误" }))]
pub(crate) struct NewVoid {
    /// Of this rule. A rule, a campaign or a vantage is named; of several, all hold.
    #[serde(default)]
    rule: Option<String>,
    /// That this campaign found.
    #[serde(default)]
    campaign: Option<icp_domain::ids::CampaignId>,
    /// That rest on a look from this vantage.
    #[serde(default)]
    vantage: Option<icp_domain::ids::VantageId>,
    /// That joined their cases from then on.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// And before; now, where none is given.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    until: Option<Timestamp>,
    /// Why they were wrong. Name nobody in it.
    reason: String,
}

/// A void, and how far it has come.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct VoidView {
    /// Its id.
    id: String,
    /// Which findings, and why.
    terms: VoidTerms,
    /// When it was proposed.
    #[schema(value_type = String)]
    proposed_at: Timestamp,
    /// By whom.
    proposed_by: String,
    /// `counting`, `counted`, `voiding` or `done`, with who confirmed it.
    stage: VoidStage,
    /// What the dry run counted: findings by what becomes of them, and their cases.
    counted: VoidCounts,
    /// What was voided.
    voided: VoidCounts,
    /// Some of what the dry run counted, to look at.
    samples: Vec<VoidSample>,
    /// Its version, for `If-Match`.
    version: u64,
}

fn view(void: &Void, version: u64) -> VoidView {
    VoidView {
        id: void.id.to_string(),
        terms: void.terms.clone(),
        proposed_at: void.proposed_at,
        proposed_by: void.proposed_by.to_string(),
        stage: void.stage.clone(),
        counted: void.counted,
        voided: void.voided,
        samples: void.samples.clone(),
        version,
    }
}

/// Proposes a void: its dry run counts, within minutes, what it would take back, and changes nothing.
#[utoipa::path(post, path = "/operations/voids", tag = "operations", request_body = NewVoid,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 202, body = VoidView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn begin(
    State(app): State<&'static App>,
    staff: Staff,
    Now(mut inv): Now,
    keyed: Keyed,
    Body(new): Body<NewVoid>,
) -> Result<Answered, Problem> {
    let command = ProposeVoid {
        terms: VoidTerms {
            rule: new.rule,
            campaign: new.campaign,
            vantage: new.vantage,
            from: new.from,
            until: new.until,
            reason: reason(new.reason)?,
        },
        by: staff.user,
    };
    let repeat = keyed.rendered_by(shown);
    let done = propose(&app.store, app.rulebook, &mut inv, repeat, command).await;
    done.map(Answered).map_err(|failure| {
        Problem::of(failure, |refusal| {
            let detail = Text::new("核查作废的条件有误", refusal.to_string());
            let ProposeRefused::Terms(violations) = refusal;
            Problem::client(ProblemKind::MalformedRequest, detail).violations(violations)
        })
    })
}

/// Voids, in the order of their ids.
#[utoipa::path(get, path = "/operations/voids", tag = "operations",
    responses((status = 200, body = Page<VoidView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(app): State<&'static App>,
    _staff: Staff,
) -> Result<Answered, Problem> {
    let voids = app.store.voids().await.map_err(Problem::fault)?;
    let items: Vec<VoidView> = voids
        .iter()
        .map(|stored| view(&stored.void, stored.version()))
        .collect();
    Ok(Answered::read(&page_body(&items, None), None))
}

/// A void, and how far it has come.
#[utoipa::path(get, path = "/operations/voids/{void}", tag = "operations", params(("void" = String, Path)),
    responses((status = 200, body = VoidView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn read(
    State(app): State<&'static App>,
    _staff: Staff,
    PathIds(void): PathIds<VoidId>,
) -> Result<Answered, Problem> {
    let stored = app.store.void(&void).await.map_err(Problem::fault)?;
    let stored = stored.ok_or_else(Problem::not_found)?;
    let version = stored.version();
    Ok(Answered::read(&view(&stored.void, version), Some(version)))
}

/// Confirms a void whose dry run is over, as a second person. From now on nothing that it covers is stopped; cases are
/// closed, what was stopped is given back, and each case's people are told of the correction once.
#[utoipa::path(post, path = "/operations/voids/{void}/confirmations", tag = "operations",
    params(("void" = String, Path), ("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 202, body = VoidView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn confirm_void(
    State(app): State<&'static App>,
    staff: Staff,
    Now(mut inv): Now,
    PathIds(void): PathIds<VoidId>,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
) -> Result<Answered, Problem> {
    let (user, what) = (staff.user.clone(), format!("void {void} is confirmed"));
    let command = ConfirmVoid {
        void,
        by: staff.user,
        expected,
    };
    let repeat = keyed.rendered_by(shown);
    let done = confirm(&app.store, app.rulebook, &mut inv, repeat, command).await;
    logged(done, &user, &what).map(Answered).map_err(|failure| {
        Problem::of(failure, |refusal| {
            let zh = match refusal {
                VoidRefused::Stage => "试算完成后方可确认，且只确认一次",
                VoidRefused::SamePerson => "须由第二人确认",
            };
            let detail = Text::new(zh, refusal.to_string());
            Problem::client(ProblemKind::StepRefused, detail)
        })
    })
}

fn shown((void, version): &VoidAfter) -> Answer {
    Answer {
        status: 202,
        location: Some(format!("/operations/voids/{}", void.id)),
        etag: Some(*version),
        body: json!(view(void, *version)),
    }
}
