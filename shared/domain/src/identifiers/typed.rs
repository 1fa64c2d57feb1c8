//! Text as people type it: full-width characters, kinds of dashes, spaces seen and unseen.

/// Distance between a full-width form and its ASCII character (U+FF01 to U+FF5E).
const FULL_WIDTH_OFFSET: u32 = 0xFEE0;

/// The ASCII character that `c` stands for, or `c` itself.
pub(crate) fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - FULL_WIDTH_OFFSET).unwrap_or(c),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE63}' | '\u{30FC}' => '-',
        _ if is_blank(c) => ' ',
        _ => c,
    }
}

/// Whether `c` is a space, a control character such as a tab, or has no width at all.
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

/// `text` narrowed, in upper case, without blanks: a code as it is printed.
pub(crate) fn squeezed(text: &str) -> String {
    text.chars()
        .map(narrow)
        .filter(|c| *c != ' ')
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// As [`squeezed`], and without dashes.
pub(crate) fn bare(text: &str) -> String {
    squeezed(text).chars().filter(|c| *c != '-').collect()
}

/// `text` narrowed, without blanks at its ends.
pub(crate) fn trimmed(text: &str) -> String {
    let narrowed: String = text.chars().map(narrow).collect();
    narrowed.trim().to_owned()
}
