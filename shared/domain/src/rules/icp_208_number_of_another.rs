//! `ICP-208` number-of-another: a principal's number is another person's.

use super::people::of_principals;
use super::telephone_reports::latest_telling;
use super::{Category, EVERY_KIND, Fix, Judges, NotApplicable, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::reports::TelephoneSays;
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-208",
    name: "number-of-another",
    docs: include_str!("../../docs/rules/ICP-208.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第七条",
    source: "calls of staff, answers by case number, bulk file of carriers",
    category: Category::Contacts,
    judges: Judges::Subject,
    kinds: EVERY_KIND,
    natures: Natures::All,
    brought_by: BroughtBy::Files,
    needs: &[],
    fix: Fix::ChangeFiling,
    most: Level::Enforce,
    fault: || {
        Text::new(
            "负责人电话为他人使用",
            "a principal's number is another person's",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    of_principals(sight, |id| {
        use TelephoneSays as Says;
        let Some(says) = latest_telling(sight, id) else {
            return Outcome::NotApplicable(NotApplicable::NoBaseline);
        };
        let (zh, en) = match says {
            Says::IsThePerson | Says::ElementsAgree => return Outcome::Kept,
            Says::IsAnother => ("接听人不是备案负责人", "who answered is not the principal"),
            Says::DoesNotKnow => (
                "接听人不知晓备案",
                "who answered does not know of the filing",
            ),
            Says::IsNotPrincipal => (
                "本人表示不是负责人",
                "the person says not to be the principal",
            ),
            Says::ElementsDiffer => (
                "姓名、证件与手机号码不一致",
                "name, ID and number do not belong together",
            ),
            Says::NoAnswer | Says::SwitchedOff | Says::NoSuchNumber => {
                return Outcome::NotApplicable(NotApplicable::OtherRule);
            }
        };
        Outcome::Broken(Text::new(zh, en))
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::reports::TelephoneSays;
    use crate::rules::testing::{Scene, check};

    #[test]
    fn the_last_word_on_whose_number_it_is_counts() {
        use TelephoneSays::{ElementsAgree, ElementsDiffer, IsAnother, IsNotPrincipal, NoAnswer};
        let scene = Scene::default();
        check(
            &super::RULE,
            &scene.called(&[
                ("2026-02-04", ElementsAgree),
                ("2026-02-05", IsAnother),
                ("2026-02-06", NoAnswer),
            ]),
            &expect!["person p1: broken: who answered is not the principal"],
        );
        check(
            &super::RULE,
            &scene.called(&[
                ("2026-02-04", ElementsDiffer),
                ("2026-02-05", ElementsAgree),
            ]),
            &expect!["person p1: kept"],
        );
        check(
            &super::RULE,
            &scene.called(&[("2026-02-04", IsNotPrincipal)]),
            &expect!["person p1: broken: the person says not to be the principal"],
        );
        check(
            &super::RULE,
            &scene.called(&[("2026-02-04", NoAnswer)]),
            &expect!["person p1: not applicable: NoBaseline"],
        );
    }
}
