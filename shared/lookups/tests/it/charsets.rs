//! Pages as sites really send them: charsets by every way of naming one, bases, refreshes, guards.

use std::collections::BTreeMap;

use encoding_rs::{Encoding, GB18030, GBK};
use icp_domain::look::PageFacts;
use icp_lookups::Loopback;

use crate::hostile::{Attack, Does, Ledger, hostile};
use crate::servers::{a, authority, listener};
use crate::world::World;

const PAGE: &str = "<title>网站</title><a href=https://beian.miit.gov.cn>粤ICP备12345678号-1</a>";

fn answer(status: u16, headers: &str, body: &[u8]) -> Does {
    let head = format!("HTTP/1.1 {status} x\r\n{headers}\r\n");
    Does::Says([head.as_bytes(), body].concat())
}

fn encoded(encoding: &'static Encoding, headers: &str, before: &str) -> Does {
    let (body, _, _) = encoding.encode(PAGE);
    answer(200, headers, &[before.as_bytes(), &body].concat())
}

fn utf16(headers: &str, mark: bool, bytes: fn(u16) -> [u8; 2]) -> Does {
    let mark = if mark { "\u{feff}" } else { "" };
    let text = format!("{mark}{PAGE}");
    let body: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
    answer(200, headers, &body)
}

/// Each gives the same page.
const CHARSETS: &[(&str, Attack)] = &[
    ("gb18030", |_, _| {
        encoded(GB18030, "content-type: text/html; charset=GB18030\r\n", "")
    }),
    ("quoted", |_, _| {
        encoded(GBK, "content-type: text/html;charset=\"gbk\"\r\n", "")
    }),
    ("meta", |_, _| {
        encoded(GBK, "content-type: text/html\r\n", "<meta charset=gb2312>")
    }),
    ("equiv", |_, _| {
        encoded(
            GBK,
            "",
            "<META http-equiv=content-type content='text/html;charset=GBK'>",
        )
    }),
    ("wrong", |_, _| {
        encoded(GBK, "content-type: text/html; charset=utf-8\r\n", "")
    }),
    ("nothing", |_, _| encoded(GBK, "", "")),
    ("utf8", |_, _| answer(200, "", PAGE.as_bytes())),
    ("marked", |_, _| {
        answer(
            200,
            "content-type: text/html; charset=gbk\r\n",
            format!("\u{feff}{PAGE}").as_bytes(),
        )
    }),
    ("little", |_, _| {
        utf16("content-type: text/html\r\n", true, u16::to_le_bytes)
    }),
    ("big", |_, _| {
        utf16("content-type: text/html\r\n", true, u16::to_be_bytes)
    }),
    ("header16", |_, _| {
        utf16(
            "content-type: text/html; charset=utf-16be\r\n",
            false,
            u16::to_be_bytes,
        )
    }),
];

/// Pages that are not what they seem.
const OTHERS: &[(&str, Attack)] = &[
    ("base", |_, _| {
        answer(
            200,
            "",
            "<base href=//beian.miit.gov.cn/><a href=/>粤ICP备12345678号".as_bytes(),
        )
    }),
    ("refresh", |_, _| {
        answer(200, "refresh: 0; url=/home\r\n", b"")
    }),
    ("meta-refresh", |_, _| {
        answer(200, "", b"<meta http-equiv=refresh content='0;url=/home'>")
    }),
    ("guard", |_, _| {
        answer(
            200,
            "",
            "<title>安全验证</title>请完成验证后继续访问".as_bytes(),
        )
    }),
    ("busy", |_, _| {
        answer(
            521,
            "",
            b"<script>document.cookie='__jsl_clearance=1'</script>",
        )
    }),
    ("closed", |_, _| {
        answer(403, "content-type: image/png\r\n", b"\x89PNG")
    }),
];

async fn world() -> World {
    let sites: BTreeMap<String, Attack> = CHARSETS
        .iter()
        .chain(OTHERS)
        .map(|(host, page)| (format!("{host}.example.cn"), *page))
        .collect();
    let records: Vec<_> = sites
        .keys()
        .map(|host| (host.as_str(), a("127.0.0.1")))
        .collect();
    let resolver = authority(&records).await;
    let listening = listener(1, 0).await;
    let loopback = Loopback {
        whois_port: 9,
        http_port: listening.local_addr().unwrap().port(),
        https_port: 9,
        trust: None,
    };
    tokio::spawn(hostile(listening, sites, 9, Ledger::default()));
    World::new(resolver, loopback)
}

async fn facts(world: &World, host: &str) -> PageFacts {
    world.facts(&format!("http://{host}.example.cn/")).await
}

#[tokio::test]
async fn one_page_reads_the_same_in_every_charset() {
    let world = world().await;
    for (host, _) in CHARSETS {
        let facts = facts(&world, host).await;
        assert_eq!(facts.title, "网站", "{host}");
        assert_eq!(facts.numbers.len(), 1, "{host}");
        let links_to = facts.numbers[0].links_to.as_deref();
        assert_eq!(links_to, Some("beian.miit.gov.cn"), "{host}");
    }
}

#[tokio::test]
async fn a_link_starts_from_the_base_of_its_page() {
    let facts = facts(&world().await, "base").await;
    assert!(facts.links_to_miit);
}

#[tokio::test]
async fn a_page_that_sends_its_visitors_on_is_not_what_they_see() {
    let world = world().await;
    for host in ["refresh", "meta-refresh"] {
        let facts = facts(&world, host).await;
        assert!(facts.scripted && facts.visible_characters == 0, "{host}");
    }
}

#[tokio::test]
async fn a_guard_and_a_closed_door_are_told_from_a_page() {
    let world = world().await;
    for (host, status, challenge) in [
        ("guard", 200, true),
        ("busy", 521, true),
        ("closed", 403, false),
    ] {
        let facts = facts(&world, host).await;
        assert_eq!(
            (facts.status(), facts.challenge),
            (status, challenge),
            "{host}"
        );
    }
}
