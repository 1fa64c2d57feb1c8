//! Rows of lists as bureaus write them, and which filing each is about.

use expect_test::{Expect, expect};
use jiff::Timestamp;

use super::*;
use crate::Rulebook;
use crate::filing::{Filing, Takes};
use crate::import::{Column, Mapping, Record, read as read_base};

fn record(cells: &[(ListColumn, &str)]) -> Record<ListColumn> {
    let cells = cells.iter();
    cells
        .map(|(column, text)| (*column, (*text).to_owned()))
        .collect()
}

/// A filing of 粤ICP备12345678号 with services 1 (one.cn) and 2 (two.cn, deux.cn), both of which have both.cn.
fn filing(id: &str, serial: u32) -> Filing {
    let rulebook = Rulebook::shipped().unwrap();
    let now: Timestamp = "2026-03-02T02:00:00Z".parse().unwrap();
    let begun = Filing::begun(id.parse().unwrap(), "a1".parse().unwrap());
    [("1", "one.cn both.cn"), ("2", "two.cn deux.cn both.cn")]
        .into_iter()
        .fold(begun, |filing, (service, domains)| {
            let number = format!("粤ICP备{serial}号-{service}");
            let row: Record = [
                (Column::Account, "a1"),
                (Column::ServiceNumber, number.as_str()),
                (Column::SubjectName, "深圳示例（集团）有限公司"),
                (Column::Nature, "企业"),
                (Column::CertificateKind, "统一社会信用代码"),
                (Column::CertificateNumber, "91440300708461136T"),
                (Column::CertificateAddress, "深圳市南山区示例路1号"),
                (Column::PostalAddress, "深圳市南山区示例路1号2楼"),
                (Column::PrincipalName, "王小明"),
                (Column::PrincipalIdentity, "11010519491231002x"),
                (Column::PrincipalMobile, "13800000001"),
                (Column::PrincipalEmail, "p1@example.cn"),
                (Column::ServiceName, "示例网"),
                (Column::Domains, domains),
            ]
            .map(|(column, text)| (column, text.to_owned()))
            .into();
            filing.imported(&read_base(&row, &rulebook).unwrap(), now).0
        })
}

fn found(cells: &[(ListColumn, &str)], candidates: &[Filing]) -> String {
    let row = read(ListKind::ToRectify, &record(cells)).unwrap();
    match matched(&row.named, candidates) {
        Matched::Sure(about) => {
            let service = about
                .service
                .map_or_else(String::new, |id| format!("/{id}"));
            format!("{}{service}", about.subject)
        }
        Matched::Doubtful(doubt, subject) => format!("{} {subject}", doubt.name()),
        Matched::Nothing => "nothing".to_owned(),
    }
}

#[test]
fn a_row_is_about_a_filing_where_all_that_it_names_agrees() {
    use ListColumn::{Domains, Number, ServiceNumber, UnitName};
    let ours = [filing("s1", 12_345_678)];
    for (cells, expected) in [
        (&[(Number, "粤ICP备12345678号")][..], "s1"),
        (&[(Number, "粵ICP備12345678號-2")], "s1/2"),
        (&[(ServiceNumber, "粤ICP备12345678号-1")], "s1/1"),
        (
            &[(Number, "粤ICP备12345678号"), (Domains, "www.two.cn")],
            "s1/2",
        ),
        (&[(Domains, "http://www.one.cn:80/a?b=c.d")], "s1/1"),
        (&[(Domains, "deux.cn；two.cn")], "s1/2"),
        (
            &[
                (Number, "粤ICP备12345678号"),
                (UnitName, "深圳示例(集团)有限公司"),
            ],
            "s1",
        ),
        (
            &[
                (Number, "粤ICP备12345678号"),
                (UnitName, "深圳实例(集团)有限公司"),
            ],
            "unit-name-differs s1",
        ),
        (&[(Number, "粤ICP备12345678号-3")], "service-unknown s1"),
        (
            &[(Number, "粤ICP备12345678号-1"), (Domains, "two.cn")],
            "domain-differs s1",
        ),
        (
            &[(Number, "粤ICP备12345678号"), (Domains, "three.cn")],
            "domain-differs s1",
        ),
        (&[(Domains, "one.cn two.cn")], "domain-differs s1"),
        (&[(Domains, "both.cn")], "several-services s1"),
        (
            &[(Number, "粤ICP备12345678号-1"), (Domains, "both.cn")],
            "s1/1",
        ),
        (
            &[(Number, "粤ICP备87654321号"), (Domains, "one.cn")],
            "number-differs s1",
        ),
        (
            &[(UnitName, "深圳示例（集团）有限公司")],
            "unit-name-alone s1",
        ),
        (
            &[
                (Number, "粤ICP备87654321号"),
                (UnitName, "深圳示例（集团）有限公司"),
            ],
            "unit-name-alone s1",
        ),
        (&[(Number, "粤ICP备87654321号")], "nothing"),
        (&[(Domains, "three.cn")], "nothing"),
        (&[(UnitName, "别的公司")], "nothing"),
    ] {
        assert_eq!(found(cells, &ours), expected, "{cells:?}");
    }
}

