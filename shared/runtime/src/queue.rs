//! The sending end of a queue.

use std::marker::PhantomData;

use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::operation::send_message_batch::SendMessageBatchError;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use serde::Serialize;

use crate::{Start, StartError};

/// A queue of messages of one type.
#[derive(Debug, Clone)]
pub struct Queue<T> {
    client: aws_sdk_sqs::Client,
    url: String,
    messages: PhantomData<fn(T)>,
}

/// Why messages were not sent. What was not sent is asked for again by whatever row called for it.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// A message cannot be written as JSON.
    #[error("a message could not be written")]
    Unwritable(#[from] serde_json::Error),
    /// The call failed.
    #[error("the queue could not be reached")]
    Unavailable(#[source] Box<SdkError<SendMessageBatchError>>),
    /// The queue took some messages and not others.
    #[error("the queue did not take {0} of the messages")]
    Refused(usize),
}

/// Messages in one call.
///
/// Source: Amazon SQS quotas (a batch holds at most 10 messages).
pub(crate) const MESSAGES_A_CALL: usize = 10;

/// Bytes of all messages in one call.
///
/// Source: Amazon SQS quotas as they stood until August 2025 (256 KiB a batch; 1 MiB since), which emulators keep to.
const BYTES_A_CALL: usize = 256 * 1024;

impl<T: Serialize> Queue<T> {
    /// The queue whose URL stands in the variable `name`.
    pub fn open(start: &Start, name: &'static str) -> Result<Self, StartError> {
        let url = start
            .environment
            .required(name, "the URL of a queue")?
            .to_owned();
        Ok(Self {
            client: aws_sdk_sqs::Client::new(&start.aws),
            url,
            messages: PhantomData,
        })
    }

    /// Sends messages, as many a call as it holds.
    pub async fn send(&self, messages: &[T]) -> Result<(), QueueError> {
        let bodies = messages.iter().map(serde_json::to_string);
        let bodies = bodies.collect::<Result<Vec<String>, _>>()?;
        let mut refused = 0;
        for call in calls(bodies) {
            let entries = call.into_iter().enumerate();
            let entries = entries.map(|(at, body)| entry(at, body));
            let sent = self
                .client
                .send_message_batch()
                .queue_url(&self.url)
                .set_entries(Some(entries.collect::<Result<_, _>>()?))
                .send()
                .await
                .map_err(|error| QueueError::Unavailable(Box::new(error)))?;
            refused += sent.failed().len();
        }
        if refused == 0 {
            Ok(())
        } else {
            Err(QueueError::Refused(refused))
        }
    }
}

/// Messages by calls, in their order. One that is larger than a call goes in one of its own.
fn calls(bodies: Vec<String>) -> Vec<Vec<String>> {
    let mut calls: Vec<Vec<String>> = Vec::new();
    let mut bytes = 0;
    for body in bodies {
        bytes += body.len();
        match calls.last_mut() {
            Some(call) if call.len() < MESSAGES_A_CALL && bytes <= BYTES_A_CALL => call.push(body),
            _ => {
                bytes = body.len();
                calls.push(vec![body]);
            }
        }
    }
    calls
}

fn entry(at: usize, body: String) -> Result<SendMessageBatchRequestEntry, serde_json::Error> {
    // Both fields are set, so the builder's check cannot fail; an error would be a lost message.
    SendMessageBatchRequestEntry::builder()
        .id(at.to_string())
        .message_body(body)
        .build()
        .map_err(serde::ser::Error::custom)
}

#[cfg(test)]
impl<T> Queue<T> {
    /// A queue that no call reaches.
    pub(crate) fn out_of_reach() -> Self {
        use aws_sdk_sqs::config::{BehaviorVersion, Config};
        use aws_smithy_types::retry::RetryConfig;

        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .retry_config(RetryConfig::disabled());
        Self {
            client: aws_sdk_sqs::Client::from_conf(config.build()),
            url: "http://127.0.0.1/none".to_owned(),
            messages: PhantomData,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_holds_ten_messages_and_256_kib() {
        let sizes = |sizes: &[usize]| {
            let bodies = sizes.iter().map(|size| "x".repeat(*size)).collect();
            let calls = calls(bodies);
            calls.iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(sizes(&[]), [0; 0]);
        assert_eq!(sizes(&[10; 9]), [9]);
        assert_eq!(sizes(&[10; 21]), [10, 10, 1]);
        let half = BYTES_A_CALL / 2;
        assert_eq!(sizes(&[half, half, 1, half]), [2, 2]);
        assert_eq!(sizes(&[half, half + 1, half - 1, 1]), [1, 2, 1]);
        assert_eq!(sizes(&[1, BYTES_A_CALL + 1, 1]), [1, 1, 1]);
    }
}
