//! The language of a reader, from `Accept-Language`.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use http::request::Parts;
use icp_domain::Language;

/// The language that the caller reads, for an answer that is one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InLanguage(pub Language);

impl<S: Sync> FromRequestParts<S> for InLanguage {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(preferred(&parts.headers)))
    }
}

/// The language that the reader prefers of the two that there are; Chinese where none is named.
pub(crate) fn preferred(headers: &HeaderMap) -> Language {
    let mut best = (0, Language::default());
    let named = headers.get_all(ACCEPT_LANGUAGE).iter();
    let entries = named
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','));
    for (weight, language) in entries.filter_map(weighed) {
        // Of equals the first stands.
        if best.0 < weight {
            best = (weight, language);
        }
    }
    best.1
}

/// One entry, such as `en-GB;q=0.8`, as its weight in thousandths.
fn weighed(entry: &str) -> Option<(u16, Language)> {
    let (range, parameters) = entry.split_once(';').unwrap_or((entry, ""));
    let primary = range.trim().split('-').next().unwrap_or_default();
    let language = match primary.to_ascii_lowercase().as_str() {
        "zh" | "*" => Language::Chinese,
        "en" => Language::English,
        _ => return None,
    };
    let weight = match parameters.trim() {
        "" => 1000,
        weight => thousandths(weight.strip_prefix("q=").or(weight.strip_prefix("Q="))?)?,
    };
    Some((weight, language))
}

/// A weight of RFC 9110, section 12.4.2: 0 to 1 with at most three decimals.
pub(crate) fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let decimals: u16 = format!("{decimals:0<3}").parse().ok()?;
    match (whole, decimals) {
        ("0", decimals) => Some(decimals),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_of_the_two_languages_is_taken_and_chinese_without_any() {
        let check = |header: &str, expected: Language| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, header.parse().unwrap());
            assert_eq!(preferred(&headers), expected, "{header}");
        };
        assert_eq!(preferred(&HeaderMap::new()), Language::Chinese);
        check("en", Language::English);
        check("EN-gb", Language::English);
        check("zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese);
        check("en;q=0.5, zh;q=0.9", Language::Chinese);
        check("zh;q=0.5, en;q=0.51", Language::English);
        check("en, zh", Language::English);
        check("fr, en;q=0.1", Language::English);
        check("*, en;q=0.1", Language::Chinese);
        check("enm", Language::Chinese);
        check("en;q=0", Language::Chinese);
        check("en;q=2, fr", Language::Chinese);
        check("en;q=0.1234", Language::Chinese);
        check("en;level=1", Language::Chinese);
        check("", Language::Chinese);
    }
}
