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
        (Ok(facts), _) if !facts.numbers.iter().any(|found| found.place.is_shown()) => {
            Outcome::NotApplicable(NotApplicable::OtherRule)
        }
        (Ok(_), None) => Outcome::NotApplicable(NotApplicable::NoBaseline),
        (Ok(facts), Some(own)) => {
            let own = own.subject();
            let is_own = |shown: &crate::look::PageNumber| shown.number.subject() == own;
            let shown = || facts.numbers.iter().filter(|found| found.place.is_shown());
            if shown().any(is_own) {
                Outcome::Kept
            } else if let Some(why) = doubt(facts) {
                Outcome::Undecided(why)
            } else if shown().any(|found| found.number.is_licence()) {
                // A licence may stand in place of the number (dossier 2.5), and whose it is no row says.
                Outcome::ForPeople(Text::new(
                    "首页只标明许可证号，需核对是否为本主体所有",
                    "the page shows a licence's number; compare whose it is",
                ))
            } else {
                let shown: Vec<String> = shown().map(|shown| shown.number.to_string()).collect();
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

    #[test]
    fn a_licence_in_place_of_the_number_is_for_people() {
        check(
            &super::RULE,
            &Scene::default().seeing_numbers(&["京ICP证030173号"]),
            &expect!["service: for people: the page shows a licence's number; compare whose it is"],
        );
        let mut hidden = Scene::default().seeing_numbers(&["粤ICP备2026000009号"]);
        hidden = hidden.page(|page| page.numbers[0].place = crate::look::NumberPlace::Meta);
        check(
            &super::RULE,
            &hidden,
            &expect!["service: not applicable: OtherRule"],
        );
    }
}
