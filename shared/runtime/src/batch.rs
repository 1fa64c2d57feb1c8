//! Queue batches: each record on its own, and a list of those that failed.
//!
//! **Invariant:** a record that fails, panics or has failed before takes no other with it: what the
//! queue brings again is handled alone, after all that it brings for the first time.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{FutureExt, Stream, StreamExt};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::queue::MESSAGES_A_CALL;
use crate::{Answered, Chain, Clock, Function, FunctionError, Queue};

/// A record of a queue.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The queue's id of it.
    pub message_id: String,
    /// Its text.
    pub body: String,
    /// What the queue says of it.
    #[serde(default)]
    attributes: Attributes,
    /// Whether other records came with it.
    #[serde(skip)]
    has_neighbours: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    sent_timestamp: Option<String>,
    approximate_receive_count: Option<String>,
}

impl Record {
    /// When it was sent, as the queue says.
    pub fn sent_at(&self) -> Option<Timestamp> {
        let millis = self.attributes.sent_timestamp.as_ref()?.parse().ok()?;
        Timestamp::from_millisecond(millis).ok()
    }

    /// Whether it was received before, and now with others that it may take with it: by whatever
    /// ends a process, against which no catching helps.
    pub fn endangers_others(&self) -> bool {
        self.has_neighbours && !is_first(self.attributes.approximate_receive_count.as_deref())
    }
}

/// How long after the batch's first record another one is begun. With the longest handling (a look
/// and the sending of its evidence) it ends within the 60 seconds of a queue's function.
pub const BEGIN_WITHIN: Duration = Duration::from_secs(25);

/// Whether the queue brings a record for the first time.
fn is_fresh(record: &Value) -> bool {
    let count = record.pointer("/attributes/ApproximateReceiveCount");
    is_first(count.and_then(Value::as_str))
}

fn is_first(receive_count: Option<&str>) -> bool {
    receive_count.is_none_or(|count| count == "1")
}

/// What is made of a record, later.
pub type Made<'a, T> = BoxFuture<'a, Result<T, FunctionError>>;

/// What was made of the record with an id.
type Handled<T> = (Value, Result<T, FunctionError>);

#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Value>,
}

impl Batch {
    fn read(event: Value) -> Result<Self, FunctionError> {
        serde_json::from_value(event).map_err(FunctionError::Malformed)
    }

    /// Does `handle` for each record, `at_once` of them at the same time and what comes again alone.
    fn each<'a, T: Send + 'a>(
        self,
        at_once: usize,
        handle: impl Fn(Record) -> Made<'a, T> + Send + Sync + Copy + 'a,
    ) -> impl Stream<Item = Handled<T>> + Send + 'a {
        let end = Instant::now() + BEGIN_WITHIN;
        let has_neighbours = self.records.len() > 1;
        let (fresh, again): (Vec<_>, Vec<_>) = self.records.into_iter().partition(is_fresh);
        let one = move |record| one(record, has_neighbours, end, handle);
        let fresh = futures::stream::iter(fresh)
            .map(one)
            .buffer_unordered(at_once);
        let again = futures::stream::iter(again).then(one);
        fresh.chain(again)
    }
}

async fn one<'a, T>(
    record: Value,
    has_neighbours: bool,
    end: Instant,
    handle: impl Fn(Record) -> Made<'a, T>,
) -> Handled<T> {
    let id = record.get("messageId").cloned().unwrap_or_default();
    if end <= Instant::now() {
        return (id, Err(FunctionError::NotBegun));
    }
    let made = match serde_json::from_value::<Record>(record) {
        Ok(record) => {
            let record = Record {
                has_neighbours,
                ..record
            };
            // Nothing of the record outlives its handling, so that nothing half done is seen again.
            AssertUnwindSafe(async { handle(record).await })
                .catch_unwind()
                .await
                .unwrap_or(Err(FunctionError::Panicked))
        }
        Err(error) => Err(FunctionError::Malformed(error)),
    };
    (id, made)
}

/// A record that failed, as the queue is told of it.
fn failure(id: &Value, error: &FunctionError) -> Value {
    if matches!(error, FunctionError::NotBegun) {
        tracing::warn!(record = %id, "a record was left for another time: this one is over");
    } else {
        tracing::error!(record = %id, "a record failed: {}", Chain(error));
    }
    json!({ "itemIdentifier": id })
}

/// A function that a queue calls. One bad record never sinks its batch.
pub struct BatchFunction<A, H> {
    app: A,
    handle: H,
    at_once: usize,
}

impl<A, H> BatchFunction<A, H> {
    /// A function that does `handle` for each record, `at_once` of them at the same time.
    pub fn new(app: A, at_once: usize, handle: H) -> Self {
        Self {
            app,
            handle,
            at_once,
        }
    }
}

