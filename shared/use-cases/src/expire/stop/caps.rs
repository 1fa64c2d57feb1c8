//! The caps on stops: counted over all accounts and for each, before the first stop of a pass.

use std::collections::{BTreeMap, BTreeSet};

use icp_domain::Rulebook;
use icp_domain::brake::{Brake, Load, account_cap_passed, cap_passed};
use icp_domain::ids::AccountId;
use icp_store::records::StoredBrake;
use icp_store::{Change, CommitError, Store, StoreError};
use jiff::Timestamp;

use super::Wanted;

/// Whether stopping all that is ready would go past a cap.
pub(super) async fn passed(
    store: &Store,
    rulebook: &Rulebook,
    wanted: &[Wanted],
    now: Timestamp,
) -> Result<bool, StoreError> {
    let policy = &rulebook.policy.brake;
    // A link that several findings would stop is stopped once.
    let mut per_account: BTreeMap<&AccountId, BTreeSet<&str>> = BTreeMap::new();
    for one in wanted {
        let links = per_account.entry(&one.account).or_default();
        links.extend(one.links.iter().map(String::as_str));
    }
    let stopped = store.stops().await?.stops.in_last_day(now);
    let load = Load {
        live_links: store.live_links().await?,
        stopped,
        wanted: per_account.values().map(|links| count(links.len())).sum(),
    };
    if cap_passed(&load, policy).is_some() {
        return Ok(true);
    }
    for (account, links) in per_account {
        let held = store.account(account).await?;
        let stopped = held.stops.in_last_day(now);
        let load = Load {
            live_links: held.live_links,
            stopped,
            wanted: count(links.len()),
        };
        if account_cap_passed(&load, policy).is_some() {
            return Ok(true);
        }
    }
    Ok(false)
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
