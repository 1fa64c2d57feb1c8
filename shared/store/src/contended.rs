//! Writes that meet another transaction on one of their rows.
//!
//! DynamoDB refuses such a write at once, without having carried it out, and the SDK does not try it again.

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};

use crate::keys;

/// Tries of a write that meets others.
const TRIES: u32 = 3;

/// Pause before it is tried again; doubled each time.
const PAUSE: Duration = Duration::from_millis(25);

/// The tries of one write.
pub(crate) struct Contention {
    tried: u32,
    spread: Duration,
}

impl Contention {
    /// Of a write of rows with these keys: the pauses differ between writes, so that two that met do not meet again.
    pub(crate) fn of(rows: &str) -> Self {
        let spread = u64::from(keys::shard_of(rows, keys::SHARDS));
        Self {
            tried: 0,
            spread: Duration::from_millis(spread),
        }
    }

    /// Waits for the next try; `false` when there is none.
    pub(crate) async fn wait(&mut self) -> bool {
        self.tried += 1;
        if self.tried == TRIES {
            return false;
        }
        tokio::time::sleep(PAUSE * 2u32.pow(self.tried) + self.spread).await;
        true
    }
}

/// Sends an update of a row, and again while it meets a transaction on that row.
pub(crate) async fn update(
    row: &str,
    update: UpdateItemFluentBuilder,
) -> Result<UpdateItemOutput, SdkError<UpdateItemError>> {
    let mut contention = Contention::of(row);
    loop {
        let sent = update.clone().send().await;
        let met = sent.as_ref().err().and_then(SdkError::as_service_error);
        if !met.is_some_and(UpdateItemError::is_transaction_conflict_exception)
            || !contention.wait().await
        {
            return sent;
        }
    }
}
