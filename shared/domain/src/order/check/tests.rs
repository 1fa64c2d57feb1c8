//! Drafts against the rulebook: everything at once, refusals apart from warnings.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::*;
use crate::filing::SubjectState;
use crate::identifiers::IcpNumber;

/// When every draft is checked.
const NOW: &str = "2026-03-02T02:00:00Z";

fn draft() -> Value {
    json!({
        "subject": {
            "province": "44", "nature": "enterprise", "name": "示例公司",
            "certificate": { "kind": "credit-code", "number": "91440300708461136T" },
            "certificateAddress": "深圳市南山区示例路1号", "postalAddress": "深圳市南山区示例路1号",
            "principal": "p1", "legalRepresentative": "王小明",
        },
        "persons": [person("p1", "王小明", "11010519491231002X", "13800000001")],
        "services": [{ "id": "1", "name": "示例网站", "domains": ["example.cn"],
            "homePage": "https://www.example.cn/", "principal": "p1" }],
        "materials": [paper("m1", "subject-certificate"), paper("m2", "principal-identity"),
            paper("m3", "verification-form")],
    })
}

fn person(id: &str, name: &str, identity: &str, mobile: &str) -> Value {
    json!({ "id": id, "name": name, "identity": identity, "mobile": mobile,
        "email": format!("{id}@example.cn") })
}

fn paper(id: &str, kind: &str) -> Value {
    json!({ "id": id, "kind": kind, "custody": { "custody": "paper", "shelfMark": "A-1" } })
}

fn filing(filed: bool) -> Filing {
    let state = if filed {
        SubjectState::Filed {
            number: IcpNumber::parse("粤ICP备2026000001号").unwrap(),
            filed_at: NOW.parse().ok(),
        }
    } else {
        SubjectState::New
    };
    let mut filing = Filing::begun("s1".parse().unwrap(), "a1".parse().unwrap());
    filing.subject.state = state;
    filing
}

fn checked(kind: OrderKind, filed: bool, draft: &Value) -> Checked {
    let typed: TypedDraft = serde_json::from_value(draft.clone()).unwrap();
    let against = Against {
        kind,
        filing: &filing(filed),
        rulebook: &Rulebook::shipped().unwrap(),
        now: NOW.parse().unwrap(),
    };
    let checked = typed.check(&against);
    assert_eq!(checked.draft.is_some(), checked.violations.is_empty());
    assert_eq!(typed.checked(&against).ok(), checked.draft);
    checked
}

fn check(change: impl FnOnce(&mut Value), expected: &Expect) {
    let mut draft = draft();
    change(&mut draft);
    let checked = checked(OrderKind::FirstFiling, false, &draft);
    let line = |sign: &str, found: &Violation| {
        let as_of = found
            .as_of
            .map(|day| format!(" ({day})"))
            .unwrap_or_default();
        format!("{sign} {} {}{as_of}", found.field, found.rule)
    };
    let refusals = checked.violations.iter().map(|found| line("-", found));
    let warnings = checked.warnings.iter().map(|found| line("?", found));
    let lines: Vec<String> = refusals.chain(warnings).collect();
    expected.assert_eq(&lines.join("\n"));
}

/// Moves the draft to a province, with a certificate of anywhere.
fn to(province: &str) -> impl FnOnce(&mut Value) + use<'_> {
    move |draft| draft["subject"]["province"] = json!(province)
}

