//! Rows of an import, as providers write them.

use expect_test::{Expect, expect};
use jiff::Timestamp;

use super::*;
use crate::filing::{Link, LinkState, Origin};

fn rulebook() -> Rulebook {
    Rulebook::shipped().unwrap()
}

fn at() -> Timestamp {
    "2026-03-02T02:00:00Z".parse().unwrap()
}

fn record(change: &[(Column, &str)]) -> Record {
    let mut record: Record = [
        (Column::Account, "a1"),
        (Column::ServiceNumber, "粤ICP备12345678号-1"),
        (Column::SubjectName, "深圳示例有限公司"),
        (Column::Nature, "企业"),
        (Column::CertificateKind, "统一社会信用代码"),
        (Column::CertificateNumber, "91440300708461136T"),
        (Column::CertificateAddress, "深圳市南山区示例路1号"),
        (Column::PostalAddress, "深圳市南山区示例路1号2楼"),
        (Column::ApprovedOn, "2019/5/6"),
        (Column::PrincipalName, "王小明"),
        (Column::PrincipalIdentity, "11010519491231002x"),
        (Column::PrincipalMobile, "138 0000 0001"),
        (Column::PrincipalEmail, "p1@example.cn"),
        (Column::ServiceName, "示例网"),
        (Column::Domains, "example.cn；example.com"),
        (Column::Addresses, "192.0.2.1, 2001:db8::1"),
    ]
    .map(|(column, text)| (column, text.to_owned()))
    .into();
    for (column, text) in change {
        record.insert(*column, (*text).to_owned());
    }
    record.retain(|_, text| !text.is_empty());
    record
}

