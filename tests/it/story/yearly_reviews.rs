//! A yearly review: filers are asked once its preview was released, reminded, and counted by what they answered.

use icp_domain::import::Column;
use icp_local::stage::Ask;
use serde_json::{Value as Json, json};

use crate::base::{bring, csv, exported, row};
use crate::world::World;

/// Four filings of a base, of one account each.
async fn with_a_base() -> World {
    let world = World::at("2026-03-02T02:00:00Z").await;
    let rows: Vec<_> = (1..=4)
        .map(|n| row(n, &[(Column::Label, if n < 4 { "大客户" } else { "散户" })]))
        .collect();
    bring(&world.stage, "csv", &csv(&rows), json!({})).await;
    world
}

/// A yearly review of the three filings of a group, released; the filings that it asked.
async fn released(world: &mut World) -> (String, Vec<String>) {
    let terms = json!({ "name": "2026年备案年度核对", "legalBases": ["33号令第十七条"],
        "yearlyReview": { "answerDays": 30 }, "chosen": { "labels": ["大客户"] },
        "ratePerMinute": 600, "channels": ["sms"] });
    let begun = world
        .staff("operator", "POST /operations/campaigns", None, Some(terms))
        .await;
    assert_eq!(begun.status, 201, "{begun:#?}");
    assert_eq!(begun.body["kind"], "yearly-review");
    let id = begun.body["id"].as_str().unwrap().to_owned();
    world.minutes(10).await;
    let seen = read(world, &id).await;
    assert_eq!(seen["state"], "chosen", "{seen:#}");
    assert_eq!(seen["members"], 3);
    assert_eq!(world.stage.deployment.sms(), [], "before its release");

    let route = format!("GET /operations/campaigns/{id}/preview");
    let shown = world.staff("operator", &route, None, None).await.body;
    assert_eq!(shown["members"], 3, "{shown:#}");
    let mail = shown["notice"]["mailText"]
        .as_str()
        .unwrap_or_else(|| panic!("{shown:#}"));
    assert!(
        mail.contains("2026年备案年度核对") && mail.contains("33号令第十七条"),
        "{mail}"
    );
    let (status, seen) = step(world, &id, "release", Some(&shown["token"])).await;
    assert_eq!(
        (status, &seen["state"]),
        (200, &json!("asking")),
        "{seen:#}"
    );
    world.minutes(20).await;
    let mut filings = Vec::new();
    for account in ["base-1", "base-2", "base-3"] {
        let mine = world.filer(account, "GET /filings", None, None).await.body;
        filings.push(
            mine["items"][0]["id"]
                .as_str()
                .unwrap_or_else(|| panic!("{mine:#}"))
                .to_owned(),
        );
    }
    (id, filings)
}

async fn read(world: &mut World, id: &str) -> Json {
    let route = format!("GET /operations/campaigns/{id}");
    world.staff("auditor", &route, None, None).await.body
}

async fn step(world: &mut World, id: &str, step: &str, preview: Option<&Json>) -> (u16, Json) {
    let route = format!("POST /operations/campaigns/{id}/steps");
    let mut body = json!({ "step": step, "reason": format!("at {}", world.stage.now()) });
    if let Some(token) = preview {
        body["preview"] = token.clone();
    }
    let done = world.staff("operator", &route, None, Some(body)).await;
    (done.status, done.body)
}

async fn answer(
    world: &mut World,
    n: usize,
    (id, filing): (&str, &str),
    said: &str,
) -> (u16, Json) {
    let route = format!("POST /filings/{filing}/yearly-reviews/{id}/answers");
    let body = json!({ "answer": said });
    let account = format!("base-{n}");
    let ask = Ask {
        role: Some("filer"),
        account: &account,
        route: &route,
        key: Some(said),
        version: None,
        body: Some(body),
    };
    let done = world.ask(ask).await;
    (done.status, done.body)
}

async fn asked(world: &mut World, n: usize, filing: &str) -> Json {
    let route = format!("GET /filings/{filing}/yearly-reviews");
    let account = format!("base-{n}");
    world.filer(&account, &route, None, None).await.body
}

