//! Markup into tokens, as the tokenizer of the HTML standard cuts it, and no tree.
//!
//! **Invariant:** every byte is passed once; of a tag only the attributes that page facts rest on
//! are kept, so that a tag of a million attributes costs no more than a million bytes of text.

use std::borrow::Cow;

/// Elements whose content is no markup, up to their end tag. `noscript` is one where scripts run.
const RAW: [&str; 9] = [
    "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript",
];

/// A piece of markup.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Text, its character references not yet replaced.
    Text(&'a str),
    /// The content of the raw element that the last start tag opened, and its place in the page.
    Raw { text: &'a str, at: usize },
    /// A start tag.
    Start(Start<'a>),
    /// An end tag, by its name in lower case.
    End(String),
}

/// A start tag with the attributes that count here; of doubled ones the first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Start<'a> {
    /// In lower case.
    pub(super) name: String,
    /// Whether it has the attribute `hidden`.
    pub(super) hidden: bool,
    /// The attribute `href`, its character references not yet replaced.
    pub(super) href: Option<&'a str>,
    /// The attribute `http-equiv`.
    pub(super) http_equiv: Option<&'a str>,
    /// What is said in place of an image.
    pub(super) alt: Option<&'a str>,
    /// What a click runs.
    pub(super) onclick: Option<&'a str>,
    /// What a `meta` says.
    pub(super) content: Option<&'a str>,
    /// Whether it ends in `/>`, which counts within `svg` and `math` only.
    pub(super) closed: bool,
}

/// Cuts a page into tokens.
pub(super) struct Lexer<'a> {
    rest: &'a str,
    length: usize,
    raw: Option<String>,
    foreign: usize,
}

impl<'a> Lexer<'a> {
    /// A lexer at the page's start.
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            length: text.len(),
            raw: None,
            foreign: 0,
        }
    }

    /// Whether the tokens stand within `svg` or `math`.
    pub(super) fn in_foreign(&self) -> bool {
        self.foreign > 0
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn raw_text(&mut self, name: &str) -> Option<Token<'a>> {
        let at = self.length - self.rest.len();
        let text = self.take(end_of_raw(self.rest, name));
        (!text.is_empty()).then_some(Token::Raw { text, at })
    }

    /// The markup that begins here with `<`; comments and the like give nothing.
    fn markup(&mut self) -> Option<Token<'a>> {
        if self.rest.starts_with("<!--") {
            self.take(end_of_comment(self.rest));
            return None;
        }
        let end_tag = self.rest.starts_with("</");
        let after = self
            .rest
            .get(if end_tag { 2 } else { 1 }..)
            .unwrap_or_default();
        if !after.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let end = self
                .rest
                .find('>')
                .map_or(self.rest.len(), |found| found + 1);
            self.take(end);
            return None;
        }
        let (start, rest) = tag(after)?;
        self.rest = rest;
        if end_tag {
            if is_foreign(&start.name) {
                self.foreign = self.foreign.saturating_sub(1);
            }
            return Some(Token::End(start.name));
        }
        if is_foreign(&start.name) && !start.closed {
            self.foreign += 1;
        }
        if RAW.contains(&start.name.as_str()) && !(start.closed && self.in_foreign()) {
            self.raw = Some(start.name.clone());
        }
        Some(Token::Start(start))
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(name) = self.raw.take()
            && let Some(raw) = self.raw_text(&name)
        {
            return Some(raw);
        }
        while !self.rest.is_empty() {
            match next_markup(self.rest) {
                0 => {
                    let before = self.rest.len();
                    if let Some(token) = self.markup() {
                        return Some(token);
                    }
                    if self.rest.len() == before {
                        // A tag that the page's end cuts off is no tag and no text.
                        self.rest = "";
                    }
                }
                length => return Some(Token::Text(self.take(length))),
            }
        }
        None
    }
}

fn is_foreign(name: &str) -> bool {
    matches!(name, "svg" | "math")
}

/// Where the next markup begins; the text's length where none does.
fn next_markup(text: &str) -> usize {
    text.match_indices('<')
        .map(|(at, _)| at)
        .find(|at| {
            let mut after = text.get(at + 1..).unwrap_or_default().chars();
            match after.next() {
                Some('!' | '?') => true,
                Some('/') => after.next().is_some(),
                Some(c) => c.is_ascii_alphabetic(),
                None => false,
            }
        })
        .unwrap_or(text.len())
}

