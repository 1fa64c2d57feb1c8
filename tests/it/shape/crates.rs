//! Who names whom: the graph of our own crates.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value as Json;

use super::{function_folders, root};

/// What a shared crate may name of ours.
const SHARED: &[(&str, &[&str])] = &[
    ("icp-domain", &[]),
    ("icp-store", &["icp-domain"]),
    ("icp-notifications", &["icp-domain"]),
    ("icp-lookups", &["icp-domain"]),
    ("icp-runtime", &["icp-domain"]),
    ("icp-tables", &["icp-domain"]),
    ("icp-use-cases", &["icp-domain", "icp-store"]),
    ("icp-http", &["icp-domain", "icp-store", "icp-runtime"]),
];

/// What a function may name of ours.
const FUNCTIONS: &[(&str, &[&str])] = &[
    ("submit-filing", HTTP),
    ("verify-contact", HTTP),
    ("rectify-filing", HTTP),
    ("review-filing", HTTP),
    ("run-operations", OPERATES),
    ("serve-pages", PAGES),
    ("schedule-audits", STEPS),
    ("export-filings", FILES),
    ("import-filings", FILES),
    ("judge-evidence", STEPS),
    ("expire-deadlines", STEPS),
    ("deliver-notices", SENDS),
    ("gather-evidence", LOOKS),
];

const HTTP: &[&str] = &[
    "icp-domain",
    "icp-runtime",
    "icp-http",
    "icp-use-cases",
    "icp-store",
];
/// Static files: no table, no key, no bucket.
const PAGES: &[&str] = &["icp-domain", "icp-runtime", "icp-http"];
/// Shows notices as they will read, and writes reports as tables; it sends none.
const OPERATES: &[&str] = &[
    "icp-domain",
    "icp-runtime",
    "icp-http",
    "icp-use-cases",
    "icp-store",
    "icp-notifications",
    "icp-tables",
];
const STEPS: &[&str] = &["icp-domain", "icp-runtime", "icp-use-cases", "icp-store"];
const FILES: &[&str] = &[
    "icp-domain",
    "icp-runtime",
    "icp-use-cases",
    "icp-store",
    "icp-tables",
];
const SENDS: &[&str] = &[
    "icp-domain",
    "icp-runtime",
    "icp-use-cases",
    "icp-store",
    "icp-notifications",
];
/// No database client: this function talks to hostile sites.
const LOOKS: &[&str] = &["icp-domain", "icp-runtime", "icp-lookups"];

/// May name everything.
const WHOLE: &[&str] = &["icp-local", "icp-tests"];

/// The crates in which an SDK or a network stack stops.
const STOPS_IN: &[(&str, &[&str])] = &[
    ("aws-sdk-dynamodb", &["icp-store"]),
    ("aws-sdk-kms", &["icp-store"]),
    ("aws-sdk-sns", &["icp-notifications"]),
    ("aws-sdk-sqs", &["icp-runtime"]),
    ("hickory-resolver", &["icp-lookups"]),
    ("serde_dynamo", &["icp-store"]),
    ("getrandom", &["icp-runtime"]),
];

#[test]
fn a_crate_names_of_ours_only_what_the_architecture_lets_it_name() {
    let packages = packages();
    let ours: BTreeSet<&str> = packages.keys().map(String::as_str).collect();
    let allowed: BTreeMap<&str, &[&str]> = SHARED.iter().chain(FUNCTIONS).copied().collect();
    for (name, package) in &packages {
        if WHOLE.contains(&name.as_str()) {
            continue;
        }
        let allowed = allowed
            .get(name.as_str())
            .unwrap_or_else(|| panic!("{name} is new: say in this table whom it may name"));
        for named in &package.names {
            assert!(
                !ours.contains(named.as_str()) || allowed.contains(&named.as_str()),
                "{name} names {named}"
            );
        }
    }
    let listed: BTreeSet<&str> = allowed.into_keys().chain(WHOLE.iter().copied()).collect();
    assert_eq!(listed, ours, "the table lists a crate that is gone");
}

#[test]
fn an_sdk_stops_in_its_crate() {
    for (name, package) in packages() {
        for (sdk, crates) in STOPS_IN {
            assert!(
                !package.names.contains(*sdk)
                    || crates.contains(&name.as_str())
                    || WHOLE.contains(&name.as_str()),
                "{name} names {sdk}"
            );
        }
    }
}

#[test]
fn gather_evidence_has_no_database_key_or_topic_client_in_its_binary() {
    let tree = cargo(&[
        "tree",
        "--locked",
        "--package=gather-evidence",
        "--edges=normal",
        "--prefix=none",
        "--format={p}",
    ]);
    let names: BTreeSet<&str> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(
        names.contains("icp-lookups"),
        "this is not its tree: {tree}"
    );
    for barred in [
        "icp-store",
        "icp-use-cases",
        "icp-notifications",
        "aws-sdk-dynamodb",
        "aws-sdk-kms",
        "aws-sdk-sns",
    ] {
        assert!(!names.contains(barred), "gather-evidence holds {barred}");
    }
}

#[test]
fn folder_package_and_binary_of_a_function_have_one_name() {
    let packages = packages();
    let functions: Vec<String> = packages
        .iter()
        .filter(|(_, package)| package.folder.starts_with("functions/"))
        .map(|(name, _)| name.clone())
        .collect();
    assert_eq!(functions, function_folders());
    for name in functions {
        let package = &packages[&name];
        assert_eq!(package.folder, format!("functions/{name}"));
        assert_eq!(package.binaries, [name]);
    }
}

#[test]
fn a_shared_crate_is_named_after_its_folder() {
    for (name, package) in packages() {
        if let Some(folder) = package.folder.strip_prefix("shared/") {
            assert_eq!(name, format!("icp-{folder}"));
        }
    }
}

struct Package {
    folder: String,
    names: BTreeSet<String>,
    binaries: Vec<String>,
}

fn packages() -> BTreeMap<String, Package> {
    let metadata = cargo(&["metadata", "--no-deps", "--format-version=1"]);
    let metadata: Json = serde_json::from_str(&metadata).unwrap();
    let root = root();
    let listed = metadata["packages"].as_array().unwrap().iter();
    let package = |package: &Json| {
        let manifest = package["manifest_path"].as_str().unwrap();
        let folder = std::path::Path::new(manifest).parent().unwrap();
        let folder = folder.strip_prefix(&root).unwrap().to_str().unwrap();
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let targets = package["targets"].as_array().unwrap().iter();
        Package {
            folder: folder.to_owned(),
            names: dependencies.map(|named| string(&named["name"])).collect(),
            binaries: targets
                .filter(|target| target["kind"][0] == "bin")
                .map(|target| string(&target["name"]))
                .collect(),
        }
    };
    listed
        .map(|json| (string(&json["name"]), package(json)))
        .collect()
}

fn string(json: &Json) -> String {
    json.as_str().unwrap().to_owned()
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--offline")
        .current_dir(root())
        .output()
        .unwrap();
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}: {problem}");
    String::from_utf8(output.stdout).unwrap()
}
