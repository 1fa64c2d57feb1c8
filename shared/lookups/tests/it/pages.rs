//! Home pages: what sites answer, and what they cannot make this service do.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::Ipv4Addr;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hickory_server::proto::rr::RData;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use icp_domain::look::{Failure, PageAnswer, PagePlan, Seen};
use icp_lookups::{Lookups, LookupsFault, Loopback};

use crate::servers::{
    Site, a, authority, blunt_site, certificates, listener, mute_site, proxy, raw_site,
    resolver_that_changes, secure_sites, sites,
};
use crate::world::{AMPLE, SHORT, World, look, read_rulebook, rulebook};

/// Addresses of the sites: one for those that behave, one where nobody listens.
const SITES: u8 = 1;
const NOBODY: u8 = 2;
const RAW: u8 = 3;

fn page(body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    Response::builder()
        .header("content-type", "text/html; charset=utf-8")
        .body(Full::new(body.into()))
        .unwrap()
}

fn redirect(to: &str) -> Response<Full<Bytes>> {
    Response::builder()
        .status(302)
        .header("location", to)
        .body(Full::default())
        .unwrap()
}

fn healthy(_: &Request<Incoming>) -> Response<Full<Bytes>> {
    page("<title>示例</title><a href=https://beian.miit.gov.cn/>京ICP备12345678号-1</a>")
}

/// What the request said, as a page.
fn mirror(request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let headers: Vec<String> = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    page(format!("<p>{} {}", request.uri(), headers.join(" | ")))
}

fn gb18030(_: &Request<Incoming>) -> Response<Full<Bytes>> {
    let (body, _, _) = encoding_rs::GB18030.encode("<title>网站</title>粤ICP备12345678号");
    Response::builder()
        .header("content-type", "text/html; charset=GB18030")
        .body(Full::new(body.into_owned().into()))
        .unwrap()
}

/// Ten megabytes in ten kilobytes.
fn bomb(_: &Request<Incoming>) -> Response<Full<Bytes>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![b'x'; 10 * 1024 * 1024]).unwrap();
    Response::builder()
        .header("content-encoding", "gzip")
        .body(Full::new(encoder.finish().unwrap().into()))
        .unwrap()
}

fn to_metadata(_: &Request<Incoming>) -> Response<Full<Bytes>> {
    redirect("http://169.254.169.254/latest/meta-data/")
}

fn to_a_private_name(_: &Request<Incoming>) -> Response<Full<Bytes>> {
    redirect("http://inside.example.cn/")
}

fn to_another_port(_: &Request<Incoming>) -> Response<Full<Bytes>> {
    redirect("http://ok.example.cn:6379/")
}

/// `/n` leads to `/n-1`, and `/0` is a page.
fn hops(request: &Request<Incoming>) -> Response<Full<Bytes>> {
    match request.uri().path().trim_start_matches('/').parse::<u32>() {
        Ok(0) | Err(_) => healthy(request),
        Ok(more) => redirect(&format!("/{}#part", more - 1)),
    }
}

fn missing(_: &Request<Incoming>) -> Response<Full<Bytes>> {
    let mut answer = page("nothing here");
    *answer.status_mut() = http::StatusCode::NOT_FOUND;
    answer
}

fn all() -> BTreeMap<&'static str, Site> {
    BTreeMap::from([
        ("ok.example.cn", healthy as Site),
        ("mirror.example.cn", mirror),
        ("gb.example.cn", gb18030),
        ("bomb.example.cn", bomb),
        ("metadata.example.cn", to_metadata),
        ("private.example.cn", to_a_private_name),
        ("port.example.cn", to_another_port),
        ("hops.example.cn", hops),
        ("missing.example.cn", missing),
        ("tls.example.cn", healthy),
        ("old.example.cn", healthy),
        ("own.example.cn", healthy),
    ])
}

fn at(n: u8) -> RData {
    a(&Ipv4Addr::new(127, 0, 0, n).to_string())
}

/// The good sites on one address, and names for what else there is.
async fn world() -> (World, Loopback) {
    let sites_at = all();
    let mut records: Vec<(&str, RData)> = sites_at.keys().map(|host| (*host, at(SITES))).collect();
    records.extend([
        ("refused.example.cn", at(NOBODY)),
        ("raw.example.cn", at(RAW)),
        ("inside.example.cn", a("10.0.0.1")),
        ("mixed.example.cn", a("127.0.0.1")),
        ("mixed.example.cn", a("192.168.0.1")),
        ("abroad.example.cn", a("8.8.8.8")),
    ]);
    let certificates = certificates();
    let http = listener(SITES, 0).await;
    let https = listener(SITES, 0).await;
    let loopback = Loopback {
        http_port: http.local_addr().unwrap().port(),
        https_port: https.local_addr().unwrap().port(),
        whois_port: 9,
        trust: Some(certificates.root),
    };
    tokio::spawn(sites(http, sites_at.clone()));
    tokio::spawn(secure_sites(https, sites_at, certificates.acceptor));
    (
        World::new(authority(&records).await, loopback.clone()),
        loopback,
    )
}

