//! A function as its runtime sees it: one JSON event in, one JSON answer out.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use lambda_runtime::{LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::Value;

use crate::telemetry;
use crate::{Chain, Clock, Start, StartError};

/// The future of one answer.
pub type Answered<'a> = Pin<Box<dyn Future<Output = Result<Value, FunctionError>> + Send + 'a>>;

/// A function of this service, opened.
pub trait Function: Send + Sync {
    /// Handles one event.
    fn answer<'a>(&'a self, event: Value, clock: &'a Clock) -> Answered<'a>;
}

/// Why an event failed as a whole, so that its source must try it again or set it aside.
#[derive(Debug, thiserror::Error)]
pub enum FunctionError {
    /// The event is not of the shape that the function's source sends.
    #[error("the event is not one that this function takes")]
    Malformed(#[source] serde_json::Error),
    /// The step failed.
    #[error("the step failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The step panicked; the log says where.
    #[error("the step panicked")]
    Panicked,
    /// The time of the batch was over before the record's turn came.
    #[error("the record was left for another time")]
    NotBegun,
}

/// Runs a function on Lambda's runtime API until the process ends.
pub async fn run<F, O>(open: O) -> Result<(), lambda_runtime::Error>
where
    O: FnOnce(&Start) -> Result<F, StartError>,
    F: Function + 'static,
{
    let start = Start::of_process();
    telemetry::start(
        start
            .as_ref()
            .ok()
            .and_then(|start| start.environment.optional("RUST_LOG")),
    );
    let opened = match start {
        Ok(start) => open(&start),
        Err(error) => Err(error),
    };
    let function = match opened {
        Ok(function) => function,
        Err(error) => {
            tracing::error!("the function does not start: {}", Chain(&error));
            return Err(error.into());
        }
    };
    // The process serves this one function as long as it lives.
    let function: &'static F = Box::leak(Box::new(function));
    let clock = Clock::system();
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async {
        let answer = function.answer(event.payload, &clock).await;
        if let Err(error) = &answer {
            tracing::error!("an event failed: {}", Chain(error));
        }
        answer.map_err(|error| lambda_runtime::Diagnostic {
            error_type: "FunctionError".to_owned(),
            error_message: Chain(&error).to_string(),
        })
    }))
    .await
}

/// Which of a function's schedules calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tick {
    /// Each minute: what has fallen due since the last one.
    Due,
    /// Once a day: all that is due, also what the minute's sweep went past.
    Everything,
}

/// A schedule's event: EventBridge's own, or the input that `template.yaml` gives the daily one.
#[derive(Deserialize)]
#[serde(untagged)]
enum ScheduleEvent {
    Daily {
        #[serde(rename = "sweep")]
        _sweep: Everything,
    },
    Scheduled {
        #[serde(rename = "detail-type")]
        _detail_type: ScheduledEvent,
    },
}

#[derive(Deserialize)]
enum Everything {
    #[serde(rename = "everything")]
    Everything,
}

#[derive(Deserialize)]
enum ScheduledEvent {
    #[serde(rename = "Scheduled Event")]
    ScheduledEvent,
}

impl Tick {
    /// The schedule that sent an event.
    pub fn of(event: Value) -> Result<Self, FunctionError> {
        let event = serde_json::from_value(event).map_err(FunctionError::Malformed)?;
        Ok(match event {
            ScheduleEvent::Daily { .. } => Self::Everything,
            ScheduleEvent::Scheduled { .. } => Self::Due,
        })
    }
}

/// A function that a schedule calls: one tick at a time.
pub struct TickFunction<A, T> {
    app: A,
    tick: T,
    time: Duration,
}

impl<A, T> TickFunction<A, T> {
    /// A function that does `tick` on `app`, and stops before `time` is over.
    pub fn new(app: A, time: Duration, tick: T) -> Self {
        Self { app, tick, time }
    }
}

impl<A, T> Function for TickFunction<A, T>
where
    A: Send + Sync,
    T: for<'a> Fn(&'a A, &'a Clock, Tick, Duration) -> Answered<'a> + Send + Sync,
{
    fn answer<'a>(&'a self, event: Value, clock: &'a Clock) -> Answered<'a> {
        match Tick::of(event) {
            Ok(tick) => (self.tick)(&self.app, clock, tick, self.time),
            Err(error) => Box::pin(async { Err(error) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tick_is_known_by_its_event_and_nothing_else_is_one() {
        let scheduled = json!({ "version": "0", "detail-type": "Scheduled Event", "detail": {} });
        assert_eq!(Tick::of(scheduled).unwrap(), Tick::Due);
        let daily = json!({ "sweep": "everything" });
        assert_eq!(Tick::of(daily).unwrap(), Tick::Everything);
        for other in [
            json!({}),
            json!({ "sweep": "some" }),
            json!([]),
            json!(null),
        ] {
            assert!(Tick::of(other.clone()).is_err(), "{other}");
        }
    }
}
