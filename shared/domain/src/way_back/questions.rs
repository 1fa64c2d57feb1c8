//! The questions that stand before a step: where to look, what to type, what each result looks like.

use serde_json::Value;

use super::advice::{Answer, Asked, Question};
use super::guard_questions::guard_words;
use super::plan::Facts;
use crate::Text;
use crate::rulebook::AccessFirst;

/// One question in words.
pub(super) fn question(about: Asked, facts: &Facts<'_>) -> Question {
    let words = match about {
        Asked::Record => RECORD,
        Asked::Freshness => FRESHNESS,
        Asked::PendingOrder => PENDING_ORDER,
        Asked::Wish => WISH,
        Asked::OwnLink => OWN_LINK,
        Asked::OtherProvider => OTHER_PROVIDER,
        Asked::OtherServices => OTHER_SERVICES,
        Asked::SubjectHere => SUBJECT_HERE,
        Asked::SitePhone => SITE_PHONE,
        Asked::SubjectPhone => SUBJECT_PHONE,
        Asked::Differs => DIFFERS,
        Asked::Conditions => return conditions(facts),
        Asked::Province => PROVINCE,
        Asked::DomainOfAnother => DOMAIN_OF_ANOTHER,
        Asked::BureauRule => BUREAU_RULE,
        Asked::Guard(guard) => guard_words(guard),
    };
    worded(about, words)
}

/// A statement in Chinese and in English.
pub(super) type Both = (&'static str, &'static str);

