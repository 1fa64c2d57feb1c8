//! The events that Lambda hands to functions, and the filters that choose among records.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use crate::sqs::queue::Message;
use crate::sqs::{md5, system_attributes};
use crate::template::{ACCOUNT, Function, Queue, REGION, ScheduleSource, arn};

/// A batch of a queue.
pub(crate) fn of_queue(queue: &Queue, messages: &[Message]) -> Json {
    let records: Vec<Json> = messages
        .iter()
        .map(|message| {
            let attributes: BTreeMap<&String, Json> = message
                .attributes
                .iter()
                .map(|(name, attribute)| (name, message_attribute(attribute)))
                .collect();
            json!({
                "messageId": message.id(),
                "receiptHandle": message.handle(),
                "body": message.body,
                "attributes": system_attributes(message),
                "messageAttributes": attributes,
                "md5OfBody": md5(message.body.as_bytes()),
                "eventSource": "aws:sqs",
                "eventSourceARN": queue.arn,
                "awsRegion": REGION,
            })
        })
        .collect();
    json!({ "Records": records })
}

/// A tick.
pub(crate) fn of_schedule(function: &Function, schedule: &ScheduleSource, now: Timestamp) -> Json {
    if let Some(input) = &schedule.input {
        return input.clone();
    }
    let name = format!("{}{}", function.logical, schedule.name);
    let (source, resource, detail) = if schedule.by_scheduler {
        (
            "aws.scheduler",
            arn("scheduler", &format!("schedule/default/{name}")),
            json!("{}"),
        )
    } else {
        (
            "aws.events",
            arn("events", &format!("rule/{name}")),
            json!({}),
        )
    };
    json!({
        "version": "0",
        "id": format!("00000000-0000-4000-8003-{:012x}", now.as_second()),
        "detail-type": "Scheduled Event",
        "source": source,
        "account": ACCOUNT,
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": REGION,
        "resources": [resource],
        "detail": detail,
    })
}

/// A record of the embedded stream as AWS would tell it.
pub(crate) fn stream_record(mut record: Json, stream_arn: &str, now: Timestamp) -> Json {
    if let Some(record) = record.as_object_mut() {
        record.insert("eventSourceARN".to_owned(), json!(stream_arn));
        record.insert("awsRegion".to_owned(), json!(REGION));
        if let Some(dynamodb) = record.get_mut("dynamodb").and_then(Json::as_object_mut) {
            // The database stamps by the system's clock, the deployment has its own.
            dynamodb.insert(
                "ApproximateCreationDateTime".to_owned(),
                json!(now.as_second()),
            );
        }
    }
    record
}

/// The sequence number of a record.
pub(crate) fn sequence_number(record: &Json) -> &str {
    record
        .get("dynamodb")
        .and_then(|dynamodb| dynamodb.get("SequenceNumber"))
        .and_then(Json::as_str)
        .unwrap_or_default()
}

/// What the queue for failed batches of a stream is told: where to look, not what was there.
pub(crate) fn failed_stream_batch(
    function: &Function,
    stream_arn: &str,
    batch: &[Json],
    invokes: u64,
    now: Timestamp,
) -> Json {
    json!({
        "requestContext": {
            "requestId": format!("local-{now}"),
            "functionArn": arn("lambda", &format!("function:{}", function.name)),
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": invokes,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "version": "1.0",
        "timestamp": now.to_string(),
        "DDBStreamBatchInfo": {
            "shardId": "shardId-00000000000000000000-00000000",
            "startSequenceNumber": batch.first().map(sequence_number),
            "endSequenceNumber": batch.last().map(sequence_number),
            "approximateArrivalOfFirstRecord": now.to_string(),
            "approximateArrivalOfLastRecord": now.to_string(),
            "batchSize": batch.len(),
            "streamArn": stream_arn,
        },
    })
}

/// What the queue for failed asynchronous events is told.
pub(crate) fn failed_event(
    function: &Function,
    event: &Json,
    error: &str,
    invokes: u64,
    now: Timestamp,
) -> Json {
    json!({
        "version": "1.0",
        "timestamp": now.to_string(),
        "requestContext": {
            "requestId": format!("local-{now}"),
            "functionArn": arn("lambda", &format!("function:{}", function.name)),
            "condition": "RetriesExhausted",
            "approximateInvokeCount": invokes,
        },
        "requestPayload": event,
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "responsePayload": { "errorMessage": error },
    })
}

/// The items that a function named as failed; `None` where it named something that was not asked,
/// which fails the whole batch.
pub(crate) fn failures<'a>(
    answer: &Json,
    asked: impl Fn(&str) -> Option<&'a str>,
) -> Option<Vec<&'a str>> {
    let Some(named) = answer.get("batchItemFailures").and_then(Json::as_array) else {
        return Some(Vec::new());
    };
    named
        .iter()
        .map(|failure| {
            failure
                .get("itemIdentifier")
                .and_then(Json::as_str)
                .and_then(&asked)
        })
        .collect()
}

