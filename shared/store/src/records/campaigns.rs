//! Campaigns, their members, and what these came to.

use std::collections::BTreeMap;

use icp_domain::campaign::{Campaign, Fault, Member, MemberOutcome};
use icp_domain::ids::{CampaignId, SubjectId, UnitId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::SHAPE;
use crate::{Change, Guard, Item, Row, Store, StoreError, keys};

/// A campaign as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCampaign {
    /// The campaign.
    pub campaign: Campaign,
    guard: Guard,
}

impl StoredCampaign {
    /// A campaign that begins now.
    pub fn begun(campaign: Campaign) -> Self {
        Self {
            campaign,
            guard: Guard::New,
        }
    }

    /// The version that was read; 0 before the first write.
    pub fn version(&self) -> u64 {
        match self.guard {
            Guard::Version(read) => read,
            Guard::New | Guard::Parent => 0,
        }
    }

    /// Writes the campaign as `after`.
    pub fn put(&self, change: &mut Change, after: &Campaign) -> Result<(), StoreError> {
        let key = keys::campaign(&after.id);
        change.put(Row::of(key, SHAPE, self.guard, after)?);
        Ok(())
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        Ok(Self {
            campaign: item.read(SHAPE)?,
            guard: Guard::Version(item.version()?),
        })
    }
}

/// A member as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMember {
    /// The unit.
    pub unit: UnitId,
    /// The member.
    pub member: Member,
    guard: Guard,
}

/// A member whose faults wait to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Untold {
    /// The unit.
    pub unit: UnitId,
    /// What is at fault.
    pub faults: Vec<Fault>,
    /// Since when.
    pub since: Timestamp,
}

/// A page of a walk over members: the members, and the place after which the next page begins.
pub type MemberPage = (Vec<StoredMember>, Option<String>);

/// What members of a campaign came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberTallies {
    /// Members with each outcome, by its name.
    pub outcomes: BTreeMap<String, u64>,
    /// Members at which each rule broke.
    pub rules: BTreeMap<String, u64>,
    /// Members that were told.
    pub told: u64,
    /// Members whose faults were put right before they were told.
    pub put_right: u64,
}

/// What a campaign's members came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CampaignCounts {
    /// All of them.
    pub all: MemberTallies,
    /// By code of the subject's province, as far as it is known.
    pub provinces: BTreeMap<String, MemberTallies>,
}

impl MemberTallies {
    /// Members that have their outcome.
    pub fn done(&self) -> u64 {
        self.outcomes.values().sum()
    }

    fn add(&mut self, name: &str, by: u64) -> bool {
        if let Some(outcome) = name.strip_prefix(OUTCOME) {
            *self.outcomes.entry(outcome.to_owned()).or_default() += by;
        } else if let Some(rule) = name.strip_prefix(RULE) {
            *self.rules.entry(rule.to_owned()).or_default() += by;
        } else if name == TOLD {
            self.told += by;
        } else if name == PUT_RIGHT {
            self.put_right += by;
        } else {
            return false;
        }
        true
    }
}

impl CampaignCounts {
    fn add(&mut self, name: &str, by: u64) -> bool {
        match name.split_once(OF_PROVINCE) {
            None => self.all.add(name, by),
            Some((name, province)) => {
                let tallies = self.provinces.entry(province.to_owned()).or_default();
                tallies.add(name, by)
            }
        }
    }
}

/// A member that is counted: its unit, and the code of its subject's province where it is known.
#[derive(Debug, Clone, Copy)]
pub struct CountedMember<'a> {
    /// The unit.
    pub unit: &'a UnitId,
    /// The province.
    pub province: Option<&'a str>,
}

/// What a commit counts of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CampaignTally<'a> {
    /// It has its outcome.
    Outcome(MemberOutcome),
    /// A rule broke at it.
    Rule(&'a str),
    /// It was told.
    Told,
    /// It was put right before it was told.
    PutRight,
}

const OUTCOME: &str = "outcome@";
const RULE: &str = "rule@";
const TOLD: &str = "told";
const PUT_RIGHT: &str = "putRight";
/// A province's counters stand behind its code. No outcome and no rule has this sign in its name.
const OF_PROVINCE: &str = "@@";

/// Counts something of a member, in all and for its province.
pub fn count_member(
    change: &mut Change,
    campaign: &CampaignId,
    member: CountedMember<'_>,
    tally: CampaignTally<'_>,
) {
    let name = match tally {
        CampaignTally::Outcome(outcome) => format!("{OUTCOME}{}", outcome.name()),
        CampaignTally::Rule(rule) => format!("{RULE}{rule}"),
        CampaignTally::Told => TOLD.to_owned(),
        CampaignTally::PutRight => PUT_RIGHT.to_owned(),
    };
    let shard = keys::shard_of(&member.unit.to_string(), keys::SHARDS);
    let key = keys::campaign_counts(campaign, shard);
    change.add(key.clone(), SHAPE, &[(&name, 1)]);
    if let Some(province) = member.province {
        let name = format!("{name}{OF_PROVINCE}{province}");
        change.add(key, SHAPE, &[(&name, 1)]);
    }
}