fn end_of_raw(text: &str, name: &str) -> usize {
    text.match_indices("</")
        .map(|(at, _)| at)
        .find(|at| {
            let after = text.get(at + 2..).unwrap_or_default();
            after
                .get(..name.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(name))
                && after.get(name.len()..).is_some_and(|rest| {
                    rest.starts_with(|c: char| is_space(c) || c == '/' || c == '>')
                })
        })
        .unwrap_or(text.len())
}

/// The length of the comment that the text begins with.
fn end_of_comment(text: &str) -> usize {
    let within = text.get(4..).unwrap_or_default();
    for (abrupt, length) in [(">", 5), ("->", 6)] {
        if within.starts_with(abrupt) {
            return length;
        }
    }
    // By `>`: looking for each of the two ends apart would pass the rest of the page for every
    // comment that has only the other.
    within
        .match_indices('>')
        .map(|(at, _)| at)
        .find(|at| {
            let before = within.get(..*at).unwrap_or_default();
            before.ends_with("--") || before.ends_with("--!")
        })
        .map_or(text.len(), |at| at + 5)
}

/// A tag from its name on, and what follows its `>`. `None` where the page ends within it.
fn tag(text: &str) -> Option<(Start<'_>, &str)> {
    let ends_name = |c: char| is_space(c) || c == '/' || c == '>';
    let length = text.find(ends_name)?;
    let (name, mut rest) = text.split_at_checked(length)?;
    let mut start = Start {
        name: name.to_ascii_lowercase(),
        ..Start::default()
    };
    loop {
        rest = rest.trim_start_matches(|c: char| is_space(c));
        if let Some(after) = rest.strip_prefix('>') {
            return Some((start, after));
        }
        if let Some(after) = rest.strip_prefix('/') {
            start.closed = after.starts_with('>');
            rest = after;
            continue;
        }
        // A name may begin with `=`, and holds no other.
        let first = rest.chars().next()?.len_utf8();
        let more = rest
            .get(first..)?
            .find(|c: char| ends_name(c) || c == '=')?;
        let (name, after) = rest.split_at_checked(first + more)?;
        let (value, after) = value(after)?;
        rest = after;
        keep(&mut start, name, value);
    }
}

/// An attribute's value and what follows it. `None` where the page ends within it.
fn value(text: &str) -> Option<(&str, &str)> {
    let Some(after) = text.trim_start_matches(is_space).strip_prefix('=') else {
        return Some(("", text));
    };
    let after = after.trim_start_matches(is_space);
    for quote in ['"', '\''] {
        if let Some(quoted) = after.strip_prefix(quote) {
            return quoted.split_once(quote);
        }
    }
    let length = after.find(|c: char| is_space(c) || c == '>')?;
    after.split_at_checked(length)
}

fn keep<'a>(start: &mut Start<'a>, name: &str, value: &'a str) {
    if name.eq_ignore_ascii_case("hidden") {
        start.hidden = true;
    } else if name.eq_ignore_ascii_case("href") {
        start.href = start.href.or(Some(value));
    } else if name.eq_ignore_ascii_case("http-equiv") {
        start.http_equiv = start.http_equiv.or(Some(value));
    } else if name.eq_ignore_ascii_case("alt") {
        start.alt = start.alt.or(Some(value));
    } else if name.eq_ignore_ascii_case("onclick") {
        start.onclick = start.onclick.or(Some(value));
    } else if name.eq_ignore_ascii_case("content") {
        start.content = start.content.or(Some(value));
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

/// The text with its character references replaced: the numeric ones, and the names that pages
/// use in and around footers. Others stay as they are.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let (replaced, after) = match reference(after) {
            Some((c, after)) => (c, after),
            None => ('&', after),
        };
        plain.push(replaced);
        rest = after;
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// Longest reference read, in bytes after the `&`: `#x0010FFFF;` and every name below.
const LONGEST_REFERENCE: usize = 12;

fn reference(text: &str) -> Option<(char, &str)> {
    let length = text
        .char_indices()
        .take(LONGEST_REFERENCE)
        .find(|(at, c)| !(c.is_ascii_alphanumeric() || (*at == 0 && *c == '#')))
        .map_or_else(|| text.len().min(LONGEST_REFERENCE), |(at, _)| at);
    let (name, after) = text.split_at_checked(length)?;
    let after = after.strip_prefix(';').unwrap_or(after);
    let c = match name.strip_prefix('#') {
        Some(digits) => numbered(digits)?,
        None => named(name)?,
    };
    Some((c, after))
}

fn numbered(digits: &str) -> Option<char> {
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some(match code {
        // What Windows-1252 has there, as the HTML standard replaces it.
        0x85 => '…',
        0x96 => '–',
        0x97 => '—',
        0 => char::REPLACEMENT_CHARACTER,
        code => char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
    })
}

