//! The way back, followed to its end: what is advised, done as it says, gives access again.

mod branches;

use expect_test::{Expect, expect};
use icp_local::stage::{Answer, Applicant, OURS};
use serde_json::{Value as Json, json};

use super::orders::{links, papers, site, two_sites};
use super::stops::stopped;
use crate::world::World;

const START: &str = "2026-03-02T02:00:00Z";

/// What is advised for a service as its filing stands, with the filer's answers: the branch, and each step's order.
async fn advised(
    world: &mut World,
    subject: &str,
    service: &str,
    answers: Json,
    expected: &Expect,
) {
    let route = format!("GET /filings/{subject}/services/{service}/way-back");
    let told = world.good(&route, None, None).await.body;
    let mut situation = told["situation"].clone();
    for (question, answer) in answers.as_object().unwrap() {
        situation[question] = answer.clone();
    }
    let advice = world
        .good("POST /way-back", None, Some(situation))
        .await
        .body;
    let steps = advice["steps"].as_array().unwrap().iter();
    let steps = steps.map(|step| format!("{} at {}", step["act"], step["place"]));
    let lines: Vec<String> = std::iter::once(advice["branch"].to_string())
        .chain(steps)
        .collect();
    expected.assert_eq(&lines.join("\n"));
}

/// Follows a step: an order, from its draft to its approval.
async fn follow(world: &mut World, who: &Applicant, wish: Json) {
    let good = |route: &str, answer: &Answer| assert!(answer.status < 400, "{route}: {answer:#?}");
    world.stage.take_through(who, wish, good).await.unwrap();
}

