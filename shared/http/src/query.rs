//! Parameters of a query.

use std::error::Error;

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use http::request::Parts;
use icp_domain::{Text, Violation};
use serde::de::DeserializeOwned;

use crate::unparsed::{in_words, missing, named};
use crate::{Problem, ProblemKind};

/// The parameters of a query as a `T`. `T` says which there are; others are refused.
#[derive(Debug, Clone, Copy)]
pub struct Parameters<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let asked = Query::<T>::from_request_parts(parts, state).await;
        let asked = asked.map_err(|rejection| malformed(&rejection))?;
        Ok(Self(asked.0))
    }
}

/// A query that does not parse: the parameter, where it is known, and what of it.
fn malformed(rejection: &QueryRejection) -> Problem {
    let said = rejection.source().map(ToString::to_string);
    let said = said.unwrap_or_else(|| rejection.body_text());
    // What was read before the value failed stands before a colon.
    let (parameter, what) = match said.split_once(": ") {
        Some((parameter, what)) => (parameter, what),
        None => (
            missing(&said).or(named(&said)).unwrap_or_default(),
            said.as_str(),
        ),
    };
    let detail = Text::new("查询参数无法解析", "the query does not parse");
    let violation = Violation {
        field: parameter.to_owned(),
        rule: "does-not-parse".to_owned(),
        text: in_words(what),
        source: "docs/API/openapi.json".to_owned(),
        as_of: None,
    };
    Problem::client(ProblemKind::MalformedRequest, detail).violations(vec![violation])
}

#[cfg(test)]
mod tests {
    use icp_domain::Language;
    use serde::Deserialize;
    use serde_json::Value;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Asked {
        #[serde(rename = "limit")]
        _limit: Option<usize>,
        #[serde(rename = "open")]
        _open: Option<bool>,
    }

    #[tokio::test]
    async fn a_query_that_does_not_parse_is_told_by_its_parameter() {
        for (query, parameter, what) in [
            (
                "limit=x",
                "limit",
                "it must be a whole number, not negative",
            ),
            ("open=1", "open", "it must be true or false"),
            (
                "opne=true",
                "opne",
                "unknown field `opne`, expected `limit` or `open`",
            ),
            ("limit=1&limit=2", "limit", "duplicate field `limit`"),
        ] {
            let request = http::Request::get(format!("/cases?{query}"));
            let (mut parts, ()) = request.body(()).unwrap().into_parts();
            let asked = Parameters::<Asked>::from_request_parts(&mut parts, &()).await;
            let told = asked.unwrap_err().render(Language::English).into_body();
            let told = axum::body::to_bytes(told, 4096).await.unwrap();
            let told: Value = serde_json::from_slice(&told).unwrap();
            let violation = &told["violations"][0];
            assert_eq!(violation["field"], parameter, "{query}");
            assert_eq!(violation["text"], what, "{query}");
        }
    }
}
