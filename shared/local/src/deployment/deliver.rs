//! Delivery: schedules, queues and the stream to their functions.
//!
//! **Invariant:** a message that a function failed is neither deleted nor delivered again before
//! its visibility time-out; a stream's record that was failed for good is told to the on-failure
//! queue, and its neighbours are not lost with it.

use std::sync::atomic::Ordering;

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use super::Deployment;
use crate::error::LocalError;
use crate::events;
use crate::sync::locked;
use crate::template::{Function, Queue, QueueSource, ScheduleSource, StreamSource, Table};

/// More deliveries than any story has: beyond it a function feeds itself.
const MOST_DELIVERIES: usize = 100_000;

impl Deployment {
    /// Runs a function's schedules now, due or not.
    pub async fn tick(&self, function: &str) -> Result<(), LocalError> {
        let function = self.function(function)?;
        if function.schedules.is_empty() {
            return Err(LocalError::Refused(format!(
                "{} has no schedule",
                function.name
            )));
        }
        for schedule in &function.schedules {
            self.run_schedule(function, schedule).await?;
        }
        Ok(())
    }

    /// From now on delivers every event of a queue, the stream and a schedule twice, as any may come.
    pub fn deliver_twice(&self) {
        self.0.twice.store(true, Ordering::Relaxed);
    }

    /// Whether events are delivered twice.
    pub fn delivers_twice(&self) -> bool {
        self.0.twice.load(Ordering::Relaxed)
    }

    /// Runs every schedule that is due, each once however often it fell due.
    pub async fn run_due(&self) -> Result<(), LocalError> {
        let now = self.0.clock.now();
        for function in self.0.template.functions.values() {
            for schedule in &function.schedules {
                let is_due = {
                    let mut due = locked(&self.0.due);
                    let key = (function.name.clone(), schedule.name.clone());
                    match due.get_mut(&key) {
                        Some(at) if *at <= now => {
                            *at = after(now, schedule.every_seconds);
                            true
                        }
                        _ => false,
                    }
                };
                if is_due {
                    self.run_schedule(function, schedule).await?;
                }
            }
        }
        Ok(())
    }

    /// Delivers from queues and the stream until nothing can be delivered now; gives how many
    /// batches there were.
    pub async fn settle(&self) -> Result<usize, LocalError> {
        let mut deliveries = 0;
        loop {
            let mut round = self.pump_stream().await?;
            for queue in self.0.template.queues.values() {
                round += self.pump_queue(&queue.name).await?;
            }
            deliveries += round;
            if round == 0 {
                return Ok(deliveries);
            }
            if MOST_DELIVERIES < deliveries {
                return Err(LocalError::Unsettled(deliveries));
            }
        }
    }

    /// Delivers what is visible in a queue (by logical id or name) to the functions that read it;
    /// gives how many batches there were.
    pub async fn pump_queue(&self, queue: &str) -> Result<usize, LocalError> {
        let queue = self.queue(queue)?;
        let _turn = self.0.pumping.lock().await;
        let mut batches = 0;
        for function in self.0.template.functions.values() {
            for source in function
                .queues
                .iter()
                .filter(|source| source.queue_arn == queue.arn)
            {
                while self.deliver_queue(function, source, queue).await? {
                    batches += 1;
                }
            }
        }
        Ok(batches)
    }

    /// Delivers one batch of a queue beside others that are being delivered, as many processes of a function do; `false`
    /// where nothing is visible.
    pub async fn deliver_batch(&self, queue: &str) -> Result<bool, LocalError> {
        let queue = self.queue(queue)?;
        for function in self.0.template.functions.values() {
            let mut sources = function.queues.iter();
            if let Some(source) = sources.find(|source| source.queue_arn == queue.arn) {
                return self.deliver_queue(function, source, queue).await;
            }
        }
        Ok(false)
    }

    /// Delivers what is new in the tables' streams; gives how many batches there were.
    pub async fn pump_stream(&self) -> Result<usize, LocalError> {
        let _turn = self.0.pumping.lock().await;
        let mut batches = 0;
        for function in self.0.template.functions.values() {
            for source in &function.streams {
                let tables = self.0.template.tables.values();
                for table in
                    tables.filter(|table| table.stream_arn.as_ref() == Some(&source.stream_arn))
                {
                    batches += self.deliver_stream(function, source, table).await?;
                }
            }
        }
        Ok(batches)
    }

    async fn run_schedule(
        &self,
        function: &Function,
        schedule: &ScheduleSource,
    ) -> Result<(), LocalError> {
        let event = events::of_schedule(function, schedule, self.0.clock.now());
        let mut invokes = 0;
        loop {
            invokes += 1;
            let Err(error) = self.deliver(&function.name, event.clone()).await else {
                return Ok(());
            };
            if function.asynchronous.retries < invokes {
                let now = self.0.clock.now();
                let told = events::failed_event(function, &event, &error, invokes, now);
                return self.tell(function.asynchronous.on_failure_arn.as_deref(), &told);
            }
        }
    }

