//! Why an answer is what it is: who says so, and on which day.

use jiff::civil::{Date, date};

use super::advice::{Branch, Reason};
use super::plan::{Facts, Plan};
use super::published;
use crate::Text;
use crate::rulebook::{AccessFirst, Known, Source};

/// A page that reasons rest on, with the day of its text.
type Page = (&'static str, Date);

/// Source: the page as it stood on this day.
const ACCESS_PAGE: Page = (
    "腾讯云 接入备案 https://cloud.tencent.com/document/product/243/37403",
    date(2021, 4, 11),
);
/// Source: the page as it stood on this day.
const SMS_PAGE: Page = (
    "腾讯云 备案短信核验说明 https://cloud.tencent.com/document/product/243/13435",
    date(2021, 4, 11),
);
/// Source: the page as it stood on this day.
const SHELL_PAGE: Page = (
    "腾讯云 注销空壳主体 https://cloud.tencent.com/document/product/243/50971",
    date(2021, 4, 11),
);
/// Source: the page as it stood on this day.
const TYPES_PAGE: Page = ("腾讯云 备案类型", date(2021, 4, 11));
/// Source: the page as it stood on this day.
const REVIEW_PAGE: Page = ("腾讯云 备案审核 FAQ", date(2020, 9, 29));
/// Source: the page as it stood on this day.
const UNDO_PAGE: Page = ("腾讯云 撤销注销备案申请", date(2021, 4, 11));
/// Source: the instrument's own date.
const ORDER_33: Page = (
    "非经营性互联网信息服务备案管理办法（信息产业部令第33号）第十四、十五条",
    date(2005, 3, 20),
);

/// The reasons of an answer: the general ones of its branch, the province's clauses, the suffix.
pub(super) fn reasons(plan: &Plan, facts: &Facts<'_>) -> Vec<Reason> {
    let general: &[(Page, &str, &str)] = match plan.branch {
        Branch::QueryAgain => &[(
            REVIEW_PAGE,
            "工信部记录滞后一至两个工作日，且以备案号查询最可靠。",
            "MIIT's record lags one to two working days; the number is the surest query.",
        )],
        Branch::WaitOrWithdraw | Branch::Wait => &[(
            REVIEW_PAGE,
            "同一主体全国同时只能有一个在途订单。",
            "A subject may have one order in flight in the whole country.",
        )],
        Branch::Ask | Branch::AskBureau => &[(
            UNDO_PAGE,
            "注销后备案号不能恢复，因此不在未知信息上注销。",
            "A deregistered number is never restored; so nothing is deregistered on an unknown.",
        )],
        Branch::NothingToDo
        | Branch::CancelAccess
        | Branch::DeregisterSite
        | Branch::DeregisterSubject => &[(
            ORDER_33,
            "终止提供服务时注销，信息变更须办理变更。",
            "A filing is deregistered when the service ends, and changed when its data change.",
        )],
        Branch::DomainOfAnother | Branch::AddSite | Branch::ChangeThenAdd | Branch::FirstFiling => {
            &[(
                TYPES_PAGE,
                "备案类型由工信部的主体和域名记录决定；一个域名只能在一个备案中。",
                "MIIT's record of subject and domain decides the type; a domain stands in one filing only.",
            )]
        }
        Branch::Blocked => &[(
            UNDO_PAGE,
            "新取得备案号须满足全部现行要求。",
            "A new number wants every rule in force to be met.",
        )],
        Branch::AddToShell | Branch::DeregisterShellThenFile => &[(
            SHELL_PAGE,
            "空壳主体没有网站也没有接入信息。",
            "A shell subject has neither a service nor access.",
        )],
        Branch::AskBack => &[(
            ORDER_33,
            "接入的取消以管局登记为准；登记之前，备案和接入都在记录上。",
            "Access ends with the bureau's record of it; before that, filing and access stand on record.",
        )],
        Branch::ChangeHere => &[(
            ORDER_33,
            "备案信息变更须办理变更备案。",
            "Changed data want a change filing.",
        )],
        Branch::RegainNumber => &[(
            SMS_PAGE,
            "接入备案的核验短信发往备案的号码。",
            "The SMS of an access filing goes to the number on record.",
        )],
        Branch::Access => &[(
            ACCESS_PAGE,
            "接入备案不修改任何信息，因此与各省先接入后变更的规定无关。",
            "An access filing changes no data, so no province's rule on access before change applies.",
        )],
        Branch::AccessThenChange | Branch::ChangeThenAccess => &[
            (
                ACCESS_PAGE,
                "接入备案不能同时修改信息。",
                "An access filing cannot change data.",
            ),
            (
                SMS_PAGE,
                "接入备案的核验短信发往备案的号码。",
                "The SMS of an access filing goes to the number on record.",
            ),
        ],
        Branch::DeregisterSiteThenAdd => &[(
            UNDO_PAGE,
            "注销网站后为新增网站，主体保留。",
            "After a site is deregistered it is added anew; the subject stays.",
        )],
        Branch::DeregisterSubjectThenFile => &[(
            UNDO_PAGE,
            "注销主体后为首次备案。",
            "After the subject is deregistered comes a first filing.",
        )],
    };
    let general = general.iter().map(|((source, as_of), zh, en)| Reason {
        text: Text::new(*zh, *en),
        source: (*source).to_owned(),
        as_of: Some(*as_of),
    });
    general
        .chain(provincial_reasons(plan.branch, facts))
        .chain(suffix_reason(facts))
        .chain(published::departure(plan.branch, facts))
        .collect()
}

/// What the province's own clauses say, where they decided.
fn provincial_reasons(branch: Branch, facts: &Facts<'_>) -> Vec<Reason> {
    let Some(province) = facts.province else {
        return Vec::new();
    };
    if matches!(branch, Branch::AddToShell | Branch::DeregisterShellThenFile) {
        let text = if branch == Branch::AddToShell {
            Text::new(
                format!("{}允许空壳主体直接新增网站。", province.name.zh),
                format!("{} lets a shell subject add a service.", province.name.en),
            )
        } else {
            Text::new(
                format!("{}要求先注销空壳主体。", province.name.zh),
                format!(
                    "{} wants a shell subject deregistered first.",
                    province.name.en
                ),
            )
        };
        return vec![reason(text, &province.shell_may_add.source)];
    }
    let shell = (branch == Branch::DeregisterSiteThenAdd && facts.other_services == Known::No)
        .then(|| {
            let text = Text::new(
                format!("{}允许空壳主体直接新增网站。", province.name.zh),
                format!("{} lets a shell subject add a service.", province.name.en),
            );
            reason(text, &province.shell_may_add.source)
        });
    let is_decided_by_clauses = matches!(
        branch,
        Branch::AccessThenChange
            | Branch::ChangeThenAccess
            | Branch::DeregisterSiteThenAdd
            | Branch::DeregisterSubjectThenFile
            | Branch::AskBureau
    );
    let groups = facts
        .situation
        .differs
        .iter()
        .flatten()
        .filter(|_| is_decided_by_clauses);
    groups
        .filter_map(|group| {
            let clause = province.clause(*group)?;
            let (zh, en) = match clause.rule {
                AccessFirst::Allowed { .. } => {
                    ("允许先接入后变更", "access may come before the change")
                }
                AccessFirst::Conditional { .. } => (
                    "有条件地允许先接入后变更",
                    "access may come before the change under conditions",
                ),
                AccessFirst::Forbidden => (
                    "不允许先接入后变更",
                    "access may not come before the change",
                ),
                AccessFirst::Silent => return None,
            };
            let name = group.text();
            let text = Text::new(
                format!("{}：{}{zh}。", province.name.zh, name.zh),
                format!("{}, {}: {en}.", province.name.en, name.en),
            );
            Some(reason(text, &clause.source))
        })
        .chain(shell)
        .collect()
}

/// Who says what of the domain's suffix.
fn suffix_reason(facts: &Facts<'_>) -> Option<Reason> {
    let rule = facts.suffix?;
    let text = Text::new(
        "域名后缀的可备案状态见此来源；请以 https://domain.miit.gov.cn 为准。",
        "The suffix's standing is read here; https://domain.miit.gov.cn prevails.",
    );
    Some(reason(text, &rule.source))
}

fn reason(text: Text, source: &Source) -> Reason {
    Reason {
        text,
        source: source.title.clone(),
        as_of: source.as_of,
    }
}
