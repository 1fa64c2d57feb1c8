//! What hostile sites try, each against real servers on loopback: none makes this service reach
//! where it may not, each ends inside its bounds, and none sinks its neighbours.

mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::StreamExt;
use hickory_server::proto::rr::RData;
use icp_domain::look::{Failure, PageAnswer, Seen};
use icp_lookups::{Lookups, Loopback};
use tokio::net::TcpListener;
use tokio::time::Instant;

use self::table::{ATTACKS, HEALTHY, Row, healthy, healthy_over_tls};
use crate::hostile::{Attack, Ledger, hostile, trap, witness};
use crate::servers::{
    Site, a, aaaa, authority, blunt_site, certificates, cname, listener, mute_site,
    resolver_that_changes, secure_sites,
};
use crate::world::{AMPLE, World, look, rulebook};

/// Bytes that a host can bring on its way: what is read of a page, and what the two sockets hold.
const MOST_BYTES: usize = 24 * 1024 * 1024;

/// Everything that attacks, and the traps that nobody may spring.
struct Stage {
    world: World,
    ledger: Ledger,
    sprung: Arc<AtomicUsize>,
    /// A port of this machine that stands for all that is inside.
    port: u16,
}

impl Stage {
    async fn set() -> Self {
        let http = listener(1, 0).await;
        let https = listener(1, 0).await;
        let certificates = certificates();
        let loopback = Loopback {
            whois_port: 9,
            http_port: http.local_addr().unwrap().port(),
            https_port: https.local_addr().unwrap().port(),
            trust: Some(certificates.root),
        };
        let sprung = Arc::new(AtomicUsize::new(0));
        let port = traps(&loopback, &sprung).await;
        let ledger = Ledger::default();
        let attacks = attacks();
        let resolver = authority(&records(&attacks)).await;
        tokio::spawn(hostile(http, attacks, port, ledger.clone()));
        let secure =
            ["old.example.cn", "own.example.cn"].map(|host| (host, healthy_over_tls as Site));
        tokio::spawn(secure_sites(
            https,
            BTreeMap::from(secure),
            certificates.acceptor,
        ));
        let blunt = listener(2, loopback.https_port).await;
        tokio::spawn(blunt_site(blunt, b"HTTP/1.1 400 plain\r\n\r\n"));
        tokio::spawn(mute_site(listener(3, loopback.https_port).await));
        Self {
            world: World::new(resolver, loopback),
            ledger,
            sprung,
            port,
        }
    }

    async fn meets(&self, row: &Row) -> String {
        let url = row.url.replace("PORT", &self.port.to_string());
        told(&self.world.page_within(&url, row.within).await)
    }

    /// Nobody was where nobody may be, and every host was asked as often as `expected` says.
    fn holds(&self, expected: &BTreeMap<String, usize>) {
        assert_eq!(self.sprung.load(Ordering::SeqCst), 0, "a trap was sprung");
        let asked: BTreeSet<String> = self.ledger.hosts().into_iter().collect();
        let known: BTreeSet<String> = expected.keys().cloned().collect();
        assert_eq!(asked, known, "other hosts were asked");
        for (host, requests) in expected {
            let count = self.ledger.of(host);
            assert_eq!(count.requests, *requests, "{host}");
            assert!(count.bytes <= MOST_BYTES, "{host}: {} bytes", count.bytes);
        }
    }
}

/// Listeners on what may not be reached: another port, and this machine by IPv6.
async fn traps(loopback: &Loopback, sprung: &Arc<AtomicUsize>) -> u16 {
    let first = listener(1, 0).await;
    let port = first.local_addr().unwrap().port();
    tokio::spawn(trap(first, Arc::clone(sprung)));
    for port in [port, loopback.http_port, loopback.https_port] {
        // Not every machine that builds this has IPv6.
        if let Ok(six) = TcpListener::bind(("::1", port)).await {
            tokio::spawn(trap(six, Arc::clone(sprung)));
        }
    }
    port
}

