//! Pages in a real browser: Debian's Chromium, as a phone and a desk show them.
//!
//! **Invariant:** the browser reaches nothing but the deployment on loopback.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use icp_domain::import::Column;
use icp_local::Listener;
use icp_local::stage::OURS;
use serde_json::{Value as Json, json};

use crate::base::{bring, csv, row};
use crate::shape::root;
use crate::world::World;

/// Sites of a base in three provinces: the first have no address, the last two are ours.
const SITES: u32 = 9;

/// A base after forty days of audits and one campaign: the world and the campaign's id.
async fn audited() -> (World, String) {
    let mut world = World::at("2026-03-02T02:00:00Z").await;
    let rows: Vec<_> = (1..=SITES)
        .map(|n| row(n, &[(Column::Label, if n < 6 { "大客户" } else { "散户" })]))
        .collect();
    bring(&world.stage, "csv", &csv(&rows), json!({})).await;
    for n in SITES - 1..=SITES {
        for host in [format!("site-{n}.cn"), format!("www.site-{n}.cn")] {
            world.stage.sites.point(&host, OURS).await;
        }
    }
    let terms = json!({ "name": "2026年接入信息专项核查", "legalBases": ["33号令第十九条"],
        "rules": { "ICP-401": { "level": "notify", "periodDays": 30 }, "ICP-501": { "level": "notify", "periodDays": 30 } },
        "chosen": { "everybody": true }, "ratePerMinute": 600, "channels": ["sms"] });
    let begun = world.staff("operator", "POST /operations/campaigns", None, Some(terms));
    let begun = begun.await;
    assert_eq!(begun.status, 201, "{begun:#?}");
    world.hours(40 * 24).await;
    (world, begun.body["id"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_are_read_on_a_phone_and_a_desk_in_both_languages() {
    let (world, campaign) = audited().await;
    let listener = Listener::bind(0, "--port").await.unwrap();
    let api = format!("http://{}", listener.address());
    let service = world.stage.deployment.http_service();
    let served = tokio::spawn(listener.serve(service, std::future::pending()));
    let token = world.stage.deployment.token("auditor", "provider", "eve");
    let token = token.unwrap();
    for (name, path, headings, charts) in [
        (
            "audits",
            "/operations/reports?from=2026-03-02&until=2026-04-10".to_owned(),
            ["备案核查报表", "Audit report"],
            4,
        ),
        (
            "campaign",
            format!("/operations/campaigns/{campaign}/report"),
            ["专项核查报表", "Campaign report"],
            3,
        ),
    ] {
        let told = json!({ "name": name, "address": format!("{api}{path}"), "token": token });
        let seen = tokio::task::spawn_blocking(move || looked(told))
            .await
            .unwrap();
        for screen in ["phone", "desk"] {
            let seen = &seen[screen];
            let what = format!("{name} on a {screen}: {seen:#}");
            assert_eq!(seen["status"], 200, "{what}");
            assert_eq!(seen["faults"], json!([]), "{what}");
            assert_eq!(seen["scripts"], 0, "{what}");
            let asked = seen["requests"].as_array().unwrap();
            assert_eq!(asked.len(), 1, "it reached for more than itself: {what}");
            let policy = seen["policy"].as_str().unwrap();
            assert!(policy.starts_with("default-src 'none'"), "{what}");
            assert_eq!(seen["byKeyboard"], headings[0], "{what}");
            for (language, heading) in ["zh", "en"].into_iter().zip(headings) {
                reads_well(&seen["languages"][language], heading, charts, &what);
            }
        }
    }
    served.abort();
}

/// What the page is like in one of its languages.
fn reads_well(seen: &Json, heading: &str, charts: usize, what: &str) {
    assert_eq!(seen["headings"], json!([heading]), "{what}");
    assert_eq!(seen["overflow"], 0, "it scrolls sideways: {what}");
    let named = seen["charts"].as_array().unwrap();
    assert_eq!(named.len(), charts, "{what}");
    let has_name = |chart: &Json| chart.as_str().is_some_and(|name| !name.is_empty());
    assert!(named.iter().all(has_name), "{what}");
    assert_eq!(seen["nameless"], 0, "{what}");
    assert_eq!(seen["tables"], charts, "a table to each chart: {what}");
    assert!(10.0 <= seen["smallestLetters"].as_f64().unwrap(), "{what}");
    assert_eq!(seen["violations"], json!([]), "{what}");
    assert!(
        20 < seen["passes"].as_u64().unwrap(),
        "axe looked at little: {what}"
    );
}

/// What the browser saw. Its pictures are in `target/browser`.
fn looked(mut told: Json) -> Json {
    let folder = root().join("target/browser");
    std::fs::create_dir_all(&folder).unwrap();
    let [packages, chromium, node] = browser();
    told["packages"] = json!(packages);
    told["chromium"] = json!(chromium);
    told["folder"] = json!(folder);
    let mut script = Command::new(node)
        .arg(root().join("tests/it/browser/look.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = script.stdin.take().unwrap();
    stdin.write_all(told.to_string().as_bytes()).unwrap();
    drop(stdin);
    let done = script.wait_with_output().unwrap();
    let problem = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{problem}");
    serde_json::from_slice(&done.stdout).unwrap()
}

/// The packages, the browser and what runs the script, installed at the first use.
fn browser() -> [PathBuf; 3] {
    let set_up = root().join(".ci/tools/set-up");
    let found = Command::new(set_up).arg("browser").output().unwrap();
    let problem = String::from_utf8_lossy(&found.stderr);
    assert!(found.status.success(), "{problem}");
    let lines = String::from_utf8(found.stdout).unwrap();
    let lines: Vec<PathBuf> = lines.lines().map(PathBuf::from).collect();
    lines.try_into().unwrap()
}
