//! Pages of lists.

use axum::extract::{FromRequestParts, Query};
use http::request::Parts;
use icp_domain::Text;
use icp_store::Cursor;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::arrival::Arrival;
use crate::{Problem, ProblemKind};

/// Which page of a list: how many at most, and after what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// At most so many.
    pub limit: usize,
    /// Where the last page ended.
    pub cursor: Option<Cursor>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    limit: Option<usize>,
    cursor: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let most = Arrival::of(&parts.extensions)?.settings.page_items;
        let asked = Query::<Asked>::from_request_parts(parts, state)
            .await
            .map_err(|_| malformed(most))?;
        let Query(Asked { limit, cursor }) = asked;
        Self::asked(limit, cursor, most)
    }
}

impl Paging {
    /// A page as a body asks for it, of at most `most`.
    pub fn asked(
        limit: Option<usize>,
        cursor: Option<String>,
        most: usize,
    ) -> Result<Self, Problem> {
        let limit = limit.unwrap_or(most);
        if !(1..=most).contains(&limit) {
            return Err(malformed(most));
        }
        let cursor = match cursor {
            None => None,
            Some(text) => Some(Cursor::given(text).ok_or_else(|| malformed(most))?),
        };
        Ok(Self { limit, cursor })
    }
}

fn malformed(most: usize) -> Problem {
    let detail = Text::new(
        format!("limit须为1至{most}，cursor须来自上一页"),
        format!("limit is 1 to {most}, and cursor comes from the page before"),
    );
    Problem::client(ProblemKind::MalformedRequest, detail)
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// What it holds.
    pub items: Vec<T>,
    /// The cursor of the page after it; null at the end.
    pub next: Option<String>,
}

/// The body of a page.
pub fn page_body(items: &[impl Serialize], next: Option<&Cursor>) -> Value {
    json!(Page {
        items: items.iter().collect(),
        next: next.map(|cursor| cursor.as_str().to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_shows_its_items_and_where_the_next_begins() {
        let cursor = Cursor::given("place.signature".to_owned());
        assert_eq!(
            page_body(&["a"], cursor.as_ref()),
            json!({ "items": ["a"], "next": "place.signature" })
        );
        assert_eq!(
            page_body(&[(); 0], None),
            json!({ "items": [], "next": null })
        );
        assert_eq!(Cursor::given("x".repeat(10_000)), None);
    }
}
