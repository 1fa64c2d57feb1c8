//! Data keys: made by KMS, stored wrapped, cached while the process lives.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use icp_domain::Invocation;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;
use tokio::time::Instant;

use crate::key_purpose::KeyPurpose;
use crate::seal::ClearKey;
use crate::{Item, Key, Sealed, StoreError, WrappedKey, keys};

/// A data key in the clear, with its id.
#[derive(Debug, Clone)]
pub struct DataKey {
    /// Its id; what was made under it names it.
    pub id: String,
    clear: ClearKey,
}

impl DataKey {
    /// A key, wrapped for a row.
    fn wrap(
        &self,
        key: &ClearKey,
        row: &Key,
        inv: &mut Invocation,
    ) -> Result<WrappedKey, StoreError> {
        let sealed = self.clear.seal(key.bytes(), row, "key", &self.id, inv)?;
        Ok(WrappedKey {
            data_key: self.id.clone(),
            sealed,
        })
    }

    /// The secret, for deriving codes.
    pub fn secret(&self) -> &[u8] {
        self.clear.bytes()
    }
}

/// The keys of a process.
#[derive(Clone)]
pub struct KeyRing {
    client: aws_sdk_dynamodb::Client,
    table: String,
    kms: aws_sdk_kms::Client,
    kms_key: String,
    cache: Arc<RwLock<Cache>>,
}

#[derive(Default)]
struct Cache {
    current: HashMap<KeyPurpose, (Arc<DataKey>, Instant)>,
    by_id: HashMap<(KeyPurpose, String), Arc<DataKey>>,
}

/// A wrapped data key as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DataKeyRecord {
    wrapped: String,
}

/// Shape of the stored record.
const SHAPE: u32 = 1;

/// For how long a process takes the newest key that it knows for the newest: a rotation is known to
/// all within it.
const KNOWN_FOR: Duration = Duration::from_mins(5);

/// Id of the first data key of a purpose; a rotation adds the next.
const FIRST: &str = "0001";

impl KeyRing {
    pub(crate) fn new(
        client: aws_sdk_dynamodb::Client,
        table: &str,
        kms: aws_sdk_kms::Client,
        kms_key: &str,
    ) -> Self {
        let cache = Arc::default();
        Self {
            client,
            table: table.to_owned(),
            kms,
            kms_key: kms_key.to_owned(),
            cache,
        }
    }

    /// The newest data key of a purpose; the first is made when there is none.
    pub async fn current(&self, purpose: KeyPurpose) -> Result<Arc<DataKey>, StoreError> {
        if let Some((key, known_at)) = self.cache.read().await.current.get(&purpose)
            && known_at.elapsed() < KNOWN_FOR
        {
            return Ok(Arc::clone(key));
        }
        let key = match self.newest(purpose).await? {
            Some(item) => self.unwrapped(purpose, &item).await?,
            None => self.make(purpose, FIRST).await?,
        };
        Ok(self.keep(purpose, key).await)
    }

    /// Makes the next data key of a purpose. Other processes seal under it within minutes; what was
    /// made under earlier ones names them, and is opened by them.
    pub async fn rotate(&self, purpose: KeyPurpose) -> Result<Arc<DataKey>, StoreError> {
        let current = match self.newest(purpose).await? {
            Some(item) => item.key().sk,
            None => return self.current(purpose).await,
        };
        let number: u32 = current.parse().unwrap_or_default();
        let key = self.make(purpose, &format!("{:04}", number + 1)).await?;
        Ok(self.keep(purpose, key).await)
    }

    /// Forgets which keys are the newest: they are read when next asked for. Who seals everything anew
    /// begins with this, since a rotation is known elsewhere only after a while.
    pub async fn refresh(&self) {
        self.cache.write().await.current.clear();
    }

    async fn keep(&self, purpose: KeyPurpose, key: DataKey) -> Arc<DataKey> {
        let key = Arc::new(key);
        let mut cache = self.cache.write().await;
        let known = (Arc::clone(&key), Instant::now());
        cache.current.insert(purpose, known);
        cache
            .by_id
            .insert((purpose, key.id.clone()), Arc::clone(&key));
        key
    }