impl<A, H> Function for BatchFunction<A, H>
where
    A: Send + Sync,
    H: for<'a> Fn(&'a A, &'a Clock, Record) -> Answered<'a> + Send + Sync,
{
    fn answer<'a>(&'a self, event: Value, clock: &'a Clock) -> Answered<'a> {
        Box::pin(async move {
            let failures: Vec<Value> = Batch::read(event)?
                .each(self.at_once, |record| {
                    (self.handle)(&self.app, clock, record)
                })
                .filter_map(async |(id, made)| Some(failure(&id, &made.err()?)))
                .collect()
                .await;
            Ok(json!({ "batchItemFailures": failures }))
        })
    }
}

/// A function that makes messages of one queue of those of another. What it makes is sent ten a call, so that whatever
/// is ready waits for others, or for the end of its batch.
pub struct ForwardFunction<A, H, T> {
    app: A,
    handle: H,
    to: Queue<T>,
    at_once: usize,
}

/// Calls of one batch that send at the same time, so that none keeps the handling waiting.
///
/// Source: chosen here: the calls of a batch of forty.
const SENDS_AT_ONCE: usize = 4;

impl<A, H, T> ForwardFunction<A, H, T> {
    /// A function that sends to `to` what `handle` makes of each record, `at_once` of them handled at the same time.
    pub fn new(app: A, to: Queue<T>, at_once: usize, handle: H) -> Self {
        Self {
            app,
            handle,
            to,
            at_once,
        }
    }
}

impl<A, H, T> ForwardFunction<A, H, T>
where
    A: Send + Sync,
    T: Serialize + Send + Sync,
{
    /// Sends what was made together. Those of a call that failed have failed, each of them.
    async fn send(&self, handled: Vec<Handled<Option<T>>>) -> Vec<Value> {
        let (mut failures, mut ids, mut messages) = (Vec::new(), Vec::new(), Vec::new());
        for (id, made) in handled {
            match made {
                Ok(Some(message)) => {
                    ids.push(id);
                    messages.push(message);
                }
                Ok(None) => {}
                Err(error) => failures.push(failure(&id, &error)),
            }
        }
        if let Err(error) = self.to.send(&messages).await {
            let error = FunctionError::Failed(error.into());
            failures.extend(ids.iter().map(|id| failure(id, &error)));
        }
        failures
    }
}