#[tokio::test(flavor = "multi_thread")]
async fn filers_answer_once_are_reminded_and_counted_and_nothing_else_changes() {
    let mut world = with_a_base().await;
    let (id, filings) = released(&mut world).await;
    let sms = world.stage.deployment.sms();
    assert_eq!(sms.len(), 3, "{sms:#?}");
    assert!(sms[0].text.contains("备案年度核对"), "{sms:#?}");
    let open = asked(&mut world, 1, &filings[0]).await;
    assert_eq!(open["items"][0]["campaign"], id.as_str(), "{open:#}");
    assert_eq!(open["items"][0]["answer"], Json::Null);

    let first = (id.as_str(), filings[0].as_str());
    let (status, body) = answer(&mut world, 1, first, "unchanged").await;
    assert_eq!(
        (status, &body["answer"]),
        (200, &json!("unchanged")),
        "{body:#}"
    );
    let second = (id.as_str(), filings[1].as_str());
    let (status, body) = answer(&mut world, 2, second, "no-longer-used").await;
    assert_eq!(status, 200);
    assert!(
        body["next"]["zh"].as_str().unwrap().contains("注销"),
        "{body:#}"
    );
    // Once; of one's own; and of a review that asked.
    assert_eq!(answer(&mut world, 1, first, "changed").await.0, 409);
    assert_eq!(answer(&mut world, 3, first, "changed").await.0, 404);
    let other = ("another", filings[2].as_str());
    assert_eq!(answer(&mut world, 3, other, "changed").await.0, 404);

    // A week before the end, who has not answered is asked once more, and nobody else.
    world.hours(24 * 24).await;
    let sms = world.stage.deployment.sms();
    let reminders = sms.iter().filter(|sms| sms.text.contains("尚未确认"));
    assert_eq!(reminders.count(), 1, "{sms:#?}");
    let seen = read(&mut world, &id).await;
    assert_eq!(seen["progress"]["left"], 1, "{seen:#}");
    assert_eq!(seen["progress"]["told"], 3);
    world.hours(8 * 24).await;
    let seen = read(&mut world, &id).await;
    assert_eq!(seen["state"], "answered", "{seen:#}");
    let answers = json!({ "unchanged": 1, "changed": 0, "noLongerUsed": 1, "unanswered": 1 });
    assert_eq!(seen["progress"]["answers"], answers);
    let third = (id.as_str(), filings[2].as_str());
    assert_eq!(may_answer(&mut world, 3, &filings[2]).await, false);
    assert_eq!(
        answer(&mut world, 3, third, "changed").await.0,
        409,
        "it ended"
    );

    let new = json!({ "what": "yearly-review", "format": "json-lines", "campaign": id });
    let table = String::from_utf8(exported(&world.stage, new).await).unwrap();
    let mut rows: Vec<(String, String)> = table
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap())
        .map(|row| (row["account"].to_string(), row["answer"].to_string()))
        .collect();
    rows.sort();
    let row = |n: usize, answer: &str| (format!("\"base-{n}\""), format!("\"{answer}\""));
    let expected = [
        row(1, "unchanged"),
        row(2, "no-longer-used"),
        row(3, "unanswered"),
    ];
    assert_eq!(rows, expected);
    // Nobody lost anything by an answer, or by none.
    for (n, filing) in (1..).zip(&filings) {
        let account = format!("base-{n}");
        let route = format!("GET /filings/{filing}");
        let filing = world.filer(&account, &route, None, None).await.body;
        assert_eq!(filing["state"]["state"], "filed", "{filing:#}");
        assert!(world.case(&account).await.is_none_or(|case| {
            let findings = case["findings"].as_array().unwrap();
            findings.iter().all(|finding| finding["campaign"].is_null())
        }));
    }
    let route = format!("GET /review/filings/{}/history", filings[0]);
    let history = world.staff("reviewer", &route, None, None).await.body;
    assert!(
        history.to_string().contains("yearly-review-answered"),
        "{history:#}"
    );
}

/// Whether the filing's latest question may still be answered.
async fn may_answer(world: &mut World, n: usize, filing: &str) -> Json {
    let route = format!("GET /filings/{filing}/yearly-reviews");
    let account = format!("base-{n}");
    let asked = world.filer(&account, &route, None, None).await.body;
    asked["items"][0]["mayAnswer"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_review_asks_and_takes_no_more() {
    let mut world = with_a_base().await;
    let (id, filings) = released(&mut world).await;
    assert_eq!(may_answer(&mut world, 1, &filings[0]).await, true);
    let (status, _) = step(&mut world, &id, "cancel", None).await;
    assert_eq!(status, 200);
    assert_eq!(may_answer(&mut world, 1, &filings[0]).await, false);
    let first = (id.as_str(), filings[0].as_str());
    assert_eq!(answer(&mut world, 1, first, "unchanged").await.0, 409);
    let told = world.stage.deployment.sms().len();
    world.hours(24 * 24).await;
    let sms = world.stage.deployment.sms();
    let reminders = sms[told..]
        .iter()
        .filter(|sms| sms.text.contains("年度核对"));
    assert_eq!(reminders.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_names_a_yearly_review_where_it_is_of_one() {
    let mut world = with_a_base().await;
    for wrong in [
        json!({ "what": "yearly-review", "format": "csv" }),
        json!({ "what": "filings", "format": "csv", "campaign": "none" }),
    ] {
        let asked = world
            .staff(
                "operator",
                "POST /operations/exports",
                None,
                Some(wrong.clone()),
            )
            .await;
        assert!([400, 404].contains(&asked.status), "{wrong}: {asked:#?}");
    }
}
