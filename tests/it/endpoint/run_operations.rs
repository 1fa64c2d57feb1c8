//! run-operations: releases, the brake, acknowledgements and rows set aside, for operators.

use icp_local::stage::Applicant;
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{Api, Call};

fn post(api: &Api, route: &str, body: &Json) -> Call {
    api.staff("operator", &format!("POST {route}")).json(body)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_brake_is_read_and_set_on_what_was_read() {
    let api = Api::start().await;
    let read = api.staff("operator", "GET /operations/brake");
    let brake = api.done(&read).await;
    assert_eq!(brake.field("/mode"), "manual");
    assert_eq!(brake.version(), 0);
    let set = |version: u64, mode: &str| {
        post(&api, "/operations/brake", &json!({ "mode": mode })).version(version)
    };
    let got = api.refused(&set(0, "gently")).await;
    assert_eq!(got.line(), "400 malformed-request");
    assert_eq!(got.field("/violations/0/field"), "/mode");
    let call = set(0, "automatic");
    let done = api.done(&call).await;
    assert_eq!((done.status, done.version()), (200, 1));
    assert_eq!(done.field("/mode"), "automatic");
    assert_eq!(api.send(&call).await, done, "the same request again");
    assert_eq!(api.written(), [""; 0]);
    let got = api.refused(&set(0, "off")).await;
    assert_eq!(got.line(), "412 changed-meanwhile");
    assert_eq!(api.done(&read).await.field("/mode"), "automatic");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_names_some_findings_and_not_too_many() {
    let api = Api::start().await;
    let one = json!({ "case": "absent", "finding": "absent", "look": "absent" });
    for findings in [vec![], vec![one.clone(); 21]] {
        let body = json!({ "findings": findings });
        let got = api
            .refused(&post(&api, "/operations/releases", &body))
            .await;
        assert_eq!(got.line(), "400 malformed-request");
    }
    let call = post(&api, "/operations/releases", &json!({ "findings": [one] }));
    let got = api.done(&call).await;
    assert_eq!(got.body, json!({ "released": [], "refused": [one] }));
    assert_eq!(api.send(&call).await, got);
    let other = call.json(&json!({ "findings": [one, one] }));
    assert_eq!(api.refused(&other).await.line(), "422 key-reused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_that_is_not_condemned_is_not_released() {
    let api = Api::start().await;
    let (_, case) = api.case(&Applicant::new(1, "one.cn")).await;
    let shown = json!({
        "case": case["id"], "finding": case["findings"][0]["id"], "look": "absent",
    });
    let body = json!({ "findings": [shown] });
    let got = api.done(&post(&api, "/operations/releases", &body)).await;
    assert_eq!(got.body, json!({ "released": [], "refused": [shown] }));
    let condemned = api.staff("auditor", "GET /operations/condemned");
    assert_eq!(api.done(&condemned).await.body["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condemned_finding_is_released_as_it_was_shown_and_access_given_again() {
    let api = Api::start().await;
    let (filed, _) = api.case(&Applicant::new(1, "one.cn")).await;
    let step = SignedDuration::from_hours(6);
    let mut shown = Json::Null;
    // The period, the last look after it, and the hours in which nothing is condemned.
    for _ in 0..30 * 4 {
        api.stage.pass(step, step).await.unwrap();
        let condemned = api.staff("operator", "GET /operations/condemned");
        let listed = api.done(&condemned).await.body;
        if let Some(case) = listed["items"].get(0) {
            let finding = &case["findings"][0];
            // The later of the looks that condemned it.
            let look = finding["state"]["looks"]
                .as_array()
                .unwrap()
                .last()
                .unwrap();
            shown = json!({
                "case": case["id"], "finding": finding["id"], "look": look["look"],
            });
            break;
        }
    }
    let mut other = shown.clone();
    other["look"] = json!("another");
    let body = |one: &Json| json!({ "findings": [one] });
    let release = "/operations/releases";
    let got = api.done(&post(&api, release, &body(&other))).await;
    assert_eq!(got.body, json!({ "released": [], "refused": [other] }));
    let call = post(&api, release, &body(&shown));
    let got = api.done(&call).await;
    assert_eq!(got.body, json!({ "released": [shown], "refused": [] }));
    assert_eq!(api.send(&call).await, got, "the same request again");
    assert_eq!(api.written(), [""; 0]);
    // Stops are carried out in working hours only.
    let hour = SignedDuration::from_hours(1);
    let mut link = String::new();
    for _ in 0..5 * 24 {
        api.stage.pass(hour, hour).await.unwrap();
        let filing = api.filer("account-1", &format!("GET /filings/{}", filed.subject));
        api.done(&filing)
            .await
            .field("/services/0/link/state")
            .clone_into(&mut link);
        if link == "stopped" {
            break;
        }
    }
    assert_eq!(link, "stopped");
    let route = format!(
        "POST /review/filings/{}/services/1/reinstatements",
        filed.subject
    );
    let call = api.staff("reviewer", &route);
    let got = api.done(&call).await;
    assert_eq!(got.body["linkVersion"], 3, "granted, stopped, given again");
    assert_eq!(api.done(&call).await, got);
    let twice = api.refused(&api.staff("reviewer", &route)).await;
    assert_eq!(twice.line(), "409 step-refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_access_is_acknowledged_once() {
    let api = Api::start().await;
    let filed = api.filed(&Applicant::new(1, "one.cn")).await;
    let acknowledge = |version: u64| {
        let link = format!("{}.1", filed.subject);
        api.staff(
            "operator",
            &format!("POST /access-changes/{link}/{version}/acknowledgements"),
        )
    };
    let call = acknowledge(1);
    let got = api.done(&call).await;
    assert_eq!(got.body, json!({ "status": "acknowledged" }));
    assert_eq!(api.send(&call).await, got);
    assert_eq!(api.written(), [""; 0]);
    assert_eq!(api.done(&acknowledge(1)).await, got, "another request");
    assert_eq!(api.refused(&acknowledge(2)).await.line(), "404 not-found");
    for link in ["no-dot", "."] {
        let route = format!("POST /access-changes/{link}/1/acknowledgements");
        let got = api.refused(&api.staff("operator", &route)).await;
        assert_eq!(got.line(), "404 not-found", "{link}");
    }
    let route = format!(
        "POST /access-changes/{}.1/one/acknowledgements",
        filed.subject
    );
    let got = api.refused(&api.staff("operator", &route)).await;
    assert_eq!(got.line(), "404 not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_set_aside_and_nothing_woken_where_all_is_well() {
    let api = Api::start().await;
    let read = api.staff("auditor", "GET /operations/quarantine");
    assert_eq!(api.done(&read).await.body["items"], json!([]));
    let body = json!({ "pk": "OUTBOX#absent", "sk": "absent" });
    let got = api
        .done(&post(&api, "/operations/quarantine/requeues", &body))
        .await;
    assert_eq!(got.body, json!({ "requeued": false }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_is_set_on_what_was_read_and_only_for_a_rule() {
    let api = Api::start().await;
    let read = api.staff("auditor", "GET /operations/levels");
    let shipped = api.done(&read).await;
    assert_eq!(shipped.version(), 0);
    assert_eq!(shipped.field("/items/0/rule"), "ICP-101");
    assert_eq!(shipped.field("/items/0/level"), "enforce");
    let set = |version: u64, rule: &str, level: &str| {
        let body = json!({ "rule": rule, "level": level });
        post(&api, "/operations/levels", &body).version(version)
    };
    let got = api.refused(&set(0, "ICP-999", "off")).await;
    assert_eq!(got.line(), "400 malformed-request");
    let got = api.refused(&set(0, "ICP-101", "loud")).await;
    assert_eq!(got.line(), "400 malformed-request");
    let call = set(0, "ICP-101", "observe");
    let done = api.done(&call).await;
    assert_eq!((done.status, done.version()), (200, 1));
    assert_eq!(api.send(&call).await, done, "the same request again");
    assert_eq!(api.written(), [""; 0]);
    let got = api.refused(&set(0, "ICP-101", "off")).await;
    assert_eq!(got.line(), "412 changed-meanwhile");
    let now = api.done(&read).await;
    assert_eq!(now.field("/items/0/level"), "observe");
    assert_eq!(now.field("/items/0/setBy"), "someone");
    // Whoever holds all stops by a level writes the brake's row too.
    let brake = api
        .done(&api.staff("operator", "GET /operations/brake"))
        .await;
    assert_eq!(brake.version(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_redriven_by_the_name_of_their_queue_and_so_many_at_most() {
    let api = Api::start().await;
    let redrive = |queue: &str, most: u32| {
        let route = format!("/operations/dead-letters/{queue}/redrives");
        post(&api, &route, &json!({ "most": most }))
    };
    let got = api.refused(&redrive("stream", 1)).await;
    assert_eq!(got.line(), "404 not-found");
    for most in [0, 201] {
        let got = api.refused(&redrive("evidence", most)).await;
        assert_eq!(got.line(), "400 malformed-request", "{most}");
    }
    let call = redrive("looks", 10);
    let got = api.done(&call).await;
    assert_eq!(got.body, json!({ "redriven": 0 }));
    assert_eq!(api.send(&call).await, got);
    let other = call.json(&json!({ "most": 11 }));
    assert_eq!(api.refused(&other).await.line(), "422 key-reused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_a_requeue_is_not_used_for_another_row() {
    let api = Api::start().await;
    let body = |sk: &str| json!({ "pk": "OUTBOX#absent", "sk": sk });
    let call = post(&api, "/operations/quarantine/requeues", &body("one"));
    let got = api.done(&call).await;
    assert_eq!(api.send(&call).await, got, "the same request again");
    let other = call.json(&body("two"));
    assert_eq!(api.refused(&other).await.line(), "422 key-reused");
}