/// What the query at the ministry showed, and the guards that were looked up.
fn found_out(record: &str) -> Json {
    json!({ "record": record, "freshness": "fresh", "pendingOrder": "none", "otherProvider": "no",
        "sitePhone": "works", "subjectPhone": "works", "domainOfAnother": "no", "differs": [],
        "conditionsMet": "yes", "guards": { "suffix": "pass", "registrar": "pass", "holder": "pass",
        "eligible": "pass", "unblocked": "pass" } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_off_the_record_files_first_again() {
    let mut world = World::at(START).await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    world.deregister(&filed.subject).await;
    let mut answers = found_out("none");
    answers["otherServices"] = json!("no");
    advised(
        &mut world,
        &filed.subject,
        "1",
        answers,
        &expect![[r#"
        "first-filing"
        "first-filing" at "here""#]],
    )
    .await;
    // The bureau gives another number.
    let again = Applicant {
        number: Applicant::new(2, "one.cn").number,
        ..who.clone()
    };
    let wish = json!({ "kind": "first-filing", "draft": again.draft() });
    follow(&mut world, &again, wish).await;
    let filings = world.good("GET /filings", None, None).await.body;
    let live = filings["items"].as_array().unwrap().iter();
    let live: Vec<&Json> = live
        .filter(|filing| filing["state"]["state"] == "filed")
        .collect();
    assert_eq!(live.len(), 1, "{filings:#}");
    let filing = world.filing(live[0]["id"].as_str().unwrap()).await;
    expect!["京ICP备2026000002号-1 live v1"].assert_eq(&links(&filing).join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_off_the_record_of_a_subject_that_stands_is_added_again() {
    let mut world = World::at(START).await;
    let who = Applicant::new(1, "one.cn");
    let subject = two_sites(&mut world, &who).await;
    let order = world
        .begin(
            "deregister-site",
            &subject,
            json!({ "services": [{ "id": "2" }] }),
        )
        .await;
    let shown = world.weighed(&order).await;
    let body = json!({ "confirmation": shown["confirmation"], "typed": shown["loses"][0] });
    let submission = format!("POST /orders/{order}/submission");
    let submitted = world.good(&submission, Some(1), Some(body)).await;
    world
        .approve(&order, submitted.version.unwrap(), json!({}), true)
        .await;
    advised(
        &mut world,
        &subject,
        "2",
        found_out("subject-other"),
        &expect![[r#"
            "add-site"
            "add-site" at "here""#]],
    )
    .await;
    world.stage.sites.point("two.cn", OURS).await;
    let draft = json!({ "services": [site("3", "two.cn")], "materials": papers() });
    let approval =
        json!({ "services": [{ "service": "3", "number": format!("{}-3", who.number) }] });
    world.order("add-site", &subject, draft, approval).await;
    expect![[r#"
        京ICP备2026000001号-1 live v1
        京ICP备2026000001号-2 cancelled v2, off the record
        京ICP备2026000001号-3 live v1"#]]
    .assert_eq(&links(&world.filing(&subject).await).join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn data_that_differ_while_access_stands_are_changed_and_nothing_else() {
    let mut world = World::at(START).await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    let mut answers = found_out("site");
    answers["differs"] = json!(["subject-principal"]);
    advised(
        &mut world,
        &filed.subject,
        "1",
        answers,
        &expect![[r#"
        "change-here"
        "change-filing" at "here""#]],
    )
    .await;
    let mut principal = who.draft()["persons"][0].clone();
    principal["email"] = json!("new@one.cn");
    let draft = json!({ "persons": [principal], "materials": papers() });
    follow(
        &mut world,
        &who,
        json!({ "kind": "change", "subject": filed.subject, "draft": draft }),
    )
    .await;
    expect!["京ICP备2026000001号-1 live v1"]
        .assert_eq(&links(&world.filing(&filed.subject).await).join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stopped_is_put_right_asked_back_and_given_back() {
    let mut world = World::at(START).await;
    let (who, filed) = stopped(&mut world).await;
    // Nothing is looked up at the ministry: until its cancellation is reported, access stands on the record.
    advised(
        &mut world,
        &filed.subject,
        "1",
        json!({ "differs": [] }),
        &expect![[r#"
        "ask-back"
        "ask-back" at "here""#]],
    )
    .await;
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["findings"][0]["mayAskBack"], true, "{case:#}");
    // Asked before it was put right, it is refused; the days go on.
    assert_eq!(ask_back(&mut world, &who).await, 202);
    decide(&mut world, &who, false).await;
    world.stage.sites.point(&who.domain, OURS).await;
    world.hours(24).await;
    assert_eq!(ask_back(&mut world, &who).await, 202);
    decide(&mut world, &who, true).await;
    world.minutes(30).await;
    let after = world.case(&who.account).await.unwrap();
    assert_eq!(after["open"], false, "{after:#}");
    assert_eq!(after["findings"][0]["state"]["why"], "put-right");
    expect!["京ICP备2026000001号-1 live v3"]
        .assert_eq(&links(&world.filing(&filed.subject).await).join("\n"));
}

/// The filer says that it is put right, and asks for access back.
async fn ask_back(world: &mut World, who: &Applicant) -> u16 {
    let case = world.case(&who.account).await.unwrap();
    let route = format!("POST /cases/{}/objections", case["id"].as_str().unwrap());
    let asked = json!({ "grounds": "put-right", "reason": "已将域名解析回贵司" });
    let version = case["version"].as_u64();
    world.good(&route, version, Some(asked)).await.status
}

async fn decide(world: &mut World, who: &Applicant, granted: bool) {
    let case = world.case(&who.account).await.unwrap();
    let id = case["id"].as_str().unwrap();
    let route = format!("POST /review/cases/{id}/objection-decisions");
    let body = json!({ "granted": granted, "reason": "已人工查看解析记录" });
    let version = case["version"].as_u64();
    let decided = world.staff("reviewer", &route, version, Some(body)).await;
    assert_eq!(decided.status, 202, "{decided:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_order_puts_right_after_a_stop_is_asked_back_once_the_bureau_has_answered() {
    let mut world = World::at(START).await;
    let (who, filed) = stopped(&mut world).await;
    advised(
        &mut world,
        &filed.subject,
        "1",
        json!({ "differs": ["service-details"] }),
        &expect![[r#"
        "ask-back"
        "change-filing" at "here"
        "ask-back" at "here""#]],
    )
    .await;
    let draft =
        json!({ "services": [{ "id": "1", "name": "改名后的网站" }], "materials": papers() });
    let order = world.begin("change", &filed.subject, draft).await;
    let submission = format!("POST /orders/{order}/submission");
    let submitted = world.good(&submission, Some(1), None).await;
    let version = submitted.version.unwrap();
    let version = world.up_to_the_bureau(&order, version, false).await;
    // The bureau takes longer than the days for objections.
    world.stage.sites.point(&who.domain, OURS).await;
    world.hours(24 * 20).await;
    let results = format!("POST /review/orders/{order}/bureau-results");
    let approved = Some(json!({ "result": "approved", "approval": {} }));
    let recorded = world
        .staff("reviewer", &results, Some(version), approved)
        .await;
    assert_eq!(recorded.status, 200, "{recorded:#?}");
    world.hours(24 * 2).await;
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["findings"][0]["state"]["state"], "stopped", "{case:#}");
    assert!(case["findings"][0]["mayObjectUntil"].is_null());
    assert_eq!(ask_back(&mut world, &who).await, 202);
    decide(&mut world, &who, true).await;
    world.minutes(30).await;
    expect!["京ICP备2026000001号-1 live v3"]
        .assert_eq(&links(&world.filing(&filed.subject).await).join("\n"));
}
