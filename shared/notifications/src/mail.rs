//! Mails: what a notice says in full, in Chinese and in English, as text and as HTML.
//!
//! **Invariant:** a mail holds no link: whoever is in doubt types the one address or dials the one number that every
//! notice gives. All that it was given is escaped in its HTML.

use icp_domain::notice::{NoticeKind, Parameters, Told};
use icp_domain::rulebook::Provider;
use icp_domain::wall_clock;
use icp_domain::{Language, Text};
use jiff::Timestamp;
use maud::{DOCTYPE, Markup, html};

mod leads;

/// A mail as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its subject.
    pub subject: String,
    /// As text.
    pub text: String,
    /// As HTML.
    pub html: String,
}

/// The mail of a notice.
pub fn mail_text(kind: &NoticeKind, parameters: &Parameters, provider: &Provider) -> Mail {
    let title = leads::title(kind);
    let number = parameters.case_number.as_ref();
    let numbered = number.map_or_else(String::new, |number| format!("（{}）", number.printed()));
    let subject = format!(
        "【{}】{}{numbered} / {}",
        provider.signature, title.zh, title.en
    );
    let languages = [Language::Chinese, Language::English];
    let parts = languages.map(|language| Part {
        language,
        title: title.in_language(language).to_owned(),
        paragraphs: paragraphs(kind, parameters, provider, language),
        way_back: parameters
            .way_back
            .iter()
            .map(|line| line.in_language(language).to_owned())
            .collect(),
        findings: parameters
            .told
            .iter()
            .map(|told| finding(told, language))
            .collect(),
        foot: foot(provider, parameters.case_number.is_some(), language),
    });
    Mail {
        subject,
        text: as_text(&parts),
        html: as_html(&parts).into_string(),
    }
}

