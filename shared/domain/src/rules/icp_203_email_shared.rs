//! `ICP-203` email-shared: different principals give the same mail address.

use super::people::shared_within;
use super::{Category, EVERY_KIND, Fix, Judges, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-203",
    name: "email-shared",
    docs: include_str!("../../docs/rules/ICP-203.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第七条",
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
            "不同负责人使用同一邮箱",
            "different principals give the same mail address",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    shared_within(
        sight,
        |details| details.email.reveal(),
        || {
            Text::new(
                "与另一负责人的邮箱相同",
                "the address is also another principal's",
            )
        },
    )
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn two_humans_do_not_share_an_address() {
        let scene = Scene::default();
        check(&super::RULE, &scene, &expect!["person p1: kept"]);
        check(
            &super::RULE,
            &scene.with_second_person("440524188001010014"),
            &expect![[r#"
            person p1: broken: the address is also another principal's
            person p2: broken: the address is also another principal's"#]],
        );
    }
}
