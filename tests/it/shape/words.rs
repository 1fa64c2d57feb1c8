//! The words of the pages against what they are words for, where the API's document does not list it: what it lists, the
//! pages' own types hold (`npm run check`).

use std::collections::{BTreeMap, BTreeSet};

use icp_domain::Rulebook;

use super::text;

/// What stands behind each name of a table of a page's source, the first `{ … }` after its name: `"name": value,`.
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
