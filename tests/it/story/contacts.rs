//! Persons and their proofs: asked again in time, locked and unlocked, and under attack.

use futures::future::join_all;
use icp_local::stage::{Answer, Applicant, Ask};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::world::World;

mod without_account;

const DAY: SignedDuration = SignedDuration::from_hours(24);
const TEN: SignedDuration = SignedDuration::from_mins(10);

/// A call of an account about a person, under a key.
async fn call(world: &World, account: &str, route: &str, key: &str, body: Option<Json>) -> Answer {
    let ask = Ask {
        role: Some("filer"),
        account,
        route,
        key: Some(key),
        version: None,
        body,
    };
    world.stage.ask(ask).await.unwrap()
}

/// The first person of a filing as its account sees it.
async fn person(world: &World, account: &str, subject: &str) -> Json {
    let route = format!("GET /filings/{subject}/persons");
    let seen = call(world, account, &route, "read", None).await;
    seen.body["items"][0].clone()
}

/// What was sent to ask for a proof anew: how many.
fn asked(world: &World) -> usize {
    let sms = world.stage.deployment.sms();
    sms.iter().filter(|sms| sms.text.contains("核验于")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_asked_three_times_before_a_proof_lapses_and_never_after_it_was_given_anew() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    world.stage.pass(DAY * 300, DAY * 30).await.unwrap();
    assert_eq!(
        person(&world, &who.account, &filed.subject).await["state"],
        "verified"
    );
    let mut days = Vec::new();
    for day in 301..=360 {
        let before = asked(&world);
        world.stage.pass(DAY - TEN, DAY).await.unwrap();
        // Until the number's texts of the day are gathered.
        world.stage.pass(TEN, TEN).await.unwrap();
        assert!(asked(&world) <= before + 1);
        if before < asked(&world) {
            days.push(365 - day);
        }
    }
    assert_eq!(days, [60, 30, 7]);
    let seen = person(&world, &who.account, &filed.subject).await;
    assert_eq!(seen["state"], "lapsing", "{seen:#}");
    assert_eq!(seen["subjectPrincipal"], true);
    assert_eq!(seen["principalOf"], json!(["1"]));

    let path = format!("POST /filings/{}/persons/p1", filed.subject);
    let sent = call(&world, &who.account, &format!("{path}/codes"), "anew", None).await;
    assert_eq!(sent.status, 202);
    let seen = person(&world, &who.account, &filed.subject).await;
    assert_eq!(seen["code"]["attemptsLeft"], 5, "{seen:#}");
    assert!(seen["nextCodeAt"].is_string());
    let code = json!({ "code": world.stage.last_code(&who.mobile).unwrap() });
    let route = format!("{path}/confirmations");
    assert_eq!(
        call(&world, &who.account, &route, "anew", Some(code))
            .await
            .status,
        200
    );
    let seen = person(&world, &who.account, &filed.subject).await;
    assert_eq!(
        (&seen["state"], &seen["code"]),
        (&json!("verified"), &Json::Null)
    );
    world.stage.pass(DAY * 30, DAY * 10).await.unwrap();
    assert_eq!(
        asked(&world),
        3,
        "of the proof that was given anew nothing is said yet"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_failures_lock_a_person_until_staff_unlock_it() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    let path = format!("POST /filings/{}/persons/p1", filed.subject);
    let (codes, confirmations) = (format!("{path}/codes"), format!("{path}/confirmations"));
    let mut failures = 0;
    for n in 0.. {
        world
            .stage
            .pass(SignedDuration::from_hours(5), SignedDuration::from_hours(5))
            .await
            .unwrap();
        call(&world, &who.account, &codes, &format!("send-{n}"), None).await;
        let code = world.stage.last_code(&who.mobile).unwrap();
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for guess in 0..5 {
            let key = format!("guess-{n}-{guess}");
            let body = Some(json!({ "code": wrong }));
            let refused = call(&world, &who.account, &confirmations, &key, body).await;
            assert_eq!(
                refused.body["type"],
                "urn:icp-audit:problem:code-not-accepted"
            );
            failures += 1;
        }
        let seen = person(&world, &who.account, &filed.subject).await;
        if failures < 100 {
            assert_eq!(seen["state"], "verified", "after {failures}: {seen:#}");
        } else {
            assert_eq!(seen["state"], "locked", "{seen:#}");
            break;
        }
    }
    // A new code does not open it.
    let right = async |world: &World, key: &str| {
        world
            .stage
            .pass(SignedDuration::from_hours(5), SignedDuration::from_hours(5))
            .await
            .unwrap();
        call(world, &who.account, &codes, key, None).await;
        let code = world.stage.last_code(&who.mobile).unwrap();
        let body = Some(json!({ "code": code }));
        call(world, &who.account, &confirmations, key, body)
            .await
            .status
    };
    assert_eq!(right(&world, "locked").await, 422);
    let route = format!("POST /review/filings/{}/persons/p1/unlocks", filed.subject);
    let because = Some(json!({ "reason": "来电核实为负责人本人" }));
    let unlocked = world
        .stage
        .staff("reviewer", &route, None, because)
        .await
        .unwrap();
    assert_eq!(unlocked.status, 200, "{unlocked:#?}");
    let route = format!("GET /review/filings/{}/persons", filed.subject);
    let seen = world
        .stage
        .staff("reviewer", &route, None, None)
        .await
        .unwrap();
    assert_eq!(seen.body["items"][0]["state"], "verified");
    assert_eq!(right(&world, "unlocked").await, 200);
    let route = format!("GET /review/filings/{}/history", filed.subject);
    let history = world
        .stage
        .staff("reviewer", &route, None, None)
        .await
        .unwrap();
    assert!(history.body.to_string().contains("来电核实为负责人本人"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_guesses_at_once_five_are_compared() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    world.hours(3).await;
    let path = format!("POST /filings/{}/persons/p1", filed.subject);
    let (codes, confirmations) = (format!("{path}/codes"), format!("{path}/confirmations"));
    call(&world, &who.account, &codes, "send", None).await;
    let code = world.stage.last_code(&who.mobile).unwrap();
    let wrong: Vec<String> = (0..1000_u32)
        .map(|n| format!("{:06}", (code.parse::<u32>().unwrap() + 1 + n) % 1_000_000))
        .collect();
    let guesses = wrong.iter().map(|guess| {
        let body = Some(json!({ "code": guess }));
        call(&world, &who.account, &confirmations, guess, body)
    });
    let answers = join_all(guesses).await;
    assert!(answers.iter().all(|answer| answer.status == 422));
    let bodies: std::collections::BTreeSet<String> = answers
        .iter()
        .map(|answer| answer.body.to_string())
        .collect();
    assert_eq!(
        bodies.len(),
        1,
        "whatever became of a guess, it is answered alike"
    );
    let seen = person(&world, &who.account, &filed.subject).await;
    assert_eq!(seen["code"], Json::Null, "the code is spent: {seen:#}");
    let body = Some(json!({ "code": code }));
    let late = call(&world, &who.account, &confirmations, "right", body).await;
    assert_eq!(late.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sixty_four_right_inputs_at_once_one_verifies() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    world.hours(3).await;
    let path = format!("POST /filings/{}/persons/p1", filed.subject);
    let (codes, confirmations) = (format!("{path}/codes"), format!("{path}/confirmations"));
    call(&world, &who.account, &codes, "send", None).await;
    let code = world.stage.last_code(&who.mobile).unwrap();
    let keys: Vec<String> = (0..64).map(|n| format!("k{n}")).collect();
    let inputs = keys.iter().map(|key| {
        let body = Some(json!({ "code": code }));
        call(&world, &who.account, &confirmations, key, body)
    });
    let answers = join_all(inputs).await;
    let right = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(right, 1);
    let route = format!("GET /review/filings/{}/history", filed.subject);
    let history = world
        .stage
        .staff("reviewer", &route, None, None)
        .await
        .unwrap();
    let proofs = history.body["items"].as_array().unwrap().iter();
    // One of the first filing's draft, one of this.
    let proofs = proofs
        .filter(|entry| entry["what"] == "number-verified")
        .count();
    assert_eq!(proofs, 1 + right);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_caps_of_a_number_hold_exactly_however_many_ask_at_once() {
    let world = World::at("2026-03-02T02:00:00Z").await;
    // Eight accounts name one number in their drafts.
    let mut paths = Vec::new();
    let mobile = Applicant::new(1, "one.cn").mobile;
    for n in 1..=8 {
        let who = Applicant::new(n, &format!("site-{n}.cn"));
        let mut draft = who.draft();
        draft["persons"][0]["mobile"] = json!(mobile);
        let body = Some(json!({ "kind": "first-filing", "draft": draft }));
        let begun = call(&world, &who.account, "POST /orders", "begin", body).await;
        let order = begun.body["id"].as_str().unwrap().to_owned();
        paths.push((
            who.account,
            format!("POST /orders/{order}/persons/p1/codes"),
        ));
    }
    let round = async |round: u32| {
        let keys: Vec<String> = (0..8).map(|n| format!("{round}-{n}")).collect();
        let asks = paths.iter().flat_map(|(account, route)| {
            let asks = keys.iter();
            asks.map(|key| call(&world, account, route, key, None))
        });
        let answers = join_all(asks).await;
        let sent = world.stage.deployment.sms();
        assert!(
            answers
                .iter()
                .all(|answer| matches!(answer.status, 202 | 429))
        );
        sent.iter()
            .filter(|sms| sms.number.ends_with(&mobile))
            .count()
    };
    assert_eq!(round(0).await, 5, "five an hour, over all accounts");
    let minute = SignedDuration::from_mins(1);
    world.stage.deployment.advance(minute * 59).await.unwrap();
    assert_eq!(round(1).await, 5);
    world.stage.deployment.advance(minute).await.unwrap();
    assert_eq!(round(2).await, 10);
    world.stage.deployment.advance(minute * 60).await.unwrap();
    assert_eq!(round(3).await, 10, "ten a day");
    // Staff let the number of a draft be tried again.
    let (_, route) = &paths[0];
    let unlock = route
        .replace("POST /orders", "POST /review/orders")
        .replace("/codes", "/unlocks");
    let because = Some(json!({ "reason": "来电核实" }));
    let unlocked = world
        .stage
        .staff("reviewer", &unlock, None, because)
        .await
        .unwrap();
    assert_eq!(unlocked.status, 200, "{unlocked:#?}");
    world.stage.deployment.advance(minute * 2).await.unwrap();
    assert_eq!(round(4).await, 15);
}
