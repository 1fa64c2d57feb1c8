//! A decision put into words.

use super::advice::{Act, Advice, Branch, Place, Step, Warning};
use super::plan::{Facts, Move, Plan};
use super::questions::question;
use super::reasons::reasons;
use super::situation::Guard;
use crate::Text;
use crate::rulebook::AccessFirst;

/// The whole answer.
pub(super) fn worded(plan: &Plan, facts: &Facts<'_>) -> Advice {
    Advice {
        branch: plan.branch,
        summary: summary(plan.branch),
        steps: plan
            .moves
            .iter()
            .map(|step| worded_step(step, plan.branch, facts))
            .collect(),
        reasons: reasons(plan, facts),
        warnings: plan
            .warnings
            .iter()
            .map(|warning| warning_text(*warning, facts))
            .chain(suffix_note(facts))
            .collect(),
        questions: plan
            .asks
            .iter()
            .map(|asked| question(*asked, facts))
            .collect(),
        staff_item: plan.staff_item,
    }
}

fn summary(branch: Branch) -> Text {
    let (zh, en) = match branch {
        Branch::QueryAgain => (
            "先重新查询工信部备案信息，暂不做任何不可撤销的操作。",
            "Query MIIT's record again first; do nothing that cannot be undone.",
        ),
        Branch::Ask => (
            "还缺少信息，请先回答下列问题。",
            "Something is still unknown; answer the questions first.",
        ),
        Branch::WaitOrWithdraw => (
            "有在途订单，请等待其完成或先撤回。",
            "An order is in flight: wait for it or withdraw it first.",
        ),
        Branch::Wait => (
            "取消接入订单已在管局，无法撤回，请等待结果。",
            "A cancel-access order is with the bureau and cannot be withdrawn: wait for it.",
        ),
        Branch::NothingToDo => ("无需办理。", "There is nothing to do."),
        Branch::CancelAccess => (
            "只需取消接入，备案号保留在其他接入商处。",
            "Cancel access only; the number lives on at the other provider.",
        ),
        Branch::DeregisterSite => (
            "注销该网站，主体和其他网站不受影响。",
            "Deregister this site; the subject and its other services stay.",
        ),
        Branch::DeregisterSubject => (
            "这是最后一个网站，注销主体。",
            "This is the last service: deregister the subject.",
        ),
        Branch::DomainOfAnother => (
            "该域名在其他主体的备案中，须由对方先注销。",
            "The domain stands in another subject's filing, which must give it up first.",
        ),
        Branch::Blocked => (
            "存在障碍，目前不能办理，也不要注销。",
            "Something stands in the way; nothing can be filed as things are, and nothing must be deregistered.",
        ),
        Branch::FirstFiling => (
            "没有备案记录，办理首次备案。",
            "There is no record: make a first filing.",
        ),
        Branch::AddToShell => (
            "该省允许空壳主体直接新增网站。",
            "The province lets a shell subject add a service directly.",
        ),
        Branch::DeregisterShellThenFile => (
            "该省要求先注销空壳主体，再办理首次备案。",
            "The province wants the shell subject deregistered, then a first filing.",
        ),
        Branch::AskBureau => (
            "没有可靠的规定，请先向管局确认。",
            "No reliable rule is known: ask the bureau first.",
        ),
        Branch::AddSite => (
            "主体仍在，新增网站。",
            "The subject is on record: add the site.",
        ),
        Branch::ChangeThenAdd => (
            "先变更主体信息，再新增网站。",
            "Change the subject's data first, then add the site.",
        ),
        Branch::AskBack => (
            "接入已停止但尚未上报取消，备案号仍在：整改后在本接入商申请恢复即可，不要注销，也不需要重新备案。",
            "Access was stopped, and its cancellation is not reported yet; the number stands. Put it right and ask here \
             for access back: deregister nothing, and file nothing anew.",
        ),
        Branch::ChangeHere => (
            "接入仍然有效，在本接入商办理变更备案即可。",
            "The access link stands: a change filing here is enough.",
        ),
        Branch::RegainNumber => ("先恢复备案的手机号码。", "Regain the filed number first."),
        Branch::Access => (
            "信息无变化，办理接入备案。",
            "Nothing differs: make an access filing.",
        ),
        Branch::AccessThenChange => (
            "该省允许先接入后变更。",
            "The province lets access come first: access filing, then change.",
        ),
        Branch::ChangeThenAccess => (
            "先在持有备案的接入商变更，再办理接入备案。",
            "Change first where the data are held, then make an access filing.",
        ),
        Branch::DeregisterSiteThenAdd => (
            "没有可撤销的办法：注销该网站后重新新增，主体保留。",
            "No way that can be undone is left: deregister this site and add it anew; the subject stays.",
        ),
        Branch::DeregisterSubjectThenFile => (
            "没有可撤销的办法：注销主体后重新首次备案。",
            "No way that can be undone is left: deregister the subject, then make a first filing.",
        ),
    };
    Text::new(zh, en)
}

