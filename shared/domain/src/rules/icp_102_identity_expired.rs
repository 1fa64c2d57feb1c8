//! `ICP-102` identity-expired: the identity document of a principal is past its last day.

use super::{Category, EVERY_KIND, Fix, Judges, NotApplicable, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;
use crate::rulebook::calendar::local_date;

pub(super) static RULE: Rule = Rule {
    code: "ICP-102",
    name: "identity-expired",
    docs: include_str!("../../docs/rules/ICP-102.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第七条",
    source: "rows of the filing",
    category: Category::SubjectInformation,
    judges: Judges::Subject,
    kinds: EVERY_KIND,
    natures: Natures::All,
    brought_by: BroughtBy::Rows,
    needs: &[],
    fix: Fix::ChangeFiling,
    most: Level::Enforce,
    fault: || {
        Text::new(
            "负责人身份证件已过有效期",
            "a principal's identity document is past its last day",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let today = local_date(sight.at);
    let filing = sight.filing;
    filing
        .principals()
        .into_iter()
        .map(|id| {
            let outcome = match filing
                .persons
                .get(id)
                .map(|person| person.details.identity_until)
            {
                None => Outcome::NotApplicable(NotApplicable::NoBaseline),
                Some(Some(last)) if last < today => Outcome::Broken(Text::new(
                    format!("有效期至{last}"),
                    format!("valid until {last}"),
                )),
                Some(_) => Outcome::Kept,
            };
            (Object::Person(id.clone()), outcome)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn an_identity_document_counts_to_the_end_of_its_last_day() {
        let scene = Scene::default();
        check(&super::RULE, &scene, &expect!["person p1: kept"]);
        check(
            &super::RULE,
            &scene.with_identity_until("2026-03-02"),
            &expect!["person p1: kept"],
        );
        check(
            &super::RULE,
            &scene.with_identity_until("2026-03-01"),
            &expect!["person p1: broken: valid until 2026-03-01"],
        );
    }
}