#[tokio::test]
async fn a_site_without_a_declared_home_page_is_looked_at_where_it_is_served() {
    let (world, _) = world().await;
    let at = "2026-03-02T10:00:00Z".parse().unwrap();
    for (names, expected) in [
        (&["ok.example.cn", "missing.example.cn"], Some(200)),
        (&["nobody.example.cn", "ok.example.cn"], Some(200)),
        (&["refused.example.cn", "ok.example.cn"], Some(200)),
        // One name that is served keeps the site; an error of another is none of it.
        (&["missing.example.cn", "ok.example.cn"], Some(200)),
        (&["missing.example.cn", "nobody.example.cn"], Some(404)),
        (&["nobody.example.cn", "refused.example.cn"], None),
    ] {
        let mut look = look("vantage", names, None);
        look.plan.home_page = Some(PagePlan::Root);
        let seen = world.lookups.look(&look, at, AMPLE).await.home_page;
        match seen.unwrap() {
            Seen::Answer(PageAnswer::Answered(facts)) => {
                assert_eq!(Some(facts.status()), expected, "{names:?}");
            }
            other @ (Seen::Answer(_) | Seen::Failed(_)) => {
                assert_eq!(other, Seen::Answer(PageAnswer::Refused));
                assert_eq!(expected, None, "{names:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_healthy_page_is_read() {
    let (world, _) = world().await;
    let facts = world.facts("http://ok.example.cn/").await;
    assert_eq!((facts.statuses, facts.title.as_str()), (vec![200], "示例"));
    assert_eq!(
        facts.numbers[0].links_to.as_deref(),
        Some("beian.miit.gov.cn")
    );
    assert_eq!(
        (facts.url.as_str(), facts.certificate),
        ("http://ok.example.cn/", None)
    );
}

#[tokio::test]
async fn a_page_in_gb18030_is_read() {
    let (world, _) = world().await;
    let facts = world.facts("http://gb.example.cn").await;
    assert_eq!((facts.title.as_str(), facts.numbers.len()), ("网站", 1));
}

#[tokio::test]
async fn an_error_page_is_an_answer() {
    let (world, _) = world().await;
    assert_eq!(
        world.facts("http://missing.example.cn/").await.status(),
        404
    );
}

#[tokio::test]
async fn a_request_says_who_asks_and_nothing_else() {
    let (world, _) = world().await;
    let facts = world.facts("http://mirror.example.cn/a?b=c#d").await;
    let said = facts.excerpt;
    assert!(
        said.contains("/a?b=c host: \"mirror.example.cn\""),
        "{said}"
    );
    assert!(
        said.contains("icp-filing-audit/1 (+https://audit.example.cn/)"),
        "{said}"
    );
    assert!(
        !said.contains("cookie") && !said.contains("authorization"),
        "{said}"
    );
}

#[tokio::test]
async fn five_redirects_are_followed_and_a_sixth_is_not() {
    let (world, _) = world().await;
    let facts = world.facts("http://hops.example.cn/5").await;
    assert_eq!(facts.statuses, [302, 302, 302, 302, 302, 200]);
    assert_eq!(facts.url, "http://hops.example.cn/0");
    assert_eq!(
        world.failure("http://hops.example.cn/6").await,
        Failure::TooManyRedirects
    );
}

#[tokio::test]
async fn a_redirect_is_checked_like_the_first_url() {
    let (world, _) = world().await;
    for host in ["metadata", "private", "port"] {
        let url = format!("http://{host}.example.cn/");
        assert_eq!(world.failure(&url).await, Failure::Forbidden, "{url}");
    }
}

#[tokio::test]
async fn a_url_that_leads_inside_is_forbidden() {
    let (world, loopback) = world().await;
    for url in [
        "http://inside.example.cn/",
        "http://mixed.example.cn/",
        "http://127.0.0.1/",
        "http://user:secret@ok.example.cn/",
        "not a url",
        &format!("http://ok.example.cn:{}/", loopback.http_port),
    ] {
        assert_eq!(world.failure(url).await, Failure::Forbidden, "{url}");
    }
    assert_eq!(
        world.failure("http://abroad.example.cn/").await,
        Failure::ExitDown
    );
}

#[tokio::test]
async fn what_functions_call_does_not_reach_loopback() {
    let (resolver, _) = resolver_that_changes(&[Ipv4Addr::LOCALHOST]).await;
    let rulebook = rulebook(resolver, "\"direct\"");
    let lookups = Lookups::new(&rulebook, "https://audit.example.cn/").unwrap();
    let look = crate::world::look("vantage", &[], Some("http://ok.example.cn/"));
    let at = "2026-03-02T10:00:00Z".parse().unwrap();
    let evidence = lookups.look(&look, at, crate::world::AMPLE).await;
    assert_eq!(evidence.home_page, Some(Seen::Failed(Failure::Forbidden)));
}

#[tokio::test]
async fn a_name_is_resolved_once_and_cannot_answer_twice_differently() {
    const ANSWERS: [Ipv4Addr; 2] = [Ipv4Addr::LOCALHOST, Ipv4Addr::new(10, 0, 0, 1)];
    let (resolver, asked) = resolver_that_changes(&ANSWERS).await;
    let (_, loopback) = world().await;
    let world = World::new(resolver, loopback);
    assert_eq!(world.facts("http://ok.example.cn/").await.status(), 200);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(
        world.failure("http://ok.example.cn/").await,
        Failure::Forbidden
    );
}

#[tokio::test]
async fn a_refused_connection_and_a_host_without_address_are_answers() {
    let (world, _) = world().await;
    let refused = world.page("http://refused.example.cn/").await;
    assert_eq!(refused, Seen::Answer(PageAnswer::Refused));
    let nowhere = world.page("http://nothing.example.cn/").await;
    assert_eq!(nowhere, Seen::Answer(PageAnswer::NoAddress));
}

#[tokio::test]
async fn a_compressed_page_is_bounded_after_decompression() {
    let (world, _) = world().await;
    let facts = world.facts("http://bomb.example.cn/").await;
    assert!(facts.cut_off);
    assert_eq!(facts.visible_characters, 2 * 1024 * 1024);
}

#[tokio::test]
async fn servers_that_never_end_are_cut_off() {
    let (world, loopback) = world().await;
    let head = b"HTTP/1.1 200 x\r\ncontent-type: text/html\r\n".to_vec();
    let body = [head.as_slice(), b"\r\n"].concat();
    let raw = listener(RAW, loopback.http_port).await;
    let serving = tokio::spawn(raw_site(raw, body, vec![b'x'; 65536]));
    let facts = world.facts("http://raw.example.cn/").await;
    assert!(facts.cut_off && facts.visible_characters == 2 * 1024 * 1024);
    serving.abort();
    let _ = serving.await;

    let raw = listener(RAW, loopback.http_port).await;
    tokio::spawn(raw_site(raw, head, b"x-more: and more\r\n".repeat(100)));
    assert_eq!(
        world.failure("http://raw.example.cn/").await,
        Failure::Malformed
    );
}

#[tokio::test]
async fn what_is_no_http_or_breaks_off_is_told_apart() {
    for (sent, failure) in [
        (b"SSH-2.0-OpenSSH_9.6\r\n".as_slice(), Failure::Malformed),
        (
            b"HTTP/1.1 200 x\r\ncontent-length: 10\r\n\r\nx",
            Failure::ConnectionBroken,
        ),
        (b"", Failure::ConnectionBroken),
        (
            b"HTTP/1.1 200 x\r\ncontent-encoding: br\r\ncontent-length: 1\r\n\r\nx",
            Failure::Malformed,
        ),
        (
            b"HTTP/1.1 200 x\r\ncontent-type: image/png\r\ncontent-length: 1\r\n\r\nx",
            Failure::Malformed,
        ),
    ] {
        let (world, loopback) = world().await;
        let raw = listener(RAW, loopback.http_port).await;
        let serving = tokio::spawn(raw_site(raw, sent.to_vec(), vec![]));
        let said = String::from_utf8_lossy(sent);
        assert_eq!(
            world.failure("http://raw.example.cn/").await,
            failure,
            "{said}"
        );
        serving.abort();
    }
}

#[tokio::test]
async fn a_site_that_says_nothing_is_a_time_out() {
    let (world, loopback) = world().await;
    for port in [loopback.http_port, loopback.https_port] {
        tokio::spawn(mute_site(listener(RAW, port).await));
    }
    for url in ["http://raw.example.cn/", "https://raw.example.cn/"] {
        let seen = world.page_within(url, SHORT).await;
        assert_eq!(seen, Seen::Failed(Failure::TimedOut), "{url}");
    }
}

#[tokio::test]
async fn a_bad_certificate_is_told_and_the_page_read_all_the_same() {
    let (world, _) = world().await;
    for (host, until, trusted) in [
        ("tls", "2030-01-01T00:00:00Z", true),
        ("old", "2021-01-01T00:00:00Z", false),
        ("own", "2030-01-01T00:00:00Z", false),
    ] {
        let facts = world.facts(&format!("https://{host}.example.cn/")).await;
        let certificate = facts.certificate.unwrap();
        assert_eq!(
            certificate.not_before.to_string(),
            "2020-01-01T00:00:00Z",
            "{host}"
        );
        assert_eq!(certificate.not_after.to_string(), until, "{host}");
        assert_eq!(
            (certificate.trusted, facts.numbers.len()),
            (trusted, 1),
            "{host}"
        );
    }
}

#[tokio::test]
async fn a_root_that_nobody_named_is_not_trusted() {
    let (_, loopback) = world().await;
    let (resolver, _) = resolver_that_changes(&[Ipv4Addr::LOCALHOST]).await;
    let world = World::new(
        resolver,
        Loopback {
            trust: None,
            ..loopback
        },
    );
    let facts = world.facts("https://tls.example.cn/").await;
    assert!(!facts.certificate.unwrap().trusted);
}

#[tokio::test]
async fn what_is_no_tls_is_malformed() {
    let (world, loopback) = world().await;
    let raw = listener(RAW, loopback.https_port).await;
    tokio::spawn(blunt_site(
        raw,
        b"HTTP/1.1 400 plain HTTP on the TLS port\r\n\r\n",
    ));
    assert_eq!(
        world.failure("https://raw.example.cn/").await,
        Failure::Malformed
    );
}

#[tokio::test]
async fn a_proxy_is_asked_for_checked_addresses_alone() {
    let (_, loopback) = world().await;
    let (resolver, _) = resolver_that_changes(&[Ipv4Addr::LOCALHOST]).await;
    let listening = listener(SITES, 0).await;
    let exit = format!(
        r#"{{ "proxy": "http://{}" }}"#,
        listening.local_addr().unwrap()
    );
    let (asked, mut notes) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(proxy(listening, asked));
    let world = World::with_exit(resolver, &exit, loopback.clone());
    let facts = world.facts("https://tls.example.cn/").await;
    assert!(facts.certificate.unwrap().trusted);
    let note = notes.recv().await.unwrap();
    assert_eq!(
        note,
        format!("CONNECT 127.0.0.1:{} HTTP/1.1", loopback.https_port)
    );
}

#[tokio::test]
async fn a_proxy_can_say_that_the_site_refused() {
    const CLOSED: [Ipv4Addr; 1] = [Ipv4Addr::new(127, 0, 0, NOBODY)];
    let (_, loopback) = world().await;
    let (resolver, _) = resolver_that_changes(&CLOSED).await;
    let listening = listener(SITES, 0).await;
    let exit = format!(
        r#"{{ "proxy": "http://{}" }}"#,
        listening.local_addr().unwrap()
    );
    let (asked, _notes) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(proxy(listening, asked));
    let world = World::with_exit(resolver, &exit, loopback);
    let seen = world.page("http://ok.example.cn/").await;
    assert_eq!(seen, Seen::Answer(PageAnswer::Refused));
}

#[tokio::test]
async fn an_exit_that_is_down_is_not_the_sites_fault() {
    let (_, loopback) = world().await;
    let (resolver, _) = resolver_that_changes(&[Ipv4Addr::LOCALHOST]).await;
    let closed = listener(SITES, 0).await.local_addr().unwrap();
    let exit = format!(r#"{{ "proxy": "http://{closed}" }}"#);
    let world = World::with_exit(resolver, &exit, loopback);
    assert_eq!(
        world.failure("http://ok.example.cn/").await,
        Failure::ExitDown
    );
}

#[test]
fn a_wrong_configuration_is_told_at_start() {
    let resolver = "127.0.0.1:53".parse().unwrap();
    for exit in [
        r#"{ "proxy": "http://proxy.example.cn:3128" }"#,
        r#"{ "proxy": "http://u:p@10.0.0.1:3128" }"#,
    ] {
        let fault = read_rulebook(resolver, exit).err().unwrap();
        assert_eq!(fault.path, "/vantages/0/exit/proxy", "{exit}");
    }
    let rulebook = rulebook(resolver, "\"direct\"");
    for contact in ["", "audit.example.cn", "ftp://audit.example.cn/"] {
        let fault = Lookups::new(&rulebook, contact).err().unwrap();
        assert!(matches!(fault, LookupsFault::Contact(_)), "{contact}");
    }
}
