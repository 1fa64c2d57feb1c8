//! Queues, the stream and schedules to their functions.

use icp_local::{Deployment, Options};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{KEEPER, Seen, deployment, dynamodb, put, recording, sample};

const WORKER: &str = "do-work";

fn worked(
    answer: impl Fn(&Json) -> Result<Json, String> + Send + Sync + 'static,
) -> (Deployment, Seen) {
    let deployment = deployment();
    let (handler, seen) = recording(answer);
    deployment.register(WORKER, handler).unwrap();
    (deployment, seen)
}

async fn send(deployment: &Deployment, bodies: &[&str]) {
    let client = aws_sdk_sqs::Client::new(&deployment.sdk_config(KEEPER));
    let url = &deployment.environment(KEEPER).unwrap()["ICP_QUEUE"];
    for body in bodies {
        client
            .send_message()
            .queue_url(url)
            .message_body(*body)
            .send()
            .await
            .unwrap();
    }
}

/// The member of each record of each event, such as its body.
fn of_records(seen: &Seen, pointer: &str) -> Vec<Vec<String>> {
    let seen = seen.lock().unwrap();
    let records = seen
        .iter()
        .map(|event| event["Records"].as_array().cloned().unwrap_or_default());
    records
        .map(|records| {
            let values = records
                .iter()
                .map(|record| record.pointer(pointer).unwrap());
            values
                .map(|value| value.as_str().unwrap().to_owned())
                .collect()
        })
        .collect()
}

#[tokio::test]
async fn a_message_that_a_function_names_as_failed_comes_again_until_it_is_dead() {
    let (deployment, seen) = worked(|event| {
        let records = event["Records"].as_array().unwrap();
        let failed: Vec<Json> = records
            .iter()
            .filter(|record| record["body"] == "bad")
            .map(|record| json!({ "itemIdentifier": record["messageId"] }))
            .collect();
        Ok(json!({ "batchItemFailures": failed }))
    });
    send(&deployment, &["1", "bad", "3", "4", "5", "6"]).await;
    assert_eq!(deployment.settle().await.unwrap(), 2, "batches of five");
    assert_eq!(
        of_records(&seen, "/body"),
        [vec!["1", "bad", "3", "4", "5"], vec!["6"]]
    );
    assert_eq!(deployment.settle().await.unwrap(), 0, "hidden");
    assert_eq!(deployment.queued("WorkQueue").unwrap(), ["bad"]);
    deployment.clock().advance(SignedDuration::from_secs(180));
    assert_eq!(deployment.settle().await.unwrap(), 1);
    deployment.clock().advance(SignedDuration::from_secs(180));
    assert_eq!(deployment.settle().await.unwrap(), 0);
    assert_eq!(deployment.queued("WorkDeadLetters").unwrap(), ["bad"]);
    assert!(deployment.failures().is_empty());
}

#[tokio::test]
async fn a_function_that_fails_or_names_a_stranger_keeps_its_whole_batch() {
    for answer in [
        Err("broken".to_owned()),
        Ok(json!({"batchItemFailures": [{"itemIdentifier": "x"}]})),
    ] {
        let (deployment, _) = worked(move |_| answer.clone());
        send(&deployment, &["1", "2"]).await;
        deployment.settle().await.unwrap();
        assert_eq!(deployment.queued("WorkQueue").unwrap(), ["1", "2"]);
    }
}

#[tokio::test]
async fn the_stream_brings_what_the_filter_chooses_once() {
    let (deployment, seen) = worked(|_| Ok(Json::Null));
    let client = dynamodb(&deployment, KEEPER);
    for pk in ["OUTBOX#1", "NOTE#1", "OUTBOX#2", "OUTBOX#1"] {
        put(&client, pk).await.unwrap();
    }
    assert_eq!(deployment.settle().await.unwrap(), 1);
    let pointer = "/dynamodb/Keys/pk/S";
    assert_eq!(
        of_records(&seen, pointer),
        [["OUTBOX#1", "OUTBOX#2"]],
        "inserts only"
    );
    let record = seen.lock().unwrap()[0]["Records"][0].clone();
    assert_eq!(
        record["eventSourceARN"],
        json!(deployment.template().functions[WORKER].streams[0].stream_arn)
    );
    assert_eq!(record["dynamodb"]["NewImage"]["sk"]["S"], "HEAD");
    assert_eq!(
        record["dynamodb"]["ApproximateCreationDateTime"],
        1_772_416_800
    );
    assert_eq!(deployment.settle().await.unwrap(), 0);
    put(&client, "OUTBOX#3").await.unwrap();
    deployment.settle().await.unwrap();
    assert_eq!(of_records(&seen, pointer)[1..], [["OUTBOX#3"]]);
}

