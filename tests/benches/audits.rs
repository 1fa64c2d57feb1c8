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

#[path = "../it/base.rs"]
mod base;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::StreamExt;
use hickory_resolver::Resolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RecordType;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use icp_domain::import::Column;
use icp_local::stage::{Applicant, OURS, Stage};
use icp_local::{Call, Journal};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Processes that look, and that judge, at the same time. Source: `template.yaml`, `MaximumConcurrency`.
const PROCESSES: usize = 10;

/// Looks in flight: each process makes five at a time. Source: `gather-evidence`, `AT_ONCE`.
const IN_FLIGHT: usize = 5 * PROCESSES;

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
    println!("{sites} sites and their subjects, {cores} cores, {IN_FLIGHT} looks in flight");
    let stage = with_sites(sites).await;
    for latency in [Duration::ZERO, Duration::from_millis(200)] {
        stage.sites.answer_after(latency);
        let ours = audited(&stage, sites).await;
        let bare = bare(&stage, sites).await;
        let a_second = |took: &Took| f64::from(sites) / took.wall.as_secs_f64() / to_f64(cores);
        let (ours_each, bare_each) = (a_second(&ours.took), a_second(&bare));
        println!(
            "{} ms: {ours_each:.1} audits a second and core, bare {bare_each:.1}: {:.2} of it; {:.2} ms of processor \
             each, bare {:.2}",
            latency.as_millis(),
            ours_each / bare_each,
            ours.took.processor_ms / f64::from(sites),
            bare.processor_ms / f64::from(sites),
        );
        for (what, cost) in ours.costs {
            println!("  {what}: {cost}");
        }
    }
    stage.sites.answer_after(Duration::from_secs(3));
    in_flight(&stage, sites).await;
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
    costs: BTreeMap<&'static str, String>,
}