/// What an answer gives the input that it is about.
#[derive(Clone, Copy)]
pub(super) enum Gives {
    /// This word.
    Is(&'static str),
    /// An empty list.
    Nothing,
    /// What the filer names, or nothing: the words say which.
    Named,
}

/// What a result looks like, and what it gives.
pub(super) type Choice = (&'static str, &'static str, Gives);

use Gives::{Is, Named, Nothing};

/// The question, where to look and what to type, and what each result looks like.
pub(super) type Words = (Both, Both, &'static [Choice]);

fn worded(about: Asked, (ask, what_to_type, answers): Words) -> Question {
    Question {
        about,
        input: about.input().map(str::to_owned),
        ask: text(ask),
        what_to_type: text(what_to_type),
        answers: answers.iter().map(answer).collect(),
    }
}

fn answer((zh, en, gives): &Choice) -> Answer {
    Answer {
        text: Text::new(*zh, *en),
        value: match gives {
            Is(word) => Some(Value::from(*word)),
            Nothing => Some(Value::Array(Vec::new())),
            Named => None,
        },
    }
}

fn text((zh, en): Both) -> Text {
    Text::new(zh, en)
}

/// The province's own conditions, in its words.
fn conditions(facts: &Facts<'_>) -> Question {
    let clauses = facts.province.iter().flat_map(|province| &province.clauses);
    let stated = clauses.into_iter().find_map(|clause| match &clause.rule {
        AccessFirst::Conditional { conditions } => Some(conditions.clone()),
        AccessFirst::Allowed { .. } | AccessFirst::Forbidden | AccessFirst::Silent => None,
    });
    let question = worded(Asked::Conditions, CONDITIONS);
    Question {
        what_to_type: stated.unwrap_or(question.what_to_type),
        ..question
    }
}

const CONDITIONS: Words = (
    (
        "管局要求的条件是否全部满足？",
        "Are all of the bureau's conditions met?",
    ),
    ("逐条对照管局要求。", "Compare them one by one."),
    &[
        ("全部满足", "All are", Is("yes")),
        ("有不满足的", "Some are not", Is("no")),
    ],
);

const RECORD: Words = (
    ("工信部现在显示什么？", "What does MIIT show now?"),
    (
        "在 https://beian.miit.gov.cn 的“ICP备案查询”中依次输入备案号、域名、主办单位的现名称和曾用名称；距上次变动不足两个工作日的，过两个工作日再查。",
        "At https://beian.miit.gov.cn, ICP备案查询, type the filing number, then the domain, then the unit's present and former names; within two working days of the last event, query again after them.",
    ),
    &[
        ("列出本网站", "This service is listed", Is("site")),
        (
            "列出主体和其他网站，没有本网站",
            "The subject and other services, without this one",
            Is("subject-other"),
        ),
        (
            "只列出主体，没有任何网站",
            "The subject alone, without any service",
            Is("subject-only"),
        ),
        (
            "各种查法都没有结果",
            "Nothing, whichever way it is asked",
            Is("none"),
        ),
    ],
);

const FRESHNESS: Words = (
    (
        "查询时，距上次变动（注销、取消接入、审核通过）是否已满两个工作日？",
        "When MIIT was queried, were two working days over since the last event (a deregistration, a cancelled access, an approval)?",
    ),
    (
        "查看各接入商和管局最近一次通知的日期，与查询日期相比；工信部的公开数据最迟两个工作日后更新。",
        "Compare the day of the last notice from any provider or the bureau with the day of the query; MIIT's public list follows within two working days.",
    ),
    &[
        (
            "已满两个工作日，或没有变动",
            "They were, or nothing happened",
            Is("fresh"),
        ),
        (
            "未满：请等满两个工作日再查一次",
            "They were not: wait until they are, and query again",
            Is("stale"),
        ),
    ],
);

const PENDING_ORDER: Words = (
    (
        "该主体是否有在途的备案订单（任何接入商）？",
        "Is an order of this subject in flight, at any provider?",
    ),
    (
        "登录每个曾用接入商的备案控制台，查看订单状态；查看是否收到管局短信核验。",
        "Sign in at each provider that was used and look at the order's state; look for the bureau's SMS.",
    ),
    &[
        ("没有处于审核中的订单", "No order under review", Is("none")),
        (
            "有订单在审核或待短信核验",
            "An order under review or waiting for the SMS check",
            Is("there"),
        ),
        (
            "取消接入订单已提交管局",
            "A cancel-access order is with the bureau",
            Is("at-bureau-cancel-access"),
        ),
    ],
);

const WISH: Words = (
    ("网站还要继续使用吗？", "Is the service to go on?"),
    (
        "无需查询，由备案主体决定。",
        "Nothing to look up: the filer decides.",
    ),
    &[
        ("继续使用", "It goes on", Is("keep")),
        ("不再使用", "No longer used", Is("drop")),
    ],
);

const OWN_LINK: Words = (
    (
        "本接入商的接入是否仍然有效？",
        "Does this provider's access link still stand?",
    ),
    (
        "在本接入商备案控制台查看该网站的接入状态。",
        "Look at the service's access in this provider's console.",
    ),
    &[
        ("接入正常", "Access is live", Is("yes")),
        (
            "已停止接入，尚未上报取消",
            "Access was stopped, and its cancellation is not reported",
            Is("stopped"),
        ),
        (
            "已停止，取消接入已上报管局",
            "Its cancellation is with the bureau",
            Is("no"),
        ),
        ("接入已取消", "Access was cancelled", Is("no")),
    ],
);

const OTHER_PROVIDER: Words = (
    (
        "该网站是否还在其他接入商处有接入？",
        "Does another provider give access to this service too?",
    ),
    (
        "工信部公共查询不显示接入商。请登录每个曾用接入商的备案控制台，或查找其发出的接入备案成功通知。",
        "MIIT's public query does not show providers. Sign in at each provider that was used, or look for its notice of a successful access filing.",
    ),
    &[
        (
            "其他控制台显示该网站已接入",
            "Another console shows the service with access",
            Is("yes"),
        ),
        (
            "查过所有曾用接入商，都没有",
            "None of all that were used does",
            Is("no"),
        ),
    ],
);

const OTHER_SERVICES: Words = (
    (
        "该主体名下还有其他网站或 App 吗？",
        "Has the subject other services?",
    ),
    (
        "在 https://beian.miit.gov.cn 输入不带“-数字”的主体备案号。",
        "At https://beian.miit.gov.cn type the subject's number, without the dash and what follows.",
    ),
    &[
        ("列出其他网站或 App", "Other services are listed", Is("yes")),
        ("只有本网站", "This one alone", Is("no")),
    ],
);

const SUBJECT_HERE: Words = (
    (
        "该主体是否有其他网站在本接入商处备案？",
        "Is the subject at this provider through another service?",
    ),
    (
        "在本接入商备案控制台的“我的备案”中查看。",
        "Look at the filings in this provider's console.",
    ),
    &[
        ("有其他网站", "Another service is there", Is("yes")),
        ("没有", "None", Is("no")),
    ],
);

const SITE_PHONE: Words = (
    (
        "网站负责人备案的手机号码还能收到短信吗？",
        "Does the filed mobile of the service's principal get SMS?",
    ),
    TRY_THE_PHONE,
    PHONE_ANSWERS,
);

const SUBJECT_PHONE: Words = (
    (
        "主体负责人备案的手机号码还能收到短信吗？",
        "Does the filed mobile of the subject's principal get SMS?",
    ),
    TRY_THE_PHONE,
    PHONE_ANSWERS,
);

const TRY_THE_PHONE: Both = (
    "向该号码发送一条短信并请负责人回复；停机的，向运营商询问能否补办或恢复。",
    "Send it an SMS and let the principal answer; where it is off, ask the carrier whether it can be restored.",
);

const PHONE_ANSWERS: &[Choice] = &[
    (
        "收到并由本人回复",
        "It arrives and the person answers",
        Is("works"),
    ),
    (
        "收不到，但运营商可以补办",
        "It does not, and the carrier can restore it",
        Is("lost"),
    ),
    (
        "号码已被他人使用或无法恢复",
        "Another has the number, or it cannot be restored",
        Is("lost-for-good"),
    ),
];

const DIFFERS: Words = (
    (
        "备案信息哪些项目与实际不一致？",
        "Which filed data differ from what is true?",
    ),
    (
        "把备案信息逐项与现行证件、住所、负责人和网站内容对照。",
        "Compare each filed item with the certificate in force, the addresses, the principals and the site.",
    ),
    &[
        ("全部一致", "All agree", Nothing),
        ("有不一致：逐项指明", "Some differ: name each", Named),
    ],
);

const PROVINCE: Words = (
    (
        "备案号以哪个省级简称开头？",
        "With which abbreviation does the filing number begin?",
    ),
    (
        "查看备案号的第一个字，如“粤ICP备…”为“粤”。",
        "Look at the number's first character: 粤 of 粤ICP备….",
    ),
    &[("填写该字，如“粤”", "Give that character, such as 粤", Named)],
);

const DOMAIN_OF_ANOTHER: Words = (
    (
        "该域名是否在其他主体的备案中？",
        "Does the domain stand in another subject's filing?",
    ),
    (
        "在 https://beian.miit.gov.cn 输入域名（不带 www）。",
        "At https://beian.miit.gov.cn type the domain, without www.",
    ),
    &[
        ("显示其他主体", "Another subject is shown", Is("yes")),
        (
            "显示本主体，或没有结果",
            "This subject, or nothing",
            Is("no"),
        ),
    ],
);

const BUREAU_RULE: Words = (
    ("管局是否允许这样办理？", "Does the bureau allow it?"),
    (
        "致电该省通信管理局，说明备案号和不一致的项目，询问能否先接入后变更，或空壳主体能否直接新增网站。",
        "Call the province's bureau, give the filing number and the items that differ, and ask whether access may come before the change, or whether a shell subject may add a service.",
    ),
    &[
        (
            "允许：由工作人员按答复办理",
            "It does: staff go on by its answer",
            Named,
        ),
        (
            "不允许：由工作人员按答复办理",
            "It does not: staff go on by its answer",
            Named,
        ),
    ],
);
