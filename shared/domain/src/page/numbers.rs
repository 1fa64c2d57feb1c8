//! The filing numbers of a page, wherever they stand in it.

use std::borrow::Cow;
use std::ops::Range;

use url::Url;

use super::host_of;
use super::reading::Reading;
use crate::identifiers::{IcpNumber, narrow};
use crate::look::{NumberPlace, PageNumber};

/// Numbers kept of one page: more are no footer but a list of other sites.
pub(super) const MOST_NUMBERS: usize = 20;

/// Numbers as shown, each pair of number and link once; then those that stand only in place of an
/// image, in a script of the page's end, or in its head.
pub(super) fn of(
    shown: Vec<(Range<usize>, IcpNumber)>,
    reading: &Reading,
    base: Option<&Url>,
) -> Vec<PageNumber> {
    let mut numbers: Vec<PageNumber> = Vec::new();
    for (range, number) in shown {
        let links_to = reading
            .link_over(&range)
            .and_then(|href| host_of(href, base));
        let found = PageNumber {
            number,
            links_to,
            place: NumberPlace::Text,
        };
        if numbers.len() < MOST_NUMBERS && !numbers.contains(&found) {
            numbers.push(found);
        }
    }
    for (alt, link) in &reading.alts {
        let links_to = reading.href(*link).and_then(|href| host_of(href, base));
        add(&mut numbers, alt, links_to.as_deref(), NumberPlace::Alt);
    }
    let script = without_escapes(&reading.script_tail);
    add(&mut numbers, &script, None, NumberPlace::Script);
    add(&mut numbers, &reading.metas, None, NumberPlace::Meta);
    numbers
}

/// A script's text with its `\\u4eac` written out.
fn without_escapes(script: &str) -> Cow<'_, str> {
    if !script.contains("\\u") {
        return Cow::Borrowed(script);
    }
    let mut plain = String::with_capacity(script.len());
    let mut pieces = script.split("\\u");
    plain.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let code = piece
            .get(..4)
            .and_then(|digits| u32::from_str_radix(digits, 16).ok());
        if let Some(c) = code.and_then(char::from_u32) {
            plain.push(c);
            plain.push_str(piece.get(4..).unwrap_or_default());
        } else {
            plain.push_str("\\u");
            plain.push_str(piece);
        }
    }
    Cow::Owned(plain)
}

/// Adds what a text holds and no earlier one does.
fn add(numbers: &mut Vec<PageNumber>, text: &str, links_to: Option<&str>, place: NumberPlace) {
    for (_, number) in IcpNumber::find_in(text) {
        let known = numbers.iter().any(|found| found.number == number);
        if numbers.len() < MOST_NUMBERS && !known {
            numbers.push(PageNumber {
                number,
                links_to: links_to.map(str::to_owned),
                place,
            });
        }
    }
}

/// Characters after `ICP` in which the rest of a badly written number is looked for.
const AHEAD: usize = 24;

/// Fewest digits of such a rest. Source: serials have 8 or 10, licences 6 and more.
const DIGITS: usize = 6;

/// Whether something stands in a text that a person would take for a filing number: `ICP备案2021…`,
/// `ICP备…` without a province, a serial torn apart.
pub(super) fn is_like_one(text: &str) -> bool {
    text.char_indices()
        .filter(|(_, c)| matches!(c, 'I' | 'i' | 'Ｉ' | 'ｉ'))
        .any(|(at, _)| {
            let ahead: Vec<char> = text
                .get(at..)
                .unwrap_or_default()
                .chars()
                .map(narrow)
                .filter(|c| *c != ' ')
                .take(AHEAD)
                .collect();
            let word: String = ahead.iter().take(3).collect();
            let rest = ahead.get(3..).unwrap_or_default();
            word.eq_ignore_ascii_case("ICP")
                && rest.first().is_some_and(|c| "备備证證".contains(*c))
                && DIGITS <= rest.iter().filter(|c| c.is_ascii_digit()).count()
        })
}
