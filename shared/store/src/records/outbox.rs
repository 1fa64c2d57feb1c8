//! The outbox: what must be sent because of a commit, and what became of it.

use icp_domain::ids::{NoticeId, SubjectId};
use icp_domain::notice::{AccessChange, Addressee, Channel, Notice, Unreached};
use jiff::Timestamp;
use jiff::civil::Date;
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
    /// Tries so far: of sending, and once it was taken of asking for its receipt.
    pub tries: u32,
    /// Its sender took it, and it does not count as delivered yet.
    #[serde(default)]
    pub taken: Option<Taken>,
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
    /// The one text of a number and day, for the messages in it.
    Digest(Digest),
    /// A change of access for the front ends.
    Access(AccessChange),
}

/// One message: to one number or address, whatever roles its owner has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Its id.
    pub id: NoticeId,
    /// The notice.
    pub notice: Notice,
    /// To whom.
    pub addressee: Addressee,
    /// By what.
    pub channel: Channel,
    /// Keyed hash of the number or address at the time of expanding.
    pub address_hash: String,
    /// The digest that it is told with, if it waits for one.
    pub digest: Option<NoticeId>,
}

/// The one text of a number and day (短信合并). It is open until its first claim; what comes later joins the
/// next day's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Digest {
    /// Its id.
    pub id: NoticeId,
    /// Keyed hash of the number.
    pub number_hash: String,
    /// The day.
    pub day: Date,
}

/// That a sender took a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// When.
    pub at: Timestamp,
    /// The sender's reference.
    pub reference: String,
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
    /// Expanded into these messages.
    Expanded(Vec<Key>),
    /// Accepted by the sender, under this reference: whether it arrived nobody says.
    Accepted(String),
    /// Delivered: by its receipt, or it did not come back.
    Delivered(String),
    /// No longer true, and so not sent.
    Stale,
    /// It reached nobody, and will not.
    Unreached(Unreached),
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
    /// Where it stands.
    pub key: Key,
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
            taken: None,
            done: None,
        }
    }

    /// The row as it is written: on `wake` until it is done, and kept for a while after that.
    fn stored(&self, key: &Key, guard: Guard, now: Timestamp) -> Result<Row, StoreError> {
        let kept = jiff::SignedDuration::from_hours(24 * DONE_KEPT_DAYS);
        let row = Row::of(key.clone(), SHAPE, guard, self)?;
        Ok(row
            .wake(Family::Outbox, self.wakes_at(), now)
            .ttl(self.send_after.max(now) + kept))
    }

    /// Whether nobody has tried to send it: what waits for a digest may still join it.
    pub fn is_open(&self) -> bool {
        self.claim.is_none() && self.tries == 0 && self.taken.is_none() && self.done.is_none()
    }

    /// When a sweep looks at it next.
    fn wakes_at(&self) -> Option<Timestamp> {
        let waits_for_its_digest =
            matches!(&self.posting, Posting::Message(message) if message.digest.is_some());
        match (&self.done, &self.claim) {
            (Some(_), _) => None,
            (None, _) if waits_for_its_digest => None,
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
        change.put(row.stored(&self.key, self.guard, now)?);
        Ok(())
    }

    /// Rests on the row as it was read, without writing it.
    pub fn check(&self, change: &mut Change) {
        change.check(self.key.clone(), self.guard);
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
        change.put(row.stored(&keys::outbox(id), Guard::New, now)?);
        Ok(())
    }

    /// Posts a message: by itself, or where it waits for a digest beside that digest's others.
    pub fn post_message(
        change: &mut Change,
        message: Message,
        now: Timestamp,
    ) -> Result<Key, StoreError> {
        let key = message.key();
        let row = OutboxRow::waiting(Posting::Message(message), now);
        change.put(row.stored(&key, Guard::New, now)?);
        Ok(key)
    }

    /// The messages that wait for a digest, or were told with it.
    pub async fn digested(&self, digest: &NoticeId) -> Result<Vec<StoredOutbox>, StoreError> {
        let items = self.partition(&keys::digest_partition(digest)).await?;
        items.iter().map(stored).collect()
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
        key: item.key(),
        guard: Guard::Version(item.version()?),
    })
}

/// Recipients are named by filing and person; nothing personal stands in a row.
impl Message {
    /// The id of the message that a notice sends to a number or address.
    pub fn id_of(notice: &NoticeId, channel: Channel, address_hash: &str) -> NoticeId {
        NoticeId::derived("message", &[notice.as_str(), channel.name(), address_hash])
    }

    /// The filing that the message is about.
    pub fn subject(&self) -> &SubjectId {
        &self.notice.subject
    }

    /// Where it stands.
    pub fn key(&self) -> Key {
        match &self.digest {
            None => keys::outbox(&self.id),
            Some(digest) => keys::digested(digest, &self.id),
        }
    }
}

impl Digest {
    /// The digest of a number and day.
    pub fn of(number_hash: &str, day: Date) -> Self {
        Self {
            id: NoticeId::derived("digest", &[number_hash, &day.to_string()]),
            number_hash: number_hash.to_owned(),
            day,
        }
    }
}
