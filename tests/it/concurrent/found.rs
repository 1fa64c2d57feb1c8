//! The same over what was found by looks, from the end of the period to the stop: each finding is asked about once, each
//! is stopped once or held by what its filer said first, and no act of a filer's is lost.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{join, join_all};
use icp_domain::brake::in_stop_window;
use icp_domain::rules::RULES;
use icp_local::stage::{Ask, ELSEWHERE, Stage};
use icp_use_cases::release::MOST_RELEASED;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use super::AT_ONCE;
use crate::base::{bring, csv, operator, row};
use crate::world::swept;

/// Cases of the test that runs with all others.
const CASES: u32 = 24;

/// The rule that finds them.
const RULE: &str = "ICP-402";

/// Rounds of ten minutes, in each of which many sweep at once: as long as stops are made on a day.
const ROUNDS: u32 = 36;
const ROUND: SignedDuration = SignedDuration::from_mins(10);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const STEP: SignedDuration = SignedDuration::from_hours(3);

/// What filers do, each in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Recheck,
    Appeal,
    Extend,
}

impl Act {
    fn of(n: usize) -> Self {
        [Self::Recheck, Self::Appeal, Self::Extend][n % 3]
    }

    fn step(self) -> &'static str {
        match self {
            Self::Recheck => "rechecks",
            Self::Appeal => "appeals",
            Self::Extend => "extensions",
        }
    }

    fn body(self, finding: &Json) -> Option<Json> {
        match self {
            Self::Recheck => None,
            Self::Appeal => Some(json!({ "finding": finding["id"], "reason": "源站在贵司" })),
            Self::Extend => Some(json!({ "finding": finding["id"], "days": 3, "reason": "出差" })),
        }
    }

    /// Whether a finding shows that it was taken.
    fn stands_on(self, finding: &Json) -> bool {
        match self {
            Self::Recheck => finding["recheckUnderWay"] == true || !finding["rechecked"].is_null(),
            Self::Appeal => finding["appeals"] != json!([]),
            Self::Extend => !finding["extension"].is_null(),
        }
    }
}

/// Whose case it is, and what they do about it.
#[derive(Debug)]
struct Filer {
    case: String,
    account: String,
    act: Act,
}

impl Filer {
    /// The case as they read it. So many at once are slower than the time of a call: it is asked again.
    async fn read(&self, stage: &Stage) -> (Option<u64>, Json) {
        let route = format!("GET /cases/{}", self.case);
        loop {
            let read = stage
                .filer(&self.account, &route, None, None)
                .await
                .unwrap();
            if read.status == 200 {
                return (read.version, read.body);
            }
            assert!(500 <= read.status, "{read:#?}");
        }
    }

    /// Does it, again where the case was changed meanwhile. Whether it was taken.
    async fn acts(&self, stage: &Stage) -> bool {
        let route = format!("POST /cases/{}/{}", self.case, self.act.step());
        for attempt in 0..40 {
            let (version, case) = self.read(stage).await;
            let ask = Ask {
                role: Some("filer"),
                account: &self.account,
                route: &route,
                version,
                key: Some(&format!("{:?}-{attempt}", self.act)),
                body: self.act.body(&case["findings"][0]),
            };
            let answer = stage.ask(ask).await.unwrap();
            match answer.status {
                202 => return true,
                // What it is about is over by now, or not to be had twice.
                409 => return false,
                412 | 500.. => {}
                _ => panic!("{answer:#?}"),
            }
        }
        panic!("{} never came through", self.case)
    }
}

/// Sites that all lead elsewhere, each told of it, under a brake that lets all of them be stopped. No other rule has a word.
async fn told(many: u32) -> Stage {
    let now = "2026-03-02T02:00:00Z".parse().unwrap();
    let mut stage = Stage::start(Stage::template(), now).await.unwrap();
    configure(&mut stage, 1);
    let base: Vec<_> = (1..=many).map(|n| row(n, &[])).collect();
    bring(&stage, "csv", &csv(&base), json!({})).await;
    for n in 1..=many {
        stage.sites.point(&format!("site-{n}.cn"), ELSEWHERE).await;
    }
    until(&stage, many, |finding| !finding["dueAt"].is_null()).await;
    configure(&mut stage, 30);
    stage
}

