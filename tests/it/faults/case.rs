//! The way of a case from its first broken look to the stop and back: each part is played again from
//! where the part before it ended, with every fault on every call of it that can show it, and with
//! every event twice.

use std::path::PathBuf;
use std::sync::Arc;

use icp_domain::brake::in_stop_window;
use icp_local::stage::{Applicant, Ask, ELSEWHERE, Stage};
use icp_local::{Call, Fault, Interloper, Place};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::copied;
use crate::table::Table;
use crate::world::case_of;

/// What has been come to, for comparison: nothing of when.
#[derive(Debug, Clone, PartialEq)]
struct End {
    link: Json,
    findings: Vec<Json>,
    clock: Json,
    steps: Vec<String>,
    sms: Vec<String>,
    access: Vec<String>,
    quarantined: usize,
}

/// A part of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    FirstBrokenLook,
    Confirmed,
    Told,
    Reminded,
    PeriodOver,
    Condemned,
    Released,
    LookedAtAgain,
    Stopped,
    Reinstated,
    ObjectionUpheld,
    Voided,
    Reported,
    Cancelled,
}

/// Up to the stop.
const PARTS: [Part; 9] = [
    Part::FirstBrokenLook,
    Part::Confirmed,
    Part::Told,
    Part::Reminded,
    Part::PeriodOver,
    Part::Condemned,
    Part::Released,
    Part::LookedAtAgain,
    Part::Stopped,
];

/// What may come of a stop.
const AFTER_STOP: [&[Part]; 4] = [
    &[Part::Reinstated],
    &[Part::ObjectionUpheld],
    &[Part::Voided],
    &[Part::Reported, Part::Cancelled],
];

/// What strikes the writes of what comes of a stop.
const AFTER: [Blow; 3] = [Blow::Refused, Blow::ReplyLost, Blow::Overtaken];

/// Times that a part is tried before its failure counts as one: a message that failed is hidden for
/// six minutes, and a look that was lost is sent again after fifteen.
const PATIENCE: u32 = 6;
const BETWEEN: SignedDuration = SignedDuration::from_mins(7);

/// A stage at a point of the way.
struct Way {
    stage: Stage,
    who: Applicant,
    subject: String,
}

impl Way {
    /// An approved filing whose site has moved away.
    async fn begun(place: Place) -> Self {
        let now = "2026-03-02T02:00:00Z".parse().unwrap();
        let stage = Stage::start_in(Stage::template(), now, place)
            .await
            .unwrap();
        let who = Applicant::new(1, "one.cn");
        stage.sites.point(&who.domain, ELSEWHERE).await;
        let good = |route: &str, answer: &icp_local::stage::Answer| {
            assert!(answer.status < 400, "{route}: {answer:#?}");
        };
        let filed = stage.file(&who, good).await.unwrap();
        let way = Self {
            stage,
            who,
            subject: filed.subject,
        };
        way.acknowledge(1).await;
        way
    }

    /// Goes on from where another ended.
    async fn from(snapshot: &Snapshot, place: Place) -> Self {
        let stage = Stage::start_in(Stage::template(), snapshot.at, place);
        let stage = stage.await.unwrap();
        let who = Applicant::new(1, "one.cn");
        stage.sites.point(&who.domain, ELSEWHERE).await;
        Self {
            stage,
            who,
            subject: snapshot.subject.clone(),
        }
    }

