//! Does what falls due: reminders, last looks, lapses, stops. One tick at a time.

use std::time::Duration;

use icp_domain::Invocation;
use icp_domain::look::Look;
use icp_runtime::metrics::{Metric, measure};
use icp_runtime::{
    Answered, Clock, Function, FunctionError, LookQueues, Start, StartError, Tick, TickFunction,
};
use icp_store::files::Files;
use icp_store::{Store, keys};
use icp_use_cases::expire::{Reach, Terms, stop_condemned, sweep_due, sweep_everything};
use icp_use_cases::voids::walk_voids;
use jiff::Timestamp;
use serde_json::json;
use tokio::time::Instant;

/// What this function may reach; `template.yaml` grants exactly this.
pub struct App {
    store: Store,
    files: Files,
    looks: LookQueues,
    start: Start,
}

/// How long one tick works at most; what is left is found by the next.
const TICK: Duration = Duration::from_secs(45);

/// Until when a tick, from its begin on, takes up another row, another stop and another page of what is
/// void. Rows leave time to the stops that they lead to: however many wait, each tick makes some.
///
/// Source: chosen here, so that each part ends within [`TICK`] with the longest step that it may still begin.
const ROWS: Duration = Duration::from_secs(18);
const STOPS: Duration = Duration::from_secs(34);
const VOIDS: Duration = Duration::from_secs(40);

const SECONDS_A_MINUTE: i64 = 60;

/// Opens the function.
pub fn open(start: &Start) -> Result<impl Function + use<>, StartError> {
    let table = start
        .environment
        .required("ICP_TABLE", "the table's name")?;
    let key = start.environment.required("ICP_KEY", "the KMS key's ARN")?;
    let bucket = start
        .environment
        .required("ICP_FILES", "the bucket's name")?;
    let app = App {
        store: Store::open(&start.aws, table, key),
        files: Files::open(&start.aws, bucket),
        looks: LookQueues::open(start, "ICP_PEOPLE_LOOKS_QUEUE")?,
        start: start.clone(),
    };
    Ok(TickFunction::new(app, TICK, tick))
}

fn tick<'a>(app: &'a App, clock: &'a Clock, tick: Tick, time: Duration) -> Answered<'a> {
    Box::pin(async move {
        let mut inv = clock.invocation();
        match tokio::time::timeout(time, app.sweep(tick, &mut inv)).await {
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
    async fn sweep(&self, tick: Tick, inv: &mut Invocation) -> Result<serde_json::Value, Fault> {
        let begun = Instant::now();
        let rulebook = self.start.rulebook;
        let mut wanted = Vec::new();
        let mut oldest: Option<Timestamp> = None;
        let (mut done, mut failed, mut not_reached) = (0, 0, 0);
        let (mut put_off, mut would_stop) = (0, 0);
        let (mut quarantined, mut left_behind, mut undecided) = (0, 0, 0);
        let mut terms = Terms::read(&self.store, rulebook).await?;
        // Each tick begins with another shard, so that none waits for the others for ever.
        let first = inv.now.as_second() / SECONDS_A_MINUTE;
        let shards = (0..keys::WAKE_SHARDS).map(|shard| {
            let turn = first.rem_euclid(i64::from(keys::WAKE_SHARDS));
            (shard + u8::try_from(turn).unwrap_or_default()) % keys::WAKE_SHARDS
        });
        let reach = Reach {
            store: &self.store,
            files: &self.files,
            rulebook,
            has_time: &|| begun.elapsed() < ROWS,
        };
        for shard in shards {
            let swept = match tick {
                Tick::Due => sweep_due(reach, inv, &mut terms, shard).await?,
                Tick::Everything => sweep_everything(reach, inv, &mut terms, shard).await?,
            };
            self.send(&swept.looks).await;
            wanted.extend(swept.wanted);
            oldest = [oldest, swept.oldest_left].into_iter().flatten().min();
            done += swept.done;
            failed += swept.failed;
            not_reached += swept.not_reached;
            put_off += swept.put_off;
            would_stop += swept.would_stop;
            quarantined += swept.quarantined;
            left_behind += swept.left_behind;
            undecided += swept.decisions_overdue;
        }
        let reach = Reach {
            has_time: &|| begun.elapsed() < STOPS,
            ..reach
        };
        // A pass holds whole cases and filings: on the heap, as most ticks make none.
        let stopped = Box::pin(stop_condemned(reach, inv, &terms, wanted, not_reached)).await?;
        quarantined += stopped.quarantined;
        failed += stopped.failed;
        not_reached += stopped.not_reached;
        oldest = [oldest, stopped.oldest_left].into_iter().flatten().min();
        let overdue = oldest.map_or(0, |oldest| inv.now.duration_since(oldest).as_secs());
        measure(Metric::OldestOverdueDeadline, overdue, inv.now);
        if quarantined > 0 {
            measure(Metric::QuarantinedRows, quarantined, inv.now);
        }
        if undecided > 0 {
            measure(Metric::OverdueDecisions, undecided, inv.now);
        }
        if left_behind > 0 {
            measure(Metric::RowsLeftBehind, left_behind, inv.now);
        }
        // Last, and after all that is measured: what is left is the next tick's.
        self.walk_voids(&terms, inv, begun).await?;
        Ok(json!({
            "done": done, "failed": failed, "notReached": not_reached, "quarantined": quarantined,
            "leftBehind": left_behind, "decisionsOverdue": undecided,
            "stopped": stopped.links, "putOff": put_off, "wouldStop": would_stop,
            "latched": stopped.latched,
        }))
    }

    /// Goes on with what is void, page by page, until the time of the tick is near: the next one goes on.
    async fn walk_voids(
        &self,
        terms: &Terms,
        inv: &mut Invocation,
        begun: Instant,
    ) -> Result<(), Fault> {
        while begun.elapsed() < VOIDS {
            let walked = walk_voids(&self.store, self.start.rulebook, inv, terms.voids()).await?;
            let Some(page) = walked else {
                break;
            };
            if 0 < page.unreadable {
                let unreadable = i64::try_from(page.unreadable).unwrap_or(i64::MAX);
                measure(Metric::InternalFaults, unreadable, inv.now);
            }
        }
        Ok(())
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
