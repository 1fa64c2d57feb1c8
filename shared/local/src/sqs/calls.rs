//! The calls of the protocol over the queues.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::Sqs;
use super::form::{
    BATCH_LIMIT, attributes_md5, bad_handle, batch, failed, invalid, later, md5, names, no_queue,
    received_json,
};
use super::queue::{self, Message};
use crate::policy::Need;
use crate::sync::locked;
use crate::template;
use crate::wire::{Refusal, text};

/// The longest visibility and delay that SQS takes.
const VISIBILITY_LIMIT_SECONDS: i64 = 43_200;
const DELAY_LIMIT_SECONDS: i64 = 900;

impl Sqs {
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
