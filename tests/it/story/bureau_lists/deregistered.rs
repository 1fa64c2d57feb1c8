//! What the bureau took off its record, as two people bring it.

use icp_domain::import::Column;
use icp_local::stage::Applicant;
use serde_json::{Value as Json, json};

use super::super::orders::two_sites;
use super::results::at_the_bureau;
use super::{LISTS, counted, counts, hand_down, paper_of, replies, table};
use crate::base::{bring, csv, download, progress_in, row, start_in, upload_to};
use crate::world::World;

/// Two sites of a first filing, one order in flight of a second, and a third.
struct Three {
    world: World,
    subjects: [String; 3],
}

impl Three {
    async fn begun() -> Self {
        let mut world = World::at("2026-03-02T02:00:00Z").await;
        let who = Applicant::new(1, "one.cn");
        let first = two_sites(&mut world, &who).await;
        let (account, _) = at_the_bureau(&mut world, 2).await;
        let listed = world.as_filer(&account, "GET /filings", None, None).await;
        let second = listed.body["items"][0]["id"].as_str().unwrap().to_owned();
        let third = world.file(&Applicant::new(3, "three.cn")).await.subject;
        Self {
            world,
            subjects: [first, second, third],
        }
    }

    async fn filing(&mut self, nth: usize) -> Json {
        let route = format!("GET /filings/{}", self.subjects[nth - 1]);
        let account = format!("account-{nth}");
        self.world.as_filer(&account, &route, None, None).await.body
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_bureau_took_off_its_record_two_people_bring_and_it_is_off_ours() {
    let mut three = Three::begun().await;
    let stage = three.world.stage.clone();
    let sites = table(&[
        &["主体备案号", "域名", "单位名称"],
        &["京ICP备2026000001号", "two.cn", "示例公司"],
        &["京ICP备2026000002号", "one-2.cn", "示例公司"],
        // A site's number that lost its suffix is no subject.
        &["京ICP备2026000003号", "", "示例公司"],
    ]);
    let id = upload_to(&stage, (LISTS, "anna"), "csv", &sites, paper_of("sites")).await;
    let alone = start_in(&stage, (LISTS, "anna"), &id).await;
    assert_eq!(alone.status, 409, "{alone:#?}");
    let kind = alone.body["type"].as_str().unwrap();
    assert!(kind.ends_with("second-person-needed"), "{kind}");
    let shown = progress_in(&stage, LISTS, &id).await;
    assert_eq!(shown["announcedBy"], "anna");
    assert_eq!(download(&stage, &shown["file"]).await, sites);
    let started = start_in(&stage, (LISTS, "ben"), &id).await;
    assert_eq!(started.status, 202, "{started:#?}");
    let seen = progress_in(&stage, LISTS, &id).await;
    let expected = [("doubtful", 2), ("recorded", 1), ("rows", 3)];
    assert_eq!(counts(&seen), counted(&expected), "{seen:#}");
    let said = [
        "网站已注销",
        "待核实",
        "待核实 注销网站清单须有网站备案号或域名",
    ];
    assert_eq!(replies(&stage, &seen).await, said);
    let open = String::from_utf8(download(&stage, &seen["openRows"]).await).unwrap();
    assert!(open.contains("\"order-in-flight\""), "{open}");
    let filing = three.filing(1).await;
    assert_eq!(filing["state"]["state"], "filed", "{filing:#}");
    assert_eq!(filing["services"][0]["link"]["state"], "live");
    assert_eq!(filing["services"][1]["link"]["state"], "cancelled");
    assert!(!filing["services"][1]["deregisteredAt"].is_null());
    assert_eq!(
        three.filing(3).await["services"][0]["link"]["state"],
        "live"
    );

    let subjects = table(&[
        &["备案号", "单位名称"],
        &["京ICP备2026000003号", "示例公司"],
        &["京ICP备2026000001号-1", "示例公司"],
    ]);
    let people = ("anna", "ben");
    for number in ["1号", "2号"] {
        let mut more = paper_of("subjects");
        more["paper"]["documentNumber"] = json!(number);
        let seen = hand_down(&stage, people, "csv", &subjects, more).await;
        assert_eq!(
            replies(&stage, &seen).await,
            ["主体已注销", "待核实 注销主体清单不应有网站备案号"],
            "{number}"
        );
    }
    assert_eq!(three.filing(3).await["state"]["state"], "deregistered");
    assert_eq!(three.filing(1).await["state"]["state"], "filed");
    three.world.front_ends_act().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_of_many_sites_goes_off_the_record_in_steps_and_whole() {
    let world = World::at("2026-03-02T02:00:00Z").await;
    let stage = &world.stage;
    let many: Vec<_> = (1..=25)
        .map(|n| {
            let number = format!("京ICP备2026000001号-{n}");
            let domain = format!("many-{n}.cn");
            row(
                1,
                &[
                    (Column::ServiceNumber, number.as_str()),
                    (Column::Domains, domain.as_str()),
                ],
            )
        })
        .collect();
    bring(stage, "csv", &csv(&many), json!({})).await;
    let file = table(&[&["备案号"], &["京ICP备2026000001号"]]);
    let people = ("anna", "ben");
    let seen = hand_down(stage, people, "csv", &file, paper_of("subjects")).await;
    assert_eq!(replies(stage, &seen).await, ["主体已注销"]);
    let listed = stage.filer("base-1", "GET /filings", None, None).await;
    let filing = &listed.unwrap().body["items"][0];
    assert_eq!(filing["state"]["state"], "deregistered", "{filing:#}");
    let services = filing["services"].as_array().unwrap();
    assert!(
        services
            .iter()
            .all(|service| !service["deregisteredAt"].is_null())
    );
}
