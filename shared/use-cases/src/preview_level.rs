//! What raising a rule's level would tell: counted before anybody is told.

use std::collections::BTreeMap;

use icp_domain::Rulebook;
use icp_domain::ids::UserId;
use icp_domain::rulebook::{Level, Scope};
use icp_store::records::{LevelSetting, Levels, ObservedUnit, Previewed};
use icp_store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};

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

/// Units shown of those that a preview counts. Source: behaviour of this service, part 3.
pub const SAMPLES: usize = 20;

/// Rows of the rule's list that are read at a time.
const PAGE: usize = 500;

/// How long a preview may be referred to. Source: chosen here: a working day, and the morning after it.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(24);

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
    let parts = parts(raised, seen);
    let parts = parts.each_ref().map(String::as_str);
    let signature = store.keys().signed(PURPOSE, &parts).await?;
    preview.token = format!("{}.{}.{signature}", now.as_second(), seen.units);
    Ok(preview)
}

/// What the operator saw who names a preview's token; nothing where it is of another level, made up, or old.
pub(crate) async fn previewed(
    store: &Store,
    raised: &RaisedLevel,
    token: &str,
    now: Timestamp,
) -> Result<Option<Previewed>, StoreError> {
    let mut split = token.splitn(3, '.');
    let mut number = || split.next()?.parse::<i64>().ok();
    let (at, units) = (number(), number());
    let seen = at.zip(units).and_then(|(at, units)| {
        Some(Previewed {
            at: Timestamp::from_second(at).ok()?,
            units: u64::try_from(units).ok()?,
        })
    });
    let (Some(seen), Some(signature)) = (seen, split.next()) else {
        return Ok(None);
    };
    let parts = parts(raised, seen);
    let parts = parts.each_ref().map(String::as_str);
    let is_ours = store.keys().is_signed(PURPOSE, &parts, signature).await?;
    let is_fresh = seen.at <= now && now < seen.at + GOOD_FOR;
    Ok((is_ours && is_fresh).then_some(seen))
}

const PURPOSE: &str = "level-preview";

fn parts(raised: &RaisedLevel, seen: Previewed) -> [String; 5] {
    let level = match raised.level {
        Level::Off => "off",
        Level::Observe => "observe",
        Level::Notify => "notify",
        Level::Enforce => "enforce",
    };
    [
        raised.rule.clone(),
        raised.scope.to_string(),
        level.to_owned(),
        seen.at.as_second().to_string(),
        seen.units.to_string(),
    ]
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
