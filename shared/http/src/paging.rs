//! Pages of lists.

use axum::extract::FromRequestParts;
use http::request::Parts;
use icp_domain::Text;
use icp_store::Cursor;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::arrival::Arrival;
use crate::{Parameters, Problem};

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
        let asked = Parameters::<Asked>::from_request_parts(parts, state).await?;
        let Parameters(Asked { limit, cursor }) = asked;
        Self::given("", limit, cursor, most)
    }
}

impl Paging {
    /// A page as parameters ask for it that are read together with others, of at most `most`.
    pub fn of_query(
        limit: Option<usize>,
        cursor: Option<String>,
        most: usize,
    ) -> Result<Self, Problem> {
        Self::given("", limit, cursor, most)
    }

    /// A page as a body asks for it, of at most `most`.
    pub fn asked(
        limit: Option<usize>,
        cursor: Option<String>,
        most: usize,
    ) -> Result<Self, Problem> {
        Self::given("/", limit, cursor, most)
    }

    /// A page, of which `at` stands before the names of what is wrong.
    fn given(
        at: &str,
        limit: Option<usize>,
        cursor: Option<String>,
        most: usize,
    ) -> Result<Self, Problem> {
        let limit = limit.unwrap_or(most);
        if !(1..=most).contains(&limit) {
            let text = Text::new(
                format!("limit须为1至{most}"),
                format!("limit is 1 to {most}"),
            );
            return Err(Problem::of_field(&format!("{at}limit"), text));
        }
        let given = cursor.map(|text| {
            Cursor::given(text)
                .ok_or_else(|| Problem::of_field(&format!("{at}cursor"), foreign_cursor()))
        });
        Ok(Self {
            limit,
            cursor: given.transpose()?,
        })
    }
}

/// That a cursor is not of the list that was asked for.
pub(crate) fn foreign_cursor() -> Text {
    Text::new(
        "cursor须来自上一页",
        "cursor comes from the page before, of the same list",
    )
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
