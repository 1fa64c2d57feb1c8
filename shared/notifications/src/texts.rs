//! The texts of SMS: one fixed template per kind and stage, with few and plain parameters.
//!
//! **Invariant:** what a template leaves open is a [`Field`], and no field is a URL, a domain or a
//! telephone number: the provider's signature, address and telephone number are part of the text
//! that is registered once. A template id keeps its text; another text is another id.

use icp_domain::finding::Stage;
use icp_domain::notice::{NoticeKind, Parameters};
use icp_domain::personal::Personal;
use icp_domain::rulebook::Provider;
use icp_domain::rulebook::calendar::{local_date, local_time};
use jiff::Timestamp;
use jiff::civil::{Time, Weekday};

/// A message: the template, its parameters, and the text that both make. It may hold a code, so
/// that nothing of it but the template is printed by accident.
#[derive(Debug, Clone)]
pub struct SmsMessage {
    /// The template's id, stable.
    pub template: TemplateId,
    /// Parameters, by name, in the text's order.
    pub parameters: Vec<(&'static str, Personal<String>)>,
    /// The whole text.
    pub text: Personal<String>,
    /// A parameter that the template needs and the notice has not. No sender takes such a message.
    pub(crate) lacking: Option<&'static str>,
}

/// The id under which a template is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TemplateId(&'static str);

impl TemplateId {
    /// The id as text.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

/// The SMS of a notice, in Chinese: the one language that mainland gateways register.
pub fn sms_text(kind: &NoticeKind, parameters: &Parameters, provider: &Provider) -> SmsMessage {
    let template = template(kind);
    let registered = template
        .text
        .replace("{signature}", &provider.signature)
        .replace("{provider}", &provider.name.zh)
        .replace("{address}", &provider.address)
        .replace("{telephone}", &provider.telephone);
    let values = || {
        template
            .fields
            .iter()
            .map(|field| (field.name(), field.of(parameters)))
    };
    let given: Vec<(&'static str, String)> = values()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    let text = given.iter().fold(registered, |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    });
    SmsMessage {
        template: TemplateId(template.id),
        parameters: given
            .into_iter()
            .map(|(name, value)| (name, Personal::new(value)))
            .collect(),
        text: Personal::new(text),
        lacking: values().find_map(|(name, value)| value.is_none().then_some(name)),
    }
}

/// What a template leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Code,
    CaseNumber,
    Findings,
    Deadline,
}

/// Most findings that are counted in a text; more are said to be more.
const MOST_FINDINGS: usize = 999;

impl Field {
    fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::CaseNumber => "number",
            Self::Findings => "findings",
            Self::Deadline => "deadline",
        }
    }

    /// The value; `None` where the notice has none to say.
    fn of(self, parameters: &Parameters) -> Option<String> {
        match self {
            Self::Code => parameters
                .code
                .as_ref()
                .map(|code| code.reveal().to_owned()),
            Self::CaseNumber => parameters.case_number.as_ref().map(ToString::to_string),
            Self::Findings => match parameters.findings {
                0 => None,
                count if count <= MOST_FINDINGS => Some(count.to_string()),
                _ => Some(format!("{MOST_FINDINGS}+")),
            },
            Self::Deadline => parameters.due_at.map(deadline),
        }
    }
}

struct Template {
    id: &'static str,
    fields: &'static [Field],
    text: &'static str,
}

