//! What runs of audits counted, and runs whose notices are held.

use std::collections::BTreeMap;

use icp_domain::audit::ClockName;
use icp_domain::ids::UserId;
use icp_domain::notice_brake::{Counted, Run};
use icp_domain::rules::{Judges, Rule};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SHAPE;
use crate::{Change, Guard, Item, Row, Store, StoreError, keys};

/// Findings and undecided looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Units at which the rule broke, confirmed.
    pub broken: u64,
    /// Looks at which it could not decide.
    pub undecided: u64,
}

/// What one rule's audits of one day came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleDay {
    /// In all.
    pub all: Tally,
    /// By the subject's province, as far as it is known.
    pub provinces: BTreeMap<String, Tally>,
}

/// Units planned on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UnitsPlanned {
    /// Subjects' own units.
    pub subjects: u64,
    /// Services.
    pub services: u64,
    /// Services whose registrations were to be looked at.
    pub holders: u64,
}

/// Units planned on a day, in all and by province.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlannedDay {
    /// In all.
    pub all: UnitsPlanned,
    /// By the subject's province, as far as it is known.
    pub provinces: BTreeMap<String, UnitsPlanned>,
}

/// Names of the counters. A province's stand behind its code.
const BROKEN: &str = "broken";
const UNDECIDED: &str = "undecided";
const SUBJECTS: &str = "subjects";
const SERVICES: &str = "services";
const HOLDERS: &str = "holders";
const OF_PROVINCE: char = '@';

impl Tally {
    fn add(&mut self, name: &str, by: u64) -> bool {
        match name {
            BROKEN => self.broken += by,
            UNDECIDED => self.undecided += by,
            _ => return false,
        }
        true
    }
}

impl RuleDay {
    fn take(&mut self, item: &Item) -> Result<(), StoreError> {
        for (name, by) in item.counters()? {
            let taken = match name.split_once(OF_PROVINCE) {
                None => self.all.add(&name, by),
                Some((name, province)) => {
                    let tally = self.provinces.entry(province.to_owned()).or_default();
                    tally.add(name, by)
                }
            };
            if !taken {
                return Err(item.malformed(&name));
            }
        }
        Ok(())
    }
}

impl UnitsPlanned {
    /// Those that a rule judges.
    pub fn judged_by(self, rule: &Rule) -> u64 {
        match (rule.clock(), rule.judges) {
            (ClockName::Holder, _) => self.holders,
            (ClockName::Audit, Judges::Subject) => self.subjects,
            (ClockName::Audit, Judges::Service) => self.services,
        }
    }

    fn add(&mut self, name: &str, by: u64) -> bool {
        match name {
            SUBJECTS => self.subjects += by,
            SERVICES => self.services += by,
            HOLDERS => self.holders += by,
            _ => return false,
        }
        true
    }

    fn named(self) -> [(&'static str, u64); 3] {
        [
            (SUBJECTS, self.subjects),
            (SERVICES, self.services),
            (HOLDERS, self.holders),
        ]
    }
}

impl PlannedDay {
    fn add(&mut self, name: &str, by: u64) -> bool {
        match name.split_once(OF_PROVINCE) {
            None => self.all.add(name, by),
            Some((name, province)) => {
                let planned = self.provinces.entry(province.to_owned()).or_default();
                planned.add(name, by)
            }
        }
    }
}

/// Counts what one rule said of a unit in a look, for its day: a finding, or that it could not decide.
///
/// `by` names the look, so that counts spread over shards.
pub fn count_outcome(
    change: &mut Change,
    (rule, day): (&str, Date),
    province: Option<&str>,
    by: &str,
    tally: Tally,
) {
    let shard = keys::shard_of(by, keys::SHARDS);
    let key = keys::rule_run(&day.to_string(), rule, shard);
    for (name, count) in [(BROKEN, tally.broken), (UNDECIDED, tally.undecided)] {
        if count == 0 {
            continue;
        }
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        change.add(key.clone(), SHAPE, &[(name, count)]);
        if let Some(province) = province {
            let name = format!("{name}{OF_PROVINCE}{province}");
            change.add(key.clone(), SHAPE, &[(&name, count)]);
        }
    }
}

/// Counts the units of a page that is planned.
pub fn count_planned(change: &mut Change, day: Date, shard: u8, units: &PlannedDay) {
    let named = units.all.named().into_iter();
    let mut counts: Vec<(String, u64)> = named
        .map(|(name, units)| (name.to_owned(), units))
        .collect();
    for (province, planned) in &units.provinces {
        let of_province = planned.named().into_iter().filter(|(_, units)| 0 < *units);
        counts.extend(
            of_province.map(|(name, units)| (format!("{name}{OF_PROVINCE}{province}"), units)),
        );
    }
    let counts: Vec<(&str, i64)> = counts
        .iter()
        .map(|(name, units)| (name.as_str(), i64::try_from(*units).unwrap_or(i64::MAX)))
        .collect();
    change.add(keys::units_planned(&day.to_string(), shard), SHAPE, &counts);
}

/// A run whose notices are held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NoticeHold {
    /// The run.
    pub run: Run,
    /// Since when it is held.
    pub held_at: Timestamp,
    /// Units that were to be looked at, as counted then.
    pub units: u64,
    /// Units at which the rule broke, as counted then.
    pub broken: u64,
    /// Who let its notices go.
    pub released: Option<Released>,
}

