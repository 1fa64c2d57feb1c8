//! run-operations: releases, the brake, acknowledgements and rows set aside, for operators.

use icp_local::stage::Applicant;
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
