//! What front ends were asked for, day by day, and sites that nobody asks for any more.

use icp_local::stage::{Applicant, ELSEWHERE};
use serde_json::{Value as Json, json};

use super::reports::{bring, decide, items, today};
use crate::base::download;
use crate::world::{World, case_of, finding_state};

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_front_ends_see_keeps_access_until_the_files_end() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world.file(&who).await;
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    let visits = |day: &str, host: &str| format!("访问域名,所见日期\r\n{host},{day}\r\n");
    for _ in 0..35 {
        let file = visits(&today(&world), "www.one.cn");
        let seen = bring(&world, "front-end-hosts", &file).await;
        assert_eq!(seen["counts"]["changed"], 1, "{seen:#}");
        world.hours(24).await;
    }
    let account = who.account.clone();
    assert!(case_of(&world.stage, &account).await.is_none());
    // A file brought again changes nothing; a host of nobody's is listed.
    let yesterday = (world.stage.now() - jiff::SignedDuration::from_hours(24)).to_string();
    let seen = bring(
        &world,
        "front-end-hosts",
        &visits(&yesterday[..10], "www.one.cn"),
    )
    .await;
    assert_eq!(seen["counts"]["same"], 1, "{seen:#}");
    let seen = bring(
        &world,
        "front-end-hosts",
        &visits(&yesterday[..10], "www.other.cn"),
    )
    .await;
    assert_eq!(seen["counts"]["unmatched"], 1, "{seen:#}");
    let bad = String::from_utf8(download(&world.stage, &seen["badRows"]).await).unwrap();
    assert!(bad.contains("\"2\",\"\",\"\",\"unmatched\""), "{bad}");
    // Without a visit the broken looks count.
    world
        .until("a case", 40, async |stage| {
            case_of(stage, &account).await.is_some()
        })
        .await;
    let case = world.case(&account).await.unwrap();
    assert_eq!(case["findings"][0]["rule"], "ICP-402", "{case:#}");
}

/// The front ends' file of a day, with the one host that was asked for.
fn visits(day: &str, host: &str) -> String {
    format!("host,seenOn\r\n{host},{day}\r\n")
}

/// The site was visited today; the files go on, and nobody asks for it any more, until people are asked about it.
async fn until_asked_about(world: &mut World) -> Vec<Json> {
    bring(world, "front-end-hosts", &visits(&today(world), "one.cn")).await;
    for _ in 0..70 {
        world.hours(24).await;
        bring(world, "front-end-hosts", &visits(&today(world), "x.cn")).await;
        let asked = items(world).await;
        if !asked.is_empty() {
            return asked;
        }
    }
    panic!("nobody was asked about it")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_site_that_people_find_unused_gets_a_case_by_one_reading() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world.file(&who).await;
    let asked = until_asked_about(&mut world).await;
    assert_eq!(asked[0]["doubts"][0]["rule"], "ICP-405", "{asked:#?}");
    assert_eq!(decide(&mut world, &asked[0], "broken").await.status, 202);
    world.stage.deployment.advance_by_minutes(5).await.unwrap();
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["findings"][0]["rule"], "ICP-405", "{case:#}");
    assert_eq!(case["findings"][0]["state"]["state"], "open");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_its_rows_say_is_kept_is_not_stopped_on_what_people_decided_before() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world.file(&who).await;
    let asked = until_asked_about(&mut world).await;
    assert_eq!(decide(&mut world, &asked[0], "broken").await.status, 202);
    let state = async |world: &World| finding_state(&world.stage, &who.account).await;
    for _ in 0..40 {
        if state(&world).await.as_deref() == Some("condemned") {
            break;
        }
        world.hours(24).await;
        bring(&world, "front-end-hosts", &visits(&today(&world), "x.cn")).await;
    }
    assert_eq!(state(&world).await.as_deref(), Some("condemned"));
    // It is visited again, and the file of the day says so.
    bring(&world, "front-end-hosts", &visits(&today(&world), "one.cn")).await;
    let case = world.case(&who.account).await.unwrap();
    let finding = &case["findings"][0];
    let release = json!({ "findings": [{ "case": case["id"], "finding": finding["id"],
        "look": finding["state"]["looks"][0]["look"] }] });
    let route = "POST /operations/releases";
    let released = world.staff("operator", route, None, Some(release)).await;
    assert_eq!(released.body["released"].as_array().unwrap().len(), 1);
    for _ in 0..5 {
        world.hours(24).await;
        bring(&world, "front-end-hosts", &visits(&today(&world), "one.cn")).await;
    }
    assert_eq!(state(&world).await.as_deref(), Some("closed"));
}
