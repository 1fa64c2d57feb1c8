//! The state of one queue: messages, when they are visible, how often they were received.
//!
//! **Invariant:** a message is deleted only by the handle of its latest receive, and a message
//! that was received as often as the queue allows goes to the dead letters instead of to a reader.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::template;

/// A message.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Message {
    /// Grows with each message sent; the order of delivery.
    pub(crate) number: u64,
    /// The body.
    pub(crate) body: String,
    /// The attributes, as sent.
    pub(crate) attributes: BTreeMap<String, Json>,
    /// Who sent it.
    pub(crate) sent_at: Timestamp,
    /// From when it may be received.
    pub(crate) visible_at: Timestamp,
    /// How often it was received.
    pub(crate) receives: u64,
    /// When first.
    pub(crate) first_received_at: Option<Timestamp>,
    /// The ARN of the queue whose dead letter it is.
    pub(crate) dead_letter_of: Option<String>,
}

impl Message {
    /// Its id, in the form of SQS's.
    pub(crate) fn id(&self) -> String {
        format!("00000000-0000-4000-8000-{:012x}", self.number)
    }

    /// The handle of its latest receive.
    pub(crate) fn handle(&self) -> String {
        format!("{}-{}", self.number, self.receives)
    }
}

/// Reads a handle: the message's number and the receive.
pub(crate) fn parse_handle(handle: &str) -> Option<(u64, u64)> {
    let (number, receive) = handle.split_once('-')?;
    Some((number.parse().ok()?, receive.parse().ok()?))
}

/// What changed, for the log.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Change {
    /// The message stands in the queue as it is here.
    Stands {
        /// The queue's name.
        queue: String,
        /// The message.
        message: Message,
    },
    /// The message is in the queue no more.
    Gone {
        /// The queue's name.
        queue: String,
        /// Its number.
        number: u64,
    },
}

/// The messages of a queue, by number.
pub(crate) type Messages = BTreeMap<u64, Message>;

/// How many wait, are hidden by a reader, and are delayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Depth {
    pub(crate) visible: usize,
    pub(crate) hidden: usize,
    pub(crate) delayed: usize,
}

/// Counts the messages at `now`.
pub(crate) fn depth(messages: &Messages, now: Timestamp) -> Depth {
    let mut depth = Depth {
        visible: 0,
        hidden: 0,
        delayed: 0,
    };
    for message in messages.values() {
        if message.visible_at <= now {
            depth.visible += 1;
        } else if 0 < message.receives {
            depth.hidden += 1;
        } else {
            depth.delayed += 1;
        }
    }
    depth
}

/// What a receive brought about.
#[derive(Debug, Default)]
pub(crate) struct Received {
    /// To the reader.
    pub(crate) delivered: Vec<Message>,
    /// To the dead letters.
    pub(crate) dead: Vec<Message>,
    /// Beyond the retention: dropped.
    pub(crate) expired: Vec<u64>,
}

/// Takes up to `most` visible messages out to a reader, who has `visibility` to delete them.
pub(crate) fn receive(
    queue: &template::Queue,
    messages: &mut Messages,
    now: Timestamp,
    most: usize,
    visibility: SignedDuration,
) -> Received {
    let mut received = Received::default();
    let retention = SignedDuration::from_secs(queue.retention_seconds);
    for message in messages.values_mut() {
        if retention <= now.duration_since(message.sent_at) {
            received.expired.push(message.number);
        } else if now < message.visible_at || received.delivered.len() == most {
            // Hidden, delayed, or one too many.
        } else if queue
            .dead_letters
            .as_ref()
            .is_some_and(|(_, most)| *most <= message.receives)
        {
            received.dead.push(message.clone());
        } else {
            message.receives += 1;
            message.first_received_at.get_or_insert(now);
            message.visible_at = now.saturating_add(visibility).unwrap_or(Timestamp::MAX);
            received.delivered.push(message.clone());
        }
    }
    for number in &received.expired {
        messages.remove(number);
    }
    for message in &received.dead {
        messages.remove(&message.number);
    }
    received
}

impl super::Sqs {
    /// Every body that was ever sent, in memory; nothing where the data is kept.
    pub(crate) fn heard(&self) -> Vec<String> {
        crate::sync::locked(&self.state).heard.clone()
    }
}
