//! The words of the pages against what they are words for.

use std::collections::{BTreeMap, BTreeSet};

use icp_domain::Rulebook;
use icp_domain::filing::{MaterialKind, Nature, ServiceKind};
use icp_domain::history::Happened;
use icp_domain::order::OrderKind;
use serde::Serialize;

use super::text;

/// The names that a table of a page's source has words for: the keys of the first `{ … }` after its name.
fn names(path: &str, table: &str) -> BTreeSet<String> {
    entries(path, table).into_keys().collect()
}

/// The same with what stands behind each name: `"name": value,`.
fn entries(path: &str, table: &str) -> BTreeMap<String, String> {
    let source = text(path);
    let (_, rest) = source
        .split_once(&format!("const {table}"))
        .unwrap_or_else(|| panic!("{path} has no {table}"));
    let (_, rest) = rest.split_once("{\n").unwrap();
    let (body, _) = rest.split_once("\n}").unwrap();
    // Of `"a": …, "b": …` each name stands before a colon.
    let mut found = BTreeMap::new();
    let mut rest = body;
    while let Some((before, after)) = rest.split_once("\": ") {
        let name = before.rsplit('"').next().unwrap().to_owned();
        let value = after.split_once("\": ").map_or(after, |(value, _)| value);
        found.insert(name, value.to_owned());
        rest = after;
    }
    assert!(!found.is_empty(), "{path}: {table} is empty");
    found
}

/// How the API writes each of them.
fn written<T: Serialize>(all: &[T]) -> BTreeSet<String> {
    all.iter()
        .map(|one| serde_json::to_value(one).unwrap())
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn whatever_happens_has_words_in_histories() {
    let happened = Happened::ALL.iter().map(|one| one.name().to_owned());
    assert_eq!(
        names("pages/src/words/happened.ts", "WORDS"),
        happened.collect()
    );
}

#[test]
fn every_term_of_the_api_has_words() {
    let terms = "pages/src/words/terms.ts";
    assert_eq!(names(terms, "NATURES"), written(&Nature::ALL));
    assert_eq!(names(terms, "ORDER_KINDS"), written(&OrderKind::ALL));
    assert_eq!(names(terms, "materialKinds"), written(&MaterialKind::ALL));
    assert_eq!(names(terms, "serviceKinds"), written(&ServiceKind::ALL));
}

#[test]
fn every_province_has_its_name_and_what_its_numbers_begin_with() {
    let terms = "pages/src/words/terms.ts";
    let rulebook = Rulebook::shipped().unwrap();
    let (named, prefixes) = (entries(terms, "PROVINCES"), entries(terms, "PREFIXES"));
    let mut codes = BTreeSet::new();
    for province in rulebook.provinces.iter() {
        let code = province.code.clone();
        let prefix = format!("\"{}\"", province.prefix);
        assert!(prefixes[&code].starts_with(&prefix), "{code}: {prefix}");
        assert!(named.contains_key(&code), "{code}");
        codes.insert(code);
    }
    assert_eq!(named.into_keys().collect::<BTreeSet<_>>(), codes);
    assert_eq!(prefixes.into_keys().collect::<BTreeSet<_>>(), codes);
}
