//! Checks that somebody asks for: how things stand, in words, and nothing follows from it.

use std::collections::BTreeMap;

use icp_local::stage::{Answer, Applicant, Ask, ELSEWHERE};
use serde_json::{Value as Json, json};

use crate::world::World;

/// Every row of the table but those of requests and of checks themselves.
fn rows(world: &World) -> BTreeMap<String, String> {
    let everything = world.stage.deployment.everything().unwrap();
    let items = everything.iter().filter_map(Json::as_array).flatten();
    let kept = items.filter_map(|value| {
        let pk = value["pk"]["S"].as_str()?;
        let own = ["REPEAT#", "CHECK#", "LIMIT#", "KEY#"];
        let is_own = own.iter().any(|prefix| pk.starts_with(prefix));
        let name = format!("{pk} {}", value["sk"]["S"]);
        (!is_own).then(|| (name, value.to_string()))
    });
    kept.collect()
}

/// Asks for a self-check with a key of its own.
async fn ask(
    world: &mut World,
    who: &Applicant,
    key: &str,
    route: &str,
    body: Option<Json>,
) -> Answer {
    let ask = Ask {
        role: Some("filer"),
        account: &who.account,
        route,
        key: Some(key),
        version: None,
        body,
    };
    world.ask(ask).await
}

