//! Every kind's text, as it is sent, and at its longest.

use std::fmt::Write as _;

use expect_test::{expect, expect_file};
use icp_domain::case::CaseNumber;
use icp_domain::code::derive;
use icp_domain::finding::Stage;
use icp_domain::notice::NoticeKind;
use icp_domain::rulebook::provider::{
    LONGEST_ADDRESS, LONGEST_NAME, LONGEST_SIGNATURE, LONGEST_TELEPHONE,
};
use icp_domain::{Rulebook, Text};
use jiff::Timestamp;

use super::kinds::every_kind;
use super::*;

/// Units of UCS-2 in a message of one part, and in each part of a longer one.
///
/// Source: 3GPP TS 23.040, 9.2.3.24.1 (140 octets, 6 of them a header where parts are joined).
const ONE_PART: usize = 70;
const EACH_PART: usize = 67;

/// Whatever a text is about.
fn abouts() -> Vec<About> {
    let notices = every_kind().into_iter().map(About::Notice);
    notices.chain([About::Digest]).collect()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn provider() -> Provider {
    Rulebook::shipped().unwrap().provider
}

fn parameters() -> Parameters {
    Parameters {
        case_number: Some(CaseNumber::of_attempt(&"c1".parse().unwrap(), 0)),
        due_at: Some(at("2026-03-12T00:00:00+08:00")),
        findings: 2,
        may_stop: true,
        code: Some(derive(b"secret", "contact", &["x"], 6)),
        ..Parameters::default()
    }
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn parts(units: usize) -> usize {
    if units <= ONE_PART {
        1
    } else {
        units.div_ceil(EACH_PART)
    }
}

fn lengths(message: &SmsMessage) -> String {
    let units = units(message.text.reveal());
    format!(
        "{} {units} units, {} SMS",
        message.template.as_str(),
        parts(units)
    )
}

#[test]
fn every_kind_has_its_text() {
    let mut table = String::new();
    for about in abouts() {
        let message = sms_text(&about, &parameters(), &provider());
        assert_eq!(message.lacking, None);
        writeln!(table, "{}", lengths(&message)).unwrap();
        for (name, value) in &message.parameters {
            writeln!(table, "  {name} = {}", value.reveal()).unwrap();
        }
        writeln!(table, "  {}", message.text.reveal()).unwrap();
    }
    expect_file!["every_kind.txt"].assert_eq(&table);
}

#[test]
fn no_text_is_longer_than_three_sms_with_every_value_at_its_longest() {
    let longest = Provider {
        name: Text::new("云".repeat(LONGEST_NAME), ""),
        signature: "云".repeat(LONGEST_SIGNATURE),
        address: "a".repeat(LONGEST_ADDRESS),
        telephone: "0".repeat(LONGEST_TELEPHONE),
        sms_templates: std::collections::BTreeMap::new(),
    };
    let parameters = Parameters {
        due_at: Some(at("2026-12-31T00:00:00+08:00")),
        findings: usize::MAX,
        may_stop: true,
        code: Some(derive(b"secret", "contact", &["x"], 6)),
        ..parameters()
    };
    let mut table = String::new();
    for about in abouts() {
        let message = sms_text(&about, &parameters, &longest);
        assert!(parts(units(message.text.reveal())) <= 3);
        writeln!(table, "{}", lengths(&message)).unwrap();
    }
    expect![[r#"
        code 71 units, 2 SMS
        proof-lapses 111 units, 2 SMS
        order-approved 85 units, 2 SMS
        order-returned 91 units, 2 SMS
        order-reminder 103 units, 2 SMS
        yearly-review 118 units, 2 SMS
        yearly-review-reminder 109 units, 2 SMS
        audit-notice 142 units, 3 SMS
        reminder-half-time 135 units, 3 SMS
        reminder-three-days 138 units, 3 SMS
        reminder-one-day 150 units, 3 SMS
        period-extended 122 units, 2 SMS
        appeal-granted 103 units, 2 SMS
        appeal-refused 101 units, 2 SMS
        objection-upheld 106 units, 2 SMS
        objection-refused 112 units, 2 SMS
        correction-in-part 127 units, 2 SMS
        deregistered 101 units, 2 SMS
        case-closed 92 units, 2 SMS
        access-stopped 122 units, 2 SMS
        access-reinstated 87 units, 2 SMS
        digest 134 units, 2 SMS
    "#]]
    .assert_eq(&table);
}

#[test]
fn what_is_left_open_is_no_address_and_no_telephone_number() {
    for about in abouts() {
        let message = sms_text(&about, &parameters(), &provider());
        assert!(
            !message.text.reveal().contains(['{', '}']),
            "{}",
            message.text.reveal()
        );
        for (name, value) in &message.parameters {
            let value = value.reveal();
            assert!(!value.contains(['.', '/', '@']), "{name} {value}");
        }
        let ours = [&provider().address, &provider().telephone];
        let notices = !matches!(about, About::Notice(NoticeKind::Code { .. }));
        for fixed in ours {
            assert_eq!(message.text.reveal().contains(fixed), notices, "{about:?}");
        }
    }
}

#[test]
fn a_notice_that_lacks_a_parameter_says_which() {
    let lacking = abouts().into_iter().map(|about| {
        let message = sms_text(&about, &Parameters::default(), &provider());
        let lacks = message.lacking.unwrap_or("nothing");
        format!("{} lacks {lacks}\n", message.template.as_str())
    });
    expect![[r#"
        code lacks code
        proof-lapses lacks deadline
        order-approved lacks nothing
        order-returned lacks nothing
        order-reminder lacks nothing
        yearly-review lacks deadline
        yearly-review-reminder lacks deadline
        audit-notice-without-stop lacks findings
        reminder-half-time lacks number
        reminder-three-days lacks number
        reminder-one-day-without-stop lacks number
        period-extended lacks number
        appeal-granted lacks number
        appeal-refused lacks number
        objection-upheld lacks number
        objection-refused lacks number
        correction lacks number
        deregistered lacks nothing
        case-closed lacks number
        access-stopped lacks number
        access-reinstated lacks nothing
        digest-without-deadline lacks findings
    "#]]
    .assert_eq(&lacking.collect::<String>());
}

#[test]
fn a_stop_is_spoken_of_only_where_one_may_follow() {
    let reminder = NoticeKind::Reminder {
        case: "c1".parse().unwrap(),
        finding: "f1".parse().unwrap(),
        due_at: at("2026-03-12T00:00:00+08:00"),
        stage: Stage::OneDay,
    };
    for kind in [NoticeKind::Audit { told: Vec::new() }, reminder] {
        for may_stop in [true, false] {
            let parameters = Parameters {
                may_stop,
                ..parameters()
            };
            let message = sms_text(&About::Notice(kind.clone()), &parameters, &provider());
            let text = message.text.reveal();
            assert_eq!(text.contains("停止接入"), may_stop, "{text}");
            assert!(parts(units(text)) <= 3, "{text}");
        }
    }
}

#[test]
fn a_deadline_at_midnight_is_the_end_of_its_day() {
    for (due_at, said) in [
        ("2026-03-12T00:00:00+08:00", "2026年3月11日（周三）24:00"),
        ("2027-01-01T00:00:00+08:00", "2026年12月31日（周四）24:00"),
        ("2026-03-12T00:01:00+08:00", "2026年3月12日（周四）00:01"),
        ("2026-03-15T09:05:59+08:00", "2026年3月15日（周日）09:05"),
        ("2026-03-11T16:00:00Z", "2026年3月11日（周三）24:00"),
    ] {
        let [year, month, day, weekday, time] = icp_domain::wall_clock::deadline(at(due_at));
        let text = format!("{year}年{month}月{day}日（周{weekday}）{time}");
        assert_eq!(text, said);
    }
}

#[test]
fn a_message_prints_no_code_by_accident() {
    let message = sms_text(&abouts()[0], &parameters(), &provider());
    let code = parameters().code.unwrap();
    assert!(message.text.reveal().contains(code.reveal()));
    let printed = format!("{message:?}");
    assert!(!printed.contains(code.reveal()), "{printed}");
}

#[test]
fn no_variable_is_longer_than_gateways_take() {
    let longest = registered_templates(&provider());
    let longest = longest.iter().flat_map(|template| &template.longest).max();
    // Tencent Cloud takes six characters: https://cloud.tencent.com/document/product/382/13301.
    assert_eq!(longest, Some(&6));
    let far = Parameters {
        case_number: Some(CaseNumber::of_attempt(&"c1".parse().unwrap(), 0)),
        due_at: Some(at("2026-12-30T23:59:00+08:00")),
        findings: usize::MAX,
        may_stop: true,
        code: Some(derive(b"secret", "contact", &["x"], 6)),
        ..Parameters::default()
    };
    let without_stop = Parameters {
        may_stop: false,
        ..far.clone()
    };
    let ordered = Parameters {
        by_bureau: true,
        findings: 0,
        ..far.clone()
    };
    let mut registered = registered_templates(&provider());
    let texts = abouts().into_iter().flat_map(|kind| {
        let each = [&far, &without_stop, &ordered];
        each.map(|parameters| sms_text(&kind, parameters, &provider()))
    });
    for message in texts {
        let Some(at) = registered.iter().position(|one| one.id == message.template) else {
            continue;
        };
        let template = registered.remove(at);
        let lengths = message.parameters.iter();
        let lengths = lengths.map(|(_, value)| value.reveal().chars().count());
        for (length, most) in lengths.zip(&template.longest) {
            assert!(length <= *most, "{:?}", message.template);
        }
        // What is registered, with its variables filled in their order, is what is sent.
        let values = message.parameters.iter().zip(1..);
        let text = values.fold(template.text, |text, ((_, value), at)| {
            text.replace(&format!("{{{at}}}"), value.reveal())
        });
        let signature = format!("【{}】", provider().signature);
        assert_eq!(format!("{signature}{text}"), *message.text.reveal());
    }
    // A digest of notices without a deadline is told of no kind.
    let left: Vec<_> = registered.iter().map(|template| &template.id).collect();
    assert!(left.len() <= 1, "{left:?}");
}
