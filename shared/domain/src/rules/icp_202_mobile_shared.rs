//! `ICP-202` mobile-shared: two different persons of the filing give one mobile.

use super::people::shared_within;
use super::{Category, EVERY_KIND, Fix, Judges, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-202",
    name: "mobile-shared",
    docs: include_str!("../../docs/rules/ICP-202.md"),
    basis: "《工业和信息化部关于进一步落实网站备案信息真实性核验工作方案(试行)》",
    source: "rows of the filing",
    category: Category::Contacts,
    judges: Judges::Subject,
    kinds: EVERY_KIND,
    natures: Natures::All,
    brought_by: BroughtBy::Rows,
    needs: &[],
    fix: Fix::ChangeFiling,
    most: Level::Enforce,
    fault: || {
        Text::new(
            "不同负责人使用同一手机号码",
            "different principals give the same mobile number",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    shared_within(
        sight,
        |details| &details.mobile,
        || {
            Text::new(
                "与另一负责人的手机号码相同",
                "the number is also another principal's",
            )
        },
    )
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn one_human_may_hold_two_roles_and_two_humans_may_not_share_a_number() {
        let scene = Scene::default();
        check(&super::RULE, &scene, &expect!["person p1: kept"]);
        check(
            &super::RULE,
            &scene.with_second_person("11010519491231002X"),
            &expect![[r#"
            person p1: kept
            person p2: kept"#]],
        );
        check(
            &super::RULE,
            &scene.with_second_person("440524188001010014"),
            &expect![[r#"
            person p1: broken: the number is also another principal's
            person p2: broken: the number is also another principal's"#]],
        );
    }
}