fn worded_step(step: &Move, branch: Branch, facts: &Facts<'_>) -> Step {
    Step {
        act: step.act,
        place: step.place,
        sms_to: step.sms_to.clone(),
        prepare: prepare(step.act, branch, facts),
        text: step_text(step),
        irreversible: step.act.is_irreversible(),
    }
}

fn step_text(step: &Move) -> Text {
    let (zh, en) = match step.act {
        Act::RegainNumber => (
            "向运营商补办或恢复备案的手机号码；不能恢复的，向管局提交身份证明。",
            "Have the carrier restore the filed number; where it cannot, prove identity to the bureau.",
        ),
        Act::ChangeFiling => ("提交变更备案", "Submit a change filing"),
        Act::AskBack => (
            "整改完成后，在该核查的页面选择“已经整改，申请恢复接入”，工作人员两个工作日内查看并答复",
            "Once it is put right, choose in the case \"it is put right: give access back\"; staff look and answer within two \
             working days",
        ),
        Act::AccessFiling => (
            "提交接入备案，填写与原备案一致的信息",
            "Submit an access filing with the data as on record",
        ),
        Act::AddSite => ("提交新增网站", "Submit the added site"),
        Act::AddToShell => (
            "在现有主体下直接新增网站",
            "Add the service directly to the subject on record",
        ),
        Act::FirstFiling => ("提交首次备案", "Submit a first filing"),
        Act::CancelAccess => ("提交取消接入", "Submit the cancellation of access"),
        Act::DeregisterSite => (
            "注销该网站（不可撤销）",
            "Deregister this site (it cannot be undone)",
        ),
        Act::DeregisterSubject => (
            "注销主体（不可撤销）",
            "Deregister the subject (it cannot be undone)",
        ),
        Act::WaitForOrder => (
            "等待在途订单完成，尚未提交管局的可以撤回",
            "Wait for the order in flight; one that is not yet with the bureau can be withdrawn",
        ),
        Act::ReleaseDomain => (
            "请域名原备案主体注销其备案中的该网站",
            "Let the subject that has the domain deregister its site",
        ),
    };
    let (at_zh, at_en) = match step.place {
        Place::Here => ("办理处：本接入商。", "at this provider."),
        Place::OtherProvider => (
            "办理处：该网站的其他接入商。",
            "at the other provider of this service.",
        ),
        Place::ProviderOfOtherService => (
            "办理处：该主体其他网站的接入商。",
            "at the provider of another service of the subject.",
        ),
        Place::Bureau => (
            "办理处：省通信管理局（线下）。",
            "at the province's bureau, on paper.",
        ),
        Place::CarrierOrBureau => (
            "办理处：运营商或管局。",
            "at the carrier, or at the bureau.",
        ),
        Place::ProviderOfOrder => (
            "办理处：提交该订单的接入商。",
            "at the provider that took it.",
        ),
        Place::OtherSubject => ("办理处：对方主体。", "with that subject."),
    };
    Text::new(
        format!("{zh}。{at_zh}").replace("。。", "。"),
        format!("{}: {at_en}", en.trim_end_matches('.')),
    )
}

fn prepare(act: Act, branch: Branch, facts: &Facts<'_>) -> Vec<Text> {
    let common = match act {
        Act::RegainNumber => vec![Text::new(
            "机主身份证件；单位另需证件和授权书。",
            "The holder's ID; for a unit also its certificate and a letter of authorisation.",
        )],
        Act::ChangeFiling => vec![Text::new(
            "现行证件、变更项目的证明材料。",
            "The certificate in force, and proof of what has changed.",
        )],
        Act::AccessFiling => vec![Text::new(
            "原备案号、主体证件、网站负责人证件，以及本接入商的服务器资源。",
            "The filing number, the subject's certificate, the service principal's ID, and a server of this provider.",
        )],
        Act::AddSite | Act::AddToShell | Act::FirstFiling => vec![Text::new(
            "主体证件、负责人证件和手机、域名证书、真实性核验材料；获批前网站保持关闭。",
            "The certificate, the principals' IDs and phones, the domain certificate, the verification material; the site stays closed until approval.",
        )],
        Act::CancelAccess => vec![Text::new(
            "先将域名解析移出本接入商。",
            "Move the domain's addresses away from that provider first.",
        )],
        Act::DeregisterSite | Act::DeregisterSubject => vec![Text::new(
            "注销申请表、主体证件复印件、域名证书；主体已不存在的，由权利承继人或域名所有者办理。",
            "The form of deregistration, a copy of the certificate, the domain certificate; where the subject is dissolved, its successor or the domain's holder applies.",
        )],
        Act::AskBack | Act::WaitForOrder | Act::ReleaseDomain => Vec::new(),
    };
    let how = provincial_how(act, branch, facts);
    common.into_iter().chain(how).collect()
}

