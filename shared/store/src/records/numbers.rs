//! Who is found by a keyed hash: by mobile persons of filings and of drafts, by name subjects.

use icp_domain::identifiers::Mobile;
use icp_domain::ids::{OrderId, PersonId, SubjectId};
use icp_domain::names::normalised;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::SHAPE;
use crate::{Store, StoreError, keys};

/// A person of a filing who uses a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NumberUser {
    /// The filing.
    pub subject: SubjectId,
    /// The person of it.
    pub person: PersonId,
}

/// An order whose draft holds somebody who uses a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NumberDraft {
    /// The order.
    pub order: OrderId,
    /// Its filing.
    pub subject: SubjectId,
}

/// A subject of a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NamedSubject {
    /// The filing.
    pub(super) subject: SubjectId,
}

/// What is hashed of a name: however it is written, and nothing that a number could be.
fn hashed_name(name: &str) -> String {
    format!("name:{}", normalised(name))
}

impl Store {
    /// The keyed hash of a subject's name.
    pub(super) async fn name_hash(&self, name: &str) -> Result<String, StoreError> {
        self.keys().hashed(&hashed_name(name)).await
    }

    /// The filings whose subject has a name, however it is written: the first `most` of them.
    pub async fn named(&self, name: &str, most: usize) -> Result<Vec<SubjectId>, StoreError> {
        let mut found = Vec::new();
        // Rows move to a new key within seconds of its rotation, and a process may not have heard of it.
        self.keys().refresh().await;
        for hash in self.keys().hashes(&hashed_name(name)).await? {
            for item in self.partition(&keys::name_partition(&hash)).await? {
                let named: NamedSubject = item.read(SHAPE)?;
                found.push(named.subject);
            }
        }
        found.sort();
        found.dedup();
        found.truncate(most);
        Ok(found)
    }

    /// The filings with a person who answers under a mobile.
    pub async fn users_of(&self, mobile: &Mobile) -> Result<Vec<SubjectId>, StoreError> {
        let users: Vec<NumberUser> = self.found_by(mobile, "PERSON#").await?;
        let mut found: Vec<SubjectId> = users.into_iter().map(|user| user.subject).collect();
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// The orders whose drafts hold a person with a mobile, with their filings.
    pub async fn drafts_of(&self, mobile: &Mobile) -> Result<Vec<NumberDraft>, StoreError> {
        let mut found: Vec<NumberDraft> = self.found_by(mobile, "DRAFT#").await?;
        found.sort_by(|a, b| (&a.subject, &a.order).cmp(&(&b.subject, &b.order)));
        found.dedup();
        Ok(found)
    }

    /// Under every key of the index that rows may still be found by.
    async fn found_by<T: DeserializeOwned>(
        &self,
        mobile: &Mobile,
        kind: &str,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        self.keys().refresh().await;
        for hash in self.keys().hashes(mobile.reveal()).await? {
            let partition = keys::number_partition(&hash);
            let rows = self
                .partition_between(&partition, kind, &format!("{kind}~"))
                .await?;
            for item in rows {
                found.push(item.read(SHAPE)?);
            }
        }
        Ok(found)
    }
}
