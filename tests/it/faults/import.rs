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

/// What a base came to.
struct End {
    counts: Json,
    filings: Vec<Json>,
    /// Calls until it first rested, and those that met a fault.
    calls: u64,
    struck: usize,
}

async fn taken_in(faults: impl Fn(&Stage)) -> End {
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
    let calls = stage.deployment.faults().calls() - before;
    let struck = stage.deployment.faults().clear().len();
    let mut seen = Json::Null;
    for _ in 0..8 {
        seen = progress(&stage, &id).await;
        if seen["progress"]["state"] == "done" {
            break;
        }
        stage.deployment.advance(UNTIL_TRIED_AGAIN).await.unwrap();
    }
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
    End {
        counts,
        filings,
        calls,
        struck,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_call_of_an_import_fails_the_base_is_there_once() {
    let calm = &taken_in(|_| ()).await;
    assert_eq!(calm.counts, json!({ "rows": 4, "bad": 1 }));
    assert_eq!(calm.filings, [json!([1, 1]), json!([2, 2])]);
    let runs = blows(calm.calls).map(async |(fault, nth)| {
        let end = taken_in(|stage| strike(stage, fault, nth)).await;
        let what = format!("{} at call {nth}", fault().name());
        assert!(0 < end.struck, "{what}: nothing failed");
        assert_eq!(end.counts, calm.counts, "{what}");
        assert_eq!(end.filings, calm.filings, "{what}");
    });
    side_by_side(runs).await;
}
