//! A row of a list: what it names, and what it says.

use std::collections::BTreeSet;

use super::{ListColumn, ListKind};
use crate::Text;
use crate::identifiers::{DomainName, IcpNumber};
use crate::ids::OrderId;
use crate::import::words::listed;
use crate::import::{BETWEEN_CELLS, BadCell, Record, bad_cell};
use crate::personal::Personal;

/// What a row names: at least one of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Named {
    /// The order.
    pub order: Option<OrderId>,
    /// 主体备案号.
    pub number: Option<IcpNumber>,
    /// 网站备案号.
    pub service_number: Option<IcpNumber>,
    /// Registrable domains.
    pub domains: Vec<DomainName>,
    /// Name of the subject.
    pub unit_name: Option<Personal<String>>,
}

/// What the bureau made of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BureauResult {
    /// It has it; its SMS check runs.
    Sent,
    /// All named persons answered its SMS.
    SmsDone,
    /// They did not, in its time.
    SmsNotDone,
    /// It rejects the order, and why.
    Rejected(String),
    /// It approves the order.
    Approved,
}

/// A row that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct ListRow {
    /// What it names.
    pub named: Named,
    /// What the bureau made of the order that it names; of a list of results alone.
    pub result: Option<BureauResult>,
    /// What the bureau finds at fault, in its words; of a list that demands something.
    pub says: Option<String>,
}

/// Results by their names in the API, and what bureaus' lists call them.
///
/// Source: states of the bureau's system as providers show them (Tencent, Alibaba and Huawei, order
/// states), and the words of their result tables.
const RESULTS: [(&str, &[&str]); 5] = [
    ("approved", &["审核通过", "通过", "已通过", "同意"]),
    (
        "rejected",
        &["审核不通过", "不通过", "未通过", "驳回", "退回", "不同意"],
    ),
    ("sms-done", &["短信核验完成", "短信核验通过"]),
    ("sms-not-done", &["短信核验未完成", "短信核验超时"]),
    ("sent", &["已提交管局", "待短信核验"]),
];

/// Results and their words.
pub(crate) fn result_words() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    RESULTS.into_iter()
}

/// Most domains of a row: each is looked for by itself.
const MOST_DOMAINS: usize = 10;

/// Most signs of a reason: an order keeps the reasons of its rows in one item.
const MOST_SIGNS: usize = 500;

/// Reads a row of a list, or names every bad column.
pub fn read(
    kind: ListKind,
    record: &Record<ListColumn>,
) -> Result<ListRow, Vec<BadCell<ListColumn>>> {
    let mut bad = Vec::new();
    let cell = |column: ListColumn| record.get(&column).map_or("", |text| text.trim());
    let mut named = names(&cell, &mut bad);
    // Lists of other kinds are about what is on the record, whatever order brought it there.
    if kind != ListKind::OrderResults {
        named.order = None;
    }
    if named == Named::default() && bad.is_empty() {
        let text = Text::new(
            "须有备案号、域名、主办单位名称之一（审核结果清单亦可为订单号）",
            "a row names a number, a domain or a unit; in a list of results also an order",
        );
        bad.push(BadCell {
            column: None,
            rule: "names-nothing".to_owned(),
            text,
        });
    }
    let result = match kind {
        ListKind::OrderResults => result(&cell, &mut bad),
        ListKind::Deregistered
        | ListKind::ToRectify
        | ListKind::ShellAnnouncement
        | ListKind::StopNow => None,
    };
    if bad.is_empty() {
        let says = match kind {
            ListKind::ToRectify | ListKind::StopNow => Some(cell(ListColumn::Reason)),
            ListKind::OrderResults | ListKind::Deregistered | ListKind::ShellAnnouncement => None,
        };
        let says = says.filter(|says| !says.is_empty());
        let says = says.map(|says| says.chars().take(MOST_SIGNS).collect());
        Ok(ListRow {
            named,
            result,
            says,
        })
    } else {
        Err(bad)
    }
}

fn names<'a>(cell: &impl Fn(ListColumn) -> &'a str, bad: &mut Vec<BadCell<ListColumn>>) -> Named {
    let order = Some(cell(ListColumn::Order)).filter(|text| !text.is_empty());
    let order = order.and_then(|text| {
        let parsed = text.parse().ok();
        if parsed.is_none() {
            let text = Text::new("不是订单号", "no order has such an id");
            bad.push(bad_cell(ListColumn::Order, "id-malformed", text));
        }
        parsed
    });
    let (number, service_number) = numbers(cell, bad);
    Named {
        order,
        number,
        service_number,
        domains: domains(cell(ListColumn::Domains), bad),
        unit_name: Some(cell(ListColumn::UnitName))
            .filter(|name| !name.is_empty())
            .map(|name| Personal::new(name.to_owned())),
    }
}

