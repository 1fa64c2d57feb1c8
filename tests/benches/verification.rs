//! Measures verification: sends and confirms a second and their slowest hundredth, over the whole local deployment,
//! beside the same calls of the SDK made bare in the same run.
//!
//! `cargo bench -p icp-tests --bench verification -- 400`; results in `docs/PERFORMANCE.md`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measure that cannot go on has failed, and prints what it measured"
)]

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, KeysAndAttributes, Put, ReturnValue, TransactWriteItem,
};
use futures::StreamExt;
use icp_local::Call;
use icp_local::stage::{Applicant, Stage};
use serde_json::{Value as Json, json};

/// Callers at a time.
const CALLERS: usize = 8;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let asked = std::env::args().find_map(|n| n.parse().ok());
    runtime.block_on(measure(asked.unwrap_or(400)));
}

async fn measure(people: u32) {
    let now = "2026-03-02T02:00:00Z".parse().unwrap();
    let stage = Stage::start(Stage::template(), now).await.unwrap();
    let mut persons = Vec::new();
    for n in 1..=people {
        let who = Filer::new(&stage, n);
        let draft = json!({ "kind": "first-filing", "draft": who.applicant.draft() });
        let drafted = call(&stage, &who, "/orders".to_owned(), draft).await;
        let order = drafted["id"].as_str().unwrap().to_owned();
        persons.push((who, order));
    }
    stage.deployment.settle().await.unwrap();
    stage.deployment.journal().take();

    let sends = persons.iter().map(|(who, order)| {
        let path = format!("/orders/{order}/persons/p1/codes");
        timed(call(&stage, who, path, Json::Null))
    });
    let sends = Phase::of(sends).await;
    let of_sends = Cost::of(&stage.deployment.journal().take(), people);
    stage.deployment.settle().await.unwrap();
    let mut codes = HashMap::new();
    for sms in stage.deployment.sms() {
        let digits = sms.text.chars().skip_while(|c| !c.is_ascii_digit());
        let code: String = digits.take_while(char::is_ascii_digit).collect();
        codes.insert(sms.number, code);
    }
    stage.deployment.journal().take();
    let confirms = persons.iter().map(|(who, order)| {
        let path = format!("/orders/{order}/persons/p1/confirmations");
        let code = codes.get(&format!("+86{}", who.applicant.mobile)).unwrap();
        timed(call(&stage, who, path, json!({ "code": code })))
    });
    let confirms = Phase::of(confirms).await;
    let of_confirms = Cost::of(&stage.deployment.journal().take(), people);

    let bare = Bare::of(&stage).await;
    let bare_sends = Phase::of((0..people).map(|n| timed(bare.send(n)))).await;
    let bare_confirms = Phase::of((0..people).map(|n| timed(bare.confirm(n)))).await;
    println!("{people} verifications, {CALLERS} callers at a time");
    for (what, ours, cost, bare) in [
        ("sends", sends, of_sends, bare_sends),
        ("confirms", confirms, of_confirms, bare_confirms),
    ] {
        let ratio = ours.took.as_secs_f64() / bare.took.as_secs_f64();
        println!(
            "{what}: {:.0} a second, p99 {:.1} ms; {:.1} calls, {:.1} read and {:.1} + {:.1} write units each; bare \
             {:.0} a second, p99 {:.1} ms; {ratio:.2} times the bare calls",
            ours.rate(),
            ours.slowest_hundredth(),
            cost.calls,
            cost.read,
            cost.table,
            cost.index,
            bare.rate(),
            bare.slowest_hundredth(),
        );
    }
}

/// A filer who has signed in: the issuer makes tokens, and not the service.
struct Filer {
    applicant: Applicant,
    token: String,
}

impl Filer {
    fn new(stage: &Stage, n: u32) -> Self {
        let applicant = Applicant::new(n, &format!("site{n}.cn"));
        let account = &applicant.account;
        let token = stage.deployment.token("filer", account, account);
        Self {
            token: token.unwrap(),
            applicant,
        }
    }
}

/// A filer's call over the gateway, as a client makes it.
async fn call(stage: &Stage, who: &Filer, path: String, body: Json) -> Json {
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "k"),
    ];
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let answer = stage
        .deployment
        .http("POST", &path, Some(&who.token), &headers, body)
        .await;
    assert!(answer.status().is_success(), "{path}: {answer:?}");
    serde_json::from_slice(answer.body()).unwrap()
}

async fn timed<T>(work: impl Future<Output = T>) -> Duration {
    let begun = Instant::now();
    work.await;
    begun.elapsed()
}

/// How long each of many took, and all together.
struct Phase {
    each: Vec<Duration>,
    took: Duration,
}

impl Phase {
    async fn of(work: impl Iterator<Item = impl Future<Output = Duration>>) -> Self {
        let begun = Instant::now();
        let mut each: Vec<Duration> = futures::stream::iter(work)
            .buffer_unordered(CALLERS)
            .collect()
            .await;
        let took = begun.elapsed();
        each.sort();
        Self { each, took }
    }

