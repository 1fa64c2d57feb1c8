//! Tokens into what a person sees: visible text, what links where, the title.
//!
//! **Invariant:** elements nest as the HTML standard closes them where that decides visibility or
//! a link, and at most [`DEEPEST`] deep: deeper ones are flattened, as browsers do. Where markup
//! is so broken that rules differ, text counts as visible: what is seen too much accuses nobody.

use std::ops::Range;

use super::elements::{is_block, is_cell, is_scope, is_void};
use super::markup::{Lexer, Start, Token, unescape};

/// Elements kept open at once. Browsers flatten at 512; pages seldom pass 50.
const DEEPEST: usize = 256;

/// What was read of a page.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The title, its white space collapsed.
    pub(super) title: String,
    /// Visible text, white space collapsed, blocks apart by a line break.
    pub(super) visible: String,
    /// Targets of the visible links, as written.
    pub(super) hrefs: Vec<String>,
    /// The target that relative links start from, as written.
    pub(super) base: Option<String>,
    /// Whether something else than this markup writes what is seen: a script, a frame, a refresh.
    pub(super) scripted: bool,
    /// The content of the scripts in the page's tail.
    pub(super) script_tail: String,
    /// What stands in place of visible images, each with the link that it lies in.
    pub(super) alts: Vec<(String, Option<usize>)>,
    /// What clicks on visible elements run, a line each.
    pub(super) clicks: String,
    /// What the head says of the page (`meta`), a line each.
    pub(super) metas: String,
    /// Which part of the visible text is which link.
    spans: Vec<(Range<usize>, usize)>,
}

impl Reading {
    /// Reads markup; scripts from `tail` on are kept.
    pub(super) fn of_markup(text: &str, tail: usize) -> Self {
        let mut reader = Reader::default();
        let mut lexer = Lexer::new(text);
        let mut raw_of = String::new();
        while let Some(token) = lexer.next() {
            match token {
                Token::Text(text) => reader.text(&unescape(text)),
                Token::Raw { text, at } => reader.raw(&raw_of, text, at, tail, lexer.in_foreign()),
                Token::Start(start) => {
                    raw_of.clone_from(&start.name);
                    reader.start(start, lexer.in_foreign());
                }
                Token::End(name) => reader.end(&name),
            }
        }
        reader.reading
    }

    /// Reads text that is no markup.
    pub(super) fn of_plain(text: &str) -> Self {
        let mut reader = Reader::default();
        reader.text(text);
        reader.reading
    }

    /// The target of a link, as written.
    pub(super) fn href(&self, link: Option<usize>) -> Option<&str> {
        self.hrefs.get(link?).map(String::as_str)
    }

    /// The target of the first link that any of the given part of the visible text lies in.
    pub(super) fn link_over(&self, range: &Range<usize>) -> Option<&str> {
        let first = self
            .spans
            .partition_point(|(span, _)| span.end <= range.start);
        let (span, link) = self.spans.get(first)?;
        (span.start < range.end).then(|| self.hrefs.get(*link).map(String::as_str))?
    }
}

/// An open element.
struct Open {
    name: String,
    hides: bool,
    /// The link that the text before it lay in.
    link: Option<usize>,
}

#[derive(Default)]
struct Reader {
    reading: Reading,
    open: Vec<Open>,
    hiding: usize,
    /// How many open elements are paragraphs: without any, no block needs to look for one.
    paragraphs: usize,
    gap: Gap,
    /// The link that text lies in. No part of the stack: a link left open runs on over the blocks
    /// that close, up to its end tag, the next link or the end of its table cell.
    link: Option<usize>,
}

/// White space that waits for the next character.
#[derive(Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
}

impl Reader {
    fn text(&mut self, text: &str) {
        if self.hiding > 0 {
            return;
        }
        for c in text.chars() {
            if c.is_whitespace() {
                self.gap = self.gap.max(Gap::Space);
                continue;
            }
            // Characters without width or meaning, which would tear a number apart.
            if matches!(
                c,
                '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'
            ) {
                continue;
            }
            self.close_gap();
            let start = self.reading.visible.len();
            self.reading.visible.push(c);
            if let Some(link) = self.link {
                self.mark(start, link);
            }
        }
    }

    fn close_gap(&mut self) {
        let between = !self.reading.visible.is_empty();
        match std::mem::take(&mut self.gap) {
            Gap::Space if between => self.reading.visible.push(' '),
            Gap::Line if between => self.reading.visible.push('\n'),
            Gap::None | Gap::Space | Gap::Line => {}
        }
    }

    /// Marks the visible text from `start` as part of a link.
    fn mark(&mut self, start: usize, link: usize) {
        let end = self.reading.visible.len();
        match self.reading.spans.last_mut() {
            Some((span, last)) if *last == link => span.end = end,
            Some(_) | None => self.reading.spans.push((start..end, link)),
        }
    }