    /// Moves the clock to where the part begins. Nothing runs meanwhile: only what the part itself
    /// asks for.
    async fn set_out(&self, part: Part) {
        let now = self.stage.now();
        let clock = self.clock_row().await;
        let instant = |value: &Json| value.as_str().unwrap().parse::<Timestamp>().unwrap();
        let hours = SignedDuration::from_hours;
        let begins = match part {
            Part::FirstBrokenLook | Part::Confirmed => {
                instant(&clock["nextAuditAt"]) + SignedDuration::from_mins(3)
            }
            // The first 10:00 that is twelve hours later: 02:00 UTC.
            Part::Told => next_at_two(now + hours(12)),
            Part::Reminded => {
                let finding = self.finding().await;
                let (told, due) = (instant(&finding["notifiedAt"]), instant(&finding["dueAt"]));
                told + due.duration_since(told) / 2 + SignedDuration::from_mins(1)
            }
            // The last reminders come before it: an index lags by minutes, and not by days.
            Part::PeriodOver => {
                let due = instant(&self.finding().await["dueAt"]);
                self.stage.deployment.clock().set(due - hours(8));
                self.try_to(Part::PeriodOver).await;
                due
            }
            Part::Condemned => now + SignedDuration::from_mins(65),
            Part::LookedAtAgain => {
                let rulebook = self.stage.rulebook;
                let open = |at: &Timestamp| {
                    in_stop_window(*at, &rulebook.policy.brake, &rulebook.calendar)
                };
                let days = (0..20).map(|day| next_at_two(now) + hours(24 * day));
                days.into_iter().find(open).unwrap()
            }
            Part::Stopped => now + SignedDuration::from_mins(10),
            // Ten working days after the front ends did it are over.
            Part::Reported => {
                self.acknowledge(2).await;
                next_at_two(now) + hours(24 * 20)
            }
            Part::Released
            | Part::Reinstated
            | Part::ObjectionUpheld
            | Part::Voided
            | Part::Cancelled => now,
        };
        self.stage.deployment.clock().set(begins);
    }

    /// Tries the part until it is come to.
    async fn come_to(&self, part: Part) {
        for _ in 0..PATIENCE {
            self.try_to(part).await;
            if self.is_there(part).await {
                return;
            }
            self.stage.deployment.clock().advance(BETWEEN);
        }
        let failures = self.stage.deployment.failures();
        panic!("it did not come to {part:?}: {failures:#?}");
    }

    async fn try_to(&self, part: Part) {
        match part {
            Part::FirstBrokenLook | Part::Confirmed => self.tick("schedule-audits").await,
            Part::Told => self.tick("deliver-notices").await,
            Part::Reminded => {
                self.tick("expire-deadlines").await;
                // Half time may come at night; the reminder goes out by day.
                let clock = self.stage.deployment.clock();
                clock.set(next_at_two(self.stage.now()));
                self.tick("deliver-notices").await;
            }
            Part::PeriodOver | Part::Condemned | Part::LookedAtAgain | Part::Stopped => {
                self.tick("expire-deadlines").await;
                self.tick("deliver-notices").await;
            }
            Part::Released => {
                self.release().await;
                // The tick after it puts the case off until the stop window opens.
                self.tick("expire-deadlines").await;
            }
            Part::Reinstated => {
                let route = format!(
                    "POST /review/filings/{}/services/1/reinstatements",
                    self.subject
                );
                self.ask("reviewer", &route, None).await;
                self.tick("deliver-notices").await;
            }
            Part::ObjectionUpheld => {
                let reason = json!({ "reason": "解析一直在贵司" });
                self.act("filer", "objections", reason).await;
                let upheld = json!({ "granted": true, "reason": "解析记录属实" });
                self.act("reviewer", "objection-decisions", upheld).await;
                self.sweeps().await;
            }
            Part::Voided => {
                let terms = json!({ "rule": "ICP-402", "reason": "地址文件有误" });
                self.ask("operator", "POST /operations/voids", Some(terms))
                    .await;
                self.sweeps().await;
                self.confirm_void().await;
                self.sweeps().await;
            }
            Part::Reported => self.sweeps().await,
            Part::Cancelled => {
                let answer = json!({ "answer": "cancelled", "reason": "见管局系统" });
                self.act("reviewer", "report-answers", answer).await;
                self.sweeps().await;
            }
        }
        self.stage.deployment.settle().await.unwrap();
    }

    /// Minutes in which a walk over links or cases goes its way, and tells of it.
    async fn sweeps(&self) {
        for _ in 0..2 {
            self.tick("expire-deadlines").await;
            self.stage
                .deployment
                .clock()
                .advance(SignedDuration::from_mins(1));
        }
        self.tick("deliver-notices").await;
    }