    fn rate(&self) -> f64 {
        f64::from(u32::try_from(self.each.len()).unwrap()) / self.took.as_secs_f64()
    }

    /// In milliseconds.
    fn slowest_hundredth(&self) -> f64 {
        let at = self.each.len() * 99 / 100;
        self.each.get(at).unwrap().as_secs_f64() * 1000.0
    }
}

/// What one verification costs, as the table counts it.
struct Cost {
    calls: f64,
    read: f64,
    table: f64,
    index: f64,
}

impl Cost {
    fn of(calls: &[Call], people: u32) -> Self {
        let of_function = calls
            .iter()
            .filter(|call| call.caller == "verify-contact" && call.service == "dynamodb");
        let mut sum = Self {
            calls: 0.0,
            read: 0.0,
            table: 0.0,
            index: 0.0,
        };
        for call in of_function {
            sum.calls += 1.0;
            sum.read += call.read.table;
            sum.table += call.written.table;
            sum.index += call.written.indexes.values().sum::<f64>();
        }
        let each = f64::from(people);
        Self {
            calls: sum.calls / each,
            read: sum.read / each,
            table: sum.table / each,
            index: sum.index / each,
        }
    }
}

/// The same calls to the table, made by the SDK alone: as many rows, each a copy of one that the service wrote, in the
/// same index.
struct Bare {
    client: Client,
    table: String,
    send: Vec<Row>,
    confirm: Vec<Row>,
}

type Row = HashMap<String, AttributeValue>;

/// What a send writes: partition and sort key of each row begin so.
const SENT: [(&str, &str); 4] = [
    ("CHALLENGE#", "HEAD"),
    ("NUMBER#", "SENDS"),
    ("OUTBOX#", ""),
    ("REPEAT#", "HEAD"),
];

/// What a confirmation of a draft's person writes.
const CONFIRMED: [(&str, &str); 6] = [
    ("CHALLENGE#", "HEAD"),
    ("ORDER#", "PERSON#"),
    ("ORDER#", "HEAD"),
    ("SUBJECT#", "HEAD"),
    ("HISTORY#", ""),
    ("REPEAT#", "HEAD"),
];

impl Bare {
    async fn of(stage: &Stage) -> Self {
        let environment: BTreeMap<String, String> =
            stage.deployment.environment("verify-contact").unwrap();
        let client = Client::new(&stage.deployment.sdk_config("local"));
        let table = environment.get("ICP_TABLE").unwrap().clone();
        let written = client.scan().table_name(&table).into_paginator().items();
        let written: Vec<Row> = written.send().try_collect().await.unwrap();
        let copied =
            |kinds: &[(&str, &str)]| kinds.iter().map(|kind| row(&written, *kind)).collect();
        Self {
            send: copied(&SENT),
            confirm: copied(&CONFIRMED),
            client,
            table,
        }
    }

    /// Two batches of two rows, a count, and a transaction.
    async fn send(&self, n: u32) {
        self.read(&[key(n, 0), key(n, 1)]).await;
        self.read(&[key(n, 2), key(n, 3)]).await;
        self.count(n).await;
        self.write(n, &self.send).await;
    }

    /// A batch of three rows, a count, one more row, and a transaction.
    async fn confirm(&self, n: u32) {
        self.read(&[key(n, 0), key(n, 1), key(n, 2)]).await;
        self.count(n).await;
        self.read(&[key(n, 3)]).await;
        self.write(n, &self.confirm).await;
    }

    async fn read(&self, keys: &[Row]) {
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys.to_vec()))
            .consistent_read(true)
            .build()
            .unwrap();
        let sent = self.client.batch_get_item();
        sent.request_items(&self.table, wanted)
            .send()
            .await
            .unwrap();
    }

    async fn count(&self, n: u32) {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(n, 9)))
            .update_expression("ADD calls :one")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .return_values(ReturnValue::AllNew)
            .send()
            .await
            .unwrap();
    }

    async fn write(&self, n: u32, rows: &[Row]) {
        let puts = (0..).zip(rows).map(|(at, row)| {
            let mut item = row.clone();
            item.extend(key(n, at));
            let put = Put::builder().table_name(&self.table).set_item(Some(item));
            TransactWriteItem::builder()
                .put(put.build().unwrap())
                .build()
        });
        let sent = self.client.transact_write_items();
        sent.set_transact_items(Some(puts.collect()))
            .send()
            .await
            .unwrap();
    }
}

/// A row of a kind that the service wrote.
fn row(written: &[Row], (partition, sort): (&str, &str)) -> Row {
    let begins = |row: &Row, name: &str, with: &str| {
        row.get(name)
            .and_then(|value| value.as_s().ok())
            .is_some_and(|value| value.starts_with(with))
    };
    let found = written
        .iter()
        .find(|row| begins(row, "pk", partition) && begins(row, "sk", sort));
    found.unwrap().clone()
}

fn key(n: u32, row: u32) -> Row {
    let text = |text: String| AttributeValue::S(text);
    HashMap::from([
        ("pk".to_owned(), text(format!("BARE#{n}"))),
        ("sk".to_owned(), text(format!("ROW#{row}"))),
    ])
}
