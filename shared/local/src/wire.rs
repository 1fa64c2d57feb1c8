//! Answers as the AWS protocols write them.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value as Json, json};

/// A refusal of a JSON service.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// The error's name, with its name space where the protocol has one.
    pub(crate) code: String,
    /// For people.
    pub(crate) message: String,
}

impl Refusal {
    /// The caller's fault.
    pub(crate) fn client(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: code.into(),
            message: message.into(),
        }
    }

    /// The service's fault.
    pub(crate) fn server(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: code.into(),
            message: message.into(),
        }
    }

    /// The name without its name space.
    pub(crate) fn short_code(&self) -> &str {
        self.code.rsplit('#').next().unwrap_or(&self.code)
    }

    /// As a JSON protocol writes it.
    pub(crate) fn response(&self, content_type: &'static str) -> Response<Bytes> {
        let body = json!({ "__type": self.code, "message": self.message });
        let mut response = respond(self.status, content_type, body.to_string());
        // SQS tells the name that its older protocol had; the SDK reads it first.
        let query = match self.short_code() {
            "QueueDoesNotExist" => Some("AWS.SimpleQueueService.NonExistentQueue;Sender"),
            _ => None,
        };
        if let Some(query) = query {
            response
                .headers_mut()
                .insert("x-amzn-query-error", HeaderValue::from_static(query));
        }
        response
    }
}

/// A response with a body.
pub(crate) fn respond(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// A good answer of a JSON service.
pub(crate) fn answer(content_type: &'static str, body: &Json) -> Response<Bytes> {
    respond(StatusCode::OK, content_type, body.to_string())
}

/// The text of a member of a request.
pub(crate) fn text<'a>(body: &'a Json, member: &str) -> Result<&'a str, Refusal> {
    body.get(member).and_then(Json::as_str).ok_or_else(|| {
        Refusal::client(
            "com.amazonaws#MissingParameter",
            format!("{member} is missing"),
        )
    })
}
