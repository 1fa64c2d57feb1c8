//! What bureaus demand to be put right, by a date that nobody moves.

use std::collections::BTreeSet;

use icp_domain::import::Column;
use icp_local::stage::{Applicant, Ask};
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::{counted, counts, hand_down, paper, replies, table};
use crate::base::{bring, csv, row};
use crate::world::{World, case_of, finding_state};

pub(super) fn now(world: &World) -> Timestamp {
    world.stage.now()
}

/// An act of the staff's on the account's newest case.
pub(super) async fn decide(world: &mut World, who: &Applicant, step: &str, body: Json) -> u16 {
    let case = world.case(&who.account).await.unwrap();
    let route = format!("POST /review/cases/{}/{step}", case["id"].as_str().unwrap());
    let version = case["version"].as_u64();
    let done = world.staff("reviewer", &route, version, Some(body)).await;
    done.status
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_be_put_right_is_due_before_the_bureaus_date_and_staff_look_at_it() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world.file(&who).await;
    let file = table(&[&["网站域名", "存在问题"], &["one.cn", "主体信息不准确"]]);
    let seen = hand_down(
        &world.stage,
        ("anna", "anna"),
        "csv",
        &file,
        paper("to-rectify"),
    )
    .await;
    assert_eq!(counts(&seen), counted(&[("casesOpened", 1), ("rows", 1)]));
    assert_eq!(replies(&world.stage, &seen).await, ["已通知限期整改"]);
    // The number's text of the day was sent: this one goes with the next day's.
    world.hours(30).await;
    let case = world.case(&who.account).await.unwrap();
    let finding = case["findings"][0].clone();
    assert_eq!(finding["rule"], "BUREAU-TO-RECTIFY");
    // The reply is due on Friday the 20th; the period ends three working days before, with Tuesday.
    assert_eq!(finding["dueAt"], "2026-03-17T16:00:00Z");
    let mails = world.stage.deployment.mails();
    let told = mails.last().unwrap();
    assert!(told.text.contains("京通管〔2026〕12号"), "{told:#?}");
    assert!(told.text.contains("主体信息不准确"), "{told:#?}");
    // Nobody moves the date.
    let id = &finding["id"];
    let longer = json!({ "finding": id, "days": 7, "reason": "再给几天" });
    assert_eq!(decide(&mut world, &who, "extensions", longer).await, 409);
    let broken = json!({ "finding": id, "says": "broken", "reason": "主体信息仍不准确" });
    assert_eq!(
        decide(&mut world, &who, "readings", broken.clone()).await,
        409
    );
    // A recheck is for people, too.
    let route = format!("POST /cases/{}/rechecks", case["id"].as_str().unwrap());
    let asked = world
        .filer(&who.account, &route, case["version"].as_u64(), None)
        .await;
    assert_eq!(asked.status, 202, "{asked:#?}");
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["needsStaff"]["kind"], "reading");
    let account = who.account.clone();
    world
        .until("the date", 20, async |stage| {
            "2026-03-17T16:00:00Z".parse::<Timestamp>().unwrap() < stage.now()
        })
        .await;
    assert_eq!(finding_state(&world.stage, &account).await.unwrap(), "open");
    let still = json!({ "finding": id, "says": "broken", "reason": "主体信息还是不准确" });
    assert_eq!(decide(&mut world, &who, "readings", still).await, 202);
    let case = case_of(&world.stage, &account).await.unwrap();
    let state = &case["findings"][0]["state"];
    assert_eq!(state["state"], "condemned", "{case:#}");
    let release = json!({ "findings": [{ "case": case["id"], "finding": id,
        "look": state["looks"][0]["look"] }] });
    let released = world
        .staff("operator", "POST /operations/releases", None, Some(release))
        .await;
    assert_eq!(released.status, 200, "{released:#?}");
    world
        .until("stopped", 3, async |stage| {
            finding_state(stage, &account).await.as_deref() == Some("stopped")
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recheck_that_an_appeal_hid_is_answered_before_the_date() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world.file(&who).await;
    let file = table(&[&["网站域名"], &["one.cn"]]);
    let paper = paper("to-rectify");
    hand_down(&world.stage, ("anna", "anna"), "csv", &file, paper).await;
    let case = world.case(&who.account).await.unwrap();
    let (id, finding) = (text(&case["id"]), &case["findings"][0]["id"]);
    for (step, body, needed) in [
        (
            "appeals",
            Some(json!({ "finding": finding, "reason": "信息属实" })),
            "appeal",
        ),
        ("rechecks", None, "appeal"),
    ] {
        let version = world.case(&who.account).await.unwrap()["version"].as_u64();
        let route = format!("POST /cases/{id}/{step}");
        let done = world.filer(&who.account, &route, version, body).await;
        assert_eq!(done.status, 202, "{done:#?}");
        let case = world.case(&who.account).await.unwrap();
        assert_eq!(case["needsStaff"]["kind"], needed, "{case:#}");
        assert_eq!(case["findings"][0]["recheckUnderWay"], step == "rechecks");
    }
    let refused = json!({ "finding": finding, "granted": false, "reason": "不属实" });
    assert_eq!(
        decide(&mut world, &who, "appeal-decisions", refused).await,
        202
    );
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["needsStaff"]["kind"], "reading", "{case:#}");
    let broken = json!({ "finding": finding, "says": "broken", "reason": "仍不准确" });
    assert_eq!(decide(&mut world, &who, "readings", broken).await, 202);
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["needsStaff"], json!(null), "{case:#}");
    assert_eq!(case["findings"][0]["state"]["state"], "open");
    assert_eq!(case["findings"][0]["rechecked"]["isBroken"], true);
}