    /// An act on the newest case. What was done by a try before is refused now, and done all the same.
    async fn act(&self, role: &str, step: &str, body: Json) {
        let ordered = self.stage.deployment.faults().pause();
        let case = case_of(&self.stage, &self.who.account).await.unwrap();
        self.stage.deployment.faults().resume(ordered);
        let id = case["id"].as_str().unwrap();
        let (account, route) = if role == "filer" {
            (
                self.who.account.as_str(),
                format!("POST /cases/{id}/{step}"),
            )
        } else {
            ("staff", format!("POST /review/cases/{id}/{step}"))
        };
        let ask = Ask {
            role: Some(role),
            account,
            route: &route,
            key: Some(step),
            version: case["version"].as_u64(),
            body: Some(body),
        };
        self.stage.ask(ask).await.unwrap();
    }

    /// The second person confirms the void, once it is counted.
    async fn confirm_void(&self) {
        let ordered = self.stage.deployment.faults().pause();
        let voids = "GET /operations/voids";
        let voids = self.stage.staff("auditor", voids, None, None).await;
        let void = voids.unwrap().body["items"][0].clone();
        self.stage.deployment.faults().resume(ordered);
        let Some(id) = void["id"].as_str() else {
            return;
        };
        let route = format!("POST /operations/voids/{id}/confirmations");
        let ask = Ask {
            role: Some("operator"),
            account: "second",
            route: &route,
            key: Some("confirm"),
            version: void["version"].as_u64(),
            body: None,
        };
        self.stage.ask(ask).await.unwrap();
    }

    /// One call of a function's minute schedule. That it failed is for the next one to mend.
    async fn tick(&self, function: &str) {
        let event = json!({ "version": "0", "detail-type": "Scheduled Event", "detail": {} });
        if self.stage.deployment.delivers_twice() {
            let _died = self.stage.deployment.invoke(function, event.clone()).await;
        }
        let _failed = self.stage.deployment.invoke(function, event).await;
        self.stage.deployment.settle().await.unwrap();
    }

    async fn release(&self) {
        let ordered = self.stage.deployment.faults().pause();
        let finding = self.finding().await;
        let case = case_of(&self.stage, &self.who.account).await.unwrap();
        self.stage.deployment.faults().resume(ordered);
        let looks = finding["state"]["looks"].as_array().unwrap();
        let body = json!({ "findings": [{ "case": case["id"], "finding": finding["id"],
            "look": looks.last().unwrap()["look"] }]});
        self.ask("operator", "POST /operations/releases", Some(body))
            .await;
    }

    /// Asks; an answer of 5xx is asked for again by the next try, with the same key.
    async fn ask(&self, role: &str, route: &str, body: Option<Json>) {
        let ask = Ask {
            role: Some(role),
            account: "staff",
            route,
            key: Some("way"),
            version: None,
            body,
        };
        let answer = self.stage.ask(ask).await.unwrap();
        assert!(
            answer.status < 400 || 500 <= answer.status,
            "{route}: {answer:#?}"
        );
    }

    async fn acknowledge(&self, version: u64) {
        let route = format!(
            "POST /access-changes/{}.1/{version}/acknowledgements",
            self.subject
        );
        self.ask("operator", &route, None).await;
    }

    /// Whether the part is come to. Reads as staff do, and with faults out of the way.
    async fn is_there(&self, part: Part) -> bool {
        let ordered = self.stage.deployment.faults().pause();
        let there = match part {
            Part::FirstBrokenLook => {
                let clock = self.clock_row().await;
                clock["suspicions"]
                    .as_array()
                    .is_some_and(|all| !all.is_empty())
            }
            Part::Confirmed => case_of(&self.stage, &self.who.account).await.is_some(),
            Part::Told => self.finding().await["notifiedAt"].is_string(),
            Part::Reminded => self.was_told("提醒"),
            Part::PeriodOver => {
                let state = self.finding().await["state"].clone();
                state["broken"].is_object()
            }
            Part::Condemned => self.finding().await["state"]["state"] == "condemned",
            Part::Released => self.finding().await["state"]["release"].is_object(),
            Part::LookedAtAgain => {
                let state = self.finding().await["state"].clone();
                let last = state["looks"]
                    .as_array()
                    .and_then(|looks| looks.last()?["begunAt"].as_str());
                let fresh = self.stage.now() - SignedDuration::from_hours(2);
                last.is_some_and(|last| fresh < last.parse::<Timestamp>().unwrap())
                    && state["asked"].is_null()
            }
            Part::Stopped => self.was_published("AccessStopped") && self.was_told("已被停止接入"),
            Part::Reinstated => {
                self.was_published("AccessReinstated") && self.was_told("已恢复接入")
            }
            Part::ObjectionUpheld => {
                self.was_published("AccessReinstated") && self.was_told("异议成立")
            }
            Part::Voided => self.was_published("AccessReinstated") && self.was_told("更正"),
            Part::Reported => self.finding().await["state"]["state"] == "reported",
            Part::Cancelled => self.finding().await["state"]["why"] == "cancelled",
        };
        self.stage.deployment.faults().resume(ordered);
        there
    }

