//! What every function shares: its start, its configuration, its logs and metrics, batches, and
//! both ends of a queue.
//!
//! **Invariant:** the environment, the system clock and the random source of the system are read
//! here and nowhere else; the SQS client does not leave this crate.

mod batch;
mod chain;
mod clock;
mod environment;
mod function;
mod look_queues;
pub mod metrics;
mod queue;
mod redrive;
mod start;
mod telemetry;

pub use batch::{BEGIN_WITHIN, BatchFunction, ForwardFunction, Made, Record};
pub use chain::Chain;
pub use clock::Clock;
pub use environment::{Environment, StartError};
pub use function::{Answered, Function, FunctionError, Tick, TickFunction, run};
pub use look_queues::LookQueues;
pub use queue::{Queue, QueueError};
pub use redrive::{DeadLetters, RedriveError};
pub use start::{Start, read_rulebook};
