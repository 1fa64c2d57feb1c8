//! A page for people: figures, charts and tables in Chinese and in English, in one file.
//!
//! **Invariant:** the page holds no script and reaches for nothing outside itself, and its policy says so: what came into
//! a name cannot run, and what is shown is told to nobody. Each chart's figures stand in a table beneath it.

mod charts;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use icp_domain::{Language, Text};
use icp_http::Written;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

pub(crate) use charts::{Bar, Column, Undrawn};

/// How the page looks.
const STYLE: &str = include_str!("page/page.css");

/// What a page says.
#[derive(Debug)]
pub(crate) struct Page {
    /// What it is.
    pub(crate) title: Text,
    /// Whose it is, and of when.
    pub(crate) about: Text,
    /// The figures that matter most.
    pub(crate) figures: Vec<(Text, String)>,
    /// Its parts.
    pub(crate) parts: Vec<Part>,
    /// What the figures mean.
    pub(crate) notes: Vec<Text>,
}

/// A part: a chart, and the table of what it shows.
#[derive(Debug)]
pub(crate) struct Part {
    /// What it shows.
    pub(crate) title: Text,
    /// The chart.
    pub(crate) chart: Chart,
    /// The table.
    pub(crate) table: Table,
}

/// A chart.
#[derive(Debug)]
pub(crate) enum Chart {
    /// Columns over time, two a step; `about` says what the chart shows to who does not see it.
    Columns { about: Text, columns: Vec<Column> },
    /// A bar a line, the longest first.
    Bars { about: Text, bars: Vec<Bar> },
}

/// A table: a name and figures a row.
#[derive(Debug)]
pub(crate) struct Table {
    /// What the rows are.
    pub(crate) of: Text,
    /// What the figures are.
    pub(crate) figures: Vec<Text>,
    /// The rows.
    pub(crate) rows: Vec<(Text, Vec<String>)>,
    /// Whether it is long, and is shown when it is asked for.
    pub(crate) long: bool,
}

/// Both languages, the field's own first.
const LANGUAGES: [(Language, &str, &str); 2] = [
    (Language::Chinese, "zh", "zh-CN"),
    (Language::English, "en", "en"),
];

/// Renders the page.
pub(crate) fn render(page: &Page) -> Result<Written, Undrawn> {
    let policy = policy();
    let mut bodies = Vec::new();
    for (language, class, tag) in LANGUAGES {
        let body = body(page, language)?;
        bodies.push(html! { div class=(class) lang=(tag) { (body) } });
    }
    let document = html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta charset="utf-8";
                // Who saves the page has its policy in it.
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light";
                title { (page.title.zh) " · " (page.title.en) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                nav class="languages" aria-label="语言 Language" {
                    input type="radio" name="language" id="zh" checked;
                    label for="zh" lang="zh-CN" { "中文" }
                    input type="radio" name="language" id="en";
                    label for="en" lang="en" { "English" }
                }
                @for body in &bodies { (body) }
            }
        }
    };
    Ok(Written::Page {
        html: document.into_string(),
        // No other site may show the page within its own; a `meta` cannot say that.
        policy: format!("{policy}; frame-ancestors 'none'"),
    })
}

/// Nothing but the one style.
fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

fn body(page: &Page, language: Language) -> Result<Markup, Undrawn> {
    let said = |text: &Text| text.in_language(language).to_owned();
    let mut parts = Vec::new();
    for one in &page.parts {
        parts.push(part(one, language)?);
    }
    Ok(html! {
        header {
            h1 { (said(&page.title)) }
            p { (said(&page.about)) }
        }
        main {
            dl class="figures" {
                @for (name, figure) in &page.figures {
                    div { dt { (said(name)) } dd { (figure) } }
                }
            }
            div class="parts" { @for part in &parts { (part) } }
        }
        footer {
            ul { @for note in &page.notes { li { (said(note)) } } }
        }
    })
}

fn part(part: &Part, language: Language) -> Result<Markup, Undrawn> {
    let title = part.title.in_language(language);
    let table = table(&part.table, title, language);
    let more = Text::new("数据表", "Table");
    let chart = chart(&part.chart, language)?;
    Ok(html! {
        section {
            h2 { (title) }
            (chart)
            @if part.table.long {
                details { summary { (more.in_language(language)) } (table) }
            } @else {
                (table)
            }
        }
    })
}

