//! Campaigns: units of a base are chosen and looked at, nobody is told before the preview was released, and what is
//! told goes by the campaign's own terms.

use icp_domain::import::Column;
use icp_local::stage::OURS;
use serde_json::{Value as Json, json};

use crate::base::{bring, csv, row};
use crate::world::World;

const CAMPAIGNS: &str = "POST /operations/campaigns";

/// Six sites of a base: of the group 大客户 the first two have no address, and the third has ours.
async fn with_a_base() -> World {
    let world = World::at("2026-03-02T02:00:00Z").await;
    let rows: Vec<_> = (1..=6)
        .map(|n| row(n, &[(Column::Label, if n < 4 { "大客户" } else { "散户" })]))
        .collect();
    bring(&world.stage, "csv", &csv(&rows), json!({})).await;
    world.stage.sites.point("site-3.cn", OURS).await;
    world.stage.sites.point("www.site-3.cn", OURS).await;
    world
}

fn terms() -> Json {
    json!({ "name": "2026年接入信息专项核查", "legalBases": ["33号令第十九条"],
        "rules": { "ICP-401": { "level": "notify", "periodDays": 30 } },
        "chosen": { "labels": ["大客户"] }, "ratePerMinute": 600, "channels": ["sms"] })
}

async fn begin(world: &mut World, terms: Json) -> String {
    let begun = world.staff("operator", CAMPAIGNS, None, Some(terms)).await;
    assert_eq!(begun.status, 201, "{begun:#?}");
    assert_eq!(begun.body["state"], "choosing");
    begun.body["id"].as_str().unwrap().to_owned()
}

async fn read(world: &mut World, id: &str) -> Json {
    let route = format!("GET /operations/campaigns/{id}");
    world.staff("auditor", &route, None, None).await.body
}

async fn preview(world: &mut World, id: &str) -> Json {
    let route = format!("GET /operations/campaigns/{id}/preview");
    world.staff("operator", &route, None, None).await.body
}

async fn step(world: &mut World, id: &str, step: &str, more: &Json) -> (u16, Json) {
    let route = format!("POST /operations/campaigns/{id}/steps");
    let mut body = json!({ "step": step, "reason": format!("at {}", world.stage.now()) });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let done = world.staff("operator", &route, None, Some(body)).await;
    (done.status, done.body)
}

