//! The templates of SMS: one fixed text per kind and stage.

use icp_domain::finding::Stage;
use icp_domain::notice::{About, NoticeKind, Parameters};

use super::{Field, Template};

/// The template of what a message is about.
pub(super) fn template(about: &About, parameters: &Parameters) -> &'static Template {
    match about {
        About::Notice(kind) => of_notice(kind, parameters),
        About::Digest if parameters.due_at.is_some() => &DIGEST,
        About::Digest => &DIGEST_WITHOUT_DEADLINE,
    }
}

/// The template of a kind. Texts say no more than what is true of every notice of the kind: that access may be stopped
/// is said only where that may follow.
fn of_notice(kind: &NoticeKind, parameters: &Parameters) -> &'static Template {
    match kind {
        NoticeKind::Code { .. } => &CODE,
        NoticeKind::ProofLapses { .. } => &PROOF_LAPSES,
        NoticeKind::OrderApproved { .. } => &ORDER_APPROVED,
        NoticeKind::OrderReturned { .. } => &ORDER_RETURNED,
        NoticeKind::OrderReminder { .. } => &ORDER_REMINDER,
        NoticeKind::YearlyReview { again: false, .. } => &YEARLY_REVIEW,
        NoticeKind::YearlyReview { again: true, .. } => &YEARLY_REVIEW_REMINDER,
        NoticeKind::Audit { .. } if parameters.may_stop => &AUDIT_NOTICE,
        NoticeKind::Audit { .. } => &AUDIT_NOTICE_WITHOUT_STOP,
        NoticeKind::Reminder { stage, .. } => match stage {
            Stage::HalfTime => &REMINDER_HALF_TIME,
            Stage::ThreeDays => &REMINDER_THREE_DAYS,
            Stage::OneDay if parameters.may_stop => &REMINDER_ONE_DAY,
            Stage::OneDay => &REMINDER_ONE_DAY_WITHOUT_STOP,
        },
        NoticeKind::PeriodExtended { .. } => &PERIOD_EXTENDED,
        NoticeKind::AppealDecided { granted: true, .. } => &APPEAL_GRANTED,
        NoticeKind::AppealDecided { granted: false, .. } => &APPEAL_REFUSED,
        NoticeKind::ObjectionDecided { upheld: true, .. } => &OBJECTION_UPHELD,
        NoticeKind::ObjectionDecided { upheld: false, .. } => &OBJECTION_REFUSED,
        NoticeKind::Correction { .. } if 0 < parameters.findings => &CORRECTION_IN_PART,
        NoticeKind::Correction { .. } => &CORRECTION,
        NoticeKind::Deregistered { .. } => &DEREGISTERED,
        NoticeKind::CaseClosed { .. } => &CASE_CLOSED,
        NoticeKind::AccessStopped { .. } if parameters.by_bureau => &ACCESS_STOPPED_BY_BUREAU,
        NoticeKind::AccessStopped { .. } => &ACCESS_STOPPED,
        NoticeKind::AccessReinstated { .. } => &ACCESS_REINSTATED,
    }
}

/// Every template that [`template`] knows.
pub(super) fn every_template() -> [&'static Template; 27] {
    [
        &CODE,
        &PROOF_LAPSES,
        &ORDER_APPROVED,
        &ORDER_RETURNED,
        &ORDER_REMINDER,
        &YEARLY_REVIEW,
        &YEARLY_REVIEW_REMINDER,
        &AUDIT_NOTICE,
        &AUDIT_NOTICE_WITHOUT_STOP,
        &REMINDER_HALF_TIME,
        &REMINDER_THREE_DAYS,
        &REMINDER_ONE_DAY,
        &REMINDER_ONE_DAY_WITHOUT_STOP,
        &PERIOD_EXTENDED,
        &APPEAL_GRANTED,
        &APPEAL_REFUSED,
        &OBJECTION_UPHELD,
        &OBJECTION_REFUSED,
        &CORRECTION,
        &CORRECTION_IN_PART,
        &DEREGISTERED,
        &CASE_CLOSED,
        &ACCESS_STOPPED,
        &ACCESS_STOPPED_BY_BUREAU,
        &ACCESS_REINSTATED,
        &DIGEST,
        &DIGEST_WITHOUT_DEADLINE,
    ]
}

