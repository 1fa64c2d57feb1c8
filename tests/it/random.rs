//! Random lives of filings over the whole deployment, held against a small model of what may be stopped.
//!
//! What happens is drawn from a seed: sites that move away and come back, names that cannot be asked for, what filers
//! and staff do, orders, bureaus' demands, findings that are taken back, faults of AWS, outages, clock steps, events that
//! come twice. The model knows when each site was broken and what people did, and nothing of how the service works.

mod acts;
mod life;
mod model;
mod staff;

use jiff::SignedDuration;

use life::Life;

/// One life of some filings, from a seed.
async fn live(seed: u64, filings: u32, days: i64) -> usize {
    let mut life = Life::begun(seed, filings).await;
    if life.chance.one_in(2) {
        life.stage.deployment.deliver_twice();
    }
    let end = life.stage.now() + SignedDuration::from_hours(24 * days);
    while life.stage.now() < end {
        if life.chance.one_in(2) {
            life.something().await;
        } else {
            life.staff_work().await;
        }
        life.observe().await;
        // Mostly some hours; at times an outage of more than a day.
        let hours = if life.chance.one_in(40) {
            30
        } else {
            1 + life.chance.below(5)
        };
        let step = SignedDuration::from_hours(i64::try_from(hours).unwrap());
        life.stage.pass(step, step).await.unwrap();
        life.observe().await;
    }
    life.stage.deployment.faults().clear();
    // What a fault put off is sent within a day.
    let day = SignedDuration::from_hours(24);
    life.stage
        .pass(day, SignedDuration::from_hours(1))
        .await
        .unwrap();
    life.observe().await;
    life.each_stop_is_told_once();
    let checks = life
        .ask(
            "operator",
            "ops",
            "GET /operations/history-checks/filed",
            None,
            None,
        )
        .await;
    for verdict in checks.body["items"].as_array().unwrap() {
        assert!(verdict["broken"].is_null(), "{verdict:#}");
    }
    crate::planted::is_nowhere(&life.stage.deployment);
    life.filers.iter().map(|filer| filer.stopped.len()).sum()
}

/// How many lives, of how many filings, and for how many days, with all other tests: enough for some stops. With
/// `ICP_RANDOM=8x10x365` in the environment of the build they are as many as that.
const LIVES: &str = "1x3x40";

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_nothing_is_stopped_that_may_not_be() {
    let lives = option_env!("ICP_RANDOM").unwrap_or(LIVES);
    let sizes: Vec<u32> = lives.split('x').map(|size| size.parse().unwrap()).collect();
    let [many, filings, days] = sizes[..] else {
        panic!("{lives}");
    };
    let mut stops = 0;
    for seed in 1..=u64::from(many) {
        stops += live(seed, filings, i64::from(days)).await;
    }
    println!("{lives} lives: {stops} stops");
    assert!(0 < stops, "lives in which nothing is stopped test nothing");
}
