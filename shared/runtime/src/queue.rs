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
const BATCH: usize = 10;

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

    /// Sends messages, ten a call.
    pub async fn send(&self, messages: &[T]) -> Result<(), QueueError> {
        let mut refused = 0;
        for batch in messages.chunks(BATCH) {
            let entries = batch
                .iter()
                .enumerate()
                .map(|(at, message)| entry(at, message))
                .collect::<Result<Vec<_>, _>>()?;
            let sent = self
                .client
                .send_message_batch()
                .queue_url(&self.url)
                .set_entries(Some(entries))
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

fn entry<T: Serialize>(
    at: usize,
    message: &T,
) -> Result<SendMessageBatchRequestEntry, serde_json::Error> {
    let body = serde_json::to_string(message)?;
    // Both fields are set, so the builder's check cannot fail; an error would be a lost message.
    SendMessageBatchRequestEntry::builder()
        .id(at.to_string())
        .message_body(body)
        .build()
        .map_err(serde::ser::Error::custom)
}
