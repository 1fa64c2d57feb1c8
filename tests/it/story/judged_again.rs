//! Evidence that is kept is judged again after a rule's table changed: what is said differently stands in a file, and
//! nothing else changes.

use icp_local::stage::{Applicant, ELSEWHERE};
use serde_json::{Value as Json, json};

use crate::base::exported;
use crate::world::World;

/// The rows of the export.
async fn again(world: &World, because: &str) -> Vec<Json> {
    let new = json!({ "what": "judged-again", "format": "json-lines", "personalBecause": because });
    let file = exported(&world.stage, new).await;
    let lines = String::from_utf8(file).unwrap();
    let rows = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    rows.collect()
}

fn said(rows: &[Json]) -> Vec<(&str, &str)> {
    rows.iter()
        .map(|row| {
            (
                row["rule"].as_str().unwrap(),
                row["again"].as_str().unwrap(),
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_evidence_showed_is_said_again_by_the_rules_of_today() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "example.cn");
    let account = who.account.clone();
    world.file(&who).await;
    world.stage.sites.point("example.cn", ELSEWHERE).await;
    world.stage.sites.point("www.example.cn", ELSEWHERE).await;
    let opened = async |stage: &icp_local::stage::Stage| {
        crate::world::case_of(stage, &account).await.is_some()
    };
    world.until("a case", 40, opened).await;
    let case = world.case(&account).await.unwrap();

    // By the same tables the evidence says the same, both looks of the case.
    let rows = again(&world, "before").await;
    assert!(
        rows.iter().all(|row| row["again"] == "still-broken"),
        "{rows:#?}"
    );
    let of_case = rows
        .iter()
        .filter(|row| row["caseNumber"] == case["number"]);
    assert_eq!(of_case.count(), 2, "{rows:#?}");

    // The addresses were ours all along: the table was wrong, not the site.
    let today = world.stage.now().to_string();
    let ranges = json!({ "asOf": &today[..10], "ranges": ["127.0.0.0/8"], "frontEnds": [] });
    world
        .stage
        .reconfigure("provider-addresses.json", ranges.to_string())
        .unwrap();
    let looks = world.looks();
    let rows = again(&world, "after").await;
    assert!(!rows.is_empty());
    assert!(
        said(&rows)
            .iter()
            .all(|said| *said == ("ICP-402", "now-kept")),
        "{rows:#?}"
    );
    // Nobody looked, and the case stands as it stood.
    assert_eq!(world.looks(), looks);
    assert_eq!(world.case(&account).await.unwrap(), case);
}
