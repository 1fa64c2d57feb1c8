//! What measures share: the events of schedules, what calls cost, and filings by the million.

use std::collections::HashMap;
use std::ops::Range;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use futures::StreamExt;
use icp_local::Call;
use icp_local::stage::{Ask, Stage};
use icp_store::{Key, keys};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

/// The event of a function's minute schedule.
pub(crate) fn tick(function: &str) -> Json {
    let fixtures = Stage::template().with_file_name("tests/fixtures/events");
    let path = fixtures.join(format!("{function}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// What the calls of a function came to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Cost {
    /// Calls to the table.
    pub(crate) calls: u32,
    /// Read units.
    pub(crate) read: f64,
    /// Write units, indexes and all.
    pub(crate) written: f64,
    /// Sends to queues.
    pub(crate) sends: u32,
}

impl Cost {
    pub(crate) fn of(calls: &[Call], function: &str) -> Self {
        let mut cost = Self::default();
        for call in calls.iter().filter(|call| call.caller == function) {
            match call.service {
                "dynamodb" => cost.calls += 1,
                "sqs" => cost.sends += 1,
                _ => {}
            }
            cost.read += call.read.table + call.read.indexes.values().sum::<f64>();
            cost.written += call.written.table + call.written.indexes.values().sum::<f64>();
        }
        cost
    }
}

impl std::ops::AddAssign for Cost {
    fn add_assign(&mut self, more: Self) {
        self.calls += more.calls;
        self.read += more.read;
        self.written += more.written;
        self.sends += more.sends;
    }
}

impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} calls to the table, {} read units, {} write units; {} sends",
            self.calls, self.read, self.written, self.sends
        )
    }
}

/// The rows of a filing that was brought, to be stored again and again.
pub(crate) struct Copied {
    client: Client,
    name: String,
    rows: Vec<HashMap<String, AttributeValue>>,
    subject: String,
}

/// Writes at the same time.
const WRITES: usize = 8;

impl Copied {
    pub(crate) async fn of(stage: &Stage) -> Self {
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

    /// Stores copies of the filing, by number, that are due later on.
    pub(crate) async fn store(&self, numbers: Range<u32>, later: Timestamp) {
        let copies = numbers.flat_map(|n| self.rows.iter().map(move |row| (n, row)));
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
