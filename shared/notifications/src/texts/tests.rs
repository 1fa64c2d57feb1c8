//! Every kind's text, as it is sent, and at its longest.

use std::fmt::Write as _;

use expect_test::expect;
use icp_domain::case::CaseNumber;
use icp_domain::code::derive;
use icp_domain::notice::CaseFinding;
use icp_domain::rulebook::provider::{
    LONGEST_ADDRESS, LONGEST_NAME, LONGEST_SIGNATURE, LONGEST_TELEPHONE,
};
use icp_domain::{Rulebook, Text};

use super::*;

/// Units of UCS-2 in a message of one part, and in each part of a longer one.
///
/// Source: 3GPP TS 23.040, 9.2.3.24.1 (140 octets, 6 of them a header where parts are joined).
const ONE_PART: usize = 70;
const EACH_PART: usize = 67;

fn kinds() -> Vec<NoticeKind> {
    let case = || "c1".parse().unwrap();
    let order = || "o1".parse().unwrap();
    let service = || "1".parse().unwrap();
    let reminder = |stage| NoticeKind::Reminder {
        case: case(),
        finding: "f1".parse().unwrap(),
        due_at: at("2026-03-12T00:00:00+08:00"),
        stage,
    };
    vec![
        NoticeKind::Code {
            person: "p1".parse().unwrap(),
            order: None,
            challenge: "x".into(),
            generation: 1,
        },
        NoticeKind::ProofLapses {
            person: "p1".parse().unwrap(),
            until: at("2026-03-12T00:00:00+08:00"),
        },
        NoticeKind::OrderApproved { order: order() },
        NoticeKind::OrderReturned { order: order() },
        NoticeKind::OrderReminder { order: order() },
        NoticeKind::Audit {
            told: vec![CaseFinding {
                case: case(),
                finding: "f1".parse().unwrap(),
            }],
        },
        reminder(Stage::HalfTime),
        reminder(Stage::ThreeDays),
        reminder(Stage::OneDay),
        NoticeKind::CaseClosed { case: case() },
        NoticeKind::AccessStopped {
            case: case(),
            service: service(),
            link_version: 2,
        },
        NoticeKind::AccessReinstated {
            service: service(),
            link_version: 3,
        },
    ]
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
        code: Some(derive(b"secret", "contact", &["x"], 6)),
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
    for kind in kinds() {
        let message = sms_text(&kind, &parameters(), &provider());
        assert_eq!(message.lacking, None);
        writeln!(table, "{}", lengths(&message)).unwrap();
        for (name, value) in &message.parameters {
            writeln!(table, "  {name} = {}", value.reveal()).unwrap();
        }
        writeln!(table, "  {}", message.text.reveal()).unwrap();
    }
    expect![[r#"
        code 53 units, 1 SMS
          code = 584172
          【示例云】备案联系方式核验：验证码584172，10分钟内有效，由示例云发送。若非您的备案，请勿告诉他人。
        proof-lapses 83 units, 2 SMS
          year = 2026
          month = 3
          day = 11
          weekday = 三
          time = 24:00
          【示例云】您作为备案负责人的手机号核验于2026年3月11日（周三）24:00到期，请登录 beian.example.cn 重新核验，电话010-00000000。
        order-approved 58 units, 1 SMS
          【示例云】您的备案订单已审核通过。详情请登录 beian.example.cn 查询，电话010-00000000。
        order-returned 64 units, 1 SMS
          【示例云】您的备案订单已退回。请登录 beian.example.cn 查看原因，修改后重新提交，电话010-00000000。
        order-reminder 76 units, 2 SMS
          【示例云】您被退回的备案订单仍待修改，逾期将退回草稿。请登录 beian.example.cn 查看原因，修改后重新提交，电话010-00000000。
        audit-notice 111 units, 2 SMS
          findings = 2
          year = 2026
          month = 3
          day = 11
          weekday = 三
          time = 24:00
          numberHead = 34758
          numberTail = 55925
          【示例云】您的备案经核查有2项不合格，请于2026年3月11日（周三）24:00前整改，逾期可能被停止接入。核查编号34758-55925，办法请登录 beian.example.cn 查询，电话010-00000000。
        reminder-half-time 104 units, 2 SMS
          numberHead = 34758
          numberTail = 55925
          findings = 2
          year = 2026
          month = 3
          day = 11
          weekday = 三
          time = 24:00
          【示例云】提醒：整改期已过半。核查编号34758-55925尚有2项不合格，请于2026年3月11日（周三）24:00前整改。办法请登录 beian.example.cn 查询，电话010-00000000。
        reminder-three-days 107 units, 2 SMS
          numberHead = 34758
          numberTail = 55925
          findings = 2
          year = 2026
          month = 3
          day = 11
          weekday = 三
          time = 24:00
          【示例云】提醒：整改期至多还剩3天。核查编号34758-55925尚有2项不合格，请于2026年3月11日（周三）24:00前整改。办法请登录 beian.example.cn 查询，电话010-00000000。
        reminder-one-day 119 units, 2 SMS
          numberHead = 34758
          numberTail = 55925
          findings = 2
          year = 2026
          month = 3
          day = 11
          weekday = 三
          time = 24:00
          【示例云】最后提醒：整改期至多还剩1天。核查编号34758-55925尚有2项不合格，请于2026年3月11日（周三）24:00前整改，逾期可能被停止接入。办法请登录 beian.example.cn 查询，电话010-00000000。
        case-closed 65 units, 1 SMS
          numberHead = 34758
          numberTail = 55925
          【示例云】核查编号34758-55925已办结。详情请登录 beian.example.cn 查询，电话010-00000000。
        access-stopped 95 units, 2 SMS
          numberHead = 34758
          numberTail = 55925
          【示例云】您备案的一项服务已被停止接入，核查编号34758-55925。原因、恢复接入的办法和异议途径，请登录 beian.example.cn 凭该编号查询，电话010-00000000。
        access-reinstated 60 units, 1 SMS
          【示例云】您备案的一项服务已恢复接入。详情请登录 beian.example.cn 查询，电话010-00000000。
    "#]].assert_eq(&table);
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
        code: Some(derive(b"secret", "contact", &["x"], 6)),
        ..parameters()
    };
    let mut table = String::new();
    for kind in kinds() {
        let message = sms_text(&kind, &parameters, &longest);
        assert!(parts(units(message.text.reveal())) <= 3);
        writeln!(table, "{}", lengths(&message)).unwrap();
    }
    expect![[r#"
        code 71 units, 2 SMS
        proof-lapses 111 units, 2 SMS
        order-approved 85 units, 2 SMS
        order-returned 91 units, 2 SMS
        order-reminder 103 units, 2 SMS
        audit-notice 142 units, 3 SMS
        reminder-half-time 135 units, 3 SMS
        reminder-three-days 138 units, 3 SMS
        reminder-one-day 150 units, 3 SMS
        case-closed 92 units, 2 SMS
        access-stopped 122 units, 2 SMS
        access-reinstated 87 units, 2 SMS
    "#]]
    .assert_eq(&table);
}

#[test]
fn what_is_left_open_is_no_address_and_no_telephone_number() {
    for kind in kinds() {
        let message = sms_text(&kind, &parameters(), &provider());
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
        let notices = !matches!(kind, NoticeKind::Code { .. });
        for fixed in ours {
            assert_eq!(message.text.reveal().contains(fixed), notices, "{kind:?}");
        }
    }
}

#[test]
fn a_notice_that_lacks_a_parameter_says_which() {
    let lacking = |kind: &NoticeKind| sms_text(kind, &Parameters::default(), &provider()).lacking;
    let lacking: Vec<_> = kinds().iter().map(lacking).collect();
    let number = Some("number");
    let expected = [
        Some("code"),
        Some("deadline"),
        None,
        None,
        None,
        Some("findings"),
        number,
        number,
        number,
        number,
        number,
        None,
    ];
    assert_eq!(lacking, expected);
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
        let [year, month, day, weekday, time] = deadline(at(due_at));
        let text = format!("{year}年{month}月{day}日（周{weekday}）{time}");
        assert_eq!(text, said);
    }
}

#[test]
fn a_message_prints_no_code_by_accident() {
    let message = sms_text(&kinds()[0], &parameters(), &provider());
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
        code: Some(derive(b"secret", "contact", &["x"], 6)),
    };
    for (kind, template) in kinds().iter().zip(registered_templates(&provider())) {
        let message = sms_text(kind, &far, &provider());
        assert_eq!(message.template, template.id);
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
}
