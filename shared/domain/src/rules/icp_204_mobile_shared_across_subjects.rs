//! `ICP-204` mobile-shared-across-subjects: principals of different subjects give the same mobile number.

use super::people::shared_across;
use super::{Category, EVERY_KIND, Fix, Judges, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::reports::Shared;
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-204",
    name: "mobile-shared-across-subjects",
    docs: include_str!("../../docs/rules/ICP-204.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第七条",
    source: "index of all filings at this provider",
    category: Category::Contacts,
    judges: Judges::Subject,
    kinds: EVERY_KIND,
    natures: Natures::All,
    brought_by: BroughtBy::Files,
    needs: &[],
    fix: Fix::ChangeFiling,
    most: Level::Enforce,
    fault: || {
        Text::new(
            "不同主体的不同负责人使用同一手机号码",
            "principals of different subjects give the same mobile number",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    shared_across(sight, Shared::Mobile, || {
        Text::new(
            "另有其他备案的负责人使用该号码",
            "another filing's principal uses the number too",
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::reports::Shared;
    use crate::rules::testing::check_shared_across;

    #[test]
    fn what_the_index_of_all_filings_says_is_told_without_the_other() {
        check_shared_across(
            &super::RULE,
            Shared::Mobile,
            "another filing's principal uses the number too",
        );
    }
}
