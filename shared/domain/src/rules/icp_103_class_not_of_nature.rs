//! `ICP-103` class-not-of-nature: the class in the credit code does not fit the subject's nature.

use super::{Category, EVERY_KIND, Fix, Judges, NotApplicable, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Certificate;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-103",
    name: "class-not-of-nature",
    docs: include_str!("../../docs/rules/ICP-103.md"),
    basis: "GB 32100-2015；《非经营性互联网信息服务备案管理办法》第七条",
    source: "rows of the filing",
    category: Category::SubjectInformation,
    judges: Judges::Subject,
    kinds: EVERY_KIND,
    natures: Natures::Organisations,
    brought_by: BroughtBy::Rows,
    needs: &[],
    fix: Fix::ChangeFiling,
    most: Level::Enforce,
    fault: || {
        Text::new(
            "统一社会信用代码的机构类别与主办单位性质不符",
            "the class in the credit code does not fit the subject's nature",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let outcome = match sight.details() {
        None => Outcome::NotApplicable(NotApplicable::NoBaseline),
        Some(details) => match &details.certificate {
            Certificate::CreditCode(code) => match details.nature.fits(code.class()) {
                Some(true) => Outcome::Kept,
                Some(false) => {
                    let nature = details.nature.text();
                    let class = code.department_class();
                    Outcome::ForPeople(Text::new(
                        format!("代码前两位为{class}，备案性质为{}", nature.zh),
                        format!("the code begins with {class}, the nature is {}", nature.en),
                    ))
                }
                None => Outcome::NotApplicable(NotApplicable::Silent),
            },
            Certificate::RegistrationNumber(_)
            | Certificate::OrganisationCode(_)
            | Certificate::ResidentId(_)
            | Certificate::Passport(_)
            | Certificate::HongKongMacaoPermit(_)
            | Certificate::TaiwanPermit(_)
            | Certificate::PermanentResidentId(_) => {
                Outcome::NotApplicable(NotApplicable::OtherRule)
            }
        },
    };
    vec![(Object::Subject, outcome)]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn a_class_that_does_not_fit_is_for_people() {
        let scene = Scene::default();
        check(&super::RULE, &scene, &expect!["subject: kept"]);
        check(
            &super::RULE,
            &scene.with_nature("foundation"),
            &expect!["subject: for people: the code begins with 91, the nature is foundation"],
        );
        check(
            &super::RULE,
            &scene.with_nature("overseas-body"),
            &expect!["subject: not applicable: Silent"],
        );
    }
}