    /// A data key by its id.
    pub async fn by_id(&self, purpose: KeyPurpose, id: &str) -> Result<Arc<DataKey>, StoreError> {
        let found = self.find(purpose, id).await?;
        found.ok_or_else(|| StoreError::Malformed {
            key: keys::data_key(purpose.name(), id),
            reason: "no such key".into(),
        })
    }

    /// A data key by an id that somebody gave, if there is such a key.
    pub(crate) async fn find(
        &self,
        purpose: KeyPurpose,
        id: &str,
    ) -> Result<Option<Arc<DataKey>>, StoreError> {
        let name = (purpose, id.to_owned());
        if let Some(key) = self.cache.read().await.by_id.get(&name) {
            return Ok(Some(Arc::clone(key)));
        }
        let row = keys::data_key(purpose.name(), id);
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(row.pk.clone()))
            .key("sk", AttributeValue::S(row.sk.clone()))
            .consistent_read(true)
            .send()
            .await
            .map_err(StoreError::unavailable)?;
        let Some(item) = found.item.map(Item) else {
            return Ok(None);
        };
        let key = Arc::new(self.unwrapped(purpose, &item).await?);
        self.cache
            .write()
            .await
            .by_id
            .insert(name, Arc::clone(&key));
        Ok(Some(key))
    }

    /// A key as it is to be stored: wrapped anew where the data key that wraps it is not the newest.
    pub async fn rewrapped(
        &self,
        clear: &ClearKey,
        wrapped: &WrappedKey,
        row: &Key,
        inv: &mut Invocation,
    ) -> Result<WrappedKey, StoreError> {
        let data_key = self.current(KeyPurpose::Personal).await?;
        if wrapped.data_key == data_key.id {
            return Ok(wrapped.clone());
        }
        data_key.wrap(clear, row, inv)
    }

    /// A new key of a person or subject, with its wrapped form for `row`.
    pub async fn draw(
        &self,
        row: &Key,
        inv: &mut Invocation,
    ) -> Result<(ClearKey, WrappedKey), StoreError> {
        let data_key = self.current(KeyPurpose::Personal).await?;
        let clear = ClearKey::drawn(inv);
        let wrapped = data_key.wrap(&clear, row, inv)?;
        Ok((clear, wrapped))
    }

    /// Unwraps a key that was wrapped for `row`.
    pub async fn unwrap(&self, wrapped: &WrappedKey, row: &Key) -> Result<ClearKey, StoreError> {
        let data_key = self.by_id(KeyPurpose::Personal, &wrapped.data_key).await?;
        let bytes = data_key
            .clear
            .open(&wrapped.sealed, row, "key", &data_key.id)?;
        let fault = || StoreError::Sealed {
            key: row.clone(),
            field: "key",
        };
        ClearKey::of_bytes(&bytes).ok_or_else(fault)
    }

    /// Seals a value of a row directly under a data key: stored answers.
    pub(crate) async fn seal_under_data_key<T: Serialize>(
        &self,
        value: &T,
        row: &Key,
        field: &'static str,
        inv: &mut Invocation,
    ) -> Result<WrappedKey, StoreError> {
        let data_key = self.current(KeyPurpose::Personal).await?;
        let plain = serde_json::to_vec(value).map_err(StoreError::unavailable)?;
        let sealed = data_key.clear.seal(&plain, row, field, &data_key.id, inv)?;
        Ok(WrappedKey {
            data_key: data_key.id.clone(),
            sealed,
        })
    }

    /// Opens what [`Self::seal_under_data_key`] sealed.
    pub(crate) async fn open_under_data_key<T: DeserializeOwned>(
        &self,
        sealed: &WrappedKey,
        row: &Key,
        field: &'static str,
    ) -> Result<T, StoreError> {
        let data_key = self.by_id(KeyPurpose::Personal, &sealed.data_key).await?;
        let plain = data_key
            .clear
            .open(&sealed.sealed, row, field, &data_key.id)?;
        serde_json::from_slice(&plain).map_err(|error| StoreError::Malformed {
            key: row.clone(),
            reason: error.to_string(),
        })
    }

    async fn newest(&self, purpose: KeyPurpose) -> Result<Option<Item>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(
                ":pk",
                AttributeValue::S(keys::data_keys_partition(purpose.name())),
            )
            .scan_index_forward(false)
            .limit(1)
            .consistent_read(true)
            .send()
            .await
            .map_err(StoreError::unavailable)?;
        Ok(found.items.unwrap_or_default().into_iter().next().map(Item))
    }

    /// Makes a data key, or takes the one that another process made first.
    async fn make(&self, purpose: KeyPurpose, id: &str) -> Result<DataKey, StoreError> {
        use base64::Engine;
        let made = self
            .kms
            .generate_data_key()
            .key_id(&self.kms_key)
            .key_spec(DataKeySpec::Aes256)
            .encryption_context("purpose", purpose.name())
            .encryption_context("id", id)
            .send()
            .await
            .map_err(StoreError::unavailable)?;
        let wrapped = made.ciphertext_blob().map(Blob::as_ref).unwrap_or_default();
        let record = DataKeyRecord {
            wrapped: base64::engine::general_purpose::STANDARD.encode(wrapped),
        };
        let row = keys::data_key(purpose.name(), id);
        let unwritable = |source| StoreError::Unwritable {
            key: row.clone(),
            source,
        };
        let body: HashMap<String, AttributeValue> =
            serde_dynamo::to_item(record).map_err(unwritable)?;
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(body))
            .item("pk", AttributeValue::S(row.pk.clone()))
            .item("sk", AttributeValue::S(row.sk.clone()))
            .item("shape", AttributeValue::N(SHAPE.to_string()))
            .item("version", AttributeValue::N("1".into()))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        // Another process may have made it first, or this one in an attempt whose reply was lost:
        // the row tells which key holds.
        if let Err(error) = put
            && !error.as_service_error().is_some_and(
                aws_sdk_dynamodb::operation::put_item::PutItemError::is_conditional_check_failed_exception,
            )
        {
            return Err(StoreError::unavailable(error));
        }
        let missing = || StoreError::Malformed {
            key: row.clone(),
            reason: "no such key".into(),
        };
        let item = self.newest(purpose).await?.ok_or_else(missing)?;
        self.unwrapped(purpose, &item).await
    }

    async fn unwrapped(&self, purpose: KeyPurpose, item: &Item) -> Result<DataKey, StoreError> {
        use base64::Engine;
        let record: DataKeyRecord = item.read(SHAPE)?;
        let id = item.key().sk;
        let wrapped = base64::engine::general_purpose::STANDARD
            .decode(&record.wrapped)
            .map_err(|error| item.malformed(&error.to_string()))?;
        let opened = self
            .kms
            .decrypt()
            .key_id(&self.kms_key)
            .ciphertext_blob(Blob::new(wrapped))
            .encryption_context("purpose", purpose.name())
            .encryption_context("id", &id)
            .send()
            .await
            .map_err(StoreError::unavailable)?;
        let plain = opened.plaintext().map(Blob::as_ref).unwrap_or_default();
        let clear = ClearKey::of_bytes(plain).ok_or_else(|| item.malformed("not a key"))?;
        Ok(DataKey { id, clear })
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyRing")
    }
}

impl ClearKey {
    /// Seals a value as JSON for the field of a row.
    pub fn seal_value<T: Serialize>(
        &self,
        value: &T,
        row: &Key,
        field: &'static str,
        inv: &mut Invocation,
    ) -> Result<Sealed, StoreError> {
        let plain =
            zeroize::Zeroizing::new(serde_json::to_vec(value).map_err(StoreError::unavailable)?);
        self.seal(&plain, row, field, "own", inv)
    }

    /// Opens a value that was sealed for the field of a row.
    pub fn open_value<T: DeserializeOwned>(
        &self,
        sealed: &Sealed,
        row: &Key,
        field: &'static str,
    ) -> Result<T, StoreError> {
        let plain = self.open(sealed, row, field, "own")?;
        serde_json::from_slice(&plain).map_err(|error| StoreError::Malformed {
            key: row.clone(),
            reason: error.to_string(),
        })
    }
}