fn bad(change: &[(Column, &str)], expected: &Expect) {
    let found = read(&record(change), &rulebook()).unwrap_err();
    let line = |bad: &BadCell| format!("{} {}", bad.column.map_or("-", Column::name), bad.rule);
    let lines: Vec<String> = found.iter().map(line).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn a_row_is_read_as_bases_write_it() {
    let row = read(&record(&[]), &rulebook()).unwrap();
    assert_eq!(row.number.to_string(), "粤ICP备12345678号");
    assert_eq!(row.id.as_str(), "1");
    assert_eq!(row.subject.province, "44");
    assert_eq!(row.persons.len(), 1);
    assert_eq!(row.service.principal.as_str(), "ps");
    assert_eq!(row.service.domains.len(), 2);
    assert_eq!(row.service.addresses.len(), 2);
    assert_eq!(row.approved_on, Some(jiff::civil::date(2019, 5, 6)));
    assert!(row.access);
}

#[test]
fn a_service_may_have_a_principal_of_its_own_with_another_document() {
    let row = read(
        &record(&[
            (Column::ServiceNumber, "粤ICP备12345678号-2A"),
            (Column::ServiceKind, "APP"),
            (Column::ServicePrincipalName, "CHAN Tai Man"),
            (
                Column::ServicePrincipalIdentityKind,
                "港澳居民来往内地通行证",
            ),
            (Column::ServicePrincipalIdentity, "H12345678"),
            (Column::ServicePrincipalMobile, "13800000002"),
            (Column::ServicePrincipalEmail, "p2@example.cn"),
            (Column::Access, "否"),
        ]),
        &rulebook(),
    )
    .unwrap();
    assert_eq!(row.id.as_str(), "2A");
    assert_eq!(row.service.kind, ServiceKind::App);
    assert_eq!(row.service.principal.as_str(), "p2A");
    assert!(!row.access);
}

#[test]
fn every_bad_column_is_told_at_once_and_none_of_what_stands_there() {
    bad(
        &[
            (Column::Account, "a b"),
            (Column::ServiceNumber, "粤ICP备"),
            (Column::Nature, "公司"),
            (Column::CertificateNumber, "9144030070846113"),
            (Column::PostalAddress, ""),
            (Column::ApprovedOn, "2019-02-30"),
            (Column::PrincipalIdentity, "110105194913310021"),
            (Column::PrincipalMobile, "12345"),
            (Column::PrincipalEmail, "nobody"),
            (Column::Domains, "exa mple_.cn"),
            (Column::Addresses, "192.0.2"),
            (Column::Access, "maybe"),
        ],
        &expect![[r#"
            serviceNumber icp-number-form
            account id-malformed
            nature not-in-list
            access not-a-flag
            approvedOn not-a-day
            postalAddress field-missing
            certificateNumber credit-code-form
            principalIdentity resident-id-birth-date
            principalMobile mobile-form
            principalEmail email-address-form
            domains domain-name-one-label
            addresses address-malformed"#]],
    );
}

#[test]
fn a_number_that_does_not_check_is_taken_as_filed() {
    let change = [
        (Column::CertificateNumber, "91440300708461136X"),
        (Column::PrincipalIdentity, "110105194912310021"),
    ];
    let row = read(&record(&change), &rulebook()).unwrap();
    assert!(row.subject.certificate.checks().is_err());
    let principal = &row.persons[&row.subject.principal];
    assert!(principal.identity.checks().is_err());
}

#[test]
fn numbers_belong_together_and_have_a_suffix() {
    bad(
        &[(Column::Number, "粤ICP备87654321号")],
        &expect![[r#"serviceNumber numbers-apart"#]],
    );
    bad(
        &[(Column::ServiceNumber, "粤ICP备12345678号")],
        &expect![[r#"serviceNumber suffix-missing"#]],
    );
}

#[test]
fn days_are_read_in_the_forms_of_spreadsheets() {
    for (text, expected) in [
        ("2024-01-31", Some((2024, 1, 31))),
        ("2024/1/31", Some((2024, 1, 31))),
        ("2024.01.31", Some((2024, 1, 31))),
        ("2024年1月31日", Some((2024, 1, 31))),
        ("20240131", Some((2024, 1, 31))),
        ("2024-01-31 10:00:00", Some((2024, 1, 31))),
        ("长期", None),
        ("", None),
    ] {
        let mut bad = Vec::new();
        let found = day(text, Column::ApprovedOn, &mut bad);
        let expected = expected.map(|(y, m, d)| jiff::civil::date(y, m, d));
        assert_eq!((found, bad.len()), (expected, 0), "{text}");
    }
    for text in ["31.1.2024", "2024-13-01", "yesterday", "2024"] {
        let mut bad = Vec::new();
        assert_eq!(day(text, Column::ApprovedOn, &mut bad), None, "{text}");
        assert_eq!(bad.len(), 1, "{text}");
    }
}

fn begun() -> Filing {
    Filing::begun("s1".parse().unwrap(), "a1".parse().unwrap())
}

fn imported(filing: &Filing, change: &[(Column, &str)]) -> (Filing, RowOutcome) {
    filing.imported(&read(&record(change), &rulebook()).unwrap(), at())
}

#[test]
fn rows_of_a_subject_add_up_and_come_again_for_nothing() {
    let second = [
        (Column::ServiceNumber, "粤ICP备12345678号-2"),
        (Column::Domains, "two.cn"),
    ];
    let (one, outcome) = imported(&begun(), &[]);
    assert_eq!(outcome, RowOutcome::Added);
    let (two, outcome) = imported(&one, &second);
    assert_eq!(outcome, RowOutcome::Added);
    assert_eq!(two.services.len(), 2);
    assert!(two.links.values().all(Link::is_live));
    assert_eq!(imported(&two, &[]), (two.clone(), RowOutcome::Same));
    assert_eq!(imported(&two, &second), (two.clone(), RowOutcome::Same));
    let (changed, outcome) = imported(&two, &[(Column::ServiceName, "新名称")]);
    assert_eq!(outcome, RowOutcome::Changed);
    assert_eq!(
        changed.services[&"1".parse::<ServiceId>().unwrap()]
            .details
            .name,
        "新名称"
    );
    // The other way round the same filing comes of it.
    let (other, _) = imported(&begun(), &second);
    assert_eq!(imported(&other, &[]).0, two);
}

#[test]
fn a_file_neither_overwrites_what_an_order_approved_nor_gives_back_what_was_stopped() {
    let (mut filing, _) = imported(&begun(), &[]);
    let id: ServiceId = "1".parse().unwrap();
    let link = filing.links[&id].clone().stop("c1".parse().unwrap(), at());
    filing.links.insert(id.clone(), link.unwrap());
    let (after, _) = imported(&filing, &[(Column::ServiceName, "新名称")]);
    assert!(matches!(after.links[&id].state, LinkState::Stopped { .. }));
    filing.services.get_mut(&id).unwrap().origin = Origin::Order;
    let (kept, outcome) = imported(&filing, &[(Column::ServiceName, "新名称")]);
    assert_eq!((kept, outcome), (filing, RowOutcome::Kept));
}

#[test]
fn headers_are_the_providers_own_or_ours() {
    let mapping: Mapping = serde_json::from_str(
        r#"{"columns":{"serviceNumber":"备案号","subjectName":"公司"},
            "values":{"nature":{"公司法人":"enterprise"}},"constants":{"account":"a1"}}"#,
    )
    .unwrap();
    let headers = [
        "备案号",
        "公司",
        "主办单位性质",
        "certificateKind",
        "主办单位证件号码",
        "主体负责人姓名",
        "域名",
        "备注",
    ]
    .map(str::to_owned);
    let columns = mapping.headers(&headers).unwrap();
    assert_eq!(columns.last(), Some(&None));
    let cells = [
        "粤ICP备1号-1",
        "示例",
        "公司法人",
        "",
        "x",
        "王",
        "a.cn",
        "?",
    ];
    let record = mapping.record(&columns, cells.map(str::to_owned).into_iter());
    assert_eq!(record[&Column::Account], "a1");
    assert_eq!(record[&Column::Nature], "enterprise");
    assert!(!record.contains_key(&Column::CertificateKind));
    assert_eq!(mapping.ignored(&headers), ["备注"]);
    assert_eq!(mapping.header_of(Column::SubjectName, &headers), "公司");
    assert_eq!(mapping.header_of(Column::Nature, &headers), "主办单位性质");
    assert_eq!(mapping.header_of(Column::Label, &headers), "label");
    let absent = mapping.headers(&headers[1..]).unwrap_err();
    assert_eq!(absent, MappingFault::Absent("备案号".to_owned()));
    let own = Mapping::<Column>::default();
    let missing = own.headers(&headers[2..]).unwrap_err();
    assert_eq!(
        missing,
        MappingFault::Missing("account, serviceNumber, subjectName".to_owned())
    );
    let twice = ["域名".to_owned(), "domains".to_owned()];
    assert_eq!(
        Mapping::<Column>::default().headers(&twice).unwrap_err(),
        MappingFault::Twice("domains")
    );
}

#[test]
fn a_header_stands_for_one_column() {
    let of = |columns: &str| serde_json::from_str::<Mapping>(columns).unwrap();
    let shared = of(
        r#"{"columns":{"account":"a","principalMobile":"电话","servicePrincipalMobile":" 电话"}}"#,
    );
    assert_eq!(shared.shared_headers(), [Column::ServicePrincipalMobile]);
    assert_eq!(of(r#"{"columns":{"account":"a"}}"#).shared_headers(), []);
}

/// A filing that an import began.
fn brought() -> Filing {
    let (id, account) = ("s1".parse().unwrap(), "a1".parse().unwrap());
    let row = read(&record(&[]), &rulebook()).unwrap();
    Filing::begun(id, account).imported(&row, at()).0
}

#[test]
fn what_the_bureau_took_off_the_record_no_base_brings_back() {
    let row = read(&record(&[]), &rulebook()).unwrap();
    let mut without_site = brought();
    without_site.deregister(&row.id, at());
    let mut without_subject = brought();
    without_subject.deregister_subject(at());
    for filing in [without_site, without_subject] {
        let (after, outcome) = filing.imported(&row, at());
        assert_eq!((after, outcome), (filing, RowOutcome::Kept));
    }
}

#[test]
fn a_filing_whose_order_is_in_flight_waits_for_its_end() {
    let mut filing = brought();
    filing.subject.order_in_flight = Some("o1".parse().unwrap());
    let row = read(&record(&[(Column::ServiceName, "新网站")]), &rulebook()).unwrap();
    assert_eq!(filing.imported(&row, at()).1, RowOutcome::Kept);
}

#[test]
fn a_person_whom_an_order_approved_stands_and_a_proof_goes_with_the_person() {
    let mut filing = brought();
    let principal: PersonId = "ps".parse().unwrap();
    let proof = crate::filing::Proof {
        verified_at: at(),
        until: at() + jiff::SignedDuration::from_hours(24),
        ask_at: None,
    };
    filing.persons.get_mut(&principal).unwrap().proof = Some(proof);
    let changed = |change: &[(Column, &str)], filing: &Filing| {
        let row = read(&record(change), &rulebook()).unwrap();
        filing.imported(&row, at()).0.persons[&principal].clone()
    };
    let renamed = [(Column::ServiceName, "新网站")];
    assert_eq!(changed(&renamed, &filing).proof, Some(proof));
    let other = [(Column::PrincipalIdentity, "440300199001010016")];
    assert_eq!(changed(&other, &filing).proof, None);
    filing.subject.origin = Origin::Order;
    let kept = changed(&other, &filing);
    assert_eq!(kept, filing.persons[&principal]);
}

#[test]
fn a_row_has_no_more_domains_than_one_commit_takes() {
    let domains: Vec<String> = (0..31).map(|n| format!("site-{n}.cn")).collect();
    let (all, most) = (domains.join(";"), domains[..30].join(";"));
    bad(
        &[(Column::Domains, &all)],
        &expect![[r#"domains too-many-domains"#]],
    );
    assert!(read(&record(&[(Column::Domains, &most)]), &rulebook()).is_ok());
}
