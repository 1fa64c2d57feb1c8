//! Sealing of personal fields: AES-256-GCM under a key of the person or subject.
//!
//! **Invariant:** what is sealed for one row and field opens in no other: the associated data names
//! both. The table's name is not part of it, since a restored table has another.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use icp_domain::Invocation;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Key, StoreError};

/// Bytes of a key.
pub(crate) const KEY_BYTES: usize = 32;

/// Bytes of a nonce.
///
/// Source: NIST SP 800-38D, section 5.2.1.1 (96-bit nonces).
const NONCE_BYTES: usize = 12;

/// First part of the associated data; changes only with the way of sealing.
const CONTEXT: &str = "icp-filing-audit/1";

/// A sealed value: nonce and ciphertext, in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

/// A person's or subject's key, sealed under a data key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WrappedKey {
    /// The data key's id.
    pub data_key: String,
    /// The key.
    pub sealed: Sealed,
}

/// A key in the clear; it leaves no copy in memory.
#[derive(Clone)]
pub struct ClearKey(Zeroizing<[u8; KEY_BYTES]>);

impl ClearKey {
    /// A new key by chance.
    pub(crate) fn drawn(inv: &mut Invocation) -> Self {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        inv.fill(bytes.as_mut());
        Self(bytes)
    }

    /// A key from its bytes, if they are as many as a key has.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        bytes
            .try_into()
            .ok()
            .map(|bytes| Self(Zeroizing::new(bytes)))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_ref()
    }

    /// Seals `plain` for the field of a row.
    pub(crate) fn seal(
        &self,
        plain: &[u8],
        row: &Key,
        field: &'static str,
        key_id: &str,
        inv: &mut Invocation,
    ) -> Result<Sealed, StoreError> {
        let fault = || StoreError::Sealed {
            key: row.clone(),
            field,
        };
        let mut nonce = [0; NONCE_BYTES];
        inv.fill(&mut nonce);
        let aad = associated(row, field, key_id);
        let cipher = Aes256Gcm::new_from_slice(self.bytes()).map_err(|_| fault())?;
        let sealed = cipher
            .encrypt(
                &Nonce::from(nonce),
                Payload {
                    msg: plain,
                    aad: &aad,
                },
            )
            .map_err(|_| fault())?;
        Ok(Sealed(
            STANDARD.encode([nonce.as_slice(), &sealed].concat()),
        ))
    }

    /// Opens what was sealed for the field of a row.
    pub(crate) fn open(
        &self,
        sealed: &Sealed,
        row: &Key,
        field: &'static str,
        key_id: &str,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let fault = || StoreError::Sealed {
            key: row.clone(),
            field,
        };
        let bytes = STANDARD.decode(&sealed.0).map_err(|_| fault())?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES).ok_or_else(fault)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| fault())?;
        let aad = associated(row, field, key_id);
        let cipher = Aes256Gcm::new_from_slice(self.bytes()).map_err(|_| fault())?;
        cipher
            .decrypt(
                &Nonce::from(nonce),
                Payload {
                    msg: sealed,
                    aad: &aad,
                },
            )
            .map(Zeroizing::new)
            .map_err(|_| fault())
    }
}

impl std::fmt::Debug for ClearKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[key]")
    }
}

/// The associated data: each part preceded by its length.
fn associated(row: &Key, field: &str, key_id: &str) -> Vec<u8> {
    let mut aad = Vec::new();
    for part in [CONTEXT, &row.pk, &row.sk, field, key_id] {
        aad.extend_from_slice(&(part.len() as u64).to_be_bytes());
        aad.extend_from_slice(part.as_bytes());
    }
    aad
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_in_its_own_row_and_field() {
        let mut inv = Invocation::fixed("2026-03-02T02:00:00Z".parse().unwrap(), 1);
        let key = ClearKey::drawn(&mut inv);
        let row = Key {
            pk: "A".into(),
            sk: "B".into(),
        };
        let other = Key {
            pk: "AB".into(),
            sk: String::new(),
        };
        let sealed = key.seal(b"secret", &row, "details", "1", &mut inv).unwrap();
        assert_eq!(
            key.open(&sealed, &row, "details", "1").unwrap().as_slice(),
            b"secret"
        );
        assert!(key.open(&sealed, &other, "details", "1").is_err());
        assert!(key.open(&sealed, &row, "name", "1").is_err());
        assert!(key.open(&sealed, &row, "details", "2").is_err());
        assert!(
            ClearKey::drawn(&mut inv)
                .open(&sealed, &row, "details", "1")
                .is_err()
        );
        assert!(
            key.open(&Sealed("AAAA".into()), &row, "details", "1")
                .is_err()
        );
    }
}
