//! How fast stored evidence is judged: rule outcomes a second, on one core.
//!
//! A portfolio of filings, each with its subject's unit and one site's: clean ones, ones with faults,
//! and ones of which much is reported. `cargo bench -p icp-domain --bench judging` prints elements
//! a second, and an element is one outcome of one rule on one object.

#![expect(
    missing_docs,
    reason = "criterion's macros write functions without any"
)]
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark's own data reads, or it does not run"
)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use icp_domain::Rulebook;
use icp_domain::filing::{Filing, Origin, Subject};
use icp_domain::ids::UnitId;
use icp_domain::look::Evidence;
use icp_domain::reports::Reports;
use icp_domain::rules::{Sight, judge};
use serde_json::{Value, json};

/// Filings of the portfolio.
const FILINGS: u32 = 1000;

/// Where they are filed: provinces of different rules.
const PROVINCES: [&str; 4] = ["11", "31", "43", "44"];

/// One filing with what was seen and reported of it.
struct Held {
    filing: Filing,
    evidence: Evidence,
    reports: Reports,
    units: [UnitId; 2],
}

fn held(n: u32) -> Held {
    let (clean, reported) = (!n.is_multiple_of(3), n.is_multiple_of(2));
    let id = format!("s{n}");
    let domain = format!("example-{n}.cn");
    let subject: Subject = Subject {
        id: id.parse().unwrap(),
        account: "a1".parse().unwrap(),
        state: read(json!({ "state": "filed", "number": "京ICP备2026000001号",
            "filedAt": "2025-01-01T00:00:00Z" })),
        details: Some(read(json!({
            "province": PROVINCES.get(n as usize % PROVINCES.len()), "nature": "enterprise",
            "name": "示例公司",
            "certificate": { "kind": "credit-code", "number": "91110108551385082Q" },
            "certificateAddress": "北京市海淀区示例路1号",
            "postalAddress": "北京市海淀区示例路1号",
            "principal": "p1", "legalRepresentative": "王小明",
        }))),
        order_in_flight: None,
        origin: Origin::Order,
        label: None,
        conflicts: Vec::new(),
    };
    let person = |name: &str, identity: &str, mobile: &str| {
        json!({ "name": name, "identity": identity, "identityUntil": "2030-01-01",
            "mobile": mobile, "email": format!("{mobile}@example.cn") })
    };
    let persons = [
        ("p1", person("王小明", "11010519491231002X", "13800000000")),
        (
            "p2",
            person(
                "李小红",
                "440524188001010014",
                if clean { "13900000000" } else { "13800000000" },
            ),
        ),
    ];
    let service = json!({
        "number": "京ICP备2026000001号-1",
        "details": { "name": "示例网站", "domains": [domain], "principal": "p2",
            "homePage": format!("https://www.{domain}/"), "addresses": ["192.0.2.1"] },
    });
    let filing = Filing {
        subject,
        services: [("1".parse().unwrap(), read(service))].into(),
        links: [(
            "1".parse().unwrap(),
            read(json!({ "state": { "state": "live", "since": "2025-01-01T00:00:00Z" }, "linkVersion": 1 })),
        )]
        .into(),
        persons: persons
            .into_iter()
            .map(|(id, details)| {
                let proof = json!({ "verifiedAt": "2025-09-01T00:00:00Z", "until": "2026-09-01T00:00:00Z" });
                let person = icp_domain::filing::Person {
                    details: read(details),
                    proof: Some(read(proof)),
                };
                (id.parse().unwrap(), person)
            })
            .collect(),
        materials: ["subject-certificate", "principal-identity", "verification-form"]
            .into_iter()
            .enumerate()
            .map(|(at, kind)| {
                let material = json!({ "kind": kind, "validUntil": "2030-01-01",
                    "custody": { "custody": "paper", "shelfMark": "A-1" } });
                (format!("m{at}").parse().unwrap(), read(material))
            })
            .collect(),
    };
    let units = [
        UnitId::of_subject(id.parse().unwrap()),
        UnitId::of_service(id.parse().unwrap(), "1".parse().unwrap()),
    ];
    Held {
        filing,
        evidence: read(evidence(&id, &domain, clean)),
        reports: if reported {
            read(reports(&domain))
        } else {
            Reports::default()
        },
        units,
    }
}

