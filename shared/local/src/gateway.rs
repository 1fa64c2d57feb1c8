//! The HTTP API as API Gateway is: routes and authorizers of the template, its own answers, and the
//! events of payload format 2.0.
//!
//! **Invariant:** a request reaches a function only over a route of the template, and only with
//! claims that its authorizer verified.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json, json};

use crate::clock::LocalClock;
use crate::issuer::Issuers;
use crate::template::{ACCOUNT, Api, Template};
use crate::wire::respond;

const JSON: &str = "application/json";

/// The routes and who may use them.
pub(crate) struct Gateway {
    routes: Vec<Route>,
    issuers: Arc<Issuers>,
    clock: LocalClock,
    requests: AtomicU64,
}

struct Route {
    method: String,
    path: String,
    authorizer: Option<String>,
    function: String,
}

/// What becomes of a request.
pub(crate) enum Routed {
    /// The gateway answers by itself.
    Answer(Response<Bytes>),
    /// The function is to answer.
    Call {
        /// Its name.
        function: String,
        /// The event.
        event: Json,
    },
}

impl Gateway {
    pub(crate) fn new(template: &Template, issuers: Arc<Issuers>, clock: LocalClock) -> Self {
        let routes = template.functions.values().flat_map(|function| {
            function.routes.iter().map(|route| Route {
                method: route.method.clone(),
                path: route.path.clone(),
                authorizer: authorizer(&template.api, route.authorizer.as_deref()),
                function: function.name.clone(),
            })
        });
        Self {
            routes: routes.collect(),
            issuers,
            clock,
            requests: AtomicU64::new(0),
        }
    }

    /// Finds the route, asks its authorizer, and makes the event.
    pub(crate) fn route(&self, request: &Request<Bytes>) -> Routed {
        let (method, path) = (request.method().as_str(), request.uri().path());
        let matching = self.routes.iter().filter_map(|route| {
            let rank = rank(&route.path, path)?;
            (route.method == "ANY" || route.method == method)
                .then_some(((rank, route.method == "ANY"), route))
        });
        let Some((_, route)) = matching.min_by(|(one, _), (other, _)| one.cmp(other)) else {
            return Routed::Answer(own(StatusCode::NOT_FOUND, "Not Found"));
        };
        let mut claims = None;
        if let Some(authorizer) = &route.authorizer {
            claims = bearer(request.headers())
                .and_then(|token| self.issuers.verified(authorizer, token));
            if claims.is_none() {
                let mut answer = own(StatusCode::UNAUTHORIZED, "Unauthorized");
                answer
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                return Routed::Answer(answer);
            }
        }
        Routed::Call {
            function: route.function.clone(),
            event: self.event(route, request, claims.as_ref()),
        }
    }

    fn event(
        &self,
        route: &Route,
        request: &Request<Bytes>,
        claims: Option<&Map<String, Json>>,
    ) -> Json {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let now = self.clock.now();
        let path = request.uri().path();
        let key = match route.path.as_str() {
            "$default" => "$default".to_owned(),
            path => format!("{} {path}", route.method),
        };
        let header = |name: HeaderName| {
            request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
        };
        let mut context = json!({
            "accountId": ACCOUNT,
            "apiId": "local",
            "domainName": header(header::HOST),
            "domainPrefix": "local",
            "http": {
                "method": request.method().as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": source(request),
                "userAgent": header(header::USER_AGENT),
            },
            "requestId": format!("local-{number:012}"),
            "routeKey": key,
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.as_millisecond(),
        });
        let mut event = json!({
            "version": "2.0",
            "routeKey": key,
            "rawPath": path,
            "rawQueryString": request.uri().query().unwrap_or_default(),
            "headers": headers(request.headers()),
            "isBase64Encoded": false,
        });
        let put = |target: &mut Json, name: &str, value: Json| {
            if let Some(target) = target.as_object_mut() {
                target.insert(name.to_owned(), value);
            }
        };
        if let Some(claims) = claims {
            let claims: BTreeMap<&String, String> = claims
                .iter()
                .map(|(name, value)| (name, flat(value)))
                .collect();
            put(
                &mut context,
                "authorizer",
                json!({ "jwt": { "claims": claims, "scopes": null } }),
            );
        }
        put(&mut event, "requestContext", context);
        let cookies: Vec<&str> = request
            .headers()
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split("; "))
            .collect();
        if !cookies.is_empty() {
            put(&mut event, "cookies", json!(cookies));
        }
        if let Some(query) = request.uri().query().filter(|query| !query.is_empty()) {
            put(&mut event, "queryStringParameters", json!(joined(query)));
        }
        let parameters = parameters(&route.path, path);
        if !parameters.is_empty() {
            put(&mut event, "pathParameters", json!(parameters));
        }
        if !request.body().is_empty() {
            match std::str::from_utf8(request.body()) {
                Ok(text) if is_text(header(header::CONTENT_TYPE)) => {
                    put(&mut event, "body", json!(text));
                }
                _ => {
                    put(&mut event, "body", json!(STANDARD.encode(request.body())));
                    put(&mut event, "isBase64Encoded", json!(true));
                }
            }
        }
        event
    }
}

