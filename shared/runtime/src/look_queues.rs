//! The queues of looks: a function's own, and the one of looks at registrations.
//!
//! **Invariant:** whatever a look at registrations is made for, it goes to the one queue whose
//! readers keep the registries' rates between them.

use icp_domain::audit::ClockName;
use icp_domain::look::Look;

use crate::{Queue, QueueError, Start, StartError};

/// Where a function sends its looks.
#[derive(Debug, Clone)]
pub struct LookQueues {
    own: Queue<Look>,
    holder: Queue<Look>,
}

impl LookQueues {
    /// The queue whose URL stands in the variable `own`, and that of holder looks.
    pub fn open(start: &Start, own: &'static str) -> Result<Self, StartError> {
        Ok(Self {
            own: Queue::open(start, own)?,
            holder: Queue::open(start, "ICP_HOLDER_LOOKS_QUEUE")?,
        })
    }

    /// Sends each look to its queue. A failure of one queue does not keep the other's looks back.
    pub async fn send(&self, looks: &[Look]) -> Result<(), QueueError> {
        let (holder, own): (Vec<Look>, Vec<Look>) = looks
            .iter()
            .cloned()
            .partition(|look| look.clock == ClockName::Holder);
        let own = self.own.send(&own).await;
        self.holder.send(&holder).await.and(own)
    }
}
