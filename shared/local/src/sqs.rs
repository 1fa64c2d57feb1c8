//! SQS: queues with visibility time-outs, receive counts and dead letters, kept over restarts.
//!
//! **Invariant:** time comes from the deployment's clock, so a visibility time-out passes when the
//! clock is moved, and never while a test waits.

mod form;
pub(crate) mod queue;

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::SignedDuration;
use serde_json::{Map, Value as Json, json};

use crate::clock::LocalClock;
use crate::error::LocalError;
use crate::files::{Log, Place};
use crate::policy::Need;
use crate::sync::locked;
use crate::template;
use crate::wire::{Refusal, text};
use form::{
    BATCH_LIMIT, attributes_md5, bad_handle, batch, failed, invalid, later, names, no_queue,
    received_json,
};
pub(crate) use form::{md5, system_attributes};
use queue::{Change, Depth, Message, Messages};

/// The longest visibility and delay that SQS takes.
const VISIBILITY_LIMIT_SECONDS: i64 = 43_200;
const DELAY_LIMIT_SECONDS: i64 = 900;

/// All queues.
pub(crate) struct Sqs {
    queues: BTreeMap<String, template::Queue>,
    clock: LocalClock,
    state: Mutex<State>,
    /// Whether every body is kept that was ever sent: for tests.
    listens: bool,
}

struct State {
    messages: BTreeMap<String, Messages>,
    next: u64,
    log: Log,
    heard: Vec<String>,
}

impl Sqs {
    /// Opens the queues with what their log holds.
    pub(crate) fn open(
        place: &Place,
        queues: &BTreeMap<String, template::Queue>,
        clock: LocalClock,
    ) -> Result<Self, LocalError> {
        let (mut log, changes) = Log::open::<Change>(place, "queues.jsonl")?;
        let empty = queues.keys().map(|name| (name.clone(), Messages::new()));
        let mut messages: BTreeMap<String, Messages> = empty.collect();
        let mut next = 1;
        for change in changes {
            match change {
                Change::Stands { queue, message } => {
                    next = next.max(message.number + 1);
                    // A queue that the template no longer has took its messages with it.
                    if let Some(messages) = messages.get_mut(&queue) {
                        messages.insert(message.number, message);
                    }
                }
                Change::Gone { queue, number } => {
                    next = next.max(number + 1);
                    if let Some(messages) = messages.get_mut(&queue) {
                        messages.remove(&number);
                    }
                }
            }
        }
        let standing: Vec<Change> = messages
            .iter()
            .flat_map(|(queue, messages)| {
                messages.values().map(|message| Change::Stands {
                    queue: queue.clone(),
                    message: message.clone(),
                })
            })
            .collect();
        log.rewrite(&standing)?;
        Ok(Self {
            queues: queues.clone(),
            clock,
            listens: *place == Place::Memory,
            state: Mutex::new(State {
                messages,
                next,
                log,
                heard: Vec::new(),
            }),
        })
    }

    /// What a call needs.
    pub(crate) fn needs(&self, operation: &str, body: &Json) -> Result<Vec<Need>, Refusal> {
        let (action, resource) = match operation {
            "GetQueueUrl" => {
                let name = text(body, "QueueName")?;
                (
                    operation,
                    self.queues.get(name).ok_or_else(no_queue)?.arn.clone(),
                )
            }
            "ListQueues" => (operation, "*".to_owned()),
            // A batch is authorised as its single form.
            _ => (
                operation.trim_end_matches("Batch"),
                self.queue_of(body)?.arn.clone(),
            ),
        };
        Ok(vec![Need::new(format!("sqs:{action}"), resource)])
    }

    /// Answers a call.
    pub(crate) fn call(&self, operation: &str, body: &Json) -> Result<Json, Refusal> {
        match operation {
            "GetQueueUrl" => {
                let queue = self
                    .queues
                    .get(text(body, "QueueName")?)
                    .ok_or_else(no_queue)?;
                Ok(json!({ "QueueUrl": queue.url }))
            }
            "ListQueues" => {
                let urls: Vec<&str> = self
                    .queues
                    .values()
                    .map(|queue| queue.url.as_str())
                    .collect();
                Ok(json!({ "QueueUrls": urls }))
            }
            "SendMessage" => self.send_entry(self.queue_of(body)?, body),
            "SendMessageBatch" => {
                let queue = self.queue_of(body)?;
                batch(body, |entry| self.send_entry(queue, entry))
            }
            "ReceiveMessage" => self.receive_call(self.queue_of(body)?, body),
            "DeleteMessage" => self.delete_entry(self.queue_of(body)?, body),
            "DeleteMessageBatch" => {
                let queue = self.queue_of(body)?;
                batch(body, |entry| self.delete_entry(queue, entry))
            }
            "ChangeMessageVisibility" => self.hide_entry(self.queue_of(body)?, body),
            "ChangeMessageVisibilityBatch" => {
                let queue = self.queue_of(body)?;
                batch(body, |entry| self.hide_entry(queue, entry))
            }
            "GetQueueAttributes" => Ok(self.attributes(self.queue_of(body)?, body)),
            _ => Err(Refusal::client(
                "com.amazonaws.sqs#UnsupportedOperation",
                format!("{operation} is not emulated by the local deployment"),
            )),
        }
    }

