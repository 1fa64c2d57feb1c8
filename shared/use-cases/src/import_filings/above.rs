//! What stands above the rows of a file: its titles and its header.

use std::collections::BTreeSet;

use icp_domain::ids::ImportId;
use icp_store::StoreError;
use icp_store::files::Files;
use serde::{Deserialize, Serialize};

/// What stands above the rows of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Above {
    /// Rows before the header.
    pub titles: Vec<Vec<String>>,
    /// The header; empty where every row names its own fields.
    pub header: Vec<String>,
    /// Orders of a list whose rows stand apart: none of them is acted on, in whatever part.
    #[serde(default)]
    pub apart: BTreeSet<String>,
}

fn key(import: &ImportId) -> String {
    format!("imports/{import}/above.json")
}

/// Keeps what stands above a file's rows.
pub async fn write_above(
    files: &Files,
    import: &ImportId,
    above: &Above,
) -> Result<(), StoreError> {
    let bytes = serde_json::to_vec(above).map_err(StoreError::unavailable)?;
    files.write(&key(import), "application/json", bytes).await
}

/// What stands above a file's rows; nothing before it is divided into parts.
pub async fn above(files: &Files, import: &ImportId) -> Result<Above, StoreError> {
    match files.read(&key(import)).await? {
        Some(bytes) => serde_json::from_slice(&bytes).map_err(StoreError::unavailable),
        None => Ok(Above::default()),
    }
}
