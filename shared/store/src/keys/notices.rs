//! Keys of what is sent, of what was, and of what came of it.

use icp_domain::ids::{AccountId, NoticeId, PersonId, SubjectId};
use jiff::Timestamp;

use super::{Key, SHARDS, instant, key, number_partition, shard_of, subject_partition};

/// An outbox row: its bucket comes from its id, so that the id alone finds it.
pub fn outbox(notice: &NoticeId) -> Key {
    key(
        format!("OUTBOX#{:02}", shard_of(notice.as_str(), SHARDS)),
        notice.as_str(),
    )
}

/// Partition of the messages of a digest. They stand outside the outbox's partitions: the stream brings what
/// is sent by itself.
pub fn digest_partition(digest: &NoticeId) -> String {
    format!("DIGEST#{digest}")
}

/// A message of a digest.
pub fn digested(digest: &NoticeId, message: &NoticeId) -> Key {
    key(digest_partition(digest), message.as_str())
}

/// That a message was handed over for a number, at an instant.
pub fn sent_to(number_hash: &str, at: Timestamp, message: &NoticeId) -> Key {
    key(
        number_partition(number_hash),
        format!("SENT#{}#{message}", instant(at)),
    )
}

/// What a mail server said of a person's address, at an instant.
pub fn mail(subject: &SubjectId, person: &PersonId, at: Timestamp) -> Key {
    let name = format!("MAIL#{person}#{}", instant(at));
    key(subject_partition(subject), name)
}

/// The account holder's number and address.
pub fn account_contact(account: &AccountId) -> Key {
    key(format!("ACCOUNT#{account}"), "CONTACT")
}

/// What somebody reported of a person's telephone, at an instant.
pub fn telephone(subject: &SubjectId, person: &PersonId, at: Timestamp) -> Key {
    let name = format!("TELEPHONE#{person}#{}", instant(at));
    key(subject_partition(subject), name)
}