/// What a check said of a rule.
fn of_rule<'a>(check: &'a Json, code: &str) -> &'a Json {
    let looks = check["looks"].as_array().unwrap();
    let mut rules = looks
        .iter()
        .flat_map(|look| look["rules"].as_array().unwrap());
    rules
        .find(|said| said["rule"] == code)
        .unwrap_or_else(|| panic!("{code} says nothing: {check:#}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filer_sees_what_is_broken_and_nothing_is_recorded() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    let before = rows(&world);
    assert!(
        before.keys().any(|row| row.starts_with("HISTORY#")),
        "{before:#?}"
    );
    let route = format!("POST /filings/{}/self-checks", filed.subject);
    let asked = ask(&mut world, &who, "one", &route, None).await;
    assert_eq!(asked.status, 202, "{asked:#?}");
    let read = format!("GET {}", asked.location.clone().unwrap());
    let check = world.filer(&who.account, &read, None, None).await.body;
    assert_eq!(check["state"], "looked", "{check:#}");
    // The subject, and its site by either clock.
    assert_eq!(check["looks"].as_array().unwrap().len(), 3);
    let broken = of_rule(&check, "ICP-402");
    assert_eq!(broken["outcome"], "broken");
    assert_eq!(
        broken["says"],
        "Not as it must be: the names of the service lead to addresses that are not this provider's (they lead to \
         127.9.9.9)."
    );
    assert_eq!(
        broken["toDo"],
        "point the domain at the server that the filing rests on"
    );
    assert_eq!(broken["level"], "enforce");
    assert!(broken["consequences"].as_str().unwrap().contains("stopped"));
    assert_eq!(of_rule(&check, "ICP-509")["outcome"], "kept", "{check:#}");
    assert_eq!(of_rule(&check, "ICP-201")["outcome"], "kept");
    assert_eq!(check["counts"]["broken"], 1, "{check:#}");
    assert_eq!(rows(&world), before, "nothing follows from it");
    let cases = world.filer(&who.account, "GET /cases", None, None).await;
    assert_eq!(cases.body["items"], json!([]));

    // The same request again is the same check; another account's is not there.
    let again = ask(&mut world, &who, "one", &route, None).await;
    assert_eq!((again.status, &again.body), (202, &asked.body));
    let foreign = world.filer("account-9", &read, None, None).await;
    assert_eq!(foreign.status, 404);
    // A day later it is gone.
    world.hours(24).await;
    let late = world.filer(&who.account, &read, None, None).await;
    assert_eq!(late.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_self_check_may_be_asked_for_five_times_an_hour_and_of_one_service() {
    let mut world = World::at("2026-03-02T02:10:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    let route = format!("POST /filings/{}/self-checks", filed.subject);
    let absent = ask(
        &mut world,
        &who,
        "none",
        &route,
        Some(json!({ "service": "9" })),
    )
    .await;
    assert_eq!(absent.status, 404, "{absent:#?}");
    for number in 0..5 {
        let key = format!("check-{number}");
        let body = Some(json!({ "service": "1" }));
        let asked = ask(&mut world, &who, &key, &route, body).await;
        assert_eq!(asked.status, 202, "{asked:#?}");
        assert_eq!(asked.body["looks"], 2);
    }
    let refused = ask(&mut world, &who, "check-5", &route, None).await;
    assert_eq!(refused.status, 429, "{refused:#?}");
    let wait = refused.body["retryAfter"].as_u64().unwrap();
    assert!((60..=3600).contains(&wait), "{refused:#?}");
    world.hours(1).await;
    let asked = ask(&mut world, &who, "check-6", &route, None).await;
    assert_eq!(asked.status, 202, "{asked:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_seen_in_time_is_undecided_and_what_comes_later_says_nothing() {
    let mut world = World::at("2026-03-02T02:10:00Z").await;
    let who = Applicant::new(1, "one.cn");
    let filed = world.file(&who).await;
    let deployment = world.stage.deployment.clone();
    let token = deployment.token("filer", &who.account, "someone").unwrap();
    let language = ("accept-language", "en");
    // Asked for so that nothing follows at once: the looks wait in their queues.
    let path = format!("/filings/{}/self-checks", filed.subject);
    let headers = [("idempotency-key", "late"), language];
    let asked = deployment
        .http("POST", &path, Some(&token), &headers, String::new())
        .await;
    assert_eq!(asked.status(), 202);
    let path = asked.headers()["location"].to_str().unwrap().to_owned();
    let read = async || {
        let headers = [language];
        let read = deployment.http("GET", &path, Some(&token), &headers, String::new());
        serde_json::from_slice::<Json>(read.await.body()).unwrap()
    };
    let looking = read().await;
    assert_eq!(looking["state"], "looking", "{looking:#}");
    assert_eq!(looking["looks"][0]["state"], "looking");
    // Whoever looks is late: the clock passes before anything is delivered.
    let step = jiff::SignedDuration::from_mins(15);
    deployment.clock().advance(step);
    let over = read().await;
    assert_eq!(over["state"], "looked", "{over:#}");
    assert_eq!(over["looks"][0]["state"], "undecided");
    deployment.settle().await.unwrap();
    assert_eq!(read().await, over, "what comes later says nothing");
}

/// A call without a token.
async fn open(world: &World, route: &str, key: &str, body: Option<Json>) -> Answer {
    let ask = Ask {
        role: None,
        route,
        key: Some(key),
        body,
        ..Ask::default()
    };
    world.stage.ask(ask).await.unwrap()
}

/// Asks for a public check, and tells where it is read and what proves it.
async fn public(world: &World, domain: &str, key: &str) -> (String, String, String) {
    let body = Some(json!({ "domain": domain }));
    let asked = open(world, "POST /public-checks", key, body).await;
    assert_eq!(asked.status, 202, "{asked:#?}");
    let txt = |name: &str| asked.body["txt"][name].as_str().unwrap().to_owned();
    (asked.location.clone().unwrap(), txt("name"), txt("value"))
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_controls_a_domain_has_it_checked_without_an_account_and_nobody_else() {
    let mut world = World::at("2026-03-02T02:10:00Z").await;
    let who = Applicant::new(1, "one.cn");
    world.file(&who).await;
    world.stage.sites.point(&who.domain, ELSEWHERE).await;
    let before = rows(&world);
    let (check, name, value) = public(&world, "one.cn", "a").await;
    assert_eq!(name, "_icp-check.one.cn");
    let read = format!("GET {check}");
    let prove = format!("POST {check}/proofs");
    let told = open(&world, &read, "-", None).await.body;
    assert_eq!(
        (&told["state"], &told["rules"]),
        (&json!("to-prove"), &json!([]))
    );

    // Nothing stands in the zone, then what proves another domain: it is told how to set it, and no more.
    let (_, _, of_other) = public(&world, "two.cn", "b").await;
    for (key, text) in [("p1", None), ("p2", Some(&of_other))] {
        if let Some(text) = text {
            world.stage.sites.say(&name, text).await;
        }
        let proof = open(&world, &prove, key, None).await;
        assert_eq!((proof.status, proof.location.as_ref()), (202, Some(&check)));
        let told = open(&world, &read, "-", None).await.body;
        assert_eq!(told["state"], "not-proved", "{told:#}");
        assert!(told["says"].as_str().unwrap().contains(&value), "{told:#}");
        assert_eq!((&told["rules"], told.get("counts")), (&json!([]), None));
    }

    world.stage.sites.say(&name, &value).await;
    let proof = open(&world, &prove, "p3", None).await;
    assert_eq!(proof.status, 202, "{proof:#?}");
    let told = open(&world, &read, "-", None).await.body;
    assert_eq!(told["state"], "looked", "{told:#}");
    let rules = told["rules"].as_array().unwrap();
    let of = |code: &str| rules.iter().find(|said| said["rule"] == code);
    let broken = of("ICP-402").unwrap();
    assert_eq!(broken["outcome"], "broken", "{told:#}");
    assert!(broken["toDo"].is_string());
    assert_eq!(of("ICP-509").unwrap()["outcome"], "kept", "{told:#}");
    // Nothing of the filing or the account: no holder, no person, no level.
    for silent in ["ICP-508", "ICP-201", "ICP-502"] {
        assert!(of(silent).is_none(), "{told:#}");
    }
    assert!(broken.get("level").is_none() && broken.get("consequences").is_none());
    let text = told.to_string();
    assert!(!text.contains("account") && !text.contains("王"), "{text}");
    assert_eq!(rows(&world), before, "nothing follows from it");
    world.hours(24).await;
    assert_eq!(open(&world, &read, "-", None).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn public_checks_are_counted_by_source() {
    let world = World::at("2026-03-02T02:10:00Z").await;
    for number in 0..20 {
        public(&world, &format!("site-{number}.cn"), "a").await;
    }
    let body = Some(json!({ "domain": "site-20.cn" }));
    let refused = open(&world, "POST /public-checks", "a", body).await;
    assert_eq!(refused.status, 429, "{refused:#?}");
    assert!(refused.body["retryAfter"].as_u64().unwrap() <= 3600);
    // What was asked for before is answered as before.
    public(&world, "site-0.cn", "a").await;
}