/// The cases of the group's accounts.
async fn cases(world: &mut World) -> Vec<Json> {
    let mut cases = Vec::new();
    for account in ["base-1", "base-2", "base-3"] {
        cases.extend(world.case(account).await);
    }
    cases
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_tells_what_it_found_once_its_preview_was_released() {
    let mut world = with_a_base().await;
    let id = begin(&mut world, terms()).await;
    world.minutes(10).await;
    let seen = read(&mut world, &id).await;
    assert_eq!(seen["state"], "looking", "{seen:#}");
    assert_eq!(seen["members"], 3);
    let progress = &seen["progress"];
    assert_eq!(
        (&progress["kept"], &progress["left"]),
        (&json!(1), &json!(2)),
        "{seen:#}"
    );
    // What one walk suspects, the next one confirms.
    world.hours(3).await;
    let seen = read(&mut world, &id).await;
    assert_eq!(seen["progress"]["broken"], 2, "{seen:#}");
    assert_eq!(seen["progress"]["rules"], json!({ "ICP-401": 2 }));
    // Each has its outcome; the walks still wait for their hours.
    assert_eq!(seen["state"], "looking", "{seen:#}");
    assert_eq!(seen["progress"]["left"], 0);
    assert_eq!(seen["progress"]["expectedEnd"], Json::Null);
    assert!(cases(&mut world).await.is_empty());
    assert_eq!(world.stage.deployment.sms(), []);

    let shown = preview(&mut world, &id).await;
    assert_eq!(shown["members"], 2, "{shown:#}");
    assert_eq!(shown["rules"], json!({ "ICP-401": 2 }));
    assert_eq!(
        shown["samples"][0]["faults"][0]["looks"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let evidence = shown["samples"][0]["evidence"].as_array().unwrap();
    assert_eq!(evidence.len(), 2, "{shown:#}");
    assert_eq!(evidence[0]["shows"][0][0], "ICP-401", "{shown:#}");
    assert!(
        shown["notice"]["sms"].as_str().unwrap().contains("不合格"),
        "{shown:#}"
    );
    for refused in [json!({}), json!({ "preview": "1.2.3" })] {
        let (status, body) = step(&mut world, &id, "release", &refused).await;
        assert_eq!(status, 409, "{body:#}");
    }
    // One of them was put right meanwhile: it is not told.
    world.stage.sites.point("site-1.cn", OURS).await;
    let token = json!({ "preview": shown["token"] });
    let (status, body) = step(&mut world, &id, "release", &token).await;
    assert_eq!(
        (status, &body["state"]),
        (200, &json!("looked")),
        "{body:#}"
    );
    world.minutes(10).await;
    let seen = read(&mut world, &id).await;
    assert_eq!(seen["progress"]["told"], 1, "{seen:#}");
    assert_eq!(seen["progress"]["putRight"], 1);
    let told = cases(&mut world).await;
    assert_eq!(told.len(), 1, "{told:#?}");
    let finding = &told[0]["findings"][0];
    assert_eq!(finding["rule"], "ICP-401");
    assert_eq!(finding["level"], "notify");
    // Its notice goes by the campaign's channel alone, within the sending hours.
    world.hours(30).await;
    let sms = world.stage.deployment.sms();
    assert_eq!(sms.len(), 1, "{sms:#?}");
    let due_at = cases(&mut world).await[0]["findings"][0]["dueAt"].clone();
    let due_at: jiff::Timestamp = due_at.as_str().unwrap().parse().unwrap();
    assert!(world.stage.now() + jiff::SignedDuration::from_hours(29 * 24) < due_at);
    let mails = world.stage.deployment.mails();
    assert!(mails.is_empty(), "{mails:#?}");
    let listed = world
        .staff("operator", "GET /operations/campaigns", None, None)
        .await;
    assert_eq!(listed.body["items"][0]["deeds"]["released"]["by"], "staff");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_is_paused_resumed_and_cancelled_and_its_terms_are_checked() {
    let mut world = with_a_base().await;
    let mut wrong = terms();
    wrong["rules"]["ICP-401"]["periodDays"] = json!(0);
    wrong["chosen"] = json!({});
    let refused = world.staff("operator", CAMPAIGNS, None, Some(wrong)).await;
    assert_eq!(refused.status, 400, "{refused:#?}");
    let rules: Vec<&Json> = refused.body["violations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|violation| &violation["rule"])
        .collect();
    assert_eq!(rules, ["campaign-period", "campaign-chosen"]);

    let mut slow = terms();
    slow["chosen"] = json!({ "everybody": true });
    slow["ratePerMinute"] = json!(1);
    let id = begin(&mut world, slow).await;
    world
        .stage
        .pass(
            jiff::SignedDuration::from_mins(1),
            jiff::SignedDuration::from_mins(1),
        )
        .await
        .unwrap();
    let seen = read(&mut world, &id).await;
    // The six services; no rule of the campaign judges subjects.
    assert_eq!(seen["members"], 6, "{seen:#}");
    assert_eq!(seen["state"], "looking");
    let end = seen["progress"]["expectedEnd"]
        .as_str()
        .unwrap()
        .parse::<jiff::Timestamp>();
    assert!(world.stage.now() + jiff::SignedDuration::from_mins(4) < end.unwrap());
    let none = json!({});
    let (status, body) = step(&mut world, &id, "pause", &none).await;
    assert_eq!((status, &body["state"]), (200, &json!("paused")));
    let looks = world.looks();
    world.minutes(30).await;
    assert_eq!(world.looks(), looks, "it rests");
    assert_eq!(step(&mut world, &id, "pause", &none).await.0, 409);
    assert_eq!(step(&mut world, &id, "resume", &none).await.0, 200);
    world.minutes(30).await;
    assert!(looks < world.looks());
    assert_eq!(step(&mut world, &id, "cancel", &none).await.0, 200);
    let looks = world.looks();
    world.hours(24).await;
    let seen = read(&mut world, &id).await;
    assert_eq!(seen["state"], "cancelled");
    assert_eq!(step(&mut world, &id, "resume", &none).await.0, 409);
    // Regular audits go on; the campaign's own looks do not.
    assert!(world.looks() < looks + 12, "{} and {looks}", world.looks());
}
