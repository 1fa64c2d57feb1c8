//! `ICP-502` number-wrong: the home page shows filing numbers, and none is this filing's.

use super::page_text::{doubt, readable};
use super::{Category, Fix, Judges, Need, NotApplicable, Outcome, Rule, SITES, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-502",
    name: "number-wrong",
    docs: include_str!("../../docs/rules/ICP-502.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第十三条、第二十五条",
    source: "looks: HTTP",
    category: Category::ContentAndHolder,
    judges: Judges::Service,
    kinds: SITES,
    natures: Natures::All,
    brought_by: BroughtBy::Looks,
    needs: &[Need::Addresses, Need::HomePage],
    fix: Fix::MendPage,
    most: Level::Enforce,
    fault: || {
        Text::new(
            "网站首页标明的备案号与备案不符",
            "the home page shows another filing's number",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let outcome = match (readable(sight), sight.filing.number()) {
        (Err(outcome), _) => outcome,
        (Ok(facts), _) if facts.numbers.is_empty() => {
            Outcome::NotApplicable(NotApplicable::OtherRule)
        }
        (Ok(_), None) => Outcome::NotApplicable(NotApplicable::NoBaseline),
        (Ok(facts), Some(own)) => {
            let own = own.subject();
            let is_own = |shown: &crate::look::PageNumber| shown.number.subject() == own;
            if facts.numbers.iter().any(is_own) {
                Outcome::Kept
            } else if let Some(why) = doubt(facts) {
                Outcome::Undecided(why)
            } else {
                let shown: Vec<String> = facts
                    .numbers
                    .iter()
                    .map(|shown| shown.number.to_string())
                    .collect();
                let shown = shown.join(", ");
                Outcome::Broken(Text::new(
                    format!("首页标明{shown}，备案号为{own}"),
                    format!("the page shows {shown}; the filing's number is {own}"),
                ))
            }
        }
    };
    vec![(Object::Service, outcome)]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn a_number_is_wrong_only_where_none_is_ours() {
        let scene = Scene::default();
        check(
            &super::RULE,
            &scene.seeing_numbers(&["粤ICP备2026000009号-2"]),
            &expect![
                "service: broken: the page shows 粤ICP备2026000009号-2; the filing's number is 京ICP备2026000001号"
            ],
        );
        check(
            &super::RULE,
            &scene.seeing_numbers(&["粤ICP备2026000009号", "京ICP备2026000001号-3"]),
            &expect!["service: kept"],
        );
        check(
            &super::RULE,
            &scene.seeing_numbers(&[]),
            &expect!["service: not applicable: OtherRule"],
        );
    }
}
