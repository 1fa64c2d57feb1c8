//! Does what falls due: reminders, last looks, lapses, stops. One tick at a time.

use std::time::Duration;

use icp_domain::Invocation;
use icp_domain::look::Look;
use icp_runtime::metrics::{Metric, measure};
use icp_runtime::{
    Answered, Clock, Function, FunctionError, Queue, Start, StartError, TickFunction,
};
use icp_store::{Store, keys};
use icp_use_cases::expire::{stop_condemned, sweep_shard};
use jiff::Timestamp;
use serde_json::json;

/// What this function may reach; `template.yaml` grants exactly this.
pub struct App {
    store: Store,
    looks: Queue<Look>,
    start: Start,
}

/// How long one tick works; what is left is found by the next.
const TICK: Duration = Duration::from_secs(45);

/// Opens the function.
pub fn open(start: &Start) -> Result<impl Function + use<>, StartError> {
    let table = start
        .environment
        .required("ICP_TABLE", "the table's name")?;
    let key = start.environment.required("ICP_KEY", "the KMS key's ARN")?;
    let app = App {
        store: Store::open(&start.aws, table, key),
        looks: Queue::open(start, "ICP_PEOPLE_LOOKS_QUEUE")?,
        start: start.clone(),
    };
    Ok(TickFunction::new(app, TICK, tick))
}

fn tick<'a>(app: &'a App, clock: &'a Clock, time: Duration) -> Answered<'a> {
    Box::pin(async move {
        let mut inv = clock.invocation();
        match tokio::time::timeout(time, app.sweep(&mut inv)).await {
            Ok(swept) => swept.map_err(FunctionError::Failed),
            Err(_late) => {
                tracing::warn!("a tick ran out of time; the next one goes on");
                Ok(json!({ "late": true }))
            }
        }
    })
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

impl App {
    async fn sweep(&self, inv: &mut Invocation) -> Result<serde_json::Value, Fault> {
        let rulebook = self.start.rulebook;
        let mut wanted = Vec::new();
        let mut oldest: Option<Timestamp> = None;
        let (mut done, mut failed, mut quarantined) = (0, 0, 0);
        for shard in 0..keys::WAKE_SHARDS {
            let swept = sweep_shard(&self.store, rulebook, inv, shard).await?;
            self.send(&swept.looks).await;
            wanted.extend(swept.wanted);
            oldest = [oldest, swept.oldest_left].into_iter().flatten().min();
            done += swept.done;
            failed += swept.failed;
            quarantined += swept.quarantined;
        }
        let stopped = stop_condemned(&self.store, rulebook, inv, wanted).await?;
        self.send(&stopped.looks).await;
        let overdue = oldest.map_or(0, |oldest| inv.now.duration_since(oldest).as_secs());
        measure(Metric::OldestOverdueDeadline, overdue, inv.now);
        if quarantined > 0 {
            measure(Metric::QuarantinedRows, quarantined, inv.now);
        }
        Ok(json!({
            "done": done, "failed": failed, "quarantined": quarantined,
            "stopped": stopped.links, "putOff": stopped.put_off, "wouldStop": stopped.would_be,
            "latched": stopped.latched,
        }))
    }

    /// Sends looks after the commit that asked for them. What is lost here is sent again by the
    /// finding's own wake.
    async fn send(&self, looks: &[Look]) {
        if let Err(error) = self.looks.send(looks).await {
            tracing::warn!(
                "looks were not sent, and will be again: {}",
                icp_runtime::Chain(&error)
            );
        }
    }
}
