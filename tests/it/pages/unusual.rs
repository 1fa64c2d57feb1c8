//! What is out of the ordinary, met at the pages: notices that are held, a brake that latched, a number that is locked, an
//! order whose SMS check our clock presumes to have failed, a file that is none.

use icp_local::Options;
use icp_local::stage::{Applicant, ELSEWHERE, Stage};
use serde_json::{Value as Json, json};

use super::{do_all, listening, serve, stop, text};
use crate::browser::set_up;
use crate::world::{case_of, good};

const BEGINS: &str = "2026-03-02T02:00:00Z";

#[tokio::test(flavor = "multi_thread")]
async fn people_find_a_way_on_where_something_is_out_of_the_ordinary() {
    let pages = tokio::task::spawn_blocking(|| set_up("pages"))
        .await
        .unwrap();
    let (listeners, mut told) = listening().await;
    let options = Options::for_tests(Stage::template(), BEGINS.parse().unwrap());
    let options = options.served(text(&told["aws"]), &pages[0]);
    let mut stage = Stage::open(&options, BEGINS.parse().unwrap())
        .await
        .unwrap();
    // The least of everything is out of the ordinary here.
    let policy = json!({
        "codes": { "failuresLock": 10 },
        "brake": { "shareAtLeast": 1, "most": 1, "noticeAtLeast": 1, "noticeShareBasisPoints": 1 },
    });
    stage
        .reconfigure("policy.json", policy.to_string())
        .unwrap();
    for (screen, n) in [("phone", 1), ("desk", 2)] {
        told["locked"][screen] = proved(&stage, n).await;
        told["submitted"][screen] = submitted(&stage, 10 + n).await;
    }
    // One after another, so that each is of a run of its own.
    for (screen, n) in [("phone", 21), ("desk", 22)] {
        told["held"][screen] = held(&stage, n).await;
    }
    told["elsewhere"] = json!(ELSEWHERE);
    let serving = serve(&stage, listeners);
    assert_eq!(do_all(told, &["unusual"]).await, 17);
    stop(serving);
    assert_eq!(stage.deployment.failures(), []);
}

/// A filing whose principal's number is proved.
async fn proved(stage: &Stage, n: u32) -> Json {
    let who = Applicant::new(n, &format!("locked-{n}.cn"));
    let filed = stage.file(&who, |_, _| {}).await.unwrap();
    json!({ "account": who.account, "subject": filed.subject, "mobile": who.mobile })
}

/// An order that waits for its first review.
async fn submitted(stage: &Stage, n: u32) -> Json {
    let who = Applicant::new(n, &format!("submitted-{n}.cn"));
    let begin = json!({ "kind": "first-filing", "draft": who.draft() });
    let submitted = stage.submit(&who, begin, good).await.unwrap();
    json!({ "account": who.account, "order": submitted.order })
}

/// A case whose first notice is held, since its run broke beyond measure; gives its account.
async fn held(stage: &Stage, n: u32) -> Json {
    let who = Applicant::new(n, &format!("held-{n}.cn"));
    stage.file(&who, |_, _| {}).await.unwrap();
    stage.sites.point(&who.domain, ELSEWHERE).await;
    for _ in 0..40 * 24 {
        if case_of(stage, &who.account).await.is_some() {
            return json!(who.account);
        }
        stage.pass(super::STEP, super::STEP).await.unwrap();
    }
    panic!("nothing was found of {}", who.domain);
}
