//! Random lives of filings over the whole deployment, held against a small model of what may be stopped.
//!
//! What happens is drawn from a seed: sites that move away and come back, names that cannot be asked for, what filers
//! and staff do, orders, faults of AWS, outages, clock steps. The model knows when each site was broken and what people
//! did, and nothing of how the service works.

use std::collections::{BTreeMap, BTreeSet};

use icp_domain::brake::in_stop_window;
use icp_local::Fault;
use icp_local::stage::{Answer, Applicant, Ask, ELSEWHERE, OURS, Stage};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use crate::world::case_of;

/// Numbers that look random and are the same for a seed (`SplitMix64`, Steele and others 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }

    fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }
}

/// What the model knows of one filing.
struct Filer {
    who: Applicant,
    subject: String,
    /// Since when the site has been broken, or not.
    truth: Vec<(Timestamp, bool)>,
    /// The latest deadline that was shown of each finding.
    due: BTreeMap<String, Timestamp>,
    /// Findings that were released.
    released: BTreeSet<String>,
    /// Until when staff exempted the site.
    exempt_until: Option<Timestamp>,
    appeal_waits: bool,
    /// The order in review, and how many there were.
    order: Option<(String, Option<u64>)>,
    orders: u32,
    /// Link versions that were stopped.
    stopped: BTreeSet<u64>,
    link: String,
}

struct Life {
    stage: Stage,
    chance: Chance,
    filers: Vec<Filer>,
    heard: usize,
    calls: u64,
    log: Vec<String>,
}

