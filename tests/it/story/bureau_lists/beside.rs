//! A bureau's demand beside a finding of our own, in one case.

use icp_local::stage::{Applicant, Ask};
use serde_json::{Value as Json, json};

use super::demands::{decide, release_of};
use super::{hand_down, paper, table};
use crate::story::stops::{is, told};
use crate::world::World;

/// A case of two: our own finding, of which its people were told, and what a bureau wants put right.
async fn both(world: &mut World) -> Applicant {
    let (who, _) = told(world).await;
    let file = table(&[&["网站域名", "存在问题"], &["one.cn", "主体信息不准确"]]);
    let list = paper("to-rectify");
    hand_down(&world.stage, ("anna", "anna"), "csv", &file, list).await;
    world.hours(30).await;
    let case = world.case(&who.account).await.unwrap();
    let rules = [&case["findings"][0]["rule"], &case["findings"][1]["rule"]];
    assert_eq!(rules, ["ICP-402", "BUREAU-TO-RECTIFY"], "{case:#}");
    who
}

async fn state(world: &World, who: &Applicant, at: usize) -> Json {
    let case = world.case(&who.account).await.unwrap();
    case["findings"][at]["state"]["state"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demand_outlives_the_stop_of_another_finding_and_stops_what_is_given_back() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = both(&mut world).await;
    is(&mut world, &who, "condemned").await;
    release_of(&mut world, &who, 0).await;
    is(&mut world, &who, "stopped").await;
    assert_eq!(state(&world, &who, 1).await, "open");
    // The bureau's date is over; staff find that nothing was put right.
    let case = world.case(&who.account).await.unwrap();
    let broken = json!({ "finding": case["findings"][1]["id"], "says": "broken", "reason": "主体信息仍不准确" });
    assert_eq!(decide(&mut world, &who, "readings", broken).await, 202);
    release_of(&mut world, &who, 1).await;
    world.hours(24).await;
    assert_eq!(state(&world, &who, 1).await, "condemned");
    // Our own finding was wrong: access comes back, and goes again for what the bureau wanted.
    let case = world.case(&who.account).await.unwrap();
    let route = format!("POST /cases/{}/objections", case["id"].as_str().unwrap());
    let reason = Some(json!({ "reason": "源站一直在贵司" }));
    let objected = world.filer(&who.account, &route, case["version"].as_u64(), reason);
    assert_eq!(objected.await.status, 202);
    let upheld = json!({ "granted": true, "reason": "解析记录属实" });
    assert_eq!(
        decide(&mut world, &who, "objection-decisions", upheld).await,
        202
    );
    world.hours(24 * 4).await;
    assert_eq!(state(&world, &who, 0).await, "closed");
    assert_eq!(state(&world, &who, 1).await, "stopped");
    let told = world.transcript();
    for change in [
        "AccessStopped v2",
        "AccessReinstated v3",
        "AccessStopped v4",
    ] {
        assert!(told.contains(change), "{change}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_says_what_is_taken_back_and_what_stays() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = both(&mut world).await;
    let ask = async |world: &World, account: &str, route: &str, version, body| {
        let ask = Ask {
            role: Some("operator"),
            account,
            route,
            version,
            key: Some(account),
            body,
        };
        world.stage.ask(ask).await.unwrap()
    };
    let terms = Some(json!({ "rule": "ICP-402", "reason": "地址文件缺少新启用的网段" }));
    let begun = ask(&world, "anna", "POST /operations/voids", None, terms).await;
    world.minutes(20).await;
    let id = begun.body["id"].as_str().unwrap();
    let counted = ask(
        &world,
        "anna",
        &format!("GET /operations/voids/{id}"),
        None,
        None,
    )
    .await;
    let confirm = format!("POST /operations/voids/{id}/confirmations");
    let done = ask(&world, "bert", &confirm, counted.version, None).await;
    assert_eq!(done.status, 202, "{done:#?}");
    world.minutes(30).await;
    let states = [state(&world, &who, 0).await, state(&world, &who, 1).await];
    assert_eq!(states, ["closed", "open"]);
    let texts = world.stage.deployment.sms();
    let text = texts.iter().find(|sms| sms.text.contains("更正"));
    let text = &text.expect("a correction").text;
    assert!(text.contains("其余1项仍须按期整改"), "{text}");
    let mails = world.stage.deployment.mails();
    let mail = mails
        .iter()
        .find(|mail| mail.subject.contains("更正"))
        .unwrap();
    let (taken_back, stays) = mail.text.split_once("其余1项不变").expect(&mail.text);
    assert!(taken_back.contains("域名解析"), "{taken_back}");
    assert!(stays.contains("主体信息不准确"), "{stays}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_beside_what_is_condemned_is_on_the_staffs_list() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = both(&mut world).await;
    is(&mut world, &who, "condemned").await;
    let case = world.case(&who.account).await.unwrap();
    let route = format!("POST /cases/{}/appeals", case["id"].as_str().unwrap());
    let body = Some(json!({ "finding": case["findings"][1]["id"], "reason": "主体信息属实" }));
    let appealed = world
        .filer(&who.account, &route, case["version"].as_u64(), body)
        .await;
    assert_eq!(appealed.status, 202, "{appealed:#?}");
    for (role, route) in [
        ("reviewer", "GET /review/cases"),
        ("reviewer", "GET /review/queue/case-staff"),
        ("reviewer", "GET /review/queue/case-condemned"),
        ("operator", "GET /operations/condemned"),
    ] {
        let listed = world.staff(role, route, None, None).await;
        let items = listed.body["items"].as_array().unwrap();
        assert_eq!(items.len(), 1, "{route}: {listed:#?}");
    }
}
