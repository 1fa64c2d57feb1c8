//! What bureaus have stopped now: at any hour, under any brake, and for as long as they say.

use std::collections::BTreeSet;

use icp_domain::import::Column;
use icp_local::stage::{Applicant, ELSEWHERE, Filed, Stage};
use serde_json::{Value as Json, json};

use super::super::orders::two_sites;
use super::demands::{decide, now, text};
use super::{LISTS, hand_down, paper, replies, table};
use crate::base::{bring, csv, row, start_in, upload_to};
use crate::world::{World, finding_state};

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

/// Two sites of a subject, each stopped on a finding of its own.
async fn both_stopped(world: &mut World) -> (Applicant, Vec<String>) {
    let who = Applicant::new(1, "one.cn");
    two_sites(world, &who).await;
    for domain in ["one.cn", "two.cn"] {
        world.stage.sites.point(domain, ELSEWHERE).await;
    }
    let account = who.account.clone();
    let in_state = async |stage: &Stage, state: &str| -> Vec<Json> {
        let cases = stage.filer(&account, "GET /cases", None, None).await;
        let cases = cases.unwrap().body;
        let cases = cases["items"].as_array().unwrap().iter();
        let such = cases.filter(|case| case["findings"][0]["state"]["state"] == state);
        such.cloned().collect()
    };
    world
        .until("both condemned", 60, async |stage| {
            in_state(stage, "condemned").await.len() == 2
        })
        .await;
    let shown = in_state(&world.stage, "condemned").await;
    let findings = shown.iter().map(|case| {
        let finding = &case["findings"][0];
        let look = &finding["state"]["looks"][1]["look"];
        json!({ "case": case["id"], "finding": finding["id"], "look": look })
    });
    let release = json!({ "findings": findings.collect::<Vec<_>>() });
    let route = "POST /operations/releases";
    let released = world.staff("operator", route, None, Some(release)).await;
    assert_eq!(released.status, 200, "{released:#?}");
    world
        .until("both stopped", 30, async |stage| {
            in_state(stage, "stopped").await.len() == 2
        })
        .await;
    let cases = shown.iter().map(|case| text(&case["id"])).collect();
    (who, cases)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_that_several_cases_have_stopped_is_held_by_the_order_in_each() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let (who, cases) = both_stopped(&mut world).await;
    let file = table(&[&["主体备案号"], &[who.number.as_str()]]);
    let paper = paper("stop-now");
    let seen = hand_down(&world.stage, ("anna", "bert"), "csv", &file, paper).await;
    assert_eq!(replies(&world.stage, &seen).await, ["我司已停止接入"]);
    for case in cases {
        let read = format!("GET /cases/{case}");
        let read = world.filer(&who.account, &read, None, None).await;
        let ordered = &read.body["findings"][1];
        assert_eq!(ordered["rule"], "BUREAU-STOP-NOW", "{read:#?}");
        assert_eq!(ordered["state"]["state"], "stopped", "{read:#?}");
        let route = format!("POST /cases/{case}/objections");
        let reason = Some(json!({ "reason": "不服" }));
        let objected = world
            .filer(&who.account, &route, read.version, reason)
            .await;
        assert_eq!(objected.status, 409, "{objected:#?}");
    }
}