fn chart(chart: &Chart, language: Language) -> Result<Markup, Undrawn> {
    let (about, svg, legend) = match chart {
        Chart::Columns { about, columns } => (about, charts::columns(columns)?, true),
        Chart::Bars { about, bars } if bars.is_empty() => {
            let nothing = Text::new("无不合格项。", "Nothing was found.");
            let nothing = format!(
                "{}{}",
                separated(about, language),
                nothing.in_language(language)
            );
            return Ok(html! { p class="nothing" { (nothing) } });
        }
        Chart::Bars { about, bars } => (about, charts::bars(bars, language)?, false),
    };
    let [findings, undecided] = [
        Text::new("不合格", "findings"),
        Text::new("无法判定", "undecided"),
    ];
    Ok(html! {
        figure {
            div class="chart" role="img" aria-label=(about.in_language(language)) {
                (PreEscaped(svg))
            }
            @if legend {
                figcaption {
                    span class="findings" { (findings.in_language(language)) }
                    span class="undecided" { (undecided.in_language(language)) }
                }
            }
        }
    })
}

/// A statement before another.
fn separated(about: &Text, language: Language) -> String {
    match language {
        Language::Chinese => format!("{}：", about.zh),
        Language::English => format!("{}: ", about.en),
    }
}

/// The roles are said, since a phone lays rows out in another way than as rows.
fn table(table: &Table, title: &str, language: Language) -> Markup {
    let columns = table.figures.len();
    html! {
        table role="table" class={ "of-" (columns) } {
            caption { (title) }
            thead role="rowgroup" {
                tr role="row" {
                    th role="columnheader" scope="col" { (table.of.in_language(language)) }
                    @for figure in &table.figures {
                        th role="columnheader" scope="col" { (figure.in_language(language)) }
                    }
                }
            }
            tbody role="rowgroup" {
                @for (name, figures) in &table.rows {
                    tr role="row" {
                        th role="rowheader" scope="row" { (name.in_language(language)) }
                        @for figure in figures { td role="cell" { (figure) } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(name: &str) -> Page {
        let text = Text::new(name, name);
        let bar = Bar {
            name: text.clone(),
            count: 3,
        };
        Page {
            title: text.clone(),
            about: text.clone(),
            figures: vec![(text.clone(), "3".to_owned())],
            parts: vec![Part {
                title: text.clone(),
                chart: Chart::Bars {
                    about: text.clone(),
                    bars: vec![bar],
                },
                table: Table {
                    of: text.clone(),
                    figures: vec![text.clone()],
                    rows: vec![(text.clone(), vec!["3".to_owned()])],
                    long: false,
                },
            }],
            notes: vec![text],
        }
    }

    #[test]
    fn what_a_name_holds_is_text_wherever_it_stands() {
        let Written::Page { html, policy } = render(&page("<script>\"&'x'</script>")).unwrap()
        else {
            panic!("a page is a page");
        };
        assert!(!html.contains("<script"), "{html}");
        assert!(14 <= html.matches("&lt;script&gt;").count(), "{html}");
        assert!(html.contains(&policy[..policy.len() - "; frame-ancestors 'none'".len()]));
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
    }

    #[test]
    fn a_page_names_no_other_place() {
        let Written::Page { html, .. } = render(&page("x")).unwrap() else {
            panic!("a page is a page");
        };
        // A style sheet's own words are no part of what a browser follows, but for its `url()`.
        let (head, rest) = html.split_once("<style>").unwrap();
        let (style, body) = rest.split_once("</style>").unwrap();
        let marks = format!("{head}{}", body.replace("http://www.w3.org/2000/svg", ""));
        for reach in ["src=", "href=", "url(", "@import", " style=", " on"] {
            assert!(
                !marks.replace("default-src", "").contains(reach),
                "{reach}: {marks}"
            );
        }
        for reach in ["url(", "@import", "//"] {
            assert!(!style.contains(reach), "{reach}: {style}");
        }
    }
}