fn configure(stage: &mut Stage, period_days: u32) {
    let others = RULES.iter().filter(|rule| rule.code != RULE);
    let levels: BTreeMap<_, _> = others.map(|rule| (rule.code, "off")).collect();
    let policy = json!({
        "audits": { "periodDays": period_days, "fetchesPerAuthoritySecond": 1000 },
        "brake": { "shareBasisPoints": 10_000, "most": 100_000, "accountMost": 100_000,
            "accountShareBasisPoints": 10_000, "noticeShareBasisPoints": 10_000, "noticeAtLeast": 10_000 },
        "firstSettings": { "levelOfImports": "enforce", "levelsOfRules": levels },
    });
    stage
        .reconfigure("policy.json", policy.to_string())
        .unwrap();
}

async fn pass(stage: &Stage, time: SignedDuration) {
    stage.pass(time, time).await.unwrap();
}

/// Lets time pass until every case's finding is so.
async fn until(stage: &Stage, many: u32, holds: impl Fn(&Json) -> bool) {
    for _ in 0..8 * 40 {
        let cases = cases(stage).await;
        let so = cases.iter().filter(|(_, case)| holds(&case["findings"][0]));
        if so.count() == many as usize {
            return;
        }
        pass(stage, STEP).await;
    }
    panic!("{:#?}", cases(stage).await.first());
}

/// Every case with its account.
async fn cases(stage: &Stage) -> Vec<(String, Json)> {
    let mut cases = Vec::new();
    for account in 0..7 {
        let account = format!("base-{account}");
        let mut cursor = String::new();
        loop {
            let route = format!("GET /cases?limit=50{cursor}");
            let page = stage.filer(&account, &route, None, None).await.unwrap();
            let items = page.body["items"].as_array().unwrap().iter();
            cases.extend(items.map(|case| (account.clone(), case.clone())));
            let Some(next) = page.body["next"].as_str() else {
                break;
            };
            cursor = format!("&cursor={next}");
        }
    }
    cases
}

/// Many ticks at once.
async fn sweep(stage: &Stage) {
    join_all((0..AT_ONCE).map(|_| swept(stage))).await;
}

/// How often something stands in the history of a case's filing.
async fn happened(stage: &Stage, filer: &Filer, case: &Json, what: &str) -> usize {
    let route = format!("GET /filings/{}/history", case["subject"].as_str().unwrap());
    let read = stage
        .filer(&filer.account, &route, None, None)
        .await
        .unwrap();
    let items = read.body["items"].as_array().unwrap().iter();
    items.filter(|entry| entry["what"] == what).count()
}

/// Filers act while many sweep. Whether each was taken.
async fn at_once(stage: &Stage, filers: &[Filer]) -> Vec<bool> {
    let acting = join_all(filers.iter().map(|filer| filer.acts(stage)));
    join(acting, sweep(stage)).await.0
}

/// Up to the minute after the last period is over; those that were over before wait with it.
async fn pass_the_periods(stage: &Stage) {
    let due = cases(stage).await.into_iter().map(|(_, case)| {
        let due = case["findings"][0]["dueAt"].as_str().unwrap();
        due.parse::<Timestamp>().unwrap()
    });
    let due: Vec<Timestamp> = due.collect();
    while stage.now() + STEP < *due.iter().min().unwrap() {
        pass(stage, STEP).await;
    }
    let over = *due.iter().max().unwrap() + MINUTE;
    stage.deployment.set_clock(over).await.unwrap();
}

/// The reviewer refuses every appeal.
async fn refuse_appeals(stage: &Stage, filers: &[Filer]) {
    for filer in filers.iter().filter(|filer| filer.act == Act::Appeal) {
        let (version, case) = filer.read(stage).await;
        let body =
            json!({ "finding": case["findings"][0]["id"], "granted": false, "reason": "已核实" });
        let route = format!("POST /review/cases/{}/appeal-decisions", filer.case);
        let ask = Ask {
            role: Some("reviewer"),
            account: "staff",
            route: &route,
            key: Some("refused"),
            version,
            body: Some(body),
        };
        let decided = stage.ask(ask).await.unwrap();
        assert!(matches!(decided.status, 202 | 409), "{decided:#?}");
    }
}

