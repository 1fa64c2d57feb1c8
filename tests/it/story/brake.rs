//! The brake: what `automatic` wants to see first, and what a lowered level holds.

use aws_sdk_dynamodb::types::AttributeValue;
use icp_local::stage::{Applicant, Ask, ELSEWHERE, OURS};
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
    let refused = world
        .staff("operator", route, lowered.version, set("enforce"))
        .await;
    assert_eq!(refused.status, 409, "{refused:#?}");
    let wish = json!({ "rule": "ICP-402", "scope": "everybody", "level": "enforce" });
    let previewed = world
        .staff(
            "operator",
            "POST /operations/level-previews",
            None,
            Some(wish.clone()),
        )
        .await;
    let mut raise = wish;
    raise["preview"] = previewed.body["token"].clone();
    let raised = world
        .staff("operator", route, lowered.version, Some(raise))
        .await;
    assert_eq!(raised.status, 200, "{raised:#?}");
    world.hours(24 * 5).await;
    assert_eq!(state(&world, &who).await, "stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_filings_own_rows_no_longer_say_is_not_stopped_however_it_was_released() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    // The proof lapsed long ago: a fault of the rows, which one reading condemns.
    let lapsed = |text: &str| AttributeValue::S(text.to_owned());
    let proof = [
        ("verifiedAt".to_owned(), lapsed("2024-12-01T00:00:00Z")),
        ("until".to_owned(), lapsed("2025-12-01T00:00:00Z")),
    ];
    let partition = format!("SUBJECT#{}", filed.subject);
    Table::of(&world.stage)
        .set(
            &partition,
            "PERSON#p1",
            "proof",
            AttributeValue::M(proof.into()),
        )
        .await;
    world
        .until("condemned", 60, async |stage| {
            finding_state(stage, &who.account).await.as_deref() == Some("condemned")
        })
        .await;
    let case = world.case(&who.account).await.unwrap();
    let finding = &case["findings"][0];
    assert_eq!(finding["rule"], "ICP-201");
    let release = json!({ "findings": [{ "case": case["id"], "finding": finding["id"],
        "look": finding["state"]["looks"][0]["look"] }]});
    let released = world
        .staff("operator", "POST /operations/releases", None, Some(release))
        .await;
    assert_eq!(released.body["released"].as_array().unwrap().len(), 1);
    // In the very hours before the window the filer proves the number, and asks for nothing.
    let holder = format!("/filings/{}", filed.subject);
    let seen = &mut |_: &str, answer: &icp_local::stage::Answer| assert!(answer.status < 400);
    let verified = world
        .stage
        .verify(&who.account, &holder, "p1", &who.mobile, seen);
    verified.await.unwrap();
    world.hours(24 * 5).await;
    let after = world.case(&who.account).await.unwrap();
    assert_eq!(
        after["findings"][0]["state"]["why"], "put-right",
        "{after:#}"
    );
    let read = world
        .filer(&who.account, &format!("GET {holder}"), None, None)
        .await;
    assert_eq!(read.body["services"][0]["link"]["state"], "live");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_condemned_findings_the_released_one_stops_and_the_other_is_overtaken() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    // Two faults of one unit: tomorrow the identity document and the certificate's copy lapse.
    let tomorrow = Some("2026-03-03".to_owned());
    let who = Applicant {
        certificate_until: tomorrow.clone(),
        identity_until: tomorrow,
        ..Applicant::new(1, "one.cn")
    };
    let filed = world.file(&who).await;
    let two = async |stage: &icp_local::stage::Stage| {
        let case = crate::world::case_of(stage, &who.account).await;
        let findings = case.map(|case| case["findings"].as_array().unwrap().clone());
        let condemned = |finding: &serde_json::Value| finding["state"]["state"] == "condemned";
        findings.is_some_and(|all| all.iter().filter(|one| condemned(one)).count() == 2)
    };
    world.until("two condemned", 90, two).await;
    let case = world.case(&who.account).await.unwrap();
    let second = &case["findings"][1];
    let looks = second["state"]["looks"].as_array().unwrap();
    let release = json!({ "findings": [{ "case": case["id"], "finding": second["id"],
        "look": looks.last().unwrap()["look"] }]});
    world
        .staff("operator", "POST /operations/releases", None, Some(release))
        .await;
    world.hours(24 * 5).await;
    let after = world.case(&who.account).await.unwrap();
    let ended = |at: usize| after["findings"][at]["state"].clone();
    assert_eq!(ended(1)["state"], "stopped", "{after:#}");
    assert_eq!(ended(0)["why"], "overtaken", "{after:#}");
    // Nobody is told, reminded or looked at any more of what has no access.
    let told = world.stage.deployment.sms().len();
    let looks = world.looks();
    world.hours(24 * 40).await;
    assert_eq!(world.stage.deployment.sms().len(), told);
    assert_eq!(world.looks(), looks, "{}", filed.subject);
}

/// Counts that a rule's audits of a day came to, as many commits before would have left them.
async fn counted(world: &World, partition: &str, day: &str, counter: &str, count: u32) {
    let table = Table::of(&world.stage);
    let shard = format!("{day}#15");
    for (attribute, value) in [("shape", 1), ("version", 1), (counter, count)] {
        let value = AttributeValue::N(value.to_string());
        table.set(partition, &shard, attribute, value).await;
    }
}

