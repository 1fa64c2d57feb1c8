//! House rules that no lint knows.

use std::collections::BTreeMap;
use std::path::Path;

use super::{root, text};

/// A file with more lines than this before its tests asks to be two.
const LINES: usize = 400;

/// Files that are longer, each with the most lines it may have and why it is one. The table may
/// only shrink.
const LONGER: &[(&str, usize, &str)] = &[
    (
        "shared/local/src/deployment.rs",
        430,
        "one type: the events that it moves are in its folder",
    ),
    (
        "shared/local/src/template.rs",
        440,
        "one file format; its parts are in its folder",
    ),
];

/// What only some files may name: a word, where it may stand, and why nowhere else.
const ONLY_IN: &[(&[&str], &[&str], &str)] = &[
    (
        &["Lookups", "on_loopback"],
        &["shared/local/", "shared/lookups/"],
        "a deployed binary cannot be talked into private addresses",
    ),
    (
        &["Clock", "moved"],
        &["shared/local/", "shared/runtime/"],
        "a deployed binary cannot have its clock moved",
    ),
    (
        &["Timestamp", "now("],
        &["shared/runtime/src/clock.rs", "shared/local/src/clock.rs"],
        "time is an argument",
    ),
    (&["SystemTime", "now("], &[], "time is an argument"),
    (
        &["env", "var"],
        &["shared/runtime/src/environment.rs"],
        "the environment is read once, at start",
    ),
    (
        &["getrandom", ""],
        &["shared/runtime/src/clock.rs"],
        "chance is an argument",
    ),
];

#[test]
fn every_source_begins_by_saying_what_it_is() {
    for (path, text) in sources() {
        assert!(text.starts_with("//! "), "{path}");
    }
}

#[test]
fn a_source_is_short_or_stands_in_the_table_of_those_that_are_not() {
    let longer: BTreeMap<&str, usize> = LONGER
        .iter()
        .map(|(path, most, _)| (*path, *most))
        .collect();
    let mut found = Vec::new();
    for (path, text) in sources() {
        let lines = before_tests(&path, &text).lines().count();
        if lines <= LINES {
            continue;
        }
        let most = longer.get(path.as_str()).copied().unwrap_or(LINES);
        assert!(
            lines <= most,
            "{path} has {lines} lines, and may have {most}"
        );
        found.push(path);
    }
    let gone: Vec<&&str> = longer
        .keys()
        .filter(|path| !found.iter().any(|found| found == *path))
        .collect();
    assert!(gone.is_empty(), "short by now; take them off: {gone:?}");
}

#[test]
fn a_door_to_the_clock_the_loopback_or_the_environment_opens_only_where_it_must() {
    for (path, text) in sources() {
        let text = before_tests(&path, &text);
        for (word, places, why) in ONLY_IN {
            let word = word.join("::");
            let named = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .any(|line| line.contains(&word));
            let may = places.iter().any(|place| path.starts_with(place));
            assert!(!named || may, "{path} names {word}: {why}");
        }
    }
}

#[test]
fn every_door_is_still_where_the_table_says() {
    for (word, places, _) in ONLY_IN {
        let word = word.join("::");
        for place in *places {
            let named = sources()
                .iter()
                .any(|(path, text)| path.starts_with(place) && text.contains(&word));
            // The crate that defines a door says it by its own name, `Self`.
            let last = word.rsplit("::").next().unwrap_or_default();
            let defined = sources().iter().any(|(path, text)| {
                path.starts_with(place) && text.contains(&format!("fn {last}("))
            });
            assert!(named || defined, "{place} no longer names {word}");
        }
    }
}

#[test]
fn every_dependency_says_why_it_is_there_and_is_used() {
    let manifest = text("Cargo.toml");
    let section = manifest
        .split("[workspace.dependencies]")
        .nth(1)
        .and_then(|rest| rest.split("\n[").next())
        .unwrap();
    let (_ours, outside) = section.split_once("# --- the domain").unwrap();
    let manifests = manifests();
    let mut count = 0;
    for line in outside.lines().skip(1) {
        let Some((name, rest)) = line.split_once(" = ") else {
            continue;
        };
        let reason = rest.rsplit_once("# ").map(|(_, reason)| reason);
        assert!(
            reason.is_some_and(|reason| !reason.trim().is_empty()),
            "{name}: why?"
        );
        let forms = [
            format!("\n{name}.workspace"),
            format!("\n{name} = {{ workspace"),
        ];
        let used = manifests
            .iter()
            .any(|text| forms.iter().any(|form| text.contains(form)));
        assert!(used, "no crate names {name}");
        count += 1;
    }
    assert!(0 < count);
}

#[test]
fn every_crate_takes_its_lints_and_its_versions_from_the_workspace() {
    for text in manifests() {
        assert!(text.contains("[lints]\nworkspace = true"), "{text}");
        let fixed = text
            .lines()
            .filter(|line| !line.starts_with("version"))
            .any(|line| line.contains("version = \""));
        assert!(!fixed, "a version of its own: {text}");
    }
}

/// A source up to its tests; of a file of tests that is nothing.
fn before_tests<'a>(path: &str, text: &'a str) -> &'a str {
    if path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs") {
        return "";
    }
    text.split("\n#[cfg(test)]\nmod ").next().unwrap()
}

/// Every Rust source of the project, by its path.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["functions", "shared", "tests"] {
        walk(&root().join(folder), &mut |path| {
            if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap();
                found.push((name.to_owned(), std::fs::read_to_string(path).unwrap()));
            }
        });
    }
    assert!(100 < found.len(), "the sources are elsewhere");
    found
}

/// The text of every member's manifest.
fn manifests() -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["functions", "shared", "tests"] {
        walk(&root().join(folder), &mut |path| {
            if path.file_name().is_some_and(|name| name == "Cargo.toml") {
                found.push(std::fs::read_to_string(path).unwrap());
            }
        });
    }
    assert!(!found.is_empty());
    found
}

fn walk(folder: &Path, each: &mut impl FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, each);
        } else {
            each(&path);
        }
    }
}
