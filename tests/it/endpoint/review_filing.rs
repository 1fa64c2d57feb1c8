//! review-filing: orders, cases and access, for the provider's staff.

use icp_local::stage::{Answer, Applicant};
use serde_json::{Value as Json, json};

use super::{Api, Call, begin};

const ACCOUNT: &str = "account-1";

/// A deployment with an order that waits for review at the version that is given.
async fn with_submitted() -> (Api, Applicant, String, u64) {
    submitted(Applicant::new(1, "one.cn")).await
}

async fn submitted(who: Applicant) -> (Api, Applicant, String, u64) {
    let api = Api::start().await;
    let call = api.filer(ACCOUNT, "POST /orders").json(&begin(&who));
    let order = api.done(&call).await.field("/id").to_owned();
    let mut good = |route: &str, answer: &Answer| assert!(answer.status < 400, "{route}");
    let holder = format!("/orders/{order}");
    let second = who.second_principal.as_ref().map(|_| "p2");
    for person in ["p1"].into_iter().chain(second) {
        api.stage
            .verify(ACCOUNT, &holder, person, &who.mobile, &mut good)
            .await
            .unwrap();
    }
    let submit = api
        .filer(ACCOUNT, &format!("POST /orders/{order}/submission"))
        .version(1);
    let version = api.done(&submit).await.version();
    (api, who, order, version)
}

fn decide(api: &Api, order: &str, version: u64, decision: &Json) -> Call {
    api.staff(
        "reviewer",
        &format!("POST /review/orders/{order}/decisions"),
    )
    .version(version)
    .json(decision)
}

