//! After a stop: an objection, and the report to the bureau once it cannot be taken back.

use icp_local::stage::{Answer, OURS};
use serde_json::json;

use super::stops::{START, act, decide, is, link, stopped};
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_that_is_upheld_gives_access_back_and_ends_the_case() {
    let mut world = World::at(START).await;
    let (who, filed) = stopped(&mut world).await;
    assert_eq!(link(&mut world, &who, &filed).await, "stopped");
    // On the ninth day.
    world.hours(9 * 24).await;
    let reason = json!({ "reason": "源站一直在贵司" });
    let objected = act(&mut world, &who, "objections", reason.clone()).await;
    assert_eq!(objected.status, 202, "{objected:#?}");
    let again = act(&mut world, &who, "objections", reason).await;
    assert_eq!(again.status, 409, "{again:#?}");
    let waiting = world
        .staff("reviewer", "GET /review/cases", None, None)
        .await;
    assert_eq!(waiting.body["items"][0]["needsStaff"]["kind"], "objection");
    world.stage.sites.point(&who.domain, OURS).await;
    let upheld = json!({ "granted": true, "reason": "解析记录属实" });
    let decided = decide(&mut world, &who, "objection-decisions", upheld).await;
    assert_eq!(decided.status, 202, "{decided:#?}");
    world.minutes(20).await;
    let after = world.case(&who.account).await.unwrap();
    assert_eq!(after["open"], false, "{after:#}");
    assert_eq!(after["findings"][0]["state"]["why"], "objection-upheld");
    assert_eq!(link(&mut world, &who, &filed).await, "live");
    world.hours(24).await;
    let told = world.transcript();
    assert!(told.contains("topic AccessReinstated v3"), "{told}");
    assert!(told.contains("异议"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_that_is_refused_leaves_the_stop() {
    let mut world = World::at(START).await;
    let (who, filed) = stopped(&mut world).await;
    let reason = json!({ "reason": "不服" });
    let objected = act(&mut world, &who, "objections", reason.clone()).await;
    assert_eq!(objected.status, 202, "{objected:#?}");
    let refused = json!({ "granted": false, "reason": "解析仍在他处" });
    let decided = decide(&mut world, &who, "objection-decisions", refused).await;
    assert_eq!(decided.status, 202, "{decided:#?}");
    let granted = json!({ "granted": true, "reason": "再看一次" });
    let twice = decide(&mut world, &who, "objection-decisions", granted).await;
    assert_eq!(twice.status, 409, "{twice:#?}");
    world.hours(24).await;
    assert_eq!(link(&mut world, &who, &filed).await, "stopped");
    let again = act(&mut world, &who, "objections", reason).await;
    assert_eq!(again.status, 409, "{again:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_is_reported_once_it_cannot_be_taken_back_and_ends_when_the_bureau_answers() {
    let mut world = World::at(START).await;
    let (who, filed) = stopped(&mut world).await;
    world.hours(24 * 9).await;
    assert_eq!(link(&mut world, &who, &filed).await, "stopped");
    is(&mut world, &who, "reported").await;
    assert_eq!(link(&mut world, &who, &filed).await, "reported");
    let waiting = world
        .staff("reviewer", "GET /review/cases", None, None)
        .await;
    assert_eq!(waiting.body["items"][0]["needsStaff"]["kind"], "report");
    // What is with the bureau nobody here gives back.
    let route = format!(
        "POST /review/filings/{}/services/1/reinstatements",
        filed.subject
    );
    let refused = world.staff("reviewer", &route, None, None).await;
    assert_eq!(refused.status, 409, "{refused:#?}");
    let way = format!("GET /filings/{}/services/1/way-back", filed.subject);
    let advice = world.filer(&who.account, &way, None, None).await;
    assert_eq!(advice.status, 200, "{advice:#?}");
    // The bureau refuses first: stopped as before, and for people.
    let answer = |answer: &str| json!({ "answer": answer, "reason": "见管局系统" });
    let back = decide(&mut world, &who, "report-answers", answer("refused")).await;
    assert_eq!(back.status, 202, "{back:#?}");
    world.minutes(20).await;
    assert_eq!(link(&mut world, &who, &filed).await, "stopped");
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["needsStaff"]["kind"], "report-refused", "{case:#}");
    world.hours(48).await;
    assert_eq!(link(&mut world, &who, &filed).await, "stopped");
    let twice = decide(&mut world, &who, "report-answers", answer("cancelled")).await;
    assert_eq!(twice.status, 409, "{twice:#?}");
    // Staff report again.
    let again = decide(
        &mut world,
        &who,
        "reports",
        json!({ "reason": "已补充说明" }),
    )
    .await;
    assert_eq!(again.status, 202, "{again:#?}");
    world.minutes(20).await;
    assert_eq!(link(&mut world, &who, &filed).await, "reported");
    let done = decide(&mut world, &who, "report-answers", answer("cancelled")).await;
    assert_eq!(done.status, 202, "{done:#?}");
    world.minutes(20).await;
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["open"], false, "{case:#}");
    assert_eq!(case["findings"][0]["state"]["why"], "cancelled");
    assert_eq!(link(&mut world, &who, &filed).await, "cancelled");
    // Only an order gives access again: the filing stands, with no link of ours.
    let route = format!("GET /filings/{}", filed.subject);
    let read = world.filer(&who.account, &route, None, None).await;
    assert!(read.body["services"][0]["openCase"].is_null(), "{read:#?}");
    // The way back to its end: the site leads here again, and its access is filed anew.
    world.stage.sites.point(&who.domain, OURS).await;
    let draft = json!({ "services": [{ "id": "1" }], "materials": who.draft()["materials"] });
    let wish = json!({ "kind": "add-access", "subject": filed.subject, "draft": draft });
    let good = |route: &str, answer: &Answer| assert!(answer.status < 400, "{route}: {answer:#?}");
    world.stage.take_through(&who, wish, good).await.unwrap();
    assert_eq!(link(&mut world, &who, &filed).await, "live");
    world.hours(24).await;
    assert_eq!(world.case(&who.account).await.unwrap()["id"], case["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_report_waits_for_the_request_that_is_undecided() {
    let mut world = World::at(START).await;
    let (who, filed) = stopped(&mut world).await;
    world.hours(24 * 9).await;
    is(&mut world, &who, "reported").await;
    let refused = json!({ "answer": "refused", "reason": "见管局系统" });
    let refused = decide(&mut world, &who, "report-answers", refused).await;
    assert_eq!(refused.status, 202, "{refused:#?}");
    world.minutes(20).await;
    let back = json!({ "grounds": "put-right", "reason": "已经整改" });
    let asked = act(&mut world, &who, "objections", back).await;
    assert_eq!(asked.status, 202, "{asked:#?}");
    let again = json!({ "reason": "再次上报" });
    let again = decide(&mut world, &who, "reports", again).await;
    assert_eq!(again.status, 409, "{again:#?}");
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["needsStaff"]["kind"], "objection", "{case:#}");
    assert_eq!(link(&mut world, &who, &filed).await, "stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn why_an_objection_was_made_and_upheld_is_kept() {
    let mut world = World::at(START).await;
    let (who, _) = stopped(&mut world).await;
    world.hours(24).await;
    let reason = json!({ "reason": "源站一直在贵司" });
    let made = act(&mut world, &who, "objections", reason).await;
    assert_eq!(made.status, 202, "{made:#?}");
    let upheld = json!({ "granted": true, "reason": "解析记录属实" });
    let upheld = decide(&mut world, &who, "objection-decisions", upheld).await;
    assert_eq!(upheld.status, 202, "{upheld:#?}");
    world.minutes(60).await;
    let case = world.case(&who.account).await.unwrap();
    let finding = &case["findings"][0];
    assert_eq!(finding["state"]["state"], "closed", "{finding:#}");
    let [kept] = finding["objections"].as_array().unwrap().as_slice() else {
        panic!("{finding:#}");
    };
    assert_eq!(kept["reason"], "源站一直在贵司");
    assert_eq!(kept["decision"]["reason"], "解析记录属实");
}
