//! `ICP-209` mail-refused: a principal's mail address takes no mail.

use std::collections::BTreeSet;

use super::people::of_principals;
use super::{Category, EVERY_KIND, Fix, Judges, NotApplicable, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;
use crate::rulebook::calendar::local_date;

pub(super) static RULE: Rule = Rule {
    code: "ICP-209",
    name: "mail-refused",
    docs: include_str!("../../docs/rules/ICP-209.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第七条",
    source: "bounces of mail",
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
            "负责人邮箱无法送达",
            "a principal's mail address takes no mail",
        )
    },
    check,
};

/// Days on which mail must have been refused for good.
///
/// Source: chosen here, as for numbers that are not in service (behaviour, part 3).
const DAYS: usize = 3;

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    of_principals(sight, |id| {
        let Some(reports) = sight.reports.mails.get(id) else {
            return Outcome::NotApplicable(NotApplicable::NoBaseline);
        };
        let filed = sight
            .filing
            .persons
            .get(id)
            .map(|person| &person.details.email);
        let of_address = reports.iter().filter(|report| Some(&report.email) == filed);
        let since = of_address.rev().take_while(|report| !report.taken);
        let days: BTreeSet<_> = since.map(|report| local_date(report.at)).collect();
        if days.len() < DAYS {
            return Outcome::Kept;
        }
        Outcome::Broken(Text::new(
            format!("{}个不同日期均被退信", days.len()),
            format!("refused on {} days", days.len()),
        ))
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn three_days_of_refusals_in_a_row_are_a_fault() {
        let scene = Scene::default();
        check(
            &super::RULE,
            &scene,
            &expect!["person p1: not applicable: NoBaseline"],
        );
        let days = ["2026-02-02", "2026-02-03", "2026-02-04"];
        check(
            &super::RULE,
            &scene.mailed(&days.map(|day| (day, false))),
            &expect!["person p1: broken: refused on 3 days"],
        );
        let mut taken = days.map(|day| (day, false));
        taken[1].1 = true;
        check(
            &super::RULE,
            &scene.mailed(&taken),
            &expect!["person p1: kept"],
        );
    }
}