#[tokio::test]
async fn a_record_that_fails_is_isolated_tried_again_and_told_of() {
    let (deployment, seen) = worked(|event| {
        let records = event["Records"].as_array().unwrap();
        if records
            .iter()
            .any(|record| record["dynamodb"]["Keys"]["pk"]["S"] == "OUTBOX#2")
        {
            return Err("poison".to_owned());
        }
        Ok(Json::Null)
    });
    let client = dynamodb(&deployment, KEEPER);
    for pk in ["OUTBOX#1", "OUTBOX#2", "OUTBOX#3", "OUTBOX#4"] {
        put(&client, pk).await.unwrap();
    }
    deployment.settle().await.unwrap();
    let batches: Vec<String> = of_records(&seen, "/dynamodb/Keys/pk/S")
        .iter()
        .map(|batch| batch.join(" ").replace("OUTBOX#", ""))
        .collect();
    assert_eq!(batches, ["1 2 3 4", "1 2", "1", "2", "2", "2", "2", "3 4"]);
    let told = deployment.queued("StreamDeadLetters").unwrap();
    assert_eq!(told.len(), 1);
    let told: Json = serde_json::from_str(&told[0]).unwrap();
    assert_eq!(told["DDBStreamBatchInfo"]["batchSize"], 1);
    assert!(
        !told.to_string().contains("OUTBOX"),
        "the record itself is not in it"
    );
}

#[tokio::test]
async fn a_schedule_runs_each_minute_and_a_failed_tick_goes_to_its_dead_letters() {
    let (deployment, seen) = worked(|event| match event["time"].as_str() {
        Some("2026-03-02T02:02:00Z") => Err("broken".to_owned()),
        _ => Ok(Json::Null),
    });
    deployment.advance_by_minutes(3).await.unwrap();
    let times: Vec<Json> = seen
        .lock()
        .unwrap()
        .iter()
        .map(|event| event["time"].clone())
        .collect();
    assert_eq!(
        times,
        [
            "2026-03-02T02:01:00Z",
            "2026-03-02T02:02:00Z",
            "2026-03-02T02:03:00Z"
        ]
    );
    assert_eq!(deployment.queued("TickDeadLetters").unwrap().len(), 1);
    deployment
        .advance(SignedDuration::from_hours(24))
        .await
        .unwrap();
    assert_eq!(seen.lock().unwrap().len(), 4, "once after an outage");
    deployment.tick(WORKER).await.unwrap();
    assert_eq!(seen.lock().unwrap().len(), 5, "now, though not due");
}

#[tokio::test]
async fn a_function_that_panics_or_has_no_code_fails_by_name() {
    let (deployment, _) = worked(|_| panic!("out of words"));
    deployment.tick(WORKER).await.unwrap();
    assert_eq!(deployment.failures()[0].error, "panicked: out of words");
    assert_eq!(deployment.without_code(), [KEEPER]);
    let error = deployment.invoke(KEEPER, Json::Null).await.unwrap_err();
    assert_eq!(error, "keep-notes has no code in this deployment");
    assert!(deployment.tick("nobody").await.is_err());
}

#[tokio::test]
async fn a_function_that_runs_too_long_is_ended() {
    let directory = tempfile::tempdir().unwrap();
    let template = directory.path().join("template.yaml");
    let text = std::fs::read_to_string(sample()).unwrap();
    std::fs::write(&template, text.replace("Timeout: 29", "Timeout: 0")).unwrap();
    let now = "2026-03-02T02:00:00Z".parse().unwrap();
    let deployment = Deployment::start(&Options::for_tests(template, now)).unwrap();
    let forever: icp_local::Handler = std::sync::Arc::new(|_| Box::pin(std::future::pending()));
    deployment.register(KEEPER, forever).unwrap();
    let error = deployment.invoke(KEEPER, Json::Null).await.unwrap_err();
    assert_eq!(error, "Task timed out after 0 seconds");
}
