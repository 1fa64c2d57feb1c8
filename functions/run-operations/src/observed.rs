//! `GET /operations/observed/{rule}` and `POST /operations/level-previews`: what rules found and told nobody, and
//! what raising a level would tell.

use std::collections::BTreeMap;

use axum::extract::State;
use icp_domain::Text;
use icp_domain::case::CaseNumber;
use icp_domain::finding::Object;
use icp_domain::ids::{CaseId, LookId, UnitId};
use icp_domain::notice::{About, CampaignTold, NoticeKind, Parameters, Told};
use icp_domain::rulebook::{Level, Scope};
use icp_domain::rules::{Rule, rule};
use icp_domain::{Invocation, Rulebook};
use icp_http::{
    Answered, Body, Now, Page, Paging, PathIds, Problem, ProblemBody, ProblemKind, Staff, page_body,
};
use icp_notifications::{mail_text, sms_text};
use icp_store::records::{Observation, ObservedUnit};
use icp_use_cases::preview_level::{LevelPreview, RaisedLevel, preview_level};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;

/// A unit at which a rule is observed to break.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ObservedView {
    /// The unit: a subject, and a service of it where it is one.
    unit: UnitId,
    /// The account that holds it.
    account: String,
    /// Its account group.
    label: Option<String>,
    /// Code of the subject's province.
    province: Option<String>,
    /// When it was seen.
    #[schema(value_type = String)]
    seen_at: Timestamp,
    /// The look that saw it.
    look: LookId,
    /// What is at fault, and what that rests on.
    objects: Vec<Observation>,
}

fn view(observed: &ObservedUnit) -> ObservedView {
    ObservedView {
        unit: observed.unit.clone(),
        account: observed.account.to_string(),
        label: observed.label.clone(),
        province: observed.province.clone(),
        seen_at: observed.seen_at,
        look: observed.look.clone(),
        objects: observed.objects.clone(),
    }
}

/// Units at which a rule is observed to break: confirmed, and told to nobody, since its level is `observe`.
#[utoipa::path(get, path = "/operations/observed/{rule}", tag = "operations",
    params(("rule" = String, Path), ("limit" = Option<i32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<ObservedView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(app): State<&'static App>,
    _staff: Staff,
    PathIds(code): PathIds<String>,
    paging: Paging,
) -> Result<Answered, Problem> {
    let rule = rule(&code).ok_or_else(Problem::not_found)?;
    let (cursor, limit) = (paging.cursor.as_ref(), paging.limit);
    let page = app.store.observed(rule.code, cursor, limit).await;
    let (units, next) = page.map_err(Problem::fault)?;
    let items: Vec<ObservedView> = units.iter().map(view).collect();
    Ok(Answered::read(&page_body(&items, next.as_ref()), None))
}

/// A level as it would be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "rule": "ICP-402", "scope": "imported", "level": "notify" }))]
pub(crate) struct LevelWish {
    /// The rule's code.
    rule: String,
    /// For whom: `everybody`, `imported` or `label:…`.
    scope: Scope,
    /// `notify` or `enforce`.
    level: Level,
}

/// What a raised level would tell.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LevelPreviewView {
    /// The scope's level now.
    now: Level,
    /// Units of which somebody would be told, each when it is next looked at and the fault is still there.
    units: u64,
    /// The same by code of the province; `unknown` where nobody filed one.
    provinces: BTreeMap<String, u64>,
    /// Some of them, at most 20.
    samples: Vec<ObservedView>,
    /// The notice as it will read.
    notice: NoticePreview,
    /// What `POST /operations/levels` names in `preview`, within 24 hours.
    token: String,
}

/// A notice as it will read.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NoticePreview {
    /// The text.
    sms: String,
    /// The mail's subject.
    mail_subject: String,
    /// The mail as text.
    mail_text: String,
}