fn named(name: &str) -> Option<char> {
    Some(match name {
        "amp" | "AMP" => '&',
        "lt" | "LT" => '<',
        "gt" | "GT" => '>',
        "quot" | "QUOT" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "ensp" => '\u{2002}',
        "emsp" => '\u{2003}',
        "thinsp" => '\u{2009}',
        "hairsp" => '\u{200a}',
        "puncsp" => '\u{2008}',
        "numsp" => '\u{2007}',
        "zwnj" => '\u{200c}',
        "zwj" => '\u{200d}',
        "shy" => '\u{ad}',
        "copy" | "COPY" => '©',
        "reg" | "REG" => '®',
        "trade" => '™',
        "middot" => '·',
        "bull" => '•',
        "hellip" => '…',
        "ndash" => '–',
        "mdash" => '—',
        "hyphen" | "dash" => '‐',
        "minus" => '−',
        "horbar" => '―',
        "times" => '×',
        "laquo" => '«',
        "raquo" => '»',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "num" => '#',
        "colon" => ':',
        "comma" => ',',
        "period" => '.',
        "sol" => '/',
        "lpar" => '(',
        "rpar" => ')',
        "verbar" | "vert" => '|',
        "commat" => '@',
        "lowbar" => '_',
        "Tab" => '\t',
        "NewLine" => '\n',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, expected: &Expect) {
        let mut shown = String::new();
        for token in Lexer::new(text) {
            let line = match token {
                Token::Text(text) => format!("text {text:?}"),
                Token::Raw { text, at } => format!("raw {at} {text:?}"),
                Token::Start(start) => format!(
                    "<{}{}{}{}",
                    start.name,
                    if start.hidden { " hidden" } else { "" },
                    start
                        .href
                        .map(|href| format!(" href={href:?}"))
                        .unwrap_or_default(),
                    if start.closed { " /" } else { "" }
                ),
                Token::End(name) => format!("</{name}"),
            };
            shown.push_str(&line);
            shown.push('\n');
        }
        expected.assert_eq(&shown);
    }

    #[test]
    fn tags_text_and_comments_are_told_apart() {
        check(
            "<!doctype html><P Hidden CLASS=x>a &lt; b < c<!-- <p> --><?x?></P ><br/>",
            &expect![[r#"
                <p hidden
                text "a &lt; b < c"
                </p
                <br /
            "#]],
        );
    }

    #[test]
    fn attributes_are_read_in_every_spelling() {
        check(
            "<a href='x>y'><a href=\"q\" href=z><a href = v hidden><a =x href=u/><a data-href=no>",
            &expect![[r#"
                <a href="x>y"
                <a href="q"
                <a hidden href="v"
                <a href="u/"
                <a
            "#]],
        );
    }

    #[test]
    fn the_content_of_a_script_is_no_markup() {
        check(
            "<script>if (a<b) '</p>'</scripty></SCRIPT >x<title>a<b></title>",
            &expect![[r#"
                <script
                raw 8 "if (a<b) '</p>'</scripty>"
                </script
                text "x"
                <title
                raw 51 "a<b>"
                </title
            "#]],
        );
    }

    #[test]
    fn a_closed_raw_element_of_a_drawing_swallows_nothing() {
        check(
            "<svg><style/><title/></svg>x",
            &expect![[r#"
                <svg
                <style /
                <title /
                </svg
                text "x"
            "#]],
        );
    }

    #[test]
    fn what_the_end_cuts_off_is_no_tag() {
        check("a<b href='x", &expect![["text \"a\"\n"]]);
        check("a<!-- b", &expect![["text \"a\"\n"]]);
        check("a<!-->b", &expect![["text \"a\"\ntext \"b\"\n"]]);
        check("a<", &expect![["text \"a<\"\n"]]);
    }

    #[test]
    fn character_references_are_replaced() {
        for (text, plain) in [
            ("&#20140;ICP&#x5907;", "京ICP备"),
            ("a&nbsp;b&copy", "a\u{a0}b©"),
            ("x &unknown; & y &#; &#xZZ;", "x &unknown; & y &#; &#xZZ;"),
            ("&#1114112;&#0;&#150;", "\u{fffd}\u{fffd}–"),
            ("&amp;lt;", "&lt;"),
            ("&京", "&京"),
            ("&aaaaaaaaaaaaaaaaaaaa;", "&aaaaaaaaaaaaaaaaaaaa;"),
        ] {
            assert_eq!(unescape(text), plain, "{text}");
        }
    }
}
