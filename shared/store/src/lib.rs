//! The one table: keys, records, sealing, and one write path.
//!
//! **Invariant:** DynamoDB, KMS and S3 stop here. Keys are formatted in [`keys`] and nowhere else, every
//! read is a named method of [`Store`], and every write is a [`Change`] under conditions.

mod answer;
mod batch;
mod change;
mod contended;
mod cursor;
mod error;
pub mod files;
mod hashes;
mod index;
mod item;
mod key_purpose;
mod keyring;
pub mod keys;
mod reads;
pub mod records;
mod repeat;
mod seal;
mod signature;
mod sweep;

use aws_sdk_dynamodb::Client;
use aws_types::SdkConfig;

pub use answer::{Answer, Failure};
pub use change::{Change, CommitError, Conflicted, Guard, Row};
pub use cursor::Cursor;
pub use error::StoreError;
pub use index::{DeskList, Family, OwnerList, Page};
pub use item::Item;
pub use key_purpose::KeyPurpose;
pub use keyring::{DataKey, KeyRing};
pub use keys::Key;
pub use repeat::{Repeat, Repeated};
pub use seal::{Sealed, WrappedKey};
pub use sweep::{DueRow, Quarantined, Sweep};

/// The table and the keys that open it.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) client: Client,
    pub(crate) table: String,
    keys: KeyRing,
}

impl Store {
    /// The store on `table`, sealing under the KMS key `kms_key`. Nothing is called before the first
    /// read or write.
    pub fn open(aws: &SdkConfig, table: &str, kms_key: &str) -> Self {
        let client = Client::new(aws);
        let keys = KeyRing::new(
            client.clone(),
            table,
            aws_sdk_kms::Client::new(aws),
            kms_key,
        );
        Self {
            client,
            table: table.to_owned(),
            keys,
        }
    }

    /// The keys under which rows are sealed, hashed and codes derived.
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }
}
