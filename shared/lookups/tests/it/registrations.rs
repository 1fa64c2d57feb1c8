//! What registries say: real RDAP services and WHOIS servers on loopback.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use encoding_rs::GB18030;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use icp_domain::Rulebook;
use icp_domain::audit::ClockName;
use icp_domain::look::{Evidence, Failure, Look, Seen};
use icp_domain::registration::{
    AcceptedHolders, Holder, Registration, RegistrationAnswer, RegistrationPlan,
};
use icp_lookups::{Lookups, Loopback};
use jiff::Timestamp;
use serde_json::json;
use tokio::net::TcpListener;

use crate::servers::{
    Site, a, authority, blunt_site, certificates, endless_site, listener, secure_sites,
    whois_server,
};
use crate::world::{AMPLE, SHORT, look};

/// When everything is looked up.
const AT: &str = "2026-03-02T10:00:00Z";

/// Who holds what is held.
const HOLDER: &str = "示例公司";

/// Somebody else, of whom nothing may be kept.
const STRANGER: &str = "某某集团有限公司";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

type Reply = Response<Full<Bytes>>;

fn reply(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Reply {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Full::new(body.into())).unwrap()
}

fn domain(holder: &str) -> Reply {
    let card = |name: &str| json!(["vcard", [["fn", {}, "text", name]]]);
    let body = json!({
        "objectClassName": "domain",
        "status": ["active"],
        "events": [{ "eventAction": "expiration", "eventDate": "2027-01-01T00:00:00Z" }],
        "entities": [
            { "roles": ["registrar"], "vcardArray": card("示例注册商") },
            { "roles": ["registrant"], "vcardArray": card(holder) },
        ],
    });
    let kind = [("content-type", "application/rdap+json")];
    reply(200, &kind, body.to_string())
}