/// The HTTP answer of what a function returned.
pub(crate) fn answer(result: Result<Json, String>) -> Response<Bytes> {
    let Ok(returned) = result else {
        return own(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    };
    let Some(status) = returned.get("statusCode") else {
        // Format 2.0 takes anything without a status for the body.
        return respond(StatusCode::OK, JSON, returned.to_string());
    };
    read_answer(&returned, status)
        .unwrap_or_else(|| own(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"))
}

fn read_answer(returned: &Json, status: &Json) -> Option<Response<Bytes>> {
    let status = StatusCode::from_u16(u16::try_from(status.as_u64()?).ok()?).ok()?;
    let text = returned
        .get("body")
        .and_then(Json::as_str)
        .unwrap_or_default();
    let body = if returned.get("isBase64Encoded").and_then(Json::as_bool) == Some(true) {
        Bytes::from(STANDARD.decode(text).ok()?)
    } else {
        Bytes::from(text.to_owned())
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let single = returned
        .get("headers")
        .and_then(Json::as_object)
        .into_iter()
        .flatten();
    for (name, value) in single {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        response
            .headers_mut()
            .insert(name, HeaderValue::from_str(&flat(value)).ok()?);
    }
    let several = returned
        .get("multiValueHeaders")
        .and_then(Json::as_object)
        .into_iter()
        .flatten();
    for (name, values) in several {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        response.headers_mut().remove(&name);
        for value in values.as_array().into_iter().flatten() {
            let value = HeaderValue::from_str(&flat(value)).ok()?;
            response.headers_mut().append(name.clone(), value);
        }
    }
    for cookie in returned
        .get("cookies")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
    {
        let value = HeaderValue::from_str(&flat(cookie)).ok()?;
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Some(response)
}

/// An answer of the gateway's own.
pub(crate) fn own(status: StatusCode, message: &str) -> Response<Bytes> {
    respond(status, JSON, json!({ "message": message }).to_string())
}

fn authorizer(api: &Api, named: Option<&str>) -> Option<String> {
    match named {
        Some("NONE") => None,
        Some(named) => Some(named.to_owned()),
        None => api.default_authorizer.clone(),
    }
}

/// How closely a route fits: a fixed segment before a parameter, before a greedy one, before
/// `$default`; nothing where it does not fit.
fn rank(route: &str, path: &str) -> Option<Vec<u8>> {
    if route == "$default" {
        return Some(vec![3]);
    }
    let mut rank = Vec::new();
    let mut segments = path.split('/');
    for part in route.split('/') {
        match parameter(part) {
            Some(name) if name.ends_with('+') => {
                segments.next().filter(|segment| !segment.is_empty())?;
                rank.push(2);
                return Some(rank);
            }
            Some(_) => {
                segments.next().filter(|segment| !segment.is_empty())?;
                rank.push(1);
            }
            None => {
                segments.next().filter(|segment| *segment == part)?;
                rank.push(0);
            }
        }
    }
    segments.next().is_none().then_some(rank)
}

fn parameter(part: &str) -> Option<&str> {
    part.strip_prefix('{')
        .and_then(|part| part.strip_suffix('}'))
}

fn parameters(route: &str, path: &str) -> BTreeMap<String, String> {
    let segments: Vec<&str> = path.split('/').collect();
    route
        .split('/')
        .enumerate()
        .filter_map(|(index, part)| {
            let name = parameter(part)?;
            let value = match name.strip_suffix('+') {
                Some(_) => segments.get(index..)?.join("/"),
                None => (*segments.get(index)?).to_owned(),
            };
            let value = percent_decode_str(&value).decode_utf8_lossy().into_owned();
            Some((name.trim_end_matches('+').to_owned(), value))
        })
        .collect()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    // The gateway takes the token with the scheme and without.
    Some(match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => value,
    })
}

fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| *name != header::COOKIE) {
        let value = String::from_utf8_lossy(value.as_bytes());
        all.entry(name.as_str().to_owned())
            .and_modify(|before| {
                before.push(',');
                before.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    all
}

fn joined(query: &str) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        all.entry(name.into_owned())
            .and_modify(|before| {
                before.push(',');
                before.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    all
}

/// A claim as the gateway hands it on: always a text.
fn flat(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(values) => {
            format!(
                "[{}]",
                values.iter().map(flat).collect::<Vec<_>>().join(" ")
            )
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => value.to_string(),
    }
}

fn is_text(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    kind.is_empty()
        || kind.starts_with("text/")
        || kind.ends_with("json")
        || kind.ends_with("xml")
        || kind.ends_with("javascript")
        || kind == "application/x-www-form-urlencoded"
}

fn source(request: &Request<Bytes>) -> String {
    request.extensions().get::<SocketAddr>().map_or_else(
        || "127.0.0.1".to_owned(),
        |address| address.ip().to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_route_wins() {
        let fits = |route| rank(route, "/orders/7/edits");
        assert_eq!(fits("/orders/{order}"), None);
        assert_eq!(fits("/orders/{order}/edits/more"), None);
        let mut routes = [
            "$default",
            "/{all+}",
            "/orders/{order}/{part}",
            "/orders/{order}/edits",
        ];
        routes.sort_by_key(|route| fits(route));
        assert_eq!(
            routes,
            [
                "/orders/{order}/edits",
                "/orders/{order}/{part}",
                "/{all+}",
                "$default"
            ]
        );
        assert_eq!(
            rank("/orders/{order}", "/orders/"),
            None,
            "an empty parameter"
        );
    }

    #[test]
    fn parameters_are_decoded_and_a_greedy_one_takes_the_rest() {
        assert_eq!(parameters("/a/{b}", "/a/x%20y")["b"], "x y");
        assert_eq!(parameters("/a/{b+}", "/a/x/y")["b"], "x/y");
    }

    #[test]
    fn what_a_function_returns_becomes_the_answer() {
        let returned = json!({
            "statusCode": 201,
            "headers": {"location": "/notes/1"},
            "multiValueHeaders": {"vary": ["a", "b"]},
            "body": "eA==",
            "isBase64Encoded": true,
        });
        let response = answer(Ok(returned));
        assert_eq!(response.status(), StatusCode::CREATED);
        assert_eq!(response.headers()["location"], "/notes/1");
        assert_eq!(response.headers().get_all("vary").iter().count(), 2);
        assert_eq!(&response.body()[..], b"x");
        assert_eq!(answer(Ok(json!({"a": 1}))).status(), StatusCode::OK);
        assert_eq!(answer(Ok(json!({"statusCode": 9}))).status(), 500);
        let failed = answer(Err("panicked".to_owned()));
        assert_eq!(
            &failed.body()[..],
            br#"{"message":"Internal Server Error"}"#
        );
    }

    #[test]
    fn claims_are_texts() {
        assert_eq!(flat(&json!(["a", "b"])), "[a b]");
        assert_eq!(flat(&json!(7)), "7");
        assert_eq!(flat(&json!(true)), "true");
    }
}