/// Lets a period pass and audits every unit once: a tick plans, processes look and judge.
async fn audited(stage: &Stage, sites: u32) -> Audited {
    stage
        .deployment
        .clock()
        .advance(SignedDuration::from_hours(31 * 24));
    let counts = Counts::begin(stage.deployment.journal());
    let begun = Begun::now();
    stage
        .deployment
        .invoke("schedule-audits", tick())
        .await
        .unwrap();
    let mut work = JoinSet::new();
    let looking = Arc::new(AtomicUsize::new(PROCESSES));
    for _ in 0..PROCESSES {
        let (stage, looking) = (stage.clone(), Arc::clone(&looking));
        work.spawn(async move {
            while stage.deployment.deliver_batch("LooksQueue").await.unwrap() {}
            looking.fetch_sub(1, Ordering::Relaxed);
        });
    }
    for _ in 0..PROCESSES {
        let (stage, looking) = (stage.clone(), Arc::clone(&looking));
        work.spawn(async move {
            loop {
                let last = looking.load(Ordering::Relaxed) == 0;
                let delivered = stage
                    .deployment
                    .deliver_batch("EvidenceQueue")
                    .await
                    .unwrap();
                if !delivered && last {
                    return;
                }
                if !delivered {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
        });
    }
    while let Some(done) = work.join_next().await {
        done.unwrap();
    }
    let took = begun.took();
    assert_eq!(stage.deployment.failures(), []);
    let costs = counts.end().await.costs(2.0 * f64::from(sites));
    Audited { took, costs }
}

fn tick() -> Json {
    let path = Stage::template().with_file_name("tests/fixtures/events/schedule-audits.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Counts calls and units: the journal keeps the latest calls only, so that it is read as they come.
struct Counts {
    done: Arc<AtomicBool>,
    counting: tokio::task::JoinHandle<Counted>,
}

#[derive(Default)]
struct Counted(BTreeMap<&'static str, Sum>);

#[derive(Default)]
struct Sum {
    queue: u32,
    table: u32,
    read: f64,
    written: f64,
    index: f64,
}

impl Counts {
    fn begin(journal: &Journal) -> Self {
        journal.take();
        let done = Arc::new(AtomicBool::new(false));
        let (journal, ended) = (journal.clone(), Arc::clone(&done));
        let counting = tokio::spawn(async move {
            let mut counted = Counted::default();
            loop {
                let last = ended.load(Ordering::Relaxed);
                for call in journal.take() {
                    counted.add(&call);
                }
                if last {
                    return counted;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        Self { done, counting }
    }

    async fn end(self) -> Counted {
        self.done.store(true, Ordering::Relaxed);
        self.counting.await.unwrap()
    }
}

impl Counted {
    fn add(&mut self, call: &Call) {
        let functions = ["schedule-audits", "gather-evidence", "judge-evidence"];
        let Some(function) = functions.into_iter().find(|name| *name == call.caller) else {
            return;
        };
        let sum = self.0.entry(function).or_default();
        match call.service {
            "sqs" => sum.queue += 1,
            "dynamodb" => sum.table += 1,
            _ => return,
        }
        sum.read += call.read.table + call.read.indexes.values().sum::<f64>();
        sum.written += call.written.table;
        sum.index += call.written.indexes.values().sum::<f64>();
    }

    fn costs(&self, audits: f64) -> BTreeMap<&'static str, String> {
        let each = |sum: &Sum| {
            format!(
                "{:.2} sends and {:.2} calls to the table an audit, {:.2} read units, {:.2} + {:.2} write units",
                f64::from(sum.queue) / audits,
                f64::from(sum.table) / audits,
                sum.read / audits,
                sum.written / audits,
                sum.index / audits,
            )
        };
        let costs = self.0.iter();
        costs
            .map(|(function, sum)| (*function, each(sum)))
            .collect()
    }
}

/// The look-ups of as many looks, made bare: the names' addresses in both families, and the page.
async fn bare(stage: &Stage, sites: u32) -> Took {
    let (server, port) = (stage.sites.resolver, stage.sites.http_port);
    let begun = Begun::now();
    let looks = (1..=sites).map(|n| tokio::spawn(look_up(server, port, n)));
    // As many in flight as ours.
    let mut looks = futures::stream::iter(looks.map(|look| async { look.await.unwrap() }))
        .buffer_unordered(IN_FLIGHT);
    while looks.next().await.is_some() {}
    begun.took()
}

async fn look_up(server: SocketAddr, port: u16, n: u32) {
    let resolver = resolver(server);
    let (apex, www) = (format!("site-{n}.cn."), format!("www.site-{n}.cn."));
    let name = async |name: &str| {
        let both = futures::future::join(
            resolver.lookup(name, RecordType::A),
            resolver.lookup(name, RecordType::AAAA),
        );
        let (v4, _none) = both.await;
        let address = v4
            .unwrap()
            .answers()
            .first()
            .and_then(|record| record.data.ip_addr());
        address.unwrap()
    };
    let page = async {
        let address = name(&www).await;
        let stream = TcpStream::connect((address, port)).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake::<_, Empty<Bytes>>(TokioIo::new(stream))
                .await
                .unwrap();
        let driver = tokio::spawn(connection);
        let request = http::Request::get("/").header("host", format!("www.site-{n}.cn"));
        let request = request.body(Empty::new()).unwrap();
        let answer = sender.send_request(request).await.unwrap();
        assert_eq!(answer.status(), 200);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(PAGE / 2 < body.len());
        driver.abort();
    };
    futures::future::join3(name(&apex), name(&www), page).await;
}

fn resolver(server: SocketAddr) -> Resolver<TokioRuntimeProvider> {
    let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for connection in &mut connections {
        connection.port = server.port();
    }
    let server = NameServerConfig::new(server.ip(), true, connections);
    let config = ResolverConfig::from_parts(None, vec![], vec![server]);
    let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
    let mut options = ResolverOpts::default();
    options.use_hosts_file = ResolveHosts::Never;
    options.preserve_intermediates = true;
    *builder.options_mut() = options;
    builder.build().unwrap()
}

/// The memory of 1,000 looks in flight, in this process, which also holds the sites.
async fn in_flight(stage: &Stage, sites: u32) {
    let processes = 200;
    stage
        .deployment
        .clock()
        .advance(SignedDuration::from_hours(31 * 24));
    stage
        .deployment
        .invoke("schedule-audits", tick())
        .await
        .unwrap();
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
    let looks = (2 * sites).min(1000);
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