    /// Puts a message into a queue; gives its id.
    pub(crate) fn send(
        &self,
        queue: &template::Queue,
        body: &str,
        attributes: BTreeMap<String, Json>,
        delay_seconds: i64,
    ) -> Result<String, LocalError> {
        let now = self.clock.now();
        let mut state = locked(&self.state);
        state.heard.extend(self.listens.then(|| body.to_owned()));
        let message = Message {
            number: state.next,
            body: body.to_owned(),
            attributes,
            sent_at: now,
            visible_at: later(now, delay_seconds),
            receives: 0,
            first_received_at: None,
            dead_letter_of: None,
        };
        let id = message.id();
        state.next += 1;
        state.stand(&queue.name, message).map(|()| id)
    }

    /// Takes up to `most` messages out.
    pub(crate) fn receive(
        &self,
        queue: &template::Queue,
        most: usize,
        visibility_seconds: i64,
    ) -> Result<Vec<Message>, LocalError> {
        let visibility = SignedDuration::from_secs(visibility_seconds);
        let mut state = locked(&self.state);
        let Some(messages) = state.messages.get_mut(&queue.name) else {
            return Ok(Vec::new());
        };
        let received = queue::receive(queue, messages, self.clock.now(), most, visibility);
        let mut changes: Vec<Change> = received
            .expired
            .iter()
            .copied()
            .chain(received.dead.iter().map(|message| message.number))
            .map(|number| Change::Gone {
                queue: queue.name.clone(),
                number,
            })
            .collect();
        changes.extend(received.delivered.iter().map(|message| Change::Stands {
            queue: queue.name.clone(),
            message: message.clone(),
        }));
        for mut message in received.dead {
            message.receives = 0;
            message.first_received_at = None;
            message.dead_letter_of = Some(queue.arn.clone());
            if let Some((target, _)) = &queue.dead_letters
                && let Some(messages) = state.messages.get_mut(target)
            {
                messages.insert(message.number, message.clone());
                changes.push(Change::Stands {
                    queue: target.clone(),
                    message,
                });
            }
        }
        state.log.append(&changes)?;
        Ok(received.delivered)
    }

    /// Deletes the message of a handle, unless it was received again since.
    pub(crate) fn delete(&self, queue: &template::Queue, handle: &str) -> Result<bool, LocalError> {
        let mut state = locked(&self.state);
        let Some(number) = state.held(&queue.name, handle) else {
            return Ok(false);
        };
        if let Some(messages) = state.messages.get_mut(&queue.name) {
            messages.remove(&number);
        }
        state.log.append(&[Change::Gone {
            queue: queue.name.clone(),
            number,
        }])?;
        Ok(true)
    }

    /// How full a queue is.
    pub(crate) fn depth(&self, queue: &template::Queue) -> Depth {
        let state = locked(&self.state);
        let none = Messages::new();
        queue::depth(
            state.messages.get(&queue.name).unwrap_or(&none),
            self.clock.now(),
        )
    }

    /// The bodies of all messages of a queue, oldest first.
    pub(crate) fn bodies(&self, queue: &template::Queue) -> Vec<String> {
        let state = locked(&self.state);
        let messages = state.messages.get(&queue.name);
        messages
            .into_iter()
            .flat_map(Messages::values)
            .map(|message| message.body.clone())
            .collect()
    }

    fn send_entry(&self, queue: &template::Queue, entry: &Json) -> Result<Json, Refusal> {
        let body = text(entry, "MessageBody")?;
        let attributes: BTreeMap<String, Json> = entry
            .get("MessageAttributes")
            .and_then(Json::as_object)
            .map(|attributes| attributes.clone().into_iter().collect())
            .unwrap_or_default();
        if body.is_empty() || queue.maximum_bytes < body.len() {
            return Err(invalid(format!(
                "a message has 1 to {} bytes",
                queue.maximum_bytes
            )));
        }
        let delay = entry
            .get("DelaySeconds")
            .and_then(Json::as_i64)
            .unwrap_or(queue.delay_seconds);
        if !(0..=DELAY_LIMIT_SECONDS).contains(&delay) {
            return Err(invalid(format!(
                "DelaySeconds is 0 to {DELAY_LIMIT_SECONDS}"
            )));
        }
        let attributes_md5 = attributes_md5(&attributes);
        let id = self
            .send(queue, body, attributes, delay)
            .map_err(|error| failed(&error))?;
        let mut sent = json!({ "MessageId": id, "MD5OfMessageBody": md5(body.as_bytes()) });
        if let (Some(sum), Some(sent)) = (attributes_md5, sent.as_object_mut()) {
            sent.insert("MD5OfMessageAttributes".to_owned(), Json::String(sum));
        }
        Ok(sent)
    }

