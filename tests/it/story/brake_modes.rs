//! The brake's modes that stop nothing, and its caps where two passes are under way at once.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use icp_domain::Invocation;
use icp_domain::brake::next_stop_window;
use icp_local::stage::{Applicant, Ask, Stage};
use icp_store::keys;
use icp_use_cases::expire::{Reach, Stopped, Swept, Terms, Wanted, stop_condemned, sweep_due};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::runtime::Handle;

use crate::table::Table;
use crate::world::{World, finding_state};

/// Applicants whose certificates lapse tomorrow: what rows say stays so, however long ago it was read.
fn lapsing(many: u32) -> Vec<Applicant> {
    let of = |n: u32| Applicant {
        certificate_until: Some("2026-03-03".to_owned()),
        ..Applicant::new(n, &format!("lapsing-{n}.cn"))
    };
    (1..=many).map(of).collect()
}

async fn set(world: &mut World, mode: &str) {
    let brake = world
        .staff("operator", "GET /operations/brake", None, None)
        .await;
    let set = Some(json!({ "mode": mode }));
    let route = "POST /operations/brake";
    let done = world.staff("operator", route, brake.version, set).await;
    assert_eq!(done.status, 200, "{done:#?}");
}

/// All of them filed and condemned, and released in an evening.
async fn released(world: &mut World, all: &[Applicant]) {
    for who in all {
        world.file(who).await;
    }
    world
        .until("condemned", 90, async |stage| {
            for who in all {
                if finding_state(stage, &who.account).await.as_deref() != Some("condemned") {
                    return false;
                }
            }
            true
        })
        .await;
    let evening = |now: Timestamp| icp_domain::rulebook::calendar::local_time(now).hour() == 20;
    while !evening(world.stage.now()) {
        world.hours(1).await;
    }
    let mut findings = Vec::new();
    for who in all {
        let case = world.case(&who.account).await.unwrap();
        let finding = &case["findings"][0];
        findings.push(json!({ "case": case["id"], "finding": finding["id"],
            "look": finding["state"]["looks"][0]["look"] }));
    }
    let release = Ask {
        role: Some("operator"),
        account: "staff",
        route: "POST /operations/releases",
        version: None,
        key: Some("release"),
        body: Some(json!({ "findings": findings })),
    };
    let done = world.ask(release).await;
    let went = done.body["released"].as_array().map(Vec::len);
    assert_eq!(went, Some(all.len()), "{done:#?}");
}

async fn state(world: &World, who: &Applicant) -> String {
    finding_state(&world.stage, &who.account).await.unwrap()
}

/// What a sweep of every shard comes to at an instant to which the stage's clock has not come.
async fn swept_at(stage: &Stage, terms: &mut Terms, now: Timestamp) -> Vec<Swept> {
    let (store, files) = (Table::store(stage), Table::files(stage));
    let reach = Reach {
        store: &store,
        files: &files,
        rulebook: stage.rulebook,
        has_time: &|| true,
    };
    let mut inv = Invocation::fixed(now, 1);
    let mut all = Vec::new();
    for shard in 0..keys::WAKE_SHARDS {
        all.push(sweep_due(reach, &mut inv, terms, shard).await.unwrap());
    }
    all
}

/// What a pass over these comes to at an instant.
async fn stopped_at(
    stage: &Stage,
    (terms, now): (&Terms, Timestamp),
    (wanted, not_reached): (Vec<Wanted>, usize),
    has_time: &(dyn Fn() -> bool + Sync),
) -> Stopped {
    let (store, files) = (Table::store(stage), Table::files(stage));
    let reach = Reach {
        store: &store,
        files: &files,
        rulebook: stage.rulebook,
        has_time,
    };
    let inv = Invocation::fixed(now, 2);
    let pass = stop_condemned(reach, &inv, terms, wanted, not_reached);
    Box::pin(pass).await.unwrap()
}

