//! The outbox: what must be sent because of a commit, and what became of it.

use icp_domain::ids::{NoticeId, OrderId, PersonId, SubjectId};
use icp_domain::notice::{AccessChange, Notice};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::SHAPE;
use crate::index::Family;
use crate::{Change, Guard, Item, Key, Row, Store, StoreError, keys};

/// An outbox row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutboxRow {
    /// What is to be sent.
    pub posting: Posting,
    /// Not before this instant.
    pub send_after: Timestamp,
    /// Who is sending it, until when.
    pub claim: Option<Claim>,
    /// Tries so far.
    pub tries: u32,
    /// What became of it.
    pub done: Option<Done>,
}

/// What is to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "posting", content = "of")]
pub enum Posting {
    /// A notice, to be expanded into messages.
    Notice(Notice),
    /// One message of a notice.
    Message(Message),
    /// A change of access for the front ends.
    Access(AccessChange),
}

/// One message: to one number, whatever roles its owner has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Its id.
    pub id: NoticeId,
    /// The notice.
    pub notice: Notice,
    /// The person whose number it goes to.
    pub person: PersonId,
    /// The order whose draft holds the person, or `None` for the filing's own.
    pub order: Option<OrderId>,
    /// Keyed hash of the number at the time of expanding.
    pub number_hash: String,
}

/// A lease on a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Whose.
    pub token: String,
    /// Until when; then anyone may claim it.
    pub until: Timestamp,
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// When.
    pub at: Timestamp,
    /// How.
    pub outcome: Outcome,
}

/// How a row ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Expanded into messages.
    Expanded,
    /// Accepted by the sender, under this reference.
    Accepted(String),
    /// No longer true, and so not sent.
    Stale,
    /// Nobody to send it to, or the sender refused for good.
    Undeliverable(String),
    /// The front end acknowledged it, or a later change overtook it.
    Settled,
}

/// An outbox row as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOutbox {
    /// The row.
    pub row: OutboxRow,
    /// Its id.
    pub id: NoticeId,
    guard: Guard,
}

impl OutboxRow {
    /// A row that waits to be sent.
    pub fn waiting(posting: Posting, send_after: Timestamp) -> Self {
        Self {
            posting,
            send_after,
            claim: None,
            tries: 0,
            done: None,
        }
    }

    /// The row as it is written: on `wake` until it is done, and kept for a while after that.
    fn stored(&self, id: &NoticeId, guard: Guard, now: Timestamp) -> Result<Row, StoreError> {
        let kept = jiff::SignedDuration::from_hours(24 * DONE_KEPT_DAYS);
        let row = Row::of(keys::outbox(id), SHAPE, guard, self)?;
        Ok(row
            .wake(Family::Outbox, self.wakes_at(), now)
            .ttl(self.send_after.max(now) + kept))
    }

    /// When a sweep looks at it next.
    fn wakes_at(&self) -> Option<Timestamp> {
        match (&self.done, &self.claim) {
            (Some(_), _) => None,
            (None, Some(claim)) => Some(claim.until),
            (None, None) => Some(self.send_after),
        }
    }
}

impl StoredOutbox {
    /// The row after a change of it, beside whatever else commits.
    pub fn put(
        &self,
        change: &mut Change,
        row: &OutboxRow,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        change.put(row.stored(&self.id, self.guard, now)?);
        Ok(())
    }
}

/// How long a done row is kept for those who ask what was sent.
const DONE_KEPT_DAYS: i64 = 180;

impl Store {
    /// Posts a new row in a change. The same cause names the same row, so a repeat meets it.
    pub fn post(
        change: &mut Change,
        id: &NoticeId,
        posting: Posting,
        send_after: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = OutboxRow::waiting(posting, send_after);
        change.put(row.stored(id, Guard::New, now)?);
        Ok(())
    }

    /// An outbox row.
    pub async fn outbox(&self, id: &NoticeId) -> Result<Option<StoredOutbox>, StoreError> {
        self.outbox_at(&keys::outbox(id)).await
    }

    /// An outbox row by the key that a sweep or the stream found.
    pub async fn outbox_at(&self, key: &Key) -> Result<Option<StoredOutbox>, StoreError> {
        self.item(key).await?.as_ref().map(stored).transpose()
    }
}

fn stored(item: &Item) -> Result<StoredOutbox, StoreError> {
    let id = item
        .key()
        .sk
        .parse()
        .map_err(|_| item.malformed("its name is not an id"))?;
    Ok(StoredOutbox {
        row: item.read(SHAPE)?,
        id,
        guard: Guard::Version(item.version()?),
    })
}

/// Recipients are named by filing and person; nothing personal stands in a row.
impl Message {
    /// The id of the message that a notice sends to a number.
    pub fn id_of(notice: &NoticeId, number_hash: &str) -> NoticeId {
        NoticeId::derived("message", &[notice.as_str(), "sms", number_hash])
    }

    /// The filing that the message is about.
    pub fn subject(&self) -> &SubjectId {
        &self.notice.subject
    }
}
