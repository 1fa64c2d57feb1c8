//! The fault run of an import: whatever call fails or is cut off after it was carried out, the base is
//! there once, and counted once.

use icp_domain::import::Column;
use icp_local::stage::Stage;
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{blows, side_by_side, strike};
use crate::base::{csv, progress, row, start, upload};

/// Longer than a task stays hidden after its function died.
const UNTIL_TRIED_AGAIN: SignedDuration = SignedDuration::from_mins(7);

async fn taken_in(faults: impl Fn(&Stage)) -> (Json, Vec<Json>, u64) {
    let now = "2026-03-02T02:00:00Z".parse().unwrap();
    let stage = Stage::start(Stage::template(), now).await.unwrap();
    let second = [
        (Column::ServiceNumber, "京ICP备2026000001号-2"),
        (Column::Domains, "second.cn"),
    ];
    let bad = [(Column::PrincipalMobile, "12345")];
    let rows = [row(1, &[]), row(1, &second), row(8, &[]), row(3, &bad)];
    let id = upload(&stage, "csv", &csv(&rows), json!({})).await;
    let before = stage.deployment.faults().calls();
    faults(&stage);
    start(&stage, &id).await;
    let mut seen = Json::Null;
    for _ in 0..8 {
        stage.deployment.faults().clear();
        seen = progress(&stage, &id).await;
        if seen["progress"]["state"] == "done" {
            break;
        }
        stage.deployment.advance(UNTIL_TRIED_AGAIN).await.unwrap();
    }
    let calls = stage.deployment.faults().calls() - before;
    assert_eq!(seen["progress"]["state"], "done", "{seen:#}");
    let mut filings = Vec::new();
    for account in ["base-1", "base-3"] {
        let listed = stage
            .filer(account, "GET /filings", None, None)
            .await
            .unwrap();
        for filing in listed.body["items"].as_array().unwrap() {
            let subject = filing["id"].as_str().unwrap();
            let history = format!("GET /review/filings/{subject}/history");
            let history = stage.staff("reviewer", &history, None, None).await.unwrap();
            assert_eq!(history.body["whole"], true);
            let entries = history.body["items"].as_array().unwrap().len();
            filings.push(json!([
                filing["services"].as_array().unwrap().len(),
                entries
            ]));
        }
    }
    let counts = json!({ "rows": seen["counts"]["rows"], "bad": seen["counts"]["bad"] });
    (counts, filings, calls)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_call_of_an_import_fails_the_base_is_there_once() {
    let (counts, filings, calls) = taken_in(|_| ()).await;
    assert_eq!(counts, json!({ "rows": 4, "bad": 1 }));
    assert_eq!(filings, [json!([1, 1]), json!([2, 2])]);
    let (counts, filings) = (&counts, &filings);
    let runs = blows(calls).map(async |(fault, nth)| {
        let run = taken_in(|stage| strike(stage, fault, nth));
        let (counted, found, _) = run.await;
        let what = format!("{} at call {nth}", fault().name());
        assert_eq!(counted, *counts, "{what}");
        assert_eq!(found, *filings, "{what}");
    });
    side_by_side(runs).await;
}