async fn terms(stage: &Stage) -> Terms {
    Terms::read(&Table::store(stage), stage.rulebook)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_it_would_stop_and_stops_nothing() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let all = lapsing(1);
    set(&mut world, "dry-run").await;
    released(&mut world, &all).await;
    world.hours(24 * 3).await;
    assert_eq!(state(&world, &all[0]).await, "condemned");

    let (now, policy) = (world.stage.now(), &world.stage.rulebook.policy.brake);
    let window = next_stop_window(now, policy, &world.stage.rulebook.calendar);
    let mut read = terms(&world.stage).await;
    let swept = swept_at(&world.stage, &mut read, window).await;
    assert_eq!(swept.iter().map(|swept| swept.would_stop).sum::<usize>(), 1);
    assert!(swept.iter().all(|swept| swept.wanted.is_empty()));

    // What was released meanwhile is stopped when stops are.
    set(&mut world, "manual").await;
    world.hours(24 * 7).await;
    assert_eq!(state(&world, &all[0]).await, "stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brake_that_is_off_stops_nothing_however_it_was_released() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let all = lapsing(1);
    released(&mut world, &all).await;
    set(&mut world, "off").await;
    world.hours(24 * 4).await;
    assert_eq!(state(&world, &all[0]).await, "condemned");
    set(&mut world, "manual").await;
    world.hours(24 * 4).await;
    assert_eq!(state(&world, &all[0]).await, "stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn passes_that_each_hold_a_cap_do_not_go_past_it_together() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    released(&mut world, &lapsing(6)).await;
    let stage = &world.stage;
    let (policy, calendar) = (&stage.rulebook.policy.brake, &stage.rulebook.calendar);
    let now = next_stop_window(stage.now(), policy, calendar);
    let mut read = terms(stage).await;
    // Two sweeps that reached three of six each: of so few links five may be stopped in a day.
    let swept = swept_at(stage, &mut read, now).await;
    let mut some: Vec<Wanted> = swept.into_iter().flat_map(|swept| swept.wanted).collect();
    assert_eq!(some.len(), 6);
    let others = some.split_off(3);
    // Both have asked the caps before either makes its first stop.
    let asked = Barrier::new(2);
    let handle = Handle::current();
    let passed = tokio::task::block_in_place(|| {
        let pass = |wanted| {
            let first = AtomicBool::new(true);
            let has_time = || {
                if first.swap(false, Ordering::Relaxed) {
                    asked.wait();
                }
                true
            };
            let pass = stopped_at(stage, (&read, now), (wanted, 0), &has_time);
            handle.block_on(pass)
        };
        thread::scope(|scope| {
            let one = scope.spawn(|| pass(some));
            let other = scope.spawn(|| pass(others));
            [one, other].map(|pass| pass.join().unwrap())
        })
    });
    let links: usize = passed.iter().map(|pass| pass.links).sum();
    assert!(links <= 5, "{passed:#?}");
    assert!(passed.iter().any(|pass| pass.latched), "{passed:#?}");
    let later = now + SignedDuration::from_mins(1);
    let held = swept_at(stage, &mut terms(stage).await, later).await;
    assert!(
        held.iter().all(|swept| swept.wanted.is_empty()),
        "{held:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_reached_holds_what_could_go_past_a_cap_with_it() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let all = lapsing(2);
    released(&mut world, &all).await;
    let stage = &world.stage;
    let (policy, calendar) = (&stage.rulebook.policy.brake, &stage.rulebook.calendar);
    let now = next_stop_window(stage.now(), policy, calendar);
    for (not_reached, stopped) in [(4, 0), (3, 2)] {
        let mut read = terms(stage).await;
        let swept = swept_at(stage, &mut read, now).await;
        let wanted = swept.into_iter().flat_map(|swept| swept.wanted).collect();
        let pass = stopped_at(stage, (&read, now), (wanted, not_reached), &|| true).await;
        assert_eq!(pass.links, stopped, "{pass:#?}");
        assert_eq!(pass.links + pass.not_reached, 2, "{pass:#?}");
        assert!(!pass.latched);
    }
}
