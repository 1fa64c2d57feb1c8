//! What is left of an order that ended.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is left of an order's draft and files. What was filed of them stands in the filing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    tag = "left"
)]
pub enum DraftLeft {
    /// All of it.
    #[default]
    Whole,
    /// The draft was erased; files go once no link uploads any more.
    Files {
        /// Since when.
        erased_at: Timestamp,
    },
    /// Nothing but files that the filing holds.
    Nothing,
}
