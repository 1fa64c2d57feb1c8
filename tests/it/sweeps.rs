//! Sweeps: rows that do not read or are refused stand in nobody's way, what was left behind is found
//! once a day, and a tick without time for all makes some stops all the same.

use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::types::AttributeValue;
use icp_domain::Invocation;
use icp_domain::finding::StepRefused;
use icp_domain::import::Column;
use icp_local::stage::{Applicant, ELSEWHERE, Stage};
use icp_store::{Key, keys};
use icp_use_cases::expire::{Reach, Stopped, Swept, Terms, stop_condemned, sweep_due};
use icp_use_cases::trouble::{Left, Trouble};
use jiff::SignedDuration;
use serde_json::json;

use crate::base::{bring, csv, order_stops, row};
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
    world.until_noticed(&who.account, 45).await;
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

/// Time for so many pieces of work and no more.
fn time_for(pieces: usize) -> impl Fn() -> bool + Sync {
    let left = AtomicUsize::new(pieces);
    move || {
        let next = |left: usize| left.checked_sub(1);
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next)
            .is_ok()
    }
}

/// A minute's tick with time for so many rows and so many stops.
async fn tick_with(stage: &Stage, minute: u8, rows: usize, stops: usize) -> (Vec<Swept>, Stopped) {
    let (store, files) = (Table::store(stage), Table::files(stage));
    let now = stage.now() + SignedDuration::from_mins(i64::from(minute));
    let mut inv = Invocation::fixed(now, u64::from(minute));
    let mut terms = Terms::read(&store, stage.rulebook).await.unwrap();
    let (rows, stops) = (time_for(rows), time_for(stops));
    let reach = Reach {
        store: &store,
        files: &files,
        rulebook: stage.rulebook,
        has_time: &rows,
    };
    let mut swept = Vec::new();
    for shard in 0..keys::WAKE_SHARDS {
        let shard = (shard + minute) % keys::WAKE_SHARDS;
        swept.push(sweep_due(reach, &mut inv, &mut terms, shard).await.unwrap());
    }
    let not_reached = swept.iter().map(|swept| swept.not_reached).sum();
    let wanted = swept
        .iter_mut()
        .flat_map(|swept| std::mem::take(&mut swept.wanted));
    let reach = Reach {
        has_time: &stops,
        ..reach
    };
    let stopped = stop_condemned(reach, &inv, &terms, wanted.collect(), not_reached).await;
    (swept, stopped.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tick_that_has_time_for_few_makes_some_stops_and_loses_none() {
    let many = 20;
    let now = "2026-03-02T02:00:00Z".parse().unwrap();
    let stage = Stage::start(Stage::template(), now).await.unwrap();
    let base: Vec<_> = (1..=many)
        .map(|n| row(n, &[(Column::Access, "是")]))
        .collect();
    bring(&stage, "csv", &csv(&base), json!({})).await;
    order_stops(&stage, many).await;

    let (mut stopped, mut ticks) = (0, 0);
    while stopped < many as usize {
        ticks += 1;
        let (swept, pass) = tick_with(&stage, ticks, 5, 3).await;
        let reached: usize = swept.iter().map(|swept| swept.done).sum();
        assert!(reached <= 5, "{swept:#?}");
        assert!((1..=3).contains(&pass.links), "tick {ticks}: {pass:#?}");
        assert_eq!(pass.links + pass.not_reached, reached, "tick {ticks}");
        // What stays due says since when, wherever the time was over.
        for shard in &swept {
            assert_eq!(shard.oldest_left.is_some(), 0 < shard.not_reached);
        }
        assert_eq!(pass.oldest_left.is_some(), 0 < pass.not_reached);
        stopped += pass.links;
    }
    let brake = stage
        .staff("operator", "GET /operations/brake", None, None)
        .await
        .unwrap();
    assert_eq!(brake.body["liveLinks"], 0, "{:#}", brake.body);
    assert_eq!(brake.body["stoppedInLastDay"], many, "{:#}", brake.body);
    let (swept, pass) = tick_with(&stage, ticks + 1, 5, 3).await;
    let left = |swept: &Swept| swept.done + swept.not_reached;
    assert_eq!(swept.iter().map(left).sum::<usize>(), 0, "{swept:#?}");
    assert_eq!((pass.links, pass.not_reached), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_whose_days_were_lengthened_sleeps_until_they_are_over() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let wish = Some(json!({ "kind": "first-filing", "draft": who.draft() }));
    let begun = world.filer(&who.account, "POST /orders", None, wish).await;
    let route = format!("GET /orders/{}", begun.body["id"].as_str().unwrap());
    world.hours(24).await;
    let longer = json!({ "orders": { "draftDays": 75 } });
    world
        .stage
        .reconfigure("policy.json", longer.to_string())
        .unwrap();
    world.hours(24 * 73).await;
    let alive = world.filer(&who.account, &route, None, None).await;
    assert_eq!(alive.body["state"]["state"], "draft", "{alive:#?}");
    world.hours(24 * 2).await;
    let dead = world.filer(&who.account, &route, None, None).await;
    assert_eq!(dead.body["state"]["state"], "dead", "{dead:#?}");
}