    /// Texts, each once, in no order: of two of one minute either may be held up by a fault.
    fn told(&self) -> Vec<String> {
        let sent = self.stage.deployment.sms().into_iter();
        let mut told = once(sent.map(|sms| without_codes(&sms.text)));
        told.sort();
        told
    }

    fn was_told(&self, words: &str) -> bool {
        let sms = self.stage.deployment.sms();
        sms.iter().any(|sms| sms.text.contains(words))
    }

    fn was_published(&self, change: &str) -> bool {
        let messages = self.stage.deployment.topic_messages();
        messages
            .iter()
            .any(|message| message.message.contains(change))
    }

    /// The first finding as staff see it.
    async fn finding(&self) -> Json {
        let Some(case) = case_of(&self.stage, &self.who.account).await else {
            return Json::Null;
        };
        let route = format!("GET /review/cases/{}", case["id"].as_str().unwrap());
        let read = self
            .stage
            .staff("auditor", &route, None, None)
            .await
            .unwrap();
        read.body["findings"][0].clone()
    }

    async fn clock_row(&self) -> Json {
        let table = Table::of(&self.stage);
        table
            .row(&format!("SUBJECT#{}", self.subject), "CLOCK#1")
            .await
    }

    async fn end(&self) -> End {
        self.stage.deployment.faults().clear();
        let filing = format!("GET /filings/{}", self.subject);
        let filing = self
            .stage
            .filer(&self.who.account, &filing, None, None)
            .await;
        let filing = filing.unwrap().body;
        let history = format!("GET /review/filings/{}/history", self.subject);
        let history = self
            .stage
            .staff("auditor", &history, None, None)
            .await
            .unwrap();
        assert_eq!(history.body["whole"], true);
        let steps = history.body["items"].as_array().unwrap().iter();
        let case = case_of(&self.stage, &self.who.account).await;
        let findings = case.map(|case| case["findings"].as_array().unwrap().clone());
        let clock = self.clock_row().await;
        let quarantine = "GET /operations/quarantine";
        let aside = self
            .stage
            .staff("operator", quarantine, None, None)
            .await
            .unwrap();
        for queue in [
            "LooksUnreadable",
            "EvidenceDeadLetters",
            "StreamDeadLetters",
        ] {
            let dead = self.stage.deployment.queued(queue).unwrap();
            assert!(dead.is_empty(), "{queue}: {dead:#?}");
        }
        End {
            link: json!([
                filing["services"][0]["link"]["state"],
                filing["services"][0]["linkVersion"]
            ]),
            findings: findings.iter().flatten().map(told_apart).collect(),
            clock: json!([
                clock["suspicions"].as_array().map(Vec::len),
                clock["openCase"].is_string()
            ]),
            steps: steps
                .map(|entry| entry["what"].as_str().unwrap().to_owned())
                .collect(),
            sms: self.told(),
            access: once(
                self.stage
                    .deployment
                    .topic_messages()
                    .into_iter()
                    .map(|message| {
                        let body: Json = serde_json::from_str(&message.message).unwrap();
                        format!("{} {}", body["change"], body["linkVersion"])
                    }),
            ),
            quarantined: aside.body["items"].as_array().unwrap().len(),
        }
    }
}