const REMINDS: &[Field] = &[Field::CaseNumber, Field::Findings, Field::Deadline];

static CODE: Template = Template {
    id: "code",
    fields: &[Field::Code],
    text: "【{signature}】备案联系方式核验：验证码{code}，10分钟内有效，由{provider}发送。\
    若非您的备案，请勿告诉他人。",
};

static PROOF_LAPSES: Template = Template {
    id: "proof-lapses",
    fields: &[Field::Deadline],
    text: "【{signature}】您作为备案负责人的手机号核验于{deadline}到期，请登录 {address} 重新核验，\
    电话{telephone}。",
};

static ORDER_APPROVED: Template = Template {
    id: "order-approved",
    fields: &[],
    text: "【{signature}】您的备案订单已审核通过。详情请登录 {address} 查询，电话{telephone}。",
};

static ORDER_RETURNED: Template = Template {
    id: "order-returned",
    fields: &[],
    text: "【{signature}】您的备案订单已退回。请登录 {address} 查看原因，修改后重新提交，\
    电话{telephone}。",
};

static ORDER_REMINDER: Template = Template {
    id: "order-reminder",
    fields: &[],
    text: "【{signature}】您被退回的备案订单仍待修改，逾期将退回草稿。请登录 {address} 查看原因，\
    修改后重新提交，电话{telephone}。",
};

static YEARLY_REVIEW: Template = Template {
    id: "yearly-review",
    fields: &[Field::Deadline],
    text: "【{signature}】备案年度核对：请于{deadline}前登录 {address} 确认您的备案信息无变化、有变化或不再使用，\
    电话{telephone}。",
};

static YEARLY_REVIEW_REMINDER: Template = Template {
    id: "yearly-review-reminder",
    fields: &[Field::Deadline],
    text: "【{signature}】提醒：您的备案年度核对尚未确认，请于{deadline}前登录 {address} 办理，电话{telephone}。",
};

static AUDIT_NOTICE: Template = Template {
    id: "audit-notice",
    fields: &[Field::Findings, Field::Deadline, Field::CaseNumber],
    text: "【{signature}】您的备案经核查有{findings}项不合格，请于{deadline}前整改，\
    逾期可能被停止接入。核查编号{number}，办法请登录 {address} 查询，\
    电话{telephone}。",
};

static AUDIT_NOTICE_WITHOUT_STOP: Template = Template {
    id: "audit-notice-without-stop",
    fields: &[Field::Findings, Field::Deadline, Field::CaseNumber],
    text: "【{signature}】您的备案经核查有{findings}项不合格，请于{deadline}前整改。核查编号{number}，\
    办法请登录 {address} 查询，电话{telephone}。",
};

static PERIOD_EXTENDED: Template = Template {
    id: "period-extended",
    fields: &[Field::CaseNumber, Field::Deadline],
    text: "【{signature}】核查编号{number}的整改期已延长，请于{deadline}前整改。办法请登录 {address} 查询，\
    电话{telephone}。",
};

static APPEAL_GRANTED: Template = Template {
    id: "appeal-granted",
    fields: &[Field::CaseNumber],
    text: "【{signature}】核查编号{number}的申诉成立，该项不合格已撤销。详情请登录 {address} 查询，\
    电话{telephone}。",
};

static APPEAL_REFUSED: Template = Template {
    id: "appeal-refused",
    fields: &[Field::CaseNumber],
    text: "【{signature}】核查编号{number}的申诉不成立。理由、期限和办法请登录 {address} 查询，\
    电话{telephone}。",
};

static OBJECTION_UPHELD: Template = Template {
    id: "objection-upheld",
    fields: &[Field::CaseNumber],
    text: "【{signature}】核查编号{number}的异议或恢复申请成立，接入予以恢复。详情请登录 {address} 查询，\
    电话{telephone}。",
};

static OBJECTION_REFUSED: Template = Template {
    id: "objection-refused",
    fields: &[Field::CaseNumber],
    text: "【{signature}】核查编号{number}的异议或恢复申请不成立。理由和恢复接入的办法请登录 {address} 凭该编号查询，\
    电话{telephone}。",
};

