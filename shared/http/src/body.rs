//! JSON bodies.

use axum::extract::{FromRequest, Request};
use http::header::CONTENT_TYPE;
use icp_domain::{Text, Violation};
use serde::de::{DeserializeOwned, Error as _, Unexpected};

use crate::arrival::Arrival;
use crate::unparsed::{in_words, missing};
use crate::{Problem, ProblemKind};

/// A JSON body of type `T`. `T` says which fields there are; others are refused.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let media = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let is_json = media.is_some_and(|media| {
            let essence = media.split(';').next().unwrap_or_default().trim();
            essence.eq_ignore_ascii_case("application/json")
        });
        if !is_json {
            let detail = Text::new(
                "Content-Type须为application/json",
                "the Content-Type must be application/json",
            );
            return Err(Problem::client(ProblemKind::MediaType, detail));
        }
        let arrival = Arrival::of(request.extensions())?;
        let limit = arrival.settings.body_limit;
        if limit < arrival.body.len() {
            let kib = limit / 1024;
            let detail = Text::new(
                format!("请求体最多{kib} KB"),
                format!("a body has at most {kib} KB"),
            );
            return Err(Problem::client(ProblemKind::TooLarge, detail));
        }
        if arrival.body.trim_ascii_start().starts_with(b"[") {
            // A struct would be read from its fields in their order as well; the API has objects only.
            let error = serde_json::Error::invalid_type(Unexpected::Seq, &"an object");
            return Err(malformed("", &error));
        }
        let mut reader = serde_json::Deserializer::from_slice(&arrival.body);
        let parsed = serde_path_to_error::deserialize(&mut reader);
        let parsed = parsed.map_err(|error| malformed(&pointer(error.path()), error.inner()))?;
        reader.end().map_err(|error| malformed("", &error))?;
        Ok(Self(parsed))
    }
}

/// A JSON body that may be left out.
#[derive(Debug, Clone)]
pub struct MaybeBody<T>(pub Option<T>);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for MaybeBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if Arrival::of(request.extensions())?.body.is_empty() {
            return Ok(Self(None));
        }
        let Body(body) = Body::from_request(request, state).await?;
        Ok(Self(Some(body)))
    }
}

/// The place of an error as a JSON pointer.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escaped(key)),
            // The variant of an enum is a key of its JSON; what is unknown has no name.
            Segment::Enum { variant } => format!("/{}", escaped(variant)),
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// A key as a part of a JSON pointer (RFC 6901).
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// What does not parse, without the value: it may be personal.
fn malformed(field: &str, error: &serde_json::Error) -> Problem {
    let detail = Text::new("请求体无法解析", "the body does not parse");
    Problem::client(ProblemKind::MalformedRequest, detail).violations(vec![violation(field, error)])
}

fn violation(field: &str, error: &serde_json::Error) -> Violation {
    let mut field = field.to_owned();
    let text = match error.classify() {
        serde_json::error::Category::Data => {
            let what = without_value(&error.to_string());
            if let Some(name) = missing(&what) {
                field = format!("{field}/{}", escaped(name));
            }
            in_words(&what)
        }
        serde_json::error::Category::Syntax | serde_json::error::Category::Eof => Text::new(
            format!("第{}行第{}列不是JSON", error.line(), error.column()),
            format!(
                "not JSON at line {} column {}",
                error.line(),
                error.column()
            ),
        ),
        serde_json::error::Category::Io => {
            Text::new("请求体读取失败", "the body could not be read")
        }
    };
    Violation {
        field,
        rule: "does-not-parse".to_owned(),
        text,
        source: "RFC 8259".to_owned(),
        as_of: None,
    }
}

/// serde's message without what was typed: which field, or what was expected.
fn without_value(message: &str) -> String {
    let message = message
        .rsplit_once(" at line ")
        .map_or(message, |(message, _)| message);
    let of_fields = ["unknown field", "missing field", "duplicate field"];
    if of_fields.iter().any(|start| message.starts_with(start)) {
        return message.to_owned();
    }
    // A typed text may hold these words itself, so the last ones count.
    match message.rsplit_once(", expected ") {
        // The names of our types say nothing to a caller.
        Some((_, expected)) if expected.starts_with("struct ") || expected.contains("tagged") => {
            "expected an object".to_owned()
        }
        Some((_, expected)) => format!("expected {expected}"),
        None => "the value is not of this field's form".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[test]
    fn what_is_missing_is_named_by_its_own_pointer() {
        #[derive(Debug, Deserialize)]
        struct Inner {
            #[serde(rename = "dueAt/x")]
            _due_at: String,
        }
        #[derive(Debug, Deserialize)]
        struct Outer {
            #[serde(rename = "inner")]
            _inner: Vec<Inner>,
        }
        for (body, field) in [("{}", "/inner"), (r#"{"inner":[{}]}"#, "/inner/0/dueAt~1x")] {
            let mut reader = serde_json::Deserializer::from_str(body);
            let read: Result<Outer, _> = serde_path_to_error::deserialize(&mut reader);
            let error = read.unwrap_err();
            let violation = violation(&pointer(error.path()), error.inner());
            assert_eq!(violation.field, field);
            assert_eq!(violation.text.zh, "缺少此项");
        }
    }

    #[test]
    fn a_message_says_what_was_expected_and_not_what_was_typed() {
        let check = |message: &str, expected: &str| assert_eq!(without_value(message), expected);
        check(
            "invalid type: string \"138, expected 0\", expected u32 at line 1 column 9",
            "expected u32",
        );
        check(
            "unknown field `a`, expected `b` or `c` at line 1 column 2",
            "unknown field `a`, expected `b` or `c`",
        );
        check("missing field `b` at line 1 column 2", "missing field `b`");
        check(
            "invalid type: string \"bad\", expected struct ReturnReason at line 1 column 9",
            "expected an object",
        );
        check(
            "not an id: 张三 at line 1 column 2",
            "the value is not of this field's form",
        );
    }
}
