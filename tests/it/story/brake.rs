//! The brake: what `automatic` wants to see first, and what a lowered level holds.

use aws_sdk_dynamodb::types::AttributeValue;
use icp_local::stage::{Applicant, ELSEWHERE};
use serde_json::json;

use crate::table::Table;
use crate::world::{World, finding_state};

/// A condemned finding of ICP-402 under an automatic brake, whose rule has condemned so many before.
async fn condemned(world: &mut World, before: u32) -> Applicant {
    let who = Applicant::new(1, "one.cn");
    world.file(&who).await;
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    let table = Table::of(&world.stage);
    let count = AttributeValue::N(before.to_string());
    table
        .set("PRECISION#ICP-402", "2026-02-01#00", "condemned", count)
        .await;
    for attribute in ["shape", "version"] {
        let one = AttributeValue::N("1".to_owned());
        table
            .set("PRECISION#ICP-402", "2026-02-01#00", attribute, one)
            .await;
    }
    let set = json!({ "mode": "automatic" });
    let done = world
        .staff("operator", "POST /operations/brake", Some(0), Some(set))
        .await;
    assert_eq!(done.status, 200, "{done:#?}");
    world
        .until("condemned", 60, async |stage| {
            finding_state(stage, &who.account).await.as_deref() == Some("condemned")
        })
        .await;
    who
}

async fn state(world: &World, who: &Applicant) -> String {
    finding_state(&world.stage, &who.account).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_was_right_often_enough_stops_by_itself() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = condemned(&mut world, 199).await;
    world.hours(24 * 5).await;
    assert_eq!(state(&world, &who).await, "stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_condemned_too_few_waits_for_a_release_also_under_an_automatic_brake() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = condemned(&mut world, 198).await;
    world.hours(24 * 5).await;
    assert_eq!(state(&world, &who).await, "condemned");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lowered_level_holds_what_is_condemned_until_it_is_raised() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = condemned(&mut world, 199).await;
    let set = |level: &str| Some(json!({ "rule": "ICP-402", "level": level }));
    let route = "POST /operations/levels";
    let lowered = world.staff("operator", route, Some(0), set("notify")).await;
    assert_eq!(lowered.status, 200, "{lowered:#?}");
    world.hours(24 * 5).await;
    assert_eq!(state(&world, &who).await, "condemned");
    let raised = world
        .staff("operator", route, lowered.version, set("enforce"))
        .await;
    assert_eq!(raised.status, 200, "{raised:#?}");
    world.hours(24 * 5).await;
    assert_eq!(state(&world, &who).await, "stopped");
}
