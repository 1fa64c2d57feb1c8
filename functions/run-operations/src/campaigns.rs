//! `/operations/campaigns`: campaigns are begun, watched, previewed and steered.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use icp_domain::Text;
use icp_domain::campaign::{
    Campaign, CampaignRefused, Chosen, Deed, MemberOutcome, RuleTerms, Stage, Step, Terms,
    YearlyReview,
};
use icp_domain::ids::CampaignId;
use icp_domain::notice::Channel;
use icp_domain::rulebook::policy::Campaigns as Policy;
use icp_http::{
    Answered, Body, Keyed, Now, Page, PathIds, Problem, ProblemBody, ProblemKind, Staff, page_body,
    reason,
};
use icp_store::Answer;
use icp_store::records::CampaignCounts;
use icp_use_cases::campaigns::{BeginCampaign, BeginRefused, CampaignAfter, SteerCampaign, steer};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::App;
use crate::logged::logged;

/// A campaign, and how far it has come.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CampaignView {
    /// Its id.
    id: String,
    /// `audit` (专项核查) or `yearly-review` (年审).
    kind: &'static str,
    /// What it is about, as it was begun.
    terms: Terms,
    /// When it was begun.
    #[schema(value_type = String)]
    begun_at: Timestamp,
    /// By whom.
    begun_by: String,
    /// `choosing`, `chosen` where a yearly review waits for its release, `looking`, `asking`, `looked`, `answered`,
    /// `paused` or `cancelled`.
    state: &'static str,
    /// Of `looking` and `asking`, which walk over the members it is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pass: Option<u32>,
    /// Who released, paused or cancelled it, when and why.
    #[schema(value_type = BTreeMap<String, Deed>)]
    deeds: BTreeMap<&'static str, Deed>,
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
    /// Of a yearly review, members by what their filers answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<AnswersView>,
    /// Members without an outcome.
    left: u64,
    /// When the last member will have its outcome, at the latest: its walks at the campaign's rate, and the waits between
    /// them; of a yearly review, when the last answer is due.
    #[schema(value_type = Option<String>)]
    expected_end: Option<Timestamp>,
    /// Members at which each rule broke.
    rules: BTreeMap<String, u64>,
    /// Members that were told, or asked.
    told: u64,
    /// Members whose faults were put right before they were told.
    put_right: u64,
}

/// Members of a yearly review by what their filers answered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AnswersView {
    /// As it is filed.
    unchanged: u64,
    /// Something changed.
    changed: u64,
    /// No longer used.
    no_longer_used: u64,
    /// Not answered until the review ended.
    unanswered: u64,
}

