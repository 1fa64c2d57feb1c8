//! An answer of a use case as HTTP.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, ETAG, LOCATION};
use http::{HeaderValue, StatusCode};
use icp_store::Answer;
use serde::Serialize;
use serde_json::Value;

/// An answer: status, location, version, body. Nobody between may keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered(pub Answer);

impl Answered {
    /// A read: 200 with a body, and a version where there is one. A body that has no JSON is a bug,
    /// and is answered as one.
    pub fn read(body: &impl Serialize, etag: Option<u64>) -> Self {
        let (status, body) = match serde_json::to_value(body) {
            Ok(body) => (StatusCode::OK, body),
            Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, Value::Null),
        };
        Self(Answer {
            status: status.as_u16(),
            location: None,
            etag,
            body,
        })
    }
}

impl IntoResponse for Answered {
    fn into_response(self) -> Response {
        let Self(answer) = self;
        let status =
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(answer.body)).into_response();
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(location) = answer
            .location
            .and_then(|path| HeaderValue::from_str(&path).ok())
        {
            headers.insert(LOCATION, location);
        }
        if let Some(version) = answer.etag {
            let etag = HeaderValue::from_str(&format!("\"{version}\""));
            headers.extend(etag.ok().map(|etag| (ETAG, etag)));
        }
        response
    }
}
