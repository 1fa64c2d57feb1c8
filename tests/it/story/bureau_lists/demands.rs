//! What bureaus demand: to be put right by a date that nobody moves, and to be stopped now.

use std::collections::BTreeSet;

use icp_domain::import::Column;
use icp_local::stage::{Applicant, Ask, Filed};
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::{LISTS, counted, counts, hand_down, paper, replies, table};
use crate::base::{bring, csv, row, start_in, upload_to};
use crate::world::{World, case_of, finding_state};

fn now(world: &World) -> Timestamp {
    world.stage.now()
}

/// An act of the staff's on the account's newest case.
async fn decide(world: &mut World, who: &Applicant, step: &str, body: Json) -> u16 {
    let case = world.case(&who.account).await.unwrap();
    let route = format!("POST /review/cases/{}/{step}", case["id"].as_str().unwrap());
    let version = case["version"].as_u64();
    let done = world.staff("reviewer", &route, version, Some(body)).await;
    done.status
}

/// The filer objects to the stop.
async fn object(world: &mut World, who: &Applicant) -> u16 {
    let case = world.case(&who.account).await.unwrap();
    let route = format!("POST /cases/{}/objections", text(&case["id"]));
    let (version, body) = (case["version"].as_u64(), json!({ "reason": "不服" }));
    let objected = world.filer(&who.account, &route, version, Some(body)).await;
    objected.status
}

/// A day later, access is as stopped as before.
async fn stays_stopped(world: &mut World, who: &Applicant, filed: &Filed) {
    world.hours(24).await;
    let route = format!("GET /filings/{}", filed.subject);
    let filing = world.filer(&who.account, &route, None, None).await;
    let link = &filing.body["services"][0]["link"];
    assert_eq!(link["state"], "stopped", "{filing:#?}");
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

#[tokio::test(flavor = "multi_thread")]
async fn what_a_bureau_ordered_no_objection_gives_back() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let (who, filed) = crate::story::stops::stopped(&mut world).await;
    assert_eq!(object(&mut world, &who).await, 202);
    let file = table(&[&["网站域名"], &["one.cn"]]);
    let paper = paper("stop-now");
    let seen = hand_down(&world.stage, ("anna", "bert"), "csv", &file, paper).await;
    assert_eq!(replies(&world.stage, &seen).await, ["我司已停止接入"]);
    for (granted, status) in [(true, 409), (false, 202)] {
        let decided = json!({ "granted": granted, "reason": "核对过" });
        let said = decide(&mut world, &who, "objection-decisions", decided).await;
        assert_eq!(said, status, "granted: {granted}");
    }
    stays_stopped(&mut world, &who, &filed).await;
}

/// An objection was upheld in the very minute in which the bureau's order came.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_given_back_stays_where_a_bureau_orders_it() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let (who, filed) = crate::story::stops::stopped(&mut world).await;
    assert_eq!(object(&mut world, &who).await, 202);
    let upheld = json!({ "granted": true, "reason": "核对过" });
    let said = decide(&mut world, &who, "objection-decisions", upheld).await;
    assert_eq!(said, 202);
    let file = table(&[&["网站域名"], &["one.cn"]]);
    let paper = paper("stop-now");
    hand_down(&world.stage, ("anna", "bert"), "csv", &file, paper).await;
    stays_stopped(&mut world, &who, &filed).await;
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["open"], true, "{case:#}");
}

