//! The end of a page's text, as evidence that may be shown.
//!
//! **Invariant:** it holds no mail address and no run of seven or more digits, but those of filing
//! numbers: a footer names telephones, and evidence goes to people who need not know them.

use std::ops::Range;

/// Longest excerpt in bytes.
const LONGEST: usize = 2048;
/// Digits in a row that are masked.
const LONG_RUN: usize = 7;
/// Digits that are masked even where single spaces or dashes group them: a telephone number.
const LONG_GROUPED_RUN: usize = 10;

/// The last 2 KB of the text, masked; `numbers` are the places of its filing numbers, in order.
pub(super) fn of(visible: &str, numbers: &[Range<usize>]) -> String {
    // Masked before it is cut, so that the cut leaves no short rest of a long run.
    let mut masked = String::with_capacity(visible.len());
    let mut from = 0;
    for number in numbers {
        masked.push_str(&mask(visible.get(from..number.start).unwrap_or_default()));
        masked.push_str(visible.get(number.clone()).unwrap_or_default());
        from = from.max(number.end);
    }
    masked.push_str(&mask(visible.get(from..).unwrap_or_default()));
    let start = masked.ceil_char_boundary(masked.len().saturating_sub(LONGEST));
    masked
        .get(start..)
        .unwrap_or_default()
        .trim_start()
        .to_owned()
}

/// A text without mail addresses and long numbers.
pub(crate) fn mask(text: &str) -> String {
    mask_digits(&mask_mail(text))
}

fn mask_mail(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['@', '＠']) {
        let (before, sign_on) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let sign = sign_on.chars().next().map_or(0, char::len_utf8);
        let after = sign_on.get(sign..).unwrap_or_default();
        let local = before.trim_end_matches(in_mail);
        let remains = after.trim_start_matches(in_mail);
        if local.len() < before.len() && remains.len() < after.len() {
            masked.push_str(local);
            masked.push_str("***");
        } else {
            masked.push_str(before);
            masked.push_str(sign_on.get(..sign).unwrap_or_default());
            masked.push_str(after.get(..after.len() - remains.len()).unwrap_or_default());
        }
        rest = remains;
    }
    masked.push_str(rest);
    masked
}

fn in_mail(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-')
}

fn mask_digits(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut run = Run::default();
    for c in text.chars() {
        if is_digit(c) {
            run.digit(c);
        } else if matches!(c, '-' | ' ' | '－' | '—' | '–') && run.groups_on() {
            run.text.push(c);
            run.now = 0;
        } else {
            run.end(&mut masked);
            masked.push(c);
        }
    }
    run.end(&mut masked);
    masked
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c)
}

/// Digits in a row, with single separators between them.
#[derive(Default)]
struct Run {
    text: String,
    now: usize,
    longest: usize,
    all: usize,
}

impl Run {
    fn digit(&mut self, c: char) {
        self.text.push(c);
        self.now += 1;
        self.all += 1;
        self.longest = self.longest.max(self.now);
    }

    /// Whether a separator may follow: only a digit has been before it.
    fn groups_on(&self) -> bool {
        self.now > 0
    }

    fn end(&mut self, masked: &mut String) {
        let personal = self.longest >= LONG_RUN || self.all >= LONG_GROUPED_RUN;
        let hide = |c: char| if personal && is_digit(c) { '*' } else { c };
        masked.extend(self.text.chars().map(hide));
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephones_and_mail_addresses_are_masked() {
        for (text, masked) in [
            ("电话 13800138000 转 8001", "电话 *********** 转 8001"),
            ("138-0013-8000", "***-****-****"),
            ("138 0013 8000 call", "*** **** **** call"),
            ("010-12345678", "***-********"),
            ("１３８００１３８０００", "***********"),
            ("© 2004-2024 123456", "© ****-**** ******"),
            ("© 2004-2024", "© 2004-2024"),
            ("123456", "123456"),
            ("a.b+c@example.com.cn.", "***"),
            ("mail: me＠example.com, or", "mail: ***, or"),
            ("@home a@ @", "@home a@ @"),
            ("a@b@c@d", "***@c@d"),
        ] {
            assert_eq!(of(text, &[]), masked, "{text}");
        }
    }

    #[test]
    fn a_filing_number_is_shown_whole() {
        let text = "京ICP备12345678号 12345678";
        let number = 0..text.find(' ').unwrap();
        assert_eq!(of(text, &[number]), "京ICP备12345678号 ********");
    }

    #[test]
    fn the_end_is_kept_and_cut_between_characters() {
        let text = format!("13800138000{}尾", "备".repeat(2000));
        let excerpt = of(&text, &[]);
        assert!(excerpt.ends_with('尾') && excerpt.len() <= LONGEST && excerpt.len() > LONGEST - 4);
        let text = format!(
            "{}13800138000{}",
            "x".repeat(50),
            " y".repeat((LONGEST - 3) / 2)
        );
        assert!(!of(&text, &[]).contains('8'));
    }
}
