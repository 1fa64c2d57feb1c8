//! `/operations/campaigns`: campaigns are begun, watched, previewed and steered.

use std::collections::BTreeMap;

use axum::extract::State;
use icp_domain::Text;
use icp_domain::campaign::{Campaign, CampaignRefused, Fault, Stage, Step, Terms};
use icp_domain::finding::Object;
use icp_domain::ids::{CampaignId, UnitId};
use icp_domain::notice::Told;
use icp_domain::rulebook::Level;
use icp_domain::rules::rule;
use icp_http::{
    Answered, Body, Keyed, Now, Page, PathIds, Problem, ProblemBody, ProblemKind, Staff, page_body,
    reason,
};
use icp_store::Answer;
use icp_store::records::{CampaignCounts, Untold};
use icp_use_cases::campaigns::{
    BeginCampaign, BeginRefused, CampaignAfter, CampaignPreview, SteerCampaign, preview_campaign,
    steer,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use utoipa::ToSchema;

use crate::App;
use crate::observed::{NoticePreview, notice, sample_number};

/// A campaign, and how far it has come.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CampaignView {
    /// Its id.
    id: String,
    /// What it is about, as it was begun.
    #[schema(value_type = Object)]
    terms: Terms,
    /// When it was begun.
    #[schema(value_type = String)]
    begun_at: Timestamp,
    /// By whom.
    begun_by: String,
    /// `choosing`, `looking`, `looked`, `paused` or `cancelled`.
    state: &'static str,
    /// Of `looking`, which walk over the members it is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pass: Option<u32>,
    /// Who released, paused or cancelled it, when and why.
    #[schema(value_type = Object)]
    deeds: BTreeMap<&'static str, Json>,
    /// Units chosen.
    members: u64,
    /// How far it has come; only where one campaign is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<ProgressView>,
}

/// How far a campaign has come.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ProgressView {
    /// Members that have their outcome.
    done: u64,
    /// Members as they must be.
    kept: u64,
    /// Members not as they must be.
    broken: u64,
    /// Members that could not be decided.
    undecided: u64,
    /// Members that lost their access meanwhile.
    gone: u64,
    /// Members without an outcome.
    left: u64,
    /// When each will have been looked at once, at the campaign's rate.
    #[schema(value_type = Option<String>)]
    expected_end: Option<Timestamp>,
    /// Members at which each rule broke.
    rules: BTreeMap<String, u64>,
    /// Members that were told.
    told: u64,
    /// Members whose faults were put right before they were told.
    put_right: u64,
}

fn view(campaign: &Campaign, counts: Option<&CampaignCounts>, now: Timestamp) -> CampaignView {
    let (mut state, pass) = match &campaign.stage {
        Stage::Choosing { .. } => ("choosing", None),
        Stage::Looking(pass) => ("looking", Some(pass.number)),
        Stage::Looked { .. } => ("looked", None),
    };
    if campaign.paused.is_some() {
        state = "paused";
    }
    if campaign.cancelled.is_some() {
        state = "cancelled";
    }
    let deeds = [
        ("released", &campaign.released),
        ("paused", &campaign.paused),
        ("cancelled", &campaign.cancelled),
    ];
    let deeds = deeds
        .into_iter()
        .filter_map(|(name, deed)| Some((name, json!(deed.as_ref()?))));
    CampaignView {
        id: campaign.id.to_string(),
        terms: campaign.terms.clone(),
        begun_at: campaign.begun_at,
        begun_by: campaign.begun_by.to_string(),
        state,
        pass,
        deeds: deeds.collect(),
        members: campaign.members,
        progress: counts.map(|counts| progress(campaign, counts, now)),
    }
}

fn progress(campaign: &Campaign, counts: &CampaignCounts, now: Timestamp) -> ProgressView {
    let counts = &counts.all;
    let of = |outcome: &str| counts.outcomes.get(outcome).copied().unwrap_or_default();
    let done = counts.done();
    let left = campaign.members.saturating_sub(done);
    ProgressView {
        done,
        kept: of("kept"),
        broken: of("broken"),
        undecided: of("undecided"),
        gone: of("gone"),
        left,
        expected_end: campaign.expected_end(left, now),
        rules: counts.rules.clone(),
        told: counts.told,
        put_right: counts.put_right,
    }
}

