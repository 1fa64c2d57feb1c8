//! Measures audits: how many a second are planned, looked at and judged over the whole local deployment, beside a bare
//! loop of the same look-ups with the same libraries in the same run; what each costs; and the memory of 1,000 looks in
//! flight.
//!
//! `cargo bench -p icp-tests --bench audits -- 1000`; results in `docs/PERFORMANCE.md`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measure that cannot go on has failed, and prints what it measured"
)]
#![allow(dead_code, reason = "the base is shared with tests that use all of it")]

#[path = "audits/bare.rs"]
mod bare;
#[path = "../it/base.rs"]
mod base;
#[path = "audits/counts.rs"]
mod counts;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use icp_domain::audit::AuditClock;
use icp_domain::ids::UnitId;
use icp_domain::import::Column;
use icp_local::stage::{Applicant, OURS, Stage};
use icp_store::{Change, DeskList, Store};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use bare::{Rows, bare};
use counts::Counts;

/// Processes that look at the same time. Source: `template.yaml`, `MaximumConcurrency`.
const LOOKING: usize = 5;

/// Processes that judge at the same time. Source: as above.
const JUDGING: usize = 10;

/// Looks in flight.
const IN_FLIGHT: usize = gather_evidence::AT_ONCE * LOOKING;

/// Of so many sites one is silent, where that is measured. Chosen here.
const SILENT_OF: u32 = 20;

/// A page as large as many are, in bytes.
const PAGE: usize = 32 * 1024;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let asked = std::env::args().find_map(|n| n.parse().ok());
    runtime.block_on(measure(asked.unwrap_or(1000)));
}

async fn measure(sites: u32) {
    let cores = std::thread::available_parallelism().unwrap().get();
    println!("{sites} sites, {cores} cores, {IN_FLIGHT} looks in flight");
    let stage = with_sites(sites).await;
    let rows = Arc::new(Rows::of(&stage).await);
    for latency in [Duration::ZERO, Duration::from_millis(200)] {
        stage.sites.answer_after(latency);
        let ours = audited(&stage, sites).await;
        let look_ups = bare(&stage, sites, None).await;
        let whole = bare(&stage, sites, Some(&rows)).await;
        let a_second = |took: &Took| f64::from(sites) / took.wall.as_secs_f64() / to_f64(cores);
        let each = |took: &Took| took.processor_ms / f64::from(sites);
        println!(
            "{} ms: {:.1} audits a second and core, {:.2} ms of processor each",
            latency.as_millis(),
            a_second(&ours.took),
            each(&ours.took),
        );
        for (what, bare) in [
            ("the look-ups alone", &look_ups),
            ("the look-ups and the calls to queues and table", &whole),
        ] {
            println!(
                "  bare, {what}: {:.1} and {:.2} ms; ours is {:.2} of it",
                a_second(bare),
                each(bare),
                a_second(&ours.took) / a_second(bare),
            );
        }
        for (what, cost) in ours.costs {
            println!("  {what}: {cost}");
        }
    }
    stage.sites.answer_after(Duration::from_secs(3));
    in_flight(&stage, sites).await;
    stage.sites.answer_after(Duration::from_millis(200));
    let _silent = silenced(&stage, sites).await;
    let some = audited(&stage, sites).await;
    println!(
        "one of {SILENT_OF} silent: {:.3} s of gather-evidence a look",
        some.looking.as_secs_f64() / f64::from(sites),
    );
}

/// Lets one of so many sites accept connections and say nothing, as long as what is given lives.
async fn silenced(stage: &Stage, sites: u32) -> JoinSet<()> {
    let address = Ipv4Addr::new(127, 0, 0, 77);
    let listener = TcpListener::bind((address, stage.sites.http_port))
        .await
        .unwrap();
    for n in (1..=sites).filter(|n| n.is_multiple_of(SILENT_OF)) {
        stage.sites.point(&format!("site-{n}.cn"), address).await;
    }
    let mut silent = JoinSet::new();
    silent.spawn(async move {
        let mut open = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            open.push(stream);
        }
    });
    silent
}

/// A stage with a base of sites that are as they must be, at a time at which every one is due.
async fn with_sites(sites: u32) -> Stage {
    let now = "2026-03-02T02:00:00Z".parse().unwrap();
    let stage = Stage::start(Stage::template(), now).await.unwrap();
    let rows: Vec<_> = (1..=sites)
        .map(|n| {
            base::row(
                n,
                &[(Column::HomePage, &format!("http://www.site-{n}.cn/"))],
            )
        })
        .collect();
    base::bring(&stage, "csv", &base::csv(&rows), json!({})).await;
    let filler = "<p>本站介绍示例公司的产品和服务。</p>".repeat(PAGE / 50);
    for n in 1..=sites {
        stage.sites.point(&format!("site-{n}.cn"), OURS).await;
        let page = Applicant::new(n, "one.cn").page();
        let page = page.replace("<body>", &format!("<body>{filler}"));
        stage.sites.show(&format!("www.site-{n}.cn"), &page);
    }
    // The cursors begin where time does.
    plan(&stage).await;
    stage
}

/// What something took.
struct Took {
    wall: Duration,
    processor_ms: f64,
}

/// Begins to measure.
struct Begun(Instant, f64);

impl Begun {
    fn now() -> Self {
        Self(Instant::now(), processor_ms())
    }

    fn took(&self) -> Took {
        Took {
            wall: self.0.elapsed(),
            processor_ms: processor_ms() - self.1,
        }
    }
}

