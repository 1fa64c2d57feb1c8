//! What was handed over for a number: so that its owner can ask whether a message was ours.

use icp_domain::case::CaseNumber;
use icp_domain::identifiers::Mobile;
use icp_domain::ids::NoticeId;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SHAPE;
use crate::{Change, CommitError, Guard, Row, Store, StoreError, keys};

/// One message that a sender took for a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SentTo {
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Its text's name.
    pub about: String,
    /// The case number that it printed, if it printed one.
    pub case_number: Option<CaseNumber>,
}

/// How long it is known.
///
/// Source: chosen here; as long as a notice's own row.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 180);

impl SentTo {
    /// Writes it for a number, beside the message that it speaks of.
    pub fn put(
        &self,
        change: &mut Change,
        number_hash: &str,
        message: &NoticeId,
    ) -> Result<(), StoreError> {
        let key = keys::sent_to(number_hash, self.at, message);
        change.put(Row::of(key, SHAPE, Guard::Parent, self)?.ttl(self.at + KEPT));
        Ok(())
    }
}

impl Store {
    /// What was handed over for a number since an instant, the newest first: notices, and codes of the
    /// number's ring.
    pub async fn sent_to(
        &self,
        mobile: &Mobile,
        since: Timestamp,
    ) -> Result<Vec<SentTo>, StoreError> {
        let mut found = Vec::new();
        let (from, to) = (format!("SENT#{}", keys::instant(since)), "SENT#~");
        for hash in self.keys().hashes(mobile.reveal()).await? {
            let rows = self
                .partition_between(&keys::number_partition(&hash), &from, to)
                .await?;
            for item in rows {
                found.push(item.read::<SentTo>(SHAPE)?);
            }
            for at in self.codes_sent(&hash).await? {
                found.push(SentTo {
                    at,
                    about: "code".to_owned(),
                    case_number: None,
                });
            }
        }
        found.retain(|sent| since <= sent.at);
        found.sort_by_key(|sent| std::cmp::Reverse(sent.at));
        Ok(found)
    }

    /// Forgets what was handed over for a number: whoever had it is erased.
    pub async fn forget_sent_to(&self, mobile: &Mobile) -> Result<(), StoreError> {
        for hash in self.keys().hashes(mobile.reveal()).await? {
            let partition = keys::number_partition(&hash);
            let rows = self
                .partition_between(&partition, "SENT#", "SENT#~")
                .await?;
            for item in rows {
                let mut change = Change::new();
                change.delete(item.key(), Guard::Version(item.version()?));
                match self.commit(&change).await {
                    // It is gone already: another call of the same erasure was here.
                    Ok(()) | Err(CommitError::Conflict(_)) => {}
                    Err(CommitError::Store(error)) => return Err(error),
                }
            }
        }
        Ok(())
    }
}
