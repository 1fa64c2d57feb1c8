//! Pages in a real browser: Debian's Chromium, as a phone and a desk show them.
//!
//! **Invariant:** the browser reaches nothing but the deployment on loopback.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use icp_local::stage::Stage;
use serde_json::{Value as Json, json};

use crate::shape::root;

/// Reports are read on a phone and a desk, in both languages: that of audits, and that of a campaign.
pub(crate) async fn reports_read_well(stage: &Stage, api: &str, campaign: &str) {
    let token = stage.deployment.token("auditor", "provider", "eve");
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
        let seen = tokio::task::spawn_blocking(move || ran("look.mjs", told))
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

/// What a script saw in the browser, by what it is told. Its pictures are in `target/browser`.
pub(crate) fn ran(script: &str, mut told: Json) -> Json {
    let folder = root().join("target/browser");
    std::fs::create_dir_all(&folder).unwrap();
    let [packages, chromium, node] = browser();
    told["packages"] = json!(packages);
    told["chromium"] = json!(chromium);
    told["folder"] = json!(folder);
    let mut script = Command::new(node)
        .arg(root().join("tests/it/browser").join(script))
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
    set_up("browser").try_into().unwrap()
}

/// What `.ci/tools/set-up` prints of a tool, once it is there.
pub(crate) fn set_up(tool: &str) -> Vec<PathBuf> {
    let found = Command::new(root().join(".ci/tools/set-up"))
        .arg(tool)
        .output()
        .unwrap();
    let problem = String::from_utf8_lossy(&found.stderr);
    assert!(found.status.success(), "{problem}");
    let lines = String::from_utf8(found.stdout).unwrap();
    lines.lines().map(PathBuf::from).collect()
}
