//! The brake, the levels, and the counts that they are measured against.

use std::collections::BTreeMap;

use icp_domain::brake::{Brake, HourlyStops, Precision};
use icp_domain::filing::Origin;
use icp_domain::finding::{Finding, FindingState, Why};
use icp_domain::ids::UserId;
use icp_domain::rulebook::policy::Brake as BrakePolicy;
use icp_domain::rulebook::{Level, Rulebook};
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::SHAPE;
use crate::{Change, Guard, Row, Store, StoreError, keys};

/// The brake's row as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBrake {
    /// Setting and latch.
    pub brake: Brake,
    guard: Guard,
}

impl StoredBrake {
    /// The version that was read; 0 while the Rulebook's first value holds.
    pub fn version(&self) -> u64 {
        match self.guard {
            Guard::Version(read) => read,
            Guard::New | Guard::Parent => 0,
        }
    }

    /// Rests on the row as it was read: what holds all stops writes it.
    pub fn check(&self, change: &mut Change) {
        change.check(keys::brake(), self.guard);
    }

    /// Writes the row.
    pub fn put(&self, change: &mut Change, brake: &Brake) -> Result<(), StoreError> {
        change.put(Row::of(keys::brake(), SHAPE, self.guard, brake)?);
        Ok(())
    }
}

/// Stops per hour over all accounts, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredStops {
    /// The hours.
    pub stops: HourlyStops,
    guard: Guard,
}

impl StoredStops {
    /// Writes the hours.
    pub fn put(&self, change: &mut Change, stops: &HourlyStops) -> Result<(), StoreError> {
        let record = StopsRecord {
            stops: stops.clone(),
        };
        change.put(Row::of(keys::brake_stops(), SHAPE, self.guard, &record)?);
        Ok(())
    }
}

#[derive(Serialize, Deserialize)]
struct StopsRecord {
    stops: HourlyStops,
}

/// Levels that operators set; a rule without one has the Rulebook's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Levels(BTreeMap<String, LevelSetting>);

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
}

impl Levels {
    /// Sets the level of a rule.
    pub fn set(&mut self, rule: &str, setting: LevelSetting) {
        self.0.insert(rule.to_owned(), setting);
    }

    /// Who set the level of a rule, and when; `None` while the Rulebook's holds.
    pub fn setting(&self, rule: &str) -> Option<&LevelSetting> {
        self.0.get(rule)
    }

    /// The level of a rule for a unit of an origin. What was imported is observed, whatever is set,
    /// until staff release a preview of it.
    pub fn of_origin(&self, rule: &str, origin: Origin, rulebook: &Rulebook) -> Level {
        let level = self.of(rule, rulebook);
        match origin {
            Origin::Order => level,
            Origin::Import => level.min(rulebook.policy.first_settings.level_of_imports),
        }
    }

    /// The level of a rule.
    pub fn of(&self, rule: &str, rulebook: &Rulebook) -> Level {
        let first = &rulebook.policy.first_settings;
        let shipped = first
            .levels_of_rules
            .get(rule)
            .copied()
            .unwrap_or(Level::Enforce);
        self.0
            .get(rule)
            .map_or(shipped.min(first.level_of_orders), |setting| setting.level)
    }
}

/// The levels as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLevels {
    /// The levels.
    pub levels: Levels,
    guard: Guard,
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
            levels: self.levels.clone(),
        };
        change.put(Row::of(keys::levels(), SHAPE, self.guard, &record)?);
        brake.put(change, &brake.brake)
    }
}

#[derive(Serialize, Deserialize)]
struct PrecisionRecord {
    #[serde(default)]
    condemned: u64,
    #[serde(default)]
    taken_back: u64,
}

#[derive(Serialize, Deserialize)]
struct LevelsRecord {
    levels: Levels,
}

#[derive(Serialize, Deserialize)]
struct CountRecord {
    live: i64,
}