    fn receive_call(&self, queue: &template::Queue, body: &Json) -> Result<Json, Refusal> {
        let number = |member: &str| body.get(member).and_then(Json::as_i64);
        let most = number("MaxNumberOfMessages").unwrap_or(1);
        let most = usize::try_from(most)
            .ok()
            .filter(|most| (1..=BATCH_LIMIT).contains(most))
            .ok_or_else(|| invalid(format!("MaxNumberOfMessages is 1 to {BATCH_LIMIT}")))?;
        let visibility = number("VisibilityTimeout").unwrap_or(queue.visibility_seconds);
        let received = self
            .receive(queue, most, visibility)
            .map_err(|error| failed(&error))?;
        let messages: Vec<Json> = received
            .iter()
            .map(|message| received_json(message, body))
            .collect();
        Ok(if messages.is_empty() {
            json!({})
        } else {
            json!({ "Messages": messages })
        })
    }

    fn delete_entry(&self, queue: &template::Queue, entry: &Json) -> Result<Json, Refusal> {
        let handle = text(entry, "ReceiptHandle")?;
        if queue::parse_handle(handle).is_none() {
            return Err(bad_handle());
        }
        // A stale handle is accepted and deletes nothing, as SQS may do.
        self.delete(queue, handle).map_err(|error| failed(&error))?;
        Ok(json!({}))
    }

    fn hide_entry(&self, queue: &template::Queue, entry: &Json) -> Result<Json, Refusal> {
        let seconds = entry
            .get("VisibilityTimeout")
            .and_then(Json::as_i64)
            .filter(|seconds| (0..=VISIBILITY_LIMIT_SECONDS).contains(seconds))
            .ok_or_else(|| {
                invalid(format!(
                    "VisibilityTimeout is 0 to {VISIBILITY_LIMIT_SECONDS}"
                ))
            })?;
        let mut state = locked(&self.state);
        let handle = text(entry, "ReceiptHandle")?;
        let number = state.held(&queue.name, handle).ok_or_else(bad_handle)?;
        let message = state
            .messages
            .get(&queue.name)
            .and_then(|messages| messages.get(&number))
            .cloned()
            .ok_or_else(bad_handle)?;
        let visible_at = later(self.clock.now(), seconds);
        state
            .stand(
                &queue.name,
                Message {
                    visible_at,
                    ..message
                },
            )
            .map_err(|error| failed(&error))?;
        Ok(json!({}))
    }

    fn attributes(&self, queue: &template::Queue, body: &Json) -> Json {
        let depth = self.depth(queue);
        let mut all = Map::new();
        for (name, value) in [
            ("QueueArn", queue.arn.clone()),
            ("ApproximateNumberOfMessages", depth.visible.to_string()),
            (
                "ApproximateNumberOfMessagesNotVisible",
                depth.hidden.to_string(),
            ),
            (
                "ApproximateNumberOfMessagesDelayed",
                depth.delayed.to_string(),
            ),
            ("VisibilityTimeout", queue.visibility_seconds.to_string()),
            (
                "MessageRetentionPeriod",
                queue.retention_seconds.to_string(),
            ),
            ("DelaySeconds", queue.delay_seconds.to_string()),
            ("MaximumMessageSize", queue.maximum_bytes.to_string()),
        ] {
            all.insert(name.to_owned(), Json::String(value));
        }
        if let Some((target, most)) = &queue.dead_letters
            && let Some(target) = self.queues.get(target)
        {
            let policy = json!({ "deadLetterTargetArn": target.arn, "maxReceiveCount": most });
            all.insert("RedrivePolicy".to_owned(), Json::String(policy.to_string()));
        }
        let asked = names(body, &["AttributeNames"]);
        all.retain(|name, _| asked.iter().any(|asked| asked == "All" || asked == name));
        json!({ "Attributes": all })
    }

    fn queue_of(&self, body: &Json) -> Result<&template::Queue, Refusal> {
        let name = text(body, "QueueUrl")?
            .rsplit('/')
            .next()
            .unwrap_or_default();
        self.queues.get(name).ok_or_else(no_queue)
    }
}

impl State {
    fn stand(&mut self, queue: &str, message: Message) -> Result<(), LocalError> {
        self.log.append(&[Change::Stands {
            queue: queue.to_owned(),
            message: message.clone(),
        }])?;
        if let Some(messages) = self.messages.get_mut(queue) {
            messages.insert(message.number, message);
        }
        Ok(())
    }

    /// The number of the message whose latest receive the handle is.
    fn held(&self, queue: &str, handle: &str) -> Option<u64> {
        let (number, receive) = queue::parse_handle(handle)?;
        let message = self.messages.get(queue)?.get(&number)?;
        (message.receives == receive).then_some(number)
    }
}
