//! `ICP-506` content-not-of-nature: the content does not fit the subject's nature.

use super::page_text::{readable, words};
use super::{Category, Fix, Judges, Need, Outcome, Rule, SITES, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;
use crate::rulebook::WordGroup;

pub(super) static RULE: Rule = Rule {
    code: "ICP-506",
    name: "content-not-of-nature",
    docs: include_str!("../../docs/rules/ICP-506.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第二十二条；《互联网信息服务管理办法》第十一条",
    source: "looks: HTTP",
    category: Category::ContentAndHolder,
    judges: Judges::Service,
    kinds: SITES,
    natures: Natures::Individuals,
    brought_by: BroughtBy::Looks,
    needs: &[Need::Addresses, Need::HomePage],
    fix: Fix::MendPage,
    most: Level::Enforce,
    fault: || {
        Text::new(
            "网站内容与主办单位性质不符",
            "the content does not fit the subject's nature",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let outcome = match readable(sight) {
        Err(outcome) => outcome,
        Ok(facts) => match words(facts, |group| {
            matches!(group, WordGroup::Enterprise | WordGroup::Trade)
        }) {
            None => Outcome::Kept,
            Some(words) => Outcome::ForPeople(Text::new(
                format!("个人网站出现：{words}"),
                format!("an individual's site says: {words}"),
            )),
        },
    };
    vec![(Object::Service, outcome)]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rulebook::WordGroup;
    use crate::rules::testing::{Scene, check};

    #[test]
    fn words_of_an_enterprise_on_an_individuals_site_are_for_people() {
        let scene = Scene::default().with_words(&[(WordGroup::Trade, "加入购物车")]);
        check(
            &super::RULE,
            &scene,
            &expect!["service: not applicable: Nature"],
        );
        let individual = scene.with_nature("individual");
        check(
            &super::RULE,
            &individual,
            &expect!["service: for people: an individual's site says: 加入购物车"],
        );
        check(
            &super::RULE,
            &individual.with_words(&[(WordGroup::News, "时政新闻")]),
            &expect!["service: kept"],
        );
    }
}
