//! What each kind of notice is called in a mail, and the sentence that it begins with.

use icp_domain::Text;
use icp_domain::finding::Stage;
use icp_domain::notice::{NoticeKind, Parameters};
use icp_domain::rulebook::Provider;

/// What a mail of the kind is called.
pub(super) fn title(kind: &NoticeKind) -> Text {
    let (zh, en) = match kind {
        NoticeKind::Code { .. } => ("备案联系方式核验", "Verification of a contact"),
        NoticeKind::ProofLapses { .. } => (
            "备案负责人手机号核验即将到期",
            "The proof of a responsible person's number lapses soon",
        ),
        NoticeKind::OrderApproved { .. } => ("备案订单已审核通过", "A filing order was approved"),
        NoticeKind::OrderReturned { .. } => ("备案订单已退回", "A filing order was returned"),
        NoticeKind::OrderReminder { .. } => (
            "被退回的备案订单仍待修改",
            "A returned filing order waits to be mended",
        ),
        NoticeKind::YearlyReview { again: false, .. } => {
            ("备案年度核对", "Yearly review of your ICP filing")
        }
        NoticeKind::YearlyReview { again: true, .. } => (
            "提醒：备案年度核对尚未确认",
            "Reminder: the yearly review of your ICP filing waits for your answer",
        ),
        NoticeKind::Audit { .. } => ("备案核查通知", "Notice of an audit of your ICP filing"),
        NoticeKind::Reminder { stage, .. } => match stage {
            Stage::HalfTime => (
                "整改提醒：整改期已过半",
                "Reminder: half of the rectification period is over",
            ),
            Stage::ThreeDays => (
                "整改提醒：至多还剩3天",
                "Reminder: at most 3 days of the rectification period are left",
            ),
            Stage::OneDay => (
                "最后提醒：整改期至多还剩1天",
                "Last reminder: at most 1 day of the rectification period is left",
            ),
        },
        NoticeKind::PeriodExtended { .. } => {
            ("整改期已延长", "The rectification period is extended")
        }
        NoticeKind::AppealDecided { granted: true, .. } => ("申诉成立", "Your appeal was granted"),
        NoticeKind::AppealDecided { granted: false, .. } => {
            ("申诉不成立", "Your appeal was refused")
        }
        NoticeKind::ObjectionDecided { upheld: true, .. } => {
            ("异议或恢复申请成立", "Access is given back as you asked")
        }
        NoticeKind::ObjectionDecided { upheld: false, .. } => {
            ("异议或恢复申请不成立", "Access is not given back")
        }
        NoticeKind::Correction { .. } => ("更正：核查通知有误", "Correction of a notice"),
        NoticeKind::Deregistered { .. } => (
            "管局已注销您的备案",
            "The bureau has deregistered a filing of yours",
        ),
        NoticeKind::CaseClosed { .. } => ("核查已办结", "A case is closed"),
        NoticeKind::AccessStopped { .. } => ("接入已停止", "Access was stopped"),
        NoticeKind::AccessReinstated { .. } => ("接入已恢复", "Access is given again"),
    };
    Text::new(zh, en)
}

/// The sentence that says what happened, and what follows.
pub(super) fn lead(kind: &NoticeKind, parameters: &Parameters, provider: &Provider) -> Text {
    let said = sentence(kind, parameters);
    Text::new(
        format!("{}通知：{}", provider.name.zh, said.zh),
        format!("{} writes to you: {}", provider.name.en, said.en),
    )
}

/// What a correction takes back, and whether anything stays.
fn correction(parameters: &Parameters) -> Text {
    let withdrawn = parameters.withdrawn.iter();
    let (zh, en): (Vec<&str>, Vec<&str>) = withdrawn
        .map(|fault| (fault.zh.as_str(), fault.en.as_str()))
        .unzip();
    let (stays_zh, stays_en) = if parameters.findings == 0 {
        (String::new(), String::new())
    } else {
        let count = parameters.findings;
        (
            format!("该编号下其余{count}项不变，仍请按期整改。"),
            format!(
                " What else was found under this number ({count}) stays as it is, with its deadlines."
            ),
        )
    };
    Text::new(
        format!(
            "我们此前就该核查编号发出的通知中，下列内容有误，已撤销，请勿据此整改：{}。{stays_zh}因此给您带来不便，敬请谅解。",
            zh.join("；")
        ),
        format!(
            "What we wrote under this case number was wrong in this, and is taken back; please do nothing because of it: \
             {}.{stays_en} We apologise for the trouble.",
            en.join("; ")
        ),
    )
}

