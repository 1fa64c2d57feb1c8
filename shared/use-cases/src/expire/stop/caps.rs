//! The caps on stops: counted over all accounts and for each, before the first stop of a pass.

use std::collections::BTreeMap;

use icp_domain::Rulebook;
use icp_domain::brake::{Brake, Load, account_cap_passed, cap_passed};
use icp_domain::finding::Finding;
use icp_domain::ids::{AccountId, ServiceId};
use icp_store::records::StoredBrake;
use icp_store::{Change, CommitError, Store, StoreError};
use jiff::Timestamp;

use super::Loaded;

/// Whether stopping all that is ready would go past a cap.
pub(super) async fn passed(
    store: &Store,
    rulebook: &Rulebook,
    ready: &[Loaded],
    now: Timestamp,
) -> Result<bool, StoreError> {
    let policy = &rulebook.policy.brake;
    let wanted: u64 = ready.iter().map(|loaded| count(&loaded.links())).sum();
    let stopped = store.stops().await?.stops.in_last_day(now);
    let load = Load {
        live_links: store.live_links().await?,
        stopped,
        wanted,
    };
    if cap_passed(&load, policy).is_some() {
        return Ok(true);
    }
    let mut per_account: BTreeMap<&AccountId, u64> = BTreeMap::new();
    for loaded in ready {
        *per_account.entry(&loaded.wanted.account).or_default() += count(&loaded.links());
    }
    for (account, wanted) in per_account {
        let held = store.account(account).await?;
        let stopped = held.stops.in_last_day(now);
        let load = Load {
            live_links: held.live_links,
            stopped,
            wanted,
        };
        if account_cap_passed(&load, policy).is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) fn count(links: &[ServiceId]) -> u64 {
    u64::try_from(links.len()).unwrap_or(u64::MAX)
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
    ready: &[Loaded],
) -> Result<(), StoreError> {
    let release = |finding: &Finding| finding.state.release().map(|release| release.released_at);
    let released = ready.iter().filter_map(|loaded| release(&loaded.finding));
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