fn view(
    campaign: &Campaign,
    counts: Option<(&CampaignCounts, &Policy)>,
    now: Timestamp,
) -> CampaignView {
    let asks = campaign.terms.yearly_review.is_some();
    let (mut state, pass) = match &campaign.stage {
        Stage::Choosing { .. } => ("choosing", None),
        Stage::Looking(_) if asks && campaign.released.is_none() => ("chosen", None),
        Stage::Looking(pass) if asks => ("asking", Some(pass.number)),
        Stage::Looking(pass) => ("looking", Some(pass.number)),
        Stage::Looked { .. } if asks => ("answered", None),
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
        .filter_map(|(name, deed)| Some((name, deed.clone()?)));
    CampaignView {
        id: campaign.id.to_string(),
        kind: if asks { "yearly-review" } else { "audit" },
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

fn progress(
    campaign: &Campaign,
    (counts, policy): (&CampaignCounts, &Policy),
    now: Timestamp,
) -> ProgressView {
    let counts = &counts.all;
    let of = |outcome: MemberOutcome| {
        let count = counts.outcomes.get(outcome.name());
        count.copied().unwrap_or_default()
    };
    let done = counts.done();
    let left = campaign.members.saturating_sub(done);
    ProgressView {
        done,
        kept: of(MemberOutcome::Kept),
        broken: of(MemberOutcome::Broken),
        undecided: of(MemberOutcome::Undecided),
        gone: of(MemberOutcome::Gone),
        answers: campaign.terms.yearly_review.map(|_| AnswersView {
            unchanged: of(MemberOutcome::Unchanged),
            changed: of(MemberOutcome::Changed),
            no_longer_used: of(MemberOutcome::NoLongerUsed),
            unanswered: of(MemberOutcome::Unanswered),
        }),
        left,
        expected_end: campaign.expected_end(left, policy, now),
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
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "name": "2026年接入信息专项核查",
    "legalBases": ["《非经营性互联网信息服务备案管理办法》第十九条"], "publicPage": "https://beian.example.cn/2026",
    "rules": { "ICP-401": { "level": "notify", "periodDays": 15 } },
    "chosen": { "provinces": ["44"], "labels": [], "numbers": [] }, "ratePerMinute": 600, "channels": ["sms", "mail"] }))]
pub(crate) struct NewCampaign {
    /// Its name, as filers read it.
    name: String,
    /// What it rests on: instruments and articles.
    legal_bases: Vec<String>,
    /// Where the public reads of it.
    #[serde(default)]
    public_page: Option<String>,
    /// Its rules by code, each with `level` and `periodDays`. There is no default for either; a yearly review has none.
    #[serde(default)]
    rules: BTreeMap<String, RuleTerms>,
    /// Makes it a yearly review: each filer is asked whether the filing is unchanged, changed or no longer used, with
    /// `answerDays` to answer.
    #[serde(default)]
    yearly_review: Option<YearlyReview>,
    /// Its units: `everybody`, or lists of `provinces`, `labels` and subjects' `numbers` that all must name them.
    chosen: Chosen,
    /// Looks a minute, at most.
    rate_per_minute: u32,
    /// What its notices go by, `sms` and `mail`; none means whatever notices go by.
    #[schema(value_type = Vec<Channel>)]
    #[serde(default)]
    channels: BTreeSet<Channel>,
}

impl NewCampaign {
    fn terms(self) -> Terms {
        Terms {
            name: self.name,
            legal_bases: self.legal_bases,
            public_page: self.public_page,
            rules: self.rules,
            yearly_review: self.yearly_review,
            chosen: self.chosen,
            rate_per_minute: self.rate_per_minute,
            channels: self.channels,
        }
    }
}

/// Begins a campaign. Its units are chosen and looked at, and nobody is told of what it finds, or asked anything, before
/// its release.
#[utoipa::path(post, path = "/operations/campaigns", tag = "operations", request_body = NewCampaign,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = CampaignView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn begin(
    State(app): State<&'static App>,
    staff: Staff,
    Now(mut inv): Now,
    keyed: Keyed,
    Body(new): Body<NewCampaign>,
) -> Result<Answered, Problem> {
    let command = BeginCampaign {
        terms: new.terms(),
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
    let policy = &app.rulebook.policy.campaigns;
    let view = view(&stored.campaign, Some((&counts, policy)), inv.now);
    Ok(Answered::read(&view, None))
}

/// A step of a campaign.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "step": "pause", "reason": "等待春节后继续" }))]
pub(crate) struct CampaignStep {
    /// `pause`, `resume`, `release` or `cancel`.
    step: StepName,
    /// Why.
    reason: String,
    /// The token of the preview, which a release wants.
    #[serde(default)]
    preview: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
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

/// Pauses, resumes, releases or cancels a campaign. A release lets what it finds be told, or its filers be asked; a
/// cancelled one looks, tells and asks no more, and what it told stops nobody.
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
    let (user, what) = (staff.user.clone(), format!("campaign {campaign}: {step:?}"));
    let command = SteerCampaign {
        campaign,
        step: step.step(),
        by: staff.user,
        reason: reason(given)?,
        preview,
    };
    let repeat = keyed.rendered_by(steered);
    let done = steer(&app.store, app.rulebook, &mut inv, repeat, command).await;
    logged(done, &user, &what).map(Answered).map_err(|failure| {
        Problem::of(failure, |refusal| {
            let zh = match refusal {
                CampaignRefused::Cancelled => "该专项核查已取消",
                CampaignRefused::NothingToDo => "该专项核查已处于此状态",
                CampaignRefused::Released => "该专项核查已放行",
                CampaignRefused::TooEarly => "全部对象核查完毕（年审为选定完毕）后方可放行",
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
