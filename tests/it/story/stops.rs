//! What people do about a case and a stop: more days, a second appeal, an objection.

use std::str::FromStr as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use icp_local::stage::{Answer, Applicant, Ask, ELSEWHERE, Filed, OURS};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::base::put;
use crate::world::{World, finding_state, swept};

pub(super) const START: &str = "2026-03-02T02:00:00Z";

/// A filing whose access was stopped, since its domain leads elsewhere.
pub(crate) async fn stopped(world: &mut World) -> (Applicant, Filed) {
    let (who, filed) = condemned(world).await;
    release(world, &who).await;
    is(world, &who, "stopped").await;
    (who, filed)
}

async fn release(world: &mut World, who: &Applicant) {
    let case = world.case(&who.account).await.unwrap();
    let finding = &case["findings"][0];
    let release = json!({ "findings": [{ "case": case["id"], "finding": finding["id"],
        "look": finding["state"]["looks"][1]["look"] }] });
    let released = world
        .staff("operator", "POST /operations/releases", None, Some(release))
        .await;
    assert_eq!(
        released.body["released"].as_array().unwrap().len(),
        1,
        "{released:#?}"
    );
}

async fn condemned(world: &mut World) -> (Applicant, Filed) {
    let (who, filed) = told(world).await;
    is(world, &who, "condemned").await;
    (who, filed)
}

/// A filing of whose finding its people were told.
pub(super) async fn told(world: &mut World) -> (Applicant, Filed) {
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    let account = who.account.clone();
    world
        .until("told", 60, async |stage| {
            let case = crate::world::case_of(stage, &account).await;
            case.is_some_and(|case| !case["findings"][0]["dueAt"].is_null())
        })
        .await;
    (who, filed)
}

pub(super) async fn is(world: &mut World, who: &Applicant, state: &str) {
    let account = who.account.clone();
    world
        .until(state, 30, async |stage| {
            finding_state(stage, &account).await.as_deref() == Some(state)
        })
        .await;
}

/// An act of the filer's on their newest case.
pub(super) async fn act(world: &mut World, who: &Applicant, step: &str, body: Json) -> Answer {
    let case = world.case(&who.account).await.unwrap();
    let route = format!("POST /cases/{}/{step}", case["id"].as_str().unwrap());
    let version = case["version"].as_u64();
    world
        .ask(Ask {
            role: Some("filer"),
            account: &who.account,
            route: &route,
            version,
            key: Some(&format!("{step}{}", version.unwrap())),
            body: Some(body),
        })
        .await
}

/// The same of the staff.
pub(super) async fn decide(world: &mut World, who: &Applicant, step: &str, body: Json) -> Answer {
    let case = world.case(&who.account).await.unwrap();
    let route = format!("POST /review/cases/{}/{step}", case["id"].as_str().unwrap());
    world
        .staff("reviewer", &route, case["version"].as_u64(), Some(body))
        .await
}

/// A file that the filer uploaded to a change order, which is not submitted.
async fn uploaded(world: &mut World, who: &Applicant, filed: &Filed) -> (String, String) {
    let file = "域名证书".as_bytes();
    let wish = json!({ "kind": "change", "subject": filed.subject, "draft": {} });
    let begun = world
        .filer(&who.account, "POST /orders", None, Some(wish))
        .await;
    let order = begun.body["id"].as_str().unwrap().to_owned();
    let announce = json!({ "kind": "domain-certificate", "mediaType": "image/png",
        "bytes": file.len(), "sha256": STANDARD.encode(Sha256::digest(file)) });
    let route = format!("POST /orders/{order}/materials");
    let announced = world
        .filer(&who.account, &route, None, Some(announce))
        .await;
    assert_eq!(announced.status, 201, "{announced:#?}");
    put(&world.stage, &announced.body["link"], file).await;
    let material = announced.body["material"].as_str().unwrap().to_owned();
    let route = format!("POST /orders/{order}/materials/{material}/confirmation");
    let seen = world.filer(&who.account, &route, begun.version, None).await;
    assert!(seen.status < 300, "{seen:#?}");
    (order, material)
}

