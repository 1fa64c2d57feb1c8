//! `GET` and `POST /operations/levels`: how far the findings of each rule may go.

use axum::extract::State;
use icp_domain::ids::UserId;
use icp_domain::rulebook::Level;
use icp_domain::rules::RULES;
use icp_domain::{Rulebook, Text};
use icp_http::{
    Answered, Body, IfMatch, Keyed, Now, Page, Problem, ProblemBody, ProblemKind, Staff, page_body,
};
use icp_store::Answer;
use icp_store::records::Levels;
use icp_use_cases::set_level::{LevelsSet, SetLevel, set_level};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::App;

/// The level of one rule.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RuleLevel {
    /// The rule's code.
    rule: &'static str,
    /// How far its findings may go.
    #[schema(value_type = String)]
    level: Level,
    /// Who set it; absent while the configuration's level holds.
    #[schema(value_type = Option<String>)]
    set_by: Option<UserId>,
    /// When.
    #[schema(value_type = Option<String>)]
    set_at: Option<Timestamp>,
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
    let shown = RULES.iter().map(|rule| {
        let setting = levels.setting(rule.code);
        RuleLevel {
            rule: rule.code,
            level: levels.of(rule.code, rulebook),
            set_by: setting.map(|setting| setting.set_by.clone()),
            set_at: setting.map(|setting| setting.set_at),
        }
    });
    shown.collect()
}

/// The level of a rule as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "rule": "ICP-402", "level": "notify" }))]
pub(crate) struct LevelSetting {
    /// The rule's code.
    rule: String,
    /// `off`, `observe`, `notify` or `enforce`.
    #[schema(value_type = String)]
    level: Level,
}

/// Sets the level of a rule. Below `enforce` nothing is stopped for it, whatever was condemned.
#[utoipa::path(post, path = "/operations/levels", tag = "operations", request_body = LevelSetting,
    params(("Idempotency-Key" = String, Header), ("If-Match" = String, Header)),
    responses((status = 200), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn set(
    State(app): State<&'static App>,
    staff: Staff,
    Now(mut inv): Now,
    keyed: Keyed,
    IfMatch(expected): IfMatch,
    Body(LevelSetting { rule, level }): Body<LevelSetting>,
) -> Result<Answered, Problem> {
    tracing::warn!(user = %staff.user, "the level of {rule} is set to {level:?} by {}", staff.user);
    let command = SetLevel {
        expected,
        rule,
        level,
        user: staff.user,
    };
    let repeat = keyed.rendered_by(shown);
    let answer = set_level(&app.store, app.rulebook, &mut inv, repeat, command).await;
    answer.map(Answered).map_err(|failure| {
        Problem::of(failure, |refusal| {
            let detail = Text::new("没有该规则", refusal.to_string());
            Problem::client(ProblemKind::MalformedRequest, detail)
        })
    })
}

fn shown((stored, version): &LevelsSet) -> Answer {
    let set = RULES.iter().filter_map(|rule| {
        let setting = stored.levels.setting(rule.code)?;
        Some(json!({ "rule": rule.code, "level": setting.level,
            "setBy": setting.set_by, "setAt": setting.set_at }))
    });
    let set: Vec<_> = set.collect();
    Answer {
        status: 200,
        location: None,
        etag: Some(*version),
        body: json!({ "set": set, "version": version }),
    }
}
