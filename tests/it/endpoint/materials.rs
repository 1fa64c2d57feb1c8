//! Materials as files: announced, uploaded by link to the S3 protocol, confirmed, shown.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::StatusCode;
use icp_local::stage::Applicant;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::{Api, begin};

const ACCOUNT: &str = "account-1";

/// What S3 answers to a link, followed with these headers changed.
async fn follow(
    api: &Api,
    link: &Json,
    body: &[u8],
    change: &[(&str, &str)],
) -> (StatusCode, Bytes) {
    let url = link["url"].as_str().unwrap();
    let mut request = http::Request::builder()
        .method(link["method"].as_str().unwrap())
        .uri(url);
    let host = url.split('/').nth(2).unwrap();
    request = request.header("host", host);
    for header in link["headers"].as_array().unwrap() {
        let (name, value) = (header[0].as_str().unwrap(), header[1].as_str().unwrap());
        let changed = change.iter().find(|(changed, _)| *changed == name);
        request = request.header(name, changed.map_or(value, |(_, value)| value));
    }
    let request = request.body(Bytes::copy_from_slice(body)).unwrap();
    let response = api.stage.deployment.port().call(request).await;
    (response.status(), response.into_body())
}

fn photo(bytes: usize) -> Vec<u8> {
    (0..bytes)
        .map(|at| u8::try_from(at % 251).unwrap())
        .collect()
}

fn announced(body: &[u8]) -> Json {
    json!({ "kind": "subject-certificate", "validUntil": "2030-01-01", "mediaType": "image/jpeg",
        "bytes": body.len(), "sha256": STANDARD.encode(Sha256::digest(body)) })
}

