//! Sweeps: rows that do not read or are refused stand in nobody's way, and what was left behind is
//! found once a day.

use aws_sdk_dynamodb::types::AttributeValue;
use icp_domain::finding::StepRefused;
use icp_local::stage::{Applicant, ELSEWHERE, Stage};
use icp_store::Key;
use icp_use_cases::trouble::{Left, Trouble};
use jiff::SignedDuration;
use serde_json::json;

use crate::table::Table;
use crate::world::{World, finding_state};

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

async fn quarantined(stage: &Stage) -> Vec<String> {
    let listed = stage
        .staff("operator", "GET /operations/quarantine", None, None)
        .await
        .unwrap();
    let rows = listed.body["items"].as_array().unwrap().iter();
    rows.map(|row| format!("{} {}", row["key"]["pk"], row["key"]["sk"]).replace('"', ""))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_the_domain_refuses_is_set_aside_on_the_third_sweep() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    let store = Table::store(&world.stage);
    let row = Key {
        pk: format!("SUBJECT#{}", filed.subject),
        sk: "CLOCK#1".to_owned(),
    };
    let refused = || Trouble::Refused(StepRefused::NoSuchLook);
    let now = world.stage.now();
    let settle = async |trouble: Trouble| {
        let left = trouble
            .settle(&store, world.stage.rulebook, &row, now)
            .await;
        left.unwrap()
    };
    assert_eq!(settle(refused()).await, Left::Due);
    assert_eq!(settle(refused()).await, Left::Due);
    assert_eq!(settle(refused()).await, Left::SetAside);
    let name = format!("SUBJECT#{} CLOCK#1", filed.subject);
    assert_eq!(quarantined(&world.stage).await, [name]);
    let table = Table::of(&world.stage);
    assert_eq!(table.read(&row.pk, &row.sk, "wake_pk").await, None);
    let requeue = Some(json!({ "pk": row.pk, "sk": row.sk }));
    let route = "POST /operations/quarantine/requeues";
    let woken = world.staff("operator", route, None, requeue.clone()).await;
    assert_eq!(woken.body, json!({ "requeued": true }));
    assert!(table.read(&row.pk, &row.sk, "wake_pk").await.is_some());
    assert_eq!(quarantined(&world.stage).await, [""; 0]);
    let again = world.staff("operator", route, None, requeue).await;
    assert_eq!(again.body, woken.body, "the same request again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_does_not_read_is_set_aside_and_holds_up_no_other_audit() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let (bad, good) = (Applicant::new(1, "one.cn"), Applicant::new(2, "two.cn"));
    let filed = world.file(&bad).await;
    world.file(&good).await;
    let table = Table::of(&world.stage);
    let partition = format!("SUBJECT#{}", filed.subject);
    table
        .set(&partition, "SERVICE#1", "details", text("damaged"))
        .await;
    // Nothing is judged of the damaged filing either: its subject is looked at, and set aside too.
    let before = world.looks();
    world.hours(24 * 31).await;
    let mut aside = quarantined(&world.stage).await;
    aside.sort();
    let clocks = [
        format!("{partition} CLOCK#1"),
        format!("{partition} CLOCK#S"),
    ];
    assert_eq!(aside, clocks);
    assert!(before + 2 <= world.looks(), "both units of the good filing");
}

/// Moves every watermark of a family past what is due: as after a row that came to the index later
/// than any sweep waits.
async fn pass_by(stage: &Stage, family: &str, until: &str) {
    let table = Table::of(stage);
    let name = format!("SWEEP#{family}");
    for shard in table.rows(&name).await {
        table.set(&name, &shard, "from", text(until)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_that_the_sweep_went_past_is_found_by_the_daily_one() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world.file(&who).await;
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    world
        .until("noticed", 45, async |stage| {
            let case = crate::world::case_of(stage, &who.account).await;
            case.is_some_and(|case| case["findings"][0]["notifiedAt"].is_string())
        })
        .await;
    let due = world.case(&who.account).await.unwrap()["findings"][0]["dueAt"].clone();
    let due: jiff::Timestamp = due.as_str().unwrap().parse().unwrap();
    let late = (due + SignedDuration::from_hours(240)).to_string();
    pass_by(&world.stage, "DEADLINE", &late).await;
    // The daily sweep has the reminders, the deadline and the last looks to itself.
    let state = async |world: &World| finding_state(&world.stage, &who.account).await.unwrap();
    let left = due.duration_since(world.stage.now());
    world.hours(left.as_hours() + 24).await;
    assert_eq!(state(&world).await, "last-look");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_that_both_cursors_went_past_is_sent_by_the_daily_sweep() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    world.file(&Applicant::new(1, "one.cn")).await;
    world.hours(3).await;
    for family in ["AUDIT", "AUDIT-AGAIN"] {
        pass_by(&world.stage, family, "2027-01-01T00:00:00Z").await;
    }
    let before = world.looks();
    world.hours(24 * 33).await;
    assert!(before + 2 <= world.looks(), "subject and service");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_the_sweep_went_past_is_sent_by_the_daily_one() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world.file(&who).await;
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    world
        .until("a case", 45, async |stage| {
            finding_state(stage, &who.account).await.is_some()
        })
        .await;
    // The first notice waits for its hour, which the watermark is already past.
    pass_by(&world.stage, "OUTBOX", "2027-01-01T00:00:00Z").await;
    world
        .until("noticed", 4, async |stage| {
            let case = crate::world::case_of(stage, &who.account).await.unwrap();
            case["findings"][0]["notifiedAt"].is_string()
        })
        .await;
}
