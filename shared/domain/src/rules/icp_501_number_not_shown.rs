//! `ICP-501` number-not-shown: the home page shows no filing number.

use super::page_text::{doubt, readable};
use super::{Category, Fix, Judges, Need, NotApplicable, Outcome, Rule, SITES, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-501",
    name: "number-not-shown",
    docs: include_str!("../../docs/rules/ICP-501.md"),
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
            "网站首页未标明备案号",
            "the home page shows no filing number",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let outcome = match readable(sight) {
        Err(outcome) => outcome,
        Ok(facts) if sight.shows_own_number(facts) => Outcome::Kept,
        // A number that is not ours is the other rule's.
        Ok(facts) if facts.numbers.iter().any(|found| found.place.is_shown()) => {
            Outcome::NotApplicable(NotApplicable::OtherRule)
        }
        Ok(facts) if sight.has_own_number(facts, false) => Outcome::ForPeople(Text::new(
            "备案号只写在页面头部（meta），访客看不到",
            "the number stands in the page's head alone, where no visitor sees it",
        )),
        Ok(facts) if facts.number_like => Outcome::ForPeople(Text::new(
            "首页有类似备案号的文字，但写法不完整",
            "something like a number stands there, written as none is",
        )),
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

    use crate::look::NumberPlace;
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
    fn a_number_in_place_of_an_image_is_shown_and_one_in_the_head_is_for_people() {
        let placed = |place| {
            let scene = Scene::default().seeing_numbers(&["京ICP备2026000001号-1"]);
            scene.page(|page| page.numbers[0].place = place)
        };
        check(
            &super::RULE,
            &placed(NumberPlace::Alt),
            &expect!["service: kept"],
        );
        check(
            &super::RULE,
            &placed(NumberPlace::Meta),
            &expect![
                "service: for people: the number stands in the page's head alone, where no visitor sees it"
            ],
        );
    }

    #[test]
    fn a_number_that_is_badly_written_is_for_people() {
        let scene = Scene::default().seeing_page(|page| page.number_like = true);
        check(
            &super::RULE,
            &scene,
            &expect![
                "service: for people: something like a number stands there, written as none is"
            ],
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