/// What of a finding must not depend on what failed: not when, and not after how many looks.
fn told_apart(finding: &Json) -> Json {
    let state = &finding["state"];
    json!({
        "rule": finding["rule"], "level": finding["level"], "state": state["state"],
        "why": state["why"], "told": finding["notifiedAt"].is_string(),
        "released": state["release"].is_object(),
    })
}

/// Texts in order, one that came again right away once: a reply that was lost lets a message be sent
/// twice, with the same reference.
fn once(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<String> = texts.collect();
    texts.dedup();
    texts
}

fn without_codes(text: &str) -> String {
    let is_code = text.contains("验证码");
    text.chars()
        .filter(|c| !is_code || !c.is_ascii_digit())
        .collect()
}

/// The next 02:00 UTC, which is 10:00 in Shanghai.
fn next_at_two(after: Timestamp) -> Timestamp {
    let text = after.to_string();
    let two: Timestamp = format!("{}T02:00:00Z", &text[..10]).parse().unwrap();
    if after <= two {
        two
    } else {
        two + SignedDuration::from_hours(24)
    }
}

/// Where a part begins: the data directory as it was, and the clock.
struct Snapshot {
    directory: TempDir,
    at: Timestamp,
    subject: String,
}

/// What goes wrong in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blow {
    /// The call and its two retries are refused.
    Refused,
    /// The call is carried out and its reply is lost; the retry meets what it did.
    ReplyLostOnce,
    /// It is carried out and neither reply nor retries come through.
    ReplyLost,
    /// Another transaction holds the row.
    Contended,
    /// The index does not show the row yet.
    Stale,
    /// The batch hands everything back.
    Partly,
    /// Somebody else writes the same rows just before.
    Overtaken,
}

impl Blow {
    const ALL: [Self; 7] = [
        Self::Refused,
        Self::ReplyLostOnce,
        Self::ReplyLost,
        Self::Contended,
        Self::Stale,
        Self::Partly,
        Self::Overtaken,
    ];

    /// Whether the blow shows anything on this call. A reply that is lost of a read is a refused read,
    /// and who comes before a read came before it all.
    fn meets(self, call: &Call) -> bool {
        let writes = is_write(call);
        match self {
            Self::Refused => true,
            Self::ReplyLostOnce | Self::ReplyLost | Self::Contended | Self::Overtaken => writes,
            Self::Stale => call.operation == "Query" && call.resource.contains('/'),
            Self::Partly => call.operation == "BatchGetItem",
        }
    }

    fn times(self) -> u64 {
        match self {
            Self::Refused | Self::ReplyLost => 3,
            Self::ReplyLostOnce
            | Self::Contended
            | Self::Stale
            | Self::Partly
            | Self::Overtaken => 1,
        }
    }

    fn fault(self, way: &Way) -> Fault {
        match self {
            Self::Refused => Fault::Refused,
            Self::ReplyLostOnce | Self::ReplyLost => Fault::ReplyLost,
            Self::Contended => Fault::Contended,
            Self::Stale => Fault::Stale,
            Self::Partly => Fault::Partly,
            Self::Overtaken => Fault::Overtaken(interloper(way)),
        }
    }
}

fn is_write(call: &Call) -> bool {
    !matches!(
        call.operation.as_str(),
        "GetItem" | "BatchGetItem" | "Query"
    )
}

/// Another writer of the same filing and case, who changes nothing but their versions.
fn interloper(way: &Way) -> Interloper {
    let (stage, subject) = (way.stage.clone(), way.subject.clone());
    Arc::new(move || {
        let (stage, subject) = (stage.clone(), subject.clone());
        Box::pin(async move {
            let table = Table::of(&stage);
            let partition = format!("SUBJECT#{subject}");
            table.touch(&partition, "HEAD").await;
            table.touch(&partition, "CLOCK#1").await;
            let clock = table.row(&partition, "CLOCK#1").await;
            if let Some(case) = clock["openCase"].as_str() {
                table.touch(&format!("CASE#{case}"), "HEAD").await;
            }
        })
    })
}