impl Store {
    /// The brake; before anyone set it, the Rulebook's first value.
    pub async fn brake(&self, rulebook: &Rulebook) -> Result<StoredBrake, StoreError> {
        match self.item(&keys::brake()).await? {
            None => {
                let mode = rulebook.policy.first_settings.brake_mode;
                Ok(StoredBrake {
                    brake: Brake::set_to(mode),
                    guard: Guard::New,
                })
            }
            Some(item) => Ok(StoredBrake {
                brake: item.read(SHAPE)?,
                guard: Guard::Version(item.version()?),
            }),
        }
    }

    /// Stops per hour over all accounts.
    pub async fn stops(&self) -> Result<StoredStops, StoreError> {
        match self.item(&keys::brake_stops()).await? {
            None => Ok(StoredStops {
                stops: HourlyStops::default(),
                guard: Guard::New,
            }),
            Some(item) => {
                let record: StopsRecord = item.read(SHAPE)?;
                Ok(StoredStops {
                    stops: record.stops,
                    guard: Guard::Version(item.version()?),
                })
            }
        }
    }

    /// The levels that operators set.
    pub async fn levels(&self) -> Result<StoredLevels, StoreError> {
        let Some(item) = self.item(&keys::levels()).await? else {
            return Ok(StoredLevels {
                levels: Levels::default(),
                guard: Guard::New,
            });
        };
        Ok(StoredLevels {
            levels: item.read::<LevelsRecord>(SHAPE)?.levels,
            guard: Guard::Version(item.version()?),
        })
    }

    /// How often a rule's condemned findings were right, over the last so many days.
    pub async fn precision(
        &self,
        rule: &str,
        today: Date,
        policy: &BrakePolicy,
    ) -> Result<Precision, StoreError> {
        let days = Span::new().days(i64::from(policy.automatic_window_days));
        let first = today.checked_sub(days).unwrap_or(Date::MIN).to_string();
        let partition = keys::precision_partition(rule);
        let mut precision = Precision::default();
        for item in self.partition_from(&partition, &first).await? {
            let record: PrecisionRecord = item.read(SHAPE)?;
            precision.condemned += record.condemned;
            precision.taken_back += record.taken_back;
            if precision.since.is_none() && 0 < record.condemned {
                let sk = item.key().sk;
                precision.since = sk.split('#').next().and_then(|day| day.parse().ok());
            }
        }
        Ok(precision)
    }

    /// Counts what the step from `before` to `after` says of the rule: that it condemned, or that
    /// people took back what it condemned.
    pub fn count_precision(change: &mut Change, day: Date, before: &Finding, after: &Finding) {
        let taken_back = |why: &Why| match why {
            Why::Reinstated | Why::AppealGranted => true,
            Why::PutRight | Why::Overtaken => false,
        };
        let what = match (&before.state, &after.state) {
            (FindingState::LastLook { .. }, FindingState::Condemned { .. }) => "condemned",
            (
                FindingState::Condemned { .. } | FindingState::Stopped { .. },
                FindingState::Closed { why, .. },
            ) if taken_back(why) => "taken_back",
            _ => return,
        };
        let shard = keys::shard_of(after.id.as_str(), keys::SHARDS);
        let key = keys::precision(&after.rule, &day.to_string(), shard);
        change.add(key, SHAPE, &[(what, 1)]);
    }

    /// Live links over all accounts: the sum of the shards.
    pub async fn live_links(&self) -> Result<u64, StoreError> {
        let items = self.partition(&keys::count_live_partition()).await?;
        let mut total = 0;
        for item in &items {
            total += item.read::<CountRecord>(SHAPE)?.live;
        }
        Ok(u64::try_from(total).unwrap_or_default())
    }

    /// Counts a link as live, or as no longer live, on the shard of its name.
    pub fn count_live(change: &mut Change, link: &str, by: i64) {
        let shard = keys::shard_of(link, keys::SHARDS);
        change.add(keys::count_live(shard), SHAPE, &[("live", by)]);
    }
}
