//! Checks that somebody asked for: what they wait for, and what each look said.

use icp_domain::audit::ClockName;
use icp_domain::checks::Said;
use icp_domain::identifiers::DomainName;
use icp_domain::ids::{AccountId, CheckId, LookId, SubjectId, UnitId};
use icp_domain::look::Seen;
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
    /// Whether the text that was asked for stood in the zone, of a public check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proved: Option<Seen<bool>>,
    /// What each rule said of each object.
    pub said: Vec<Said>,
}

/// A check of a domain by somebody without an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicCheck {
    /// Its id.
    pub id: CheckId,
    /// The domain.
    pub domain: DomainName,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// The key that the text to set is derived under.
    pub signed_under: String,
    /// The last look that was asked for.
    pub proof: Option<AskedProof>,
}

/// A look of a public check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AskedProof {
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// What it waits for: the site, and the registration.
    pub looks: Vec<LookId>,
}

/// A public check as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPublicCheck {
    /// The check.
    pub check: PublicCheck,
    guard: Guard,
}

impl StoredPublicCheck {
    /// A check that was just asked for.
    pub fn asked(check: PublicCheck) -> Self {
        Self {
            check,
            guard: Guard::New,
        }
    }

    /// Writes it, to be kept so long after it was asked for.
    pub fn put(&self, change: &mut Change, kept: SignedDuration) -> Result<(), StoreError> {
        let row = keys::public_check(&self.check.id);
        let dies_at = self.check.asked_at + kept;
        change.put(Row::of(row, SHAPE, self.guard, &self.check)?.ttl(dies_at));
        Ok(())
    }
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

impl Store {
    /// A public check with what its looks said.
    pub async fn public_check(
        &self,
        id: &CheckId,
    ) -> Result<Option<(StoredPublicCheck, Vec<CheckedLook>)>, StoreError> {
        let items = self.partition(&keys::check_partition(id)).await?;
        let row = keys::public_check(id);
        let Some(item) = items.iter().find(|item| item.key() == row) else {
            return Ok(None);
        };
        let stored = StoredPublicCheck {
            check: item.read(SHAPE)?,
            guard: Guard::Version(item.version()?),
        };
        Ok(Some((stored, looks_in(&items)?)))
    }
}

/// What looks said, of the rows of a check.
fn looks_in(items: &[Item]) -> Result<Vec<CheckedLook>, StoreError> {
    let looks = items
        .iter()
        .filter(|item| item.key().sk.starts_with("LOOK#"));
    looks.map(|item| item.read(SHAPE)).collect()
}
