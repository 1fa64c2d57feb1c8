//! Plans the audits that are due and sends their looks: each minute, shard by shard, and once a day
//! what was lost.
//!
//! **Invariant:** a cursor moves past a page only after the page's looks were sent. A look that is
//! sent twice has one id, and is judged once.

use std::time::Duration;

use icp_runtime::metrics::{Metric, measure};
use icp_runtime::{
    Answered, Clock, Function, FunctionError, LookQueues, Start, StartError, Tick, TickFunction,
};
use icp_store::records::StoredCampaign;
use icp_store::{Store, keys};
use icp_use_cases::campaigns::{walk, walked};
use icp_use_cases::plan_audits::{Pass, page_sent, plan_left_behind, plan_page};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// What this function may reach; `template.yaml` grants exactly this.
pub struct App {
    store: Store,
    looks: LookQueues,
    start: Start,
}

/// How long one tick plans; what is left is planned by the next.
const TICK: Duration = Duration::from_secs(45);

/// How long a tick goes on walking campaigns: what is left is the next one's.
const LONGEST_WALK: SignedDuration = SignedDuration::from_secs(35);

/// Opens the function.
pub fn open(start: &Start) -> Result<impl Function + use<>, StartError> {
    let table = start
        .environment
        .required("ICP_TABLE", "the table's name")?;
    let key = start.environment.required("ICP_KEY", "the KMS key's ARN")?;
    let app = App {
        store: Store::open(&start.aws, table, key),
        looks: LookQueues::open(start, "ICP_LOOKS_QUEUE")?,
        start: start.clone(),
    };
    Ok(TickFunction::new(app, TICK, tick))
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

fn tick<'a>(app: &'a App, clock: &'a Clock, tick: Tick, time: Duration) -> Answered<'a> {
    Box::pin(async move {
        let now = clock.invocation().now;
        let planning = async {
            match tick {
                Tick::Due => {
                    let units = app.plan_due(now).await?;
                    Box::pin(app.walk_campaigns(now, clock)).await?;
                    Ok(units)
                }
                Tick::Everything => app.plan_left_behind(now).await,
            }
        };
        // A tick that ran out of time has moved its cursors as far as it came.
        let planned = tokio::time::timeout(time, planning).await;
        let units = planned.unwrap_or_else(|_late| {
            tracing::warn!("a tick ran out of time; the next one goes on");
            Ok(0)
        });
        let units = units.map_err(FunctionError::Failed)?;
        Ok(json!({ "planned": units }))
    })
}

impl App {
    async fn plan_due(&self, now: Timestamp) -> Result<usize, Fault> {
        let mut units = 0;
        for pass in [Pass::First, Pass::Again] {
            for shard in 0..keys::WAKE_SHARDS {
                units += self.plan_shard(pass, shard, now).await?;
            }
        }
        Ok(units)
    }

    async fn plan_shard(&self, pass: Pass, shard: u8, now: Timestamp) -> Result<usize, Fault> {
        let mut units = 0;
        loop {
            let planned = plan_page(&self.store, self.start.rulebook, pass, shard, now).await?;
            quarantined(planned.quarantined, now);
            self.looks.send(&planned.looks).await?;
            page_sent(&self.store, &planned).await?;
            units += planned.units;
            if !planned.more {
                return Ok(units);
            }
        }
    }

    /// Takes the campaigns' due steps in turn, until none has another or the time is over: what is left is the next
    /// tick's, which begins before this one would be cut off. What fails of one is told when the others had their turns:
    /// it stays due.
    async fn walk_campaigns(&self, now: Timestamp, clock: &Clock) -> Result<(), Fault> {
        let mut failed = None;
        let mut campaigns = self.store.campaigns().await?;
        while !campaigns.is_empty() && clock.invocation().now < now + LONGEST_WALK {
            let mut more = Vec::new();
            for stored in campaigns {
                match self.walk_campaign(stored, now).await {
                    Ok(next) => more.extend(next),
                    Err(error) => {
                        failed.get_or_insert(error);
                    }
                }
            }
            campaigns = more;
        }
        failed.map_or(Ok(()), Err)
    }

    /// Takes a campaign's next step; gives it back where another is due at once.
    async fn walk_campaign(
        &self,
        stored: StoredCampaign,
        now: Timestamp,
    ) -> Result<Option<StoredCampaign>, Fault> {
        let Some(step) = walk(&self.store, self.start.rulebook, stored, now).await? else {
            return Ok(None);
        };
        if 0 < step.unreadable {
            measure(Metric::InternalFaults, step.unreadable, now);
        }
        self.looks.send(&step.looks).await?;
        Ok(walked(&self.store, step).await?)
    }

    async fn plan_left_behind(&self, now: Timestamp) -> Result<usize, Fault> {
        let mut units = 0;
        for shard in 0..keys::WAKE_SHARDS {
            let mut last = None;
            loop {
                let rulebook = self.start.rulebook;
                let page =
                    plan_left_behind(&self.store, rulebook, shard, last.as_ref(), now).await?;
                quarantined(page.quarantined, now);
                // Measured page by page: a tick that runs out of time has told of what it found.
                if 0 < page.units {
                    tracing::error!("{} units were due for longer than looks take", page.units);
                    measure(Metric::RowsLeftBehind, i64::try_from(page.units)?, now);
                }
                self.looks.send(&page.looks).await?;
                units += page.units;
                last = page.next;
                if last.is_none() {
                    break;
                }
            }
        }
        Ok(units)
    }
}

fn quarantined(rows: i64, now: Timestamp) {
    if 0 < rows {
        measure(Metric::QuarantinedRows, rows, now);
    }
}