    fn raw(&mut self, element: &str, text: &str, at: usize, tail: usize, foreign: bool) {
        match element {
            "title" if !foreign && self.hiding == 0 && self.reading.title.is_empty() => {
                let words: Vec<String> = unescape(text)
                    .split_whitespace()
                    .map(str::to_owned)
                    .collect();
                self.reading.title = words.join(" ");
            }
            "textarea" => self.text(&unescape(text)),
            "xmp" => self.text(text),
            "script" => {
                let from = text.ceil_char_boundary(tail.saturating_sub(at).min(text.len()));
                self.reading
                    .script_tail
                    .push_str(text.get(from..).unwrap_or_default());
                self.reading.script_tail.push('\n');
            }
            _ => {}
        }
    }

    fn start(&mut self, start: Start<'_>, foreign: bool) {
        let name = start.name.as_str();
        let refreshes = name == "meta"
            && start
                .http_equiv
                .is_some_and(|header| header.eq_ignore_ascii_case("refresh"));
        if matches!(name, "script" | "frame" | "iframe") || refreshes {
            self.reading.scripted = true;
        }
        if name == "base" && self.reading.base.is_none() {
            self.reading.base = start.href.map(|href| unescape(href).into_owned());
        }
        self.close_implied(name);
        if is_block(name) || name == "br" {
            self.gap = Gap::Line;
        }
        let hides = start.hidden || name == "template";
        let shown = self.hiding == 0 && !hides;
        let before = self.link;
        if matches!(name, "a" | "area") {
            self.link_starts(name, start.href.filter(|_| shown));
        }
        self.words_of(&start, shown);
        let empty = is_void(name) || (start.closed && foreign);
        if !empty && self.open.len() < DEEPEST {
            self.hiding += usize::from(hides);
            self.paragraphs += usize::from(start.name == "p");
            self.open.push(Open {
                name: start.name,
                hides,
                link: before,
            });
        }
    }

    /// Keeps what an image or a `meta` says.
    fn words_of(&mut self, start: &Start<'_>, shown: bool) {
        // A click leads where its script says, as a link does.
        if let Some(script) = start.onclick.filter(|_| shown) {
            self.reading.clicks.push_str(&unescape(script));
            self.reading.clicks.push('\n');
        }
        match start.name.as_str() {
            "img" | "input" | "area" if shown => {
                if let Some(alt) = start.alt.filter(|alt| !alt.is_empty()) {
                    let alt = unescape(alt).into_owned();
                    self.reading.alts.push((alt, self.link));
                }
            }
            "meta" => {
                if let Some(content) = start.content {
                    self.reading.metas.push_str(&unescape(content));
                    self.reading.metas.push('\n');
                }
            }
            _ => {}
        }
    }

    /// Links do not nest: each ends the one before, wherever that was left open.
    fn link_starts(&mut self, name: &str, href: Option<&str>) {
        let target = self.reading.hrefs.len();
        if let Some(href) = href {
            self.reading.hrefs.push(unescape(href).trim().to_owned());
        }
        if name == "a" {
            self.link = href.map(|_| target);
        }
    }

    fn end(&mut self, name: &str) {
        if name == "a" {
            self.link = None;
        }
        if is_block(name) || name == "br" {
            self.gap = Gap::Line;
        }
        // An end tag reaches over what was left open within its element, but a link's, say, not
        // out of the block that it stands in, and none out of its table cell.
        let stops: fn(&str) -> bool = match name {
            "table" | "tbody" | "thead" | "tfoot" | "tr" => |open| open == "table",
            name if is_block(name) => is_scope,
            "html" | "body" => |_| false,
            _ => is_block,
        };
        self.close(|open| open == name, stops);
    }

    /// Closes what a start tag closes unasked: a paragraph before a block, an item before the next.
    fn close_implied(&mut self, name: &str) {
        match name {
            "li" => self.close(
                |open| open == "li",
                |open| matches!(open, "ul" | "ol") || is_scope(open),
            ),
            "dt" | "dd" => {
                self.close(
                    |open| matches!(open, "dt" | "dd"),
                    |open| open == "dl" || is_scope(open),
                );
            }
            "td" | "th" => self.close(
                |open| matches!(open, "td" | "th"),
                |open| matches!(open, "tr" | "table"),
            ),
            "tr" => self.close(|open| open == "tr", |open| open == "table"),
            "tbody" | "thead" | "tfoot" => self.close(
                |open| matches!(open, "tbody" | "thead" | "tfoot"),
                |open| open == "table",
            ),
            "option" | "optgroup" => self.close(|open| open == "option", |open| open == "select"),
            _ => {}
        }
        if self.paragraphs > 0
            && is_block(name)
            && !matches!(name, "td" | "th" | "tr" | "tbody" | "thead" | "tfoot")
        {
            self.close(|open| open == "p", is_scope);
        }
    }

