//! The brake, the levels, and the counts that they are measured against.

use std::collections::BTreeMap;

use icp_domain::brake::{Brake, HourlyStops};
use icp_domain::rulebook::{Level, Rulebook};
use jiff::civil::Date;
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
pub struct Levels(BTreeMap<String, Level>);

impl Levels {
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
            .copied()
            .unwrap_or(shipped.min(first.level_of_orders))
    }
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
                    brake: Brake {
                        mode,
                        latched_at: None,
                    },
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
    pub async fn levels(&self) -> Result<Levels, StoreError> {
        let item = self.item(&keys::levels()).await?;
        item.map_or(Ok(Levels::default()), |item| {
            item.read::<LevelsRecord>(SHAPE).map(|record| record.levels)
        })
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

    /// Counts one rule's outcome of a day: a finding, or an undecided look.
    pub fn count_outcome(change: &mut Change, day: Date, rule: &str, look: &str, what: &str) {
        let shard = keys::shard_of(look, keys::SHARDS);
        change.add(
            keys::rule_run(&day.to_string(), rule, shard),
            SHAPE,
            &[(what, 1)],
        );
    }
}
