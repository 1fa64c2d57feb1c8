//! `ICP-505` title-not-of-filing: the title has little in common with the filed names.

use super::page_text::readable;
use super::{Category, Fix, Judges, Need, NotApplicable, Outcome, Rule, SITES, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::names::{han_in_common, has_han};
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-505",
    name: "title-not-of-filing",
    docs: include_str!("../../docs/rules/ICP-505.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第七条、第二十二条",
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
            "网站标题与备案名称不符",
            "the title has little in common with the filed names",
        )
    },
    check,
};

/// Chinese characters that title and filed names must have in common, each counted once.
///
/// Source: behaviour of this service, part 3.
const IN_COMMON: usize = 3;

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let outcome = match (readable(sight), sight.service()) {
        (Err(outcome), _) => outcome,
        (Ok(_), None) => Outcome::NotApplicable(NotApplicable::NoBaseline),
        (Ok(facts), Some((service, _))) => {
            let subject = sight
                .details()
                .map(|details| details.name.reveal().as_str());
            let names = format!("{}{}", service.details.name, subject.unwrap_or_default());
            // A title in another script can be compared by nobody but a person.
            if facts.title.is_empty() || !has_han(&names) {
                Outcome::NotApplicable(NotApplicable::Silent)
            } else if han_in_common(&names, &facts.title)
                >= IN_COMMON.min(han_in_common(&names, &names))
            {
                Outcome::Kept
            } else {
                Outcome::ForPeople(Text::new(
                    format!("标题为“{}”", facts.title),
                    format!("the title is \"{}\"", facts.title),
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
    fn a_title_of_another_is_for_people() {
        let titled = |title: &str| Scene::default().seeing_page(|page| page.title = title.into());
        check(
            &super::RULE,
            &titled("示例网 - 首页"),
            &expect!["service: kept"],
        );
        check(&super::RULE, &titled("示例公司"), &expect!["service: kept"]);
        check(
            &super::RULE,
            &titled("彩票开奖"),
            &expect!["service: for people: the title is \"彩票开奖\""],
        );
        check(
            &super::RULE,
            &titled(""),
            &expect!["service: not applicable: Silent"],
        );
    }
}
