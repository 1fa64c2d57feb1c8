//! What a page says: an HTTP answer's bytes in, [`PageFacts`] out.
//!
//! Facts come from the head (title), from visible text (filing numbers, links, the excerpt) and
//! from scripts that stand in the last 64 KB, where footers are written.
//!
//! **Invariant:** pure and total. Any bytes give facts or a [`Failure`] in time linear in their
//! number: no tree is built, so that neither deep nesting nor crossed formatting elements, which
//! cost a tree builder quadratic time or memory, can hold a look up.

mod challenge;
mod charset;
mod elements;
mod excerpt;
mod markup;
mod numbers;
mod reading;

pub(crate) use self::excerpt::mask as masked;

use std::ops::Range;

use sha2::{Digest, Sha256};
use url::Url;

use self::reading::Reading;
use crate::identifiers::{IcpNumber, PoliceNumber};
use crate::look::{CertificateSeen, Failure, PageFacts};
use crate::rulebook::ContentWords;

/// The host that filing numbers must link to. Source: MIIT order 33 (2005), article 13, as the
/// filing system's present address.
const MIIT_HOST: &str = "beian.miit.gov.cn";
/// Where the system stood before. Source: the seed links the first form; both are in many footers.
const OLD_MIIT_HOSTS: [&str; 2] = ["miitbeian.gov.cn", "miibeian.gov.cn"];
/// Public-security numbers kept of one page.
const MOST_POLICE_NUMBERS: usize = 5;
/// Characters kept of a title.
const LONGEST_TITLE: usize = 200;
/// Bytes of a host that is kept. Source: RFC 1035, 2.3.4; more is no name.
const LONGEST_HOST: usize = 253;
/// Bytes at the page's end in which scripts are read for numbers.
const SCRIPT_TAIL: usize = 64 * 1024;

/// An HTTP answer as it was fetched: after redirects, decompressed, cut at the fetcher's bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Every status on the way, the last one the page's own.
    pub statuses: Vec<u16>,
    /// Where the redirects ended.
    pub url: String,
    /// The `Content-Type` header, if there was one and it was text.
    pub content_type: Option<String>,
    /// Whether its head sends visitors on to another page (`Refresh`), which no HTTP client follows.
    pub refreshes: bool,
    /// What was read of the body.
    pub body: Vec<u8>,
    /// Whether the body went on beyond what was read.
    pub cut_off: bool,
    /// The TLS certificate, where the page came over TLS.
    pub certificate: Option<CertificateSeen>,
}

/// Reads a page, and marks the rulebook's words in it.
///
/// Fails with [`Failure::Malformed`] where a page was served that is no text, or text that no
/// charset decodes. Other statuses are answers whatever their body is.
pub fn facts(fetched: &Fetched, words: &ContentWords) -> Result<PageFacts, Failure> {
    let served = fetched
        .statuses
        .last()
        .is_some_and(|status| (200..300).contains(status));
    let reading = match form(fetched.content_type.as_deref()) {
        Form::Markup => charset::decode(&fetched.body, fetched.content_type.as_deref())
            .map(|text| Reading::of_markup(&text, tail_start(&text))),
        Form::Plain => charset::decode(&fetched.body, fetched.content_type.as_deref())
            .map(|text| Reading::of_plain(&text)),
        Form::NotText => Err(Failure::Malformed),
    };
    let reading = match reading {
        Ok(reading) => reading,
        Err(failure) if served => return Err(failure),
        Err(_) => Reading::default(),
    };
    Ok(told(fetched, &reading, words))
}

