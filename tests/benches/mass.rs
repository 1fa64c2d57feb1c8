//! What goes wrong for many at once, at its size: a resolver that fails in the hours in which all of them are looked at
//! for the last time, and a false finding that has stopped every one and is taken back.
//!
//! `cargo bench -p icp-tests --bench mass -- 10000`; results in `docs/PERFORMANCE.md`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measure that cannot go on has failed, and prints what it measured"
)]
#![allow(dead_code, reason = "the base is shared with tests that use all of it")]

#[path = "../it/base.rs"]
mod base;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use icp_domain::import::Column;
use icp_domain::rules::RULES;
use icp_local::stage::{Answer, Ask, ELSEWHERE, Stage};
use icp_use_cases::release::MOST_RELEASED;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

/// The rule whose finding is false: the address that the site leads to is not ours.
const RULE: &str = "ICP-402";

/// Hours that pass at a time, and the minutes after them in which what a tick left due is the next one's.
const STEP: SignedDuration = SignedDuration::from_hours(3);
const TAIL: SignedDuration = SignedDuration::from_mins(15);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let asked = std::env::args().find_map(|n| n.parse().ok());
    runtime.block_on(measure(asked.unwrap_or(100)));
}

async fn measure(many: u32) {
    let begun = Instant::now();
    let stage = with_sites(many).await;
    let mut life = Life { stage, begun };
    // Each is audited once, and not day after day.
    life.pass(SignedDuration::from_hours(30)).await;
    configure(&mut life.stage, 30);
    life.until("told", many, |finding| !finding["dueAt"].is_null())
        .await;

    // The resolver fails from the eve of the first deadline until some hours after the last: every last look decides
    // nothing.
    let due = life.deadlines().await;
    let eve = due.iter().min().copied().unwrap() - SignedDuration::from_hours(12);
    life.pass(eve.duration_since(life.stage.now())).await;
    life.stage.sites.out_of_order(true);
    let until = due.iter().max().copied().unwrap() + SignedDuration::from_hours(6);
    life.pass(until.duration_since(life.stage.now())).await;
    let states = life.states().await;
    let looking = BTreeMap::from([("last-look".to_owned(), many)]);
    assert_eq!(states, looking, "something was condemned by nothing");
    life.says("the resolver failed over every deadline: nothing condemned");
    life.stage.sites.out_of_order(false);

    life.until("condemned", many, |finding| {
        finding["state"]["state"] == "condemned"
    })
    .await;
    life.release().await;
    life.until("stopped", many, |finding| {
        finding["state"]["state"] == "stopped"
    })
    .await;
    let mails = life.stage.deployment.mails().len();
    life.take_back(many).await;
    life.until("closed", many, |finding| finding["state"]["why"] == "void")
        .await;
    life.pass(SignedDuration::from_hours(48)).await;
    life.each_is_as_before(many, mails).await;
    assert_eq!(life.stage.deployment.failures(), []);
}

/// A base of sites that all lead elsewhere, under a brake that lets all of them be stopped in one day.
async fn with_sites(many: u32) -> Stage {
    let now = "2026-03-02T02:00:00Z".parse().unwrap();
    let mut stage = Stage::start(Stage::template(), now).await.unwrap();
    // Audited within a day, so that all deadlines lie close together.
    configure(&mut stage, 1);
    let rows: Vec<_> = (1..=many)
        .map(|n| base::row(n, &[(Column::Access, "是")]))
        .collect();
    base::bring(&stage, "csv", &base::csv(&rows), json!({})).await;
    for n in 1..=many {
        stage.sites.point(&format!("site-{n}.cn"), ELSEWHERE).await;
    }
    stage
}

/// The policy of this life, whose audits come once in so many days. No other rule has a word, so that each case has the
/// one finding; and the brake lets all of them be stopped.
fn configure(stage: &mut Stage, period_days: u32) {
    let others = RULES.iter().filter(|rule| rule.code != RULE);
    let levels: BTreeMap<_, _> = others.map(|rule| (rule.code, "off")).collect();
    let policy = json!({
        "audits": { "periodDays": period_days, "addressesStaleAfterDays": 365, "fetchesPerAuthoritySecond": 1000 },
        "cases": { "lastLookRetryMinutes": 240 },
        "brake": { "shareBasisPoints": 10_000, "most": 100_000, "accountMost": 100_000, "accountShareBasisPoints": 10_000,
            "noticeShareBasisPoints": 10_000, "noticeAtLeast": 10_000 },
        "firstSettings": { "levelOfImports": "enforce", "levelsOfRules": levels },
    });
    stage
        .reconfigure("policy.json", policy.to_string())
        .unwrap();
}

struct Life {
    stage: Stage,
    begun: Instant,
}

impl Life {
    fn says(&self, what: &str) {
        let (at, took) = (self.stage.now(), self.begun.elapsed().as_secs());
        println!("{at} ({took} s): {what}");
    }

    /// Lets time pass. Front ends carry out whatever they are told.
    async fn pass(&mut self, time: SignedDuration) {
        let end = self.stage.now() + time;
        while self.stage.now() < end {
            self.stage.pass(STEP, STEP).await.unwrap();
            self.stage.pass(TAIL, MINUTE).await.unwrap();
        }
    }

    /// Lets time pass until every case's finding is so.
    async fn until(&mut self, what: &str, many: u32, holds: impl Fn(&Json) -> bool) {
        for _ in 0..90 * 8 {
            let cases = self.cases().await;
            let so = cases.iter().filter(|case| holds(&case["findings"][0]));
            let so = u32::try_from(so.count()).unwrap();
            self.says(&format!("{so} {what}"));
            if so == many {
                return;
            }
            self.pass(STEP * 4).await;
        }
        let states = self.states().await;
        panic!("not every one was {what}: {states:?}");
    }

