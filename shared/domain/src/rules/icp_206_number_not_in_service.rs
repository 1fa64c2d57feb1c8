//! `ICP-206` number-not-in-service: a principal's number is not in service.

use super::people::of_principals;
use super::telephone_reports::days_since_reached;
use super::{Category, EVERY_KIND, Fix, Judges, NotApplicable, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::reports::TelephoneSays;
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-206",
    name: "number-not-in-service",
    docs: include_str!("../../docs/rules/ICP-206.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第七条",
    source: "receipts of SMS, calls of staff, bulk file of carriers",
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
            "负责人手机号码为空号",
            "a principal's number is not in service",
        )
    },
    check,
};

/// Days on which the answer "no such number" must have come.
///
/// Source: behaviour of this service, part 3 (three receipts on three days).
const DAYS: usize = 3;

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    of_principals(sight, |id| {
        let Some(days) = days_since_reached(sight, id, |says| says == TelephoneSays::NoSuchNumber)
        else {
            return Outcome::NotApplicable(NotApplicable::NoBaseline);
        };
        if days.len() < DAYS {
            return Outcome::Kept;
        }
        Outcome::Broken(Text::new(
            format!("{}个不同日期均返回空号", days.len()),
            format!("no such number on {} days", days.len()),
        ))
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::reports::TelephoneSays;
    use crate::rules::testing::{Scene, check};

    #[test]
    fn three_days_of_no_such_number_are_a_fault_and_an_answer_between_clears_them() {
        use TelephoneSays::{IsThePerson, NoAnswer, NoSuchNumber};
        let scene = Scene::default();
        check(
            &super::RULE,
            &scene,
            &expect!["person p1: not applicable: NoBaseline"],
        );
        let on = |reports: &[(&str, TelephoneSays)]| scene.called(reports);
        let days = |first| {
            [
                (first, NoSuchNumber),
                ("2026-02-03", NoSuchNumber),
                ("2026-02-04", NoSuchNumber),
            ]
        };
        check(
            &super::RULE,
            &on(&days("2026-02-02")),
            &expect!["person p1: broken: no such number on 3 days"],
        );
        check(
            &super::RULE,
            &on(&days("2026-02-03")),
            &expect!["person p1: kept"],
        );
        let mut cleared = days("2026-02-02").to_vec();
        cleared.insert(1, ("2026-02-02", IsThePerson));
        check(&super::RULE, &on(&cleared), &expect!["person p1: kept"]);
        let mut other = on(&days("2026-02-02"));
        let person = other.filing.persons.first_entry().unwrap().into_mut();
        person.details.mobile = "13900000000".parse().unwrap();
        let mut proved = on(&days("2026-02-02"));
        let person = proved.filing.persons.first_entry().unwrap().into_mut();
        person.proof.as_mut().unwrap().verified_at = "2026-02-05T00:00:00Z".parse().unwrap();
        for scene in [other, proved] {
            check(
                &super::RULE,
                &scene,
                &expect!["person p1: not applicable: NoBaseline"],
            );
        }
        check(
            &super::RULE,
            &on(&[("2026-02-02", NoAnswer)]),
            &expect!["person p1: kept"],
        );
    }
}
