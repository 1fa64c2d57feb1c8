//! Keyed hashes: how numbers and certificates are found without being readable.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{DataKey, KeyPurpose, KeyRing, StoreError};

/// Bytes of a keyed hash that are kept: 128 bits, so that a collision is out of reach.
const HASH_BYTES: usize = 16;

impl KeyRing {
    /// A number's or certificate's keyed hash: the same for the same value, and nothing without the
    /// key. It starts with the key's id, so that a rotated key is told apart.
    pub async fn hashed(&self, value: &str) -> Result<String, StoreError> {
        let key = self.current(KeyPurpose::Index).await?;
        hashed_under(&key, value)
    }

    /// Whether a hash is of a value, under whichever key it was made.
    pub async fn is_hash_of(&self, value: &str, hash: &str) -> Result<bool, StoreError> {
        let (id, _) = hash.split_once('-').unwrap_or_default();
        let key = self.by_id(KeyPurpose::Index, id).await?;
        Ok(hashed_under(&key, value)? == hash)
    }

    /// The keyed hashes of a value under every key that rows may still be found by, the newest first.
    pub async fn hashes(&self, value: &str) -> Result<Vec<String>, StoreError> {
        let newest = self.current(KeyPurpose::Index).await?;
        let number: u32 = newest.id.parse().unwrap_or(1);
        let mut hashes = vec![hashed_under(&newest, value)?];
        for older in (1..number).rev() {
            let key = self.find(KeyPurpose::Index, &format!("{older:04}")).await?;
            if let Some(key) = key {
                hashes.push(hashed_under(&key, value)?);
            }
        }
        Ok(hashes)
    }
}

/// The hash of a value, with the id of the key that it was made under.
fn hashed_under(key: &DataKey, value: &str) -> Result<String, StoreError> {
    let mut mac =
        <Hmac<Sha256> as KeyInit>::new_from_slice(key.secret()).map_err(StoreError::unavailable)?;
    mac.update(value.as_bytes());
    let digest = mac.finalize().into_bytes();
    let hash = hex::encode(digest.get(..HASH_BYTES).unwrap_or(&digest));
    Ok(format!("{}-{hash}", key.id))
}