/// What the province says of filling in an access filing before a change, and of its deadline.
fn provincial_how(act: Act, branch: Branch, facts: &Facts<'_>) -> Vec<Text> {
    let Some(province) = facts
        .province
        .filter(|_| branch == Branch::AccessThenChange)
    else {
        return Vec::new();
    };
    if act == Act::ChangeFiling {
        let within = province.change_within_working_days.as_ref().map(|days| {
            Text::new(
                format!("接入备案通过后 {} 个工作日内提交。", days.is),
                format!(
                    "Within {} working days after the access filing's approval.",
                    days.is
                ),
            )
        });
        return within.into_iter().collect();
    }
    if act != Act::AccessFiling {
        return Vec::new();
    }
    let groups = facts.situation.differs.iter().flatten();
    let mut texts: Vec<Text> = Vec::new();
    for clause in groups.filter_map(|group| province.clause(*group)) {
        let text = match &clause.rule {
            AccessFirst::Allowed { how } => how.clone(),
            AccessFirst::Conditional { conditions } => Some(conditions.clone()),
            AccessFirst::Forbidden | AccessFirst::Silent => None,
        };
        texts.extend(text.filter(|text| !texts.contains(text)));
    }
    texts
}

fn warning_text(warning: Warning, facts: &Facts<'_>) -> Text {
    let (zh, en) = match warning {
        Warning::Contradiction => (
            "所述情况互相矛盾，可能是记录滞后。",
            "What was said contradicts itself; the record may lag behind.",
        ),
        Warning::Fails(guard) => return fails_text(guard),
        Warning::NeverFiledAgain => (
            "切勿为重新备案而注销：注销后该域名将无法再备案。",
            "Never deregister in order to file anew: the name could not be filed again.",
        ),
        Warning::NoBrakeOffline => (
            "线下注销没有短信核验，一经办理无法中止。",
            "Deregistration on paper has no SMS check: once made it cannot be halted.",
        ),
        Warning::SmsIsTheBrake => (
            "24 小时内不完成短信核验即可中止注销，这是最后的机会。",
            "Leaving the SMS unconfirmed for 24 hours still halts it; that is the last chance.",
        ),
        Warning::NumberIsLost => (
            "主体备案号注销后永久失效。",
            "The subject's number is gone for ever.",
        ),
        Warning::UntilReported => (
            "须在取消接入上报管局之前申请（停止后至少十个工作日，有在办订单的顺延）；上报后只能另办接入备案。应管局要求停止的，须先经管局同意，请联系管局。",
            "Ask before the cancellation is reported to the bureau, ten working days after the stop at the earliest and later \
             while an order is under way; after that only an access filing gives access again. What a bureau ordered stopped \
             wants the bureau's consent first: turn to it.",
        ),
        Warning::BackAfterApproval => (
            "管局审核通过后网站才能恢复访问。",
            "The site is back only after the bureau's approval.",
        ),
        Warning::ShellWantsCurrentData => (
            "空壳主体新增网站时主体信息须为现行信息。",
            "A shell subject adds a service only with current data.",
        ),
        Warning::ShellMayBeCleared => (
            "也可以等待管局清理空壳主体。",
            "One may also wait until the bureau clears the shell.",
        ),
        Warning::ProvinceInDoubt => {
            let doubt = facts.province.and_then(|province| province.doubt.clone());
            return doubt.unwrap_or_else(|| {
                Text::new(
                    "该省规定的来源有疑问。",
                    "The province's sources are in doubt.",
                )
            });
        }
    };
    Text::new(zh, en)
}

/// What is known of the domain's suffix beside its standing.
fn suffix_note(facts: &Facts<'_>) -> Option<Text> {
    facts.suffix.and_then(|rule| rule.note.clone())
}

fn fails_text(guard: Guard) -> Text {
    let (zh, en) = match guard {
        Guard::Suffix => (
            "域名后缀未获批准，不能新取得备案号。",
            "The suffix is not approved: no new number can be had for it.",
        ),
        Guard::Registrar => (
            "域名注册商未获批准、域名过期或未实名，须先解决。",
            "The registrar is not approved, or the domain is expired or without a real name: mend that first.",
        ),
        Guard::Holder => (
            "域名所有者不是备案主体，须先过户。",
            "The domain's holder is not the subject: transfer it first.",
        ),
        Guard::LossShown => (
            "尚未列明将失去的其他网站，不得注销。",
            "What would be lost has not been listed: nothing may be deregistered.",
        ),
        Guard::Eligible => (
            "证件已失效，或负责人、个人不符合该省要求。",
            "The certificate is not in force, or the person may not file in this province.",
        ),
        Guard::Unblocked => (
            "在黑名单中，或有其他在途订单。",
            "There is a blacklist entry or another order in flight.",
        ),
        Guard::Confirmed => (
            "备案主体未确认，不得注销。",
            "The filer has not confirmed: nothing may be deregistered.",
        ),
    };
    Text::new(zh, en)
}