static CORRECTION: Template = Template {
    id: "correction",
    fields: &[Field::CaseNumber],
    text: "【{signature}】更正：核查编号{number}的通知有误，请勿据此整改，因此给您带来不便，敬请谅解。\
    详情请登录 {address} 查询，电话{telephone}。",
};

static CORRECTION_IN_PART: Template = Template {
    id: "correction-in-part",
    fields: &[Field::CaseNumber, Field::Findings],
    text: "【{signature}】更正：核查编号{number}的通知部分有误，有误的内容已撤销，敬请谅解；\
    其余{findings}项仍须按期整改。详情请登录 {address} 查询，电话{telephone}。",
};

static DEREGISTERED: Template = Template {
    id: "deregistered",
    fields: &[],
    text: "【{signature}】管局已注销您的一项备案，相关接入将终止。详情和重新备案的办法请登录 {address} 查询，\
    电话{telephone}。",
};

static DIGEST: Template = Template {
    id: "digest",
    fields: &[Field::Findings, Field::Deadline, Field::CaseNumber],
    text: "【{signature}】您的备案有{findings}项通知，其中最早的期限为{deadline}，核查编号{number}。\
    内容和办法请登录 {address} 查询，电话{telephone}。",
};

static DIGEST_WITHOUT_DEADLINE: Template = Template {
    id: "digest-without-deadline",
    fields: &[Field::Findings],
    text: "【{signature}】您的备案有{findings}项通知。内容请登录 {address} 查询，电话{telephone}。",
};

static CASE_CLOSED: Template = Template {
    id: "case-closed",
    fields: &[Field::CaseNumber],
    text: "【{signature}】核查编号{number}已办结。详情请登录 {address} 查询，\
    电话{telephone}。",
};

static ACCESS_STOPPED: Template = Template {
    id: "access-stopped",
    fields: &[Field::CaseNumber],
    text: "【{signature}】您备案的一项服务已被停止接入，核查编号{number}。原因、恢复接入的\
    办法和异议途径，请登录 {address} 凭该编号查询，电话{telephone}。",
};

static ACCESS_STOPPED_BY_BUREAU: Template = Template {
    id: "access-stopped-by-bureau",
    fields: &[Field::CaseNumber],
    text: "【{signature}】应通信管理局要求，您备案的一项服务已被停止接入，核查编号{number}。原因和恢复接入的\
    办法，请登录 {address} 凭该编号查询，电话{telephone}。",
};

static ACCESS_REINSTATED: Template = Template {
    id: "access-reinstated",
    fields: &[],
    text: "【{signature}】您备案的一项服务已恢复接入。详情请登录 {address} 查询，\
    电话{telephone}。",
};

static REMINDER_HALF_TIME: Template = Template {
    id: "reminder-half-time",
    fields: REMINDS,
    text: "【{signature}】提醒：整改期已过半。核查编号{number}尚有{findings}项不合格，\
    请于{deadline}前整改。办法请登录 {address} 查询，电话{telephone}。",
};

static REMINDER_THREE_DAYS: Template = Template {
    id: "reminder-three-days",
    fields: REMINDS,
    text: "【{signature}】提醒：整改期至多还剩3天。核查编号{number}尚有{findings}项不合格，\
    请于{deadline}前整改。办法请登录 {address} 查询，电话{telephone}。",
};

static REMINDER_ONE_DAY: Template = Template {
    id: "reminder-one-day",
    fields: REMINDS,
    text: "【{signature}】最后提醒：整改期至多还剩1天。核查编号{number}尚有{findings}项\
    不合格，请于{deadline}前整改，逾期可能被停止接入。办法请登录 {address} 查询，\
    电话{telephone}。",
};

static REMINDER_ONE_DAY_WITHOUT_STOP: Template = Template {
    id: "reminder-one-day-without-stop",
    fields: REMINDS,
    text: "【{signature}】最后提醒：整改期至多还剩1天。核查编号{number}尚有{findings}项不合格，\
    请于{deadline}前整改。办法请登录 {address} 查询，电话{telephone}。",
};