    /// Closes the innermost open element that is meant and all within it, unless one that stops
    /// the search lies between.
    fn close(&mut self, meant: impl Fn(&str) -> bool, stops: impl Fn(&str) -> bool) {
        for (index, open) in self.open.iter().enumerate().rev() {
            if meant(&open.name) {
                let closing = self.open.get(index..).unwrap_or_default();
                let hidden = closing.iter().filter(|closed| closed.hides).count();
                let paragraphs = closing.iter().filter(|closed| closed.name == "p").count();
                self.hiding = self.hiding.saturating_sub(hidden);
                self.paragraphs = self.paragraphs.saturating_sub(paragraphs);
                if let Some(cell) = closing.iter().find(|closed| is_cell(&closed.name)) {
                    self.link = cell.link;
                }
                self.open.truncate(index);
                return;
            }
            if stops(&open.name) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visible(markup: &str) -> String {
        Reading::of_markup(markup, 0).visible
    }

    #[test]
    fn only_what_a_person_sees_is_text() {
        for (markup, seen) in [
            ("<p>a<p>b<div>c</div>d", "a\nb\nc\nd"),
            ("京ICP备<b>2024</b>00<i>0001</i>号", "京ICP备2024000001号"),
            ("a <!-- x --> b<br>c", "a b\nc"),
            (
                "<style>x</style><script>y</script><noscript>z</noscript>a",
                "a",
            ),
            ("<template>x<p>y</template>a", "a"),
            ("a<div hidden>x<div>y</div></div>b", "a\nb"),
            ("<p hidden>x<div>a</div>", "a"),
            ("<ul><li hidden>x<li>a</ul>", "a"),
            ("<table><tr><td hidden>x<td>a<tr><td>b</table>", "a\nb"),
            ("<div><span hidden>x</div>a", "a"),
            ("<span hidden>x<div>y</span>z</div></span>a", "a"),
            ("<input hidden>a<br hidden>b", "a\nb"),
            ("<textarea>a<b></textarea><iframe>x</iframe>", "a<b>"),
            ("<title>x</title>a", "a"),
            ("京&nbsp;\u{200b}ICP", "京 ICP"),
            ("</p></div></table>a", "a"),
            ("<svg><title>t</title><text>a</text></svg>", "a"),
        ] {
            assert_eq!(visible(markup), seen, "{markup}");
        }
    }

    #[test]
    fn text_lies_in_the_innermost_open_link() {
        for (markup, word, target) in [
            ("<a href=/x>word</a>", "word", Some("/x")),
            ("<a href=/x>before</a> word", "word", None),
            ("<a href=/x>before<a href=/y>word</a>", "word", Some("/y")),
            ("<a href=/x><div>word</div></a>", "word", Some("/x")),
            (
                "<a href=/x>before<div><a href=/y>y</a>word</div></a>",
                "word",
                None,
            ),
            ("<p><a href=/x>before<p>word", "word", Some("/x")),
            ("<table><td><a href=/x>before<td>word</table>", "word", None),
            ("<a href=/x><table><td>word</table></a>", "word", Some("/x")),
            ("<a href=/x hidden>before</a>word", "word", None),
            ("<a>word</a>", "word", None),
            ("wo<a href=' /x '>rd</a>", "word", Some("/x")),
            (
                "<a href=/x>before</a><a href=/y>word</a><a href=/z>after</a>",
                "word",
                Some("/y"),
            ),
        ] {
            let reading = Reading::of_markup(markup, 0);
            let at = reading.visible.find(word).unwrap();
            assert_eq!(
                reading.link_over(&(at..at + word.len())),
                target,
                "{markup}"
            );
        }
    }

    #[test]
    fn a_script_is_kept_from_the_tail_on() {
        let reading = Reading::of_markup("<script>early</script>mid<script>京late</script>", 35);
        assert_eq!(reading.script_tail, "\nlate\n");
        assert!(reading.scripted);
    }

    #[test]
    fn a_page_that_others_fill_is_scripted() {
        for (markup, scripted) in [
            ("<p>a", false),
            ("<script src=x></script>", true),
            ("<frameset><frame src=x></frameset>", true),
            ("<iframe src=x></iframe>", true),
            ("<META HTTP-EQUIV=Refresh content='0;url=/x'>", true),
            ("<meta http-equiv=content-type>", false),
        ] {
            assert_eq!(Reading::of_markup(markup, 0).scripted, scripted, "{markup}");
        }
    }
}