/// Whether a record is as one of the patterns says; without patterns every record is.
pub(crate) fn chosen(patterns: &[Json], record: &Json) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| fits(pattern, Some(record)))
}

/// Refuses a pattern that is not understood here.
pub(crate) fn check_pattern(pattern: &Json) -> Result<(), String> {
    match pattern {
        Json::Object(members) => members.values().try_for_each(check_pattern),
        Json::Array(tests) => tests.iter().try_for_each(|test| match test {
            Json::Object(test) => {
                let known = test.len() == 1
                    && test.iter().all(|(name, value)| match name.as_str() {
                        "prefix" => value.is_string(),
                        "exists" => value.is_boolean(),
                        _ => false,
                    });
                if known {
                    Ok(())
                } else {
                    Err(format!(
                        "a filter's test {} is not emulated",
                        Json::Object(test.clone())
                    ))
                }
            }
            Json::Array(_) => Err("a filter's test is no list".to_owned()),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Ok(()),
        }),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Err(format!(
            "a filter's {pattern} is neither a mapping nor a list of tests"
        )),
    }
}

fn fits(pattern: &Json, value: Option<&Json>) -> bool {
    match pattern {
        Json::Object(members) => members
            .iter()
            .all(|(name, pattern)| fits(pattern, value.and_then(|value| value.get(name)))),
        Json::Array(tests) => tests.iter().any(|test| passes(test, value)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    }
}

fn passes(test: &Json, value: Option<&Json>) -> bool {
    let Json::Object(test) = test else {
        return value == Some(test);
    };
    test.iter().all(|(name, expected)| match name.as_str() {
        "prefix" => value
            .and_then(Json::as_str)
            .zip(expected.as_str())
            .is_some_and(|(value, prefix)| value.starts_with(prefix)),
        "exists" => expected.as_bool() == Some(value.is_some()),
        _ => false,
    })
}

fn message_attribute(attribute: &Json) -> Json {
    let mut lower = Map::new();
    for (from, to) in [
        ("StringValue", "stringValue"),
        ("BinaryValue", "binaryValue"),
        ("DataType", "dataType"),
    ] {
        if let Some(value) = attribute.get(from) {
            lower.insert(to.to_owned(), value.clone());
        }
    }
    lower.insert("stringListValues".to_owned(), json!([]));
    lower.insert("binaryListValues".to_owned(), json!([]));
    Json::Object(lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_chooses_inserts_of_a_prefix() {
        let pattern = json!({
            "eventName": ["INSERT"],
            "dynamodb": {"Keys": {"pk": {"S": [{"prefix": "OUTBOX#"}]}}},
        });
        check_pattern(&pattern).unwrap();
        let record = |event: &str, pk: &str| {
            json!({
                "eventName": event,
                "dynamodb": {"Keys": {"pk": {"S": pk}}},
            })
        };
        let patterns = [pattern];
        assert!(chosen(&patterns, &record("INSERT", "OUTBOX#1")));
        assert!(!chosen(&patterns, &record("MODIFY", "OUTBOX#1")));
        assert!(!chosen(&patterns, &record("INSERT", "CASE#1")));
        assert!(!chosen(&patterns, &json!({"eventName": "INSERT"})));
        assert!(chosen(&[], &record("MODIFY", "x")));
    }

    #[test]
    fn existence_can_be_asked_for() {
        let wanted = json!({"a": [{"exists": true}]});
        assert!(fits(&wanted, Some(&json!({"a": 1}))));
        assert!(!fits(&wanted, Some(&json!({"b": 1}))));
        assert!(check_pattern(&json!({"a": [{"numeric": [">", 1]}]})).is_err());
        assert!(check_pattern(&json!({"a": "INSERT"})).is_err());
    }

    #[test]
    fn a_failure_that_was_not_asked_for_fails_the_whole_batch() {
        let asked = |id: &str| ["1", "2"].into_iter().find(|known| *known == id);
        let failed = |ids: &[&str]| {
            let named: Vec<Json> = ids.iter().map(|id| json!({"itemIdentifier": id})).collect();
            failures(&json!({ "batchItemFailures": named }), asked)
        };
        assert_eq!(failures(&Json::Null, asked), Some(vec![]));
        assert_eq!(failed(&["2"]), Some(vec!["2"]));
        assert_eq!(failed(&["3"]), None);
        assert_eq!(failures(&json!({"batchItemFailures": [{}]}), asked), None);
    }
}
