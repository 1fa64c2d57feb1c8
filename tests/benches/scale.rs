//! Measures what a minute's ticks cost beside how much is stored: nothing due, and what is due of 100 filings, with
//! 1,000 filings stored and with many more. Calls and units are counted, not timed.
//!
//! `cargo bench -p icp-tests --bench scale -- 1000000`; results in `docs/PERFORMANCE.md`.
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
mod support;

use std::collections::BTreeMap;

use icp_domain::import::Column;
use icp_local::stage::{Applicant, OURS, Stage};
use jiff::SignedDuration;
use serde_json::json;
use support::{Copied, Cost, tick};

/// Filings that are due.
const DUE: u32 = 100;

/// Filings that are stored for the smaller measure.
const FEW: u32 = 1000;

/// Functions that tick each minute.
const TICKING: [&str; 3] = ["schedule-audits", "expire-deadlines", "deliver-notices"];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let asked = std::env::args().find_map(|n| n.parse().ok());
    runtime.block_on(measure(asked.unwrap_or(100_000)));
}

async fn measure(many: u32) {
    let few = ticks(FEW).await;
    let many = (many, ticks(many).await);
    for (what, of) in [("100 filings due after a month", 0), ("nothing due", 1)] {
        for function in TICKING {
            for (filings, ticks) in [&(FEW, few.clone()), &many] {
                println!(
                    "{what}, {filings} filings stored, {function}: {}",
                    ticks[of][function]
                );
            }
        }
    }
    assert_eq!(few, many.1, "what is stored costs something");
    println!("the same, whatever is stored");
}

/// What the ticks of a minute cost, by function.
type Ticks = BTreeMap<&'static str, String>;

/// A minute in which a month's audits of 100 filings are due, and one in which nothing is, where so many are stored that
/// are due later on the same day.
async fn ticks(filings: u32) -> [Ticks; 2] {
    let now = "2026-03-02T02:00:00Z".parse().unwrap();
    let stage = Stage::start(Stage::template(), now).await.unwrap();
    let rows: Vec<_> = (1..=DUE)
        .map(|n| {
            base::row(
                n,
                &[(Column::HomePage, &format!("http://www.site-{n}.cn/"))],
            )
        })
        .collect();
    base::bring(&stage, "csv", &base::csv(&rows), json!({})).await;
    for n in 1..=DUE {
        stage.sites.point(&format!("site-{n}.cn"), OURS).await;
        let page = Applicant::new(n, "one.cn").page();
        stage.sites.show(&format!("www.site-{n}.cn"), &page);
    }
    // The cursors begin where time does.
    minute(&stage, SignedDuration::from_mins(1)).await;
    let month = SignedDuration::from_hours(31 * 24);
    let later = stage.now() + month + SignedDuration::from_hours(12);
    Copied::of(&stage).await.store(DUE..filings, later).await;
    let due = minute(&stage, month).await;
    // Until the cursors stand close to the clock.
    for _ in 0..3 {
        minute(&stage, SignedDuration::from_mins(1)).await;
    }
    let quiet = minute(&stage, SignedDuration::from_mins(1)).await;
    [due, quiet]
}

async fn minute(stage: &Stage, by: SignedDuration) -> Ticks {
    stage.deployment.clock().advance(by);
    let journal = stage.deployment.journal();
    journal.take();
    let mut ticks = Ticks::new();
    for function in TICKING {
        stage
            .deployment
            .invoke(function, tick(function))
            .await
            .unwrap();
        let calls = journal.take();
        let cost = Cost::of(&calls, function);
        ticks.insert(function, cost.to_string());
    }
    stage.deployment.settle().await.unwrap();
    ticks
}
