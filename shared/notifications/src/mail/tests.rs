//! Mails as they read, and that nothing in them escapes its place.

use expect_test::expect;
use icp_domain::Rulebook;
use icp_domain::case::CaseNumber;
use icp_domain::notice::CaseFinding;

use super::*;

fn told() -> Told {
    Told {
        case_number: CaseNumber::of_attempt(&"c1".parse().unwrap(), 0),
        rule: "ICP-402".to_owned(),
        about: Some(Text::new("www.example.cn", "www.example.cn")),
        fault: Text::new("域名未解析到本服务商", "a domain does not lead here"),
        evidence: Some(Text::new(
            "解析到 203.0.113.7 <script>alert(1)</script>",
            "it leads to 203.0.113.7 <script>alert(1)</script>",
        )),
        fix: icp_domain::rules::Fix::PointNamesHere.text(),
        due_at: Some("2026-03-12T00:00:00+08:00".parse().unwrap()),
        may_stop: true,
    }
}

fn audit() -> (NoticeKind, Parameters) {
    let told = told();
    let kind = NoticeKind::Audit {
        told: vec![CaseFinding {
            case: "c1".parse().unwrap(),
            finding: "f1".parse().unwrap(),
        }],
    };
    let parameters = Parameters {
        case_number: Some(told.case_number.clone()),
        due_at: told.due_at,
        findings: 1,
        may_stop: true,
        told: vec![told],
        way_back: Vec::new(),
        campaign: None,
        code: None,
        ..Parameters::default()
    };
    (kind, parameters)
}

#[test]
fn an_audit_is_told_whole_in_both_languages() {
    let (kind, parameters) = audit();
    let mail = mail_text(&kind, &parameters, &Rulebook::shipped().unwrap().provider);
    expect![[r#"
        【示例云】备案核查通知（34758-55925） / Notice of an audit of your ICP filing

        备案核查通知

        示例云通知：您的备案经核查有不合格项，列于下方。整改期内，您的服务不受任何影响。

        核查编号：34758-55925。

        请于2026年3月11日（周三）24:00前整改。

        不合格项：ICP-402 域名未解析到本服务商
        涉及：www.example.cn
        核查所见：解析到 203.0.113.7 <script>alert(1)</script>
        整改办法：将域名解析到本服务商为该备案提供的服务器
        期限：2026年3月11日（周三）24:00
        逾期：可能被停止接入
        核查编号：34758-55925

        查看证据、申请复核、延期或申诉，请在浏览器中输入 beian.example.cn。电话 010-00000000。
        本邮件不含链接。如怀疑真伪，请到上述地址凭核查编号和您的手机号核实，勿回复本邮件。
        示例云

        ----------

        Notice of an audit of your ICP filing

        Example Cloud writes to you: An audit found faults in your ICP filing; they are listed below. Within the rectification period nothing of your service changes.

        Case number: 34758-55925.

        Please put it right before 24:00 on Wednesday, 11 March 2026 (China Standard Time).

        Finding: ICP-402 a domain does not lead here
        About: www.example.cn
        What was seen: it leads to 203.0.113.7 <script>alert(1)</script>
        What to do: point the domain at the server that the filing rests on
        Until: 24:00 on Wednesday, 11 March 2026 (China Standard Time)
        After that: access may be stopped
        Case number: 34758-55925

        To see the evidence, to ask for a recheck or an extension, or to appeal, type beian.example.cn into your browser. Telephone 010-00000000.
        This mail holds no link. If you doubt that it is genuine, ask at the address above with the case number and your own mobile. Do not answer this mail.
        Example Cloud
    "#]].assert_eq(&format!("{}\n\n{}", mail.subject, mail.text));
}

#[test]
fn the_html_says_the_same_and_what_was_seen_stays_text() {
    let (kind, parameters) = audit();
    let mail = mail_text(&kind, &parameters, &Rulebook::shipped().unwrap().provider);
    assert!(!mail.html.contains("<script>"), "{}", mail.html);
    assert!(mail.html.contains("&lt;script&gt;"), "{}", mail.html);
    assert!(!mail.html.contains("href"), "a mail holds no link");
    for line in mail
        .text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("---"))
    {
        let part = line.split_once(": ").or(line.split_once("："));
        let value = part.map_or(line, |(_, value)| value);
        let escaped = value.replace('<', "&lt;").replace('>', "&gt;");
        assert!(mail.html.contains(&escaped), "{line}");
    }
}

#[test]
fn a_subject_is_one_line_whatever_it_is_about() {
    let provider = Rulebook::shipped().unwrap().provider;
    for kind in crate::texts::every_kind() {
        let mail = mail_text(&kind, &audit().1, &provider);
        assert!(!mail.subject.contains('\n'), "{}", mail.subject);
        assert!(mail.subject.starts_with("【示例云】"), "{}", mail.subject);
        assert!(mail.text.contains(&provider.telephone), "{}", mail.text);
    }
}
