//! Giving dead letters another try: what SQS's own redrive does, which the China regions lack.
//!
//! **Invariant:** a message leaves the dead letters only after its queue has taken it. One that dies
//! between the two comes twice, as any message may.

use std::error::Error;

use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, SendMessageBatchRequestEntry};

use crate::{Start, StartError};

/// A dead-letter queue, and the queue that its messages go back to.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    client: aws_sdk_sqs::Client,
    from: String,
    to: String,
}

/// A call of SQS failed. What was not moved stays among the dead letters.
#[derive(Debug, thiserror::Error)]
#[error("a queue could not be reached")]
pub struct RedriveError(#[source] Box<dyn Error + Send + Sync>);

/// Messages in one call.
///
/// Source: Amazon SQS quotas (a batch holds at most 10 messages).
const BATCH: i32 = 10;

/// Seconds for which a message that is being moved is hidden from others.
///
/// Source: chosen here: the three calls of a batch take far less.
const HIDDEN_SECONDS: i32 = 60;

impl DeadLetters {
    /// The dead letters whose URL stands in the variable `from`, for the queue of `to`.
    pub fn open(start: &Start, from: &'static str, to: &'static str) -> Result<Self, StartError> {
        let url = |name| start.environment.required(name, "the URL of a queue");
        Ok(Self {
            client: aws_sdk_sqs::Client::new(&start.aws),
            from: url(from)?.to_owned(),
            to: url(to)?.to_owned(),
        })
    }

    /// Moves at most `most` messages back; gives how many.
    pub async fn redrive(&self, most: usize) -> Result<usize, RedriveError> {
        let mut moved = 0;
        while moved < most {
            let wanted = i32::try_from(most - moved).unwrap_or(BATCH).min(BATCH);
            let received = self
                .client
                .receive_message()
                .queue_url(&self.from)
                .max_number_of_messages(wanted)
                .visibility_timeout(HIDDEN_SECONDS)
                .send()
                .await
                .map_err(|error| RedriveError(error.into()))?;
            let messages = received.messages.unwrap_or_default();
            if messages.is_empty() {
                break;
            }
            let sent = self.send(&messages).await?;
            if sent.is_empty() {
                break;
            }
            self.delete(&sent).await?;
            moved += sent.len();
        }
        Ok(moved)
    }

    /// Sends messages to their queue; gives those that it took.
    async fn send<'a>(&self, messages: &'a [Message]) -> Result<Vec<&'a Message>, RedriveError> {
        let entry = |(at, message): (usize, &Message)| {
            SendMessageBatchRequestEntry::builder()
                .id(at.to_string())
                .message_body(message.body().unwrap_or_default())
                .build()
        };
        let entries = messages
            .iter()
            .enumerate()
            .map(entry)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| RedriveError(error.into()))?;
        let sent = self
            .client
            .send_message_batch()
            .queue_url(&self.to)
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|error| RedriveError(error.into()))?;
        let taken = sent.successful.iter().filter_map(|taken| {
            let at: usize = taken.id.parse().ok()?;
            messages.get(at)
        });
        Ok(taken.collect())
    }

    async fn delete(&self, messages: &[&Message]) -> Result<(), RedriveError> {
        let entry = |(at, message): (usize, &&Message)| {
            DeleteMessageBatchRequestEntry::builder()
                .id(at.to_string())
                .receipt_handle(message.receipt_handle().unwrap_or_default())
                .build()
        };
        let entries = messages
            .iter()
            .enumerate()
            .map(entry)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| RedriveError(error.into()))?;
        self.client
            .delete_message_batch()
            .queue_url(&self.from)
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|error| RedriveError(error.into()))?;
        Ok(())
    }
}