/// Every campaign.
#[utoipa::path(get, path = "/operations/campaigns", tag = "operations",
    responses((status = 200, body = Page<CampaignView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(app): State<&'static App>,
    _staff: Staff,
    Now(inv): Now,
) -> Result<Answered, Problem> {
    let mut stored = app.store.campaigns().await.map_err(Problem::fault)?;
    stored.sort_by_key(|stored| std::cmp::Reverse(stored.campaign.begun_at));
    let items: Vec<CampaignView> = stored
        .iter()
        .map(|stored| view(&stored.campaign, None, inv.now))
        .collect();
    Ok(Answered::read(&page_body(&items, None), None))
}

/// What a campaign is about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object, example = json!({ "name": "2026年接入信息专项核查",
    "legalBases": ["《非经营性互联网信息服务备案管理办法》第十九条"], "publicPage": "https://beian.example.cn/2026",
    "rules": { "ICP-401": { "level": "notify", "periodDays": 15 } },
    "chosen": { "provinces": ["44"], "labels": [], "numbers": [] }, "ratePerMinute": 600, "channels": ["sms", "mail"] }))]
pub(crate) struct NewCampaign(Terms);

/// Begins a campaign. Its units are chosen and looked at, and nobody is told of what it finds before its release.
#[utoipa::path(post, path = "/operations/campaigns", tag = "operations", request_body = NewCampaign,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = CampaignView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn begin(
    State(app): State<&'static App>,
    staff: Staff,
    Now(mut inv): Now,
    keyed: Keyed,
    Body(NewCampaign(terms)): Body<NewCampaign>,
) -> Result<Answered, Problem> {
    let command = BeginCampaign {
        terms,
        by: staff.user,
    };
    let repeat = keyed.rendered_by(begun);
    let done = icp_use_cases::campaigns::begin(&app.store, app.rulebook, &mut inv, repeat, command);
    done.await.map(Answered).map_err(|failure| {
        Problem::of(failure, |refusal| {
            let detail = Text::new("专项核查的设定有误", refusal.to_string());
            let BeginRefused::Terms(violations) = refusal;
            Problem::client(ProblemKind::MalformedRequest, detail).violations(violations)
        })
    })
}

fn begun((campaign, _): &CampaignAfter) -> Answer {
    Answer {
        status: 201,
        location: Some(format!("/operations/campaigns/{}", campaign.id)),
        etag: None,
        body: json!(view(campaign, None, campaign.begun_at)),
    }
}

/// A campaign, with its progress.
#[utoipa::path(get, path = "/operations/campaigns/{campaign}", tag = "operations",
    params(("campaign" = String, Path)),
    responses((status = 200, body = CampaignView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn read(
    State(app): State<&'static App>,
    _staff: Staff,
    Now(inv): Now,
    PathIds(id): PathIds<CampaignId>,
) -> Result<Answered, Problem> {
    let stored = app.store.campaign(&id).await.map_err(Problem::fault)?;
    let stored = stored.ok_or_else(Problem::not_found)?;
    let counts = app.store.campaign_counts(&id).await;
    let counts = counts.map_err(Problem::fault)?;
    let view = view(&stored.campaign, Some(&counts), inv.now);
    Ok(Answered::read(&view, None))
}

/// What a campaign's release would tell.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CampaignPreviewView {
    /// Members that would be told, each after one more look that still sees the fault.
    members: u64,
    /// The same by rule.
    rules: BTreeMap<String, u64>,
    /// Some of them, at most 20.
    samples: Vec<UntoldView>,
    /// The notice as it will read.
    notice: Option<NoticePreview>,
    /// What the release names in `preview`, within 24 hours.
    token: String,
}

/// A member whose faults wait to be told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UntoldView {
    /// The unit.
    #[schema(value_type = Object)]
    unit: UnitId,
    /// What is at fault, by which looks.
    #[schema(value_type = Vec<Object>)]
    faults: Vec<Fault>,
    /// Since when.
    #[schema(value_type = String)]
    since: Timestamp,
}