/// The template of a kind. Texts say no more than what is true of every notice of the kind: a
/// finding of a rule that only notifies is never followed by a stop, so a stop is said to be
/// possible.
fn template(kind: &NoticeKind) -> &'static Template {
    match kind {
        NoticeKind::Code { .. } => &Template {
            id: "code",
            fields: &[Field::Code],
            text: "【{signature}】备案联系方式核验：验证码{code}，10分钟内有效，由{provider}发送。\
                   若非您的备案，请勿告诉他人。",
        },
        NoticeKind::ProofLapses { .. } => &Template {
            id: "proof-lapses",
            fields: &[Field::Deadline],
            text: "【{signature}】您作为备案负责人的手机号核验于{deadline}到期，请登录 {address} 重新核验，\
                   电话{telephone}。",
        },
        NoticeKind::OrderApproved { .. } => &Template {
            id: "order-approved",
            fields: &[],
            text: "【{signature}】您的备案订单已审核通过。详情请登录 {address} 查询，电话{telephone}。",
        },
        NoticeKind::OrderReturned { .. } => &Template {
            id: "order-returned",
            fields: &[],
            text: "【{signature}】您的备案订单已退回。请登录 {address} 查看原因，修改后重新提交，\
                   电话{telephone}。",
        },
        NoticeKind::OrderReminder { .. } => &Template {
            id: "order-reminder",
            fields: &[],
            text: "【{signature}】您被退回的备案订单仍待修改，逾期将退回草稿。请登录 {address} 查看原因，\
                   修改后重新提交，电话{telephone}。",
        },
        NoticeKind::Audit { .. } => &Template {
            id: "audit-notice",
            fields: &[Field::Findings, Field::Deadline, Field::CaseNumber],
            text: "【{signature}】您的备案经核查有{findings}项不合格，请于{deadline}前整改，\
                   逾期可能被停止接入。核查编号{number}，办法请登录 {address} 查询，\
                   电话{telephone}。",
        },
        NoticeKind::Reminder { stage, .. } => reminder(*stage),
        NoticeKind::CaseClosed { .. } => &Template {
            id: "case-closed",
            fields: &[Field::CaseNumber],
            text: "【{signature}】核查编号{number}已办结。详情请登录 {address} 查询，\
                   电话{telephone}。",
        },
        NoticeKind::AccessStopped { .. } => &Template {
            id: "access-stopped",
            fields: &[Field::CaseNumber],
            text: "【{signature}】您备案的一项服务已被停止接入，核查编号{number}。原因、恢复接入的\
                   办法和异议途径，请登录 {address} 凭该编号查询，电话{telephone}。",
        },
        NoticeKind::AccessReinstated { .. } => &Template {
            id: "access-reinstated",
            fields: &[],
            text: "【{signature}】您备案的一项服务已恢复接入。详情请登录 {address} 查询，\
                   电话{telephone}。",
        },
    }
}

fn reminder(stage: Stage) -> &'static Template {
    const FIELDS: &[Field] = &[Field::CaseNumber, Field::Findings, Field::Deadline];
    match stage {
        Stage::HalfTime => &Template {
            id: "reminder-half-time",
            fields: FIELDS,
            text: "【{signature}】提醒：整改期已过半。核查编号{number}尚有{findings}项不合格，\
                   请于{deadline}前整改。办法请登录 {address} 查询，电话{telephone}。",
        },
        Stage::ThreeDays => &Template {
            id: "reminder-three-days",
            fields: FIELDS,
            text: "【{signature}】提醒：整改期至多还剩3天。核查编号{number}尚有{findings}项不合格，\
                   请于{deadline}前整改。办法请登录 {address} 查询，电话{telephone}。",
        },
        Stage::OneDay => &Template {
            id: "reminder-one-day",
            fields: FIELDS,
            text: "【{signature}】最后提醒：整改期至多还剩1天。核查编号{number}尚有{findings}项\
                   不合格，请于{deadline}前整改，逾期可能被停止接入。办法请登录 {address} 查询，\
                   电话{telephone}。",
        },
    }
}

/// A deadline as people in Shanghai say it, with its weekday. Midnight is 24:00 of the day that it
/// ends; seconds are left out, which never says a later instant than the deadline.
fn deadline(due_at: Timestamp) -> String {
    let (day, time) = (local_date(due_at), local_time(due_at));
    let (day, time) = if time == Time::midnight() {
        (day.yesterday().unwrap_or(day), "24:00".to_owned())
    } else {
        (day, format!("{:02}:{:02}", time.hour(), time.minute()))
    };
    let weekday = match day.weekday() {
        Weekday::Monday => "一",
        Weekday::Tuesday => "二",
        Weekday::Wednesday => "三",
        Weekday::Thursday => "四",
        Weekday::Friday => "五",
        Weekday::Saturday => "六",
        Weekday::Sunday => "日",
    };
    let (year, month) = (day.year(), day.month());
    format!("{year}年{month}月{}日（周{weekday}）{time}", day.day())
}

#[cfg(test)]
mod tests;