#[test]
fn a_draft_with_nothing_wrong_is_taken_and_still_warned_of() {
    check(
        |_| {},
        &expect![[r#"
            ? /subject/postalAddress address-in-certificates-city (2021-04-11)
            ? /persons mobiles-too-few (2021-04-11)
            ? /services domain-holder (2020-01-15)"#]],
    );
}

#[test]
fn everything_is_said_at_once_whatever_does_not_parse() {
    check(
        |draft| {
            draft["subject"]["certificate"]["number"] = json!("91440300708461136X");
            draft["subject"]["postalAddress"] = json!("");
            draft["persons"][0]["identity"] = json!("11010519491231002");
            draft["persons"][0]["identityUntil"] = json!("2026-03-01");
            draft["services"][0]["name"] = json!("ab");
            draft["services"][0]["domains"] = json!(["example.org", "www.example.cn", "example"]);
            draft["services"][0]["homePage"] = json!("http://example.com:8080/");
            draft["materials"] = json!([paper("m1", "subject-certificate")]);
        },
        &expect![[r#"
            - /subject/postalAddress field-missing
            - /persons/0/identity resident-id-form
            - /services/0/domains/2 domain-name-one-label
            - /subject/certificate/number credit-code-check-digit
            - /persons/0/identityUntil document-expired (2005-03-20)
            - /services/0/name site-name-too-short (2021-04-11)
            - /services/0/name site-name-latin (2021-04-11)
            - /services/0/homePage home-page-refused (2005-03-20)
            - /services/0/domains domains-of-site (2019-04-22)
            - /services/0/domains/0 suffix-refused (2021-04-11)
            - /services/0/domains/1 domain-not-registrable (2021-04-11)
            - /materials material-missing
            - /materials material-missing
            ? /subject/postalAddress address-in-certificates-city (2021-04-11)
            ? /subject/legalRepresentative principal-not-representative (2021-04-11)
            ? /persons mobiles-too-few (2021-04-11)
            ? /services domain-holder (2020-01-15)"#]],
    );
}

#[test]
fn an_empty_draft_names_every_field_that_is_needed() {
    check(
        |draft| *draft = json!({}),
        &expect![[r#"
            - /subject/principal field-missing
            - /subject/name field-missing
            - /subject/certificateAddress field-missing
            - /subject/postalAddress field-missing
            - /subject/nature field-missing
            - /subject/province field-missing
            - /subject/certificate field-missing
            - /services services-of-order (2021-04-11)
            - /materials material-missing
            - /materials material-missing
            - /materials material-missing"#]],
    );
}

#[test]
fn a_nature_files_by_its_certificate() {
    check(
        |draft| {
            draft["subject"]["certificate"] =
                json!({ "kind": "registration-number", "number": "110108012660422" });
        },
        &expect![[r#"
            - /subject/certificate certificate-not-merged (2021-04-11)
            ? /subject/postalAddress address-in-certificates-city (2021-04-11)
            ? /persons mobiles-too-few (2021-04-11)
            ? /services domain-holder (2020-01-15)"#]],
    );
    check(
        |draft| draft["subject"]["nature"] = json!("foundation"),
        &expect![[r#"
            ? /subject/certificate/number credit-class-not-of-nature
            ? /subject/postalAddress address-in-certificates-city (2021-04-11)
            ? /persons mobiles-too-few (2021-04-11)
            ? /services domain-holder (2020-01-15)"#]],
    );
    check(
        |draft| draft["subject"]["nature"] = json!("individual"),
        &expect![[r#"
            - /subject/certificate/kind certificate-not-of-nature (2020-09-29)
            - /materials material-missing (2021-04-11)
            ? /subject/certificate/number credit-class-not-of-nature
            ? /persons mobiles-too-few (2021-04-11)"#]],
    );
}

#[test]
fn who_may_be_the_principal_is_the_provinces_rule() {
    let other = |draft: &mut Value| draft["subject"]["legalRepresentative"] = json!("李小红");
    check(
        other,
        &expect![[r#"
            - /subject/principal principal-not-representative (2021-04-11)
            ? /subject/postalAddress address-in-certificates-city (2021-04-11)
            ? /persons mobiles-too-few (2021-04-11)
            ? /services domain-holder (2020-01-15)"#]],
    );
    check(
        |draft| draft["subject"]["legalRepresentative"] = json!(""),
        &expect![[r#"
            ? /subject/postalAddress address-in-certificates-city (2021-04-11)
            ? /subject/legalRepresentative principal-not-representative (2021-04-11)
            ? /persons mobiles-too-few (2021-04-11)
            ? /services domain-holder (2020-01-15)"#]],
    );
    // With a letter, in Sichuan.
    check(
        |draft| {
            other(draft);
            draft["subject"]["province"] = json!("51");
        },
        &expect![[r#"
            - /materials material-missing (2021-04-11)
            - /materials material-missing (2021-04-11)
            ? /subject/province province-not-of-certificate (2021-04-11)
            ? /services domain-holder (2021-04-11)"#]],
    );
}

#[test]
fn ages_and_documents_are_told_by_province() {
    let born = |identity: &str| {
        let identity = identity.to_owned();
        move |draft: &mut Value| draft["persons"][0]["identity"] = json!(identity)
    };
    // Seventeen: accepted with a proof in Guangdong, not in Hubei.
    check(
        born("440524200806010010"),
        &expect![[r#"
            ? /subject/postalAddress address-in-certificates-city (2021-04-11)
            ? /persons/0/identity principal-young (2021-04-11)
            ? /persons mobiles-too-few (2021-04-11)
            ? /services domain-holder (2020-01-15)"#]],
    );
    check(
        |draft| {
            born("440524200806010010")(draft);
            draft["subject"]["province"] = json!("42");
        },
        &expect![[r#"
            - /persons/0/identity principal-too-young (2021-04-11)
            ? /subject/province province-not-of-certificate (2021-04-11)
            ? /services domain-holder (2021-04-11)"#]],
    );
    check(
        born("440524202606010015"),
        &expect![[r#"
            - /persons/0/identity birth-date-in-future
            ? /subject/postalAddress address-in-certificates-city (2021-04-11)
            ? /persons mobiles-too-few (2021-04-11)
            ? /services domain-holder (2020-01-15)"#]],
    );
    check(
        |draft| {
            draft["persons"][0]["identityUntil"] = json!("2026-05-01");
            draft["subject"]["province"] = json!("31");
        },
        &expect![[r#"
            - /persons/0/identityUntil document-expires-soon (2021-04-11)
            ? /subject/province province-not-of-certificate (2021-04-11)
            ? /services domain-validity (2021-04-11)
            ? /services domain-holder (2021-04-11)"#]],
    );
}

#[test]
fn limits_are_national_and_of_the_province() {
    check(
        |draft| draft["services"][0]["domains"] = json!(["example.cn", "example.com"]),
        &expect![[r#"
            - /services/0/domains domains-of-site (2019-04-22)
            ? /subject/postalAddress address-in-certificates-city (2021-04-11)
            ? /persons mobiles-too-few (2021-04-11)
            ? /services domain-holder (2020-01-15)"#]],
    );
    let two_sites = |draft: &mut Value| {
        let mut second = draft["services"][0].clone();
        second["id"] = json!("2");
        second["domains"] = json!(["example.com"]);
        second["homePage"] = json!("https://example.com/");
        draft["services"].as_array_mut().unwrap().push(second);
    };
    check(
        two_sites,
        &expect![[r#"
            ? /subject/postalAddress address-in-certificates-city (2021-04-11)
            ? /persons mobiles-too-few (2021-04-11)
            ? /services domain-holder (2020-01-15)"#]],
    );
    check(
        |draft| {
            two_sites(draft);
            draft["subject"]["province"] = json!("43");
        },
        &expect![[r#"
            - /services sites-per-order (2025-12-31)
            - /services domains-per-order (2025-12-31)
            - /materials material-missing (2021-04-11)
            ? /subject/province province-not-of-certificate (2021-04-11)
            ? /services site-must-be-open (2020-01-15)
            ? /services domain-holder (2021-04-11)
            ? /materials material-may-be-needed (2025-12-31)"#]],
    );
}

#[test]
fn provinces_warn_of_what_no_draft_can_show() {
    check(
        to("11"),
        &expect![[r#"
            ? /subject/province province-not-of-certificate (2021-04-11)
            ? /persons mobiles-too-few (2021-04-11)
            ? /services domain-validity (2025-12-31)
            ? /services domain-holder (2021-04-11)"#]],
    );
    check(
        to("32"),
        &expect![[r#"
            - /materials material-missing (2020-09-29)
            ? /subject/province province-not-of-certificate (2021-04-11)
            ? /persons/0/mobile mobile-not-known-as-local (2021-04-11)
            ? /services domain-validity (2025-12-31)
            ? /services domain-holder (2020-01-15)"#]],
    );
    check(
        to("36"),
        &expect![[r#"
            ? /subject/province province-not-of-certificate (2021-04-11)
            ? /services site-must-be-open (2021-04-11)
            ? /services domain-holder (2020-01-15)"#]],
    );
    check(to("99"), &expect!["- /subject/province province-unknown"]);
}

#[test]
fn an_address_of_an_inner_network_is_warned_of() {
    check(
        |draft| {
            draft["services"][0]["addresses"] = json!([
                "203.0.113.7",
                "10.0.0.8",
                "::ffff:192.168.1.2",
                "fd00::8",
                "2001:db8::1"
            ]);
        },
        &expect![[r#"
            ? /subject/postalAddress address-in-certificates-city (2021-04-11)
            ? /persons mobiles-too-few (2021-04-11)
            ? /services/0/addresses/1 address-not-public (2005-03-20)
            ? /services/0/addresses/2 address-not-public (2005-03-20)
            ? /services/0/addresses/3 address-not-public (2005-03-20)
            ? /services domain-holder (2020-01-15)"#]],
    );
}

#[test]
fn two_people_with_one_number_are_for_staff_to_judge() {
    check(
        |draft| {
            let mut second = person("p2", "李小红", "440524188001010014", "17000000001");
            second["email"] = json!("p1@example.cn");
            draft["persons"][0]["mobile"] = json!("17000000001");
            draft["persons"].as_array_mut().unwrap().push(second);
        },
        &expect![[r#"
            ? /subject/postalAddress address-in-certificates-city (2021-04-11)
            ? /persons/0/mobile mobile-may-not-receive-sms (2020-01-01)
            ? /persons/0/mobile mobile-shared (2021-04-11)
            ? /persons/0/email email-shared (2021-04-11)
            ? /persons/1/mobile mobile-may-not-receive-sms (2020-01-01)
            ? /persons/1/mobile mobile-shared (2021-04-11)
            ? /persons/1/email email-shared (2021-04-11)
            ? /persons mobiles-too-few (2021-04-11)
            ? /services domain-holder (2020-01-15)"#]],
    );
}

#[test]
fn a_kind_fits_a_filing_that_stands_or_none() {
    for kind in OrderKind::ALL {
        let elsewhere = matches!(kind, OrderKind::AddSite | OrderKind::AddAccess);
        let first = kind == OrderKind::FirstFiling;
        for filed in [false, true] {
            let checked = checked(kind, filed, &draft());
            let refused = checked
                .violations
                .iter()
                .any(|found| found.rule == "order-kind");
            assert_eq!(
                refused,
                first == filed && (filed || !elsewhere),
                "{kind:?} {filed}"
            );
        }
    }
}

/// The filing that stands, as the draft has it: approved when rules were others.
fn standing(draft: &Value) -> Filing {
    let typed: TypedDraft = serde_json::from_value(draft.clone()).unwrap();
    let parsed = typed.parse(&filing(false)).unwrap();
    let mut filing = filing(true);
    filing.subject.details = Some(parsed.subject);
    filing.persons = parsed
        .persons
        .into_iter()
        .map(|(id, details)| {
            let person = crate::filing::Person {
                details,
                proof: None,
            };
            (id, person)
        })
        .collect();
    filing.services = parsed
        .services
        .into_iter()
        .map(|(id, details)| {
            let service = crate::filing::Service {
                number: None,
                details,
                deregistered_at: None,
                origin: crate::filing::Origin::Order,
            };
            (id, service)
        })
        .collect();
    filing.materials = parsed.materials;
    filing
}

#[test]
fn what_was_accepted_once_does_not_refuse_another_change() {
    let mut old = draft();
    old["services"][0]["name"] = json!("淘宝");
    old["services"][0]["domains"] = json!(["example.org", "example.com"]);
    old["services"][0]["homePage"] = json!("https://www.example.org/");
    old["subject"]["legalRepresentative"] = json!("李小红");
    old["subject"]["certificate"]["number"] = json!("91440300708461136X");
    old["persons"][0]["identity"] = json!("110105194912310021");
    let filing = standing(&old);
    let mut changed = old.clone();
    changed["persons"][0]["mobile"] = json!("13900000001");
    let refused = |kind, draft: &Value| -> Vec<String> {
        let typed: TypedDraft = serde_json::from_value(draft.clone()).unwrap();
        let against = Against {
            kind,
            filing: &filing,
            rulebook: &Rulebook::shipped().unwrap(),
            now: NOW.parse().unwrap(),
        };
        let found = typed.check(&against).violations;
        found.into_iter().map(|found| found.rule).collect()
    };
    let none: [&str; 0] = [];
    assert_eq!(refused(OrderKind::Change, &changed), none);
    let about = json!({ "services": [{ "id": "1" }] });
    for (kind, draft) in [
        (OrderKind::DeregisterSite, &about),
        (OrderKind::DeregisterSubject, &json!({})),
    ] {
        assert_eq!(refused(kind, draft), none, "{kind:?}");
    }
    let verified = json!({ "services": [{ "id": "1" }],
        "materials": [paper("m9", "verification-form")] });
    assert_eq!(refused(OrderKind::AddAccess, &verified), none);
    assert_eq!(refused(OrderKind::AddAccess, &about), ["material-missing"]);
    assert_eq!(
        refused(OrderKind::CancelAccess, &about),
        ["service-of-order"],
        "it has no access to cancel"
    );
    for (kind, draft) in [
        (OrderKind::AddSite, &about),
        (OrderKind::DeregisterSubject, &about),
        (OrderKind::DeregisterSite, &json!({})),
    ] {
        let rules = refused(kind, draft);
        assert!(
            rules.iter().any(|rule| rule.ends_with("-of-order")),
            "{kind:?} {rules:?}"
        );
    }
    assert_eq!(
        refused(OrderKind::DeregisterSite, &changed),
        ["data-of-order"]
    );
    changed["services"][0]["name"] = json!("天猫");
    changed["subject"]["certificate"]["number"] = json!("914403007084611360");
    changed["persons"][0]["identity"] = json!("110105194912310022");
    assert_eq!(
        refused(OrderKind::Change, &changed),
        [
            "credit-code-check-digit",
            "resident-id-check-digit",
            "site-name-too-short"
        ]
    );
}

#[test]
fn the_numbers_of_what_is_filed_elsewhere_check_too() {
    let mut elsewhere = draft();
    elsewhere["subject"]["certificate"]["number"] = json!("91440300708461136X");
    elsewhere["persons"][0]["identity"] = json!("110105194912310021");
    let found = checked(OrderKind::AddAccess, false, &elsewhere).violations;
    let mut rules = found.iter().map(|found| found.rule.as_str());
    assert!(rules.clone().any(|rule| rule == "credit-code-check-digit"));
    assert!(rules.any(|rule| rule == "resident-id-check-digit"));
}

#[test]
fn an_individuals_document_is_brought_once_and_a_permit_is_local_enough() {
    check(
        |draft| {
            draft["subject"]["nature"] = json!("individual");
            draft["subject"]["province"] = json!("53");
            draft["subject"]["name"] = json!("王小明");
            draft["subject"]["certificate"] =
                json!({ "kind": "resident-id", "number": "810000199408230021" });
            draft["persons"][0]["identity"] = json!("810000199408230021");
            draft["materials"] = json!([
                paper("m2", "principal-identity"),
                paper("m3", "verification-form")
            ]);
        },
        &expect![[r#""#]],
    );
}