/// Submits an order whose draft has its own certificate: the other materials are on paper.
async fn submit_whole(api: &Api, who: &Applicant, order: &str, mut draft: Json, version: u64) {
    let whole = begin(who)["draft"]["materials"].clone();
    let mut others = whole.as_array().unwrap().clone();
    others.retain(|other| other["kind"] != "subject-certificate");
    draft["materials"].as_array_mut().unwrap().extend(others);
    let path = format!("/orders/{order}");
    let edit = api.filer(ACCOUNT, &format!("POST {path}/edits"));
    let edit = edit.version(version).json(&json!({ "draft": draft }));
    api.done(&edit).await;
    let mut heard = |_: &str, _: &icp_local::stage::Answer| ();
    let verified = api
        .stage
        .verify(ACCOUNT, &path, "p1", &who.mobile, &mut heard);
    verified.await.unwrap();
    let submit = api.filer(ACCOUNT, &format!("POST {path}/submission"));
    api.done(&submit.version(version + 1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_of_twelve_megabytes_is_uploaded_once_confirmed_and_shown() {
    let api = Api::start().await;
    let who = Applicant::new(1, "one.cn");
    let mut first = begin(&who);
    first["draft"]["materials"] = json!([]);
    let order = api
        .done(&api.filer(ACCOUNT, "POST /orders").json(&first))
        .await
        .field("/id")
        .to_owned();
    let body = photo(12 * 1024 * 1024);
    let announce = api
        .filer(ACCOUNT, &format!("POST /orders/{order}/materials"))
        .json(&announced(&body));
    let got = api.done(&announce).await;
    assert_eq!(got.status, 201);
    let material = got.field("/material").to_owned();
    let link = got.body["link"].clone();
    assert_eq!(
        api.done(&announce).await,
        got,
        "a repeat names the same file"
    );

    let confirm = api
        .filer(
            ACCOUNT,
            &format!("POST /orders/{order}/materials/{material}/confirmation"),
        )
        .version(1);
    let too_soon = api.refused(&confirm).await;
    assert_eq!(too_soon.line(), "409 step-refused");

    // The link takes exactly what was announced.
    let short = &body[..body.len() - 1];
    assert_ne!(follow(&api, &link, short, &[]).await.0, StatusCode::OK);
    let mut other = body.clone();
    other[0] ^= 1;
    assert_ne!(follow(&api, &link, &other, &[]).await.0, StatusCode::OK);
    let as_html = [("content-type", "text/html")];
    assert_eq!(
        follow(&api, &link, &body, &as_html).await.0,
        StatusCode::FORBIDDEN
    );
    let mut elsewhere = link.clone();
    let moved = link["url"].as_str().unwrap().replace(&material, "another");
    elsewhere["url"] = json!(moved);
    assert_eq!(
        follow(&api, &elsewhere, &body, &[]).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(follow(&api, &link, &body, &[]).await.0, StatusCode::OK);
    let again = follow(&api, &link, &body, &[]).await.0;
    assert_eq!(
        again,
        StatusCode::PRECONDITION_FAILED,
        "nothing is overwritten"
    );

    let confirmed = api.done(&confirm).await;
    assert_eq!(confirmed.version(), 2);
    let read = api
        .done(&api.filer(ACCOUNT, &format!("GET /orders/{order}")))
        .await;
    let custody = &read.body["draft"]["materials"][0]["custody"];
    assert_eq!(custody["custody"], "stored");
    assert_eq!(custody["bytes"], body.len());
    assert_eq!(custody["sha256"], announced(&body)["sha256"]);

    // Its filer and the staff are shown it; who of the staff was, is recorded.
    let own = api
        .done(&api.filer(
            ACCOUNT,
            &format!("GET /orders/{order}/materials/{material}"),
        ))
        .await;
    assert_eq!(
        follow(&api, &own.body, &[], &[]).await,
        (StatusCode::OK, body.clone().into())
    );
    let mut tampered = own.body.clone();
    tampered["url"] = json!(
        own.body["url"]
            .as_str()
            .unwrap()
            .replace("X-Amz-Expires=900", "X-Amz-Expires=90000")
    );
    assert_eq!(
        follow(&api, &tampered, &[], &[]).await.0,
        StatusCode::FORBIDDEN
    );
    let view = format!("POST /review/orders/{order}/materials/{material}/views");
    // A draft is its filer's alone; staff see what is submitted.
    let early = api.refused(&api.staff("reviewer", &view)).await;
    assert_eq!(early.line(), "404 not-found");
    let draft = read.body["draft"].clone();
    submit_whole(&api, &who, &order, draft, 2).await;
    let shown = api.done(&api.staff("reviewer", &view)).await;
    assert_eq!(follow(&api, &shown.body, &[], &[]).await.0, StatusCode::OK);
    let subject = read.field("/subject").to_owned();
    let history = api.history(&subject).await;
    let last = history.last().unwrap();
    assert_eq!(last["what"], "material-viewed");
    assert_eq!(last["about"], format!("{order}/{material}"));
    assert_eq!(last["actor"]["user"], "someone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_nobody_uploaded_cannot_be_claimed() {
    let api = Api::start().await;
    let who = Applicant::new(1, "one.cn");
    let mut first = begin(&who);
    // The first order of all makes the keys.
    api.done(&api.filer(ACCOUNT, "POST /orders").json(&first))
        .await;
    first["draft"]["materials"] = json!([{ "id": "m1", "kind": "subject-certificate",
        "custody": { "custody": "stored", "key": "materials/other/m1.jpg", "sha256": "x", "bytes": 1,
            "mediaType": "image/jpeg", "seenAt": "2026-03-02T02:00:00Z" } }]);
    let claim = api.filer(ACCOUNT, "POST /orders").json(&first);
    let refused = api.refused(&claim).await;
    assert_eq!(refused.line(), "422 draft-refused");
    assert_eq!(refused.field("/violations/0/rule"), "file-not-uploaded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_announced_in_its_bounds() {
    let api = Api::start().await;
    let got = api
        .done(
            &api.filer(ACCOUNT, "POST /orders")
                .json(&begin(&Applicant::new(1, "one.cn"))),
        )
        .await;
    let route = format!("POST /orders/{}/materials", got.field("/id"));
    for (field, value) in [
        ("bytes", json!(0)),
        ("bytes", json!(12 * 1024 * 1024 + 1)),
        ("bytes", json!(-1)),
        ("sha256", json!("abc")),
        ("mediaType", json!("text/html")),
        ("kind", json!("selfie")),
    ] {
        let mut announced = announced(&photo(10));
        announced[field] = value.clone();
        let call = api.filer(ACCOUNT, &route).json(&announced);
        let refused = api.refused(&call).await;
        assert_eq!(refused.line(), "400 malformed-request", "{field} {value}");
    }
}
