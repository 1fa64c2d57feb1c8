//! What registries say of a filing's domains: looked up every 90 days, confirmed, told, or left to
//! people. A name that a registry gives stands nowhere afterwards: the world looks for it at its end.

use expect_test::expect;
use icp_local::registries::RegistrySays;
use icp_local::stage::{Applicant, Stage};
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::world::{World, case_of, finding_state};

/// Somebody else, whose name is looked for wherever it must not be.
const STRANGER: &str = "李小红";

/// Whose registrations are looked at within a day: when, hangs on the subject's id.
fn early(domain: &str) -> Applicant {
    Applicant::new(38, domain)
}

/// What people are asked to look at: the rules of each item.
async fn asked(stage: &Stage) -> Vec<String> {
    let listed = stage.staff("reviewer", "GET /review/items", None, None);
    let items = listed.await.unwrap().body["items"].clone();
    let rules = |item: &Json| {
        let rules = item["rules"].as_array().unwrap().iter();
        rules
            .map(|rule| rule.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    items.as_array().unwrap().iter().map(rules).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_lapsed_is_told_with_ninety_days_and_renewed_in_time() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = early("one.cn");
    world.file(&who).await;
    let registries = world.stage.sites.registries.clone();
    registries.say(&who.domain, RegistrySays::NotRegistered);
    world.forget();
    let account = who.account.clone();
    world
        .until("a case", 5, async |stage| {
            finding_state(stage, &account).await.is_some()
        })
        .await;
    world.hours(48).await;
    let case = world.case(&who.account).await.unwrap();
    let finding = &case["findings"][0];
    assert_eq!(finding["rule"], "ICP-509", "{case:#}");
    assert_eq!(case["findings"].as_array().unwrap().len(), 1, "{case:#}");
    assert_eq!(case["evidence"].as_array().unwrap().len(), 2);
    let instant = |name: &str| {
        let at = finding[name].as_str();
        at.unwrap().parse::<Timestamp>().unwrap()
    };
    let period = instant("dueAt").duration_since(instant("notifiedAt"));
    // 90 days, to the end of the last, and of the next working day where that is none.
    let hours = period.as_hours();
    assert!((90 * 24..=100 * 24).contains(&hours), "{hours} h");
    registries.say(&who.domain, RegistrySays::HeldBy("示例公司".to_owned()));
    let recheck = format!("POST /cases/{}/rechecks", case["id"].as_str().unwrap());
    let version = case["version"].as_u64();
    world.filer(&who.account, &recheck, version, None).await;
    assert_eq!(
        finding_state(&world.stage, &who.account).await.as_deref(),
        Some("closed")
    );
    world.hours(24).await;
    expect![[r#"
        03-03 10:10  mail p1-account-38@one.cn 【示例云】备案核查通知（48927-12737） / Notice of an audit of your ICP filing
        03-03 13:10  sms +86138****0038 【示例云】您的备案经核查有1项不合格，请于2026年6月1日（周一）24:00前整改，逾期可能被停止接入。核查编号48927-12737，办法请登录 beian.example.cn 查询，电话010-00000000。
        03-04 19:10  202 POST /cases/…/rechecks
        03-04 19:10  mail p1-account-38@one.cn 【示例云】核查已办结（48927-12737） / A case is closed
        03-05 10:10  sms +86138****0038 【示例云】核查编号48927-12737已办结。详情请登录 beian.example.cn 查询，电话010-00000000。
    "#]].assert_eq(&world.transcript());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lapse_that_nobody_mends_condemns_after_two_fresh_looks() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = early("one.com.cn");
    world.file(&who).await;
    let registries = world.stage.sites.registries.clone();
    // First the registry says nothing: undecided is never a finding.
    registries.say(&who.domain, RegistrySays::AskedTooOften);
    world.hours(24 * 10).await;
    assert!(world.case(&who.account).await.is_none());
    assert_eq!(
        asked(&world.stage).await,
        ["ICP-508 ICP-509 ICP-510 ICP-511 ICP-512"]
    );
    registries.say(&who.domain, RegistrySays::NotRegistered);
    let account = who.account.clone();
    world
        .until("condemned", 220, async |stage| {
            finding_state(stage, &account).await.as_deref() == Some("condemned")
        })
        .await;
    assert_eq!(asked(&world.stage).await, [""; 0]);
    let case = world.case(&who.account).await.unwrap();
    let looks = &case["findings"][0]["state"]["looks"];
    assert_eq!(looks.as_array().unwrap().len(), 2, "{case:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_holder_decides_nothing_and_people_are_asked_in_the_end() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = early("one.cn");
    world.file(&who).await;
    let registries = &world.stage.sites.registries;
    registries.say(&who.domain, RegistrySays::Hidden);
    world.forget();
    world.hours(24 * 15).await;
    assert!(case_of(&world.stage, &who.account).await.is_none());
    assert_eq!(asked(&world.stage).await, ["ICP-508"]);
    assert_eq!(world.transcript(), "\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_holder_is_a_finding_and_goes_when_the_registry_names_the_subject() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = early("one.com.cn");
    world.file(&who).await;
    let registries = world.stage.sites.registries.clone();
    registries.say(&who.domain, RegistrySays::HeldBy(STRANGER.to_owned()));
    world.forget();
    let account = who.account.clone();
    world
        .until("a case", 5, async |stage| {
            finding_state(stage, &account).await.is_some()
        })
        .await;
    world.hours(48).await;
    assert_eq!(asked(&world.stage).await, [""; 0]);
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["findings"][0]["rule"], "ICP-508", "{case:#}");
    // The principal may hold it too.
    registries.say(&who.domain, RegistrySays::HeldBy("王小明".to_owned()));
    let recheck = format!("POST /cases/{}/rechecks", case["id"].as_str().unwrap());
    let version = case["version"].as_u64();
    world.filer(&who.account, &recheck, version, None).await;
    assert_eq!(
        finding_state(&world.stage, &who.account).await.as_deref(),
        Some("closed")
    );
    expect![[r#"
        03-03 10:10  mail p1-account-38@one.com.cn 【示例云】备案核查通知（48927-12737） / Notice of an audit of your ICP filing
        03-03 13:10  sms +86138****0038 【示例云】您的备案经核查有1项不合格，请于2026年6月16日（周二）24:00前整改，逾期可能被停止接入。核查编号48927-12737，办法请登录 beian.example.cn 查询，电话010-00000000。
        03-04 19:10  202 POST /cases/…/rechecks
        03-04 19:10  mail p1-account-38@one.com.cn 【示例云】核查已办结（48927-12737） / A case is closed
    "#]].assert_eq(&world.transcript());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_certificate_that_is_filed_is_compared_by_people() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = early("one.com.cn");
    let filed = world.file(&who).await;
    let registries = world.stage.sites.registries.clone();
    registries.say(&who.domain, RegistrySays::HeldBy(STRANGER.to_owned()));
    let certificate = json!({ "materials": [{ "id": "m8", "kind": "domain-certificate",
        "custody": { "custody": "paper", "shelfMark": "D-8" } },
        { "id": "m9", "kind": "verification-form",
        "custody": { "custody": "paper", "shelfMark": "A-9" } }] });
    let wish = json!({ "kind": "change", "subject": filed.subject, "draft": certificate });
    world
        .stage
        .take_through(&who, wish, |route, answer| {
            assert!(answer.status < 400, "{route}: {answer:#?}");
        })
        .await
        .unwrap();
    world
        .until("an item", 5, async |stage| !asked(stage).await.is_empty())
        .await;
    assert_eq!(asked(&world.stage).await, ["ICP-508"]);
    assert!(case_of(&world.stage, &who.account).await.is_none());
}
