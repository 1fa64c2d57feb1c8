//! Measures what a sweep of deadlines costs where many cases are to be stopped at once: calls and units a case, cases a
//! second, and whether any of it hangs on how much is stored.
//!
//! `cargo bench -p icp-tests --bench deadlines -- 10000 1000000`; results in `docs/PERFORMANCE.md`.
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

use std::time::{Duration, Instant};

use icp_domain::import::Column;
use icp_local::stage::Stage;
use jiff::SignedDuration;
use serde_json::json;
use support::{Copied, Cost, tick};

const FUNCTION: &str = "expire-deadlines";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut asked = std::env::args().filter_map(|n| n.parse().ok());
    let due: u32 = asked.next().unwrap_or(1_000);
    let many: u32 = asked.next().unwrap_or(10 * due);
    let few = runtime.block_on(measure(due, due));
    let many = runtime.block_on(measure(due, many));
    let ratio = |of: fn(&Cost) -> f64| of(&many.stop.cost) / of(&few.stop.cost);
    println!(
        "beside what is stored the least: {:.2} times the calls, {:.2} the read and {:.2} the write units",
        ratio(|cost| f64::from(cost.calls)),
        ratio(|cost| cost.read),
        ratio(|cost| cost.written),
    );
    assert_eq!(few.quiet, many.quiet, "what is stored costs something");
}

/// What sweeps cost.
struct Measured {
    /// Of cases that were stopped.
    stop: Swept,
    /// Of one with nothing due.
    quiet: Cost,
}

struct Swept {
    cost: Cost,
    took: Duration,
    ticks: u32,
}

/// So many cases to be stopped now, where so many filings are stored.
async fn measure(due: u32, stored: u32) -> Measured {
    let now = "2026-03-02T02:00:00Z".parse().unwrap();
    let stage = Stage::start(Stage::template(), now).await.unwrap();
    let rows: Vec<_> = (1..=due)
        .map(|n| base::row(n, &[(Column::Access, "是")]))
        .collect();
    base::bring(&stage, "csv", &base::csv(&rows), json!({})).await;
    let later = stage.now() + SignedDuration::from_hours(40 * 24);
    Copied::of(&stage).await.store(due..stored, later).await;
    minute(&stage).await;

    hand_down(&stage, due).await;
    let stop = sweep(&stage, due, stored).await;
    let quiet = minute(&stage).await;
    Measured { stop, quiet }
}

/// A bureau's list, by which access of each is stopped now: the way of every stop, without its looks.
async fn hand_down(stage: &Stage, due: u32) {
    let id = base::order_stops(stage, due).await;
    let seen = base::progress_in(stage, "bureau-lists", &id).await;
    assert_eq!(seen["progress"]["state"], "done", "{seen:#}");
    stage.deployment.journal().take();
}

/// Ticks until a sweep finds nothing due any more.
async fn sweep(stage: &Stage, due: u32, stored: u32) -> Swept {
    let mut swept = Swept {
        cost: Cost::default(),
        took: Duration::ZERO,
        ticks: 0,
    };
    let mut idle = 0;
    while idle < 2 {
        let begun = Instant::now();
        let cost = minute(stage).await;
        if cost.written < 100.0 {
            idle += 1;
            continue;
        }
        idle = 0;
        swept.took += begun.elapsed();
        swept.cost += cost;
        swept.ticks += 1;
    }
    let each = |sum: f64| sum / f64::from(due);
    println!(
        "{due} stopped, {stored} stored: {} ticks, {:.0} cases a second; {:.2} calls, {:.2} read and {:.2} write units each",
        swept.ticks,
        f64::from(due) / swept.took.as_secs_f64(),
        each(f64::from(swept.cost.calls)),
        each(swept.cost.read),
        each(swept.cost.written),
    );
    swept
}

/// One minute's tick. What the journal keeps is the latest calls: they are counted while it goes on.
async fn minute(stage: &Stage) -> Cost {
    stage
        .deployment
        .clock()
        .advance(SignedDuration::from_mins(1));
    stage.deployment.journal().take();
    stage
        .deployment
        .invoke(FUNCTION, tick(FUNCTION))
        .await
        .unwrap();
    Cost::of(&stage.deployment.journal().take(), FUNCTION)
}
