//! `cargo local` itself: the binary, its output, and Ctrl-C.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::sample;

fn local(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_icp-local"));
    command.arg("--template").arg(sample()).args(arguments);
    command
}

/// The command on this checkout's own template: what serves has this service's functions.
fn of_this_service(arguments: &[&str]) -> Command {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut command = Command::new(env!("CARGO_BIN_EXE_icp-local"));
    command
        .arg("--template")
        .arg(checkout.join("template.yaml"));
    command
        .arg("--config")
        .arg(checkout.join("config"))
        .args(arguments);
    command
}

fn said(arguments: &[&str]) -> (bool, String) {
    let output = local(arguments).output().unwrap();
    let text = if output.status.success() {
        output.stdout
    } else {
        output.stderr
    };
    (
        output.status.success(),
        String::from_utf8(text).unwrap().trim_end().to_owned(),
    )
}

/// A served deployment; ended with the test.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        // It has ended already where the test is about that.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn env_prints_what_a_function_s_own_binary_needs() {
    let (done, text) = said(&[
        "env",
        "keep-notes",
        "--config",
        "nowhere",
        "--aws-port",
        "9",
    ]);
    assert!(done);
    expect_test::expect![[r"
        export AWS_ACCESS_KEY_ID='keep-notes'
        export AWS_ENDPOINT_URL='http://127.0.0.1:9'
        export AWS_REGION='eu-central-1'
        export AWS_SECRET_ACCESS_KEY='local'
        export ICP_CONFIG_DIR='nowhere'
        export ICP_KEY='arn:aws:kms:eu-central-1:000000000000:key/local-Key'
        export ICP_QUEUE='https://sqs.eu-central-1.amazonaws.com/000000000000/local-WorkQueue'
        export ICP_TABLE='local-Table'
        export LIMIT='5'
        export RUST_LOG='info'"]]
    .assert_eq(&text);
    let (done, text) = said(&["env", "nobody"]);
    assert_eq!(
        (done, &*text),
        (false, "error: the template has no function nobody")
    );
}

#[test]
fn a_served_deployment_greets_is_asked_and_ends_cleanly_by_ctrl_c() {
    let directory = tempfile::tempdir().unwrap();
    let child = of_this_service(&["--port", "0", "--aws-port", "0", "--dir"])
        .arg(directory.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut served = Served(child);
    let mut output = BufReader::new(served.0.stdout.take().unwrap());
    let mut greeting = String::new();
    while !greeting.contains("/operations/brake") {
        assert_ne!(output.read_line(&mut greeting).unwrap(), 0, "{greeting}");
    }
    let after = |word: &str| {
        let line = greeting
            .lines()
            .find(|line| line.starts_with(word))
            .unwrap();
        line.trim_start_matches(word).trim().to_owned()
    };
    assert!(after("HTTP API").starts_with("http://127.0.0.1:"));
    assert_eq!(after("filer=").split('.').count(), 3);
    assert_eq!(greeting.matches("curl").count(), 3);
    let port = after("AWS protocols")
        .rsplit(':')
        .next()
        .unwrap()
        .to_owned();
    let asked = |arguments: &[&str]| said(&[arguments, &["--aws-port", &port]].concat());
    assert!(asked(&["clock", "set", "2026-03-02T10:00:00+08:00"]).0);
    assert!(
        asked(&["clock", "advance", "3d"])
            .1
            .starts_with("2026-03-05T02:00:")
    );
    assert!(asked(&["clock"]).1.starts_with("2026-03-05T02:00:"));
    assert_eq!(
        asked(&["token", "reviewer", "provider"])
            .1
            .split('.')
            .count(),
        3
    );
    assert_eq!(asked(&["sms"]), (true, String::new()));
    assert_eq!(
        asked(&["run", "schedule-audits"]),
        (true, "schedule-audits has run".to_owned())
    );
    let (done, text) = asked(&["--port", "0", "--dir", directory.path().to_str().unwrap()]);
    assert!(!done);
    assert!(
        text.starts_with(&format!("error: port {port} on 127.0.0.1 is in use")),
        "{text}"
    );
    let interrupt = Command::new("kill")
        .args(["-INT", &served.0.id().to_string()])
        .status();
    assert!(interrupt.unwrap().success());
    assert!(served.0.wait().unwrap().success());
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!(rest.trim(), "stopped; the data is kept");
    let (done, text) = asked(&["clock"]);
    assert!(!done);
    assert!(text.contains("start one with `cargo local`"), "{text}");
}
