//! A mass false finding: the dry run, two people, corrections, and what was stopped given back.

use icp_local::stage::{Answer, Applicant, Ask, ELSEWHERE};
use serde_json::{Value as Json, json};

use super::stops::{is, stopped};
use crate::world::World;

/// A call of one of two operators.
async fn operator(
    world: &World,
    who: &str,
    route: &str,
    version: Option<u64>,
    body: Option<Json>,
) -> Answer {
    let ask = Ask {
        role: Some("operator"),
        account: who,
        route,
        version,
        key: Some(&format!("{who}-{}", route.len())),
        body,
    };
    world.stage.ask(ask).await.unwrap()
}

async fn read(world: &World, id: &str) -> Answer {
    let route = format!("GET /operations/voids/{id}");
    operator(world, "anna", &route, None, None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_in_error_is_taken_back_by_two_people_and_its_people_are_told_once() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let (who, filed) = stopped(&mut world).await;
    // Another rule's finding is none of it.
    let terms = json!({ "rule": "ICP-402", "reason": "地址文件缺少新启用的网段" });
    let none = json!({ "rule": "ICP-501", "reason": "不相关" });
    let of_nothing = operator(&world, "bert", "POST /operations/voids", None, Some(none)).await;
    assert_eq!(of_nothing.status, 202, "{of_nothing:#?}");
    let begun = operator(&world, "anna", "POST /operations/voids", None, Some(terms)).await;
    assert_eq!(begun.status, 202, "{begun:#?}");
    let id = begun.body["id"].as_str().unwrap().to_owned();
    let confirm = format!("POST /operations/voids/{id}/confirmations");
    let early = operator(&world, "bert", &confirm, begun.version, None).await;
    assert_eq!(early.status, 409, "{early:#?}");
    world.minutes(20).await;
    let counted = read(&world, &id).await;
    assert_eq!(counted.body["stage"]["stage"], "counted", "{counted:#?}");
    assert_eq!(counted.body["counted"]["stopped"], 1);
    assert_eq!(counted.body["counted"]["cases"], 1);
    assert_eq!(counted.body["samples"][0]["state"], "stopped");
    let other = read(&world, of_nothing.body["id"].as_str().unwrap()).await;
    assert_eq!(other.body["counted"]["cases"], 0);
    let same = operator(&world, "anna", &confirm, counted.version, None).await;
    assert_eq!(same.status, 409, "{same:#?}");
    let done = operator(&world, "carl", &confirm, counted.version, None).await;
    assert_eq!(done.status, 202, "{done:#?}");
    let mails = world.stage.deployment.mails().len();
    world.minutes(30).await;
    let over = read(&world, &id).await;
    assert_eq!(over.body["stage"]["stage"], "done", "{over:#?}");
    assert_eq!(over.body["stage"]["confirmedBy"], "carl");
    assert_eq!(over.body["voided"]["stopped"], 1);
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["findings"][0]["state"]["why"], "void", "{case:#}");
    let route = format!("GET /filings/{}", filed.subject);
    let filing = world.filer(&who.account, &route, None, None).await;
    assert_eq!(filing.body["services"][0]["link"]["state"], "live");
    let told = world.stage.deployment.mails();
    let corrections = told[mails..]
        .iter()
        .filter(|mail| mail.subject.contains("更正"));
    assert_eq!(corrections.count(), 1);
    // The brake is as it was, and no void stands in it.
    let brake = operator(&world, "anna", "GET /operations/brake", None, None).await;
    assert_eq!(brake.body["mode"], "manual");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_void_holds_what_is_condemned_from_its_confirmation_on() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world.file(&who).await;
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    is(&mut world, &who, "condemned").await;
    let case = world.case(&who.account).await.unwrap();
    let finding = &case["findings"][0];
    let release = json!({ "findings": [{ "case": case["id"], "finding": finding["id"],
        "look": finding["state"]["looks"][1]["look"] }] });
    let terms = json!({ "rule": "ICP-402", "reason": "地址文件有误" });
    let begun = operator(&world, "anna", "POST /operations/voids", None, Some(terms)).await;
    world.minutes(20).await;
    let id = begun.body["id"].as_str().unwrap().to_owned();
    let counted = read(&world, &id).await;
    assert_eq!(counted.body["counted"]["condemned"], 1, "{counted:#?}");
    // Released, and void in the same minute: whatever comes first, nothing is stopped.
    let released = world
        .staff("operator", "POST /operations/releases", None, Some(release))
        .await;
    assert_eq!(released.status, 200);
    let confirm = format!("POST /operations/voids/{id}/confirmations");
    let done = operator(&world, "bert", &confirm, counted.version, None).await;
    assert_eq!(done.status, 202, "{done:#?}");
    world.hours(24 * 3).await;
    let topic = world.stage.deployment.topic_messages();
    assert!(
        topic
            .iter()
            .all(|told| !told.message.contains("AccessStopped"))
    );
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["findings"][0]["state"]["why"], "void");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_void_corrects_what_went_out_and_is_not_known_to_have_arrived() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world.file(&who).await;
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    let mailed = |world: &World, words: &str| {
        let mails = world.stage.deployment.mails();
        mails.iter().any(|mail| mail.subject.contains(words))
    };
    for _ in 0..40 * 8 {
        if mailed(&world, "备案核查通知") {
            break;
        }
        world.hours(3).await;
    }
    let case = world.case(&who.account).await.unwrap();
    assert!(case["findings"][0]["notifiedAt"].is_null(), "{case:#}");
    // Before its text goes out, ten minutes later.
    let terms = json!({ "rule": "ICP-402", "reason": "地址文件有误" });
    let begun = operator(&world, "anna", "POST /operations/voids", None, Some(terms)).await;
    let id = begun.body["id"].as_str().unwrap().to_owned();
    let minute = jiff::SignedDuration::from_mins(1);
    world.stage.pass(minute * 2, minute).await.unwrap();
    let counted = read(&world, &id).await;
    let confirm = format!("POST /operations/voids/{id}/confirmations");
    let done = operator(&world, "bert", &confirm, counted.version, None).await;
    assert_eq!(done.status, 202, "{done:#?}");
    world.stage.pass(minute * 3, minute).await.unwrap();
    assert!(mailed(&world, "更正"));
    let texts = world.stage.deployment.sms();
    assert!(
        texts.iter().any(|sms| sms.text.contains("更正")),
        "{texts:#?}"
    );
    assert!(!texts.iter().any(|sms| sms.text.contains("不合格")));
}
