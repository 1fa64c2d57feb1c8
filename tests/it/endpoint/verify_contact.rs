//! verify-contact: codes asked for by the account and told by the person.

use icp_local::stage::Applicant;
use jiff::SignedDuration;
use serde_json::json;

use super::{Api, begin};

const ACCOUNT: &str = "account-1";

/// A deployment with an order whose person is not proved; gives the person's path.
async fn with_order() -> (Api, Applicant, String) {
    let api = Api::start().await;
    let who = Applicant::new(1, "one.cn");
    let call = api.filer(ACCOUNT, "POST /orders").json(&begin(&who));
    let order = api.done(&call).await;
    let person = format!("/orders/{}/persons/p1", order.field("/id"));
    (api, who, person)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_sent_and_confirmed_once() {
    let (api, who, person) = with_order().await;
    let sent = api
        .done(&api.filer(ACCOUNT, &format!("POST {person}/codes")))
        .await;
    assert_eq!(sent.status, 202);
    assert_eq!(sent.body, json!({ "status": "sent-if-reachable" }));
    let code = api.stage.last_code(&who.mobile).unwrap();
    assert!(!sent.text.contains(&code));
    let confirm = || {
        api.filer(ACCOUNT, &format!("POST {person}/confirmations"))
            .json(&json!({ "code": code }))
    };
    let first = confirm();
    let confirmed = api.done(&first).await;
    assert_eq!(confirmed.status, 200);
    assert_eq!(confirmed.field("/status"), "verified");
    assert_eq!(api.send(&first).await, confirmed, "the same request again");
    let again = api.send(&confirm()).await;
    assert_eq!(again.line(), "422 code-not-accepted", "another request");
    let order = person.split_once("/persons").unwrap().0;
    let persons = api
        .done(&api.filer(ACCOUNT, &format!("GET {order}/persons")))
        .await;
    assert_eq!(
        persons.body["items"][0]["proof"]["until"],
        confirmed.body["until"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_sent_once_a_minute_and_a_repeat_sends_none() {
    let (api, _, person) = with_order().await;
    let codes = format!("POST {person}/codes");
    let first = api.filer(ACCOUNT, &codes);
    let sent = api.done(&first).await;
    assert_eq!(api.stage.deployment.sms().len(), 1);
    assert_eq!(api.done(&first).await, sent);
    assert_eq!(api.stage.deployment.sms().len(), 1, "a repeat sends none");
    let soon = api.refused(&api.filer(ACCOUNT, &codes)).await;
    assert_eq!(soon.line(), "429 slow-down");
    assert_eq!(soon.header("retry-after"), Some("60"));
    assert_eq!(soon.body["retryAfter"], 60);
    api.stage
        .deployment
        .advance(SignedDuration::from_secs(60))
        .await
        .unwrap();
    assert_eq!(api.done(&api.filer(ACCOUNT, &codes)).await.status, 202);
    assert_eq!(api.stage.deployment.sms().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_late_or_unasked_code_gets_one_and_the_same_answer() {
    let (api, who, person) = with_order().await;
    let confirm = |code: &str| {
        api.filer(ACCOUNT, &format!("POST {person}/confirmations"))
            .json(&json!({ "code": code }))
    };
    let unasked = api.send(&confirm("000000")).await;
    assert_eq!(unasked.line(), "422 code-not-accepted");
    api.done(&api.filer(ACCOUNT, &format!("POST {person}/codes")))
        .await;
    let right = api.stage.last_code(&who.mobile).unwrap();
    let wrong = if right == "111111" {
        "222222"
    } else {
        "111111"
    };
    assert_eq!(api.send(&confirm(wrong)).await, unasked);
    assert_eq!(api.send(&confirm("no code")).await, unasked);
    api.stage
        .deployment
        .advance(SignedDuration::from_mins(10))
        .await
        .unwrap();
    assert_eq!(
        api.send(&confirm(&right)).await,
        unasked,
        "ten minutes late"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_accounts_persons_are_not_there() {
    let (api, who, of_order) = with_order().await;
    let filed = api.filed(&Applicant::new(2, "two.cn")).await;
    let of_filing = format!("/filings/{}/persons/p1", filed.subject);
    let sms = api.stage.deployment.sms().len();
    for person in [of_order, of_filing] {
        let persons = person.strip_suffix("/p1").unwrap();
        for call in [
            api.filer("account-3", &format!("GET {persons}")),
            api.filer("account-3", &format!("POST {person}/codes")),
            api.filer("account-3", &format!("POST {person}/confirmations"))
                .json(&json!({ "code": "000000" })),
        ] {
            assert_eq!(api.refused(&call).await.line(), "404 not-found", "{call:?}");
        }
    }
    assert_eq!(
        api.stage.deployment.sms().len(),
        sms,
        "nobody got an SMS: {}",
        who.mobile
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_of_a_filing_is_shown_masked_and_verified_anew() {
    let api = Api::start().await;
    let who = Applicant::new(1, "one.cn");
    let filed = api.filed(&who).await;
    let persons = api
        .done(&api.filer(ACCOUNT, &format!("GET /filings/{}/persons", filed.subject)))
        .await;
    assert_eq!(persons.body["items"][0]["mobile"], "138****0001");
    assert_eq!(persons.body["items"][0]["principal"], true);
    api.stage
        .deployment
        .advance(SignedDuration::from_hours(1))
        .await
        .unwrap();
    let person = format!("/filings/{}/persons/p1", filed.subject);
    api.done(&api.filer(ACCOUNT, &format!("POST {person}/codes")))
        .await;
    let code = api.stage.last_code(&who.mobile).unwrap();
    let confirm = api
        .filer(ACCOUNT, &format!("POST {person}/confirmations"))
        .json(&json!({ "code": code }));
    assert_eq!(api.done(&confirm).await.field("/status"), "verified");
}