fn told(fetched: &Fetched, reading: &Reading, words: &ContentWords) -> PageFacts {
    let base = base_of(&fetched.url, reading.base.as_deref());
    let shown = IcpNumber::find_in(&reading.visible);
    let police = PoliceNumber::find_in(&reading.visible);
    let mut ranges: Vec<Range<usize>> = shown
        .iter()
        .map(|(range, _)| range.clone())
        .chain(police.iter().map(|(range, _)| range.clone()))
        .collect();
    ranges.sort_by_key(|range| range.start);
    let numbers = numbers::of(shown, reading, base.as_ref());
    let title: String = reading.title.chars().take(LONGEST_TITLE).collect();
    // A guard's page bears no number of the site behind it.
    let challenge = numbers.is_empty() && challenge::stands_before(&title, reading);
    PageFacts {
        statuses: fetched.statuses.clone(),
        url: fetched.url.clone(),
        number_like: numbers.is_empty() && numbers::is_like_one(&reading.visible),
        numbers,
        links_to_miit: links_to(MIIT_HOST, reading, base.as_ref()),
        links_to_old_miit: OLD_MIIT_HOSTS
            .iter()
            .any(|host| links_to(host, reading, base.as_ref())),
        police_numbers: distinct(police),
        words: words.seen_in([title.as_str(), reading.visible.as_str()]),
        challenge,
        title,
        visible_characters: count(&reading.visible),
        scripted: reading.scripted || fetched.refreshes,
        cut_off: fetched.cut_off,
        sha256: hex::encode(Sha256::digest(&fetched.body)),
        excerpt: excerpt::of(&reading.visible, &ranges),
        certificate: fetched.certificate.clone(),
    }
}