fn text(value: &Json) -> String {
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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_be_stopped_now_is_stopped_at_any_hour_under_any_brake_and_told_at_once() {
    // Sunday, three in the morning.
    let mut world = World::at("2026-03-06T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    let off = Some(json!({ "mode": "off" }));
    let set = world
        .staff("operator", "POST /operations/brake", Some(0), off)
        .await;
    assert_eq!(set.status, 200, "{set:#?}");
    world.hours(41).await;
    assert_eq!(now(&world).to_string(), "2026-03-07T19:10:00Z");
    let file = table(&[&["网站域名", "存在问题"], &["one.cn", "违法信息"]]);
    let id = upload_to(
        &world.stage,
        (LISTS, "anna"),
        "csv",
        &file,
        paper("stop-now"),
    )
    .await;
    let alone = start_in(&world.stage, (LISTS, "anna"), &id).await;
    assert_eq!(alone.status, 409, "{alone:#?}");
    let second = start_in(&world.stage, (LISTS, "bert"), &id).await;
    assert_eq!(second.status, 202, "{second:#?}");
    let (sms, mails) = (
        world.stage.deployment.sms().len(),
        world.stage.deployment.mails().len(),
    );
    world.minutes(20).await;
    assert_eq!(
        finding_state(&world.stage, &who.account).await.unwrap(),
        "stopped"
    );
    let told = world.stage.deployment.sms().len() - sms;
    assert_eq!(told, 1, "at three in the morning");
    assert!(mails < world.stage.deployment.mails().len());
    // The filer turns to the bureau; ours decide nothing here.
    assert_eq!(object(&mut world, &who).await, 409);
    // Once the bureau agrees, staff give it back.
    let route = format!(
        "POST /review/filings/{}/services/1/reinstatements",
        filed.subject
    );
    let back = world.staff("reviewer", &route, None, None).await;
    assert!(back.status < 300, "{back:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bases_subject_is_stopped_with_every_site_and_what_has_no_access_is_said_so() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let sites = |n: u32, access: &'static str| {
        (1..=3).map(move |site: u32| {
            let number = format!("京ICP备202600000{n}号-{site}");
            let domain = format!("site-{n}-{site}.cn");
            row(
                n,
                &[
                    (Column::Access, access),
                    (Column::ServiceNumber, &number),
                    (Column::Domains, &domain),
                ],
            )
        })
    };
    let base: Vec<_> = sites(1, "是").chain(sites(2, "否")).collect();
    bring(&world.stage, "csv", &csv(&base), json!({})).await;
    let file = table(&[
        &["主体备案号", "主办单位"],
        &["京ICP备2026000001号", "示例1有限公司"],
        &["京ICP备2026000002号", "示例2有限公司"],
    ]);
    let seen = hand_down(
        &world.stage,
        ("anna", "bert"),
        "csv",
        &file,
        paper("stop-now"),
    )
    .await;
    assert_eq!(
        replies(&world.stage, &seen).await,
        ["已下达停止接入", "我司未接入"]
    );
    world.minutes(30).await;
    // Until they are acknowledged they are told again.
    let topic = world.stage.deployment.topic_messages();
    let stopped: BTreeSet<String> = topic
        .iter()
        .map(|message| serde_json::from_str::<Json>(&message.message).unwrap())
        .filter(|told| told["change"] == "AccessStopped")
        .map(|told| told["service"].to_string())
        .collect();
    assert_eq!(stopped.len(), 3);
    // Given back one by one, the case is open until the last.
    let route = "GET /review/queue/case-open";
    let open = world.staff("reviewer", route, None, None).await;
    let case = open.body["items"][0]["id"].as_str().unwrap().to_owned();
    let subject = told_subject(&topic);
    for (service, is_open) in [(1, true), (2, true), (3, false)] {
        let route = format!("POST /review/filings/{subject}/services/{service}/reinstatements");
        let back = world.staff("reviewer", &route, None, None).await;
        assert!(back.status < 300, "{back:#?}");
        let read = format!("GET /review/cases/{case}");
        let read = world.staff("reviewer", &read, None, None).await;
        assert_eq!(read.body["open"], is_open, "{read:#?}");
    }
}

fn told_subject(topic: &[icp_local::TopicMessage]) -> String {
    let told: Json = serde_json::from_str(&topic.last().unwrap().message).unwrap();
    told["subject"].as_str().unwrap().to_owned()
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
    let shown = world
        .staff("reviewer", &format!("GET {case}"), None, None)
        .await;
    let finding = &shown.body["findings"][0];
    let body = json!({ "findings": [{ "case": shown.body["id"], "finding": finding["id"],
        "look": finding["state"]["looks"][0]["look"] }] });
    let ask = Ask {
        role: Some("operator"),
        account: "anna",
        route: "POST /operations/releases",
        key: Some(&format!("at-{}", world.stage.now().as_second())),
        body: Some(body),
        ..Ask::default()
    };
    let released = world.ask(ask).await;
    assert_eq!(released.body["released"].as_array().unwrap().len(), 1);
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