impl<A, H, T> Function for ForwardFunction<A, H, T>
where
    A: Send + Sync,
    H: for<'a> Fn(&'a A, &'a Clock, Record) -> Made<'a, Option<T>> + Send + Sync,
    T: Serialize + Send + Sync,
{
    fn answer<'a>(&'a self, event: Value, clock: &'a Clock) -> Answered<'a> {
        Box::pin(async move {
            let failures: Vec<Value> = Batch::read(event)?
                .each(self.at_once, |record| {
                    (self.handle)(&self.app, clock, record)
                })
                .chunks(MESSAGES_A_CALL)
                .map(|handled| self.send(handled))
                .buffer_unordered(SENDS_AT_ONCE)
                .concat()
                .await;
            Ok(json!({ "batchItemFailures": failures }))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    type Handle<A> = for<'a> fn(&'a A, &'a Clock, Record) -> Answered<'a>;

    async fn failed(function: &impl Function, records: Value) -> Vec<String> {
        let event = json!({ "Records": records });
        let clock = Clock::system();
        let answer = function.answer(event, &clock).await.unwrap();
        let failures = answer["batchItemFailures"].as_array().unwrap();
        let id = |failure: &Value| failure["itemIdentifier"].as_str().unwrap().to_owned();
        let mut failed: Vec<String> = failures.iter().map(id).collect();
        failed.sort_unstable();
        failed
    }

    fn read<'a>((): &'a (), _: &'a Clock, record: Record) -> Answered<'a> {
        Box::pin(async move {
            assert!(
                record.body != "hostile",
                "a record that makes the handler panic"
            );
            serde_json::from_str::<Value>(&record.body).map_err(FunctionError::Malformed)
        })
    }

    #[tokio::test]
    async fn one_bad_record_never_sinks_its_batch() {
        let function = BatchFunction::new((), 2, read as Handle<()>);
        let records = json!([
            { "messageId": "1", "body": "{}" },
            { "messageId": "2", "body": "{" },
            { "messageId": "3" },
            { "messageId": "4", "body": "hostile" },
            { "messageId": "5", "body": "[]" },
        ]);
        assert_eq!(failed(&function, records).await, ["2", "3", "4"]);
    }

    /// Of even numbers nothing is made.
    fn odd<'a>((): &'a (), _: &'a Clock, record: Record) -> Made<'a, Option<u8>> {
        Box::pin(async move {
            let number: u8 =
                serde_json::from_str(&record.body).map_err(FunctionError::Malformed)?;
            Ok((!number.is_multiple_of(2)).then_some(number))
        })
    }

    #[tokio::test]
    async fn what_was_made_and_not_sent_has_failed_and_nothing_else() {
        type Odd = for<'a> fn(&'a (), &'a Clock, Record) -> Made<'a, Option<u8>>;
        let function = ForwardFunction::new((), Queue::out_of_reach(), 4, odd as Odd);
        let mut records: Vec<Value> = (10..34)
            .map(|n: u8| json!({ "messageId": n.to_string(), "body": n.to_string() }))
            .collect();
        records.push(json!({ "messageId": "99", "body": "none" }));
        let mut expected: Vec<String> = (10..34)
            .filter(|n| n % 2 == 1)
            .map(|n| n.to_string())
            .collect();
        expected.push("99".to_owned());
        assert_eq!(failed(&function, json!(records)).await, expected);
    }

    /// What began and what ended.
    type Log = Mutex<Vec<String>>;

    fn note<'a>(log: &'a Log, _: &'a Clock, record: Record) -> Answered<'a> {
        Box::pin(async move {
            log.lock().unwrap().push(format!("+{}", record.message_id));
            tokio::task::yield_now().await;
            log.lock().unwrap().push(format!("-{}", record.message_id));
            Ok(json!({}))
        })
    }

    #[tokio::test]
    async fn what_comes_again_goes_alone_after_what_is_fresh() {
        let function = BatchFunction::new(Log::default(), 2, note as Handle<Log>);
        let record = |id: &str, count: &str| {
            let attributes = json!({ "ApproximateReceiveCount": count });
            json!({ "messageId": id, "body": "", "attributes": attributes })
        };
        let records = json!([
            record("a", "2"),
            record("b", "1"),
            record("c", "3"),
            record("d", "1")
        ]);
        assert!(failed(&function, records).await.is_empty());
        let log = function.app.lock().unwrap().join(" ");
        let (fresh, again) = log.split_at("+b +d -b -d".len());
        assert!(
            fresh.starts_with("+b +d"),
            "the fresh ones go together: {log}"
        );
        assert_eq!(again, " +a -a +c -c");
    }

    /// What endangers others.
    fn warn<'a>(log: &'a Log, _: &'a Clock, record: Record) -> Answered<'a> {
        Box::pin(async move {
            if record.endangers_others() {
                log.lock().unwrap().push(record.message_id);
            }
            Ok(json!({}))
        })
    }

    #[tokio::test]
    async fn what_comes_again_endangers_what_comes_with_it_and_nobody_when_alone() {
        let record = |id: &str, count: &str| {
            let attributes = json!({ "ApproximateReceiveCount": count });
            json!({ "messageId": id, "body": "", "attributes": attributes })
        };
        for (records, expected) in [
            (json!([record("a", "2"), record("b", "1")]), vec!["a"]),
            (json!([record("a", "2"), record("b", "3")]), vec!["a", "b"]),
            (json!([record("a", "1"), record("b", "1")]), vec![]),
            (json!([record("a", "3")]), vec![]),
        ] {
            let function = BatchFunction::new(Log::default(), 2, warn as Handle<Log>);
            assert!(failed(&function, records).await.is_empty());
            assert_eq!(*function.app.lock().unwrap(), expected);
        }
    }

    fn take_half<'a>((): &'a (), _: &'a Clock, _: Record) -> Answered<'a> {
        Box::pin(async {
            tokio::time::sleep(BEGIN_WITHIN / 2).await;
            Ok(json!({}))
        })
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_begin_in_time_is_left_for_another_time() {
        let function = BatchFunction::new((), 1, take_half as Handle<()>);
        let record = |id| json!({ "messageId": id, "body": "" });
        let records = json!([record("1"), record("2"), record("3"), record("4")]);
        assert_eq!(failed(&function, records).await, ["3", "4"]);
    }

    #[test]
    fn a_record_tells_when_it_was_sent() {
        let sent_at = |attributes: Value| {
            let record = json!({ "messageId": "1", "body": "", "attributes": attributes });
            serde_json::from_value::<Record>(record).unwrap().sent_at()
        };
        let at = sent_at(json!({ "SentTimestamp": "1772416800000", "SenderId": "x" }));
        assert_eq!(at, Some("2026-03-02T02:00:00Z".parse().unwrap()));
        assert_eq!(sent_at(json!({})), None);
        assert_eq!(sent_at(json!({ "SentTimestamp": "soon" })), None);
    }
}