fn host_of(url: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap();
    rest.split('/').next().unwrap().to_owned()
}

fn attacks() -> BTreeMap<String, Attack> {
    let mut all: BTreeMap<String, Attack> = ATTACKS
        .iter()
        .filter_map(|row| Some((host_of(row.url), row.does?)))
        .collect();
    all.insert("healthy.example.cn".to_owned(), healthy);
    all
}

fn records(attacks: &BTreeMap<String, Attack>) -> Vec<(&str, RData)> {
    let mut records: Vec<(&str, RData)> = attacks
        .keys()
        .map(|host| (host.as_str(), a("127.0.0.1")))
        .collect();
    records.extend([
        ("private.example.cn", a("10.0.0.1")),
        ("metadata.example.cn", a("169.254.169.254")),
        ("aliyun.example.cn", a("100.100.100.200")),
        ("six.example.cn", aaaa("::1")),
        ("mapped.example.cn", aaaa("::ffff:127.0.0.1")),
        ("nat64.example.cn", aaaa("64:ff9b::7f00:1")),
        ("mixed.example.cn", a("127.0.0.1")),
        ("mixed.example.cn", a("192.168.0.1")),
        ("alias.example.cn", cname("private.example.cn")),
        ("old.example.cn", a("127.0.0.1")),
        ("own.example.cn", a("127.0.0.1")),
        ("none.example.cn", a("127.0.0.1")),
        ("blunt.example.cn", a("127.0.0.2")),
        ("silent.example.cn", a("127.0.0.3")),
    ]);
    records
}

/// What a look came to, in words.
fn told(seen: &Seen<PageAnswer>) -> String {
    let facts = match seen {
        Seen::Failed(failure) => return format!("{failure:?}"),
        Seen::Answer(PageAnswer::NoAddress) => return "no address".to_owned(),
        Seen::Answer(PageAnswer::Refused) => return "refused".to_owned(),
        Seen::Answer(PageAnswer::Answered(facts)) => facts,
    };
    let mut words = vec![
        format!("{} {}", facts.status(), facts.title)
            .trim()
            .to_owned(),
    ];
    if !facts.numbers.is_empty() {
        words.push(format!("{} number", facts.numbers.len()));
    }
    if facts.cut_off {
        words.push("cut off".to_owned());
    }
    if facts.certificate.as_ref().is_some_and(|seen| !seen.trusted) {
        words.push("not trusted".to_owned());
    }
    words.join(", ")
}

/// How often each host is asked when all are looked at once.
fn requests() -> BTreeMap<String, usize> {
    ATTACKS
        .iter()
        .chain([&HEALTHY])
        .filter(|row| row.requests > 0)
        .map(|row| (host_of(row.url), row.requests))
        .collect()
}

#[tokio::test]
async fn every_attack_ends_as_the_table_says_and_reaches_nothing_inside() {
    let stage = Stage::set().await;
    let (mut ends, mut expected) = (Vec::new(), Vec::new());
    for row in ATTACKS.iter().chain([&HEALTHY]) {
        ends.push((row.attack, stage.meets(row).await));
        expected.push((row.attack, row.ends.to_owned()));
    }
    assert_eq!(ends, expected);
    stage.holds(&requests());
}

#[tokio::test]
async fn all_attacks_at_once_do_not_keep_a_healthy_site_from_being_seen() {
    // As many as one invocation looks at together.
    const AT_ONCE: usize = 20;
    let stage = Stage::set().await;
    let (before, after) = ATTACKS.split_at(ATTACKS.len() / 2);
    let batch = before.iter().chain([&HEALTHY]).chain(after);
    let ends: Vec<(&str, String, &str)> = futures::stream::iter(batch)
        .map(|row| async { (row.attack, stage.meets(row).await, row.ends) })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    assert_eq!(ends.len(), ATTACKS.len() + 1);
    let healthy = ends.iter().find(|(attack, _, _)| *attack == HEALTHY.attack);
    assert_eq!(healthy.unwrap().1, HEALTHY.ends);
    stage.holds(&requests());
}

