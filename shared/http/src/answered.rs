//! An answer of a use case as HTTP.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, ETAG, LOCATION};
use http::{HeaderValue, StatusCode};
use icp_store::Answer;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// An answer: status, location, version, body. Nobody between may keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered(pub Answer);

impl Answered {
    /// A read: 200 with a body, and a version where there is one. A body that has no JSON is a bug,
    /// and is answered as one.
    pub fn read(body: &impl Serialize, etag: Option<u64>) -> Self {
        Self(Answer {
            etag,
            ..told(StatusCode::OK.as_u16(), body)
        })
    }
}

/// What a use case did, as its answer: a status and a body, without place and version. A body that has no JSON is a bug,
/// and is answered as one.
pub fn told(status: u16, body: &impl Serialize) -> Answer {
    match serde_json::to_value(body) {
        Ok(body) => Answer {
            status,
            location: None,
            etag: None,
            body,
        },
        Err(_) => Answer {
            status: StatusCode::INTERNAL_SERVER_ERROR.as_u16(),
            location: None,
            etag: None,
            body: Value::Null,
        },
    }
}

/// That something was done, of which nothing else is to be said.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoneView {
    /// What was done, in a word.
    pub status: &'static str,
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
