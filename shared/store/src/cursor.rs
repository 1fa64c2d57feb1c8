//! Where a page of a list ended.
//!
//! **Invariant:** a cursor holds a sort key, which is ids and instants and nothing personal; it is
//! signed for the list that gave it, so that none is made up or taken to another list.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::{Store, StoreError};

/// Where a page of a list ended, as a caller holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

/// Longest cursor in characters: a sort key of two ids and an instant, its signature, and room.
const LONGEST: usize = 512;

impl Cursor {
    /// A cursor that a caller gave; it is believed only by [`Store`].
    pub fn given(text: String) -> Option<Self> {
        (text.len() <= LONGEST).then_some(Self(text))
    }

    /// As the caller gets it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Store {
    /// The cursor of the page of `list` that ended after `sort`.
    pub(crate) async fn cursor(&self, list: &str, sort: &str) -> Result<Cursor, StoreError> {
        let place = URL_SAFE_NO_PAD.encode(sort);
        let signature = self.keys().signed("cursor", &[list, sort]).await?;
        Ok(Cursor(format!("{place}.{signature}")))
    }

    /// The sort key after which a page of `list` begins.
    pub(crate) async fn after(
        &self,
        list: &str,
        cursor: Option<&Cursor>,
    ) -> Result<Option<String>, StoreError> {
        let Some(Cursor(text)) = cursor else {
            return Ok(None);
        };
        let (place, signature) = text.split_once('.').ok_or(StoreError::ForeignCursor)?;
        let sort = URL_SAFE_NO_PAD.decode(place).ok();
        let sort = sort.and_then(|sort| String::from_utf8(sort).ok());
        let sort = sort.ok_or(StoreError::ForeignCursor)?;
        let keys = self.keys();
        if keys.is_signed("cursor", &[list, &sort], signature).await? {
            Ok(Some(sort))
        } else {
            Err(StoreError::ForeignCursor)
        }
    }
}
