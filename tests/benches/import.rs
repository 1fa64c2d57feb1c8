//! Measures an import: rows a second, memory, and write units a row, over the whole local deployment.
//!
//! `cargo bench -p icp-tests --bench import -- 10000 100000`; results in `docs/PERFORMANCE.md`.
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

use std::time::{Duration, Instant};

use icp_local::stage::Stage;
use serde_json::json;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let asked: Vec<u32> = std::env::args().filter_map(|n| n.parse().ok()).collect();
    let sizes = if asked.is_empty() {
        vec![10_000]
    } else {
        asked
    };
    for rows in sizes {
        runtime.block_on(measure(rows));
    }
}

async fn measure(rows: u32) {
    let now = "2026-03-02T02:00:00Z".parse().unwrap();
    let stage = Stage::start(Stage::template(), now).await.unwrap();
    let file: Vec<_> = (1..=rows).map(|n| base::row(n, &[])).collect();
    let file = base::csv(&file);
    let id = base::upload(&stage, "csv", &file, json!({})).await;
    stage.deployment.journal().take();
    let (begun, before) = (Instant::now(), peak_kilobytes());
    // The journal keeps the latest calls only: it is read as they come.
    let (done, counting) = tokio::sync::oneshot::channel();
    let counted = tokio::spawn(count(stage.clone(), counting));
    base::start(&stage, &id).await;
    let took = begun.elapsed();
    done.send(()).unwrap();
    let Counted { table, index, made } = counted.await.unwrap();
    let seen = base::progress(&stage, &id).await;
    assert_eq!(seen["counts"]["added"], rows, "{seen:#}");
    let each = |sum: f64| sum / f64::from(rows);
    println!(
        "{rows} rows ({} KB): {:.1} s, {:.0} rows/s; {:.1} + {:.1} write units and {:.1} calls a row; \
         peak memory {} MB, {} MB before",
        file.len() / 1024,
        took.as_secs_f64(),
        f64::from(rows) / took.as_secs_f64(),
        each(table),
        each(index),
        f64::from(u32::try_from(made).unwrap_or(u32::MAX)) / f64::from(rows),
        peak_kilobytes() / 1024,
        before / 1024,
    );
}

/// What the calls of an import came to.
#[derive(Default)]
struct Counted {
    table: f64,
    index: f64,
    made: u64,
}

/// Counts the calls of an import until it is done.
async fn count(stage: Stage, mut done: tokio::sync::oneshot::Receiver<()>) -> Counted {
    let mut counted = Counted::default();
    loop {
        let pause = tokio::time::sleep(Duration::from_millis(200));
        let is_done = tokio::select! {
            _ = &mut done => true,
            () = pause => false,
        };
        let calls = stage.deployment.journal().take();
        for call in calls.iter().filter(|call| call.caller == "import-filings") {
            counted.table += call.written.table;
            counted.index += call.written.indexes.values().sum::<f64>();
            counted.made += 1;
        }
        if is_done {
            return counted;
        }
    }
}

/// The most memory that the process has had, as Linux counts it.
fn peak_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let digits = line.and_then(|line| line.split_whitespace().next());
    digits
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_default()
}
