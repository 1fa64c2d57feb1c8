//! `ICP-501` number-not-shown: the home page shows no filing number.

use super::page_text::{doubt, readable};
use super::{Category, Fix, Judges, Need, NotApplicable, Outcome, Rule, Sight};
use crate::Text;
use crate::finding::{BroughtBy, Object};

pub(super) static RULE: Rule = Rule {
    code: "ICP-501",
    name: "number-not-shown",
    docs: include_str!("../../docs/rules/ICP-501.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第十三条、第二十五条",
    category: Category::ContentAndHolder,
    judges: Judges::Service,
    brought_by: BroughtBy::Looks,
    needs: &[Need::Addresses, Need::HomePage],
    fix: Fix::MendPage,
    fault: || {
        Text::new(
            "网站首页未标明备案号",
            "the home page shows no filing number",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let outcome = match readable(sight) {
        Err(outcome) => outcome,
        // A number that is not ours is the other rule's.
        Ok(facts) if !facts.numbers.is_empty() => {
            let own = sight
                .filing
                .number()
                .map(crate::identifiers::IcpNumber::subject);
            if facts
                .numbers
                .iter()
                .any(|shown| Some(shown.number.subject()) == own)
            {
                Outcome::Kept
            } else {
                Outcome::NotApplicable(NotApplicable::OtherRule)
            }
        }
        Ok(facts) => match doubt(facts) {
            Some(why) => Outcome::Undecided(why),
            None => Outcome::Broken(Text::new(
                format!("在{}未发现备案号", facts.url),
                format!("no filing number was found at {}", facts.url),
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
    fn a_page_shows_the_subjects_or_the_services_number() {
        let scene = Scene::default();
        check(
            &super::RULE,
            &scene.seeing_numbers(&["京ICP备2026000001号-1"]),
            &expect!["service: kept"],
        );
        check(
            &super::RULE,
            &scene.seeing_numbers(&["京ICP备2026000001号"]),
            &expect!["service: kept"],
        );
        check(
            &super::RULE,
            &scene.seeing_numbers(&[]),
            &expect!["service: broken: no filing number was found at https://www.example.cn/"],
        );
        check(
            &super::RULE,
            &scene.seeing_numbers(&["粤ICP备2026000009号"]),
            &expect!["service: not applicable: OtherRule"],
        );
    }

    #[test]
    fn what_could_not_be_read_decides_nothing() {
        let scene = Scene::default();
        check(
            &super::RULE,
            &scene.seeing_page(|page| page.cut_off = true),
            &expect!["service: undecided: CutOff"],
        );
        check(
            &super::RULE,
            &scene.seeing_page(|page| {
                page.scripted = true;
                page.visible_characters = 199;
            }),
            &expect!["service: undecided: DrawnByScript"],
        );
        check(
            &super::RULE,
            &scene.seeing_page(|page| page.statuses = vec![301, 503]),
            &expect!["service: undecided: Status(503)"],
        );
        check(
            &super::RULE,
            &scene.seeing_no_page(),
            &expect!["service: not applicable: NoHomePage"],
        );
    }
}