    async fn operator(
        &self,
        who: &str,
        route: &str,
        version: Option<u64>,
        body: Option<Json>,
    ) -> Answer {
        let key = icp_domain::command::hashed("key", &[route, &format!("{body:?}")]);
        let ask = Ask {
            role: Some("operator"),
            account: who,
            route,
            key: Some(&key),
            version,
            body,
        };
        let answer = self.stage.ask(ask).await.unwrap();
        assert!(answer.status < 300, "{route}: {answer:#?}");
        answer
    }

    /// Every case of the base, as its filers read it.
    async fn cases(&self) -> Vec<Json> {
        let mut cases = Vec::new();
        for account in 0..7 {
            let account = format!("base-{account}");
            let mut cursor = String::new();
            loop {
                let route = format!("GET /cases?limit=50{cursor}");
                let page = self
                    .stage
                    .filer(&account, &route, None, None)
                    .await
                    .unwrap();
                cases.extend(page.body["items"].as_array().unwrap().iter().cloned());
                let Some(next) = page.body["next"].as_str() else {
                    break;
                };
                cursor = format!("&cursor={next}");
            }
        }
        cases
    }

    /// How many findings are in each state.
    async fn states(&self) -> BTreeMap<String, u32> {
        let mut states = BTreeMap::new();
        for case in self.cases().await {
            let state = case["findings"][0]["state"]["state"].as_str();
            *states.entry(state.unwrap().to_owned()).or_default() += 1;
        }
        states
    }

    /// Until when each finding must be put right.
    async fn deadlines(&self) -> Vec<Timestamp> {
        let cases = self.cases().await;
        let due = cases
            .iter()
            .map(|case| case["findings"][0]["dueAt"].as_str());
        due.map(|at| at.unwrap().parse().unwrap()).collect()
    }

    /// Lets all that is condemned be stopped, as it is shown.
    async fn release(&self) {
        let mut shown = Vec::new();
        for case in self.cases().await {
            let finding = &case["findings"][0];
            let looks = finding["state"]["looks"].as_array().unwrap();
            let look = &looks.last().unwrap()["look"];
            shown.push(json!({ "case": case["id"], "finding": finding["id"], "look": look }));
        }
        for findings in shown.chunks(MOST_RELEASED) {
            let body = json!({ "findings": findings });
            self.operator("anna", "POST /operations/releases", None, Some(body))
                .await;
        }
        self.says("released");
    }

    /// Takes the finding back, by two people.
    async fn take_back(&mut self, many: u32) {
        let terms = json!({ "rule": RULE, "reason": "地址文件缺少新启用的网段" });
        let begun = self
            .operator("anna", "POST /operations/voids", None, Some(terms))
            .await;
        let id = begun.body["id"].as_str().unwrap();
        let counted = self.stage_of(id, "counted").await;
        assert_eq!(counted.body["counted"]["stopped"], many, "{counted:#?}");
        let confirm = format!("POST /operations/voids/{id}/confirmations");
        self.operator("bert", &confirm, counted.version, None).await;
        let done = self.stage_of(id, "done").await;
        assert_eq!(done.body["voided"]["stopped"], many, "{done:#?}");
    }

    /// The void once it has come so far.
    async fn stage_of(&self, id: &str, stage: &str) -> Answer {
        let route = format!("GET /operations/voids/{id}");
        let mut minutes = 0;
        loop {
            let read = self.operator("anna", &route, None, None).await;
            if read.body["stage"]["stage"] == stage {
                self.says(&format!("the void is {stage} after {minutes} minutes"));
                return read;
            }
            self.stage.pass(MINUTE, MINUTE).await.unwrap();
            minutes += 1;
        }
    }

    /// Access is live everywhere, one stop and one reinstatement were told of each, and each was corrected once.
    async fn each_is_as_before(&self, many: u32, mails: usize) {
        // Nobody acknowledges here, so that each is told again; a change is what has its own link version.
        let mut told: BTreeSet<(String, String, String)> = BTreeSet::new();
        for message in self.stage.deployment.topic_messages() {
            let body: Json = serde_json::from_str(&message.message).unwrap();
            let text = |name: &str| body[name].as_str().unwrap().to_owned();
            told.insert((
                text("change"),
                text("subject"),
                body["linkVersion"].to_string(),
            ));
        }
        for change in ["AccessStopped", "AccessReinstated"] {
            let of = told.iter().filter(|(told, _, _)| told == change);
            let subjects: BTreeSet<&str> =
                of.clone().map(|(_, subject, _)| subject.as_str()).collect();
            assert_eq!(subjects.len(), many as usize, "{change}");
            assert_eq!(of.count(), many as usize, "{change} more than once");
        }
        let mails = self.stage.deployment.mails().split_off(mails);
        let mut corrected: BTreeMap<String, u32> = BTreeMap::new();
        for mail in mails.iter().filter(|mail| mail.subject.contains("更正")) {
            *corrected.entry(mail.to.join(" ")).or_default() += 1;
        }
        let times: Vec<u32> = corrected.into_values().collect();
        assert_eq!(times, vec![1; many as usize], "corrections");
        let brake = self
            .operator("anna", "GET /operations/brake", None, None)
            .await;
        assert_eq!(brake.body["liveLinks"], many, "{:#}", brake.body);
        self.says("each reinstated once, and corrected once");
    }
}