#[test]
fn what_several_filings_want_is_for_people() {
    use ListColumn::{Domains, Number};
    let two = [filing("s1", 12_345_678), filing("s2", 12_345_678)];
    assert_eq!(
        found(&[(Number, "粤ICP备12345678号")], &two),
        "several-filings s1"
    );
    let apart = [filing("s1", 12_345_678), filing("s2", 87_654_321)];
    assert_eq!(found(&[(Domains, "one.cn")], &apart), "several-filings s1");
    // The number tells which of them is meant.
    let both = [(Number, "粤ICP备87654321号"), (Domains, "one.cn")];
    assert_eq!(found(&both, &apart), "s2/1");
    let mut wanting = filing("s1", 12_345_678);
    wanting.subject.conflicts = vec![Takes::Number];
    assert_eq!(
        found(&[(Number, "粤ICP备12345678号")], &[wanting]),
        "several-filings s1"
    );
}

fn bad(kind: ListKind, cells: &[(ListColumn, &str)], expected: &Expect) {
    let found = read(kind, &record(cells)).unwrap_err();
    let lines: Vec<String> = found
        .iter()
        .map(|bad| format!("{} {}", bad.column.map_or("-", ListColumn::name), bad.rule))
        .collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn every_bad_column_of_a_row_is_told_at_once() {
    use ListColumn::{Domains, Number, Order, Reason, Result, ServiceNumber};
    bad(
        ListKind::OrderResults,
        &[
            (Order, "a b"),
            (Number, "粤ICP备12345678号"),
            (ServiceNumber, "粤ICP备87654321号-1"),
            (Domains, "192.0.2.1"),
            (Result, "maybe"),
        ],
        &expect![[r#"
            order id-malformed
            serviceNumber numbers-apart
            domains domain-name-is-address
            result not-in-list"#]],
    );
    bad(
        ListKind::OrderResults,
        &[(Order, "o1"), (Result, "驳回")],
        &expect!["reason field-missing"],
    );
    for cells in [&[(Reason, "违法信息")][..], &[(Order, "o1")]] {
        bad(ListKind::StopNow, cells, &expect!["- names-nothing"]);
    }
    // A site's number has its suffix, and one row one of them.
    bad(
        ListKind::Deregistered,
        &[(ServiceNumber, "粤ICP备12345678号")],
        &expect!["serviceNumber suffix-missing"],
    );
    bad(
        ListKind::StopNow,
        &[
            (Number, "粤ICP备12345678号-1"),
            (ServiceNumber, "粤ICP备12345678号-2"),
        ],
        &expect!["serviceNumber numbers-apart"],
    );
    let many: Vec<String> = (0..11).map(|n| format!("d{n}.cn")).collect();
    let many = many.join(" ");
    bad(
        ListKind::StopNow,
        &[(Domains, &many)],
        &expect!["domains too-many-domains"],
    );
}

#[test]
fn results_are_read_in_the_bureaus_words() {
    use ListColumn::{Order, Reason, Result};
    for (word, expected) in [
        ("通过", BureauResult::Approved),
        (
            "rejected",
            BureauResult::Rejected("网站名称不符".to_owned()),
        ),
        ("短信核验超时", BureauResult::SmsNotDone),
        ("短信核验完成", BureauResult::SmsDone),
        ("sent", BureauResult::Sent),
    ] {
        let cells = [(Order, "o1"), (Result, word), (Reason, "网站名称不符")];
        let row = read(ListKind::OrderResults, &record(&cells)).unwrap();
        assert_eq!(row.result, Some(expected), "{word}");
    }
}

#[test]
fn headers_are_known_as_bureaus_write_them_and_a_title_is_none() {
    let header = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Mapping::<ListColumn>::default().headers(&names)
    };
    let columns = header(&[
        "序号",
        "主体备案号",
        "网站备案号",
        "单位名称",
        "网站域名",
        "备注",
    ]);
    let names: Vec<&str> = columns
        .unwrap()
        .into_iter()
        .map(|column| column.map_or("-", ListColumn::name))
        .collect();
    assert_eq!(
        names,
        ["-", "number", "serviceNumber", "unitName", "domains", "-"]
    );
    assert!(header(&["附件1：广东省空壳网站名单", "", ""]).is_err());
    let headers = [
        "主体备案号",
        "ICP备案号",
        "网站域名",
        "网站首页网址",
        "审核结果",
        "审核意见",
    ];
    let names: Vec<String> = headers.iter().map(|name| (*name).to_owned()).collect();
    let mapping = Mapping::<ListColumn>::default();
    let columns = mapping.headers(&names).unwrap();
    let row = |cells: [&str; 6]| {
        let cells = cells.iter().map(|cell| (*cell).to_owned());
        read(ListKind::OrderResults, &mapping.record(&columns, cells))
    };
    // Columns that mean one thing are read together.
    let agrees = row([
        "粤ICP备12345678号",
        "粤ICP备12345678号-2",
        "two.cn",
        "http://www.two.cn/",
        "通过",
        "材料齐全",
    ])
    .unwrap();
    assert_eq!(agrees.named.domains.len(), 1);
    let number = agrees.named.service_number.unwrap();
    assert_eq!(number.service_suffix(), Some("2"));
    assert_eq!(agrees.result, Some(BureauResult::Approved));
    for (cells, expected) in [
        (
            ["粤ICP备12345678号", "粤ICP备87654321号", "", "", "通过", ""],
            "numbers-apart",
        ),
        (
            ["粤ICP备12345678号", "", "", "", "通过", "不同意"],
            "not-in-list",
        ),
    ] {
        assert_eq!(row(cells).unwrap_err()[0].rule, expected, "{cells:?}");
    }
}

#[test]
fn a_paper_is_checked_whole() {
    let head = |number: &str, issued: &str, reply: Option<&str>| ListHead {
        kind: ListKind::ToRectify,
        document_number: number.to_owned(),
        issued_on: issued.parse().unwrap(),
        reply_by: reply.map(|day| day.parse().unwrap()),
        of: None,
    };
    let today = jiff::civil::date(2026, 3, 2);
    let good = head("粤通管网安〔2026〕12号", "2026-03-02", Some("2026-03-20"));
    assert_eq!(good.check(today), []);
    let found = head(" ", "2026-03-03", Some("2026-03-02")).check(today);
    let rules: Vec<&str> = found.iter().map(|found| found.rule.as_str()).collect();
    assert_eq!(
        rules,
        [
            "document-number-form",
            "issued-after-today",
            "reply-before-issue"
        ]
    );
    // Of deregistrations it says whose; of nothing else.
    for (kind, of, expected) in [
        (ListKind::Deregistered, None, Some("field-missing")),
        (ListKind::Deregistered, Some(Deregistered::Sites), None),
        (
            ListKind::StopNow,
            Some(Deregistered::Sites),
            Some("field-not-of-kind"),
        ),
    ] {
        let head = ListHead {
            kind,
            of,
            ..good.clone()
        };
        let found = head.check(today);
        let rule = found.first().map(|found| found.rule.as_str());
        assert_eq!(rule, expected, "{kind:?}");
    }
}

#[test]
fn access_is_told_of_a_service_and_of_a_subject() {
    let mut filing = filing("s1", 12_345_678);
    let (one, two) = ("1".parse().unwrap(), "2".parse().unwrap());
    let now: Timestamp = "2026-03-02T02:00:00Z".parse().unwrap();
    let told = |filing: &Filing, service: Option<&str>| {
        let about = About {
            subject: filing.subject.id.clone(),
            service: service.map(|id| id.parse().unwrap()),
        };
        Outcome::of_access(filing, &about)
    };
    filing.end_link(&one, now);
    assert_eq!(told(&filing, Some("1")), Outcome::NotAccessed);
    assert_eq!(told(&filing, Some("2")), Outcome::Accessed);
    assert_eq!(told(&filing, None), Outcome::Accessed);
    let stopped = filing.links[&two].clone().stop("c1".parse().unwrap(), now);
    filing.links.insert(two, stopped.unwrap());
    assert_eq!(told(&filing, None), Outcome::Stopped);
}