/// Counts what a campaign's release would tell, with samples and the notice as it will read.
#[utoipa::path(get, path = "/operations/campaigns/{campaign}/preview", tag = "operations",
    params(("campaign" = String, Path)),
    responses((status = 200, body = CampaignPreviewView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn preview(
    State(app): State<&'static App>,
    _staff: Staff,
    Now(inv): Now,
    PathIds(id): PathIds<CampaignId>,
) -> Result<Answered, Problem> {
    let stored = app.store.campaign(&id).await.map_err(Problem::fault)?;
    let campaign = stored.ok_or_else(Problem::not_found)?.campaign;
    let preview = preview_campaign(&app.store, &campaign, inv.now).await;
    let CampaignPreview {
        members,
        rules,
        samples,
        token,
    } = preview.map_err(Problem::fault)?;
    let first = samples.first().and_then(|member| member.faults.first());
    let notice = first.and_then(|fault| {
        let terms = campaign.terms.rules.get(&fault.rule)?;
        let told = told(fault, terms.level)?;
        Some(notice(told, terms.period_days, app.rulebook, &inv))
    });
    let shown = |member: Untold| UntoldView {
        unit: member.unit,
        faults: member.faults,
        since: member.since,
    };
    let view = CampaignPreviewView {
        members,
        rules,
        samples: samples.into_iter().map(shown).collect(),
        notice,
        token,
    };
    Ok(Answered::read(&view, None))
}

fn told(fault: &Fault, level: Level) -> Option<Told> {
    let rule = rule(&fault.rule)?;
    Some(Told {
        case_number: sample_number(),
        rule: rule.code.to_owned(),
        domain: match &fault.object {
            Object::Domain(domain) => Some(domain.clone()),
            Object::Subject
            | Object::Person(_)
            | Object::Material(_)
            | Object::MaterialKind(_)
            | Object::Service => None,
        },
        fault: (rule.fault)(),
        evidence: Some(fault.basis.clone()),
        fix: rule.fix.text(),
        due_at: None,
        may_stop: level.min(rule.most) == Level::Enforce,
    })
}

/// A step of a campaign.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "step": "pause", "reason": "等待春节后继续" }))]
pub(crate) struct CampaignStep {
    /// `pause`, `resume`, `release` or `cancel`.
    #[schema(value_type = String)]
    step: StepName,
    /// Why.
    reason: String,
    /// The token of the preview, which a release wants.
    #[serde(default)]
    preview: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StepName {
    Pause,
    Resume,
    Release,
    Cancel,
}

impl StepName {
    fn step(self) -> Step {
        match self {
            Self::Pause => Step::Pause,
            Self::Resume => Step::Resume,
            Self::Release => Step::Release,
            Self::Cancel => Step::Cancel,
        }
    }
}

/// Pauses, resumes, releases or cancels a campaign. A release lets what it finds be told; a cancelled one looks and
/// tells no more, and what it told stops nobody.
#[utoipa::path(post, path = "/operations/campaigns/{campaign}/steps", tag = "operations",
    request_body = CampaignStep,
    params(("campaign" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = CampaignView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn steer_campaign(
    State(app): State<&'static App>,
    staff: Staff,
    Now(mut inv): Now,
    keyed: Keyed,
    PathIds(campaign): PathIds<CampaignId>,
    Body(CampaignStep {
        step,
        reason: given,
        preview,
    }): Body<CampaignStep>,
) -> Result<Answered, Problem> {
    tracing::warn!(user = %staff.user, "campaign {campaign}: {step:?} by {}", staff.user);
    let command = SteerCampaign {
        campaign,
        step: step.step(),
        by: staff.user,
        reason: reason(given)?,
        preview,
    };
    let repeat = keyed.rendered_by(steered);
    let done = steer(&app.store, app.rulebook, &mut inv, repeat, command).await;
    done.map(Answered).map_err(|failure| {
        Problem::of(failure, |refusal| {
            let zh = match refusal {
                CampaignRefused::Cancelled => "该专项核查已取消",
                CampaignRefused::NothingToDo => "该专项核查已处于此状态",
                CampaignRefused::Released => "该专项核查已放行",
                CampaignRefused::NotPreviewed => "放行须先查看24小时内的预览",
            };
            let detail = Text::new(zh, refusal.to_string());
            Problem::client(ProblemKind::StepRefused, detail)
        })
    })
}

fn steered((campaign, _): &CampaignAfter) -> Answer {
    Answer {
        status: 200,
        location: None,
        etag: None,
        body: json!(view(campaign, None, campaign.begun_at)),
    }
}
