//! The fault run of bureaus' lists: whatever call fails or is cut off after it was carried out, what the
//! bureau did is recorded once, and every row is counted and replied to as if nothing had been.

use std::path::PathBuf;

use icp_domain::import::Column;
use icp_local::Place;
use icp_local::stage::{Applicant, Stage};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::{blows, copied, side_by_side, strike};
use crate::base::{bring, csv, download, progress_in, row, start_in, upload_to};
use crate::world::{case_of, up_to_the_bureau};

const LISTS: &str = "bureau-lists";

/// Longer than a task stays hidden after its function died.
const UNTIL_TRIED_AGAIN: SignedDuration = SignedDuration::from_mins(7);

/// Lists that were uploaded, one of each kind that something follows from.
struct Ready {
    directory: TempDir,
    at: Timestamp,
    lists: [String; 4],
}

/// What has been come to, for comparison.
#[derive(Debug, PartialEq)]
struct End {
    counts: Vec<Json>,
    replies: Vec<String>,
    /// States of the filings, and the steps of their histories.
    filings: Vec<Json>,
    told: Vec<String>,
}

const APPLICANTS: [(u32, &str); 2] = [(1, "one.cn"), (2, "two.cn")];

async fn ready() -> Ready {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::Directory(PathBuf::from(directory.path()));
    let now = "2026-03-02T02:00:00Z".parse().unwrap();
    let stage = Stage::start_in(Stage::template(), now, place)
        .await
        .unwrap();
    let mut orders = Vec::new();
    for (n, domain) in APPLICANTS {
        let (order, _) = up_to_the_bureau(&stage, &Applicant::new(n, domain)).await;
        orders.push(order);
    }
    let base: Vec<_> = (3..=5).map(|n| row(n, &[(Column::Access, "是")])).collect();
    bring(&stage, "csv", &csv(&base), json!({})).await;
    let paper = |kind: &str| json!({ "paper": { "kind": kind, "documentNumber": "1号", "issuedOn": "2026-03-02" } });
    let results = format!(
        "订单号,网站备案号,审核结果,原因\r\n{},京ICP备2026000001号-1,通过,\r\n{},,驳回,材料不清晰\r\nnone,,通过,\r\n",
        orders[0], orders[1]
    );
    let of = (LISTS, "anna");
    let results = upload_to(
        &stage,
        of,
        "csv",
        results.as_bytes(),
        paper("order-results"),
    )
    .await;
    let gone = "备案号,单位名称\r\n京ICP备2026000003号-1,示例3有限公司\r\n";
    let mut of_sites = paper("deregistered");
    of_sites["paper"]["of"] = json!("sites");
    let gone = upload_to(&stage, of, "csv", gone.as_bytes(), of_sites).await;
    let mut demanded = paper("to-rectify");
    demanded["paper"]["replyBy"] = json!("2026-03-20");
    let demanded = upload_to(
        &stage,
        of,
        "csv",
        "网站域名\r\nsite-4.cn\r\n".as_bytes(),
        demanded,
    )
    .await;
    let stopped = upload_to(
        &stage,
        of,
        "csv",
        "网站域名\r\nsite-5.cn\r\n".as_bytes(),
        paper("stop-now"),
    )
    .await;
    let at = stage.now();
    drop(stage);
    Ready {
        directory,
        at,
        lists: [results, gone, demanded, stopped],
    }
}