/// A case of a run that broke beyond measure, and the run's day: nobody was told yet.
async fn with_a_held_run() -> (World, Applicant, String) {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world.file(&who).await;
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    let opened =
        async |stage: &icp_local::stage::Stage| finding_state(stage, &who.account).await.is_some();
    world.until("a case", 40, opened).await;
    let day = icp_domain::rulebook::calendar::local_date(world.stage.now()).to_string();
    // A thousand units were planned that day, and twenty others broke.
    counted(&world, "RUN#UNITS", &day, "services", 999).await;
    counted(&world, "RUN#ICP-402", &day, "broken", 20).await;
    (world, who, day)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_run_that_broke_beyond_measure_nobody_is_told_before_people_have_looked() {
    let (mut world, who, day) = with_a_held_run().await;
    let told = world.stage.deployment.sms().len();
    world.hours(48).await;
    assert_eq!(world.stage.deployment.sms().len(), told);
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["findings"][0]["notifiedAt"], json!(null), "{case:#}");
    let listed = world
        .staff("operator", "GET /operations/notice-holds", None, None)
        .await;
    let held = &listed.body["items"][0];
    let run = format!("ICP-402.{day}");
    assert_eq!(held["run"], run, "{listed:#?}");
    assert_eq!(held["broken"], 21);
    assert_eq!(held["released"], json!(null));
    let release = format!("POST /operations/notice-holds/{run}/releases");
    let (version, why) = (
        held["version"].as_u64(),
        json!({ "reason": "twenty were looked at" }),
    );
    let stale = world
        .staff("operator", &release, Some(9), Some(why.clone()))
        .await;
    assert_eq!(stale.status, 412, "{stale:#?}");
    let released = world.staff("operator", &release, version, Some(why)).await;
    assert_eq!(released.status, 200, "{released:#?}");
    assert_eq!(released.body["released"]["reason"], "twenty were looked at");
    world.hours(24).await;
    assert!(told < world.stage.deployment.sms().len());
    let again = json!({ "reason": "once more" });
    let twice = world
        .staff("operator", &release, released.version, Some(again))
        .await;
    assert_eq!(twice.status, 409, "{twice:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_run_found_is_told_although_a_finding_of_the_same_notice_is_held() {
    let (mut world, who, day) = with_a_held_run().await;
    let filings = world.filer(&who.account, "GET /filings", None, None).await;
    let subject = filings.body["items"][0]["id"].as_str().unwrap();
    let route = format!("POST /review/filings/{subject}/registry-answers");
    let answer = json!({ "source": "公示系统", "certificateNumber": who.credit_code,
        "asOf": day, "registeredName": "示例公司", "state": "注销", "reason": "到期复查" });
    let answered = world.staff("reviewer", &route, None, Some(answer)).await;
    assert!(answered.status < 300, "{answered:#?}");
    world.hours(48).await;
    let cases = world.filer(&who.account, "GET /cases", None, None).await;
    let mut told = Vec::new();
    for listed in cases.body["items"].as_array().unwrap() {
        let case = format!("GET /cases/{}", listed["id"].as_str().unwrap());
        let case = world.filer(&who.account, &case, None, None).await.body;
        let finding = &case["findings"][0];
        let rule = finding["rule"].as_str().unwrap().to_owned();
        told.push((rule, !finding["notifiedAt"].is_null()));
    }
    told.sort();
    let expected = [("ICP-107".to_owned(), true), ("ICP-402".to_owned(), false)];
    assert_eq!(told, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_held_run_found_wrongly_is_closed_by_the_next_look_and_nobody_hears_of_it() {
    let (mut world, who, _) = with_a_held_run().await;
    let told = world.stage.deployment.sms().len();
    // It was us, not the site: what is seen from now on is as it must be.
    world.stage.sites.point(&who.domain, OURS).await;
    // Past the three working days after which staff would have to call.
    world.hours(24 * 8).await;
    let listed = world
        .staff("reviewer", "GET /review/cases", None, None)
        .await;
    assert_eq!(listed.body["items"], json!([]), "{listed:#?}");
    let closed = async |stage: &icp_local::stage::Stage| {
        finding_state(stage, &who.account).await.as_deref() == Some("closed")
    };
    world.until("closed", 32, closed).await;
    assert_eq!(world.stage.deployment.sms().len(), told);
    assert_eq!(
        world.stage.deployment.topic_messages().len(),
        1,
        "its access alone"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_tell_nobody_of_what_a_held_run_found() {
    let (mut world, who, _) = with_a_held_run().await;
    world.hours(48).await;
    let sent = (
        world.stage.deployment.sms().len(),
        world.stage.deployment.mails().len(),
    );
    // Two working days on which nobody answers, and a third.
    for _ in 0..5 {
        let case = world.case(&who.account).await.unwrap();
        let route = format!("POST /review/cases/{}/calls", case["id"].as_str().unwrap());
        let key = world.stage.now().as_second().to_string();
        let ask = Ask {
            role: Some("reviewer"),
            account: "staff",
            route: &route,
            key: Some(&key),
            version: case["version"].as_u64(),
            body: Some(json!({ "person": "p1", "outcome": "no-answer" })),
        };
        let called = world.ask(ask).await;
        assert_eq!(called.status, 202, "{called:#?}");
        world.hours(24).await;
    }
    let case = world.case(&who.account).await.unwrap();
    assert_eq!(case["findings"][0]["notifiedAt"], json!(null), "{case:#}");
    let deployment = &world.stage.deployment;
    assert_eq!((deployment.sms().len(), deployment.mails().len()), sent);
}