/// Lets all that is condemned be stopped, as it is shown. Each is named alone: ids of calls are made of what they say.
async fn release(stage: &Stage) {
    let shown: Vec<Json> = cases(stage)
        .await
        .into_iter()
        .map(|(_, case)| {
            let finding = &case["findings"][0];
            let look = &finding["state"]["looks"]
                .as_array()
                .unwrap()
                .last()
                .unwrap()["look"];
            json!({ "case": case["id"], "finding": finding["id"], "look": look })
        })
        .collect();
    for (n, findings) in shown.chunks(MOST_RELEASED).enumerate() {
        let body = json!({ "findings": findings });
        let key = format!("release-{n}");
        let released = operator(stage, "POST /operations/releases", &key, Some(body)).await;
        assert_eq!(released.body["refused"], json!([]), "{released:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_finding_is_asked_about_and_stopped_once_and_no_act_is_lost() {
    let many: u32 = option_env!("ICP_CONCURRENT_CASES").map_or(CASES, |many| many.parse().unwrap());
    crate::planted::listen();
    let stage = &told(many).await;
    let mut filers: Vec<Filer> = cases(stage)
        .await
        .into_iter()
        .enumerate()
        .map(|(n, (account, case))| Filer {
            case: case["id"].as_str().unwrap().to_owned(),
            account,
            act: Act::of(n),
        })
        .collect();
    let some = filers.len().min(AT_ONCE as usize);

    pass_the_periods(stage).await;
    let taken = at_once(stage, &filers[..some]).await;
    // What a tick had no time for is the next one's.
    for _ in 0..=many / 500 {
        stage
            .deployment
            .set_clock(stage.now() + MINUTE)
            .await
            .unwrap();
        sweep(stage).await;
    }
    for (n, filer) in filers.iter().enumerate() {
        let (_, case) = filer.read(stage).await;
        let finding = &case["findings"][0];
        let taken = taken.get(n).copied().unwrap_or_default();
        assert_eq!(
            filer.act.stands_on(finding),
            taken,
            "{filer:?}: {finding:#}"
        );
        let is_held = taken && filer.act != Act::Recheck;
        let is_asked = finding["state"]["state"] == "last-look";
        assert!(is_held || is_asked, "{filer:?}: {finding:#}");
        let asked = happened(stage, filer, &case, "period-over").await;
        assert_eq!(asked, usize::from(is_asked), "{filer:?}: {finding:#}");
    }
    assert!(taken.contains(&true), "no filer came through");

    refuse_appeals(stage, &filers[..some]).await;
    until(stage, many, |finding| {
        finding["state"]["state"] == "condemned"
    })
    .await;
    release(stage).await;
    // Others act now: one in three appeals for the first time.
    for (n, filer) in filers.iter_mut().enumerate() {
        filer.act = Act::of(n + 1);
    }
    let held = stop_all(stage, &filers[..some]).await;
    assert!(held.len() < filers.len(), "nothing was stopped");
    let brake = operator(stage, "GET /operations/brake", "read", None)
        .await
        .body;
    assert_eq!(
        brake["stoppedInLastDay"],
        many as usize - held.len(),
        "{brake:#}"
    );
    assert_eq!(brake["liveLinks"], held.len(), "{brake:#}");
    for filer in &filers {
        let (_, case) = filer.read(stage).await;
        let is_held = held.contains(filer.case.as_str());
        let stops = happened(stage, filer, &case, "access-stopped").await;
        assert_eq!(stops, usize::from(!is_held), "{filer:?}: {case:#}");
    }
    crate::planted::is_nowhere(&stage.deployment);
}

/// Ticks of the next day on which stops are made, many at once and filers beside them, until all that was released is stopped but what an appeal holds: the cases
/// of those.
async fn stop_all<'a>(stage: &Stage, filers: &'a [Filer]) -> BTreeSet<&'a str> {
    let rulebook = stage.rulebook;
    while !in_stop_window(
        stage.now() + HOUR,
        &rulebook.policy.brake,
        &rulebook.calendar,
    ) {
        pass(stage, HOUR).await;
    }
    stage
        .deployment
        .set_clock(stage.now() + HOUR)
        .await
        .unwrap();
    let mut held = BTreeSet::new();
    // Some of them each time, so that they come before the looks that go before a stop, between them and after.
    let mut acting = filers.chunks(filers.len().div_ceil(4));
    for _ in 0..ROUNDS {
        let acting = acting.next().unwrap_or_default();
        let taken = at_once(stage, acting).await;
        for (filer, taken) in acting.iter().zip(taken) {
            let (_, case) = filer.read(stage).await;
            let finding = &case["findings"][0];
            if taken {
                assert!(filer.act.stands_on(finding), "{filer:?}: {finding:#}");
            }
            if taken && filer.act == Act::Appeal {
                held.insert(filer.case.as_str());
            }
        }
        pass(stage, ROUND).await;
    }
    held
}
