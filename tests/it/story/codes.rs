//! Codes: late, guessed, asked for too soon and too often, and never to be seen.

use expect_test::expect;
use icp_local::stage::{Applicant, Ask};
use serde_json::json;

use crate::world::World;

/// A filing whose principal's number is verified, and the path of the person.
async fn filed(world: &mut World) -> (Applicant, String) {
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    world.forget();
    let person = format!("/filings/{}/persons/p1", filed.subject);
    (who, person)
}

async fn send(world: &mut World, who: &Applicant, person: &str, key: &str) -> u16 {
    let route = format!("POST {person}/codes");
    let ask = Ask {
        role: Some("filer"),
        account: &who.account,
        route: &route,
        key: Some(key),
        ..Ask::default()
    };
    world.ask(ask).await.status
}

async fn confirm(world: &mut World, who: &Applicant, person: &str, key: &str, code: &str) -> u16 {
    let route = format!("POST {person}/confirmations");
    let body = Some(json!({ "code": code }));
    let ask = Ask {
        role: Some("filer"),
        account: &who.account,
        route: &route,
        key: Some(key),
        body,
        ..Ask::default()
    };
    world.ask(ask).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_comes_too_late_is_not_accepted() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let (who, person) = filed(&mut world).await;
    world.minutes(10).await;
    send(&mut world, &who, &person, "a").await;
    let code = world.stage.last_code(&who.mobile).unwrap();
    world.minutes(10).await;
    confirm(&mut world, &who, &person, "b", &code).await;
    expect![[r#"
        03-02 10:20  202 POST /filings/…/persons/p1/codes
        03-02 10:20  sms +86138****0001 【示例云】备案联系方式核验：验证码******，**分钟内有效，由示例云发送。若非您的备案，请勿告诉他人。
        03-02 10:30  422 POST /filings/…/persons/p1/confirmations code-not-accepted
    "#]].assert_eq(&world.transcript());
}

#[tokio::test(flavor = "multi_thread")]
async fn five_guesses_kill_a_code_and_a_new_one_is_another() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let (who, person) = filed(&mut world).await;
    world.minutes(10).await;
    send(&mut world, &who, &person, "a").await;
    let code = world.stage.last_code(&who.mobile).unwrap();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for guess in ["1", "2", "3", "4", "5"] {
        assert_eq!(confirm(&mut world, &who, &person, guess, wrong).await, 422);
    }
    assert_eq!(
        confirm(&mut world, &who, &person, "right", &code).await,
        422
    );
    world.minutes(10).await;
    send(&mut world, &who, &person, "c").await;
    let next = world.stage.last_code(&who.mobile).unwrap();
    assert_eq!(confirm(&mut world, &who, &person, "next", &next).await, 200);
    // A right code is used once; the same request again gets the answer that it got.
    assert_eq!(confirm(&mut world, &who, &person, "next", &next).await, 200);
    assert_eq!(
        confirm(&mut world, &who, &person, "again", &next).await,
        422
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_code_waits_a_minute_and_a_fourth_in_an_hour_is_not_sent() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let (who, person) = filed(&mut world).await;
    world.minutes(10).await;
    // The first of the hour was the draft's own.
    assert_eq!(send(&mut world, &who, &person, "a").await, 202);
    assert_eq!(send(&mut world, &who, &person, "b").await, 429);
    world.minutes(10).await;
    assert_eq!(send(&mut world, &who, &person, "c").await, 202);
    world.minutes(10).await;
    let before = world.stage.deployment.sms().len();
    assert_eq!(send(&mut world, &who, &person, "d").await, 202);
    assert_eq!(
        world.stage.deployment.sms().len(),
        before,
        "the answer is as for sent"
    );
    expect![[r#"
        03-02 10:20  202 POST /filings/…/persons/p1/codes
        03-02 10:20  sms +86138****0001 【示例云】备案联系方式核验：验证码******，**分钟内有效，由示例云发送。若非您的备案，请勿告诉他人。
        03-02 10:20  429 POST /filings/…/persons/p1/codes slow-down
        03-02 10:30  202 POST /filings/…/persons/p1/codes
        03-02 10:30  sms +86138****0001 【示例云】备案联系方式核验：验证码******，**分钟内有效，由示例云发送。若非您的备案，请勿告诉他人。
        03-02 10:40  202 POST /filings/…/persons/p1/codes
    "#]].assert_eq(&world.transcript());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_right_inputs_at_once_exactly_one_verifies() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let (who, person) = filed(&mut world).await;
    world.minutes(10).await;
    send(&mut world, &who, &person, "a").await;
    let code = world.stage.last_code(&who.mobile).unwrap();
    let route = format!("POST {person}/confirmations");
    let keys: Vec<String> = (0..5).map(|n| format!("k{n}")).collect();
    let asks = keys.iter().map(|key| {
        let body = Some(json!({ "code": code }));
        world.stage.ask(Ask {
            role: Some("filer"),
            account: &who.account,
            route: &route,
            key: Some(key),
            body,
            ..Ask::default()
        })
    });
    let mut statuses: Vec<u16> = futures::future::join_all(asks)
        .await
        .into_iter()
        .map(|answer| answer.unwrap().status)
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422, 422, 422, 422]);
}

/// An account asks for a code to its own mobile, puts another's in its place, and confirms with the code that it has.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_one_number_proves_no_other_that_was_put_in_its_place() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let asked = json!({ "kind": "first-filing", "draft": who.draft() });
    let begun = world
        .filer(&who.account, "POST /orders", None, Some(asked))
        .await;
    let order = begun.body["id"].as_str().unwrap().to_owned();
    let person = format!("/orders/{order}/persons/p1");
    assert_eq!(send(&mut world, &who, &person, "a").await, 202);
    let code = world.stage.last_code(&who.mobile).unwrap();

    let victim = Applicant {
        mobile: "13900000077".to_owned(),
        ..who.clone()
    };
    let edits = format!("POST /orders/{order}/edits");
    let edited = json!({ "draft": victim.draft() });
    let edited = world
        .filer(&who.account, &edits, begun.version, Some(edited))
        .await;
    assert_eq!(edited.status, 200, "{edited:#?}");
    assert_eq!(confirm(&mut world, &who, &person, "b", &code).await, 422);
    // It is bound to the number that it was sent to: where that stands again, within its life, it proves that one.
    let back = Ask {
        role: Some("filer"),
        account: &who.account,
        route: &edits,
        key: Some("back"),
        version: edited.version,
        body: Some(json!({ "draft": who.draft() })),
    };
    let back = world.ask(back).await;
    assert_eq!(back.status, 200, "{back:#?}");
    assert_eq!(confirm(&mut world, &who, &person, "c", &code).await, 200);
    assert!(world.stage.last_code(&victim.mobile).is_none());
}