fn sentence(kind: &NoticeKind, parameters: &Parameters) -> Text {
    let (zh, en) = match kind {
        NoticeKind::Code { .. } => ("验证码只以短信发送。", "Codes are sent by SMS only."),
        NoticeKind::ProofLapses { .. } => (
            "您作为备案负责人的手机号核验即将到期，请重新核验。",
            "The proof that this number is yours, as a responsible person of a filing, lapses soon. Please prove it \
             again.",
        ),
        NoticeKind::OrderApproved { .. } => (
            "您的备案订单已由通信管理局审核通过。",
            "The communications administration has approved your filing order.",
        ),
        NoticeKind::OrderReturned { .. } => (
            "您的备案订单已退回。请登录查看每一处原因，修改后重新提交。",
            "Your filing order was returned. Sign in to see each reason, mend it, and submit it again.",
        ),
        NoticeKind::OrderReminder { .. } => (
            "您被退回的备案订单仍待修改，逾期将退回草稿。",
            "Your returned filing order still waits to be mended. After a while it becomes a draft again.",
        ),
        NoticeKind::YearlyReview { .. } => (
            "请登录确认您的备案信息：无变化、有变化，或不再使用。未确认不影响您的服务。",
            "Please sign in and say whether your filing is unchanged, changed, or no longer used. Nothing of your \
             service changes because of this question.",
        ),
        NoticeKind::Audit { .. } => (
            "您的备案经核查有不合格项，列于下方。整改期内，您的服务不受任何影响。",
            "An audit found faults in your ICP filing; they are listed below. Within the rectification period nothing \
             of your service changes.",
        ),
        NoticeKind::Reminder { .. } => (
            "下列不合格项尚未整改。整改期内，您的服务不受任何影响。",
            "The findings below are still open. Within the rectification period nothing of your service changes.",
        ),
        NoticeKind::PeriodExtended { .. } => (
            "您申请的延期已生效。",
            "The extension that you asked for is in force.",
        ),
        NoticeKind::AppealDecided { granted: true, .. } => (
            "您的申诉成立，该项不合格已撤销，您无需再做任何事。",
            "Your appeal was granted. The finding is dropped, and there is nothing more for you to do about it.",
        ),
        NoticeKind::AppealDecided { granted: false, .. } => (
            "您的申诉不成立。理由和接下来的办法请登录查看。",
            "Your appeal was refused. Sign in to read the reason, and what to do now.",
        ),
        NoticeKind::ObjectionDecided { upheld: true, .. } => (
            "您对停止接入的异议或恢复接入的申请成立，接入予以恢复。",
            "What you said against the stop, or your request, was upheld: access is given again.",
        ),
        NoticeKind::ObjectionDecided { upheld: false, .. } => (
            "您对停止接入的异议或恢复接入的申请不成立。理由和恢复接入的办法请登录查看。",
            "What you said against the stop, or your request, was refused. Sign in to read the reason, and the way back.",
        ),
        NoticeKind::Correction { .. } => return correction(parameters),
        NoticeKind::Deregistered { .. } => (
            "通信管理局下发的清单显示，您的一项备案已被注销，相关接入将终止。重新备案的办法请登录查看。",
            "A list of the communications administration says that a filing of yours is deregistered, and its access \
             ends. Sign in to read how to file again.",
        ),
        NoticeKind::CaseClosed { .. } => (
            "该核查已办结，您无需再做任何事。",
            "The case is closed, and there is nothing more for you to do about it.",
        ),
        NoticeKind::AccessStopped { .. } if parameters.by_bureau => (
            "应通信管理局要求，您备案的一项服务已被停止接入。原因和恢复接入的办法请登录凭核查编号查看；对管局的要求有异议，请向管局提出。",
            "By order of the communications administration, access of one of your filed services was stopped. Sign in with \
             the case number to read why, and what the one safe way back is. Objections to the order go to the administration.",
        ),
        NoticeKind::AccessStopped { .. } => (
            "您备案的一项服务已被停止接入。原因、恢复接入的办法和异议途径，请登录凭核查编号查看。",
            "Access of one of your filed services was stopped. Sign in with the case number to read why, what the one \
             safe way back is, and how to object.",
        ),
        NoticeKind::AccessReinstated { .. } => (
            "您备案的一项服务已恢复接入。",
            "One of your filed services has access again.",
        ),
    };
    Text::new(zh, en)
}

/// The sentence of the deadline.
pub(super) fn until(kind: &NoticeKind, deadline: &Text) -> Text {
    if let NoticeKind::ProofLapses { .. } = kind {
        return Text::new(
            format!("核验有效期至{}。", deadline.zh),
            format!("The proof holds until {}.", deadline.en),
        );
    }
    if let NoticeKind::YearlyReview { .. } = kind {
        return Text::new(
            format!("请于{}前确认。", deadline.zh),
            format!("Please answer before {}.", deadline.en),
        );
    }
    Text::new(
        format!("请于{}前整改。", deadline.zh),
        format!("Please put it right before {}.", deadline.en),
    )
}
