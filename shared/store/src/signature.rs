//! Signatures of what callers hold for us: cursors, confirmations.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{DataKey, KeyPurpose, KeyRing, StoreError};

impl KeyRing {
    /// The signature of what a caller holds for us: of its `purpose` and its parts.
    pub async fn signed(&self, purpose: &str, parts: &[&str]) -> Result<String, StoreError> {
        let key = self.current(KeyPurpose::Signature).await?;
        signature(&key, purpose, parts)
    }

    /// The signature that was made under a key: the same again.
    pub async fn signed_under(
        &self,
        id: &str,
        purpose: &str,
        parts: &[&str],
    ) -> Result<String, StoreError> {
        let key = self.by_id(KeyPurpose::Signature, id).await?;
        signature(&key, purpose, parts)
    }

    /// Whether a signature is ours, compared in constant time.
    pub async fn is_signed(
        &self,
        purpose: &str,
        parts: &[&str],
        signature: &str,
    ) -> Result<bool, StoreError> {
        let Some((id, mac)) = signature.split_once('-') else {
            return Ok(false);
        };
        let plain = !id.is_empty() && id.len() <= 8 && id.bytes().all(|b| b.is_ascii_digit());
        let (Ok(mac), true) = (hex::decode(mac), plain) else {
            return Ok(false);
        };
        let Some(key) = self.find(KeyPurpose::Signature, id).await? else {
            return Ok(false);
        };
        Ok(signing(&key, purpose, parts)?.verify_slice(&mac).is_ok())
    }
}

fn signature(key: &DataKey, purpose: &str, parts: &[&str]) -> Result<String, StoreError> {
    let mac = signing(key, purpose, parts)?.finalize().into_bytes();
    Ok(format!("{}-{}", key.id, hex::encode(mac)))
}

/// The MAC over a purpose and parts, each preceded by its length.
fn signing(key: &DataKey, purpose: &str, parts: &[&str]) -> Result<Hmac<Sha256>, StoreError> {
    let mut mac =
        <Hmac<Sha256> as KeyInit>::new_from_slice(key.secret()).map_err(StoreError::unavailable)?;
    for part in std::iter::once(&purpose).chain(parts) {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    Ok(mac)
}
