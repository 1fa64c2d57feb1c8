//! `ICP-507` approval-missing: the content wants a pre-approval that the filing does not bring.

use super::page_text::{readable, words};
use super::{Category, Fix, Judges, Need, Outcome, Rule, SITES, Sight};
use crate::Text;
use crate::filing::MaterialKind;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-507",
    name: "approval-missing",
    docs: include_str!("../../docs/rules/ICP-507.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第十一条；《互联网信息服务管理办法》第五条",
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
            "网站内容涉及前置审批而未见批准文件",
            "the content wants a pre-approval that the filing does not bring",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let outcome = match readable(sight) {
        Err(outcome) => outcome,
        Ok(facts) => match words(facts, crate::rulebook::WordGroup::wants_approval) {
            None => Outcome::Kept,
            // Only the whole filing holds its materials; a service's unit is read without them.
            Some(_) if brings_approval(sight) => Outcome::Kept,
            Some(words) => Outcome::ForPeople(Text::new(
                format!("出现前置审批行业用语：{words}"),
                format!("words of trades that want an approval: {words}"),
            )),
        },
    };
    vec![(Object::Service, outcome)]
}

fn brings_approval(sight: &Sight<'_>) -> bool {
    let mut materials = sight.filing.materials.values();
    materials.any(|material| material.kind == MaterialKind::PreApproval)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn words_of_a_trade_that_wants_an_approval_are_for_people() {
        use crate::rulebook::WordGroup;
        let scene = Scene::default();
        check(
            &super::RULE,
            &scene.with_words(&[]),
            &expect!["service: kept"],
        );
        check(
            &super::RULE,
            &scene.with_words(&[(WordGroup::Enterprise, "公司简介")]),
            &expect!["service: kept"],
        );
        check(
            &super::RULE,
            &scene.with_words(&[
                (WordGroup::Medicine, "网上药店"),
                (WordGroup::Finance, "股权众筹"),
            ]),
            &expect![
                "service: for people: words of trades that want an approval: 网上药店, 股权众筹"
            ],
        );
    }
}
