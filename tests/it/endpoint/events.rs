//! Events of queues, the stream and schedules that are not as they should be: each fails alone.

use icp_local::stage::Stage;
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::Api;

/// Longer than a queue hides a message that failed.
const HIDDEN: SignedDuration = SignedDuration::from_secs(361);

async fn send(stage: &Stage, queue: &str, body: &str) {
    let aws = stage.deployment.sdk_config("local");
    let url = &stage.deployment.template().queue(queue).unwrap().url;
    aws_sdk_sqs::Client::new(&aws)
        .send_message()
        .queue_url(url)
        .message_body(body)
        .send()
        .await
        .unwrap();
}

/// Delivers until what cannot be delivered lies in its dead letters.
async fn to_the_dead_letters(stage: &Stage, queue: &str) -> Vec<String> {
    for _ in 0..20 {
        stage.deployment.settle().await.unwrap();
        stage.deployment.clock().advance(HIDDEN);
    }
    stage.deployment.queued(queue).unwrap()
}

fn fixture(name: &str) -> String {
    let path = format!("{}/fixtures/events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

/// The body of a fixture's one record.
fn body_of(name: &str) -> String {
    let event: Json = serde_json::from_str(&fixture(name)).unwrap();
    event["Records"][0]["body"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_evidence_alone_reaches_its_dead_letters() {
    let Api { stage, .. } = Api::start().await;
    send(&stage, "EvidenceQueue", &body_of("judge-evidence")).await;
    send(&stage, "EvidenceQueue", "{\"look\":1}").await;
    let dead = to_the_dead_letters(&stage, "EvidenceDeadLetters").await;
    assert_eq!(dead, ["{\"look\":1}"]);
    assert!(stage.deployment.queued("EvidenceQueue").unwrap().is_empty());
    assert_eq!(
        stage.deployment.failures(),
        [],
        "no batch failed as a whole"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_look_alone_reaches_those_that_nobody_can_read() {
    let Api { stage, .. } = Api::start().await;
    // The fixture names a vantage of the shipped policy; the stage has its own.
    let good = body_of("gather-evidence").replace("resolver-114", "north");
    for queue in ["LooksQueue", "PeopleLooksQueue", "HolderLooksQueue"] {
        send(&stage, queue, &good).await;
        send(&stage, queue, "no look").await;
    }
    let dead = to_the_dead_letters(&stage, "LooksUnreadable").await;
    assert_eq!(dead, ["no look"; 3]);
    for queue in [
        "LooksQueue",
        "PeopleLooksQueue",
        "HolderLooksQueue",
        "LooksDeadLetters",
        "EvidenceQueue",
    ] {
        assert!(
            stage.deployment.queued(queue).unwrap().is_empty(),
            "{queue}"
        );
    }
    assert_eq!(
        stage.deployment.failures(),
        [],
        "no batch failed as a whole"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_that_are_redriven_are_tried_again() {
    let api = Api::start().await;
    for (queue, name, dead, back) in [
        (
            "EvidenceQueue",
            "evidence",
            "EvidenceDeadLetters",
            "EvidenceQueue",
        ),
        ("LooksQueue", "looks", "LooksUnreadable", "LooksDeadLetters"),
    ] {
        send(&api.stage, queue, "no message of ours").await;
        let letters = to_the_dead_letters(&api.stage, dead).await;
        assert_eq!(letters.len(), 1, "{queue}");
        let route = format!("POST /operations/dead-letters/{name}/redrives");
        let redrive = api.staff("operator", &route).json(&json!({ "most": 10 }));
        let got = api.send(&redrive).await;
        assert_eq!(got.body, json!({ "redriven": 1 }), "{queue}");
        let queued = |queue| api.stage.deployment.queued(queue).unwrap();
        assert_eq!(queued(dead), [""; 0], "{queue}");
        assert_eq!(queued(back), ["no message of ours"]);
        // What still cannot be read dies again, and nobody is told that it was moved twice.
        assert_eq!(to_the_dead_letters(&api.stage, dead).await.len(), 1);
        assert_eq!(api.send(&redrive).await, got);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tick_that_no_schedule_sends_fails() {
    let Api { stage, .. } = Api::start().await;
    for name in ["schedule-audits", "expire-deadlines", "deliver-notices"] {
        for event in [json!({}), json!({ "sweep": "nothing" })] {
            let said = stage.deployment.invoke(name, event.clone()).await;
            let said = said.unwrap_err();
            assert!(said.starts_with("the event is not one"), "{name}: {said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_malformed_record_of_a_batch_is_told_to_have_failed() {
    let Api { stage, .. } = Api::start().await;
    for name in ["gather-evidence", "judge-evidence"] {
        let mut event: Json = serde_json::from_str(&fixture(name)).unwrap();
        let mut bad = event["Records"][0].clone();
        bad["messageId"] = json!("bad");
        bad["body"] = json!("[]");
        event["Records"].as_array_mut().unwrap().push(bad);
        let answer = stage.deployment.invoke(name, event).await.unwrap();
        let failed = json!([{ "itemIdentifier": "bad" }]);
        assert_eq!(answer["batchItemFailures"], failed, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_that_comes_again_with_others_goes_on_alone_and_is_made_there() {
    let Api { stage, .. } = Api::start().await;
    let body = body_of("gather-evidence").replace("resolver-114", "north");
    let record = |look: &str, count: &str| {
        let mut body: Json = serde_json::from_str(&body).unwrap();
        body["id"] = json!(look);
        let attributes = json!({ "ApproximateReceiveCount": count });
        json!({ "messageId": look, "body": body.to_string(), "attributes": attributes })
    };
    let queued = |queue: &str, id: &str| -> Vec<String> {
        let bodies = stage.deployment.queued(queue).unwrap();
        let read = |body: &String| serde_json::from_str::<Json>(body).unwrap();
        let id_of = |body| read(body).pointer(id).unwrap().as_str().unwrap().to_owned();
        bodies.iter().map(id_of).collect()
    };
    let batch = json!({ "Records": [record("first", "1"), record("again", "2")] });
    let answer = stage.deployment.invoke("gather-evidence", batch).await;
    assert_eq!(answer.unwrap(), json!({ "batchItemFailures": [] }));
    assert_eq!(queued("EvidenceQueue", "/look/id"), ["first"]);
    assert_eq!(queued("LooksAloneQueue", "/id"), ["again"]);
    // Brought again with nobody beside it, it is made there and then.
    let alone = json!({ "Records": [record("lonely", "2")] });
    stage
        .deployment
        .invoke("gather-evidence", alone)
        .await
        .unwrap();
    assert_eq!(queued("EvidenceQueue", "/look/id"), ["first", "lonely"]);
    stage
        .deployment
        .pump_queue("LooksAloneQueue")
        .await
        .unwrap();
    assert_eq!(
        queued("EvidenceQueue", "/look/id"),
        ["first", "lonely", "again"]
    );
    assert_eq!(queued("LooksAloneQueue", "/id"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_no_batch_fails_as_a_whole() {
    let Api { stage, .. } = Api::start().await;
    for name in ["gather-evidence", "judge-evidence"] {
        let refused = stage.deployment.invoke(name, json!({ "records": 1 })).await;
        let said = refused.unwrap_err();
        assert!(
            said.starts_with("the event is not one that this function takes"),
            "{name}: {said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_record_that_does_not_read_fails_no_batch() {
    let Api { stage, .. } = Api::start().await;
    let mut event: Json = serde_json::from_str(&fixture("deliver-notices")).unwrap();
    let records = event["Records"].as_array_mut().unwrap();
    records.insert(0, json!({ "eventID": "bad", "dynamodb": { "Keys": 7 } }));
    let answer = stage.deployment.invoke("deliver-notices", event).await;
    assert_eq!(answer, Ok(json!({})));
}
