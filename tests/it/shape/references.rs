//! The generated references, and the table of rules behind one of them.

use expect_test::expect_file;
use icp_domain::rules::{self, Category, RULES};
use icp_http::ProblemKind;

/// The heads of a rule's page, in order.
const HEADS: [&str; 6] = [
    "## What it checks",
    "## Why",
    "## Legal basis",
    "## Kept",
    "## Broken",
    "## What to do",
];

#[test]
fn the_reference_of_rules_is_what_the_table_says() {
    expect_file!["../../../docs/RULES.md"].assert_eq(&rules::reference());
}

#[test]
fn the_reference_of_columns_is_what_the_tables_say() {
    expect_file!["../../../docs/COLUMNS.md"].assert_eq(&icp_domain::import::reference());
}

#[test]
fn the_reference_of_templates_is_what_the_texts_say() {
    let provider = icp_domain::Rulebook::shipped().unwrap().provider;
    let page = icp_notifications::reference(&provider);
    expect_file!["../../../docs/SMS-TEMPLATES.md"].assert_eq(&page);
}

#[test]
fn the_reference_of_problems_is_what_the_kinds_say() {
    expect_file!["../../../docs/PROBLEMS.md"].assert_eq(&ProblemKind::reference());
}

#[test]
fn rules_stand_in_the_order_of_their_codes_and_no_code_twice() {
    let codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
}

#[test]
fn the_first_digit_of_a_code_is_the_category() {
    for rule in RULES {
        let digit = match rule.category {
            Category::SubjectInformation => '1',
            Category::Contacts => '2',
            Category::Materials => '3',
            Category::Access => '4',
            Category::ContentAndHolder => '5',
        };
        let number = rule.code.strip_prefix("ICP-").unwrap();
        let digits = number.len() == 3 && number.chars().all(|c| c.is_ascii_digit());
        assert!(digits && number.starts_with(digit), "{}", rule.code);
    }
}

#[test]
fn a_rule_is_named_after_its_fault_in_kebab_case_and_no_name_twice() {
    let mut names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    for name in &names {
        let kebab = name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(kebab && !name.is_empty(), "{name}");
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn every_page_of_a_rule_has_the_same_heads_and_says_something_under_each() {
    for rule in RULES {
        let lines: Vec<&str> = rule.docs.lines().collect();
        assert_eq!(lines[0], format!("# {} {}", rule.code, rule.name));
        let heads: Vec<&str> = lines
            .iter()
            .copied()
            .filter(|line| line.starts_with("## "))
            .collect();
        assert_eq!(heads, HEADS, "{}", rule.code);
        for part in rule.docs.split("\n## ").skip(1) {
            let (head, said) = part.split_once('\n').unwrap();
            assert!(!said.trim().is_empty(), "{}: {head}", rule.code);
        }
    }
}

#[test]
fn every_rule_rests_on_something_and_says_its_fault_in_both_languages() {
    for rule in RULES {
        let fault = (rule.fault)();
        let said = [
            rule.basis,
            fault.in_language(icp_domain::Language::Chinese),
            fault.in_language(icp_domain::Language::English),
        ];
        assert!(said.iter().all(|text| !text.is_empty()), "{}", rule.code);
    }
}

#[test]
fn no_slug_of_a_problem_stands_twice() {
    let mut slugs: Vec<&str> = ProblemKind::ALL.iter().map(|kind| kind.slug()).collect();
    slugs.sort_unstable();
    let count = slugs.len();
    slugs.dedup();
    assert_eq!(slugs.len(), count);
}
