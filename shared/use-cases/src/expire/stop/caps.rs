//! The caps on stops: counted over all accounts and for each, before the first stop of a pass.

use std::collections::{BTreeMap, BTreeSet};

use icp_domain::brake::{Brake, Load, account_cap_passed, cap_passed};
use icp_domain::ids::AccountId;
use icp_domain::rulebook::policy::Brake as Policy;
use icp_store::records::{AccountLoad, StoredBrake};
use icp_store::{Change, CommitError, Store, StoreError};
use jiff::Timestamp;

use super::Wanted;

/// The caps at an instant, and what they are measured against.
pub(super) struct Caps<'a> {
    policy: &'a Policy,
    live_links: u64,
    stopped: u64,
    now: Timestamp,
}

impl<'a> Caps<'a> {
    pub(super) async fn read(
        store: &Store,
        policy: &'a Policy,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            policy,
            live_links: store.live_links().await?,
            stopped: store.stops().await?.stops.in_last_day(now),
            now,
        })
    }

    /// Whether stopping all that is wanted would go past a cap.
    pub(super) async fn are_passed(
        &self,
        store: &Store,
        wanted: &[Wanted],
    ) -> Result<bool, StoreError> {
        let per_account = per_account(wanted);
        if self.is_passed(self.stopped, per_account.values().map(BTreeSet::len).sum()) {
            return Ok(true);
        }
        for (account, links) in per_account {
            let held = store.account(account).await?;
            if self.is_passed_of(&held, links.len()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether it could be, if each row that was not reached were one link more to be stopped.
    pub(super) fn could_be_passed(&self, wanted: &[Wanted], not_reached: usize) -> bool {
        let known: usize = per_account(wanted).values().map(BTreeSet::len).sum();
        self.is_passed(self.stopped, known + not_reached)
    }

    /// Whether another stop goes past a cap, by the counts that its commit rests on: beside this pass another may be
    /// making some.
    pub(super) fn stop_passes(&self, stops: u64, account: &AccountLoad, links: usize) -> bool {
        self.is_passed(stops, links) || self.is_passed_of(account, links)
    }

    /// Whether so many links more, after those that were stopped, go past the cap of all.
    fn is_passed(&self, stopped: u64, links: usize) -> bool {
        let load = Load {
            live_links: self.live_links,
            stopped,
            wanted: count(links),
        };
        cap_passed(&load, self.policy).is_some()
    }

    /// Whether so many links more of an account go past its own.
    fn is_passed_of(&self, account: &AccountLoad, links: usize) -> bool {
        let load = Load {
            live_links: account.live_links,
            stopped: account.stops.in_last_day(self.now),
            wanted: count(links),
        };
        account_cap_passed(&load, self.policy).is_some()
    }
}

/// What is wanted of each account. A link that several findings would stop is stopped once.
fn per_account(wanted: &[Wanted]) -> BTreeMap<&AccountId, BTreeSet<&str>> {
    let mut links: BTreeMap<&AccountId, BTreeSet<&str>> = BTreeMap::new();
    for one in wanted {
        let own = links.entry(&one.account).or_default();
        own.extend(one.links.iter().map(String::as_str));
    }
    links
}

pub(super) fn count(links: usize) -> u64 {
    u64::try_from(links).unwrap_or(u64::MAX)
}

pub(super) async fn latch(
    store: &Store,
    stored: &StoredBrake,
    now: Timestamp,
) -> Result<(), StoreError> {
    tracing::error!("the brake latched: a pass would have gone past a cap; staff must release");
    let brake = Brake {
        latched_at: Some(now),
        named_at: None,
        ..stored.brake.clone()
    };
    set(store, stored, &brake).await
}

/// Names the set that may pass the caps while the brake is latched: what was released first after it.
pub(super) async fn name(
    store: &Store,
    stored: &StoredBrake,
    wanted: &[Wanted],
) -> Result<(), StoreError> {
    let released = wanted.iter().filter_map(|one| one.released_at);
    let brake = Brake {
        named_at: released.min(),
        ..stored.brake.clone()
    };
    set(store, stored, &brake).await
}

async fn set(store: &Store, stored: &StoredBrake, brake: &Brake) -> Result<(), StoreError> {
    let mut change = Change::new();
    stored.put(&mut change, brake)?;
    match store.commit(&change).await {
        // Somebody else wrote the brake: the next pass reads what they set.
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error),
    }
}