#[tokio::test(start_paused = true)]
async fn a_page_that_drips_has_ten_seconds_and_no_more() {
    let stage = Stage::set().await;
    for host in ["mute", "drip1", "drip2"] {
        let begun = Instant::now();
        let url = format!("http://{host}.example.cn/");
        let seen = stage.world.page_within(&url, Duration::from_mins(1)).await;
        assert_eq!(seen, Seen::Failed(Failure::TimedOut), "{host}");
        let spent = begun.elapsed().as_secs();
        assert_eq!(spent, 10, "{host}");
    }
    let bytes = stage.ledger.of("drip2.example.cn").bytes;
    assert!(bytes > 100, "it dripped all the while: {bytes}");
}

#[tokio::test]
async fn a_name_that_changes_between_check_and_redirect_is_checked_again() {
    const ANSWERS: [Ipv4Addr; 2] = [Ipv4Addr::LOCALHOST, Ipv4Addr::new(169, 254, 169, 254)];
    let listening = listener(1, 0).await;
    let loopback = Loopback {
        whois_port: 9,
        http_port: listening.local_addr().unwrap().port(),
        https_port: 9,
        trust: None,
    };
    let ledger = Ledger::default();
    tokio::spawn(hostile(listening, attacks(), 9, ledger.clone()));
    let (resolver, asked) = resolver_that_changes(&ANSWERS).await;
    let world = World::new(resolver, loopback);
    let seen = world.page("http://circle.example.cn/").await;
    assert_eq!(seen, Seen::Failed(Failure::Forbidden));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert_eq!(ledger.of("circle.example.cn").requests, 1);
}

/// Addresses of a special purpose, as sites give them out. All blocks: `addresses.rs`.
const SPECIAL: [&str; 17] = [
    "0.0.0.0",
    "10.0.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "168.63.129.16",
    "169.254.169.254",
    "192.0.2.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::ffff:8.8.8.8",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "2001:0:53aa:64c:0:f227:5601:5601",
    "2002:a9fe:a9fe::1",
    "fd00:ec2::254",
    "fe80::a9fe:a9fe",
];

fn record(address: &str) -> RData {
    if address.contains(':') {
        aaaa(address)
    } else {
        a(address)
    }
}

#[tokio::test]
async fn what_functions_call_asks_an_exit_for_no_special_address() {
    let listening = listener(1, 0).await;
    let exit = format!(
        r#"{{ "proxy": "http://{}" }}"#,
        listening.local_addr().unwrap()
    );
    let asked = Arc::new(Mutex::new(Vec::new()));
    tokio::spawn(witness(listening, Arc::clone(&asked)));
    let public = ["8.8.8.8", "2400:3200::1"];
    let named: Vec<(String, &str)> = SPECIAL
        .into_iter()
        .chain(public)
        .enumerate()
        .map(|(n, address)| (format!("n{n}.example.cn"), address))
        .collect();
    let records: Vec<(&str, RData)> = named
        .iter()
        .map(|(name, address)| (name.as_str(), record(address)))
        .collect();
    let rulebook = rulebook(authority(&records).await, &exit);
    let lookups = Lookups::new(&rulebook, "https://audit.example.cn/").unwrap();
    for (name, address) in &named {
        let look = look("vantage", &[], Some(&format!("http://{name}/")));
        let at = "2026-03-02T10:00:00Z".parse().unwrap();
        let seen = lookups.look(&look, at, AMPLE).await.home_page.unwrap();
        // The witness connects to nothing, so that a public address breaks off.
        let expected = if public.contains(address) {
            Failure::ConnectionBroken
        } else {
            Failure::Forbidden
        };
        assert_eq!(seen, Seen::Failed(expected), "{address}");
    }
    assert_eq!(*asked.lock().unwrap(), ["8.8.8.8:80", "[2400:3200::1]:80"]);
}
