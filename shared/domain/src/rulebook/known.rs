//! Yes, no, or not known.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An answer that may be missing. **Invariant:** not known is never read as no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Known {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// Nobody has said.
    #[default]
    Unknown,
}

impl Known {
    /// Every answer.
    pub const ALL: [Self; 3] = [Self::Yes, Self::No, Self::Unknown];
}
