//! The functions' own binaries under cargo-lambda: the same files that are deployed, called as the
//! README says, against the local deployment's AWS port on loopback.
//!
//! **Invariant:** whatever a test starts ends with it, also when it panics.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use expect_test::{Expect, expect};
use icp_local::stage::Stage;
use icp_local::{Deployment, Listener, Options};
use jiff::Timestamp;
use serde_json::{Value as Json, json};

/// How long a server that was started may take until it listens, or until it ends.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks at something that is waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

#[tokio::test(flavor = "multi_thread")]
async fn every_binary_answers_its_fixture_event() {
    let emulated = Emulated::start().await;
    let port = free_port();
    let _server = watch(port, &["--only-lambda-apis"], &BTreeMap::new());
    let names: Vec<String> = functions(&emulated.deployment);
    let _running: Vec<Ended> = names
        .iter()
        .map(|name| {
            let mut command = served(name, &emulated, port);
            Ended(command.stdout(Stdio::null()).spawn().unwrap())
        })
        .collect();
    let mut answers = String::new();
    for name in &names {
        let answer = invoke(name, port, &event(name));
        answers.push_str(&format!("{name}: {}\n", summary(&answer)));
    }
    expect![[r#"
        deliver-notices: {}
        expire-deadlines: {"decisionsOverdue":0,"done":0,"failed":0,"latched":false,"leftBehind":0,"notReached":0,"putOff":0,"quarantined":0,"stopped":0,"wouldStop":0}
        export-filings: {"batchItemFailures":[]}
        gather-evidence: {"batchItemFailures":[]}
        import-filings: {"batchItemFailures":[]}
        judge-evidence: {"batchItemFailures":[]}
        rectify-filing: 200, way back with questions: true
        review-filing: 200, {"items":[],"next":null}
        run-operations: 200, brake manual, version 0
        schedule-audits: {"planned":0}
        serve-pages: 200, settings that name the issuers: true
        submit-filing: 200, {"items":[],"next":null}
        verify-contact: 404, urn:icp-audit:problem:not-found
    "#]]
    .assert_eq(&answers);
    let evidence = emulated.deployment.queued("EvidenceQueue").unwrap();
    let evidence: Json = serde_json::from_str(&evidence[0]).unwrap();
    assert_eq!(
        evidence["look"]["id"], "fixture-look",
        "what gather-evidence sent through the AWS port"
    );
    let callers: Vec<String> = emulated
        .deployment
        .journal()
        .calls()
        .into_iter()
        .filter(|call| call.outcome == "ok")
        .map(|call| call.caller)
        .collect();
    // The way back and the pages are asked of no other service.
    let alone = ["rectify-filing", "serve-pages"];
    for name in names.iter().filter(|name| !alone.contains(&name.as_str())) {
        assert!(
            callers.contains(name),
            "{name} never reached AWS under its own name"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_answers_under_plain_cargo_lambda_watch() {
    built();
    let emulated = Emulated::start().await;
    let port = free_port();
    let _server = watch(
        port,
        &["--ignore-changes"],
        &emulated.variables("rectify-filing"),
    );
    let answer = invoke("rectify-filing", port, &event("rectify-filing"));
    assert_eq!(answer["statusCode"], 200, "{answer:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_record_that_does_not_read_raises_the_alarms_metric_and_fails_nothing() {
    let emulated = Emulated::start().await;
    let port = free_port();
    let _server = watch(port, &["--only-lambda-apis"], &BTreeMap::new());
    let name = "deliver-notices";
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.json");
    let records = json!({ "Records": [{ "eventID": "bad", "dynamodb": { "Keys": 7 } }] });
    std::fs::write(&bad, records.to_string()).unwrap();
    let log = folder.path().join("log");
    let running = served(name, &emulated, port)
        .stdout(std::fs::File::create(&log).unwrap())
        .spawn();
    let running = Ended(running.unwrap());
    assert_eq!(invoke(name, port, &bad), json!({}));
    drop(running);
    let log = std::fs::read_to_string(&log).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    let measured: Vec<Json> = lines
        .filter(|line: &Json| line.get("_aws").is_some())
        .collect();
    assert_eq!(measured.len(), 1, "{log}");
    assert_eq!(measured[0]["QuarantinedRows"], 1);
    let alarms = std::fs::read_to_string(Stage::template()).unwrap();
    assert!(alarms.contains("MetricName: QuarantinedRows"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_does_not_start_without_each_value_that_it_is_given() {
    let emulated = Emulated::start().await;
    // What may be absent: claims have their usual names, the policy is the shipped one, pages stand where their layer is, the gateway's account is of
    // the sender that it is for, mails want a relay, and a price is capped by whoever wants it.
    let optional = [
        "ICP_ACCOUNT_CLAIM",
        "ICP_ROLE_CLAIM",
        "ICP_CONFIG_DIR",
        "ICP_MAIL_FROM",
        "ICP_MAIL_RELAY",
        "ICP_PAGES_DIR",
        "ICP_SIGN_IN_ORIGINS",
        "ICP_SMS_MAX_PRICE",
        "ICP_TENCENT_ENDPOINT",
        "ICP_TENCENT_REGION",
        "ICP_TENCENT_SECRET_ID",
        "ICP_TENCENT_SECRET_KEY",
        "ICP_TENCENT_SMS_APP",
        "RUST_LOG",
    ];
    for name in functions(&emulated.deployment) {
        let given = emulated.deployment.environment(&name).unwrap();
        for variable in given.keys().filter(|key| !optional.contains(&key.as_str())) {
            let mut variables = emulated.variables(&name);
            variables.remove(variable);
            let said = refusal(&name, &variables);
            let names_it = format!(
                "the function does not start: environment variable {variable} is not set; it must be "
            );
            assert!(
                said.starts_with(&names_it),
                "{name} without {variable}: {said}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_value_is_named_with_its_place_and_what_it_may_be() {
    let emulated = Emulated::start().await;
    let with = |name: &str, variable: &str, value: &str| {
        let mut variables = emulated.variables(name);
        variables.insert(variable.to_owned(), value.to_owned());
        refusal(name, &variables)
    };
    let check = |said: &str, expected: Expect| expected.assert_eq(said);
    check(
        &with("deliver-notices", "ICP_SMS_SENDER", "pigeon"),
        expect![[
            r#"the function does not start: environment variable ICP_SMS_SENDER is "pigeon"; it must be "sns" or "tencent-sms""#
        ]],
    );
    check(
        &with("deliver-notices", "ICP_SMS_SENDER", "tencent-sms"),
        expect![[
            r#"the function does not start: provider.json names no id of the template "code" at the SMS gateway (smsTemplates): register it there (docs/SMS-TEMPLATES.md), and write its id"#
        ]],
    );
    check(
        &with("deliver-notices", "ICP_PROFILE", "moon"),
        expect![[
            r#"the function does not start: environment variable ICP_PROFILE is "moon"; it must be "global" or "cn""#
        ]],
    );
    check(
        &with("deliver-notices", "ICP_ACCESS_CHANGES_TOPIC", "a topic"),
        expect![[
            r#"the function does not start: environment variable ICP_ACCESS_CHANGES_TOPIC is "a topic"; it must be the ARN of an SNS topic, such as "arn:aws:sns:eu-central-1:123456789012:access-changes""#
        ]],
    );
    let folder = tempfile::tempdir().unwrap();
    let configured = |file: &str, text: &str| {
        std::fs::write(folder.path().join(file), text).unwrap();
        let said = with(
            "submit-filing",
            "ICP_CONFIG_DIR",
            folder.path().to_str().unwrap(),
        );
        std::fs::remove_file(folder.path().join(file)).unwrap();
        said
    };
    check(
        &configured(
            "policy.json",
            r#"{ "codes": { "codeLifeMinutes": "soon" } }"#,
        ),
        expect![[
            r#"the function does not start: the configuration does not hold: policy.json: the value "soon" at "/codes/codeLifeMinutes" is not accepted: invalid type: string "soon", expected u32 at line 1 column 38"#
        ]],
    );
    check(
        &configured("policy.json", r#"{ "codes": { "codeLifeHours": 1 } }"#),
        expect![[
            r#"the function does not start: the configuration does not hold: policy.json: the value 1 at "/codes/codeLifeHours" is not accepted: unknown field `codeLifeHours`, expected one of `digits`, `codeLifeMinutes`, `wrongInputsPerCode`, `resendAfterSeconds`, `sendsPerNumberHour`, `sendsPerNumberDay`, `sendsPerAccountHour`, `sendsPerAccountDay`, `codesOfAccountHour`, `openCallsPerSourceHour`, `openCallsPerCaseHour`, `failuresLock`, `verificationMonths`, `lapseGraceDays`, `lapseWarningDays`, `challengeKeptDays` at line 1 column 28"#
        ]],
    );
    check(
        &configured("policies.json", "{}"),
        expect![[
            r#"the function does not start: the configuration does not hold: policies.json: the value of the file's name at "" is not accepted: one of policy.json, provinces.json, suffixes.json, content-words.json, holidays.json, mobile-prefixes.json, provider-addresses.json, vantages.json, rdap-dns.json, whois-servers.json, provider.json"#
        ]],
    );
    check(
        &configured("policy.json", "{"),
        expect![[
            r#"the function does not start: the configuration does not hold: policy.json: the value given at "" is not accepted: EOF while parsing an object at line 1 column 1"#
        ]],
    );
    let absent = folder.path().join("absent");
    let said = with("submit-filing", "ICP_CONFIG_DIR", absent.to_str().unwrap());
    check(
        &said.replace(folder.path().to_str().unwrap(), "…"),
        expect![
            "the function does not start: …/absent, of the folder that ICP_CONFIG_DIR names, cannot be read: No such file or directory (os error 2)"
        ],
    );
}

/// The local deployment with its AWS port on loopback. The binaries have the system's clock, and so
/// has it.
struct Emulated {
    deployment: Deployment,
    endpoint: String,
}

impl Emulated {
    async fn start() -> Self {
        let options = Options {
            standing_at: None,
            ..Options::for_tests(Stage::template(), Timestamp::UNIX_EPOCH)
        };
        let deployment = Deployment::start(&options).unwrap();
        let listener = Listener::bind(0, "--aws-port").await.unwrap();
        let endpoint = format!("http://{}", listener.address());
        // It serves until the test's runtime ends.
        tokio::spawn(listener.serve(deployment.port_service(), std::future::pending()));
        Self {
            deployment,
            endpoint,
        }
    }

    /// What `cargo local env NAME` exports for this deployment.
    fn variables(&self, function: &str) -> BTreeMap<String, String> {
        let mut variables = self.deployment.environment(function).unwrap();
        let config = root().join("config");
        for (name, value) in [
            ("ICP_CONFIG_DIR", config.to_str().unwrap()),
            ("AWS_ENDPOINT_URL", &self.endpoint),
            ("AWS_ACCESS_KEY_ID", function),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_REGION", "eu-central-1"),
        ] {
            variables.insert(name.to_owned(), value.to_owned());
        }
        variables
    }
}

/// A process that ends with its owner.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // Asked first: cargo-lambda then ends the functions that it started.
        let _asked = Command::new("kill").arg(self.0.id().to_string()).status();
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                return;
            }
            thread::sleep(LOOK_AGAIN);
        }
        let _killed = self.0.kill();
        let _waited = self.0.wait();
    }
}

/// The checkout.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// The template's functions: each has a binary of its name.
fn functions(deployment: &Deployment) -> Vec<String> {
    deployment.template().functions.keys().cloned().collect()
}

/// The folder of the functions' binaries. `cargo test` does not build those, for they have no tests;
/// they are built here, once, with the features that `cargo test --workspace` gave everything else.
fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let built = as_typed(Command::new(env!("CARGO")))
            .args(["build", "--quiet", "--workspace", "--bins"])
            .current_dir(root())
            .status()
            .unwrap();
        assert!(built.success(), "the functions' binaries do not build");
        // …/target/debug/deps/it-0123 -> …/target/debug
        let test = std::env::current_exe().unwrap();
        let target = test.ancestors().nth(3).unwrap();
        target.join("debug")
    })
}

/// A function's binary, with these variables and no others.
fn binary(name: &str, variables: &BTreeMap<String, String>) -> Command {
    let mut command = Command::new(built().join(name));
    command.env_clear().envs(variables);
    command
}

/// A function's binary that takes its events from cargo-lambda's server.
fn served(name: &str, emulated: &Emulated, port: u16) -> Command {
    let mut command = binary(name, &emulated.variables(name));
    let api = format!("http://127.0.0.1:{port}/.rt/{name}");
    command
        .env("AWS_LAMBDA_RUNTIME_API", api)
        .env("AWS_LAMBDA_FUNCTION_NAME", name)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .stderr(Stdio::null());
    command
}

/// What a function says that does not start.
fn refusal(name: &str, variables: &BTreeMap<String, String>) -> String {
    let Output { status, stdout, .. } = binary(name, variables).output().unwrap();
    assert!(!status.success(), "{name} ended as if all were well");
    let log = String::from_utf8(stdout).unwrap();
    let said: Json = serde_json::from_str(log.lines().next().unwrap_or_default())
        .unwrap_or_else(|_| panic!("{name} did not log why it does not start: {log:?}"));
    assert_eq!(said["level"], "ERROR");
    said["message"].as_str().unwrap().to_owned()
}

/// cargo-lambda at its pinned version, installed at the first use.
fn cargo_lambda() -> Command {
    static TOOL: OnceLock<PathBuf> = OnceLock::new();
    let tool = TOOL.get_or_init(|| {
        let set_up = root().join(".ci/tools/set-up");
        let found = Command::new(set_up).arg("cargo-lambda").output().unwrap();
        assert!(
            found.status.success(),
            "{}",
            String::from_utf8_lossy(&found.stderr)
        );
        PathBuf::from(String::from_utf8(found.stdout).unwrap().trim())
    });
    let mut command = as_typed(Command::new(tool));
    command.arg("lambda").current_dir(root());
    command
}

/// A command that builds as if it were typed: without what cargo tells a test of its package, which build scripts
/// take for a change.
fn as_typed(mut command: Command) -> Command {
    let of_package =
        |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars().filter(|(name, _)| of_package(name)) {
        command.env_remove(name);
    }
    command
}

/// `cargo lambda watch` in the checkout, whose manifests list the binaries; it listens on return.
fn watch(port: u16, options: &[&str], variables: &BTreeMap<String, String>) -> Ended {
    let mut command = cargo_lambda();
    command
        .args(["watch", "-A", "127.0.0.1", "-P", &port.to_string()])
        .args(options)
        .envs(variables)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut server = Ended(command.spawn().unwrap());
    let end = Instant::now() + PATIENCE;
    // A plain GET would hang; that the port takes connections is enough.
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        let ended = server.0.try_wait().unwrap();
        assert!(ended.is_none(), "cargo lambda watch ended: {ended:?}");
        assert!(
            Instant::now() < end,
            "cargo lambda watch does not listen on {port}"
        );
        thread::sleep(LOOK_AGAIN);
    }
    server
}

/// A function's fixture event.
fn event(name: &str) -> PathBuf {
    root().join(format!("tests/fixtures/events/{name}.json"))
}

/// `cargo lambda invoke` with the event of a file.
fn invoke(name: &str, port: u16, event: &Path) -> Json {
    let invoked = cargo_lambda()
        .args(["invoke", name, "-A", "127.0.0.1", "-P", &port.to_string()])
        .arg("--data-file")
        .arg(event)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&invoked.stdout);
    let error = String::from_utf8_lossy(&invoked.stderr);
    assert!(invoked.status.success(), "{name}: {said}{error}");
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("{name} answered no JSON: {said}"))
}

/// An answer in one line; of an HTTP answer its status and what shows that the function did it.
fn summary(answer: &Json) -> String {
    let Some(status) = answer.get("statusCode") else {
        return answer.to_string();
    };
    let body: Json = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    if let Some(kind) = body.get("type").and_then(Json::as_str) {
        return format!("{status}, {kind}");
    }
    if let Some(questions) = body.get("questions").and_then(Json::as_array) {
        return format!(
            "{status}, way back with questions: {}",
            !questions.is_empty()
        );
    }
    if let Some(filers) = body.get("filers") {
        let named = filers["issuer"].is_string() && body["staff"]["issuer"].is_string();
        return format!("{status}, settings that name the issuers: {named}");
    }
    if let Some(mode) = body.get("mode").and_then(Json::as_str) {
        return format!("{status}, brake {mode}, version {}", body["version"]);
    }
    assert_eq!(body, json!({ "items": [], "next": null }));
    format!("{status}, {body}")
}

/// A port of loopback that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}