    async fn deliver_queue(
        &self,
        function: &Function,
        source: &QueueSource,
        queue: &Queue,
    ) -> Result<bool, LocalError> {
        let sqs = self.0.port.sqs();
        let batch = sqs.receive(queue, source.batch_size, queue.visibility_seconds)?;
        if batch.is_empty() {
            return Ok(false);
        }
        let ids: Vec<String> = batch.iter().map(crate::sqs::queue::Message::id).collect();
        let known = |id: &str| ids.iter().map(String::as_str).find(|known| *known == id);
        let failed = match self
            .deliver(&function.name, events::of_queue(queue, &batch))
            .await
        {
            Err(_) => None,
            Ok(answer) if source.reports_failures => events::failures(&answer, known),
            Ok(_) => Some(Vec::new()),
        };
        if let Some(failed) = failed {
            for message in batch
                .iter()
                .filter(|message| !failed.contains(&message.id().as_str()))
            {
                sqs.delete(queue, &message.handle())?;
            }
        }
        Ok(true)
    }

    async fn deliver_stream(
        &self,
        function: &Function,
        source: &StreamSource,
        table: &Table,
    ) -> Result<usize, LocalError> {
        let reader = format!("{} {}", function.name, table.logical);
        let mut batches = 0;
        loop {
            let now = self.0.clock.now();
            let records = self.0.positions.next(
                self.0.port.dynamo(),
                &reader,
                &table.name,
                &source.stream_arn,
                source.batch_size,
                now,
            )?;
            let Some(last) = records
                .last()
                .map(events::sequence_number)
                .map(str::to_owned)
            else {
                return Ok(batches);
            };
            let chosen: Vec<Json> = records
                .into_iter()
                .filter(|record| events::chosen(&source.filters, record))
                .collect();
            if !chosen.is_empty() {
                batches += 1;
                let retries = source.retries.unwrap_or(MOST_DELIVERIES as u64);
                self.deliver_records(function, source, chosen, retries, 1)
                    .await?;
            }
            self.0.positions.reached(&reader, &last)?;
        }
    }

    /// Delivers a batch; what fails is halved where the source says so, tried again, and given up.
    /// Tries follow each other at once: the emulated time stands still meanwhile, so that no
    /// record grows too old.
    fn deliver_records<'a>(
        &'a self,
        function: &'a Function,
        source: &'a StreamSource,
        batch: Vec<Json>,
        retries: u64,
        invokes: u64,
    ) -> BoxFuture<'a, Result<(), LocalError>> {
        async move {
            let event = serde_json::json!({ "Records": batch });
            let number = |id: &str| {
                batch
                    .iter()
                    .map(events::sequence_number)
                    .find(|known| *known == id)
            };
            let failed_from = match self.deliver(&function.name, event).await {
                Err(_) => Some(0),
                Ok(answer) if source.reports_failures => match events::failures(&answer, number) {
                    None => Some(0),
                    Some(failed) => batch
                        .iter()
                        .position(|record| failed.contains(&events::sequence_number(record))),
                },
                Ok(_) => None,
            };
            let Some(failed_from) = failed_from else {
                return Ok(());
            };
            let mut rest = batch.into_iter().skip(failed_from).collect::<Vec<_>>();
            if source.bisects && 1 < rest.len() {
                let second = rest.split_off(rest.len() / 2);
                self.deliver_records(function, source, rest, retries, invokes + 1)
                    .await?;
                return self
                    .deliver_records(function, source, second, retries, invokes + 1)
                    .await;
            }
            if 0 < retries {
                return self
                    .deliver_records(function, source, rest, retries - 1, invokes + 1)
                    .await;
            }
            let now = self.0.clock.now();
            let told =
                events::failed_stream_batch(function, &source.stream_arn, &rest, invokes, now);
            self.tell(source.on_failure_arn.as_deref(), &told)
        }
        .boxed()
    }

    /// Delivers an event, once or twice; what counts is how it went the last time.
    async fn deliver(&self, function: &str, event: Json) -> Result<Json, String> {
        if self.delivers_twice() {
            // Its failure is what a first delivery that died looks like.
            let _died = self.invoke(function, event.clone()).await;
        }
        self.invoke(function, event).await
    }

    fn tell(&self, queue_arn: Option<&str>, told: &Json) -> Result<(), LocalError> {
        let Some(arn) = queue_arn else { return Ok(()) };
        let queue = self
            .0
            .template
            .queue_by_arn(arn)
            .ok_or_else(|| LocalError::NoQueue(arn.to_owned()))?;
        self.0.port.sqs().send(
            queue,
            &told.to_string(),
            std::collections::BTreeMap::new(),
            0,
        )?;
        Ok(())
    }
}

/// The next time of a schedule.
pub(super) fn after(now: Timestamp, seconds: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(seconds))
        .unwrap_or(Timestamp::MAX)
}
