//! Lists: their order, their ends, and what narrows them.

use icp_local::stage::Applicant;
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::{Api, begin};

const ACCOUNT: &str = "account-1";

/// The ids of a list, page by page to its end.
async fn ids(api: &Api, route: &str) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let read = api.filer(ACCOUNT, &format!("{route}{cursor}"));
        let page = api.done(&read).await.body;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        seen.extend(
            items
                .iter()
                .map(|item| item["id"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return seen,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_listed_from_the_newest_to_their_end() {
    let api = Api::start().await;
    let mut begun = Vec::new();
    for n in 1..=5 {
        let who = Applicant::new(n, &format!("site-{n}.cn"));
        let call = api.filer(ACCOUNT, "POST /orders").json(&begin(&who));
        begun.push(api.done(&call).await.field("/id").to_owned());
        let minute = SignedDuration::from_mins(1);
        api.stage.pass(minute, minute).await.unwrap();
    }
    begun.reverse();
    assert_eq!(ids(&api, "GET /orders?limit=2").await, begun);
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_say_whose_they_are_about_once_that_is_filed() {
    let api = Api::start().await;
    let who = Applicant::new(1, "one.cn");
    let filed = api.filed(&who).await;
    let draft = json!({ "kind": "change", "subject": filed.subject, "draft": {} });
    api.done(&api.filer(ACCOUNT, "POST /orders").json(&draft))
        .await;
    let listed = api.done(&api.filer(ACCOUNT, "GET /orders")).await;
    for item in ["/items/0", "/items/1"] {
        assert_eq!(listed.field(&format!("{item}/about/number")), who.number);
    }
    assert_eq!(listed.field("/items/0/kind"), "change");
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_are_listed_apart_once_they_are_over() {
    let api = Api::start().await;
    let who = Applicant::new(1, "one.cn");
    let (_, case) = api.case(&who).await;
    let id = case["id"].as_str().unwrap();
    let listed = async |query: &str| ids(&api, &format!("GET /cases?limit=2{query}")).await;
    assert_eq!(listed("&open=true").await, [id]);
    assert_eq!(listed("&open=false").await, [""; 0]);
    assert_eq!(listed("").await, [id]);

    // It is put right, and looked at again.
    api.stage.sites.show("www.one.cn", &who.page());
    let recheck = api.filer(ACCOUNT, &format!("POST /cases/{id}/rechecks"));
    let version = case["version"].as_u64().unwrap();
    api.done(&recheck.version(version)).await;
    let read = api.filer(ACCOUNT, &format!("GET /cases/{id}"));
    assert_eq!(api.done(&read).await.body["open"], false);
    assert_eq!(listed("&open=true").await, [""; 0]);
    assert_eq!(listed("&open=false").await, [id]);
    assert_eq!(listed("").await, [id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_that_does_not_parse_or_is_none_is_named() {
    let api = Api::start().await;
    for (query, parameter) in [
        ("open=perhaps", "open"),
        ("opne=true", "opne"),
        ("limit=0", "limit"),
        ("limit=51", "limit"),
        ("limit=many", "limit"),
        ("cursor=made-up", "cursor"),
    ] {
        let call = api.filer(ACCOUNT, &format!("GET /cases?{query}"));
        let got = api.refused(&call).await;
        assert_eq!(got.line(), "400 malformed-request", "{query}");
        assert_eq!(got.field("/violations/0/field"), parameter, "{query}");
    }
    // A cursor is of one list.
    for n in 1..=2 {
        let who = Applicant::new(n, &format!("site-{n}.cn"));
        api.done(&api.filer(ACCOUNT, "POST /orders").json(&begin(&who)))
            .await;
    }
    let page = api.done(&api.filer(ACCOUNT, "GET /orders?limit=1")).await;
    let cursor = page.field("/next");
    let call = api.filer(ACCOUNT, &format!("GET /cases?cursor={cursor}"));
    assert_eq!(
        api.refused(&call).await.field("/violations/0/field"),
        "cursor"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn queues_are_counted_in_one_call_the_most_urgent_first() {
    let api = Api::start().await;
    api.case(&Applicant::new(1, "one.cn")).await;
    let counted = api.done(&api.staff("auditor", "GET /review/queue")).await;
    let items = counted.body["items"].as_array().unwrap();
    let waiting = |kind: &str| {
        let found = items.iter().find(|item| item["kind"] == kind);
        found.map(|item| item["waiting"].clone())
    };
    assert_eq!(items[0]["kind"], "order-review");
    assert_eq!(waiting("case-open"), Some(json!(1)));
    assert_eq!(waiting("order-review"), Some(json!(0)));
    assert_eq!(items.len(), 8);
    let more: Vec<&Json> = items.iter().map(|item| &item["more"]).collect();
    assert_eq!(more, vec![&json!(false); 8]);
}