fn record(api: &Api, order: &str, version: u64, result: &Json) -> Call {
    let route = format!("POST /review/orders/{order}/bureau-results");
    api.staff("reviewer", &route).version(version).json(result)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_in_review_is_listed_and_read_masked() {
    let (api, who, order, version) = with_submitted().await;
    let listed = api.done(&api.staff("auditor", "GET /review/orders")).await;
    assert_eq!(listed.field("/items/0/id"), order);
    let read = api
        .done(&api.staff("reviewer", &format!("GET /review/orders/{order}")))
        .await;
    assert_eq!(read.version(), version);
    assert_eq!(read.field("/draft/persons/0/mobile"), "138****0001");
    assert!(!read.text.contains(&who.mobile));
    assert!(!read.text.contains("11010519491231002X"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewer_reads_what_the_filer_was_warned_of() {
    let two = Applicant {
        second_principal: Some("440300199001010016".to_owned()),
        ..Applicant::new(1, "one.cn")
    };
    let (api, who, order, _) = submitted(two).await;
    let check = api.filer(ACCOUNT, "POST /order-checks").json(&begin(&who));
    let checked = api.done(&check).await;
    let read = api
        .done(&api.staff("reviewer", &format!("GET /review/orders/{order}")))
        .await;
    assert_eq!(read.body["warnings"], checked.body["warnings"]);
    let warned = read.body["warnings"].as_array().unwrap();
    assert!(
        warned.iter().any(|one| one["rule"] == "mobile-shared"),
        "{warned:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_sent_back_with_reasons_or_passed() {
    let (api, _, order, version) = with_submitted().await;
    let none = json!({ "decision": "return", "reasons": [] });
    let got = api.refused(&decide(&api, &order, version, &none)).await;
    assert_eq!(got.line(), "400 malformed-request");
    let unknown = json!({ "decision": "burn" });
    let got = api.refused(&decide(&api, &order, version, &unknown)).await;
    assert_eq!(got.line(), "400 malformed-request");
    let reasons = json!([{ "field": "/subject/name", "error": "short", "suggestion": "whole" }]);
    let back = json!({ "decision": "return", "reasons": reasons });
    let stale = api.refused(&decide(&api, &order, version - 1, &back)).await;
    assert_eq!(stale.line(), "412 changed-meanwhile");
    let call = decide(&api, &order, version, &back);
    let returned = api.done(&call).await;
    assert_eq!(returned.field("/state/state"), "returned");
    assert_eq!(returned.body["state"]["reasons"], reasons);
    assert_eq!(api.send(&call).await, returned, "the same request again");
    assert_eq!(api.written(), [""; 0]);
    let pass = json!({ "decision": "pass" });
    let got = api
        .refused(&decide(&api, &order, returned.version(), &pass))
        .await;
    assert_eq!(got.line(), "409 step-refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bureaus_result_is_recorded_in_its_order() {
    let (api, who, order, version) = with_submitted().await;
    let sent = json!({ "result": "sent" });
    let early = api.refused(&record(&api, &order, version, &sent)).await;
    assert_eq!(early.line(), "409 step-refused");
    let pass = json!({ "decision": "pass" });
    let passed = api.done(&decide(&api, &order, version, &pass)).await;
    let mut version = passed.version();
    for (result, state) in [("sent", "bureau-sms"), ("sms-done", "bureau-review")] {
        let got = api
            .done(&record(&api, &order, version, &json!({ "result": result })))
            .await;
        assert_eq!(got.field("/state/state"), state);
        version = got.version();
    }
    let number = json!({ "number": "京ICP备", "services": [] });
    let malformed = json!({ "result": "approved", "approval": number });
    let got = api
        .refused(&record(&api, &order, version, &malformed))
        .await;
    assert_eq!(got.line(), "400 malformed-request");
    let none = json!({ "number": who.number, "services": [] });
    let other = json!({ "result": "approved", "approval": none });
    let got = api.refused(&record(&api, &order, version, &other)).await;
    assert_eq!(got.line(), "409 step-refused", "a service has no number");
    let rejected = json!({ "result": "rejected", "reasons": [] });
    let got = api.refused(&record(&api, &order, version, &rejected)).await;
    assert_eq!(got.line(), "400 malformed-request");
    let services = json!([{ "service": "1", "number": format!("{}-1", who.number) }]);
    let approval = json!({ "number": who.number, "services": services });
    let call = record(
        &api,
        &order,
        version,
        &json!({ "result": "approved", "approval": approval }),
    );
    let approved = api.done(&call).await;
    assert_eq!(approved.field("/state/state"), "approved");
    let told = api.stage.deployment.topic_messages().len();
    assert_eq!(api.done(&call).await, approved);
    assert_eq!(api.stage.deployment.topic_messages().len(), told);
    let subject = approved.field("/subject").to_owned();
    let events: Vec<String> = api
        .history(&subject)
        .await
        .iter()
        .map(ToString::to_string)
        .collect();
    let approvals = events
        .iter()
        .filter(|entry| entry.contains("order-approved"));
    assert_eq!(approvals.count(), 1, "{events:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_is_decided_by_staff_once() {
    let api = Api::start().await;
    let (_, case) = api.case(&Applicant::new(1, "one.cn")).await;
    let id = case["id"].as_str().unwrap().to_owned();
    let finding = case["findings"][0]["id"].clone();
    let decide = |version: u64, finding: &Json| {
        api.staff(
            "reviewer",
            &format!("POST /review/cases/{id}/appeal-decisions"),
        )
        .version(version)
        .json(&json!({ "finding": finding, "granted": true, "reason": "seen" }))
    };
    let version = case["version"].as_u64().unwrap();
    let got = api.refused(&decide(version, &finding)).await;
    assert_eq!(got.line(), "409 step-refused", "nobody appealed");
    let appeal = api
        .filer(ACCOUNT, &format!("POST /cases/{id}/appeals"))
        .version(version)
        .json(&json!({ "finding": finding, "reason": "it is there" }));
    let appealed = api.done(&appeal).await;
    assert_eq!(appealed.status, 202);
    let listed = api.done(&api.staff("reviewer", "GET /review/cases")).await;
    assert_eq!(listed.field("/items/0/id"), id);
    let read = api.staff("auditor", &format!("GET /review/cases/{id}"));
    let version = api.done(&read).await.version();
    let got = api.refused(&decide(version, &json!("absent"))).await;
    assert_eq!(got.line(), "404 not-found");
    let call = decide(version, &finding);
    let granted = api.done(&call).await;
    assert_eq!(granted.status, 202);
    assert_eq!(api.send(&call).await, granted);
    let case = api.done(&read).await.body;
    assert_eq!(case["open"], false, "{case:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn access_that_is_not_stopped_is_not_given_again() {
    let api = Api::start().await;
    let filed = api.filed(&Applicant::new(1, "one.cn")).await;
    let route = |service: &str| {
        let subject = &filed.subject;
        format!("POST /review/filings/{subject}/services/{service}/reinstatements")
    };
    let got = api.refused(&api.staff("reviewer", &route("1"))).await;
    assert_eq!(got.line(), "409 step-refused");
    let got = api.refused(&api.staff("reviewer", &route("9"))).await;
    assert_eq!(got.line(), "404 not-found");
    assert!(5 < api.history(&filed.subject).await.len());
}
