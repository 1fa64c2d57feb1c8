//! Levels that operators set.

use std::collections::BTreeMap;

use icp_domain::filing::{Filing, Origin};
use icp_domain::ids::{UnitId, UserId};
use icp_domain::rulebook::{Level, Rulebook, Scope};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{SHAPE, StoredBrake};
use crate::{Change, Guard, Row, Store, StoreError, keys};

/// Levels that operators set, by rule and scope; where none is set, the Rulebook's hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Levels {
    everybody: BTreeMap<String, LevelSetting>,
    nearer: BTreeMap<Scope, BTreeMap<String, LevelSetting>>,
}

/// A level that an operator set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LevelSetting {
    /// The level.
    pub level: Level,
    /// Who set it.
    pub set_by: UserId,
    /// When.
    pub set_at: Timestamp,
    /// What the operator had seen of what it would tell, where the level was raised.
    #[serde(default)]
    pub previewed: Option<Previewed>,
}

/// A preview that an operator had seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Previewed {
    /// When it was made.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Units of which somebody would be told, as counted then.
    pub units: u64,
}

impl Levels {
    /// Sets the level of a rule for a scope.
    pub fn set(&mut self, rule: &str, scope: Scope, setting: LevelSetting) {
        let settings = match scope {
            Scope::Everybody => &mut self.everybody,
            Scope::Imported | Scope::Label(_) => self.nearer.entry(scope).or_default(),
        };
        settings.insert(rule.to_owned(), setting);
    }

    /// Who set the level of a rule for just this scope, and when.
    pub fn setting(&self, rule: &str, scope: &Scope) -> Option<&LevelSetting> {
        match scope {
            Scope::Everybody => self.everybody.get(rule),
            Scope::Imported | Scope::Label(_) => self.nearer.get(scope)?.get(rule),
        }
    }

    /// Everything that is set nearer than for everybody: scope, rule, setting.
    pub fn nearer(&self) -> impl Iterator<Item = (&Scope, &str, &LevelSetting)> {
        self.nearer.iter().flat_map(|(scope, rules)| {
            let rules = rules.iter();
            rules.map(move |(rule, setting)| (scope, rule.as_str(), setting))
        })
    }

    /// The level of a rule for a unit.
    pub fn of_unit(
        &self,
        rule: &str,
        filing: &Filing,
        unit: &UnitId,
        rulebook: &Rulebook,
    ) -> Level {
        let label = filing.subject.label.as_deref();
        self.of(rule, filing.origin(unit), label, rulebook)
    }

    /// The level of a rule: the one set for the label, else for the origin, else for everybody. What was imported is
    /// observed, whatever is set for everybody, until staff release a preview of it.
    pub fn of(
        &self,
        rule: &str,
        origin: Origin,
        label: Option<&str>,
        rulebook: &Rulebook,
    ) -> Level {
        let nearer = |scope: Scope| self.setting(rule, &scope).map(|setting| setting.level);
        let of_label = label.and_then(|label| nearer(Scope::Label(label.to_owned())));
        if let Some(level) = of_label {
            return level;
        }
        let everybody = self.of_everybody(rule, rulebook);
        match origin {
            Origin::Order => everybody,
            Origin::Import => nearer(Scope::Imported)
                .unwrap_or_else(|| everybody.min(rulebook.policy.first_settings.level_of_imports)),
        }
    }

    /// The level of a rule for a scope, as far as it says.
    pub fn of_scope(&self, rule: &str, scope: &Scope, rulebook: &Rulebook) -> Level {
        match scope {
            Scope::Everybody => self.of_everybody(rule, rulebook),
            Scope::Imported => self.of(rule, Origin::Import, None, rulebook),
            // A label stands on units of bases.
            Scope::Label(label) => self.of(rule, Origin::Import, Some(label), rulebook),
        }
    }

    fn of_everybody(&self, rule: &str, rulebook: &Rulebook) -> Level {
        let first = &rulebook.policy.first_settings;
        let shipped = first.levels_of_rules.get(rule).copied();
        let shipped = shipped.unwrap_or(Level::Enforce).min(first.level_of_orders);
        self.everybody
            .get(rule)
            .map_or(shipped, |setting| setting.level)
    }
}

/// The levels as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLevels {
    /// The levels.
    pub levels: Levels,
    guard: Guard,
}

#[derive(Serialize, Deserialize)]
struct LevelsRecord {
    levels: BTreeMap<String, LevelSetting>,
    #[serde(default)]
    nearer: BTreeMap<Scope, BTreeMap<String, LevelSetting>>,
}

impl StoredLevels {
    /// The version that was read; 0 before anyone set a level.
    pub fn version(&self) -> u64 {
        match self.guard {
            Guard::Version(read) => read,
            Guard::New | Guard::Parent => 0,
        }
    }

    /// Writes the levels, and the brake's row with them: a stop that goes by the old levels must
    /// not commit.
    pub fn put(&self, change: &mut Change, brake: &StoredBrake) -> Result<(), StoreError> {
        let record = LevelsRecord {
            levels: self.levels.everybody.clone(),
            nearer: self.levels.nearer.clone(),
        };
        change.put(Row::of(keys::levels(), SHAPE, self.guard, &record)?);
        brake.put(change, &brake.brake)
    }
}

impl Store {
    /// The levels that operators set.
    pub async fn levels(&self) -> Result<StoredLevels, StoreError> {
        let Some(item) = self.item(&keys::levels()).await? else {
            return Ok(StoredLevels {
                levels: Levels::default(),
                guard: Guard::New,
            });
        };
        let record: LevelsRecord = item.read(SHAPE)?;
        Ok(StoredLevels {
            levels: Levels {
                everybody: record.levels,
                nearer: record.nearer,
            },
            guard: Guard::Version(item.version()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_setting_holds_and_what_was_imported_is_observed_until_it_is_raised() {
        let rulebook = Rulebook::shipped().unwrap();
        let setting = |level| LevelSetting {
            level,
            set_by: "u1".parse().unwrap(),
            set_at: Timestamp::UNIX_EPOCH,
            previewed: None,
        };
        let mut levels = Levels::default();
        let of = |levels: &Levels, origin, label| levels.of("ICP-402", origin, label, &rulebook);
        assert_eq!(of(&levels, Origin::Order, None), Level::Enforce);
        assert_eq!(of(&levels, Origin::Import, Some("vip")), Level::Observe);
        levels.set("ICP-402", Scope::Everybody, setting(Level::Notify));
        assert_eq!(of(&levels, Origin::Order, None), Level::Notify);
        assert_eq!(of(&levels, Origin::Import, None), Level::Observe);
        levels.set("ICP-402", Scope::Imported, setting(Level::Enforce));
        assert_eq!(of(&levels, Origin::Import, Some("vip")), Level::Enforce);
        assert_eq!(of(&levels, Origin::Order, None), Level::Notify);
        levels.set("ICP-402", Scope::Label("vip".into()), setting(Level::Off));
        assert_eq!(of(&levels, Origin::Import, Some("vip")), Level::Off);
        assert_eq!(of(&levels, Origin::Order, Some("vip")), Level::Off);
        assert_eq!(of(&levels, Origin::Import, Some("other")), Level::Enforce);
        assert_eq!(
            levels.of("ICP-401", Origin::Order, Some("vip"), &rulebook),
            Level::Enforce
        );
    }
}