impl Life {
    async fn begun(seed: u64, filers: u32) -> Self {
        let now = "2026-03-02T02:00:00Z".parse().unwrap();
        let stage = Stage::start(Stage::template(), now).await.unwrap();
        let mut life = Self {
            stage,
            chance: Chance(seed),
            filers: Vec::new(),
            heard: 0,
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
                appeal_waits: false,
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
    async fn ask(
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

    /// Something happens to one filing, or nothing.
    async fn something(&mut self) {
        let at = usize::try_from(self.chance.below(self.filers.len() as u64)).unwrap();
        let (account, domain) = {
            let who = &self.filers[at].who;
            (who.account.clone(), who.domain.clone())
        };
        match self.chance.below(14) {
            0 | 1 => self.site(at, ELSEWHERE, &domain).await,
            2 => self.site(at, OURS, &domain).await,
            3 => drop(self.of_case(at, "rechecks", None).await),
            4 => {
                let body = json!({ "days": 3, "reason": "出差" });
                self.of_finding(at, "extensions", body).await;
            }
            5 => self.appeal(at).await,
            6 => self.order(at, &account).await,
            7 => self.exempt(at).await,
            8 => self.object(at).await,
            9 => self.strike(),
            10 => {
                let minutes = if self.chance.one_in(2) { 10 } else { -10 };
                let now = self.stage.now() + SignedDuration::from_mins(minutes);
                self.stage.deployment.set_clock(now).await.unwrap();
            }
            _ => {}
        }
        self.staff_work().await;
    }

    async fn site(&mut self, at: usize, address: std::net::Ipv4Addr, domain: &str) {
        self.stage.sites.point(domain, address).await;
        let (now, broken) = (self.stage.now(), address == ELSEWHERE);
        self.filers[at].truth.push((now, broken));
        self.log.push(format!("{now} {domain} broken: {broken}"));
    }

    /// Three calls in a row fail, as many as the SDK tries, somewhere ahead.
    fn strike(&mut self) {
        let faults = self.stage.deployment.faults();
        let first = faults.calls() + 1 + self.chance.below(60);
        let lost = self.chance.one_in(2);
        for call in first..first + 3 {
            let fault = if lost {
                Fault::ReplyLost
            } else {
                Fault::Refused
            };
            faults.on(call, fault);
        }
    }

    /// The newest case of a filing, read in spite of what else goes wrong.
    async fn newest(&self, at: usize) -> Option<Json> {
        let faults = self.stage.deployment.faults();
        let paused = faults.pause();
        let case = case_of(&self.stage, &self.filers[at].who.account).await;
        faults.resume(paused);
        case
    }

    async fn case(&self, at: usize) -> Option<Json> {
        let case = self.newest(at).await?;
        case["open"].as_bool().unwrap_or_default().then_some(case)
    }

    async fn of_case(&mut self, at: usize, step: &str, body: Option<Json>) -> Option<u16> {
        let case = self.case(at).await?;
        let route = format!("POST /cases/{}/{step}", case["id"].as_str()?);
        let account = self.filers[at].who.account.clone();
        let version = case["version"].as_u64();
        Some(
            self.ask("filer", &account, &route, version, body)
                .await
                .status,
        )
    }

    async fn of_finding(&mut self, at: usize, step: &str, mut body: Json) -> Option<u16> {
        let case = self.case(at).await?;
        body["finding"] = case["findings"][0]["id"].clone();
        self.of_case(at, step, Some(body)).await
    }

    async fn decide(&mut self, case: &Json, step: &str, body: Json) -> u16 {
        let route = format!("POST /review/cases/{}/{step}", case["id"].as_str().unwrap());
        let version = case["version"].as_u64();
        self.ask("reviewer", "staff", &route, version, Some(body))
            .await
            .status
    }

    async fn appeal(&mut self, at: usize) {
        let made = self
            .of_finding(at, "appeals", json!({ "reason": "源站在贵司" }))
            .await;
        if made == Some(202) {
            self.filers[at].appeal_waits = true;
        }
    }

    async fn order(&mut self, at: usize, account: &str) {
        // Two orders hold a case at most: more would be the caps' story.
        if self.filers[at].order.is_some() || 1 < self.filers[at].orders {
            return;
        }
        let wish = json!({ "kind": "change", "subject": self.filers[at].subject,
            "draft": self.filers[at].who.draft() });
        let drafted = self
            .ask("filer", account, "POST /orders", None, Some(wish))
            .await;
        let Some(order) = drafted.body["id"].as_str() else {
            return;
        };
        let route = format!("POST /orders/{order}/submission");
        let submitted = self
            .ask("filer", account, &route, drafted.version, None)
            .await;
        if submitted.status == 200 {
            self.filers[at].orders += 1;
            self.filers[at].order = Some((order.to_owned(), submitted.version));
        }
    }

    async fn exempt(&mut self, at: usize) {
        if !self.chance.one_in(4) {
            return;
        }
        let Some(case) = self.case(at).await else {
            return;
        };
        let until = self.stage.now() + SignedDuration::from_hours(24 * 10);
        let body = json!({ "finding": case["findings"][0]["id"], "until": until, "reason": "省局同意暂缓" });
        if self.decide(&case, "exemptions", body).await == 202 {
            self.filers[at].exempt_until = Some(until);
        }
    }

    async fn object(&mut self, at: usize) {
        let made = self
            .of_case(at, "objections", Some(json!({ "reason": "不服" })))
            .await;
        if made == Some(202)
            && let Some(case) = self.case(at).await
        {
            let granted = self.chance.one_in(2);
            let body = json!({ "granted": granted, "reason": "已核实" });
            self.decide(&case, "objection-decisions", body).await;
        }
    }

    /// Staff release what is condemned, decide appeals, and return orders, each at times.
    async fn staff_work(&mut self) {
        for at in 0..self.filers.len() {
            if self.filers[at].appeal_waits
                && self.chance.one_in(4)
                && let Some(case) = self.case(at).await
            {
                let granted = self.chance.one_in(4);
                let body = json!({ "finding": case["findings"][0]["id"], "granted": granted, "reason": "已核实" });
                if self.decide(&case, "appeal-decisions", body).await == 202 {
                    self.filers[at].appeal_waits = false;
                }
            }
            if self.chance.one_in(6)
                && let Some((order, version)) = self.filers[at].order.clone()
            {
                let route = format!("POST /review/orders/{order}/decisions");
                let body = json!({ "decision": "return", "reasons": [
                    { "field": "/subject/name", "error": "名称不清", "suggestion": "请核对" }] });
                let returned = self
                    .ask("reviewer", "staff", &route, version, Some(body))
                    .await;
                if returned.status == 200 {
                    let route = format!("POST /orders/{order}/withdrawal");
                    let account = self.filers[at].who.account.clone();
                    self.ask("filer", &account, &route, returned.version, None)
                        .await;
                    self.filers[at].order = None;
                }
            }
            if self.chance.one_in(2)
                && let Some(case) = self.case(at).await
                && case["findings"][0]["state"]["state"] == "condemned"
                && case["findings"][0]["state"]["release"].is_null()
            {
                let finding = &case["findings"][0];
                let looks = finding["state"]["looks"].as_array().unwrap();
                let body = json!({ "findings": [{ "case": case["id"], "finding": finding["id"],
                    "look": looks.last().unwrap()["look"] }] });
                let released = self
                    .ask(
                        "operator",
                        "ops",
                        "POST /operations/releases",
                        None,
                        Some(body),
                    )
                    .await;
                if !released.body["released"].as_array().unwrap().is_empty() {
                    let id = finding["id"].as_str().unwrap().to_owned();
                    self.filers[at].released.insert(id);
                }
            }
        }
    }

    /// What the service shows now, held against what the model knows.
    async fn observe(&mut self) {
        let topic = self.stage.deployment.topic_messages();
        let new = topic[self.heard..].to_vec();
        self.heard = topic.len();
        for message in new {
            let told: Json = serde_json::from_str(&message.message).unwrap();
            let subject = told["subject"].as_str().unwrap();
            let version = told["linkVersion"].as_u64().unwrap();
            let at = self
                .filers
                .iter()
                .position(|filer| filer.subject == subject)
                .unwrap();
            let route = format!("POST /access-changes/{subject}.1/{version}/acknowledgements");
            self.ask("operator", "ops", &route, None, None).await;
            if told["change"] == "AccessStopped" && self.filers[at].stopped.insert(version) {
                let stopped_at: Timestamp = told["at"].as_str().unwrap().parse().unwrap();
                self.may_be_stopped(at, stopped_at).await;
            }
        }
        for at in 0..self.filers.len() {
            let case = self.newest(at).await;
            for finding in case
                .iter()
                .flat_map(|case| case["findings"].as_array().unwrap())
            {
                let id = finding["id"].as_str().unwrap().to_owned();
                let Some(due) = finding["dueAt"].as_str() else {
                    continue;
                };
                let due: Timestamp = due.parse().unwrap();
                let before = self.filers[at].due.insert(id, due);
                assert!(
                    before.is_none_or(|before| before <= due),
                    "a deadline moved from {before:?} to {due}\n{}",
                    self.log.join("\n")
                );
            }
            self.link_changed(at).await;
        }
    }

    /// Nothing but a stop, a won objection, staff, and the bureau changes a link.
    async fn link_changed(&mut self, at: usize) {
        let filer = &self.filers[at];
        let route = format!("GET /filings/{}", filer.subject);
        let account = filer.who.account.clone();
        let read = self.ask("filer", &account, &route, None, None).await;
        let link = read.body["services"][0]["link"]["state"].as_str();
        let link = link
            .unwrap_or_else(|| panic!("{read:#?}\n{}", self.log.join("\n")))
            .to_owned();
        let before = std::mem::replace(&mut self.filers[at].link, link.clone());
        let may_follow = match before.as_str() {
            "live" => ["live", "stopped"].as_slice(),
            "stopped" => ["stopped", "live", "reported"].as_slice(),
            "reported" => ["reported", "stopped", "cancelled"].as_slice(),
            _ => ["cancelled"].as_slice(),
        };
        assert!(
            may_follow.contains(&link.as_str()),
            "{before} -> {link}\n{}",
            self.log.join("\n")
        );
    }

    /// Whether the model lets the access of a filing be stopped at an instant.
    async fn may_be_stopped(&mut self, at: usize, stopped_at: Timestamp) {
        let log = self.log.join("\n");
        let filer = &self.filers[at];
        let who = &filer.who.domain;
        let case = self.newest(at).await.unwrap();
        let finding = &case["findings"][0];
        let id = finding["id"].as_str().unwrap();
        assert!(!finding["notifiedAt"].is_null(), "{who}: unnoticed\n{log}");
        let due = filer.due[id];
        assert!(
            due <= stopped_at,
            "{who}: early: {stopped_at} before {due}\n{log}"
        );
        assert!(
            !filer.appeal_waits,
            "{who}: an appeal waits at {stopped_at}\n{log}"
        );
        assert!(
            filer.order.is_none(),
            "{who}: an order holds it at {stopped_at}\n{log}"
        );
        assert!(
            filer.exempt_until.is_none_or(|until| until <= stopped_at),
            "{who}: exempt\n{log}"
        );
        assert!(filer.released.contains(id), "{who}: not released\n{log}");
        let rulebook = self.stage.rulebook;
        let in_window = in_stop_window(stopped_at, &rulebook.policy.brake, &rulebook.calendar);
        assert!(in_window, "{who}: at {stopped_at}\n{log}");
        let looks: Vec<(Timestamp, &str)> = case["evidence"]
            .as_array()
            .unwrap()
            .iter()
            .map(|kept| &kept["evidence"])
            .filter(|evidence| evidence["look"]["purpose"] == "last-look")
            .map(|evidence| {
                let begun: Timestamp = evidence["begunAt"].as_str().unwrap().parse().unwrap();
                (begun, evidence["look"]["plan"]["vantage"].as_str().unwrap())
            })
            .filter(|(begun, _)| due <= *begun && *begun <= stopped_at)
            .collect();
        let apart = SignedDuration::from_hours(1);
        let fresh = stopped_at - SignedDuration::from_hours(4);
        let two = looks.iter().any(|(later, there)| {
            fresh <= *later
                && looks
                    .iter()
                    .any(|(first, here)| *first + apart <= *later && here != there)
        });
        assert!(
            two,
            "{who}: {looks:?} for a stop at {stopped_at}, due {due}\n{log}"
        );
        for (begun, _) in looks {
            let broken = filer.truth.iter().rev().find(|(since, _)| *since <= begun);
            assert!(broken.unwrap().1, "{who}: kept at {begun}\n{log}");
        }
    }
}

/// One life of some filings, from a seed.
async fn live(seed: u64, days: i64) -> usize {
    let mut life = Life::begun(seed, 3).await;
    let end = life.stage.now() + SignedDuration::from_hours(24 * days);
    while life.stage.now() < end {
        if life.chance.one_in(2) {
            life.something().await;
        } else {
            life.staff_work().await;
        }
        life.observe().await;
        // Mostly some hours; at times an outage of more than a day.
        let hours = if life.chance.one_in(40) {
            30
        } else {
            1 + life.chance.below(5)
        };
        let step = SignedDuration::from_hours(i64::try_from(hours).unwrap());
        life.stage.pass(step, step).await.unwrap();
        life.observe().await;
    }
    life.stage.deployment.faults().clear();
    let checks = life
        .ask(
            "operator",
            "ops",
            "GET /operations/history-checks/filed",
            None,
            None,
        )
        .await;
    for verdict in checks.body["items"].as_array().unwrap() {
        assert!(verdict["broken"].is_null(), "{verdict:#}");
    }
    crate::planted::is_nowhere(&life.stage.deployment);
    life.filers.iter().map(|filer| filer.stopped.len()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_nothing_is_stopped_that_may_not_be() {
    let many = option_env!("ICP_RANDOM_SEEDS").map_or(1, |many| many.parse().unwrap());
    let seeds = 1..=many;
    let mut stops = 0;
    for seed in seeds {
        stops += live(seed, 40).await;
    }
    assert!(0 < stops, "lives in which nothing is stopped test nothing");
}
