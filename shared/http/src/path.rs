//! Ids in paths. What is no id names nothing: not found.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::{Problem, ProblemKind};

/// The ids of the path, in its order.
#[derive(Debug, Clone)]
pub struct PathIds<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for PathIds<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let ids = Path::from_request_parts(parts, state).await;
        let Path(ids) = ids.map_err(|rejection| {
            if rejection.status().is_server_error() {
                // The handler asks for other ids than its route has: a bug, and not the caller's.
                Problem::server(ProblemKind::Internal, rejection)
            } else {
                Problem::not_found()
            }
        })?;
        Ok(Self(ids))
    }
}
