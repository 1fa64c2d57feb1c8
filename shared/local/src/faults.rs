//! Faults on order: what DynamoDB does that the embedded database never does.
//!
//! **Invariant:** a fault fires only where AWS could show it (an index read is stale, a write
//! contended); elsewhere the call goes through and [`Faults::fired`] does not name it.

use std::fmt;
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use http::StatusCode;
use serde_json::{Value as Json, json};

use crate::sync::locked;
use crate::wire::Refusal;

/// Another writer, who comes first.
pub type Interloper = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// What goes wrong with a call.
#[derive(Clone)]
pub enum Fault {
    /// Fails before it is executed: 500.
    Refused,
    /// The other writer acts first; then it is executed.
    Overtaken(Interloper),
    /// Is executed, but the caller sees 500.
    ReplyLost,
    /// Another transaction holds the item: `TransactionConflict`.
    Contended,
    /// An index read finds nothing yet.
    Stale,
    /// A batch does nothing and hands everything back.
    Partly,
    /// Too many at once: fails before it is executed.
    Throttled,
}

impl Fault {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Overtaken(_) => "overtaken",
            Self::ReplyLost => "reply lost",
            Self::Contended => "contended",
            Self::Stale => "stale",
            Self::Partly => "partly",
            Self::Throttled => "throttled",
        }
    }

    /// Whether AWS could show it on this call.
    fn applies(&self, operation: &str, body: &Json) -> bool {
        match self {
            Self::Refused | Self::ReplyLost | Self::Throttled | Self::Overtaken(_) => true,
            Self::Contended => matches!(
                operation,
                "TransactWriteItems" | "TransactGetItems" | "PutItem" | "UpdateItem" | "DeleteItem"
            ),
            Self::Stale => operation == "Query" && body.get("IndexName").is_some(),
            Self::Partly => matches!(operation, "BatchGetItem" | "BatchWriteItem"),
        }
    }

    /// The answer in place of executing the call, where that is what it does.
    pub(crate) fn instead(&self, operation: &str, body: &Json) -> Option<Instead> {
        match self {
            Self::Overtaken(_) | Self::ReplyLost => None,
            Self::Refused => Some(Instead::Refusal(lost())),
            Self::Throttled => Some(Instead::Refusal(Refusal::client(
                named("ProvisionedThroughputExceededException"),
                "The level of configured provisioned throughput was exceeded.",
            ))),
            Self::Contended if operation.starts_with("Transact") => {
                Some(Instead::Body(StatusCode::BAD_REQUEST, cancelled(body)))
            }
            Self::Contended => Some(Instead::Refusal(Refusal::client(
                named("TransactionConflictException"),
                "Transaction is ongoing for the item",
            ))),
            Self::Stale => Some(Instead::Body(
                StatusCode::OK,
                json!({ "Items": [], "Count": 0, "ScannedCount": 0 }),
            )),
            Self::Partly => {
                let asked = body.get("RequestItems").cloned().unwrap_or_default();
                Some(Instead::Body(
                    StatusCode::OK,
                    if operation == "BatchGetItem" {
                        json!({ "Responses": {}, "UnprocessedKeys": asked })
                    } else {
                        json!({ "UnprocessedItems": asked })
                    },
                ))
            }
        }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is answered in place of executing a call.
pub(crate) enum Instead {
    Refusal(Refusal),
    Body(StatusCode, Json),
}

/// The faults ordered, and how many calls there were. Calls of an interloper do not count.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    calls: u64,
    ordered: Vec<Ordered>,
    fired: Vec<(u64, &'static str)>,
}

#[derive(Debug)]
struct Ordered {
    first: u64,
    last: u64,
    fault: Fault,
}

/// What was ordered when faults were paused.
#[derive(Debug)]
pub struct Paused {
    calls: u64,
    ordered: Vec<Ordered>,
}

impl Faults {
    /// How many calls there were so far.
    pub fn calls(&self) -> u64 {
        locked(&self.0).calls
    }

    /// The `nth` call from now (1 is the next) meets `fault`.
    pub fn on(&self, nth: u64, fault: Fault) {
        let mut state = locked(&self.0);
        let call = state.calls + nth;
        state.ordered.push(Ordered {
            first: call,
            last: call,
            fault,
        });
    }

    /// The `nth` call from now and every later one meet `fault`, until [`Self::clear`].
    pub fn from(&self, nth: u64, fault: Fault) {
        let mut state = locked(&self.0);
        let first = state.calls + nth;
        state.ordered.push(Ordered {
            first,
            last: u64::MAX,
            fault,
        });
    }

    /// Takes back what is ordered; gives the calls that met a fault, with its name.
    pub fn clear(&self) -> Vec<(u64, &'static str)> {
        let mut state = locked(&self.0);
        state.ordered.clear();
        std::mem::take(&mut state.fired)
    }

    /// Sets aside what is ordered, for calls that are no part of what is tried; [`Self::resume`] goes on.
    pub fn pause(&self) -> Paused {
        let mut state = locked(&self.0);
        Paused {
            calls: state.calls,
            ordered: std::mem::take(&mut state.ordered),
        }
    }

    /// Goes on as before the pause, as if no call had been made meanwhile.
    pub fn resume(&self, paused: Paused) {
        let mut state = locked(&self.0);
        state.calls = paused.calls;
        state.ordered = paused.ordered;
    }

    /// The calls that met a fault so far, with its name.
    pub fn fired(&self) -> Vec<(u64, &'static str)> {
        locked(&self.0).fired.clone()
    }

    /// Counts a call; gives the fault that it meets.
    pub(crate) fn meet(&self, operation: &str, body: &Json) -> Option<Fault> {
        let mut state = locked(&self.0);
        state.calls += 1;
        let call = state.calls;
        let fault = state
            .ordered
            .iter()
            .find(|ordered| ordered.first <= call && call <= ordered.last)
            .map(|ordered| ordered.fault.clone())
            .filter(|fault| fault.applies(operation, body))?;
        state.fired.push((call, fault.name()));
        Some(fault)
    }
}

/// What a caller sees when the service fails, before or after executing the call.
pub(crate) fn lost() -> Refusal {
    Refusal::server(
        named("InternalServerError"),
        "The request processing has failed.",
    )
}

fn named(error: &str) -> String {
    format!("com.amazonaws.dynamodb.v20120810#{error}")
}

fn cancelled(body: &Json) -> Json {
    let items = body
        .get("TransactItems")
        .and_then(Json::as_array)
        .map_or(1, Vec::len);
    let reasons: Vec<Json> = (0..items)
        .map(|index| match index {
            0 => json!({
                "Code": "TransactionConflict",
                "Message": "Transaction is ongoing for the item",
            }),
            _ => json!({ "Code": "None" }),
        })
        .collect();
    let codes: Vec<&str> = (0..items)
        .map(|index| {
            if index == 0 {
                "TransactionConflict"
            } else {
                "None"
            }
        })
        .collect();
    json!({
        "__type": named("TransactionCanceledException"),
        "Message": format!(
            "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
            codes.join(", "),
        ),
        "CancellationReasons": reasons,
    })
}
