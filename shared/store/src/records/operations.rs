//! The brake, and the counts that it is measured against.

use icp_domain::brake::{Brake, HourlyStops, Precision};
use icp_domain::finding::{Finding, FindingState, MoveTo};
use icp_domain::rulebook::Rulebook;
use icp_domain::rulebook::policy::Brake as BrakePolicy;
use jiff::Span;
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

#[derive(Serialize, Deserialize)]
struct PrecisionRecord {
    #[serde(default)]
    condemned: u64,
    #[serde(default)]
    taken_back: u64,
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
        let what = match (&before.state, &after.state) {
            (FindingState::LastLook { .. }, FindingState::Condemned { .. }) => "condemned",
            (
                FindingState::Condemned { .. }
                | FindingState::Stopping { .. }
                | FindingState::Stopped { .. },
                FindingState::Closed { why, .. }
                | FindingState::Moving {
                    to: MoveTo::GivenBack { why },
                    ..
                },
            ) if why.takes_back() => "taken_back",
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
