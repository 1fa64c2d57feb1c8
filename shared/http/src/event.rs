//! The gateway's event (HTTP API, payload 2.0) as a request, and a response as its answer.
//!
//! **Invariant:** no event panics. `lambda_http`'s own conversion expects a path, query and body that
//! parse; here what does not parse is the caller's problem.

use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, Uri};
use icp_domain::Text;
use lambda_http::Body;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};

use crate::{Problem, ProblemKind};

/// What an event asks for.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Asked {
    /// The request in an event.
    pub(crate) fn of(event: &ApiGatewayV2httpRequest) -> Result<Self, Problem> {
        let body = match event.body.as_deref() {
            None => Bytes::new(),
            Some(text) if event.is_base64_encoded => {
                Bytes::from(STANDARD.decode(text).map_err(|_| unreadable_body())?)
            }
            Some(text) => Bytes::copy_from_slice(text.as_bytes()),
        };
        Ok(Self {
            method: event.request_context.http.method.clone(),
            uri: uri(
                event.raw_path.as_deref().unwrap_or_default(),
                event.raw_query_string.as_deref().unwrap_or_default(),
            )?,
            headers: event.headers.clone(),
            body,
        })
    }
}

/// The concrete path with its query. Some gateways send the path decoded, so a `?` or `#` in it is
/// part of a name and not the path's end.
fn uri(path: &str, query: &str) -> Result<Uri, Problem> {
    let path = path.replace('?', "%3F").replace('#', "%23");
    if !path.starts_with('/') || PathAndQuery::try_from(path.as_str()).is_err() {
        return Err(Problem::not_found());
    }
    let whole = if query.is_empty() {
        path
    } else {
        format!("{path}?{}", query.replace('#', "%23"))
    };
    PathAndQuery::try_from(whole).map(Uri::from).map_err(|_| {
        let detail = Text::new("查询参数无法解析", "the query does not parse");
        Problem::client(ProblemKind::MalformedRequest, detail)
    })
}

fn unreadable_body() -> Problem {
    let detail = Text::new("请求体无法读取", "the body cannot be read");
    Problem::client(ProblemKind::MalformedRequest, detail)
}

/// The answer that the gateway takes.
pub(crate) async fn answer(response: Response) -> ApiGatewayV2httpResponse {
    let (parts, body) = response.into_parts();
    // The bodies are this function's own, already whole in memory.
    let bytes = axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap_or_default();
    let mut answer = ApiGatewayV2httpResponse::default();
    answer.status_code = parts.status.as_u16().into();
    answer.headers = parts.headers;
    // What is no text, such as a compressed file, goes through the gateway in base64.
    answer.body = Some(match String::from_utf8(bytes.into()) {
        Ok(text) => Body::Text(text),
        Err(no_text) => {
            answer.is_base64_encoded = true;
            Body::Binary(no_text.into_bytes())
        }
    });
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_no_uri_holds_names_nothing_and_a_query_is_malformed() {
        let kind = |path: &str, query: &str| uri(path, query).map_err(|problem| problem.kind());
        assert_eq!(kind("/a", "").unwrap(), "/a");
        assert_eq!(kind("/a", "b=1&c=%23").unwrap(), "/a?b=1&c=%23");
        assert_eq!(kind("/a?b#c", "d#e").unwrap(), "/a%3Fb%23c?d%23e");
        for path in ["", "a", ":9/", "/a b", "/a\u{7f}"] {
            assert_eq!(kind(path, ""), Err(ProblemKind::NotFound), "{path}");
        }
        assert_eq!(kind("/a", "b c"), Err(ProblemKind::MalformedRequest));
    }
}
