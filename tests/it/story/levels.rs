//! Levels: what rules find at units of a base is observed and told to nobody, until an operator saw what would be
//! told and raised the level for some of them.

use icp_domain::import::Column;
use icp_local::stage::{Ask, OURS};
use serde_json::{Value as Json, json};

use crate::base::{bring, csv, row};
use crate::world::World;

/// A preview of raising `ICP-401` for a scope.
async fn preview(world: &mut World, scope: &str, level: &str) -> Json {
    let wish = json!({ "rule": "ICP-401", "scope": scope, "level": level });
    let previewed = world
        .staff(
            "operator",
            "POST /operations/level-previews",
            None,
            Some(wish),
        )
        .await;
    assert_eq!(previewed.status, 200, "{previewed:#?}");
    previewed.body
}

async fn observed(world: &mut World) -> Vec<String> {
    let route = "GET /operations/observed/ICP-401";
    let listed = world.staff("operator", route, None, None).await;
    let items = listed.body["items"].as_array().unwrap().clone();
    items
        .iter()
        .map(|item| item["account"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_base_brought_is_observed_until_a_preview_of_it_is_released() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let rows: Vec<_> = (1..=3)
        .map(|n| {
            let label = if n < 3 { "大客户" } else { "散户" };
            row(n, &[(Column::Label, label)])
        })
        .collect();
    bring(&world.stage, "csv", &csv(&rows), json!({})).await;
    // No name of the base has an address.
    world.hours(24 * 33).await;
    let mut seen = observed(&mut world).await;
    seen.sort();
    assert_eq!(seen, ["base-1", "base-2", "base-3"]);
    assert_eq!(world.stage.deployment.sms(), []);
    assert_eq!(world.case("base-1").await, None);

    // What is put right leaves the list.
    world.stage.sites.point("site-1.cn", OURS).await;
    world.hours(24 * 33).await;
    let mut seen = observed(&mut world).await;
    seen.sort();
    assert_eq!(seen, ["base-2", "base-3"]);

    let shown = preview(&mut world, "label:大客户", "notify").await;
    assert_eq!(shown["now"], "observe");
    assert_eq!(shown["units"], 1);
    assert_eq!(shown["provinces"], json!({ "11": 1 }));
    assert_eq!(shown["samples"][0]["label"], "大客户");
    let notice = &shown["notice"];
    assert!(
        notice["sms"].as_str().unwrap().contains("03098-49952"),
        "{notice:#}"
    );
    assert!(
        notice["mailText"].as_str().unwrap().contains("ICP-401"),
        "{notice:#}"
    );

    // A level is raised by whoever saw just this, and not of late.
    let raise = |token: &Json, level: &str| json!({ "rule": "ICP-401", "scope": "label:大客户", "level": level, "preview": token });
    let route = "POST /operations/levels";
    for refused in [
        json!({ "rule": "ICP-401", "scope": "label:大客户", "level": "notify" }),
        raise(&shown["token"], "enforce"),
        raise(&json!("1772416800.1.1-00"), "notify"),
        raise(&json!("nonsense"), "notify"),
    ] {
        let done = world
            .staff("operator", route, Some(0), Some(refused.clone()))
            .await;
        assert_eq!(done.status, 409, "{refused}: {done:#?}");
    }
    let raised = raise(&shown["token"], "notify");
    let done = world.staff("operator", route, Some(0), Some(raised)).await;
    assert_eq!(done.status, 200, "{done:#?}");
    assert_eq!(done.body["set"][0]["scope"], "label:大客户");
    assert_eq!(done.body["set"][0]["previewed"]["units"], 1);

    // One look that still sees it opens the case; the other group hears nothing.
    world.hours(24 * 35).await;
    assert_eq!(observed(&mut world).await, ["base-3"]);
    let case = world.case("base-2").await.unwrap();
    assert_eq!(case["findings"][0]["rule"], "ICP-401");
    assert_eq!(case["findings"][0]["level"], "notify");
    assert_eq!(world.case("base-3").await, None);
    let told = world.stage.deployment.sms();
    assert!(!told.is_empty());
    let second = icp_local::stage::Applicant::new(2, "one.cn").mobile;
    assert!(
        told.iter().all(|sms| sms.number.ends_with(&second)),
        "{told:#?}"
    );

    // Lowering wants no preview, and an old one is good for nothing.
    let lowered = json!({ "rule": "ICP-401", "scope": "label:大客户", "level": "observe" });
    let done = world.staff("operator", route, Some(1), Some(lowered)).await;
    assert_eq!(done.status, 200, "{done:#?}");
    let late = Ask {
        role: Some("operator"),
        account: "staff",
        route,
        key: Some("late"),
        version: Some(2),
        body: Some(raise(&shown["token"], "notify")),
    };
    let done = world.ask(late).await;
    assert_eq!(done.status, 409, "{done:#?}");
}
