//! submit-filing: orders and filings, for their filer.

use expect_test::expect;
use icp_local::stage::Applicant;
use serde_json::json;

use super::{Api, Got, begin};

const ACCOUNT: &str = "account-1";

fn applicant() -> Applicant {
    Applicant::new(1, "one.cn")
}

/// An order that was begun, by its answer.
async fn begun(api: &Api) -> Got {
    let call = api
        .filer(ACCOUNT, "POST /orders")
        .json(&begin(&applicant()));
    api.done(&call).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_begun_and_read_as_it_was_typed() {
    let api = Api::start().await;
    let got = begun(&api).await;
    let id = got.field("/id");
    assert_eq!(got.status, 201);
    assert_eq!(
        got.header("location"),
        Some(format!("/orders/{id}").as_str())
    );
    assert_eq!(got.header("cache-control"), Some("no-store"));
    assert_eq!(got.version(), 1);
    assert_eq!(got.field("/state/state"), "draft");
    let read = api
        .done(&api.filer(ACCOUNT, &format!("GET /orders/{id}")))
        .await;
    assert_eq!(read.version(), 1);
    let typed = &applicant().draft();
    assert_eq!(
        read.body["draft"]["subject"]["name"],
        typed["subject"]["name"]
    );
    assert_eq!(
        read.body["draft"]["persons"][0]["mobile"],
        typed["persons"][0]["mobile"]
    );
    assert_eq!(read.body["verified"], json!([]));
    let listed = api.done(&api.filer(ACCOUNT, "GET /orders")).await;
    let mut shown = got.body.clone();
    // What is not filed yet is known by nothing.
    shown["about"] = json!({ "number": null, "subjectName": null, "name": null, "domains": [] });
    assert_eq!(listed.body["items"], json!([shown]));
    let persons = api
        .done(&api.filer(ACCOUNT, &format!("GET /orders/{id}/persons")))
        .await;
    assert_eq!(persons.body["items"][0]["mobile"], "138****0001");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_checked_edited_and_withdrawn() {
    let api = Api::start().await;
    let got = begun(&api).await;
    let id = got.field("/id").to_owned();
    let mut draft = applicant().draft();
    draft["subject"]["name"] = json!("");
    let check = json!({ "kind": "first-filing", "draft": draft });
    api.forget();
    let checked = api
        .send(&api.filer(ACCOUNT, "POST /order-checks").json(&check))
        .await;
    assert_eq!(api.written(), [""; 0], "a check keeps nothing");
    assert_eq!(checked.status, 200);
    assert_eq!(checked.field("/violations/0/field"), "/subject/name");
    let edit = api
        .filer(ACCOUNT, &format!("POST /orders/{id}/edits"))
        .version(1)
        .json(&json!({ "draft": draft }));
    let edited = api.done(&edit).await;
    assert_eq!((edited.status, edited.version()), (200, 2));
    let stale = edit.clone().key("another");
    assert_eq!(api.refused(&stale).await.line(), "412 changed-meanwhile");
    let withdraw = api
        .filer(ACCOUNT, &format!("POST /orders/{id}/withdrawal"))
        .version(2);
    let withdrawn = api.done(&withdraw).await;
    assert_eq!(withdrawn.field("/state/state"), "withdrawn");
    for (route, version) in [("edits", 3), ("submission", 3), ("withdrawal", 3)] {
        let call = api
            .filer(ACCOUNT, &format!("POST /orders/{id}/{route}"))
            .version(version);
        let call = if route == "edits" {
            call.json(&json!({ "draft": draft }))
        } else {
            call
        };
        let got = api.refused(&call).await;
        let expected = if route == "submission" {
            // The draft is looked at first: it says more.
            "422 draft-refused"
        } else {
            "409 step-refused"
        };
        assert_eq!(got.line(), expected, "{route}: {got:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_demands_a_draft_without_faults_and_proved_numbers() {
    let api = Api::start().await;
    let who = applicant();
    let got = begun(&api).await;
    let order = got.field("/id").to_owned();
    let submit = || {
        api.filer(ACCOUNT, &format!("POST /orders/{order}/submission"))
            .version(1)
    };
    let refused = api.refused(&submit()).await;
    assert_eq!(refused.line(), "422 draft-refused");
    expect![[r#"
        [
          {
            "field": "/persons/0/mobile",
            "rule": "number-not-verified",
            "source": "《非经营性互联网信息服务备案管理办法》第七条",
            "text": "the person must first prove the number by SMS code"
          }
        ]
    "#]]
    .assert_eq(&format!("{:#}\n", refused.body["violations"]));
    let holder = format!("/orders/{order}");
    let mut good = |route: &str, answer: &icp_local::stage::Answer| {
        assert!(answer.status < 400, "{route}: {answer:?}");
    };
    api.stage
        .verify(ACCOUNT, &holder, "p1", &who.mobile, &mut good)
        .await
        .unwrap();
    let submitted = api.done(&submit()).await;
    assert_eq!(submitted.field("/state/state"), "provider-review");
    let again = api.refused(&submit().version(submitted.version())).await;
    assert_eq!(again.line(), "409 step-refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_comes_again_is_answered_alike_and_done_once() {
    let api = Api::start().await;
    let call = api
        .filer(ACCOUNT, "POST /orders")
        .json(&begin(&applicant()));
    let first = api.done(&call).await;
    let subject = first.field("/subject").to_owned();
    let history = api.history(&subject).await;
    assert_eq!(history.len(), 1);
    let again = api.send(&call).await;
    assert_eq!(again, first, "byte for byte, headers as well");
    assert_eq!(api.written(), [""; 0]);
    assert_eq!(api.history(&subject).await, history);
    let edit = api
        .filer(
            ACCOUNT,
            &format!("POST /orders/{}/edits", first.field("/id")),
        )
        .version(1)
        .json(&json!({ "draft": applicant().draft() }));
    let edited = api.done(&edit).await;
    // The version that it names is over by now, and still it is the same request.
    assert_eq!(api.send(&edit).await, edited);
    assert_eq!(api.history(&subject).await.len(), 2);
    let listed = api.done(&api.filer(ACCOUNT, "GET /orders")).await;
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_used_for_another_body_is_refused() {
    let api = Api::start().await;
    let call = api
        .filer(ACCOUNT, "POST /orders")
        .json(&begin(&applicant()));
    api.done(&call).await;
    let other = call.json(&begin(&Applicant::new(2, "two.cn")));
    assert_eq!(api.refused(&other).await.line(), "422 key-reused");
    // Keys are the caller's own: another account's same key is another request.
    let theirs = api
        .filer("account-2", "POST /orders")
        .key("key-0")
        .json(&begin(&Applicant::new(2, "two.cn")));
    assert_eq!(api.done(&theirs).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_accounts_order_and_filing_are_not_there() {
    let api = Api::start().await;
    let got = begun(&api).await;
    let (order, subject) = (got.field("/id"), got.field("/subject"));
    let draft = applicant().draft();
    for route in [
        format!("GET /orders/{order}"),
        format!("GET /filings/{subject}"),
    ] {
        let call = api.filer("account-2", &route);
        assert_eq!(api.refused(&call).await.line(), "404 not-found", "{route}");
    }
    for step in ["edits", "submission", "withdrawal"] {
        let route = format!("POST /orders/{order}/{step}");
        let call = api.filer("account-2", &route).version(1);
        let call = if step == "edits" {
            call.json(&json!({ "draft": draft }))
        } else {
            call
        };
        assert_eq!(api.refused(&call).await.line(), "404 not-found", "{step}");
    }
    let change = json!({ "kind": "change", "subject": subject, "draft": draft });
    for route in ["POST /orders", "POST /order-checks"] {
        let call = api.filer("account-2", route).json(&change);
        assert_eq!(api.refused(&call).await.line(), "404 not-found", "{route}");
    }
    for route in ["GET /orders", "GET /filings"] {
        let listed = api.done(&api.filer("account-2", route)).await;
        assert_eq!(listed.body["items"], json!([]), "{route}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_names_its_filing_and_a_first_filing_names_none() {
    let api = Api::start().await;
    let draft = applicant().draft();
    for body in [
        json!({ "kind": "change", "draft": draft }),
        json!({ "kind": "first-filing", "subject": "s1", "draft": draft }),
    ] {
        let call = api.filer(ACCOUNT, "POST /orders").json(&body);
        assert_eq!(api.refused(&call).await.line(), "400 malformed-request");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_is_too_long_is_not_kept() {
    let api = Api::start().await;
    let mut draft = applicant().draft();
    let person = draft["persons"][0].clone();
    draft["persons"] = json!(vec![person; 200]);
    let body = json!({ "kind": "first-filing", "draft": draft });
    let call = api.filer(ACCOUNT, "POST /orders").json(&body);
    let got = api.refused(&call).await;
    assert_eq!(got.line(), "422 draft-refused");
    assert_eq!(got.field("/violations/0/field"), "/persons");
    // As many domains as no commit takes, in few services.
    let mut draft = applicant().draft();
    let domains: Vec<String> = (0..150).map(|n| format!("site-{n}.cn")).collect();
    draft["services"][0]["domains"] = json!(domains);
    let body = json!({ "kind": "first-filing", "draft": draft });
    let got = api
        .refused(&api.filer(ACCOUNT, "POST /orders").json(&body))
        .await;
    assert_eq!(got.line(), "422 draft-refused");
    assert_eq!(got.field("/violations/0/field"), "/services/0/domains");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_of_the_wrong_type_is_named_by_its_place_and_not_repeated() {
    let api = Api::start().await;
    let mut body = begin(&applicant());
    body["draft"]["persons"][0]["mobile"] = json!({ "secret": "13800000001" });
    let call = api.filer(ACCOUNT, "POST /orders").json(&body);
    let got = api.refused(&call).await;
    assert_eq!(got.line(), "400 malformed-request");
    assert_eq!(got.field("/violations/0/field"), "/draft/persons/0/mobile");
    assert!(!got.text.contains("13800000001"), "{}", got.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_filing_is_shown_with_its_numbers() {
    let api = Api::start().await;
    let who = applicant();
    let filed = api.filed(&who).await;
    let read = api
        .done(&api.filer(ACCOUNT, &format!("GET /filings/{}", filed.subject)))
        .await;
    assert_eq!(read.field("/state/state"), "filed");
    assert_eq!(read.body["verified"], true);
    assert!(read.text.contains(&who.number));
    assert!(!read.text.contains(&who.mobile), "numbers are masked");
    let listed = api.done(&api.filer(ACCOUNT, "GET /filings")).await;
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 1);
}