/// Counts what raising a rule's level would tell, with samples and the notice as it will read. It changes nothing.
#[utoipa::path(post, path = "/operations/level-previews", tag = "operations", request_body = LevelWish,
    responses((status = 200, body = LevelPreviewView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn preview(
    State(app): State<&'static App>,
    staff: Staff,
    Now(inv): Now,
    Body(wish): Body<LevelWish>,
) -> Result<Answered, Problem> {
    let Some(rule) = rule(&wish.rule) else {
        let detail = Text::new("没有该规则", format!("there is no rule {}", wish.rule));
        return Err(Problem::client(ProblemKind::MalformedRequest, detail));
    };
    let raised = RaisedLevel {
        rule: wish.rule,
        scope: wish.scope,
        level: wish.level,
    };
    let preview = preview_level(&app.store, app.rulebook, &raised, &staff.user, inv.now).await;
    let preview = preview.map_err(Problem::fault)?;
    // The first sample; without one, the rule alone.
    let sample = preview
        .samples
        .first()
        .and_then(|unit| unit.objects.first());
    let about = match (preview.samples.first(), sample) {
        (Some(unit), Some(sample)) => named(app, &unit.unit, &sample.object).await?,
        (_, _) => None,
    };
    let basis = sample.map(|sample| sample.basis.clone());
    let told = told(rule, about, basis, raised.level);
    let days = app.rulebook.policy.cases.period_days(rule);
    let notice = notice((told, None), days, app.rulebook, &inv);
    let LevelPreview {
        now,
        units,
        provinces,
        samples,
        token,
    } = preview;
    let code = |province: Option<String>| province.unwrap_or_else(|| "unknown".to_owned());
    let view = LevelPreviewView {
        now,
        units,
        provinces: provinces
            .into_iter()
            .map(|(province, units)| (code(province), units))
            .collect(),
        samples: samples.iter().map(view).collect(),
        notice,
        token,
    };
    Ok(Answered::read(&view, None))
}

/// What is at fault of a unit, as its filer knows it.
pub(crate) async fn named(
    app: &App,
    unit: &UnitId,
    object: &Object,
) -> Result<Option<Text>, Problem> {
    let filing = app
        .store
        .filing(&unit.subject)
        .await
        .map_err(Problem::fault)?;
    Ok(filing.and_then(|stored| stored.filing.names(object)))
}

/// A fault as a notice tells it.
pub(crate) fn told(rule: &Rule, about: Option<Text>, evidence: Option<Text>, level: Level) -> Told {
    Told {
        case_number: sample_number(),
        rule: rule.code.to_owned(),
        about,
        fault: (rule.fault)(),
        evidence,
        fix: rule.fix.text(),
        due_at: None,
        may_stop: level.min(rule.most) == Level::Enforce,
    }
}

/// The number that a sample prints: of the form of a case's, and no case's.
fn sample_number() -> CaseNumber {
    CaseNumber::of_attempt(&CaseId::derived("sample", &[]), 0)
}

/// A first notice of one finding, as it would read if it were delivered now.
pub(crate) fn notice(
    (told, campaign): (Told, Option<CampaignTold>),
    period_days: u32,
    rulebook: &Rulebook,
    inv: &Invocation,
) -> NoticePreview {
    let due_at = rulebook.calendar.deadline(inv.now, i64::from(period_days));
    let due_at = Some(due_at);
    let kind = NoticeKind::Audit { told: Vec::new() };
    let parameters = Parameters {
        case_number: Some(told.case_number.clone()),
        due_at,
        findings: 1,
        may_stop: told.may_stop,
        told: vec![Told { due_at, ..told }],
        campaign,
        ..Parameters::default()
    };
    read_by(&kind, &parameters, rulebook)
}

/// A notice as its addressee reads it.
pub(crate) fn read_by(
    kind: &NoticeKind,
    parameters: &Parameters,
    rulebook: &Rulebook,
) -> NoticePreview {
    let sms = sms_text(&About::Notice(kind.clone()), parameters, &rulebook.provider);
    let mail = mail_text(kind, parameters, &rulebook.provider);
    NoticePreview {
        sms: sms.text.reveal().clone(),
        mail_subject: mail.subject,
        mail_text: mail.text,
    }
}
