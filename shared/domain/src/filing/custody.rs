//! Where a material is kept.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a material is kept. What nobody knows is not held against the filer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "custody")]
pub enum Custody {
    /// As a file of this service, seen when it was uploaded.
    Stored(StoredObject),
    /// On paper at the provider.
    #[serde(rename_all = "camelCase")]
    Paper {
        /// Where on the shelves.
        shelf_mark: String,
    },
    /// Never recorded (imported base).
    Unknown,
}

impl Custody {
    /// Its name in the API.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Stored(_) => "stored",
            Self::Paper { .. } => "paper",
            Self::Unknown => "unknown",
        }
    }
}

/// A file, pinned to what was seen of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StoredObject {
    /// Its key.
    pub key: String,
    /// Its version, where versions are kept.
    #[serde(default)]
    pub version: Option<String>,
    /// SHA-256 of its bytes, in base64.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
    /// Its type.
    pub media_type: MediaType,
    /// When it was seen.
    #[schema(value_type = String)]
    pub seen_at: Timestamp,
}

/// Types of files that bureaus take.
///
/// Source: Tencent Cloud 备案材料清单, snapshot 2020-09-29 (photos and scans); PDF is what
/// electronic certificates come as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub enum MediaType {
    /// A photo or scan.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// A scan.
    #[serde(rename = "image/png")]
    Png,
    /// An electronic certificate.
    #[serde(rename = "application/pdf")]
    Pdf,
}

impl MediaType {
    /// As HTTP writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Pdf => "application/pdf",
        }
    }

    /// How such a file's name ends.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Pdf => "pdf",
        }
    }
}
