//! What raising a rule's level would tell: counted before anybody is told.

use std::collections::BTreeMap;

use icp_domain::Rulebook;
use icp_domain::ids::UserId;
use icp_domain::rulebook::{Level, Scope};
use icp_store::records::{LevelSetting, Levels, ObservedUnit, Previewed};
use icp_store::{Store, StoreError};
use jiff::Timestamp;

use crate::preview_token::{PreviewToken, SAMPLES};

/// A level as it would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RaisedLevel {
    /// The rule's code.
    pub rule: String,
    /// For whom.
    pub scope: Scope,
    /// The level.
    pub level: Level,
}

/// What a raised level would tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelPreview {
    /// The scope's level now.
    pub now: Level,
    /// Units of which somebody would be told when they are next looked at and the fault is still there.
    pub units: u64,
    /// The same by code of the province; under none where it is not known.
    pub provinces: BTreeMap<Option<String>, u64>,
    /// The first of them.
    pub samples: Vec<ObservedUnit>,
    /// What setting the level names, to show that this was seen.
    pub token: String,
}

/// Rows of the rule's list that are read at a time.
const PAGE: usize = 500;

/// Counts the units of which somebody would be told.
pub async fn preview_level(
    store: &Store,
    rulebook: &Rulebook,
    raised: &RaisedLevel,
    by: &UserId,
    now: Timestamp,
) -> Result<LevelPreview, StoreError> {
    let levels = store.levels().await?.levels;
    let after = with(&levels, raised, by, now);
    let mut preview = LevelPreview {
        now: levels.of_scope(&raised.rule, &raised.scope, rulebook),
        units: 0,
        provinces: BTreeMap::new(),
        samples: Vec::new(),
        token: String::new(),
    };
    let mut cursor = None;
    loop {
        let page = store.observed(&raised.rule, cursor.as_ref(), PAGE).await?;
        for unit in page.0 {
            let level = |levels: &Levels| {
                let label = unit.label.as_deref();
                levels.of(&raised.rule, unit.origin, label, rulebook)
            };
            if level(&levels) < Level::Notify && Level::Notify <= level(&after) {
                preview.units += 1;
                *preview.provinces.entry(unit.province.clone()).or_default() += 1;
                if preview.samples.len() < SAMPLES {
                    preview.samples.push(unit);
                }
            }
        }
        cursor = page.1;
        if cursor.is_none() {
            break;
        }
    }
    let seen = Previewed {
        at: now,
        units: preview.units,
    };
    preview.token = PreviewToken::of_level(raised).sign(store, seen).await?;
    Ok(preview)
}

/// The levels as they would be.
fn with(levels: &Levels, raised: &RaisedLevel, by: &UserId, now: Timestamp) -> Levels {
    let setting = LevelSetting {
        level: raised.level,
        set_by: by.clone(),
        set_at: now,
        previewed: None,
    };
    let mut after = levels.clone();
    after.set(&raised.rule, raised.scope.clone(), setting);
    after
}
