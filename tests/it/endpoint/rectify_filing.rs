//! rectify-filing: cases for their filer, and the way back.

use icp_local::stage::Applicant;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::{Api, Call};

const ACCOUNT: &str = "account-1";

/// A deployment with a case of one finding.
async fn with_case() -> (Api, Json) {
    let api = Api::start().await;
    let (_, case) = api.case(&Applicant::new(1, "one.cn")).await;
    (api, case)
}

fn text<'a>(case: &'a Json, pointer: &str) -> &'a str {
    case.pointer(pointer).and_then(Json::as_str).unwrap()
}

/// A step of the case at the version that was read.
fn step(api: &Api, account: &str, case: &Json, step: &str) -> Call {
    api.filer(
        account,
        &format!("POST /cases/{}/{step}", text(case, "/id")),
    )
    .version(case["version"].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_of_nothing_said_asks() {
    let api = Api::start().await;
    api.forget();
    let got = api
        .send(&api.filer(ACCOUNT, "POST /way-back").json(&json!({})))
        .await;
    assert_eq!(got.status, 200);
    assert!(!got.body["questions"].as_array().unwrap().is_empty());
    assert_eq!(got.body["steps"], json!([]));
    assert_eq!(api.written(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_of_a_service_is_its_accounts_alone() {
    let api = Api::start().await;
    let filed = api.filed(&Applicant::new(1, "one.cn")).await;
    let route =
        |service: &str| format!("GET /filings/{}/services/{service}/way-back", filed.subject);
    let got = api.done(&api.filer(ACCOUNT, &route("1"))).await;
    assert!(got.body["branch"].is_string(), "{got:#?}");
    for (account, service) in [(ACCOUNT, "9"), ("account-2", "1")] {
        let call = api.filer(account, &route(service));
        assert_eq!(api.refused(&call).await.line(), "404 not-found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_read_rechecked_extended_and_appealed_against() {
    let (api, case) = with_case().await;
    let finding = text(&case, "/findings/0/id").to_owned();
    assert_eq!(case["findings"][0]["state"]["state"], "open");
    let due: Timestamp = text(&case, "/findings/0/dueAt").parse().unwrap();
    assert!(!case["evidence"].as_array().unwrap().is_empty());

    let recheck = step(&api, ACCOUNT, &case, "rechecks");
    let rechecked = api.done(&recheck).await;
    assert_eq!(rechecked.status, 202);
    let told = &rechecked.body["findings"][0];
    assert!(told["toDo"]["zh"].is_string(), "{told:#}");
    assert_eq!(told["recheckUnderWay"], true);
    assert_eq!(case["findings"][0]["toDo"], told["toDo"]);
    let watched = api.filer(
        ACCOUNT,
        &format!("GET {}", rechecked.header("location").unwrap()),
    );
    assert_eq!(api.send(&watched).await.field("/id"), text(&case, "/id"));
    api.forget();
    assert_eq!(
        api.send(&recheck).await,
        rechecked,
        "the same request again"
    );
    assert_eq!(api.written(), [""; 0], "no second look is sent");
    let stale = api.refused(&recheck.key("another")).await;
    assert_eq!(stale.line(), "412 changed-meanwhile");

    let read = api.filer(ACCOUNT, &format!("GET /cases/{}", text(&case, "/id")));
    let case = api.done(&read).await.body;
    let extend = |days: u32| json!({ "finding": finding, "days": days, "reason": "we move" });
    let call = |case: &Json, body: &Json| step(&api, ACCOUNT, case, "extensions").json(body);
    for days in [0, 16] {
        let got = api.refused(&call(&case, &extend(days))).await;
        assert!(
            got.line().starts_with("400 malformed-request"),
            "{days} days"
        );
        assert_eq!(got.field("/violations/0/field"), "/days");
    }
    let nothing = json!({ "finding": finding, "days": 99, "reason": " " });
    let got = api.refused(&call(&case, &nothing)).await;
    let fields = [0, 1].map(|at| got.field(&format!("/violations/{at}/field")));
    assert_eq!(fields, ["/reason", "/days"], "both are told at once");
    let extended = api.done(&call(&case, &extend(5))).await;
    assert_eq!(extended.status, 202);
    let case = api.done(&read).await.body;
    assert_eq!(case["findings"][0]["extension"]["days"], 5);
    assert!(due < text(&case, "/findings/0/dueAt").parse().unwrap());
    let twice = api.refused(&call(&case, &extend(5))).await;
    assert_eq!(twice.line(), "409 step-refused");

    let appeal = |reason: &str| {
        step(&api, ACCOUNT, &case, "appeals").json(&json!({ "finding": finding, "reason": reason }))
    };
    for reason in ["", "  ", &"长".repeat(2001)] {
        let got = api.refused(&appeal(reason)).await;
        assert_eq!(got.line(), "400 malformed-request");
    }
    assert_eq!(api.done(&appeal("the number is there")).await.status, 202);
    let case = api.done(&read).await.body;
    assert_eq!(case["findings"][0]["frozen"], true);
    assert_eq!(case["findings"][0]["dueAt"], Json::Null);
    assert_eq!(
        case["findings"][0]["daysLeft"], 20,
        "15 days, and the five of the extension"
    );
    let again = step(&api, ACCOUNT, &case, "appeals")
        .json(&json!({ "finding": finding, "reason": "really" }));
    assert_eq!(api.refused(&again).await.line(), "409 step-refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_rechecked_five_times_an_hour() {
    let (api, case) = with_case().await;
    let read = api.filer(ACCOUNT, &format!("GET /cases/{}", text(&case, "/id")));
    let mut latest = case;
    for asked in 1..=5 {
        let recheck = step(&api, ACCOUNT, &latest, "rechecks").key(&asked.to_string());
        assert_eq!(api.done(&recheck).await.status, 202, "{asked}");
        // The same request again counts for nothing.
        assert_eq!(api.send(&recheck).await.status, 202, "{asked}");
        // Its look is judged, and another may be asked for.
        api.stage.deployment.settle().await.unwrap();
        latest = api.done(&read).await.body;
    }
    let recheck = step(&api, ACCOUNT, &latest, "rechecks").key("6");
    let refused = api.send(&recheck).await;
    assert_eq!(refused.line(), "429 slow-down");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!(0 < wait && wait <= 3600, "{wait}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_accounts_case_and_another_finding_are_not_there() {
    let (api, case) = with_case().await;
    let finding = text(&case, "/findings/0/id");
    let body = json!({ "finding": finding, "days": 1, "reason": "why" });
    let mut appeal = body.clone();
    appeal.as_object_mut().unwrap().remove("days");
    let theirs = "account-2";
    for call in [
        api.filer(theirs, &format!("GET /cases/{}", text(&case, "/id"))),
        step(&api, theirs, &case, "rechecks"),
        step(&api, theirs, &case, "extensions").json(&body),
        step(&api, theirs, &case, "appeals").json(&appeal),
        step(&api, ACCOUNT, &case, "extensions")
            .json(&json!({ "finding": "absent", "days": 1, "reason": "why" })),
        step(&api, ACCOUNT, &case, "appeals")
            .json(&json!({ "finding": "absent", "reason": "why" })),
    ] {
        assert_eq!(api.refused(&call).await.line(), "404 not-found", "{call:?}");
    }
    let listed = api.done(&api.filer(theirs, "GET /cases")).await;
    assert_eq!(listed.body["items"], json!([]));
}
