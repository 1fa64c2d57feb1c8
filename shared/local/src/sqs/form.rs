//! Messages, batches and refusals as SQS writes them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use md5::{Digest, Md5};
use serde_json::{Map, Value as Json, json};

use super::queue::Message;
use crate::error::LocalError;
use crate::template::ACCOUNT;
use crate::wire::{Refusal, text};

/// The most entries of a batch.
pub(super) const BATCH_LIMIT: usize = 10;

/// The system attributes of a message.
pub(crate) fn system_attributes(message: &Message) -> Map<String, Json> {
    let mut attributes = Map::new();
    let mut put = |name: &str, value: String| {
        attributes.insert(name.to_owned(), Json::String(value));
    };
    put("ApproximateReceiveCount", message.receives.to_string());
    put(
        "SentTimestamp",
        message.sent_at.as_millisecond().to_string(),
    );
    put("SenderId", ACCOUNT.to_owned());
    if let Some(first) = message.first_received_at {
        put(
            "ApproximateFirstReceiveTimestamp",
            first.as_millisecond().to_string(),
        );
    }
    if let Some(source) = &message.dead_letter_of {
        put("DeadLetterQueueSourceArn", source.clone());
    }
    attributes
}

/// The MD5 of a body, as SQS tells it.
pub(crate) fn md5(bytes: &[u8]) -> String {
    hex::encode(Md5::digest(bytes))
}

/// A message as a reader sees it.
pub(super) fn received_json(message: &Message, asked: &Json) -> Json {
    let mut json = json!({
        "MessageId": message.id(),
        "ReceiptHandle": message.handle(),
        "Body": message.body,
        "MD5OfBody": md5(message.body.as_bytes()),
    });
    let system = names(asked, &["AttributeNames", "MessageSystemAttributeNames"]);
    let mut attributes = system_attributes(message);
    attributes.retain(|name, _| system.iter().any(|asked| asked == "All" || asked == name));
    let wanted = names(asked, &["MessageAttributeNames"]);
    let custom: BTreeMap<String, Json> = message
        .attributes
        .iter()
        .filter(|(name, _)| {
            wanted
                .iter()
                .any(|asked| asked == "All" || asked == ".*" || asked == *name)
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if let Some(json) = json.as_object_mut() {
        if !attributes.is_empty() {
            json.insert("Attributes".to_owned(), Json::Object(attributes));
        }
        if let Some(sum) = attributes_md5(&custom) {
            json.insert("MD5OfMessageAttributes".to_owned(), Json::String(sum));
            json.insert("MessageAttributes".to_owned(), json!(custom));
        }
    }
    json
}

/// The sum over attributes: names in order, each part with its length before it.
pub(super) fn attributes_md5(attributes: &BTreeMap<String, Json>) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    // Each part with the byte that tells text from bytes, where it is a value.
    let mut encoded: Vec<(Vec<u8>, Option<u8>)> = Vec::new();
    for (name, attribute) in attributes {
        let of = |member: &str| attribute.get(member).and_then(Json::as_str);
        encoded.push((name.as_bytes().to_vec(), None));
        encoded.push((of("DataType").unwrap_or_default().as_bytes().to_vec(), None));
        match (of("StringValue"), of("BinaryValue")) {
            (Some(value), _) => encoded.push((value.as_bytes().to_vec(), Some(1))),
            (None, Some(value)) => {
                let bytes = STANDARD.decode(value).ok()?;
                encoded.push((bytes, Some(2)));
            }
            (None, None) => return None,
        }
    }
    let mut bytes = Vec::new();
    for (value, kind) in encoded {
        bytes.extend(kind);
        bytes.extend(u32::try_from(value.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend(value);
    }
    Some(md5(&bytes))
}

/// Runs each entry of a batch on its own; one that is refused does not hold up the others.
pub(super) fn batch(
    body: &Json,
    mut each: impl FnMut(&Json) -> Result<Json, Refusal>,
) -> Result<Json, Refusal> {
    let entries = body
        .get("Entries")
        .and_then(Json::as_array)
        .map_or(&[][..], Vec::as_slice);
    if entries.is_empty() {
        return Err(Refusal::client(
            "com.amazonaws.sqs#EmptyBatchRequest",
            "no entries",
        ));
    }
    if BATCH_LIMIT < entries.len() {
        let text = format!("more than {BATCH_LIMIT} entries");
        return Err(Refusal::client(
            "com.amazonaws.sqs#TooManyEntriesInBatchRequest",
            text,
        ));
    }
    let mut successful = Vec::new();
    let mut failed = Vec::new();
    for entry in entries {
        let id = text(entry, "Id")?;
        match each(entry) {
            Ok(mut done) => {
                if let Some(done) = done.as_object_mut() {
                    done.insert("Id".to_owned(), json!(id));
                }
                successful.push(done);
            }
            Err(refusal) => failed.push(json!({
                "Id": id,
                "SenderFault": refusal.status.is_client_error(),
                "Code": refusal.short_code(),
                "Message": refusal.message,
            })),
        }
    }
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

/// The names of several lists of the request.
pub(super) fn names(body: &Json, members: &[&str]) -> Vec<String> {
    let lists = members
        .iter()
        .filter_map(|member| body.get(member).and_then(Json::as_array));
    lists
        .flatten()
        .filter_map(Json::as_str)
        .map(str::to_owned)
        .collect()
}

/// So many seconds on.
pub(super) fn later(now: Timestamp, seconds: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(seconds))
        .unwrap_or(Timestamp::MAX)
}

/// There is no such queue.
pub(super) fn no_queue() -> Refusal {
    Refusal::client(
        "com.amazonaws.sqs#QueueDoesNotExist",
        "The specified queue does not exist.",
    )
}

/// The handle is none, or no longer good.
pub(super) fn bad_handle() -> Refusal {
    Refusal::client(
        "com.amazonaws.sqs#ReceiptHandleIsInvalid",
        "The input receipt handle is invalid.",
    )
}

/// A value is out of range.
pub(super) fn invalid(message: String) -> Refusal {
    Refusal::client("com.amazonaws.sqs#InvalidParameterValueException", message)
}

/// The log could not be written.
pub(super) fn failed(error: &LocalError) -> Refusal {
    Refusal::server("com.amazonaws.sqs#InternalFailure", error.to_string())
}
