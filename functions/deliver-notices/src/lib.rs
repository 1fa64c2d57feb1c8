//! Delivers what commits left in the outbox: as the table's stream brings it, and by a sweep that
//! finds what is due or was lost.
//!
//! **Invariant:** a delivery that fails is never reported to the stream, which would replay its
//! neighbours: the row itself says when it is tried again.

use icp_domain::Invocation;
use icp_notifications::{SendError, Senders, SmsSender, sms_text};
use icp_runtime::metrics::{Metric, measure};
use icp_runtime::{Answered, Chain, Clock, Function, FunctionError, Start, StartError, Tick};
use icp_store::{Key, Store, StoreError, keys};
use icp_use_cases::deliver::{self, Sent, Work};
use icp_use_cases::trouble::{Left, Trouble};
use serde::Deserialize;
use serde_json::{Value, json};

/// What this function may reach; `template.yaml` grants exactly this.
pub struct App {
    store: Store,
    senders: Senders,
    start: Start,
}

/// Opens the function.
pub fn open(start: &Start) -> Result<impl Function + use<>, StartError> {
    let environment = &start.environment;
    let table = environment.required("ICP_TABLE", "the table's name")?;
    let key = environment.required("ICP_KEY", "the KMS key's ARN")?;
    let sender = environment.required("ICP_SMS_SENDER", "the SMS sender: sns or tencent-sms")?;
    let profile = environment.required("ICP_PROFILE", "global or cn")?;
    let topic = environment.required("ICP_ACCESS_CHANGES_TOPIC", "the ARN of the topic")?;
    let variable = |name: &'static str| environment.optional(name).map(str::to_owned);
    let provider = &start.rulebook.provider;
    let senders = SmsSender::named(sender, variable)
        .and_then(|sender| Senders::open(&start.aws, sender, (profile, topic), provider))
        .map_err(|error| StartError::Part(Chain(&error).to_string()))?;
    Ok(App {
        store: Store::open(&start.aws, table, key),
        senders,
        start: start.clone(),
    })
}

/// A batch of the table's stream; a tick has no records.
#[derive(Deserialize)]
struct StreamBatch {
    #[serde(rename = "Records")]
    records: Vec<Value>,
}

/// What is read of a stream record: the row's key. The row itself is read consistently.
#[derive(Deserialize)]
struct StreamRecord {
    dynamodb: StreamChange,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StreamChange {
    keys: StreamKeys,
}

#[derive(Deserialize)]
struct StreamKeys {
    pk: StreamText,
    sk: StreamText,
}

#[derive(Deserialize)]
struct StreamText {
    #[serde(rename = "S")]
    text: String,
}

impl Function for App {
    fn answer<'a>(&'a self, event: Value, clock: &'a Clock) -> Answered<'a> {
        Box::pin(async move {
            if event.get("Records").is_some() {
                let batch: StreamBatch =
                    serde_json::from_value(event).map_err(FunctionError::Malformed)?;
                self.stream(batch, clock).await;
            } else {
                let tick = Tick::of(event)?;
                self.sweep(tick, clock)
                    .await
                    .map_err(|error| FunctionError::Failed(error.into()))?;
            }
            Ok(json!({}))
        })
    }
}

impl App {
    async fn stream(&self, batch: StreamBatch, clock: &Clock) {
        for record in batch.records {
            let mut inv = clock.invocation();
            match serde_json::from_value::<StreamRecord>(record) {
                Ok(StreamRecord {
                    dynamodb: StreamChange { keys },
                }) => {
                    let key = Key {
                        pk: keys.pk.text,
                        sk: keys.sk.text,
                    };
                    self.settle(&key, &mut inv).await;
                }
                Err(error) => {
                    tracing::error!("a stream record does not read: {error}");
                    measure(Metric::QuarantinedRows, 1, inv.now);
                }
            }
        }
    }

    async fn sweep(&self, tick: Tick, clock: &Clock) -> Result<(), StoreError> {
        let (now, rulebook) = (clock.invocation().now, self.start.rulebook);
        for shard in 0..keys::WAKE_SHARDS {
            let rows = match tick {
                Tick::Due => deliver::due(&self.store, rulebook, shard, now).await?,
                Tick::Everything => deliver::left_behind(&self.store, rulebook, shard, now).await?,
            };
            if tick == Tick::Everything && !rows.is_empty() {
                let rows = i64::try_from(rows.len()).unwrap_or(i64::MAX);
                tracing::error!("{rows} rows of the outbox were left behind");
                measure(Metric::RowsLeftBehind, rows, now);
            }
            for key in rows {
                let mut inv = clock.invocation();
                self.settle(&key, &mut inv).await;
            }
        }
        Ok(())
    }

    /// Delivers one row and settles whatever comes of it.
    async fn settle(&self, key: &Key, inv: &mut Invocation) {
        match self.deliver(key, inv).await {
            Ok(()) => {}
            // A row that stays due is found again by the sweep when its lease ends.
            Err(trouble) => {
                let settled = trouble.settle(&self.store, self.start.rulebook, key, inv.now);
                match settled.await {
                    Ok(Left::SetAside) => measure(Metric::QuarantinedRows, 1, inv.now),
                    Ok(Left::Due) => {}
                    Err(error) => {
                        tracing::warn!(row = %key, "it was not set aside: {}", Chain(&error));
                    }
                }
            }
        }
    }

    async fn deliver(&self, key: &Key, inv: &mut Invocation) -> Result<(), Trouble> {
        let rulebook = self.start.rulebook;
        let Some(claimed) = deliver::claim(&self.store, rulebook, inv, key).await? else {
            return Ok(());
        };
        let sent = match deliver::work(&self.store, rulebook, inv, &claimed).await? {
            Work::Nothing => return Ok(()),
            Work::Sms {
                to,
                kind,
                parameters,
            } => {
                let message = sms_text(&kind, &parameters, &rulebook.provider);
                let kind = kind.name();
                tracing::info!(row = %key, "an SMS is sent: {kind}");
                let reference = claimed.reference();
                sent(self.senders.sms(&to, &message, reference, inv.now).await)
            }
            Work::Publish(access) => {
                if deliver::is_unacknowledged(&claimed, rulebook, inv.now) {
                    measure(Metric::MissingAcknowledgements, 1, inv.now);
                }
                sent(self.senders.access_change(&access).await)
            }
        };
        deliver::record(&self.store, rulebook, inv, &claimed, sent).await
    }
}

fn sent(answer: Result<String, SendError>) -> Sent {
    match answer {
        Ok(reference) => Sent::Accepted(reference),
        Err(SendError::Refused(why)) => Sent::Refused(why),
        Err(error @ SendError::Unavailable(_)) => {
            tracing::warn!("the sender could not be reached: {}", Chain(&error));
            Sent::Unavailable
        }
    }
}
