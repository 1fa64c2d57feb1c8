//! An answer as a use case renders it, before its commit.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the caller gets, and gets again when the request is repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Path of what was created or is to be watched.
    pub location: Option<String>,
    /// Version of what is answered, for `If-Match`.
    pub etag: Option<u64>,
    /// JSON body.
    pub body: Value,
}

/// What a use case comes to when it does not come to an answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure<R> {
    /// The domain refuses the step.
    #[error("the step was refused")]
    Refused(R),
    /// It is not there, or not the caller's: one answer for both.
    #[error("there is no such thing for this caller")]
    NotFound,
    /// The idempotency key was used for another body.
    #[error("the idempotency key was used for another body")]
    KeyReused,
    /// Somebody else wrote first, and the caller must look again.
    #[error("it was changed meanwhile")]
    ChangedMeanwhile,
    /// The store failed.
    #[error("the store failed")]
    Fault(#[from] crate::StoreError),
}
