//! Stops, and what holds them, in the very minute: whoever's commit is first decides, and no stop comes after an order that
//! answers its finding.

use futures::future::{join, join_all};
use icp_local::stage::{Answer, Applicant, Ask, ELSEWHERE, Stage};
use serde_json::{Value as Json, json};

use super::orders::papers;
use crate::concurrent::pass;
use crate::world::{World, finding_state};

/// Filings whose finding is condemned and released: the provider's addresses, by which it is found, speak for a month.
const FILINGS: u32 = 7;

/// Sweepers at once, and rounds of them.
const SWEEPERS: u64 = 6;

/// A filing with what its filer may send.
struct Held {
    who: Applicant,
    subject: String,
    order: String,
    version: Option<u64>,
}

async fn ask(
    stage: &Stage,
    who: &Applicant,
    route: &str,
    version: Option<u64>,
    body: Option<Json>,
) -> Answer {
    let ask = Ask {
        role: Some("filer"),
        account: &who.account,
        route,
        version,
        key: Some("at-once"),
        body,
    };
    stage.ask(ask).await.unwrap()
}

/// Filings that are condemned and released, each with a change of its site that was drafted.
async fn condemned(world: &mut World) -> Vec<Held> {
    let caps = json!({ "brake": { "shareAtLeast": 100 } });
    world
        .stage
        .reconfigure("policy.json", caps.to_string())
        .unwrap();
    let mut held = Vec::new();
    for n in 1..=FILINGS {
        let who = Applicant::new(n, &format!("site-{n}.cn"));
        let subject = world.file(&who).await.subject;
        world.stage.sites.point(&who.domain, ELSEWHERE).await;
        held.push((who, subject));
    }
    world
        .until("all condemned", 30, async |stage| {
            for n in 1..=FILINGS {
                let state = finding_state(stage, &format!("account-{n}")).await;
                if state.as_deref() != Some("condemned") {
                    return false;
                }
            }
            true
        })
        .await;
    let mut ready = Vec::new();
    for (who, subject) in held {
        let draft =
            json!({ "services": [{ "id": "1", "name": "改名后的网站" }], "materials": papers() });
        let wish = json!({ "kind": "change", "subject": subject, "draft": draft });
        let drafted = ask(&world.stage, &who, "POST /orders", None, Some(wish)).await;
        let order = drafted.body["id"].as_str().unwrap().to_owned();
        let version = drafted.version;
        ready.push(Held {
            who,
            subject,
            order,
            version,
        });
    }
    ready
}

#[tokio::test(flavor = "multi_thread")]
async fn no_stop_comes_after_an_order_that_answers_its_finding() {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let held = condemned(&mut world).await;
    let stage = &world.stage;
    let mut findings = Vec::new();
    for one in &held {
        let case = world.case(&one.who.account).await.unwrap();
        let finding = &case["findings"][0];
        let looks = finding["state"]["looks"].as_array().unwrap();
        findings.push(json!({ "case": case["id"], "finding": finding["id"], "look": looks.last().unwrap()["look"] }));
    }
    let release = Some(json!({ "findings": findings }));
    let released = stage
        .staff("operator", "POST /operations/releases", None, release)
        .await
        .unwrap();
    assert_eq!(
        released.body["released"].as_array().unwrap().len(),
        held.len(),
        "{released:#?}"
    );
    // The filers come one after another while passes run.
    let submitting = async {
        let mut answers = Vec::new();
        for one in &held {
            let route = format!("POST /orders/{}/submission", one.order);
            answers.push(ask(stage, &one.who, &route, one.version, None).await);
        }
        answers
    };
    let sweeping = async {
        for round in 0..3 {
            join_all((0..SWEEPERS).map(|n| pass(stage, stage.now(), round * 100 + n))).await;
        }
    };
    let (answers, ()) = join(submitting, sweeping).await;
    let mut stopped = 0;
    for (one, answer) in held.iter().zip(answers) {
        assert_eq!(answer.status, 200, "{answer:#?}");
        let route = format!("GET /filings/{}/history", one.subject);
        let history = stage
            .filer(&one.who.account, &route, None, None)
            .await
            .unwrap();
        let happened: Vec<&str> = history.body["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|entry| entry["what"].as_str())
            .filter(|what| ["order-submitted", "access-stopped"].contains(what))
            .collect();
        let stops = happened
            .iter()
            .filter(|what| **what == "access-stopped")
            .count();
        assert!(stops <= 1, "{happened:?}");
        stopped += stops;
        let last_stop = happened.iter().rposition(|what| *what == "access-stopped");
        let last_order = happened.iter().rposition(|what| *what == "order-submitted");
        assert!(
            last_stop < last_order,
            "a stop after the order: {happened:?}"
        );
        let now = finding_state(stage, &one.who.account).await;
        let expected = if stops == 1 { "stopped" } else { "condemned" };
        assert_eq!(now.as_deref(), Some(expected), "{happened:?}");
    }
    let brake = stage
        .staff("operator", "GET /operations/brake", None, None)
        .await
        .unwrap();
    assert_eq!(brake.body["stoppedInLastDay"], stopped, "{:#}", brake.body);
    assert_eq!(
        brake.body["liveLinks"],
        held.len() - stopped,
        "{:#}",
        brake.body
    );
}
