//! KMS: data keys under a key that stays in the data directory.
//!
//! **Invariant:** the encryption context is the associated data of the ciphertext, so a data key
//! is unwrapped only in the context that it was made for; the key outlives the process wherever
//! the rows that depend on it do.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde_json::{Value as Json, json};

use crate::chance::Chance;
use crate::error::LocalError;
use crate::files::{self, Place};
use crate::policy::Need;
use crate::template::arn;
use crate::wire::{Refusal, text};

/// The longest text that `Encrypt` takes.
const PLAINTEXT_LIMIT: usize = 4_096;
const KEY_LEN: usize = 32;

/// All keys.
pub(crate) struct Kms {
    keys: BTreeMap<String, LessSafeKey>,
    chance: Arc<Chance>,
}

impl Kms {
    /// Opens the keys that the template names; makes those that are new.
    pub(crate) fn open(
        place: &Place,
        names: &BTreeMap<String, String>,
        chance: Arc<Chance>,
        rows_depend: bool,
    ) -> Result<Self, LocalError> {
        let path = place.file("keys.json");
        if let Some(path) = path.as_deref().filter(|path| rows_depend && !path.exists()) {
            return Err(LocalError::Damaged {
                path: path.to_owned(),
                what: "it is gone, and the stored rows cannot be opened without it".to_owned(),
            });
        }
        let mut stored: BTreeMap<String, String> = match &path {
            Some(path) => files::read(path)?.unwrap_or_default(),
            None => BTreeMap::new(),
        };
        let mut keys = BTreeMap::new();
        for id in names.values() {
            let text = stored.entry(id.clone()).or_insert_with(|| {
                let mut bytes = [0; KEY_LEN];
                chance.fill(&mut bytes);
                hex::encode(bytes)
            });
            let key = hex::decode(text.as_str())
                .ok()
                .and_then(|bytes| UnboundKey::new(&AES_256_GCM, &bytes).ok())
                .ok_or_else(|| damaged(path.as_deref(), id))?;
            keys.insert(id.clone(), LessSafeKey::new(key));
        }
        if let Some(path) = &path {
            files::write(path, &stored)?;
        }
        Ok(Self { keys, chance })
    }

    /// What a call needs.
    pub(crate) fn needs(&self, operation: &str, body: &Json) -> Result<Vec<Need>, Refusal> {
        let id = match (operation, body.get("KeyId")) {
            ("Decrypt", None) => self.opened(body)?.0.to_owned(),
            _ => self.key_id(text(body, "KeyId")?)?,
        };
        Ok(vec![Need::new(
            format!("kms:{operation}"),
            arn("kms", &format!("key/{id}")),
        )])
    }

    /// Answers a call.
    pub(crate) fn call(&self, operation: &str, body: &Json) -> Result<Json, Refusal> {
        match operation {
            "GenerateDataKey" | "GenerateDataKeyWithoutPlaintext" => {
                let id = self.key_id(text(body, "KeyId")?)?;
                let mut plaintext = vec![0; data_key_length(body)?];
                self.chance.fill(&mut plaintext);
                let mut answer = json!({
                    "KeyId": arn("kms", &format!("key/{id}")),
                    "CiphertextBlob": STANDARD.encode(self.sealed(&id, &plaintext, body)?),
                });
                if operation == "GenerateDataKey"
                    && let Some(answer) = answer.as_object_mut()
                {
                    answer.insert("Plaintext".to_owned(), json!(STANDARD.encode(&plaintext)));
                }
                Ok(answer)
            }
            "Encrypt" => {
                let id = self.key_id(text(body, "KeyId")?)?;
                let plaintext = STANDARD
                    .decode(text(body, "Plaintext")?)
                    .ok()
                    .filter(|plaintext| (1..=PLAINTEXT_LIMIT).contains(&plaintext.len()))
                    .ok_or_else(|| invalid("Plaintext has 1 to 4096 bytes"))?;
                Ok(json!({
                    "KeyId": arn("kms", &format!("key/{id}")),
                    "CiphertextBlob": STANDARD.encode(self.sealed(&id, &plaintext, body)?),
                    "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
                }))
            }
            "Decrypt" => {
                let (id, plaintext) = self.opened(body)?;
                if let Some(named) = body.get("KeyId").and_then(Json::as_str)
                    && self.key_id(named)? != id
                {
                    return Err(Refusal::client(
                        "IncorrectKeyException",
                        "another key made this",
                    ));
                }
                Ok(json!({
                    "KeyId": arn("kms", &format!("key/{id}")),
                    "Plaintext": STANDARD.encode(plaintext),
                    "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
                }))
            }
            "DescribeKey" => {
                let id = self.key_id(text(body, "KeyId")?)?;
                Ok(json!({ "KeyMetadata": {
                    "KeyId": id,
                    "Arn": arn("kms", &format!("key/{id}")),
                    "Enabled": true,
                    "KeyState": "Enabled",
                    "KeyUsage": "ENCRYPT_DECRYPT",
                }}))
            }
            _ => Err(Refusal::client(
                "UnsupportedOperationException",
                format!("{operation} is not emulated by the local deployment"),
            )),
        }
    }

