//! What a reader can be given beside JSON: which form it asks for by `Accept`, and an answer in that form.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::language::thousandths;
use crate::{Problem, ProblemKind};

/// The forms that a table can be given in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rendering {
    /// `application/json`.
    Json,
    /// `text/csv`.
    Csv,
    /// `text/html`: a page.
    Page,
}

impl Rendering {
    /// Every form, the likeliest first.
    const ALL: [Self; 3] = [Self::Json, Self::Csv, Self::Page];

    fn essence(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv",
            Self::Page => "text/html",
        }
    }

    /// The form that the reader prefers; JSON where it names none of them, which RFC 9110, section 12.5.1, allows.
    fn preferred(headers: &HeaderMap) -> Self {
        let mut best = (0, Self::Json);
        let named = headers.get_all(ACCEPT).iter();
        let entries = named
            .filter_map(|value| value.to_str().ok())
            .flat_map(|list| list.split(','));
        for (weight, form) in entries.filter_map(weighed) {
            // Of equals the first stands.
            if best.0 < weight {
                best = (weight, form);
            }
        }
        best.1
    }
}

/// One entry, such as `text/csv;q=0.8`, as its weight in thousandths.
fn weighed(entry: &str) -> Option<(u16, Rendering)> {
    let mut parts = entry.split(';').map(str::trim);
    let essence = parts.next()?;
    let form = Rendering::ALL
        .into_iter()
        .find(|form| form.essence().eq_ignore_ascii_case(essence))?;
    let mut weights = parts.filter_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    let weight = weights.next().map_or(Some(1000), thousandths)?;
    Some((weight, form))
}

impl<S: Sync> FromRequestParts<S> for Rendering {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Ok(Self::preferred(&parts.headers))
    }
}

/// A table as a file. Nobody between may keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// Lines of CSV, to be saved under a name.
    Csv {
        /// The bytes.
        lines: Vec<u8>,
        /// The file's name: letters, digits, dots and hyphens.
        name: String,
    },
    /// A page that reaches for nothing outside itself.
    Page {
        /// The document.
        html: String,
        /// What the browser may load: a Content-Security-Policy.
        policy: String,
    },
}

impl Written {
    fn headers(&self) -> Vec<(HeaderName, String)> {
        match self {
            Self::Csv { name, .. } => vec![
                (
                    CONTENT_TYPE,
                    "text/csv; charset=utf-8; header=present".to_owned(),
                ),
                (
                    CONTENT_DISPOSITION,
                    format!("attachment; filename=\"{name}\""),
                ),
            ],
            Self::Page { policy, .. } => vec![
                (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
                (CONTENT_SECURITY_POLICY, policy.clone()),
                (REFERRER_POLICY, "no-referrer".to_owned()),
            ],
        }
    }
}

impl IntoResponse for Written {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::new();
        for (name, value) in self.headers() {
            match HeaderValue::from_str(&value) {
                Ok(value) => headers.insert(name, value),
                // A page without its policy is worse than none.
                Err(error) => return Problem::server(ProblemKind::Internal, error).into_response(),
            };
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(VARY, HeaderValue::from_static("accept"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        match self {
            Self::Csv { lines, .. } => (headers, lines).into_response(),
            Self::Page { html, .. } => (headers, html).into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_of_the_forms_is_taken_and_json_without_any() {
        let check = |header: &str, expected: Rendering| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, header.parse().unwrap());
            assert_eq!(Rendering::preferred(&headers), expected, "{header}");
        };
        assert_eq!(Rendering::preferred(&HeaderMap::new()), Rendering::Json);
        check("*/*", Rendering::Json);
        check("text/csv", Rendering::Csv);
        check("Text/HTML; charset=utf-8", Rendering::Page);
        // What Chromium sends.
        check(
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
            Rendering::Page,
        );
        check("text/html;q=0.5, text/csv;q=0.51", Rendering::Csv);
        check("application/json, text/csv", Rendering::Json);
        check("text/csv;q=0", Rendering::Json);
        check("text/csv;q=2", Rendering::Json);
        check("image/png", Rendering::Json);
    }

    #[test]
    fn a_page_whose_policy_is_no_header_is_not_given() {
        let page = |policy: &str| Written::Page {
            html: "<p>".to_owned(),
            policy: policy.to_owned(),
        };
        let given = page("default-src 'none'").into_response();
        assert_eq!(given.status(), 200);
        assert_eq!(
            given.headers()[CONTENT_SECURITY_POLICY],
            "default-src 'none'"
        );
        assert_eq!(given.headers()[CACHE_CONTROL], "no-store");
        assert_eq!(page("a\nb").into_response().status(), 500);
    }
}
