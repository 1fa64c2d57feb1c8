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

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use futures::StreamExt;
use icp_domain::import::Column;
use icp_local::Call;
use icp_local::stage::{Applicant, Ask, OURS, Stage};
use icp_store::{Key, keys};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

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
    Table::of(&stage).await.store(filings, later).await;
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
        let ours: Vec<&Call> = calls
            .iter()
            .filter(|call| call.caller == function)
            .collect();
        let read: f64 = ours
            .iter()
            .map(|call| call.read.table + call.read.indexes.values().sum::<f64>())
            .sum();
        let written: f64 = ours
            .iter()
            .map(|call| call.written.table + call.written.indexes.values().sum::<f64>())
            .sum();
        let of = |service: &str| ours.iter().filter(|call| call.service == service).count();
        let cost = format!(
            "{} calls to the table, {read} read units, {written} write units; {} sends",
            of("dynamodb"),
            of("sqs")
        );
        ticks.insert(function, cost);
    }
    stage.deployment.settle().await.unwrap();
    ticks
}

fn tick(function: &str) -> Json {
    let fixtures = Stage::template().with_file_name("tests/fixtures/events");
    let path = fixtures.join(format!("{function}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The table, and the rows of a filing that was brought.
struct Table {
    client: Client,
    name: String,
    rows: Vec<HashMap<String, AttributeValue>>,
    subject: String,
}

/// Writes at the same time.
const WRITES: usize = 8;

impl Table {
    async fn of(stage: &Stage) -> Self {
        let client = Client::new(&stage.deployment.sdk_config("local"));
        let environment = stage.deployment.environment("judge-evidence").unwrap();
        let name = environment["ICP_TABLE"].clone();
        let ask = Ask {
            role: Some("filer"),
            account: "base-1",
            route: "GET /filings",
            ..Ask::default()
        };
        let filings = stage.ask(ask).await.unwrap().body;
        let subject = filings["items"][0]["id"].as_str().unwrap().to_owned();
        let partition = format!("SUBJECT#{subject}");
        let rows = client
            .query()
            .table_name(&name)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(partition))
            .send()
            .await
            .unwrap();
        Self {
            client,
            name,
            rows: rows.items().to_vec(),
            subject,
        }
    }

    /// Stores copies of the filing that are due later on, until there are so many.
    async fn store(&self, filings: u32, later: Timestamp) {
        let copies = (DUE..filings).flat_map(|n| self.rows.iter().map(move |row| (n, row)));
        let requests: Vec<_> = copies.collect();
        let writes = requests.chunks(25).map(|chunk| {
            let puts = chunk.iter().map(|(n, row)| {
                let put = PutRequest::builder().set_item(Some(self.copy((*n, later), row)));
                WriteRequest::builder()
                    .put_request(put.build().unwrap())
                    .build()
            });
            self.client
                .batch_write_item()
                .request_items(&self.name, puts.collect())
                .send()
        });
        let mut writes = futures::stream::iter(writes).buffer_unordered(WRITES);
        while let Some(written) = writes.next().await {
            assert_eq!(
                written.unwrap().unprocessed_items().map(HashMap::len),
                Some(0)
            );
        }
    }

    /// A row of another filing, with the same contents; where it wakes, it does then.
    fn copy(
        &self,
        (n, later): (u32, Timestamp),
        row: &HashMap<String, AttributeValue>,
    ) -> HashMap<String, AttributeValue> {
        let subject = format!("{n:032x}");
        let mut copy = row.clone();
        for value in copy.values_mut() {
            if let AttributeValue::S(text) = value {
                *text = text.replace(&self.subject, &subject);
            }
        }
        let text = |name: &str| copy[name].as_s().unwrap().clone();
        let key = Key {
            pk: text("pk"),
            sk: text("sk"),
        };
        if let Some(family) = row.get("wake_pk").map(|pk| pk.as_s().unwrap()) {
            let family = family.split('#').next().unwrap().to_owned();
            let at = later + SignedDuration::from_secs(i64::from(n % 7200));
            let shard = keys::shard_of(&key.to_string(), keys::WAKE_SHARDS);
            let wake = [
                ("wake_pk", keys::wake_partition(&family, at, shard)),
                ("wake_sk", keys::wake_sort(at, &key)),
            ];
            copy.extend(wake.map(|(name, value)| (name.to_owned(), AttributeValue::S(value))));
        }
        copy
    }
}
