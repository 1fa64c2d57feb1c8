//! A life: a deployment, its filings, chance, and the calls that are made.

use std::collections::{BTreeMap, BTreeSet};

use icp_local::stage::{Answer, Applicant, Ask, OURS, Stage};
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::model::Filer;

/// Numbers that look random and are the same for a seed (`SplitMix64`, Steele and others 2014).
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }

    pub(super) fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }
}

/// Filings that live, and what was heard of them.
pub(super) struct Life {
    pub(super) stage: Stage,
    pub(super) chance: Chance,
    pub(super) filers: Vec<Filer>,
    pub(super) heard: usize,
    /// The void that waits for its second person, and what it is about.
    pub(super) void: Option<(String, BTreeSet<String>)>,
    /// Findings that were taken back, and when.
    pub(super) voided: BTreeMap<String, Timestamp>,
    /// Since when the resolver answered nothing, or answered.
    pub(super) resolver: Vec<(Timestamp, bool)>,
    /// Since when the brake let nothing be stopped, or what was released.
    pub(super) brake: Vec<(Timestamp, bool)>,
    calls: u64,
    pub(super) log: Vec<String>,
}

impl Life {
    pub(super) async fn begun(seed: u64, filers: u32) -> Self {
        let now = "2026-03-02T02:00:00Z".parse().unwrap();
        let mut stage = Stage::start(Stage::template(), now).await.unwrap();
        // The provider's addresses are renewed by nobody here.
        let policy = json!({ "audits": { "addressesStaleAfterDays": 365 } });
        stage
            .reconfigure("policy.json", policy.to_string())
            .unwrap();
        let mut life = Self {
            stage,
            chance: Chance(seed),
            filers: Vec::new(),
            heard: 0,
            void: None,
            voided: BTreeMap::new(),
            resolver: Vec::new(),
            brake: Vec::new(),
            calls: 0,
            log: Vec::new(),
        };
        for n in 1..=filers {
            let who = Applicant::new(n, &format!("site-{n}.cn"));
            life.stage.sites.point(&who.domain, OURS).await;
            let host = format!("www.{}", who.domain);
            life.stage.sites.show(&host, &who.page());
            let good = |route: &str, answer: &Answer| {
                assert!(answer.status < 400, "{route}: {answer:#?}");
            };
            let filed = life.stage.file(&who, good).await.unwrap();
            life.filers.push(Filer {
                subject: filed.subject,
                truth: vec![(now, false)],
                who,
                due: BTreeMap::new(),
                released: BTreeSet::new(),
                exempt_until: None,
                appealed: None,
                demanded: false,
                read: BTreeMap::new(),
                order: None,
                orders: 0,
                stopped: BTreeSet::new(),
                link: "live".to_owned(),
            });
        }
        life
    }

    /// A call, each with a key of its own. Faults may make it fail: then it did not happen, or did and is not known
    /// to, so that the model asks the service what is so.
    pub(super) async fn ask(
        &mut self,
        role: &str,
        account: &str,
        route: &str,
        version: Option<u64>,
        body: Option<Json>,
    ) -> Answer {
        self.calls += 1;
        let key = format!("call-{}", self.calls);
        let ask = || Ask {
            role: Some(role),
            account,
            route,
            key: Some(&key),
            version,
            body: body.clone(),
        };
        let mut answer = self.stage.ask(ask()).await.unwrap();
        // Whoever gets no answer asks again with the same key.
        for _ in 0..5 {
            if answer.status < 500 {
                break;
            }
            answer = self.stage.ask(ask()).await.unwrap();
        }
        assert!(
            answer.status < 500,
            "{route}: {answer:#?}\n{}",
            self.log.join("\n")
        );
        let at = self.stage.now();
        self.log
            .push(format!("{at} {} {account} {route}", answer.status));
        answer
    }
}