/// An RDAP service for .com.
fn service(request: &Request<Incoming>) -> Reply {
    let accepts = request.headers().get("accept").unwrap().to_str().unwrap();
    assert!(accepts.starts_with("application/rdap+json"), "{accepts}");
    let to = |location: &str| reply(302, &[("location", location)], "");
    let json = [("content-type", "application/rdap+json")];
    match request.uri().path() {
        // The last two come over certificates that nobody should trust.
        "/rdap/domain/held.com" | "/domain/expired.net" | "/domain/self-signed.org" => {
            domain(HOLDER)
        }
        "/rdap/domain/other.com" => domain(STRANGER),
        "/rdap/domain/hidden.com" => domain("REDACTED FOR PRIVACY"),
        "/rdap/domain/free.com" => reply(404, &json, r#"{ "errorCode": 404 }"#),
        "/rdap/domain/bare.com" => reply(404, &[], ""),
        "/rdap/domain/page.com" => reply(404, &[("content-type", "text/html")], "<p>gone"),
        "/rdap/domain/busy.com" => reply(429, &[("retry-after", "120")], ""),
        "/rdap/domain/closed.com" => {
            let until = "Mon, 02 Mar 2026 16:00:00 GMT";
            reply(503, &[("retry-after", until)], "")
        }
        "/rdap/domain/down.com" => reply(503, &[], ""),
        "/rdap/domain/moved.com" => to("/rdap/domain/moved-again.com"),
        "/rdap/domain/moved-again.com" => to("https://tls.example.cn/rdap/domain/held.com"),
        "/rdap/domain/round.com" => to("/rdap/domain/round.com"),
        "/rdap/domain/plain.com" => to("http://tls.example.cn/rdap/domain/held.com"),
        "/rdap/domain/inside.com" => to("https://inside.example.cn/"),
        "/rdap/domain/garbage.com" => reply(200, &json, "]["),
        "/rdap/domain/bytes.com" => reply(200, &json, vec![0xff, 0xfe, 0x00]),
        "/rdap/domain/large.com" => reply(200, &json, vec![b'['; 300 * 1024]),
        other => panic!("{other} was asked for"),
    }
}

fn cnnic(line: &str) -> Vec<u8> {
    let held = |holder: &str| {
        format!(
            "Domain Name: {line}\nRegistrant: {holder}\nSponsoring Registrar: 示例注册商\n\
             Expiration Time: 2027-01-01 08:00:00\n"
        )
    };
    match line {
        "held.cn" => held(HOLDER).into_bytes(),
        "gbk.cn" => GB18030.encode(&held(HOLDER)).0.into_owned(),
        "other.cn" => held(STRANGER).into_bytes(),
        "free.cn" => b"No matching record.\n".to_vec(),
        "busy.cn" => b"Queried interval is too short.\n".to_vec(),
        "noise.cn" => vec![0xff, 0x80, 0x00, 0x0d],
        "silent.cn" => Vec::new(),
        "large.cn" => held(HOLDER).repeat(4000).into_bytes(),
        other => panic!("{other} was asked for"),
    }
}

/// Registries on loopback, and looks at them from one process.
struct Registries {
    lookups: Lookups,
}

impl Registries {
    async fn start() -> Self {
        let sites = BTreeMap::from([
            ("tls.example.cn", service as Site),
            ("old.example.cn", service as Site),
            ("own.example.cn", service as Site),
        ]);
        let certificates = certificates();
        let https = listener(1, 0).await;
        let port = https.local_addr().unwrap().port();
        tokio::spawn(secure_sites(https, sites, certificates.acceptor));
        let whois = listener(1, 0).await;
        let whois_port = whois.local_addr().unwrap().port();
        tokio::spawn(whois_server(whois, cnnic));
        Self::at(port, whois_port, Some(certificates.root)).await
    }

    /// Registries of which only the WHOIS server is there.
    async fn whois(listener: &TcpListener) -> Self {
        Self::at(9, listener.local_addr().unwrap().port(), None).await
    }

    async fn at(https_port: u16, whois_port: u16, trust: Option<Vec<u8>>) -> Self {
        let resolver = authority(&[
            ("tls.example.cn", a("127.0.0.1")),
            ("old.example.cn", a("127.0.0.1")),
            ("own.example.cn", a("127.0.0.1")),
            ("whois.example.cn", a("127.0.0.1")),
            ("inside.example.cn", a("10.0.0.1")),
        ])
        .await;
        let rdap = json!({ "services": [
            [["com"], ["https://tls.example.cn/rdap/"]],
            [["net"], ["https://old.example.cn/"]],
            [["org"], ["https://own.example.cn/"]],
            [["info"], ["https://nowhere.example.cn/"]],
            [["top"], ["https://inside.example.cn/"]],
        ]});
        let whois = json!({ "sources": { "test": { "title": "this test" } }, "servers": [
            { "zone": "cn", "server": "whois.example.cn", "source": "test" },
            { "zone": "xyz", "server": "inside.example.cn", "source": "test" },
        ]});
        let vantage = json!({ "vantages": [{ "id": "vantage", "resolver": resolver,
            "exit": "direct", "network": "n", "carrier": "c", "mainland": true }] });
        let files = [
            ("rdap-dns.json", rdap),
            ("whois-servers.json", whois),
            ("vantages.json", vantage),
        ];
        let files = files.map(|(name, text)| (name.to_owned(), text.to_string()));
        let rulebook = Rulebook::read(&BTreeMap::from(files)).unwrap();
        let loopback = Loopback {
            http_port: 9,
            https_port,
            whois_port,
            trust,
        };
        let lookups = Lookups::on_loopback(&rulebook, "https://audit.example.cn/", loopback);
        Self {
            lookups: lookups.unwrap(),
        }
    }

    async fn look(&self, domains: &[&str], begun_at: &str, deadline: Duration) -> Evidence {
        let look = holder_look(domains);
        let evidence = self.lookups.look(&look, at(begun_at), deadline).await;
        // Whatever was seen, nobody's name was kept, nor what names could be guessed by.
        let kept = serde_json::to_string(&evidence).unwrap();
        for name in [HOLDER, STRANGER, "某某", "王小明"] {
            assert!(!kept.contains(name), "{kept}");
        }
        let plan = evidence.look.plan.registrations.as_ref().unwrap();
        assert_eq!(plan.holders, AcceptedHolders::default());
        evidence
    }

    /// What is seen of one domain.
    async fn seen(&self, domain: &str) -> Seen<RegistrationAnswer> {
        let evidence = self.look(&[domain], AT, AMPLE).await;
        evidence.registrations.into_iter().next().unwrap().seen
    }

    async fn registered(&self, domain: &str) -> Registration {
        match self.seen(domain).await {
            Seen::Answer(RegistrationAnswer::Registered(registration)) => registration,
            other @ (Seen::Answer(_) | Seen::Failed(_)) => panic!("{domain}: {other:?}"),
        }
    }
}

fn holder_look(domains: &[&str]) -> Look {
    let mut look = look("vantage", &[], None);
    look.clock = ClockName::Holder;
    look.plan.registrations = Some(RegistrationPlan {
        domains: domains.iter().map(|name| name.parse().unwrap()).collect(),
        holders: AcceptedHolders::of(&look.id, [HOLDER, "王小明"]),
    });
    look
}

const FREE: Seen<RegistrationAnswer> = Seen::Answer(RegistrationAnswer::NotRegistered);

fn different() -> Holder {
    Holder::Different {
        masked: "某**".to_owned(),
    }
}

#[tokio::test]
async fn an_rdap_service_tells_registrar_end_and_what_the_holder_is() {
    let registries = Registries::start().await;
    let held = registries.registered("held.com").await;
    assert_eq!(held.registrar.as_deref(), Some("示例注册商"));
    assert_eq!(held.expires_at, Some(at("2027-01-01T00:00:00Z")));
    assert_eq!(held.holder, Holder::Same);
    assert_eq!(registries.registered("moved.com").await, held);
    assert_eq!(registries.registered("other.com").await.holder, different());
    let hidden = registries.registered("hidden.com").await;
    assert_eq!(hidden.holder, Holder::Hidden);
}

#[tokio::test]
async fn a_whois_server_tells_the_same_in_utf_8_and_in_gbk() {
    let registries = Registries::start().await;
    let held = registries.registered("held.cn").await;
    assert_eq!(held.registrar.as_deref(), Some("示例注册商"));
    assert_eq!(held.expires_at, Some(at("2027-01-01T00:00:00Z")));
    assert_eq!(held.holder, Holder::Same);
    assert_eq!(registries.registered("gbk.cn").await, held);
    assert_eq!(registries.registered("other.cn").await.holder, different());
}

#[tokio::test]
async fn not_found_is_an_answer_where_a_registry_says_so() {
    let registries = Registries::start().await;
    for domain in ["free.com", "bare.com", "free.cn"] {
        assert_eq!(registries.seen(domain).await, FREE, "{domain}");
    }
    let page = registries.seen("page.com").await;
    assert_eq!(page, Seen::Failed(Failure::Malformed));
}

#[tokio::test]
async fn what_is_no_answer_is_a_failure_to_look() {
    let registries = Registries::start().await;
    for (domain, why) in [
        ("down.com", Failure::Malformed),
        ("garbage.com", Failure::Malformed),
        ("bytes.com", Failure::Malformed),
        ("large.com", Failure::Malformed),
        ("round.com", Failure::TooManyRedirects),
        ("plain.com", Failure::Forbidden),
        ("inside.com", Failure::Forbidden),
        ("expired.net", Failure::Untrusted),
        ("self-signed.org", Failure::Untrusted),
        ("nowhere.info", Failure::ConnectionBroken),
        ("inside.top", Failure::Forbidden),
        ("inside.xyz", Failure::Forbidden),
        ("example.zz", Failure::NobodyToAsk),
        ("busy.cn", Failure::Malformed),
        ("noise.cn", Failure::Malformed),
        ("silent.cn", Failure::Malformed),
        ("large.cn", Failure::Malformed),
    ] {
        assert_eq!(registries.seen(domain).await, Seen::Failed(why), "{domain}");
    }
}

#[tokio::test]
async fn a_registry_that_says_when_is_left_alone_until_then() {
    for (domain, until) in [
        ("busy.com", "2026-03-02T10:02:00Z"),
        ("closed.com", "2026-03-02T16:00:00Z"),
    ] {
        let registries = Registries::start().await;
        let throttled = Seen::Failed(Failure::Throttled { until: at(until) });
        assert_eq!(registries.seen(domain).await, throttled);
        // Nobody is asked meanwhile, whatever the domain; another registry is.
        assert_eq!(registries.seen("held.com").await, throttled);
        assert_eq!(registries.seen("free.cn").await, FREE);
        let later = registries.look(&["free.com"], until, AMPLE).await;
        assert_eq!(later.registrations[0].seen, FREE);
    }
}

#[tokio::test]
async fn a_process_asks_a_registry_at_most_its_part_of_the_rate() {
    let registries = Registries::start().await;
    // 30 a minute, over two processes.
    for _ in 0..15 {
        assert_eq!(registries.seen("free.cn").await, FREE);
    }
    let until = at("2026-03-02T10:01:00Z");
    let throttled = Seen::Failed(Failure::Throttled { until });
    assert_eq!(registries.seen("free.cn").await, throttled);
    assert_eq!(registries.seen("free.com").await, FREE);
    let later = registries.look(&["free.cn"], "2026-03-02T10:01:00Z", AMPLE);
    assert_eq!(later.await.registrations[0].seen, FREE);
}

#[tokio::test]
async fn names_under_one_registered_name_are_one_question() {
    let registries = Registries::start().await;
    let domains = ["www.held.cn", "held.cn", "free.com", "a.b.held.cn"];
    let evidence = registries.look(&domains, AT, AMPLE).await;
    let seen: Vec<_> = evidence.registrations.iter().collect();
    let asked: Vec<&str> = seen.iter().map(|seen| seen.domain.as_str()).collect();
    assert_eq!(asked, domains);
    assert_eq!(seen[0].seen, seen[1].seen);
    assert_eq!(seen[1].seen, seen[3].seen);
    assert_eq!(seen[2].seen, FREE);
    // Two questions in all: the rate has room for fourteen more to each.
    for _ in 0..14 {
        assert_eq!(registries.seen("free.cn").await, FREE);
    }
}

#[tokio::test]
async fn who_never_ends_and_who_never_stops_are_let_go() {
    let silent = listener(1, 0).await;
    let registries = Registries::whois(&silent).await;
    tokio::spawn(blunt_site(silent, b"Domain Name: held.cn\n"));
    let evidence = registries.look(&["held.cn"], AT, SHORT).await;
    let seen = &evidence.registrations[0].seen;
    assert_eq!(*seen, Seen::Failed(Failure::TimedOut));

    let endless = listener(1, 0).await;
    let registries = Registries::whois(&endless).await;
    tokio::spawn(endless_site(endless, b"Domain Name: held.cn\r\n"));
    let seen = registries.seen("held.cn").await;
    assert_eq!(seen, Seen::Failed(Failure::Malformed));

    let nobody = listener(1, 0).await;
    let gone = Registries::whois(&nobody).await;
    drop(nobody);
    let seen = gone.seen("held.cn").await;
    assert_eq!(seen, Seen::Failed(Failure::ConnectionBroken));
}