/// Who let a held run's notices go, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NoticesReleased)]
pub struct Released {
    /// Who.
    pub by: UserId,
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// A held run as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredNoticeHold {
    /// The run.
    pub hold: NoticeHold,
    guard: Guard,
}

impl StoredNoticeHold {
    /// A run that is held from now on. Whoever writes it first holds it.
    pub fn new(run: Run, counted: Counted, now: Timestamp) -> Self {
        let Counted { units, broken } = counted;
        let hold = NoticeHold {
            run,
            held_at: now,
            units,
            broken,
            released: None,
        };
        Self {
            hold,
            guard: Guard::New,
        }
    }

    /// The version that was read.
    pub fn version(&self) -> u64 {
        match self.guard {
            Guard::Version(read) => read,
            Guard::New | Guard::Parent => 0,
        }
    }

    /// Writes the run.
    pub fn put(&self, change: &mut Change, hold: &NoticeHold) -> Result<(), StoreError> {
        let key = keys::notice_hold(&hold.run);
        change.put(Row::of(key, SHAPE, self.guard, hold)?);
        Ok(())
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        Ok(Self {
            hold: item.read(SHAPE)?,
            guard: Guard::Version(item.version()?),
        })
    }
}

impl Store {
    /// What a rule's audits came to on each day of `[from, until]` on which anything was counted.
    pub async fn rule_days(
        &self,
        rule: &str,
        (from, until): (Date, Date),
    ) -> Result<BTreeMap<Date, RuleDay>, StoreError> {
        let mut days: BTreeMap<Date, RuleDay> = BTreeMap::new();
        for item in self.days(&keys::rule_runs(rule), from, until).await? {
            days.entry(day_of(&item)?).or_default().take(&item)?;
        }
        Ok(days)
    }

    /// Units planned on each day of `[from, until]` on which any were.
    pub async fn units_planned(
        &self,
        (from, until): (Date, Date),
    ) -> Result<BTreeMap<Date, PlannedDay>, StoreError> {
        let mut days: BTreeMap<Date, PlannedDay> = BTreeMap::new();
        for item in self.days(keys::UNITS_PLANNED, from, until).await? {
            let day = days.entry(day_of(&item)?).or_default();
            for (name, by) in item.counters()? {
                if !day.add(&name, by) {
                    return Err(item.malformed(&name));
                }
            }
        }
        Ok(days)
    }

    /// Runs that are, or were, held.
    pub async fn notice_holds(&self) -> Result<Vec<StoredNoticeHold>, StoreError> {
        let items = self.partition(keys::NOTICE_HOLDS).await?;
        items.iter().map(StoredNoticeHold::read).collect()
    }

    /// A run that is, or was, held.
    pub async fn notice_hold(&self, run: &Run) -> Result<Option<StoredNoticeHold>, StoreError> {
        let item = self.item(&keys::notice_hold(run)).await?;
        item.as_ref().map(StoredNoticeHold::read).transpose()
    }

    async fn days(&self, pk: &str, from: Date, until: Date) -> Result<Vec<Item>, StoreError> {
        // `~` sorts after every shard of the last day.
        self.partition_between(pk, &from.to_string(), &format!("{until}~"))
            .await
    }
}

/// The day in a row's sort key.
fn day_of(item: &Item) -> Result<Date, StoreError> {
    let key = item.key();
    let day = key.sk.split('#').next().and_then(|day| day.parse().ok());
    day.ok_or_else(|| item.malformed("its day"))
}
