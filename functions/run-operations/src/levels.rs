//! `GET` and `POST /operations/levels`: how far the findings of each rule may go.

use axum::extract::State;
use icp_domain::ids::UserId;
use icp_domain::rulebook::{Level, Scope};
use icp_domain::rules::{Category, RULES, Rule, rule};
use icp_domain::{Rulebook, Text};
use icp_http::{
    Answered, Body, IfMatch, Keyed, Now, Page, Problem, ProblemBody, ProblemKind, Staff, page_body,
    told,
};
use icp_store::Answer;
use icp_store::records::{Levels, Previewed};
use icp_use_cases::set_level::{LevelsSet, SetLevel, SetLevelRefused, set_level};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::logged::logged;

/// The level of one rule.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RuleLevel {
    /// The rule's code.
    rule: &'static str,
    /// What it finds, in both languages.
    name: Text,
    /// Its category.
    category: Category,
    /// How far its findings may ever go.
    most: Level,
    /// How far they may go.
    level: Level,
    /// For whom: `everybody`, `imported` or `label:…`. The nearest holds: a label's, the imported, everybody's.
    scope: Scope,
    /// Who set it; absent while the configuration's level holds.
    set_by: Option<UserId>,
    /// When.
    #[schema(value_type = Option<String>)]
    set_at: Option<Timestamp>,
    /// When a preview of it was made and how many units it counted, where the level was raised.
    previewed: Option<Previewed>,
}

/// Every rule with its level.
#[utoipa::path(get, path = "/operations/levels", tag = "operations",
    responses((status = 200, body = Page<RuleLevel>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn read(
    State(app): State<&'static App>,
    _staff: Staff,
) -> Result<Answered, Problem> {
    let stored = app.store.levels().await.map_err(Problem::fault)?;
    let items = levels(&stored.levels, app.rulebook);
    Ok(Answered::read(
        &page_body(&items, None),
        Some(stored.version()),
    ))
}

fn levels(levels: &Levels, rulebook: &Rulebook) -> Vec<RuleLevel> {
    let view = |rule: &'static Rule, scope: Scope| {
        let setting = levels.setting(rule.code, &scope);
        RuleLevel {
            rule: rule.code,
            name: (rule.fault)(),
            category: rule.category,
            most: rule.most,
            level: levels.of_scope(rule.code, &scope, rulebook),
            set_by: setting.map(|setting| setting.set_by.clone()),
            set_at: setting.map(|setting| setting.set_at),
            previewed: setting.and_then(|setting| setting.previewed),
            scope,
        }
    };
    let mut shown: Vec<RuleLevel> = RULES
        .iter()
        .map(|rule| view(rule, Scope::Everybody))
        .collect();
    let nearer = levels.nearer().filter_map(|(scope, code, _)| {
        let rule = rule(code)?;
        Some(view(rule, scope.clone()))
    });
    shown.extend(nearer);
    shown
}

/// The level of a rule as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "rule": "ICP-402", "level": "notify" }))]
pub(crate) struct LevelSetting {
    /// The rule's code.
    rule: String,
    /// `off`, `observe`, `notify` or `enforce`.
    level: Level,
    /// For whom: `everybody`, `imported` or `label:…`.
    #[serde(default = "everybody")]
    scope: Scope,
    /// The token of its preview: wanted where the level is raised to `notify` or `enforce`.
    #[serde(default)]
    preview: Option<String>,
}

fn everybody() -> Scope {
    Scope::Everybody
}

/// Sets the level of a rule. Below `enforce` nothing is stopped for it, whatever was condemned.
#[utoipa::path(post, path = "/operations/levels", tag = "operations", request_body = LevelSetting,
    params(("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 200, body = LevelsSetView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn set(
    State(app): State<&'static App>,
    staff: Staff,
    Now(mut inv): Now,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
    Body(new): Body<LevelSetting>,
) -> Result<Answered, Problem> {
    let (rule, scope, level) = (&new.rule, &new.scope, new.level);
    let what = format!("the level of {rule} for {scope} is set to {level:?}");
    let user = staff.user.clone();
    let command = SetLevel {
        expected,
        rule: new.rule,
        scope: new.scope,
        level,
        preview: new.preview,
        user: staff.user,
    };
    let repeat = keyed.rendered_by(shown);
    let answer = set_level(&app.store, app.rulebook, &mut inv, repeat, command).await;
    logged(answer, &user, &what)
        .map(Answered)
        .map_err(|failure| {
            Problem::of(failure, |refusal| {
                let (kind, zh) = match &refusal {
                    SetLevelRefused::NoSuchRule(_) => (ProblemKind::MalformedRequest, "没有该规则"),
                    SetLevelRefused::NotPreviewed => {
                        (ProblemKind::StepRefused, "提高级别须先查看24小时内的预览")
                    }
                };
                Problem::client(kind, Text::new(zh, refusal.to_string()))
            })
        })
}

/// Levels as they are set.
#[derive(Debug, Serialize, ToSchema)]
struct LevelsSetView {
    /// Those that were set, each with its rule; for the others the configuration's holds.
    set: Vec<SetLevelView>,
    /// What the next setting names in `If-Match`.
    version: u64,
}

/// A level that was set.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SetLevelView {
    /// The rule's code.
    rule: String,
    /// For whom.
    scope: Scope,
    /// How far its findings may go.
    level: Level,
    /// Who set it.
    set_by: UserId,
    /// When.
    #[schema(value_type = String)]
    set_at: Timestamp,
    /// The preview that was seen of it, where the level was raised.
    previewed: Option<Previewed>,
}

fn shown((stored, version): &LevelsSet) -> Answer {
    let everybody = RULES.iter().filter_map(|rule| {
        let setting = stored.levels.setting(rule.code, &Scope::Everybody)?;
        Some((&Scope::Everybody, rule.code, setting))
    });
    let set = everybody.chain(stored.levels.nearer());
    let set: Vec<_> = set
        .map(|(scope, rule, setting)| SetLevelView {
            rule: rule.to_owned(),
            scope: scope.clone(),
            level: setting.level,
            set_by: setting.set_by.clone(),
            set_at: setting.set_at,
            previewed: setting.previewed,
        })
        .collect();
    let view = LevelsSetView {
        set,
        version: *version,
    };
    Answer {
        etag: Some(*version),
        ..told(200, &view)
    }
}