pub(super) fn text(value: &Json) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_staff_find_put_right_closes_at_once() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world.file(&who).await;
    let file = table(&[&["网站域名"], &["one.cn"]]);
    hand_down(
        &world.stage,
        ("anna", "anna"),
        "csv",
        &file,
        paper("to-rectify"),
    )
    .await;
    world.hours(6).await;
    let case = world.case(&who.account).await.unwrap();
    let kept = json!({ "finding": case["findings"][0]["id"], "says": "kept", "reason": "已改" });
    assert_eq!(decide(&mut world, &who, "readings", kept).await, 202);
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["open"], false, "{case:#}");
    assert_eq!(case["findings"][0]["state"]["why"], "put-right");
}

/// An operator releases one finding of the account's newest case, as it is shown now.
pub(super) async fn release_of(world: &mut World, who: &Applicant, at: usize) {
    let case = world.case(&who.account).await.unwrap();
    release_shown(world, &case, at).await;
}

async fn release_shown(world: &mut World, case: &Json, at: usize) {
    let finding = &case["findings"][at];
    let looks = finding["state"]["looks"].as_array().unwrap();
    let body = json!({ "findings": [{ "case": case["id"], "finding": finding["id"],
        "look": looks.last().unwrap()["look"] }] });
    let ask = Ask {
        role: Some("operator"),
        account: "anna",
        route: "POST /operations/releases",
        key: Some(&format!("at-{}", world.stage.now().as_second())),
        body: Some(body),
        ..Ask::default()
    };
    let released = world.ask(ask).await;
    let released = released.body["released"].as_array().map(Vec::len);
    assert_eq!(released, Some(1), "{finding:#}");
}

/// One subject with thirty sites.
fn thirty_sites() -> Vec<Vec<(Column, String)>> {
    (1..=30)
        .map(|site: u32| {
            let (number, domain) = (
                format!("京ICP备2026000001号-{site}"),
                format!("site-1-{site}.cn"),
            );
            row(
                1,
                &[
                    (Column::Access, "是"),
                    (Column::ServiceNumber, &number),
                    (Column::Domains, &domain),
                ],
            )
        })
        .collect()
}

/// An operator releases the first finding of a case, as it is shown now.
async fn release(world: &mut World, case: &str) {
    let route = format!("GET {case}");
    let shown = world.staff("reviewer", &route, None, None).await;
    release_shown(world, &shown.body, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_of_thirty_links_latches_the_brake_is_stopped_whole_and_given_back_whole() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let base = thirty_sites();
    bring(&world.stage, "csv", &csv(&base), json!({})).await;
    let file = table(&[
        &["主体备案号", "主办单位"],
        &["京ICP备2026000001号", "示例1有限公司"],
    ]);
    let mut paper = paper("to-rectify");
    paper["paper"]["replyBy"] = json!("2026-03-10");
    hand_down(&world.stage, ("anna", "anna"), "csv", &file, paper).await;
    let account = "base-1";
    // Due with Thursday the 5th; on Friday staff see it broken.
    world.hours(24 * 4 - 1).await;
    let case = case_of(&world.stage, account).await.unwrap();
    let case = format!("/review/cases/{}", case["id"].as_str().unwrap());
    let read = async |world: &mut World| {
        let route = format!("GET {case}");
        world.staff("reviewer", &route, None, None).await
    };
    let now = read(&mut world).await;
    let finding = now.body["findings"][0]["id"].clone();
    let broken = json!({ "finding": finding, "says": "broken", "reason": "仍未整改" });
    let route = format!("POST {case}/readings");
    let seen = world
        .staff("reviewer", &route, now.version, Some(broken))
        .await;
    assert_eq!(seen.status, 202, "{seen:#?}");
    release(&mut world, &case).await;
    world.hours(3).await;
    let brake = world
        .staff("operator", "GET /operations/brake", None, None)
        .await;
    assert!(!brake.body["latchedAt"].is_null(), "{:#}", brake.body);
    assert_eq!(brake.body["stoppedInLastDay"], 0, "all or none");
    // Named after the latch, the set may pass the caps, once.
    world.minutes(10).await;
    release(&mut world, &case).await;
    world
        .until("all stopped", 5, async |stage| {
            finding_state(stage, account).await.as_deref() == Some("stopped")
        })
        .await;
    let links = async |world: &World| -> BTreeSet<String> {
        let brake = world
            .stage
            .staff("operator", "GET /operations/brake", None, None);
        let brake = brake.await.unwrap();
        BTreeSet::from([
            brake.body["liveLinks"].to_string(),
            brake.body["stoppedInLastDay"].to_string(),
        ])
    };
    assert_eq!(
        links(&world).await,
        BTreeSet::from(["0".to_owned(), "30".to_owned()])
    );
    let stopped = case_of(&world.stage, account).await.unwrap();
    let route = format!("POST /cases/{}/objections", stopped["id"].as_str().unwrap());
    let body = Some(json!({ "reason": "已于3月4日整改" }));
    let objected = world
        .filer(account, &route, stopped["version"].as_u64(), body)
        .await;
    assert_eq!(objected.status, 202, "{objected:#?}");
    let now = read(&mut world).await;
    let route = format!("POST {case}/objection-decisions");
    let upheld = json!({ "granted": true, "reason": "属实" });
    let upheld = world
        .staff("reviewer", &route, now.version, Some(upheld))
        .await;
    assert_eq!(upheld.status, 202, "{upheld:#?}");
    world.minutes(60).await;
    let after = read(&mut world).await;
    assert_eq!(after.body["open"], false, "{:#}", after.body);
    assert_eq!(
        after.body["findings"][0]["state"]["why"],
        "objection-upheld"
    );
    let brake = world
        .staff("operator", "GET /operations/brake", None, None)
        .await;
    assert_eq!(brake.body["liveLinks"], 30);
}