/// The end, the calls until then, and how many of them met a fault.
async fn taken_in(ready: &Ready, faults: impl Fn(&Stage)) -> (End, u64, usize) {
    let directory = copied(ready.directory.path());
    let place = Place::Directory(PathBuf::from(directory.path()));
    let stage = Stage::start_in(Stage::template(), ready.at, place);
    let stage = stage.await.unwrap();
    let before = stage.deployment.faults().calls();
    faults(&stage);
    let (mut counts, mut replies) = (Vec::new(), Vec::new());
    let mut calls = 0;
    for id in &ready.lists {
        assert_eq!(start_in(&stage, (LISTS, "ben"), id).await.status, 202);
    }
    for id in &ready.lists {
        let mut seen = Json::Null;
        for _ in 0..8 {
            calls = calls.max(stage.deployment.faults().calls() - before);
            let left = stage.deployment.faults().calls();
            seen = progress_in(&stage, LISTS, id).await;
            // What is looked at here is no call of theirs.
            if stage.deployment.faults().calls() == left || seen["progress"]["state"] == "done" {
                break;
            }
            stage.deployment.advance(UNTIL_TRIED_AGAIN).await.unwrap();
        }
        assert_eq!(seen["progress"]["state"], "done", "{seen:#}");
        let reply = download(&stage, &seen["reply"]).await;
        replies.push(String::from_utf8(reply).unwrap());
        counts.push(seen["counts"].clone());
    }
    let struck = stage.deployment.faults().clear().len();
    // What is to be stopped now is stopped by the next tick.
    stage.deployment.advance(UNTIL_TRIED_AGAIN).await.unwrap();
    let mut filings = Vec::new();
    for account in ["account-1", "account-2", "base-3", "base-4", "base-5"] {
        let listed = stage.filer(account, "GET /filings", None, None).await;
        let listed = listed.unwrap().body;
        for filing in listed["items"].as_array().unwrap() {
            let subject = filing["id"].as_str().unwrap();
            let history = format!("GET /review/filings/{subject}/history");
            let history = stage.staff("reviewer", &history, None, None).await.unwrap();
            assert_eq!(history.body["whole"], true);
            let steps = history.body["items"].as_array().unwrap().iter();
            let steps = steps.map(|entry| entry["what"].as_str().unwrap());
            // When people are told is the sweeps' of later minutes.
            let steps: Vec<&str> = steps.filter(|what| *what != "notice-delivered").collect();
            filings.push(json!([filing["state"]["state"], steps]));
        }
        if let Some(case) = case_of(&stage, account).await {
            let finding = &case["findings"][0];
            filings.push(json!([finding["rule"], finding["state"]["state"]]));
        }
    }
    stage.deployment.advance(UNTIL_TRIED_AGAIN).await.unwrap();
    let mut told: Vec<String> = stage
        .deployment
        .topic_messages()
        .into_iter()
        .map(|message| {
            let mut body: Json = serde_json::from_str(&message.message).unwrap();
            body["at"] = Json::Null;
            body.to_string()
        })
        .collect();
    told.sort();
    told.dedup();
    let end = End {
        counts,
        replies,
        filings,
        told,
    };
    (end, calls, struck)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_call_of_a_list_fails_each_row_is_recorded_once_and_answered_alike() {
    let ready = ready().await;
    let (end, calls, _) = taken_in(&ready, |_| ()).await;
    assert_eq!(end.counts[0]["recorded"], 2, "{end:#?}");
    assert_eq!(end.counts[0]["unmatched"], 1, "{end:#?}");
    assert_eq!(end.counts[1]["recorded"], 1, "{end:#?}");
    assert_eq!(end.counts[2]["casesOpened"], 1, "{end:#?}");
    let of = |rule: &str, state: &str| json!([rule, state]);
    assert!(end.filings.contains(&of("BUREAU-TO-RECTIFY", "open")));
    assert!(end.filings.contains(&of("BUREAU-STOP-NOW", "stopped")));
    assert_eq!(end.told.len(), 3, "granted and twice stopped: {end:#?}");
    let runs = blows(calls).map(async |(fault, nth)| {
        let run = taken_in(&ready, |stage| strike(stage, fault, nth));
        let (found, _, struck) = run.await;
        let what = format!("{} at call {nth}", fault().name());
        assert!(0 < struck, "{what}: nothing failed");
        assert_eq!(found, end, "{what}");
    });
    side_by_side(runs).await;
}
