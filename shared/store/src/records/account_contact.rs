//! How the holder of an account is told: number and mail address, sealed under a key of their own.

use icp_domain::Invocation;
use icp_domain::identifiers::{EmailAddress, Mobile};
use icp_domain::ids::AccountId;
use serde::{Deserialize, Serialize};

use super::SHAPE;
use crate::{Change, Guard, Row, Sealed, Store, StoreError, WrappedKey, keys};

/// The number and address of an account's holder; either may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountContact {
    /// The number.
    pub mobile: Option<Mobile>,
    /// The mail address.
    pub email: Option<EmailAddress>,
}

/// A contact as stored.
#[derive(Debug, Clone)]
pub struct StoredAccountContact {
    /// The contact; of an account without a row it is empty.
    pub contact: AccountContact,
    guard: Guard,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContactRecord {
    key: WrappedKey,
    contact: Sealed,
}

const FIELD: &str = "contact";

impl StoredAccountContact {
    /// Writes another contact in its place, under a new key.
    pub async fn put(
        &self,
        store: &Store,
        change: &mut Change,
        account: &AccountId,
        contact: &AccountContact,
        inv: &mut Invocation,
    ) -> Result<(), StoreError> {
        let row = keys::account_contact(account);
        let (clear, key) = store.keys().draw(&row, inv).await?;
        let contact = clear.seal_value(contact, &row, FIELD, inv)?;
        let record = ContactRecord { key, contact };
        change.put(Row::of(row, SHAPE, self.guard, &record)?);
        Ok(())
    }
}

impl Store {
    /// How an account's holder is told.
    pub async fn account_contact(
        &self,
        account: &AccountId,
    ) -> Result<StoredAccountContact, StoreError> {
        let row = keys::account_contact(account);
        let Some(item) = self.item(&row).await? else {
            return Ok(StoredAccountContact {
                contact: AccountContact::default(),
                guard: Guard::New,
            });
        };
        let record: ContactRecord = item.read(SHAPE)?;
        let clear = self.keys().unwrap(&record.key, &row).await?;
        Ok(StoredAccountContact {
            contact: clear.open_value(&record.contact, &row, FIELD)?,
            guard: Guard::Version(item.version()?),
        })
    }
}
