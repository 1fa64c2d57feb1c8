//! An order that answers a finding holds it still, also when its period is over.

use icp_local::stage::{Answer, Applicant, Ask, ELSEWHERE, OURS, Stage};
use serde_json::{Value as Json, json};

use super::orders::{papers, two_sites};
use crate::world::{World, finding_state};

async fn is(world: &World, who: &Applicant, state: &str) -> bool {
    finding_state(&world.stage, &who.account).await.as_deref() == Some(state)
}

/// Submits a change filing, as the provider reviews it.
async fn submit_change(world: &mut World, who: &Applicant, subject: &str) -> (String, Answer) {
    let mut draft = who.draft();
    draft["services"][0]["name"] = json!("改名后的网站");
    let begin = json!({ "kind": "change", "subject": subject, "draft": draft });
    let drafted = world
        .ask(Ask {
            role: Some("filer"),
            account: &who.account,
            route: "POST /orders",
            key: Some("change"),
            body: Some(begin),
            ..Ask::default()
        })
        .await;
    let order = drafted.body["id"].as_str().unwrap().to_owned();
    let submission = format!("POST /orders/{order}/submission");
    let submitted = world
        .filer(&who.account, &submission, drafted.version, None)
        .await;
    assert_eq!(submitted.status, 200, "{submitted:#?}");
    (order, submitted)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_holds_a_condemned_finding_and_its_last_looks_begin_anew_after_it() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    world
        .until("condemned", 60, async |stage| {
            finding_state(stage, &who.account).await.as_deref() == Some("condemned")
        })
        .await;
    let condemned = world.case(&who.account).await.unwrap();
    let looks = &condemned["findings"][0]["state"]["looks"];
    let (order, submitted) = submit_change(&mut world, &who, &filed.subject).await;
    // A release says nothing against an order under review.
    let release = json!({ "findings": [{ "case": condemned["id"],
        "finding": condemned["findings"][0]["id"], "look": looks[1]["look"] }]});
    let released = world
        .staff("operator", "POST /operations/releases", None, Some(release))
        .await;
    assert_eq!(released.body["released"].as_array().unwrap().len(), 1);
    world.hours(24 * 7).await;
    assert!(is(&world, &who, "condemned").await);
    let decisions = format!("POST /review/orders/{order}/decisions");
    let body = json!({ "decision": "return", "reasons": [
        { "field": "/subject/name", "error": "名称不清", "suggestion": "请核对" }] });
    let returned = world
        .staff("reviewer", &decisions, submitted.version, Some(body))
        .await;
    assert_eq!(returned.status, 200, "{returned:#?}");
    world.hours(24).await;
    let anew = world.case(&who.account).await.unwrap();
    let state = &anew["findings"][0]["state"];
    assert!(
        ["last-look", "condemned"].contains(&state["state"].as_str().unwrap()),
        "{state:#}"
    );
    assert_ne!(
        &state["looks"], looks,
        "what condemned it before says nothing now"
    );
    assert!(
        state["release"].is_null(),
        "the release was for other looks"
    );
    world.stage.sites.point(&who.domain, OURS).await;
    let recheck = format!("POST /cases/{}/rechecks", anew["id"].as_str().unwrap());
    let version = anew["version"].as_u64();
    let asked = world.filer(&who.account, &recheck, version, None).await;
    assert_eq!(asked.status, 202, "{asked:#?}");
    assert!(is(&world, &who, "closed").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_was_under_review_before_the_case_opened_holds_it_too() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    let (order, submitted) = submit_change(&mut world, &who, &filed.subject).await;
    let decisions = format!("POST /review/orders/{order}/decisions");
    let pass = Some(json!({ "decision": "pass" }));
    let passed = world
        .staff("reviewer", &decisions, submitted.version, pass)
        .await;
    let results = format!("POST /review/orders/{order}/bureau-results");
    let mut version = passed.version;
    for result in ["sent", "sms-done"] {
        let body = Some(json!({ "result": result }));
        let recorded = world.staff("reviewer", &results, version, body).await;
        assert_eq!(recorded.status, 200, "{recorded:#?}");
        version = recorded.version;
    }
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    world.until_noticed(&who.account, 45).await;
    // The period of seven days passes while the bureau has the order that mends it.
    world.hours(24 * 15).await;
    let held = world.case(&who.account).await.unwrap();
    assert_eq!(held["findings"][0]["state"]["state"], "open", "{held:#}");
    assert_eq!(held["findings"][0]["frozen"], true, "{held:#}");
    let body = json!({ "result": "rejected", "reasons": [
        { "field": "/subject/name", "error": "名称不符", "suggestion": "请核对" }] });
    let rejected = world.staff("reviewer", &results, version, Some(body)).await;
    assert_eq!(rejected.status, 200, "{rejected:#?}");
    let runs_on = world.case(&who.account).await.unwrap();
    assert_eq!(runs_on["findings"][0]["frozen"], false, "{runs_on:#}");
    let due: jiff::Timestamp = runs_on["findings"][0]["dueAt"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let left = due.duration_since(world.stage.now()).as_hours();
    assert!(
        (7 * 24..=12 * 24).contains(&left),
        "what was left runs on: {left} hours"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_gives_access_up_holds_a_case_that_opened_after_it() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    let draft = json!({ "services": [{ "id": "1" }] });
    let order = world.begin("cancel-access", &filed.subject, draft).await;
    let submission = format!("POST /orders/{order}/submission");
    let submitted = world.good(&submission, Some(1), None).await;
    world
        .up_to_the_bureau(&order, submitted.version.unwrap(), false)
        .await;
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    world.until_noticed(&who.account, 45).await;
    world.hours(24 * 15).await;
    let held = world.case(&who.account).await.unwrap();
    assert_eq!(held["findings"][0]["state"]["state"], "open", "{held:#}");
    assert_eq!(held["findings"][0]["frozen"], true, "{held:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_about_one_site_holds_no_finding_of_another() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let subject = two_sites(&mut world, &who).await;
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    world.until_noticed(&who.account, 45).await;
    let open = world.case(&who.account).await.unwrap();
    assert_eq!(open["service"], "1", "{open:#}");
    let (frozen, due) = (
        &open["findings"][0]["frozen"],
        &open["findings"][0]["dueAt"],
    );
    assert_eq!(*frozen, false);
    // The other site's name changes: what is wrong with the first is not put right by it.
    let site =
        json!({ "services": [{ "id": "2", "name": "改名后的网站" }], "materials": papers() });
    let order = world.begin("change", &subject, site).await;
    let submission = format!("POST /orders/{order}/submission");
    let submitted = world.good(&submission, Some(1), None).await;
    let runs_on = world.case(&who.account).await.unwrap();
    assert_eq!(&runs_on["findings"][0]["frozen"], frozen, "{runs_on:#}");
    assert_eq!(&runs_on["findings"][0]["dueAt"], due);
    let withdrawal = format!("POST /orders/{order}/withdrawal");
    world.good(&withdrawal, submitted.version, None).await;
    // The subject's address bears on both.
    let address =
        json!({ "subject": { "postalAddress": "北京市海淀区别处2号" }, "materials": papers() });
    let order = world.begin("change", &subject, address).await;
    let submission = format!("POST /orders/{order}/submission");
    world.good(&submission, Some(1), None).await;
    let held = world.case(&who.account).await.unwrap();
    assert_eq!(held["findings"][0]["frozen"], true, "{held:#}");
    // What joins while it is under review stands still too, also of the other site.
    world.stage.sites.point("two.cn", ELSEWHERE).await;
    let cases = async |stage: &Stage| {
        let listed = stage.filer(&who.account, "GET /cases", None, None).await;
        listed.unwrap().body["items"].as_array().unwrap().clone()
    };
    world
        .until("noticed", 45, async |stage| {
            let noticed = |case: &Json| case["findings"][0]["notifiedAt"].is_string();
            let cases = cases(stage).await;
            cases.len() == 2 && cases.iter().all(noticed)
        })
        .await;
    for case in cases(&world.stage).await {
        assert_eq!(case["findings"][0]["frozen"], true, "{case:#}");
    }
}