fn evidence(subject: &str, domain: &str, clean: bool) -> Value {
    let address = if clean { "192.0.2.1" } else { "198.51.100.250" };
    let www = format!("www.{domain}");
    let found = |name: &str| json!({ "name": name, "seen": { "answer": { "addresses": { "canonical": [], "addresses": [address] } } } });
    json!({
        "look": {
            "id": "l1", "unit": { "subject": subject, "service": "1" }, "purpose": "audit",
            "due": "2026-03-02T02:00:00Z", "factsRevisions": { "subject": 1, "unit": 1 },
            "plan": { "vantage": "v1", "names": [domain, www], "homePage": format!("https://{www}/") },
        },
        "begunAt": "2026-03-02T02:00:00Z",
        "names": [found(domain), found(&www)],
        "homePage": { "answer": { "answered": {
            "statuses": [301, 200], "url": format!("https://{www}/"), "title": "示例网站 - 首页",
            "numbers": if clean {
                json!([{ "number": "京ICP备2026000001号-1", "linksTo": "beian.miit.gov.cn" }])
            } else {
                json!([])
            },
            "linksToMiit": clean, "policeNumbers": ["京公网安备11010502030143号"],
            "words": [{ "group": "trade", "word": "加入购物车" }],
            "visibleCharacters": 900, "scripted": true, "cutOff": false,
            "sha256": "", "excerpt": "", "certificate": null,
        } } },
        "registrations": [{ "domain": domain, "seen": { "answer": { "registered": {
            "registrar": "A", "registrarIanaId": 420, "holder": "示例公司",
            "expiresAt": "2027-01-01T00:00:00Z", "onHold": false,
        } } } }],
    })
}

fn reports(domain: &str) -> Value {
    let at = "2026-02-02T04:00:00Z";
    json!({
        "registry": { "source": "公示系统", "number": "91110108551385082Q", "asOf": "2026-02-01", "found": { "body": {
            "name": "示例公司", "formerNames": ["旧示例公司"], "state": "active",
            "legalRepresentative": "王小明", "address": "北京市海淀区示例路1号" } } },
        "telephones": { "p1": [{ "mobile": "13800000000", "at": at, "says": "no-answer" },
            { "mobile": "13800000000", "at": at, "says": "is-the-person" }] },
        "mails": { "p1": [{ "email": "13800000000@example.cn", "at": at, "taken": true }] },
        "shared": { "p1": [], "p2": ["mobile"] },
        "materials": { "m0": { "by": "staff", "at": at, "says": "agrees" } },
        "hosting": { "1": { "serverUntil": "2027-01-01T00:00:00Z", "seenAtFrontEnds": { domain: "2026-03-01" } } },
        "registrars": { "A": "approved" },
    })
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

/// Outcomes of the whole portfolio.
fn outcomes(portfolio: &[Held], rulebook: &Rulebook) -> usize {
    let at = "2026-03-02T02:00:00Z".parse().unwrap();
    let of_unit = |held: &Held, unit: &UnitId| {
        let sight = Sight {
            unit,
            filing: &held.filing,
            evidence: &held.evidence,
            reports: &held.reports,
            rulebook,
            at,
        };
        black_box(judge(&sight)).len()
    };
    portfolio
        .iter()
        .flat_map(|held| held.units.iter().map(move |unit| (held, unit)))
        .map(|(held, unit)| of_unit(held, unit))
        .sum()
}

fn judging(criterion: &mut Criterion) {
    let rulebook = Rulebook::shipped().unwrap();
    let portfolio: Vec<Held> = (0..FILINGS).map(held).collect();
    let count = outcomes(&portfolio, &rulebook);
    let mut group = criterion.benchmark_group("judging");
    group.throughput(Throughput::Elements(count.try_into().unwrap_or(u64::MAX)));
    group.bench_function("a portfolio of 1000 filings", |bencher| {
        bencher.iter(|| outcomes(black_box(&portfolio), &rulebook));
    });
    group.finish();
}

criterion_group!(benches, judging);
criterion_main!(benches);