fn distinct(found: Vec<(Range<usize>, PoliceNumber)>) -> Vec<PoliceNumber> {
    let mut numbers = Vec::new();
    for (_, number) in found {
        if numbers.len() < MOST_POLICE_NUMBERS && !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    numbers
}

/// How an answer's body is read.
enum Form {
    Markup,
    Plain,
    NotText,
}

/// By media type; a missing or unreadable one is read as markup, as browsers do.
fn form(content_type: Option<&str>) -> Form {
    let media = content_type
        .and_then(|value| value.split(';').next())
        .map(|media| media.trim().to_ascii_lowercase())
        .unwrap_or_default();
    match media.as_str() {
        "text/plain" | "application/json" | "application/javascript" | "text/javascript" => {
            Form::Plain
        }
        "" | "application/xhtml+xml" | "application/xml" => Form::Markup,
        media if media.starts_with("text/") || media.ends_with("+xml") => Form::Markup,
        media if media.contains('/') => Form::NotText,
        _ => Form::Markup,
    }
}

fn tail_start(text: &str) -> usize {
    text.len().saturating_sub(SCRIPT_TAIL)
}

/// What relative links are relative to.
fn base_of(url: &str, base: Option<&str>) -> Option<Url> {
    let url = Url::parse(url).ok()?;
    match base {
        Some(base) => Some(url.join(base).unwrap_or(url)),
        None => Some(url),
    }
}

fn host_of(href: &str, base: Option<&Url>) -> Option<String> {
    let target = match base {
        Some(base) => base.join(href),
        None => Url::parse(href),
    };
    let host = target.ok()?.host_str()?.to_owned();
    (host.len() <= LONGEST_HOST).then_some(host)
}

/// Whether a visible link, or a script at the page's end, leads to `host` or to a name under it.
fn links_to(host: &str, reading: &Reading, base: Option<&Url>) -> bool {
    let is_it = |target: &str| {
        target
            .strip_suffix(host)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let from_there = base.and_then(Url::host_str).is_some_and(is_it);
    // The cheap test first: a page may hold a hundred thousand links.
    reading.script_tail.contains(host)
        || reading.clicks.contains(host)
        || reading.hrefs.iter().any(|href| {
            (from_there || href.to_ascii_lowercase().contains(host))
                && host_of(href, base).is_some_and(|target| is_it(&target))
        })
}

fn count(visible: &str) -> u64 {
    u64::try_from(visible.chars().filter(|c| !c.is_whitespace()).count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use encoding_rs::GB18030;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::numbers::MOST_NUMBERS;
    use super::*;
    use crate::Rulebook;

    fn fetched(content_type: Option<&str>, body: &[u8]) -> Fetched {
        Fetched {
            statuses: vec![301, 200],
            url: "https://www.example.cn/home/".to_owned(),
            content_type: content_type.map(str::to_owned),
            refreshes: false,
            body: body.to_vec(),
            cut_off: false,
            certificate: None,
        }
    }

    fn facts(fetched: &Fetched) -> Result<PageFacts, Failure> {
        super::facts(fetched, &Rulebook::shipped().unwrap().content_words)
    }

    fn check(markup: &str, expected: &Expect) {
        let facts = facts(&fetched(
            Some("text/html; charset=utf-8"),
            markup.as_bytes(),
        ))
        .unwrap();
        let numbers: Vec<String> = facts
            .numbers
            .iter()
            .map(|found| {
                format!(
                    "{} -> {}",
                    found.number,
                    found.links_to.as_deref().unwrap_or("-")
                )
            })
            .collect();
        expected.assert_eq(&format!(
            "{:?} {numbers:?} miit:{} chars:{} scripted:{}",
            facts.title, facts.links_to_miit, facts.visible_characters, facts.scripted
        ));
    }

    #[test]
    fn a_footer_is_read() {
        check(
            "<html><head><title> 示例\n 网站 </title></head><body>你好
             <footer><a href='https://beian.miit.gov.cn/' target=_blank>京ICP备12345678号-1</a></footer>",
            &expect![[r#""示例 网站" ["京ICP备12345678号-1 -> beian.miit.gov.cn"] miit:true chars:18 scripted:false"#]],
        );
    }

    #[test]
    fn a_number_links_where_its_own_link_leads() {
        for (markup, expected) in [
            (
                "<a href=//beian.miit.gov.cn>京ICP备</a>12345678号",
                expect![[
                    r#""" ["京ICP备12345678号 -> beian.miit.gov.cn"] miit:true chars:14 scripted:false"#
                ]],
            ),
            (
                "京ICP备12345678号 <a href=https://beian.miit.gov.cn>备案查询</a>",
                expect![[r#""" ["京ICP备12345678号 -> -"] miit:true chars:18 scripted:false"#]],
            ),
            (
                "<a href=beian.miit.gov.cn>京ICP备12345678号</a>",
                expect![[
                    r#""" ["京ICP备12345678号 -> www.example.cn"] miit:false chars:14 scripted:false"#
                ]],
            ),
            (
                "<base href=https://cdn.example.com/><a href=x>京ICP备12345678号</a>",
                expect![[
                    r#""" ["京ICP备12345678号 -> cdn.example.com"] miit:false chars:14 scripted:false"#
                ]],
            ),
            (
                "<a href='javascript:;'>京ICP备12345678号</a>",
                expect![[r#""" ["京ICP备12345678号 -> -"] miit:false chars:14 scripted:false"#]],
            ),
            (
                "<a href=http://beian.miit.gov.cn.example.com/>京ICP备12345678号</a>",
                expect![[
                    r#""" ["京ICP备12345678号 -> beian.miit.gov.cn.example.com"] miit:false chars:14 scripted:false"#
                ]],
            ),
        ] {
            check(markup, &expected);
        }
    }

    #[test]
    fn a_number_that_nobody_sees_is_not_shown() {
        for markup in [
            "<!-- 京ICP备12345678号 -->",
            "<div hidden>京ICP备12345678号 <a href=https://beian.miit.gov.cn>x</a></div>",
            "<noscript>京ICP备12345678号</noscript>",
            "<template>京ICP备12345678号</template>",
            "<style>/* 京ICP备12345678号 */</style>",
        ] {
            check(
                markup,
                &expect![[r#""" [] miit:false chars:0 scripted:false"#]],
            );
        }
    }

    #[test]
    fn a_number_that_a_script_writes_at_the_end_is_shown() {
        let script = "<script>document.write('<a href=https://beian.miit.gov.cn>京ICP备12345678号</a>')</script>";
        check(
            script,
            &expect![[r#""" ["京ICP备12345678号 -> -"] miit:true chars:0 scripted:true"#]],
        );
        let early = format!("{script}<!--{}-->", "x".repeat(SCRIPT_TAIL));
        check(
            &early,
            &expect![[r#""" [] miit:false chars:0 scripted:true"#]],
        );
    }

    /// Each number with where it stands and where it leads, then each police number.
    fn places(markup: &str) -> Vec<String> {
        let facts = facts(&fetched(Some("text/html"), markup.as_bytes())).unwrap();
        let numbers = facts.numbers.iter().map(|found| {
            let links_to = found.links_to.as_deref().unwrap_or("-");
            format!("{} {:?} {links_to}", found.number, found.place)
        });
        let police = facts.police_numbers.iter().map(ToString::to_string);
        numbers.chain(police).collect()
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (markup, expected) in [
            (
                "备案号：粤 ICP 备 12345678 号 －1",
                vec!["粤ICP备12345678号-1 Text -"],
            ),
            (
                "粤ＩＣＰ备１２３４５６７８号",
                vec!["粤ICP备12345678号 Text -"],
            ),
            (
                "&#31908;ICP&#22791;<b>1234</b>5678<!-- x -->&#x53f7;&ndash;1",
                vec!["粤ICP备12345678号-1 Text -"],
            ),
            (
                "<p>粤<span>I</span><span>C</span><span>P</span>备<i>12</i>345678号",
                vec!["粤ICP备12345678号 Text -"],
            ),
            (
                "<a href=https://beian.miit.gov.cn><img alt='粤ICP备12345678号-1' src=x></a>",
                vec!["粤ICP备12345678号-1 Alt beian.miit.gov.cn"],
            ),
            (
                "<meta name=description content='粤ICP备12345678号'>x",
                vec!["粤ICP备12345678号 Meta -"],
            ),
            ("<img hidden alt=粤ICP备12345678号>x", vec![]),
            (
                "粤公网安备 44030702002388号 粤ICP备12345678号-1",
                vec!["粤ICP备12345678号-1 Text -", "粤公网安备44030702002388号"],
            ),
            (
                "友情链接 京ICP备11111111号 本站 粤ICP备12345678号 增值电信 粤B2-20090059",
                vec![
                    "京ICP备11111111号 Text -",
                    "粤ICP备12345678号 Text -",
                    "粤B2-20090059 Text -",
                ],
            ),
        ] {
            assert_eq!(places(markup), expected, "{markup}");
        }
    }

    #[test]
    fn a_number_that_is_badly_written_is_told_from_none() {
        let like = |markup: &str| {
            let facts = facts(&fetched(Some("text/html"), markup.as_bytes())).unwrap();
            (facts.numbers.len(), facts.number_like)
        };
        for markup in [
            "ICP备2021012345号",
            "京ICP备案2021012345号",
            "京 I C P 备第 2021 012345 号",
        ] {
            assert_eq!(like(markup), (0, true), "{markup}");
        }
        for markup in [
            "ICP备案查询",
            "http://icp.example.cn/20210123",
            "IP 192.0.2.123456",
        ] {
            assert_eq!(like(markup), (0, false), "{markup}");
        }
        let script = r#"<script>f("\u4eacICP\u590712345678\u53f7-1 \uZZ")</script>"#;
        assert_eq!(like(script), (1, false));
    }

    #[test]
    fn a_click_leads_as_a_link_does() {
        let read = |markup: &str| {
            let facts = facts(&fetched(Some("text/html"), markup.as_bytes())).unwrap();
            facts.links_to_miit
        };
        assert!(read(
            "<span onclick=\"window.open('https://beian.miit.gov.cn')\">x"
        ));
        assert!(!read(
            "<span hidden onclick=\"window.open('https://beian.miit.gov.cn')\">x"
        ));
    }

    #[test]
    fn links_to_a_former_address_of_the_ministry_are_told_apart() {
        let read = |markup: &str| {
            let facts = facts(&fetched(Some("text/html"), markup.as_bytes())).unwrap();
            (facts.links_to_miit, facts.links_to_old_miit)
        };
        assert_eq!(
            read("<a href=http://www.miitbeian.gov.cn/>x"),
            (false, true)
        );
        assert_eq!(read("<a href=https://beian.miit.gov.cn/>x"), (true, false));
        assert_eq!(read("<a href=http://www.beian.gov.cn/>x"), (false, false));
    }

    #[test]
    fn a_guard_before_the_site_is_known_as_one() {
        let is_guard = |markup: &str| {
            let read = facts(&fetched(Some("text/html"), markup.as_bytes()));
            read.unwrap().challenge
        };
        assert!(is_guard(
            "<title>Just a moment...</title><p>Verify you are human"
        ));
        assert!(is_guard(
            "<script>var arg1='x';document.cookie='acw_sc__v2=1'</script>"
        ));
        assert!(is_guard("<title>安全验证</title>请完成验证后继续访问"));
        assert!(!is_guard("<title>示例</title>京ICP备12345678号"));
        assert!(!is_guard(&format!(
            "<title>人机验证产品</title>{}",
            "验证码产品介绍".repeat(100)
        )));
    }

    #[test]
    fn each_number_is_told_once_and_twenty_at_most() {
        check(
            "京ICP备12345678号 京ICP备12345678号",
            &expect![[r#""" ["京ICP备12345678号 -> -"] miit:false chars:28 scripted:false"#]],
        );
        let many: Vec<String> = (0..50)
            .map(|n| format!("京ICP备123456{n:02}号<br>"))
            .collect();
        let facts = facts(&fetched(None, many.concat().as_bytes())).unwrap();
        assert_eq!(facts.numbers.len(), MOST_NUMBERS);
    }

    #[test]
    fn a_page_in_gb18030_is_read() {
        let (bytes, _, _) = GB18030.encode("<title>示例</title><p>粤ICP备12345678号</p>");
        let facts = facts(&fetched(Some("text/html; charset=GB18030"), &bytes)).unwrap();
        assert_eq!((facts.title.as_str(), facts.numbers.len()), ("示例", 1));
        assert_eq!(facts.sha256, hex::encode(Sha256::digest(&bytes)));
    }

    #[test]
    fn an_answer_that_sends_visitors_on_is_not_what_they_see() {
        let mut answer = fetched(Some("text/html"), b"");
        assert!(!facts(&answer).unwrap().scripted);
        answer.refreshes = true;
        assert!(facts(&answer).unwrap().scripted);
    }

    #[test]
    fn plain_text_is_no_markup() {
        let facts = facts(&fetched(
            Some("text/plain"),
            "<b>京ICP备12345678号</b>".as_bytes(),
        ))
        .unwrap();
        assert_eq!((facts.numbers.len(), facts.visible_characters), (1, 21));
    }

    #[test]
    fn a_served_body_that_is_no_text_cannot_be_read() {
        assert_eq!(
            facts(&fetched(Some("image/png"), b"x")),
            Err(Failure::Malformed)
        );
        let noise: Vec<u8> = (0..3000_u32)
            .map(|n| if n % 2 == 0 { 0xff } else { 0x80 })
            .collect();
        assert_eq!(
            facts(&fetched(Some("text/html"), &noise)),
            Err(Failure::Malformed)
        );
    }

    #[test]
    fn an_error_status_is_an_answer_whatever_its_body_is() {
        let mut answer = fetched(Some("image/png"), b"x");
        answer.statuses = vec![404];
        let facts = facts(&answer).unwrap();
        assert_eq!((facts.status(), facts.visible_characters), (404, 0));
    }

    #[test]
    fn pages_made_to_hold_a_reader_up_are_read() {
        const LENGTH: usize = 2 * 1024 * 1024;
        let fill = |unit: &str| unit.repeat(LENGTH / unit.len());
        for (case, page) in [
            ("deep", fill("<div>")),
            (
                "deep and closed",
                format!("{}{}", "<div>".repeat(100_000), "</div>".repeat(100_000)),
            ),
            (
                "formatting",
                format!("{}{}", "<b id=1>".repeat(50_000), "<p>x".repeat(100_000)),
            ),
            (
                "attributes",
                format!(
                    "<a {}>",
                    (0..200_000)
                        .map(|n| format!("a{n}=1 "))
                        .collect::<Vec<_>>()
                        .concat()
                ),
            ),
            ("open tag", fill("<a b")),
            ("open comment", fill("<!-")),
            ("comments", fill("<!--x-->")),
            ("police numbers", fill("京公网安备1")),
            ("alts", fill("<img alt=京ICP备>")),
            ("words", fill("有限")),
            ("links", fill("<a href=//beian.miit.gov.cn.x>")),
            ("raw starts", fill("<title></titl")),
            ("references", fill("&#")),
            ("mail signs", fill("a@")),
            ("digits", fill("1 ")),
            ("numbers", fill("京ICP备")),
            ("angle brackets", fill("<")),
        ] {
            let facts = facts(&fetched(None, page.as_bytes()));
            assert!(facts.is_ok(), "{case}");
            assert!(facts.unwrap().excerpt.len() <= 2048, "{case}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(body in proptest::collection::vec(any::<u8>(), 0..2000), kind in any::<Option<String>>()) {
            let _ = facts(&fetched(kind.as_deref(), &body));
        }

        #[test]
        fn any_markup_gives_small_facts(body in "(<(/?(a|p|div|td|table|svg|title|script|template|li|x)( hidden| href=[a-z/:'\"]{0,9})?/?>?|!--|!)|-->|京ICP备[0-9]{8}号|[a-z@&;#<>0-9]{1,9}| ){0,60}") {
            let facts = facts(&fetched(Some("text/html"), body.as_bytes())).unwrap();
            prop_assert!(serde_json::to_string(&facts).unwrap().len() < 64 * 1024);
        }
    }
}