/// Time of the processor that this process used, in milliseconds, as Linux counts it in hundredths of a second.
fn processor_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks * 10.0
}

struct Audited {
    took: Took,
    /// How long the processes that look were at it, all together: what Lambda bills.
    looking: Duration,
    costs: BTreeMap<&'static str, String>,
}

/// Has every unit due at once and audits each: ticks plan while processes look and judge.
async fn audited(stage: &Stage, sites: u32) -> Audited {
    all_due(stage).await;
    let counts = Counts::begin(stage.deployment.journal());
    let begun = Begun::now();
    let mut work = JoinSet::new();
    let open = Arc::new(AtomicUsize::new(LOOKING + 1));
    let planning = (stage.clone(), Arc::clone(&open));
    work.spawn(async move {
        let (stage, open) = planning;
        plan(&stage).await;
        open.fetch_sub(1, Ordering::Relaxed);
        Duration::ZERO
    });
    for _ in 0..LOOKING {
        let (stage, open) = (stage.clone(), Arc::clone(&open));
        work.spawn(async move {
            // Who looks goes on until nobody plans, and who judges until nobody looks.
            let looking = deliver(&stage, "LooksQueue", || {
                open.load(Ordering::Relaxed) <= LOOKING
            });
            let looking = looking.await;
            open.fetch_sub(1, Ordering::Relaxed);
            looking
        });
    }
    for _ in 0..JUDGING {
        let (stage, open) = (stage.clone(), Arc::clone(&open));
        work.spawn(async move {
            deliver(&stage, "EvidenceQueue", || {
                open.load(Ordering::Relaxed) == 0
            })
            .await;
            Duration::ZERO
        });
    }
    let mut looking = Duration::ZERO;
    while let Some(done) = work.join_next().await {
        looking += done.unwrap();
    }
    let took = begun.took();
    assert_eq!(stage.deployment.failures(), []);
    let costs = counts.end().await.costs(f64::from(sites));
    Audited {
        took,
        looking,
        costs,
    }
}

/// Delivers batches of a queue until it is empty and nothing more can come. Gives how long its function was at it.
async fn deliver(stage: &Stage, queue: &str, is_last: impl Fn() -> bool) -> Duration {
    let mut busy = Duration::ZERO;
    loop {
        let last = is_last();
        let begun = Instant::now();
        if stage.deployment.deliver_batch(queue).await.unwrap() {
            busy += begun.elapsed();
        } else if last {
            return busy;
        } else {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

/// Lets the audit clock of every site be due now. Their subjects, at which there is nothing to look up, are not.
async fn all_due(stage: &Stage) {
    stage
        .deployment
        .clock()
        .advance(SignedDuration::from_hours(1));
    let environment = stage.deployment.environment("judge-evidence").unwrap();
    let aws = stage.deployment.sdk_config("local");
    let store = Store::open(&aws, &environment["ICP_TABLE"], &environment["ICP_KEY"]);
    let (now, mut cursor) = (stage.now(), None);
    let due = now + SignedDuration::from_mins(1);
    loop {
        let page = store.on_desk(DeskList::FiledSubjects, cursor.as_ref(), 100);
        let page = page.await.unwrap();
        for subject in store.subjects(&page.keys).await.unwrap() {
            let filing = store.filing(&subject.id).await.unwrap().unwrap();
            let mut change = Change::new();
            let services = filing.filing.services.keys();
            let units = services.map(|id| UnitId::of_service(subject.id.clone(), id.clone()));
            for unit in units {
                let clock = AuditClock {
                    next_audit_at: due,
                    regular_at: due,
                    ..filing.clock(&unit).unwrap().clock.clone()
                };
                filing
                    .put_clock(&mut change, &unit, &clock, true, now)
                    .unwrap();
            }
            store.commit(&change).await.unwrap();
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    stage
        .deployment
        .clock()
        .advance(SignedDuration::from_mins(30));
}

/// Ticks until all that is due was planned: a tick goes through one day of what was missed.
async fn plan(stage: &Stage) {
    let mut empty = 0;
    while empty < 2 {
        let planned = stage
            .deployment
            .invoke("schedule-audits", tick())
            .await
            .unwrap();
        empty = if planned["planned"] == 0 {
            empty + 1
        } else {
            0
        };
    }
}

fn tick() -> Json {
    let path = Stage::template().with_file_name("tests/fixtures/events/schedule-audits.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The memory of half as many looks in flight as there are sites, in this process, which also holds the sites: a process
/// takes twice what it makes at the same time.
async fn in_flight(stage: &Stage, sites: u32) {
    let looks = sites as usize / 2;
    let processes = looks.div_ceil(gather_evidence::AT_ONCE);
    all_due(stage).await;
    plan(stage).await;
    let before = resident_kilobytes();
    let mut work = JoinSet::new();
    for _ in 0..processes {
        let stage = stage.clone();
        work.spawn(async move { stage.deployment.deliver_batch("LooksQueue").await.unwrap() });
    }
    let mut most = before;
    while !work.is_empty() {
        let pause = tokio::time::sleep(Duration::from_millis(20));
        tokio::select! {
            done = work.join_next() => { done.unwrap().unwrap(); }
            () = pause => {}
        }
        most = most.max(resident_kilobytes());
    }
    println!(
        "{looks} looks in flight: {} MB more, {} MB before",
        (most - before) / 1024,
        before / 1024
    );
}

fn resident_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let digits = line.and_then(|line| line.split_whitespace().next());
    digits.and_then(|digits| digits.parse().ok()).unwrap()
}

fn to_f64(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap())
}