/// Plays a part from a snapshot. Gives the stage, whose clock stands where the part ended.
async fn play(snapshot: &Snapshot, part: Part, blow: Option<(Blow, u64)>) -> (Way, TempDir) {
    let directory = copied(snapshot.directory.path());
    let place = Place::Directory(PathBuf::from(directory.path()));
    let way = Way::from(snapshot, place).await;
    way.set_out(part).await;
    way.stage.deployment.journal().take();
    if let Some((blow, nth)) = blow {
        for call in nth..nth + blow.times() {
            way.stage.deployment.faults().on(call, blow.fault(&way));
        }
    }
    way.come_to(part).await;
    (way, directory)
}

/// The calls that a part makes to the table when nothing goes wrong, until it is come to.
async fn calls_of(snapshot: &Snapshot, part: Part) -> Vec<Call> {
    let directory = copied(snapshot.directory.path());
    let place = Place::Directory(PathBuf::from(directory.path()));
    let way = Way::from(snapshot, place).await;
    way.set_out(part).await;
    way.stage.deployment.journal().take();
    way.try_to(part).await;
    let calls = way.stage.deployment.journal().take();
    let to_table = calls.into_iter().filter(|call| call.service == "dynamodb");
    to_table.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_fails_on_the_way_of_a_case_it_comes_to_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let begun = Way::begun(Place::Directory(PathBuf::from(directory.path()))).await;
    let mut snapshot = Arc::new(Snapshot {
        at: begun.stage.now(),
        subject: begun.subject.clone(),
        directory: copied(directory.path()),
    });
    drop(begun);
    for part in PARTS {
        snapshot = struck(snapshot, part).await;
    }
    for parts in AFTER_STOP {
        let mut snapshot = Arc::clone(&snapshot);
        for part in parts {
            snapshot = struck(snapshot, *part).await;
        }
    }
}

/// Plays a part with every blow on every call that it meets. Gives where the part ends.
async fn struck(snapshot: Arc<Snapshot>, part: Part) -> Arc<Snapshot> {
    let (calm, kept) = play(&snapshot, part, None).await;
    let expected = calm.end().await;
    let calls = calls_of(&snapshot, part).await;
    assert!(3 < calls.len(), "{part:?} made {} calls", calls.len());
    // What a sweep reads, and what the SDK tries again, is struck on the way to the stop.
    let on_the_way = PARTS.contains(&part);
    let is_struck = |blow: Blow, call: &Call| on_the_way || is_write(call) && AFTER.contains(&blow);
    let mut runs = Vec::new();
    for blow in Blow::ALL {
        for (at, call) in calls.iter().enumerate() {
            if blow.meets(call) && is_struck(blow, call) {
                runs.push((blow, at as u64 + 1));
            }
        }
    }
    for together in runs.chunks(TOGETHER) {
        let played = together.iter().map(|(blow, nth)| {
            let (snapshot, blow, nth) = (Arc::clone(&snapshot), *blow, *nth);
            tokio::spawn(async move {
                let (way, _directory) = play(&snapshot, part, Some((blow, nth))).await;
                way.end().await
            })
        });
        let played = futures::future::join_all(played).await;
        for ((blow, nth), end) in together.iter().zip(played) {
            let end = end.unwrap_or_else(|died| panic!("{part:?}, {blow:?} on {nth}: {died}"));
            assert_eq!(end, expected, "{part:?}: {blow:?} on call {nth}");
        }
    }
    Arc::new(Snapshot {
        at: calm.stage.now(),
        subject: calm.subject.clone(),
        directory: copied(kept.path()),
    })
}

/// Runs at the same time.
const TOGETHER: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn the_way_of_a_case_is_the_same_when_every_event_comes_twice() {
    let mut ends = Vec::new();
    for twice in [false, true] {
        let way = Way::begun(Place::Memory).await;
        if twice {
            way.stage.deployment.deliver_twice();
        }
        for part in PARTS.into_iter().chain([Part::Reinstated]) {
            way.set_out(part).await;
            way.come_to(part).await;
        }
        ends.push(way.end().await);
    }
    assert_eq!(ends[0], ends[1]);
    assert_eq!(ends[0].access.len(), 3, "{:#?}", ends[0]);
}
