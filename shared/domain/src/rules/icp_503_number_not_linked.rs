//! `ICP-503` number-not-linked: the number on the home page does not link to the ministry.

use super::page_text::{doubt, readable};
use super::{Category, Fix, Judges, Need, NotApplicable, Outcome, Rule, SITES, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-503",
    name: "number-not-linked",
    docs: include_str!("../../docs/rules/ICP-503.md"),
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
            "网站首页备案号未链接至工信部",
            "the number on the home page does not link to the ministry",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let outcome = match readable(sight) {
        Err(outcome) => outcome,
        // A page without a number of ours is the other rules'.
        Ok(facts) if !sight.shows_own_number(facts) => {
            Outcome::NotApplicable(NotApplicable::OtherRule)
        }
        // A former address of the ministry leads on to the present one.
        Ok(facts) if facts.links_to_miit || facts.links_to_old_miit => Outcome::Kept,
        Ok(facts) => match doubt(facts) {
            Some(why) => Outcome::Undecided(why),
            None => Outcome::Broken(Text::new(
                format!("在{}未发现指向beian.miit.gov.cn的链接", facts.url),
                format!("no link to beian.miit.gov.cn was found at {}", facts.url),
            )),
        },
    };
    vec![(Object::Service, outcome)]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn the_number_links_to_the_ministry_or_to_where_it_was() {
        let shown = Scene::default().seeing_numbers(&["京ICP备2026000001号-1"]);
        check(
            &super::RULE,
            &shown,
            &expect![
                "service: broken: no link to beian.miit.gov.cn was found at https://www.example.cn/"
            ],
        );
        check(
            &super::RULE,
            &shown.page(|page| page.links_to_miit = true),
            &expect!["service: kept"],
        );
        check(
            &super::RULE,
            &shown.page(|page| page.links_to_old_miit = true),
            &expect!["service: kept"],
        );
        check(
            &super::RULE,
            &shown.page(|page| page.cut_off = true),
            &expect!["service: undecided: CutOff"],
        );
        check(
            &super::RULE,
            &Scene::default().seeing_numbers(&[]),
            &expect!["service: not applicable: OtherRule"],
        );
    }
}
