//! The sentence that a filer reads first, in every state of a finding: it is true, and of several the most urgent is told.

use expect_test::expect;
use serde_json::{Value as Json, json};

use crate::browser::{ran, set_up};
use crate::shape::root;

/// A finding in its period, with changes.
fn finding(changes: &Json) -> Json {
    let mut finding = json!({
        "rule": "ICP-501", "level": "enforce", "frozen": false, "demand": null,
        "dueAt": "2026-04-10T16:00:00Z", "toDo": { "zh": "在首页标明备案号", "en": "show the number" },
        "state": { "state": "open" },
    });
    for (field, value) in changes.as_object().unwrap() {
        finding[field] = value.clone();
    }
    finding
}

fn in_state(state: &str) -> Json {
    json!({ "dueAt": null, "state": { "state": state } })
}

fn demand(wants: &str, due_by: Option<&str>) -> Json {
    json!({ "wants": wants, "documentNumber": "京通管〔2026〕7号", "issuedOn": "2026-04-01", "dueBy": due_by })
}

#[test]
fn what_a_finding_means_is_true_in_every_state() {
    set_up("pages");
    let with = |mut one: Json, field: &str, value: Json| {
        one[field] = value;
        one
    };
    let date = Some("2026-04-08T16:00:00Z");
    let states = [
        json!({}),
        json!({ "level": "notify" }),
        json!({ "dueAt": null }),
        json!({ "dueAt": null, "frozen": true }),
        json!({ "demand": demand("rectified", date) }),
        json!({ "demand": demand("rectified", None) }),
        in_state("last-look"),
        with(in_state("last-look"), "frozen", json!(true)),
        in_state("condemned"),
        with(in_state("condemned"), "frozen", json!(true)),
        with(in_state("condemned"), "demand", demand("rectified", date)),
        with(in_state("condemned"), "demand", demand("stopped-now", None)),
        in_state("stopping"),
        in_state("stopped"),
        with(in_state("stopped"), "demand", demand("stopped-now", None)),
        json!({ "state": { "state": "moving", "to": { "to": "given-back" } } }),
        json!({ "state": { "state": "moving", "to": { "to": "reported" } } }),
        in_state("reported"),
        in_state("closed"),
    ];
    let later =
        json!({ "dueAt": "2026-07-01T16:00:00Z", "toDo": { "zh": "更正域名所有者", "en": "" } });
    let several = [
        vec![&later, &states[0]],
        vec![&states[0], &states[8]],
        vec![&states[4], &states[13]],
        vec![&states[9], &states[0]],
        vec![&states[1], &later],
    ];
    let several = several.map(|ones| ones.into_iter().map(finding).collect::<Vec<_>>());
    let said = ran(
        "sentences.mjs",
        json!({ "pages": root().join("pages"), "now": "2026-04-06T02:00:00Z",
            "alone": states.each_ref().map(finding), "together": several }),
    );
    let lines = |of: &str| {
        let said = said[of].as_array().unwrap();
        let lines = said.iter().map(|line| line.as_str().unwrap());
        lines.collect::<Vec<_>>().join("\n")
    };
    expect![[r#"
        bad: 您必须在2026年4月10日星期五 24:00（北京时间）前整改（还剩4天），否则网站会被停止接入：在首页标明备案号。
        warning: 请在2026年4月10日星期五 24:00（北京时间）前整改（还剩4天）：在首页标明备案号。
        warning: 发现一项不合格，通知送达后开始计算整改期。现在就可以整改：在首页标明备案号。
        info: 整改期暂停计算：您的申诉或订单正在处理，不会因此停止接入。
        bad: 管局（京通管〔2026〕7号）要求在2026年4月8日星期三 24:00（北京时间）前整改（还剩2天）：在首页标明备案号。逾期将停止接入。
        bad: 管局（京通管〔2026〕7号）要求在2026年4月10日星期五 24:00（北京时间）前整改（还剩4天）：在首页标明备案号。逾期将停止接入。
        bad: 整改期已到，正在最后复核。现在整改仍然来得及：在首页标明备案号。
        info: 整改期暂停计算：您的申诉或订单正在处理，不会因此停止接入。
        bad: 复核仍不合格，等待停止接入。现在整改并申请复查，仍可避免：在首页标明备案号。
        info: 整改期暂停计算：您的申诉或订单正在处理，不会因此停止接入。
        bad: 管局的期限已到，将按其要求停止接入。请尽快整改并联系我们：在首页标明备案号。
        bad: 管局（京通管〔2026〕7号）要求立即停止接入。恢复须经管局同意：请联系我们，凭管局的答复恢复。
        bad: 网站已被停止接入。备案号还在，请按步骤恢复接入，不要注销。
        bad: 网站已被停止接入。备案号还在，请按步骤恢复接入，不要注销。
        bad: 管局（京通管〔2026〕7号）要求立即停止接入。恢复须经管局同意：请联系我们，凭管局的答复恢复。
        info: 接入正在恢复，通常几分钟内完成。
        bad: 网站已被停止接入。备案号还在，请按步骤恢复接入，不要注销。
        bad: 网站已被停止接入。备案号还在，请按步骤恢复接入，不要注销。
        good: 这一项已办结。"#]]
    .assert_eq(&lines("alone"));
    expect![[r#"
        您必须在2026年4月10日星期五 24:00（北京时间）前整改（还剩4天），否则网站会被停止接入：在首页标明备案号。
        复核仍不合格，等待停止接入。现在整改并申请复查，仍可避免：在首页标明备案号。
        网站已被停止接入。备案号还在，请按步骤恢复接入，不要注销。
        您必须在2026年4月10日星期五 24:00（北京时间）前整改（还剩4天），否则网站会被停止接入：在首页标明备案号。
        您必须在2026年7月1日星期三 24:00（北京时间）前整改（还剩86天），否则网站会被停止接入：更正域名所有者。"#]]
    .assert_eq(&lines("together"));
}
