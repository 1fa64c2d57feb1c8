//! An account's live links, subjects and stops.

use icp_domain::brake::HourlyStops;
use icp_domain::ids::AccountId;
use serde::{Deserialize, Serialize};

use super::SHAPE;
use crate::{Change, Guard, Row, Store, StoreError, keys};

/// What the brake asks about an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLoad {
    /// The account.
    pub account: AccountId,
    /// Links that are live.
    pub live_links: u64,
    /// Subjects that are filed.
    pub subjects: u64,
    /// Stops per hour.
    pub stops: HourlyStops,
    guard: Guard,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountRecord {
    #[serde(default)]
    live_links: u64,
    #[serde(default)]
    subjects: u64,
    #[serde(default)]
    stops: HourlyStops,
}

impl AccountLoad {
    /// Writes it, with live links and stops as they are now.
    pub fn put(&self, change: &mut Change) -> Result<(), StoreError> {
        let record = AccountRecord {
            live_links: self.live_links,
            subjects: self.subjects,
            stops: self.stops.clone(),
        };
        change.put(Row::of(
            keys::account(&self.account),
            SHAPE,
            self.guard,
            &record,
        )?);
        Ok(())
    }
}

impl Store {
    /// Adds to an account's live links and subjects, whatever else is written to it.
    pub fn count_account(change: &mut Change, account: &AccountId, links: i64, subjects: i64) {
        let counts = [("liveLinks", links), ("subjects", subjects)];
        let counts: Vec<_> = counts.into_iter().filter(|(_, by)| *by != 0).collect();
        change.add(keys::account(account), SHAPE, &counts);
    }

    /// An account's live links, subjects and stops; an account without a row has none.
    pub async fn account(&self, account: &AccountId) -> Result<AccountLoad, StoreError> {
        let item = self.item(&keys::account(account)).await?;
        let account = account.clone();
        let Some(item) = item else {
            let stops = HourlyStops::default();
            return Ok(AccountLoad {
                account,
                live_links: 0,
                subjects: 0,
                stops,
                guard: Guard::New,
            });
        };
        let AccountRecord {
            live_links,
            subjects,
            stops,
        } = item.read(SHAPE)?;
        Ok(AccountLoad {
            account,
            live_links,
            subjects,
            stops,
            guard: Guard::Version(item.version()?),
        })
    }
}
