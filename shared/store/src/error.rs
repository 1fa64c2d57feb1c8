//! What can go wrong with the table, by what a caller can do about it.

use std::error::Error;

use crate::Key;

/// A fault of the store. None of them is the caller's doing.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The call failed and may succeed later: throttled, timed out, not reached.
    #[error("the table could not be reached")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// A cursor that no page of the list gave.
    #[error("the cursor is of no page of this list")]
    ForeignCursor,
    /// A stored row does not read: an alarm, and a case for the quarantine.
    #[error("the row {key} cannot be read: {reason}")]
    Malformed {
        /// Which row.
        key: Key,
        /// What about it.
        reason: String,
    },
    /// A row cannot be written as an item: a bug.
    #[error("the row {key} cannot be written")]
    Unwritable {
        /// Which row.
        key: Key,
        /// Why.
        #[source]
        source: serde_dynamo::Error,
    },
    /// A value could not be sealed or opened.
    #[error("the field {field} of the row {key} cannot be opened")]
    Sealed {
        /// Which row.
        key: Key,
        /// Which field.
        field: &'static str,
    },
}

impl StoreError {
    /// A call that failed.
    pub fn unavailable(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Unavailable(Box::new(error))
    }

    /// Whether the row, and not the call, is at fault.
    pub fn is_malformed(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::ForeignCursor => false,
            Self::Malformed { .. } | Self::Unwritable { .. } | Self::Sealed { .. } => true,
        }
    }
}
