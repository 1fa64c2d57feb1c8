//! Delivers what commits left in the outbox: as the table's stream brings it, and by a sweep that
//! finds what is due or was lost.
//!
//! **Invariant:** a delivery that fails is never reported to the stream, which would replay its
//! neighbours: the row itself says when it is tried again.

use std::collections::BTreeMap;

use icp_domain::Invocation;
use icp_domain::notice::Counts;
use icp_notifications::{Configured, SendError, Senders, Unsent, mail_text, sms_text};
use icp_runtime::metrics::{Metric, measure};
use icp_runtime::{Answered, Chain, Clock, Function, FunctionError, Start, StartError, Tick};
use icp_store::{Key, Store, StoreError, keys};
use icp_use_cases::deliver::{self, Sent, Way, Work};
use icp_use_cases::trouble::{Left, Trouble};
use jiff::SignedDuration;
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
    let senders = Configured::of((sender, profile, topic), variable)
        .and_then(|configured| Senders::open(&start.aws, configured, provider))
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
        let mut down = Down::new(self.start.rulebook.policy.delivery.outage_after_failures);
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
                    self.settle(&key, &mut down, &mut inv).await;
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
        let mut down = Down::new(rulebook.policy.delivery.outage_after_failures);
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
                // What is left is the next sweep's, which begins before this one would be cut off.
                if now + LONGEST_SWEEP <= inv.now {
                    return Ok(());
                }
                self.settle(&key, &mut down, &mut inv).await;
            }
        }
        Ok(())
    }

    /// Delivers one row and settles whatever comes of it.
    async fn settle(&self, key: &Key, down: &mut Down, inv: &mut Invocation) {
        match self.deliver(key, down, inv).await {
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

    async fn deliver(
        &self,
        key: &Key,
        down: &mut Down,
        inv: &mut Invocation,
    ) -> Result<(), Trouble> {
        let rulebook = self.start.rulebook;
        let Some(found) = deliver::find(&self.store, key, inv.now).await? else {
            return Ok(());
        };
        // Its sender is down: it stays due, without a try.
        if down.includes(found.way()) {
            return Ok(deliver::postpone(&self.store, rulebook, inv, found).await?);
        }
        let way = found.way();
        let Some(mut claimed) = deliver::claim(&self.store, rulebook, inv, found).await? else {
            return Ok(());
        };
        let ways = deliver::Ways {
            mails: self.senders.mails(),
        };
        let work = deliver::work(&self.store, rulebook, inv, &mut claimed, ways).await?;
        let reference = claimed.reference();
        let sent = match work {
            Work::Nothing => return Ok(()),
            Work::Held => {
                measure(Metric::HeldNotices, 1, inv.now);
                return Ok(());
            }
            Work::Sms {
                to,
                about,
                parameters,
            } => {
                let message = sms_text(&about, &parameters, &rulebook.provider);
                let template = message.template.as_str();
                tracing::info!(row = %key, "an SMS is sent: {template}");
                taken(self.senders.sms(&to, &message, reference, inv.now).await)
            }
            Work::Mail {
                to,
                kind,
                parameters,
            } => {
                let mail = mail_text(&kind, &parameters, &rulebook.provider);
                tracing::info!(row = %key, "a mail is sent: {}", kind.name());
                taken(self.senders.mail(&to, &mail, reference, inv.now).await)
            }
            Work::AskReceipt { to, taken } => {
                let asked = (taken.reference.as_str(), taken.at);
                sent(
                    self.senders.receipt(&to, asked, inv.now).await,
                    Sent::Receipt,
                )
            }
            Work::Publish(access) => {
                if deliver::is_unacknowledged(&claimed, rulebook, inv.now) {
                    measure(Metric::MissingAcknowledgements, 1, inv.now);
                }
                let published = self.senders.access_change(&access).await;
                taken(published.map(|reference| (reference, Counts::AtOnce)))
            }
        };
        down.hear(way, sent == Sent::Unavailable);
        deliver::record(&self.store, rulebook, inv, &claimed, sent).await
    }
}

/// How long a sweep goes on beginning deliveries: the function has a minute, and a delivery takes some seconds.
const LONGEST_SWEEP: SignedDuration = SignedDuration::from_secs(40);

/// The senders that a sweep found to be down: what failed several times in a row is not asked again for each row.
struct Down {
    most: u32,
    failures: BTreeMap<Way, u32>,
}

impl Down {
    fn new(most: u32) -> Self {
        Self {
            most,
            failures: BTreeMap::new(),
        }
    }

    fn includes(&self, way: Way) -> bool {
        self.failures
            .get(&way)
            .is_some_and(|failures| self.most <= *failures)
    }

    fn hear(&mut self, way: Way, failed: bool) {
        let failures = self.failures.entry(way).or_default();
        *failures = if failed { *failures + 1 } else { 0 };
    }
}

fn taken(answer: Result<(String, Counts), SendError>) -> Sent {
    sent(answer, |(reference, counts)| Sent::Taken(reference, counts))
}

fn sent<T>(answer: Result<T, SendError>, of: impl Fn(T) -> Sent) -> Sent {
    match answer {
        Ok(answer) => of(answer),
        Err(SendError::Refused(why)) => {
            tracing::warn!("a message is refused for good: {why:?}");
            Sent::Refused(why)
        }
        Err(SendError::Unavailable(Unsent::PutOff(code))) => {
            tracing::info!("the sender puts an addressee off: {code}");
            Sent::PutOff
        }
        Err(error @ SendError::Unavailable(_)) => {
            tracing::warn!("the sender could not be reached: {}", Chain(&error));
            Sent::Unavailable
        }
    }
}
