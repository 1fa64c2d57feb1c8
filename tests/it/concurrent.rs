//! Many sweepers and many filers over the same due cases: each is decided once, none is left, and no act of a filer's is
//! lost.

mod found;

use std::collections::{BTreeMap, BTreeSet};

use icp_domain::Invocation;
use icp_domain::import::Column;
use icp_local::stage::{Ask, Stage};
use icp_store::files::Files;
use icp_store::{Store, keys};
use icp_use_cases::expire::{Reach, Terms, stop_condemned, sweep_due};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use crate::base::{bring, csv, order_stops, row};

/// Cases of the test that runs with all others.
const CASES: u32 = 96;

/// Sweepers, and filers, at once: with all other tests, and by itself.
const AT_ONCE: u32 = if option_env!("ICP_CONCURRENT_CASES").is_some() {
    64
} else {
    16
};

/// One sweeper's pass over every shard, as `expire-deadlines` makes it. Gives the links that it stopped.
pub(crate) async fn pass(stage: &Stage, now: Timestamp, seed: u64) -> usize {
    let aws = stage.deployment.sdk_config("expire-deadlines");
    let environment = stage.deployment.environment("expire-deadlines").unwrap();
    let store = Store::open(&aws, &environment["ICP_TABLE"], &environment["ICP_KEY"]);
    let files = Files::open(&aws, &environment["ICP_FILES"]);
    let reach = Reach {
        store: &store,
        files: &files,
        rulebook: stage.rulebook,
        has_time: &|| true,
    };
    let mut inv = Invocation::fixed(now, seed);
    let mut terms = Terms::read(&store, stage.rulebook).await.unwrap();
    let mut wanted = Vec::new();
    for shard in 0..keys::WAKE_SHARDS {
        // Watermarks are moved by others, too: whoever comes second leaves them.
        if let Ok(swept) = sweep_due(reach, &mut inv, &mut terms, shard).await {
            wanted.extend(swept.wanted);
        }
    }
    let stopping = stop_condemned(reach, &inv, &terms, wanted, 0);
    let stopped = Box::pin(stopping).await;
    stopped.map_or(0, |stopped| stopped.links)
}

/// A filer chooses when to be called, trying again when the case was changed meanwhile. Whether it was taken.
async fn choose_a_slot(stage: &Stage, case: &str, account: &str, from: &str) -> bool {
    for attempt in 0..40 {
        let route = format!("GET /cases/{case}");
        let read = stage.filer(account, &route, None, None).await.unwrap();
        // So many at once are slower than the time of a call: it is asked again.
        if 500 <= read.status {
            continue;
        }
        let route = format!("POST /cases/{case}/call-slots");
        let ask = Ask {
            role: Some("filer"),
            account,
            route: &route,
            version: read.version,
            key: Some(&format!("slot-{attempt}")),
            body: Some(json!({ "person": "ps", "from": from })),
        };
        match stage.ask(ask).await.unwrap().status {
            202 => return true,
            412 | 409 | 500.. => {}
            status => panic!("{case}: {status}"),
        }
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn each_due_case_is_decided_once_and_no_act_is_lost() {
    let many: u32 = option_env!("ICP_CONCURRENT_CASES").map_or(CASES, |many| many.parse().unwrap());
    crate::planted::listen();
    let now = "2026-03-02T02:00:00Z".parse().unwrap();
    let stage = &Stage::start(Stage::template(), now).await.unwrap();
    let base: Vec<_> = (1..=many)
        .map(|n| row(n, &[(Column::Access, "是")]))
        .collect();
    bring(stage, "csv", &csv(&base), json!({})).await;
    order_stops(stage, many).await;

    // Every seventh filer acts on their cases in the very minute.
    let mut cases: BTreeMap<String, String> = BTreeMap::new();
    for account in 0..7 {
        let account = format!("base-{account}");
        let listed = stage
            .filer(&account, "GET /cases?limit=50", None, None)
            .await
            .unwrap();
        for case in listed.body["items"].as_array().unwrap() {
            cases.insert(case["id"].as_str().unwrap().to_owned(), account.clone());
        }
    }
    let now = stage.now() + SignedDuration::from_mins(2);
    let filers = cases.iter().take(AT_ONCE as usize);
    let filers: Vec<(String, String)> = filers
        .map(|(case, account)| (case.clone(), account.clone()))
        .collect();
    let from = "2026-03-03T06:00:00Z";
    let acting = filers
        .iter()
        .map(|(case, account)| choose_a_slot(stage, case, account, from));
    let sweeping = async {
        let mut stopped = 0;
        // Rounds, as minutes: what a pass left due is the next one's.
        for round in 0..u64::from(many) {
            let passes = (0..AT_ONCE).map(|n| pass(stage, now, round * 100 + u64::from(n)));
            let links: usize = futures::future::join_all(passes).await.into_iter().sum();
            stopped += links;
            if links == 0 && 0 < stopped {
                break;
            }
        }
        stopped
    };
    let (stopped, taken) = futures::future::join(sweeping, futures::future::join_all(acting)).await;
    assert_eq!(stopped, many as usize, "each is stopped once");
    let topic = stage.deployment.topic_messages();
    let told: BTreeSet<String> = topic
        .iter()
        .map(|message| serde_json::from_str::<Json>(&message.message).unwrap())
        .map(|told| format!("{} {}", told["subject"], told["linkVersion"]))
        .collect();
    assert!(told.len() <= many as usize);
    let brake = stage
        .staff("operator", "GET /operations/brake", None, None)
        .await
        .unwrap();
    assert_eq!(brake.body["liveLinks"], 0, "{:#}", brake.body);
    assert_eq!(brake.body["stoppedInLastDay"], many, "{:#}", brake.body);
    assert!(taken.contains(&true), "no filer came through");
    for ((case, account), taken) in filers.iter().zip(taken) {
        let route = format!("GET /cases/{case}");
        let read = stage.filer(account, &route, None, None).await.unwrap();
        assert_eq!(
            read.body["findings"][0]["state"]["state"], "stopped",
            "{case}"
        );
        assert_eq!(taken, !read.body["callSlot"].is_null(), "{case}");
    }
    // Of so many at once a call may run out of its time, and its filer asks again; nothing else fails.
    for failure in stage.deployment.failures() {
        let is_slow = failure.error.starts_with("Task timed out");
        assert!(
            is_slow && failure.function == "rectify-filing",
            "{failure:#?}"
        );
    }
    crate::planted::is_nowhere(&stage.deployment);
}