/// A mail in one of its languages.
struct Part {
    language: Language,
    title: String,
    paragraphs: Vec<String>,
    findings: Vec<Vec<(&'static str, String)>>,
    way_back: Vec<String>,
    foot: Vec<String>,
}

fn paragraphs(
    kind: &NoticeKind,
    parameters: &Parameters,
    provider: &Provider,
    language: Language,
) -> Vec<String> {
    let mut said = vec![
        leads::lead(kind, parameters, provider)
            .in_language(language)
            .to_owned(),
    ];
    if let Some(campaign) = &parameters.campaign {
        said.push(campaign.text().in_language(language).to_owned());
    }
    if let Some(number) = &parameters.case_number {
        let text = Text::new(
            format!("核查编号：{}。", number.printed()),
            format!("Case number: {}.", number.printed()),
        );
        said.push(text.in_language(language).to_owned());
    }
    if let Some(due_at) = parameters.due_at {
        let text = leads::until(kind, &wall_clock::in_words(due_at));
        said.push(text.in_language(language).to_owned());
    }
    said
}

/// What a mail says of one finding, line by line.
fn finding(told: &Told, language: Language) -> Vec<(&'static str, String)> {
    let word = |zh, en| match language {
        Language::Chinese => zh,
        Language::English => en,
    };
    let mut lines = vec![(
        word("不合格项", "Finding"),
        format!("{} {}", told.rule, told.fault.in_language(language)),
    )];
    if let Some(about) = &told.about {
        let named = about.in_language(language).to_owned();
        lines.push((word("涉及", "About"), named));
    }
    if let Some(evidence) = &told.evidence {
        let said = evidence.in_language(language).to_owned();
        lines.push((word("核查所见", "What was seen"), said));
    }
    let fix = told.fix.in_language(language).to_owned();
    lines.push((word("整改办法", "What to do"), fix));
    if let Some(due_at) = told.due_at {
        lines.push((word("期限", "Until"), in_words(due_at, language)));
    }
    if told.due_at.is_some() {
        let after = if told.may_stop {
            word("可能被停止接入", "access may be stopped")
        } else {
            word("将继续提醒", "you will be reminded")
        };
        lines.push((word("逾期", "After that"), after.to_owned()));
    }
    lines.push((word("核查编号", "Case number"), told.case_number.printed()));
    lines
}

fn in_words(at: Timestamp, language: Language) -> String {
    wall_clock::in_words(at).in_language(language).to_owned()
}

fn foot(provider: &Provider, of_case: bool, language: Language) -> Vec<String> {
    let (address, telephone) = (&provider.address, &provider.telephone);
    let (what, how) = if of_case {
        (
            Text::new(
                "查看证据、申请复核、延期或申诉",
                "To see the evidence, to ask for a recheck or an extension, or to appeal",
            ),
            Text::new(
                "请到上述地址凭核查编号和您的手机号核实",
                "ask at the address above with the case number and your own mobile",
            ),
        )
    } else {
        (
            Text::new("查看详情", "For the whole of it"),
            Text::new("请拨打上述电话核实", "ask by the telephone number above"),
        )
    };
    let lines = [
        Text::new(
            format!(
                "{}，请在浏览器中输入 {address}。电话 {telephone}。",
                what.zh
            ),
            format!(
                "{}, type {address} into your browser. Telephone {telephone}.",
                what.en
            ),
        ),
        Text::new(
            format!("本邮件不含链接。如怀疑真伪，{}，勿回复本邮件。", how.zh),
            format!(
                "This mail holds no link. If you doubt that it is genuine, {}. Do not answer this mail.",
                how.en
            ),
        ),
        provider.name.clone(),
    ];
    lines
        .map(|line| line.in_language(language).to_owned())
        .into()
}

/// The way back under its heading, where there is one.
fn way_back(part: &Part) -> impl Iterator<Item = &str> {
    let heading = match part.language {
        Language::Chinese => "恢复接入的办法：",
        Language::English => "The way back:",
    };
    let heading = Some(heading).filter(|_| !part.way_back.is_empty());
    let lines = part.way_back.iter().map(String::as_str);
    heading.into_iter().chain(lines)
}

fn as_text(parts: &[Part]) -> String {
    let mut text = String::new();
    for (at, part) in parts.iter().enumerate() {
        if 0 < at {
            text.push_str("\n----------\n\n");
        }
        for paragraph in std::iter::once(&part.title).chain(&part.paragraphs) {
            text.push_str(paragraph);
            text.push_str("\n\n");
        }
        for finding in &part.findings {
            for (name, value) in finding {
                let colon = match part.language {
                    Language::Chinese => "：",
                    Language::English => ": ",
                };
                text.push_str(&format!("{name}{colon}{value}\n"));
            }
            text.push('\n');
        }
        for line in way_back(part) {
            text.push_str(line);
            text.push_str("\n\n");
        }
        for line in &part.foot {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

fn as_html(parts: &[Part]) -> Markup {
    html! {
        (DOCTYPE)
        html {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
            }
            body style="font-family:sans-serif;line-height:1.6;max-width:40em;margin:auto;padding:1em" {
                @for part in parts {
                    section lang=(tag(part.language)) {
                        h1 style="font-size:1.2em" { (part.title) }
                        @for paragraph in &part.paragraphs { p { (paragraph) } }
                        @for finding in &part.findings {
                            table style="border-collapse:collapse;margin:1em 0" {
                                @for (name, value) in finding {
                                    tr {
                                        th scope="row" style="text-align:left;vertical-align:top;padding-right:1em;white-space:nowrap" { (name) }
                                        td { (value) }
                                    }
                                }
                            }
                        }
                        @for line in way_back(part) { p { (line) } }
                        @for line in &part.foot { p style="color:#555" { (line) } }
                    }
                }
            }
        }
    }
}

/// The language as HTML names it (BCP 47).
fn tag(language: Language) -> &'static str {
    match language {
        Language::Chinese => "zh-CN",
        Language::English => "en",
    }
}

#[cfg(test)]
mod tests;
