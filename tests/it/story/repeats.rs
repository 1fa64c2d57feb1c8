//! Requests that come again and again at once.

use futures::future::join_all;
use icp_local::stage::{Applicant, Ask, OURS};
use serde_json::json;

use crate::world::{World, up_to_the_bureau};

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn two_hundred_identical_requests_make_one_order_and_get_one_answer() {
    let world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world.stage.sites.point("one.cn", OURS).await;
    let stage = &world.stage;
    let token = stage
        .deployment
        .token("filer", &who.account, "someone")
        .unwrap();
    let begin = json!({ "kind": "first-filing", "draft": who.draft() }).to_string();
    let many = |path: String, version: Option<&'static str>, body: String| {
        let token = token.clone();
        async move {
            let asks = (0..200).map(|_| {
                let mut headers = vec![
                    ("content-type", "application/json"),
                    ("idempotency-key", "one"),
                ];
                headers.extend(version.map(|version| ("if-match", version)));
                let (token, path, body) = (token.clone(), path.clone(), body.clone());
                async move {
                    let http = stage
                        .deployment
                        .http("POST", &path, Some(&token), &headers, body);
                    let answer = http.await;
                    (answer.status().as_u16(), answer.into_body())
                }
            });
            let answers = join_all(asks).await;
            let first = answers[0].clone();
            for answer in &answers {
                assert_eq!(*answer, first, "byte for byte");
            }
            first
        }
    };
    let (status, body) = many("/orders".to_owned(), None, begin).await;
    assert_eq!(status, 201, "{body:?}");
    let listed = stage
        .filer(&who.account, "GET /orders", None, None)
        .await
        .unwrap();
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 1);
    let order = listed.body["items"][0]["id"].as_str().unwrap().to_owned();
    let holder = format!("/orders/{order}");
    stage
        .verify(&who.account, &holder, "p1", &who.mobile, &mut |_, _| ())
        .await
        .unwrap();
    let submission = format!("/orders/{order}/submission");
    let (status, body) = many(submission, Some("\"1\""), String::new()).await;
    assert_eq!(status, 200, "{body:?}");
    let read = Ask {
        role: Some("reviewer"),
        account: "staff",
        route: "GET /review/orders",
        ..Ask::default()
    };
    let waiting = stage.ask(read).await.unwrap();
    assert_eq!(waiting.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(waiting.body["items"][0]["version"], 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn of_many_who_want_one_domain_or_certificate_at_once_one_gets_it() {
    let world = World::at("2026-03-02T02:00:00Z").await;
    let stage = &world.stage;
    // Ten orders of ten accounts for one domain, each at the bureau.
    let mut ready = Vec::new();
    for n in 1..=10 {
        let who = Applicant::new(n, "one.cn");
        let order = up_to_the_bureau(&world.stage, &who).await;
        ready.push((who, order));
    }
    let asks = ready.iter().map(|(who, (order, version))| {
        let route = format!("POST /review/orders/{order}/bureau-results");
        let approval = json!({ "result": "approved", "approval": { "number": who.number,
            "services": [{ "service": "1", "number": format!("{}-1", who.number) }] } });
        async move {
            let answer = stage
                .staff("reviewer", &route, *version, Some(approval))
                .await;
            answer.unwrap().status
        }
    });
    let mut statuses = join_all(asks).await;
    statuses.sort_unstable();
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
    let mut live = 0;
    for (who, _) in &ready {
        let filings = stage
            .filer(&who.account, "GET /filings", None, None)
            .await
            .unwrap();
        let services = filings.body["items"][0]["services"].as_array().unwrap();
        live += services.len();
    }
    assert_eq!(live, 1);
}
