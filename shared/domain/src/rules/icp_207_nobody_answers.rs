//! `ICP-207` nobody-answers: nobody answers under a principal's number.

use super::people::of_principals;
use super::telephone_reports::days_since_reached;
use super::{Category, EVERY_KIND, Fix, Judges, NotApplicable, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::reports::TelephoneSays;
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-207",
    name: "nobody-answers",
    docs: include_str!("../../docs/rules/ICP-207.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第七条",
    source: "calls of staff",
    category: Category::Contacts,
    judges: Judges::Subject,
    kinds: EVERY_KIND,
    natures: Natures::All,
    brought_by: BroughtBy::Files,
    needs: &[],
    fix: Fix::VerifyNumber,
    most: Level::Enforce,
    fault: || {
        Text::new(
            "负责人电话无人接听",
            "nobody answers under a principal's number",
        )
    },
    check,
};

/// Working days on which nobody must have answered.
///
/// Source: behaviour of this service, part 2 (two tries) and part 4 (two working days).
const DAYS: usize = 2;

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    of_principals(sight, |id| {
        let unanswered =
            |says| matches!(says, TelephoneSays::NoAnswer | TelephoneSays::SwitchedOff);
        let Some(mut days) = days_since_reached(sight, id, unanswered) else {
            return Outcome::NotApplicable(NotApplicable::NoBaseline);
        };
        days.retain(|day| sight.rulebook.calendar.is_working_day(*day));
        if days.len() < DAYS {
            return Outcome::Kept;
        }
        Outcome::Broken(Text::new(
            format!("{}个工作日均未接听", days.len()),
            format!("no answer on {} working days", days.len()),
        ))
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::reports::TelephoneSays;
    use crate::rules::testing::{Scene, check};

    #[test]
    fn two_working_days_without_an_answer_are_a_fault() {
        use TelephoneSays::{NoAnswer, SwitchedOff};
        let scene = Scene::default();
        let on = |first, second| scene.called(&[(first, NoAnswer), (second, SwitchedOff)]);
        check(
            &super::RULE,
            &on("2026-02-04", "2026-02-05"),
            &expect!["person p1: broken: no answer on 2 working days"],
        );
        check(
            &super::RULE,
            &on("2026-02-05", "2026-02-05"),
            &expect!["person p1: kept"],
        );
        // A Saturday, and the eve of the Spring Festival.
        check(
            &super::RULE,
            &on("2026-02-07", "2026-02-16"),
            &expect!["person p1: kept"],
        );
    }
}
