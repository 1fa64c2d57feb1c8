//! Finding filings, and being shown personal data for a reason.

use icp_local::stage::Applicant;
use serde_json::{Value as Json, json};

use super::Api;
use crate::base;

/// Two filings by order and a base of three, one of them under another account's number.
async fn populated(api: &Api) -> String {
    let filed = api.filed(&Applicant::new(1, "one.cn")).await;
    let rows = [
        base::row(8, &[(icp_domain::import::Column::Label, "gold")]),
        base::row(9, &[]),
        base::row(8, &[(icp_domain::import::Column::Account, "another")]),
    ];
    base::bring(&api.stage, "csv", &base::csv(&rows[1..2]), json!({})).await;
    let mut with_label = rows[0].clone();
    with_label.sort();
    let mut other = rows[2].clone();
    other.push((icp_domain::import::Column::Label, String::new()));
    other.sort();
    base::bring(
        &api.stage,
        "csv",
        &base::csv(&[with_label, other]),
        json!({}),
    )
    .await;
    filed.subject
}

async fn found(api: &Api, asked: Json) -> Vec<String> {
    let call = api.staff("reviewer", "POST /review/filing-searches");
    let got = api
        .done(&call.without("idempotency-key").json(&asked))
        .await;
    let items = got.body["items"].as_array().unwrap().iter();
    let mut accounts: Vec<String> = items
        .map(|item| item["account"].as_str().unwrap().to_owned())
        .collect();
    accounts.sort();
    accounts
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_find_filings_by_what_they_know_of_them() {
    let api = Api::start().await;
    let subject = populated(&api).await;
    let code = |n: u32| Applicant::new(n, "any.cn").credit_code;
    for (by, accounts) in [
        (json!({ "account": "base-1" }), vec!["base-1"]),
        // The number of a case that there is not; one that there is, the pages search for.
        (json!({ "caseNumber": "34758-55925" }), vec![]),
        (
            json!({ "state": "filed" }),
            vec!["account-1", "base-1", "base-2"],
        ),
        (json!({ "state": "conflict" }), vec!["another"]),
        (json!({ "state": "deregistered" }), vec![]),
        (json!({ "domain": "www.one.cn" }), vec!["account-1"]),
        (json!({ "domain": "site-8.cn" }), vec!["another", "base-1"]),
        (
            json!({ "number": "京ICP备2026000001号-1" }),
            vec!["account-1"],
        ),
        (
            json!({ "number": "京ICP备2026000008号" }),
            vec!["another", "base-1"],
        ),
        (json!({ "certificate": code(8) }), vec!["another", "base-1"]),
        (
            json!({ "certificate": code(9).to_lowercase() }),
            vec!["base-2"],
        ),
        (json!({ "certificate": code(77) }), vec![]),
        (json!({ "mobile": "13800000009" }), vec!["base-2"]),
        (json!({ "mobile": "13900000000" }), vec![]),
        (json!({ "name": "示例 9 有限公司" }), vec!["base-2"]),
        (json!({ "name": "示例" }), vec![]),
    ] {
        assert_eq!(found(&api, json!({ "by": by })).await, accounts, "{by}");
    }
    let filtered = json!({ "by": { "state": "filed" }, "label": "gold" });
    assert_eq!(found(&api, filtered).await, ["base-1"]);
    let elsewhere = json!({ "by": { "state": "filed" }, "province": "44" });
    assert_eq!(found(&api, elsewhere).await, [""; 0]);
    // A staff list costs one query of each shard, however much it holds.
    api.forget();
    found_once(&api).await;
    let read = api.staff("auditor", &format!("GET /review/filings/{subject}"));
    let read = api.done(&read).await;
    assert_eq!(read.field("/origin"), "order");
    assert_eq!(read.field("/persons/0/mobile"), "138****0001");
}

async fn found_once(api: &Api) {
    let call = api.staff("reviewer", "POST /review/filing-searches");
    let asked = json!({ "by": { "state": "filed" }, "limit": 1 });
    let got = api
        .send(&call.without("idempotency-key").json(&asked))
        .await;
    assert!(got.body["next"].is_string());
    let calls = api.stage.deployment.journal().take();
    let of_index = calls.iter().filter(|call| call.resource.ends_with("/desk"));
    assert_eq!(of_index.count(), 16);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_goes_on_where_its_page_ended_and_a_cursor_belongs_to_its_list() {
    let api = Api::start().await;
    populated(&api).await;
    let ask = |asked: Json| {
        let call = api.staff("reviewer", "POST /review/filing-searches");
        call.without("idempotency-key").json(&asked)
    };
    let (mut cursor, mut seen) = (Json::Null, Vec::new());
    loop {
        let asked = json!({ "by": { "state": "filed" }, "limit": 1, "cursor": cursor });
        let page = api.done(&ask(asked)).await.body;
        for item in page["items"].as_array().unwrap() {
            seen.push(item["account"].as_str().unwrap().to_owned());
        }
        if page["next"].is_null() {
            break;
        }
        cursor = page["next"].clone();
    }
    seen.sort();
    assert_eq!(seen, ["account-1", "base-1", "base-2"]);
    let cursor = cursor.as_str().unwrap();
    let forged = cursor.replace('.', "x.");
    for (state, cursor) in [("conflict", cursor), ("filed", &forged), ("filed", "a.b")] {
        let asked = json!({ "by": { "state": state }, "limit": 1, "cursor": cursor });
        let got = api.refused(&ask(asked)).await;
        assert_eq!(got.line(), "400 malformed-request", "{state} {cursor}");
    }
    let opened = base64::Engine::decode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        cursor.split('.').next().unwrap(),
    );
    let opened = String::from_utf8(opened.unwrap()).unwrap();
    assert!(
        opened.contains("#SUBJECT#"),
        "ids and instants alone: {opened}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filer_finds_what_is_its_own_and_nothing_tells_of_anothers() {
    let api = Api::start().await;
    populated(&api).await;
    for (account, asked, count) in [
        ("account-1", json!({ "domain": "one.cn" }), 1),
        ("account-1", json!({ "mobile": "138 0000 0001" }), 1),
        ("account-1", json!({ "domain": "site-8.cn" }), 0),
        ("account-1", json!({ "domain": "nobody-has-it.cn" }), 0),
        ("base-1", json!({ "number": "京ICP备2026000008号-1" }), 1),
        ("another", json!({ "number": "京ICP备2026000008号-1" }), 1),
        // All of the account's, filtered.
        ("base-1", json!({}), 1),
        (
            "base-1",
            json!({ "state": "filed", "province": "11", "label": "gold" }),
            1,
        ),
        ("base-1", json!({ "label": "silver" }), 0),
        ("base-1", json!({ "state": "deregistered" }), 0),
        // Whether another filing holds what it wants is nothing that it is told.
        ("another", json!({ "state": "filed" }), 1),
    ] {
        let call = api
            .filer(account, "POST /filing-searches")
            .without("idempotency-key");
        let got = api.done(&call.json(&asked)).await;
        let items = got.body["items"].as_array().unwrap();
        assert_eq!(items.len(), count, "{account} {asked}");
        assert!(items.iter().all(|item| item.get("conflicts").is_none()));
    }
    for asked in [
        json!({ "state": "conflict" }),
        json!({ "limit": 0 }),
        json!({ "domain": "a.cn", "mobile": "13800000001" }),
        json!({ "mobile": "1" }),
    ] {
        let call = api
            .filer("account-1", "POST /filing-searches")
            .without("idempotency-key");
        let got = api.refused(&call.json(&asked)).await;
        assert_eq!(got.line(), "400 malformed-request", "{asked}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn personal_data_are_shown_for_a_reason_that_is_recorded() {
    let api = Api::start().await;
    let filed = api.filed(&Applicant::new(1, "one.cn")).await;
    let route = format!("POST /review/filings/{}/disclosures", filed.subject);
    let none = api
        .staff("reviewer", &route)
        .json(&json!({ "reason": " " }));
    assert_eq!(api.refused(&none).await.line(), "400 malformed-request");
    let asked = api
        .staff("reviewer", &route)
        .json(&json!({ "reason": "电话核实主体负责人" }));
    let shown = api.done(&asked).await;
    assert_eq!(shown.field("/persons/p1/mobile"), "+8613800000001");
    assert_eq!(shown.field("/subject/name"), "示例公司");
    let history = api.history(&filed.subject).await;
    let last = history.last().unwrap();
    assert_eq!(last["what"], "personal-data-viewed");
    assert_eq!(last["about"], "电话核实主体负责人");
    let order = format!("POST /review/orders/{}/disclosures", filed.order);
    let asked = api
        .staff("reviewer", &order)
        .json(&json!({ "reason": "初审" }));
    let shown = api.done(&asked).await;
    assert_eq!(shown.field("/draft/persons/0/name"), "王小明");
}
