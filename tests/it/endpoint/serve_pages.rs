//! serve-pages: the page at every path, its files, and what a browser lets it reach.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use icp_local::Options;
use icp_local::stage::Stage;
use serde_json::{Value as Json, json};

/// A stage whose pages are two files of the test's own, one of them compressed already.
async fn stage() -> (Stage, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let assets = folder.path().join("assets");
    std::fs::create_dir(&assets).unwrap();
    std::fs::write(folder.path().join("index.html"), "<!doctype html>").unwrap();
    std::fs::write(assets.join("main-1.js"), "export {}").unwrap();
    std::fs::write(assets.join("main-1.js.br"), [0x8b, 0xff, 0x00]).unwrap();
    let now = "2026-03-02T02:00:00Z".parse().unwrap();
    let options = Options::for_tests(Stage::template(), now);
    let options = options.served("http://127.0.0.1:8781".to_owned(), folder.path());
    (Stage::open(&options, now).await.unwrap(), folder)
}

async fn get(stage: &Stage, path: &str, headers: &[(&str, &str)]) -> http::Response<bytes::Bytes> {
    stage.deployment.http("GET", path, None, headers, "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_stands_at_every_path_but_those_of_files() {
    let (stage, _folder) = stage().await;
    for path in ["/", "/pages/cases/1", "/pages/filings", "/pages/a/b/c"] {
        let page = get(&stage, path, &[]).await;
        assert_eq!(page.status(), 200, "{path}");
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
        assert_eq!(page.headers()["cache-control"], "no-cache");
        let policy = page.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert_eq!(page.body(), "<!doctype html>");
    }
    let missing = get(&stage, "/pages/assets/main-2.js", &[]).await;
    assert_eq!(missing.status(), 404, "of an older release");
    // Nothing outside the folder, however it is written.
    for path in [
        "/pages/../policy.json",
        "/pages/%2e%2e/policy.json",
        "/pages/..%2fpolicy.json",
    ] {
        let got = get(&stage, path, &[]).await;
        assert_eq!(got.body(), "<!doctype html>", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_kept_for_good_and_sent_once_as_the_browser_takes_it() {
    let (stage, _folder) = stage().await;
    let path = "/pages/assets/main-1.js";
    let plain = get(&stage, path, &[]).await;
    assert_eq!(plain.body(), "export {}");
    let kept = plain.headers()["cache-control"].to_str().unwrap();
    assert!(kept.contains("immutable"), "{kept}");
    let small = get(&stage, path, &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(small.headers()["content-encoding"], "br");
    assert_eq!(
        STANDARD.encode(small.body()),
        STANDARD.encode([0x8b, 0xff, 0x00])
    );
    let tag = plain.headers()["etag"].to_str().unwrap();
    let again = get(&stage, path, &[("if-none-match", tag)]).await;
    assert_eq!(again.status(), 304);
    assert!(again.body().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_name_the_issuers_and_nothing_secret() {
    let (stage, _folder) = stage().await;
    let told = get(&stage, "/pages/settings.json", &[]).await;
    let told: Json = serde_json::from_slice(told.body()).unwrap();
    let issuer = |name: &str| format!("http://127.0.0.1:8781/_local/issuers/{name}");
    assert_eq!(
        told,
        json!({
            "filers": { "issuer": issuer("Filers"), "client": "icp-pages", "scope": "openid" },
            "staff": { "issuer": issuer("Staff"), "client": "icp-pages", "scope": "openid" },
            "accountClaim": "account", "roleClaim": "role",
        })
    );
}
