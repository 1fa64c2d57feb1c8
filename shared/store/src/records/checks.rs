//! Checks that somebody asked for: what they wait for, and what each look said.

use icp_domain::audit::ClockName;
use icp_domain::checks::Said;
use icp_domain::ids::{AccountId, CheckId, LookId, SubjectId, UnitId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::SHAPE;
use crate::{Change, Guard, Item, Row, Store, StoreError, keys};

/// A filer's self-check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SelfCheck {
    /// Its id.
    pub id: CheckId,
    /// The account that asked.
    pub account: AccountId,
    /// The filing.
    pub subject: SubjectId,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// The looks that it waits for, a unit and clock each.
    pub looks: Vec<AwaitedLook>,
}

/// A look that a check waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AwaitedLook {
    /// The look.
    pub look: LookId,
    /// What is looked at.
    pub unit: UnitId,
    /// Whose rules judge it.
    pub clock: ClockName,
}

/// What a look of a check said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckedLook {
    /// The look.
    pub look: LookId,
    /// When its looking began.
    pub begun_at: Timestamp,
    /// What each rule said of each object.
    pub said: Vec<Said>,
}

impl SelfCheck {
    /// Writes a check that was just asked for, to be kept so long.
    pub fn put(&self, change: &mut Change, kept: SignedDuration) -> Result<(), StoreError> {
        let row = keys::self_check(&self.id);
        let dies_at = self.asked_at + kept;
        change.put(Row::of(row, SHAPE, Guard::New, self)?.ttl(dies_at));
        Ok(())
    }
}

impl CheckedLook {
    /// Writes what a look said, once, to be kept until the check dies.
    pub fn put(
        &self,
        change: &mut Change,
        check: &CheckId,
        dies_at: Timestamp,
    ) -> Result<(), StoreError> {
        let row = keys::check_look(check, &self.look);
        change.put(Row::of(row, SHAPE, Guard::New, self)?.ttl(dies_at));
        Ok(())
    }
}

impl Store {
    /// A self-check, without what its looks said.
    pub async fn self_check(&self, id: &CheckId) -> Result<Option<SelfCheck>, StoreError> {
        let item = self.item(&keys::self_check(id)).await?;
        item.map(|item| item.read(SHAPE)).transpose()
    }

    /// A self-check with what its looks said so far.
    pub async fn self_check_with_looks(
        &self,
        id: &CheckId,
    ) -> Result<Option<(SelfCheck, Vec<CheckedLook>)>, StoreError> {
        let items = self.partition(&keys::check_partition(id)).await?;
        let head = keys::self_check(id);
        let Some(check) = items.iter().find(|item| item.key() == head) else {
            return Ok(None);
        };
        Ok(Some((check.read(SHAPE)?, looks_in(&items)?)))
    }
}

/// What looks said, of the rows of a check.
fn looks_in(items: &[Item]) -> Result<Vec<CheckedLook>, StoreError> {
    let looks = items
        .iter()
        .filter(|item| item.key().sk.starts_with("LOOK#"));
    looks.map(|item| item.read(SHAPE)).collect()
}
