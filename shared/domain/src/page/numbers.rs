//! The filing numbers of a page, wherever they stand in it.

use std::ops::Range;

use url::Url;

use super::host_of;
use super::reading::Reading;
use crate::identifiers::IcpNumber;
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
    add(
        &mut numbers,
        &reading.script_tail,
        None,
        NumberPlace::Script,
    );
    add(&mut numbers, &reading.metas, None, NumberPlace::Meta);
    numbers
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
