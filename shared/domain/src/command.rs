//! Command ids: the name of a step, the same each time the step is asked for.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ids::{AccountId, UserId};

use crate::schema::text_schema;

/// The name of a step: a hash of who asked for what under which key, or of which row was due when.
///
/// A step that is asked for twice has one command id, so its history entry, its repeat row and the
/// ids of what it creates are the same, and the second commit meets the first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommandId(String);

text_schema!(CommandId);

/// Bytes of SHA-256 kept in an id: 128 bits, so that a collision is out of reach.
const ID_BYTES: usize = 16;

impl CommandId {
    /// A step asked for over HTTP: the caller, the concrete path with its query, and the
    /// `Idempotency-Key`.
    pub fn of_request(account: Option<&AccountId>, user: &UserId, path: &str, key: &str) -> Self {
        let account = account.map_or("", AccountId::as_str);
        Self(hashed("http", &[account, user.as_str(), path, key]))
    }

    /// A step that a machine drives: the row, the step's name, and the due instant.
    pub fn of_due(row: &str, step: &str, due: Timestamp) -> Self {
        Self(hashed(
            "due",
            &[row, step, &due.as_nanosecond().to_string()],
        ))
    }

    /// A step that follows from another thing, such as a look or a notice.
    pub fn of_cause(row: &str, step: &str, cause: &str) -> Self {
        Self(hashed("cause", &[row, step, cause]))
    }

    /// The id of something that this step creates; `role` tells several apart.
    pub fn creates(&self, role: &str) -> String {
        hashed("creates", &[&self.0, role])
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Hashes `parts` under a `domain` of use; each part is preceded by its length, so that no two
/// lists of parts run together.
pub fn hashed(domain: &str, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in std::iter::once(&domain).chain(parts) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    hex::encode(digest.get(..ID_BYTES).unwrap_or(&digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_request_has_the_same_id_and_another_key_another() {
        let user: UserId = "u1".parse().unwrap();
        let of = |path, key| CommandId::of_request(None, &user, path, key);
        assert_eq!(of("/orders", "k1"), of("/orders", "k1"));
        assert_ne!(of("/orders", "k1"), of("/orders", "k2"));
        assert_ne!(of("/orders/a", "k1"), of("/orders/b", "k1"));
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(hashed("d", &["ab", "c"]), hashed("d", &["a", "bc"]));
    }
}