pub(super) async fn link(world: &mut World, who: &Applicant, filed: &Filed) -> String {
    let route = format!("GET /filings/{}", filed.subject);
    let read = world.filer(&who.account, &route, None, None).await;
    let state = &read.body["services"][0]["link"]["state"];
    state.as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_give_more_days_than_the_filer_may_take() {
    let mut world = World::at(START).await;
    let (who, _) = told(&mut world).await;
    let case = world.case(&who.account).await.unwrap();
    let finding = &case["findings"][0]["id"];
    let due = |case: &Json| -> jiff::Timestamp {
        case["findings"][0]["dueAt"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    };
    let before = due(&case);
    let own = json!({ "finding": finding, "days": 7, "reason": "出差" });
    assert_eq!(act(&mut world, &who, "extensions", own).await.status, 202);
    let given = |days: u32| json!({ "finding": finding, "days": days, "reason": "管局系统维护" });
    for (days, expected) in [(15, 202), (10, 202), (31, 400), (0, 400)] {
        let answer = decide(&mut world, &who, "extensions", given(days)).await;
        assert_eq!(answer.status, expected, "{answer:#?}");
    }
    let after = world.case(&who.account).await.unwrap();
    let more = due(&after).duration_since(before).as_hours() / 24;
    assert!((30..=34).contains(&more), "{more}");
    assert_eq!(after["findings"][0]["staffExtensions"][0]["days"], 15);
    assert!(!after.to_string().contains("\"by\""), "{after:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_appeal_wants_what_the_first_did_not_bring() {
    let mut world = World::at(START).await;
    let (who, filed) = told(&mut world).await;
    let case = world.case(&who.account).await.unwrap();
    let finding = case["findings"][0]["id"].clone();
    let appeal = |material: Option<Json>| {
        let mut body = json!({ "finding": finding, "reason": "源站在贵司" });
        if let Some(material) = material {
            body["material"] = material;
        }
        body
    };
    let refused = json!({ "finding": finding, "granted": false, "reason": "解析不符" });
    let first = act(&mut world, &who, "appeals", appeal(None)).await;
    assert_eq!(first.status, 202, "{first:#?}");
    let decided = decide(&mut world, &who, "appeal-decisions", refused.clone()).await;
    assert_eq!(decided.status, 202, "{decided:#?}");
    let bare = act(&mut world, &who, "appeals", appeal(None)).await;
    assert_eq!(bare.status, 409, "{bare:#?}");
    let nowhere = json!({ "order": "absent", "material": "absent" });
    let absent = act(&mut world, &who, "appeals", appeal(Some(nowhere))).await;
    assert_eq!(absent.status, 400, "{absent:#?}");
    let (order, material) = uploaded(&mut world, &who, &filed).await;
    let new = json!({ "order": order, "material": material });
    let second = act(&mut world, &who, "appeals", appeal(Some(new.clone()))).await;
    assert_eq!(second.status, 202, "{second:#?}");
    let decided = decide(&mut world, &who, "appeal-decisions", refused).await;
    assert_eq!(decided.status, 202, "{decided:#?}");
    let third = act(&mut world, &who, "appeals", appeal(Some(new))).await;
    assert_eq!(third.status, 409, "{third:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_told_and_stops_nothing_is_closed_by_the_audit_that_sees_it_put_right() {
    let mut world = World::at(START).await;
    let notify = json!({ "firstSettings": { "levelsOfRules": { "ICP-402": "notify" } } });
    let text = notify.to_string();
    world.stage.reconfigure("policy.json", text).unwrap();
    let (who, _) = told(&mut world).await;
    world.stage.sites.point(&who.domain, OURS).await;
    // Longer than its period, and until the next audit.
    world.hours(24 * 40).await;
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["findings"][0]["state"]["why"], "put-right", "{case:#}");
    let mails = world.stage.deployment.mails();
    assert!(
        mails.iter().any(|mail| mail.subject.contains("办结")),
        "{mails:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exemption_closes_the_finding_and_holds_until_its_end() {
    let mut world = World::at(START).await;
    let (who, filed) = told(&mut world).await;
    let case = world.case(&who.account).await.unwrap();
    let finding = &case["findings"][0]["id"];
    let until = |at: &str| json!({ "finding": finding, "until": at, "reason": "省局同意暂缓" });
    for at in ["2026-03-01T00:00:00Z", "2028-03-01T00:00:00Z"] {
        let refused = decide(&mut world, &who, "exemptions", until(at)).await;
        assert_eq!(refused.status, 400, "{refused:#?}");
    }
    let end = "2026-05-01T00:00:00Z";
    let exempted = decide(&mut world, &who, "exemptions", until(end)).await;
    assert_eq!(exempted.status, 202, "{exempted:#?}");
    let after = world.case(&who.account).await.unwrap();
    assert_eq!(after["findings"][0]["state"]["why"], "exempt", "{after:#}");
    assert_eq!(after["findings"][0]["exemptUntil"], end, "{after:#}");
    // An audit later nothing is found; after its end it is.
    world.hours(24 * 35).await;
    assert_eq!(world.case(&who.account).await.unwrap()["id"], case["id"]);
    let route = format!("GET /review/filings/{}/reports", filed.subject);
    let reports = world.staff("reviewer", &route, None, None).await;
    assert_eq!(reports.body["exemptions"][0]["rule"], "ICP-402");
    let account = who.account.clone();
    world
        .until("found anew", 60, async |stage| {
            let found = crate::world::case_of(stage, &account).await.unwrap();
            found["id"] != case["id"] && found["findings"][0]["rule"] == "ICP-402"
        })
        .await;
    assert!(jiff::Timestamp::from_str(end).unwrap() < world.stage.now());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_was_put_right_after_its_last_look_is_not_stopped_by_a_release_three_days_later()
 {
    let mut world = World::at(START).await;
    let (who, filed) = condemned(&mut world).await;
    world.stage.sites.point(&who.domain, OURS).await;
    world.hours(24 * 3).await;
    release(&mut world, &who).await;
    is(&mut world, &who, "closed").await;
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["findings"][0]["state"]["why"], "put-right");
    assert_eq!(link(&mut world, &who, &filed).await, "live");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_stopped_who_was_promised_a_call_that_was_not_made() {
    let mut world = World::at(START).await;
    let (who, filed) = told(&mut world).await;
    let slot = json!({ "person": "p1", "from": "2026-03-19T14:00:00+08:00" });
    let chosen = act(&mut world, &who, "call-slots", slot).await;
    assert_eq!(chosen.status, 202, "{chosen:#?}");
    is(&mut world, &who, "condemned").await;
    release(&mut world, &who).await;
    world.hours(24 * 7).await;
    assert_eq!(link(&mut world, &who, &filed).await, "live");
    // Each morning the alarm rings for whoever forgot the call.
    let deployment = &world.stage.deployment;
    deployment.clock().advance(SignedDuration::from_hours(24));
    let swept = swept(&world.stage).await;
    assert_eq!(swept["decisionsOverdue"], 1, "{swept:#}");
    // Another time that is chosen takes nothing of that away.
    let slot = json!({ "person": "p1", "from": "2026-04-03T14:00:00+08:00" });
    let chosen = act(&mut world, &who, "call-slots", slot).await;
    assert_eq!(chosen.status, 202, "{chosen:#?}");
    world.hours(24).await;
    assert_eq!(link(&mut world, &who, &filed).await, "live");
    assert_eq!(world.case(&who.account).await.unwrap()["callOwed"], true);
    let called = json!({ "person": "p1", "outcome": "is-the-person" });
    assert_eq!(decide(&mut world, &who, "calls", called).await.status, 202);
    is(&mut world, &who, "stopped").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_no_longer_used_gets_the_order_with_the_least_loss_and_no_other() {
    let mut world = World::at(START).await;
    let (who, filed) = told(&mut world).await;
    let case = world.case(&who.account).await.unwrap();
    let route = format!("POST /cases/{}/give-ups", case["id"].as_str().unwrap());
    // Nothing is begun on a guess: whether another provider serves it is not known here.
    let bare = json!({ "says": "no-longer-used" });
    let asked = world.filer(&who.account, &route, None, Some(bare)).await;
    assert_eq!(asked.status, 200, "{asked:#?}");
    assert!(
        !asked.body["advice"]["questions"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let none = world.filer(&who.account, "GET /orders", None, None).await;
    assert_eq!(
        none.body["items"].as_array().unwrap().len(),
        1,
        "the first filing's alone"
    );
    let answers = json!({ "record": "site", "freshness": "fresh", "pendingOrder": "none",
        "otherProvider": "yes", "otherServices": "no", "domainOfAnother": "no" });
    let body = json!({ "says": "no-longer-used", "answers": answers });
    let ask = |key: &'static str| Ask {
        role: Some("filer"),
        account: &who.account,
        route: &route,
        version: None,
        key: Some(key),
        body: Some(body.clone()),
    };
    let begun = world.ask(ask("gives-up")).await;
    assert_eq!(begun.status, 201, "{begun:#?}");
    assert_eq!(begun.body["kind"], "cancel-access");
    assert_eq!(
        world.ask(ask("gives-up")).await.body,
        begun.body,
        "a repeat is the same"
    );
    // Submitted, it holds the case still.
    let order = begun.body["id"].as_str().unwrap();
    let submission = format!("POST /orders/{order}/submission");
    let submitted = world
        .filer(&who.account, &submission, begun.version, None)
        .await;
    assert_eq!(submitted.status, 200, "{submitted:#?}");
    let held = world.case(&who.account).await.unwrap();
    assert_eq!(held["findings"][0]["frozen"], true, "{held:#}");
    assert_eq!(link(&mut world, &who, &filed).await, "live");
}