impl StoredMember {
    /// A unit that is chosen: it has no outcome yet.
    pub fn put_chosen(
        change: &mut Change,
        campaign: &CampaignId,
        unit: &UnitId,
    ) -> Result<(), StoreError> {
        let key = keys::campaign_member(campaign, unit);
        // Chosen again by a page that is read again; nobody looks before all are chosen.
        change.put(Row::of(key, SHAPE, Guard::Parent, &Member::default())?);
        Ok(())
    }

    /// Writes the member as `after`, and puts it on the list of those who wait to be told, or takes it off.
    pub fn put(
        &self,
        change: &mut Change,
        campaign: &CampaignId,
        after: &Member,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let key = keys::campaign_member(campaign, &self.unit);
        change.put(Row::of(key, SHAPE, self.guard, after)?);
        let untold = keys::campaign_untold(campaign, &self.unit);
        let (before, after_waits) = (self.member.waits_to_be_told(), after.waits_to_be_told());
        if after_waits && (!before || self.member.faults != after.faults) {
            let record = Untold {
                unit: self.unit.clone(),
                faults: after.faults.clone(),
                since: now,
            };
            change.put(Row::of(untold, SHAPE, Guard::Parent, &record)?);
        } else if before && !after_waits {
            change.delete(untold, Guard::Parent);
        }
        Ok(())
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        let sk = item.key().sk;
        let unit = sk.strip_prefix(keys::MEMBER).and_then(unit_of);
        Ok(Self {
            unit: unit.ok_or_else(|| item.malformed("no unit"))?,
            member: item.read(SHAPE)?,
            guard: Guard::Version(item.version()?),
        })
    }
}

impl Store {
    /// Every campaign, the newest last as their ids happen to sort.
    pub async fn campaigns(&self) -> Result<Vec<StoredCampaign>, StoreError> {
        let items = self.partition(keys::CAMPAIGNS).await?;
        items.iter().map(StoredCampaign::read).collect()
    }

    /// A campaign.
    pub async fn campaign(&self, id: &CampaignId) -> Result<Option<StoredCampaign>, StoreError> {
        let item = self.item(&keys::campaign(id)).await?;
        item.as_ref().map(StoredCampaign::read).transpose()
    }

    /// A member of a campaign.
    pub async fn member(
        &self,
        campaign: &CampaignId,
        unit: &UnitId,
    ) -> Result<Option<StoredMember>, StoreError> {
        let item = self.item(&keys::campaign_member(campaign, unit)).await?;
        item.as_ref().map(StoredMember::read).transpose()
    }

    /// A page of a campaign's members.
    pub async fn members(
        &self,
        campaign: &CampaignId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<MemberPage, StoreError> {
        let (items, next) = self.walked(campaign, keys::MEMBER, after, limit).await?;
        let members = items.iter().map(StoredMember::read);
        Ok((members.collect::<Result<_, _>>()?, next))
    }

    /// A page of the members whose faults wait to be told, and the place after which the next begins.
    pub async fn untold(
        &self,
        campaign: &CampaignId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Untold>, Option<String>), StoreError> {
        let (items, next) = self.walked(campaign, keys::UNTOLD, after, limit).await?;
        let untold = items.iter().map(|item| item.read(SHAPE));
        Ok((untold.collect::<Result<_, _>>()?, next))
    }

    /// What a campaign's members came to.
    pub async fn campaign_counts(&self, id: &CampaignId) -> Result<CampaignCounts, StoreError> {
        let partition = keys::campaign_partition(id);
        let items = self
            .partition_between(&partition, "COUNT#", "COUNT#~")
            .await?;
        let mut counts = CampaignCounts::default();
        for item in &items {
            for (name, by) in item.counters()? {
                if !counts.add(&name, by) {
                    return Err(item.malformed(&name));
                }
            }
        }
        Ok(counts)
    }

    /// The units of a subject that are audited now.
    pub async fn audited_units(&self, subject: &SubjectId) -> Result<Vec<UnitId>, StoreError> {
        let partition = keys::subject_partition(subject);
        let items = self
            .partition_between(&partition, "CLOCK#", "CLOCK#~")
            .await?;
        let awake = items.iter().filter(|item| item.text("wake_sk").is_some());
        Ok(awake
            .filter_map(|item| Self::unit_of_clock(&item.key()))
            .map(|(unit, _)| unit)
            .collect())
    }

    async fn walked(
        &self,
        campaign: &CampaignId,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Item>, Option<String>), StoreError> {
        let partition = keys::campaign_partition(campaign);
        // A space comes before, and a tilde after every character of a unit.
        let from = after.map_or_else(|| format!("{prefix} "), ToOwned::to_owned);
        let until = format!("{prefix}~");
        let page = self.page_between(&partition, &from, &until, limit);
        let (items, more) = page.await?;
        let last = items.last().map(|item| item.key().sk);
        Ok((items, last.filter(|_| more)))
    }
}

fn unit_of(text: &str) -> Option<UnitId> {
    Some(match text.split_once('/') {
        None => UnitId::of_subject(text.parse().ok()?),
        Some((subject, service)) => {
            UnitId::of_service(subject.parse().ok()?, service.parse().ok()?)
        }
    })
}