    /// The id of a key named by id or ARN.
    fn key_id(&self, named: &str) -> Result<String, Refusal> {
        let id = named.rsplit('/').next().unwrap_or(named);
        if self.keys.contains_key(id) {
            Ok(id.to_owned())
        } else {
            Err(Refusal::client(
                "NotFoundException",
                format!("Key '{named}' does not exist"),
            ))
        }
    }

    /// The blob: length of the key's id, the id, the nonce, what was sealed.
    fn sealed(&self, id: &str, plaintext: &[u8], body: &Json) -> Result<Vec<u8>, Refusal> {
        let (Some(key), Ok(length)) = (self.keys.get(id), u8::try_from(id.len())) else {
            return Err(invalid("the key cannot be used"));
        };
        let mut nonce = [0; NONCE_LEN];
        self.chance.fill(&mut nonce);
        let mut sealed = plaintext.to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(context(body)),
            &mut sealed,
        )
        .map_err(|_| Refusal::server("KMSInternalException", "sealing failed"))?;
        let mut blob = vec![length];
        blob.extend(id.as_bytes());
        blob.extend(nonce);
        blob.extend(sealed);
        Ok(blob)
    }

    fn opened(&self, body: &Json) -> Result<(&str, Vec<u8>), Refusal> {
        let invalid = || Refusal::client("InvalidCiphertextException", "");
        let blob = STANDARD
            .decode(text(body, "CiphertextBlob")?)
            .map_err(|_| invalid())?;
        let (length, rest) = blob.split_first().ok_or_else(invalid)?;
        let (id, rest) = rest
            .split_at_checked(usize::from(*length))
            .ok_or_else(invalid)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_LEN).ok_or_else(invalid)?;
        let id = std::str::from_utf8(id).map_err(|_| invalid())?;
        let (id, key) = self.keys.get_key_value(id).ok_or_else(invalid)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| invalid())?;
        let mut opened = sealed.to_vec();
        let length = key
            .open_in_place(nonce, Aad::from(context(body)), &mut opened)
            .map_err(|_| invalid())?
            .len();
        opened.truncate(length);
        Ok((id, opened))
    }
}

/// The encryption context, in the order of its names.
fn context(body: &Json) -> Vec<u8> {
    let context: BTreeMap<&str, &str> = body
        .get("EncryptionContext")
        .and_then(Json::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
        .collect();
    json!(context).to_string().into_bytes()
}

fn data_key_length(body: &Json) -> Result<usize, Refusal> {
    match (
        body.get("KeySpec").and_then(Json::as_str),
        body.get("NumberOfBytes"),
    ) {
        (Some("AES_256"), None) => Ok(32),
        (Some("AES_128"), None) => Ok(16),
        (None, Some(count)) => count
            .as_u64()
            .and_then(|count| usize::try_from(count).ok())
            .filter(|count| (1..=1_024).contains(count))
            .ok_or_else(|| invalid("NumberOfBytes is 1 to 1024")),
        _ => Err(invalid(
            "give either KeySpec (AES_256, AES_128) or NumberOfBytes",
        )),
    }
}

fn invalid(message: &str) -> Refusal {
    Refusal::client("ValidationException", message)
}

fn damaged(path: Option<&std::path::Path>, id: &str) -> LocalError {
    LocalError::Damaged {
        path: path.unwrap_or(std::path::Path::new("keys.json")).to_owned(),
        what: format!("the key {id} is no 32 bytes in hex"),
    }
}