/// The subject's number and the service's, of the columns that hold either: all of them belong together.
fn numbers<'a>(
    cell: &impl Fn(ListColumn) -> &'a str,
    bad: &mut Vec<BadCell<ListColumn>>,
) -> (Option<IcpNumber>, Option<IcpNumber>) {
    let (mut subjects, mut services) = (BTreeSet::new(), BTreeSet::new());
    for column in [ListColumn::Number, ListColumn::ServiceNumber] {
        let texts = cell(column).split(BETWEEN_CELLS).map(str::trim);
        for text in texts.filter(|text| !text.is_empty()) {
            let number = match IcpNumber::parse(text) {
                Ok(number) => number,
                Err(fault) => {
                    bad.push(bad_cell(column, fault.code(), fault.text()));
                    continue;
                }
            };
            subjects.insert(number.subject());
            if number.service_suffix().is_some() {
                services.insert(number);
            } else if column == ListColumn::ServiceNumber {
                bad.push(bad_cell(
                    column,
                    "suffix-missing",
                    Text::new("网站备案号须带序号", "a service's number has a suffix"),
                ));
            }
        }
    }
    if 1 < subjects.len() || 1 < services.len() {
        bad.push(bad_cell(
            ListColumn::ServiceNumber,
            "numbers-apart",
            Text::new(
                "一行的备案号须属同一主体、同一网站",
                "the numbers of a row are of one subject and one service",
            ),
        ));
    }
    (subjects.pop_first(), services.pop_first())
}

fn domains(text: &str, bad: &mut Vec<BadCell<ListColumn>>) -> Vec<DomainName> {
    let mut found = Vec::new();
    if MOST_DOMAINS < listed(text).count() {
        let text = Text::new(
            format!("一行至多{MOST_DOMAINS}个域名"),
            format!("a row has at most {MOST_DOMAINS} domains"),
        );
        bad.push(bad_cell(ListColumn::Domains, "too-many-domains", text));
        return found;
    }
    for part in listed(text) {
        match DomainName::parse(host(part)) {
            Ok(name) => found.push(name.registrable()),
            Err(fault) => {
                bad.push(bad_cell(ListColumn::Domains, fault.code(), fault.text()));
                break;
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The host of what stands for a domain: of `http://www.example.cn:80/index.html` its name.
fn host(text: &str) -> &str {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let text = text.split(['/', '?', '#']).next().unwrap_or_default();
    text.rsplit_once(':').map_or(text, |(host, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) {
            host
        } else {
            text
        }
    })
}

fn result<'a>(
    cell: &impl Fn(ListColumn) -> &'a str,
    bad: &mut Vec<BadCell<ListColumn>>,
) -> Option<BureauResult> {
    // A bureau's opinion beside its result may be in words of its own.
    let parts = cell(ListColumn::Result).split(BETWEEN_CELLS).map(str::trim);
    let codes: BTreeSet<&str> = parts
        .filter_map(|text| {
            let is = |(code, words): &&(&str, &[&str])| *code == text || words.contains(&text);
            RESULTS.iter().find(is).map(|(code, _)| *code)
        })
        .collect();
    let (Some(code), true) = (codes.first(), codes.len() == 1) else {
        let codes = RESULTS.map(|(code, _)| code).join(", ");
        let words = RESULTS.map(|(_, words)| words.first().copied().unwrap_or_default());
        let text = Text::new(
            format!("须为以下之一：{}", words.join("、")),
            format!("one of: {codes}"),
        );
        bad.push(bad_cell(ListColumn::Result, "not-in-list", text));
        return None;
    };
    Some(match *code {
        "approved" => BureauResult::Approved,
        "sms-done" => BureauResult::SmsDone,
        "sms-not-done" => BureauResult::SmsNotDone,
        "sent" => BureauResult::Sent,
        _ => {
            let reason = cell(ListColumn::Reason);
            if !(1..=MOST_SIGNS).contains(&reason.chars().count()) {
                let text = Text::new(
                    format!("驳回须有原因，至多{MOST_SIGNS}字"),
                    format!("a rejection has a reason of at most {MOST_SIGNS} signs"),
                );
                bad.push(bad_cell(ListColumn::Reason, "field-missing", text));
            }
            BureauResult::Rejected(reason.to_owned())
        }
    })
}
