//! `ICP-104` region-not-of-province: the certificate was given out in another province.

use super::{Category, EVERY_KIND, Fix, Judges, NotApplicable, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Certificate;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-104",
    name: "region-not-of-province",
    docs: include_str!("../../docs/rules/ICP-104.md"),
    basis: "GB/T 2260；《非经营性互联网信息服务备案管理办法》第七条",
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
            "证件登记地与备案省份不同",
            "the certificate was given out in another province",
        )
    },
    check,
};

/// What a code begins its region with that a department of the whole country gave out (GB/T 2260).
const WHOLE_COUNTRY: &str = "10";

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let outcome = match sight.details() {
        None => Outcome::NotApplicable(NotApplicable::NoBaseline),
        Some(details) => match &details.certificate {
            Certificate::CreditCode(code) => {
                let region = code.region().get(..2).unwrap_or_default();
                if region == WHOLE_COUNTRY || region == details.province {
                    Outcome::Kept
                } else {
                    let named = |code: &str| {
                        let province = sight.rulebook.provinces.by_code(code);
                        province.map_or_else(|| Text::new(code, code), |of| of.name.clone())
                    };
                    let (registered, filed) = (named(region), named(&details.province));
                    Outcome::ForPeople(Text::new(
                        format!("登记地为{}，备案省份为{}", registered.zh, filed.zh),
                        format!("registered in {}, filed in {}", registered.en, filed.en),
                    ))
                }
            }
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
    fn a_certificate_of_another_province_is_for_people() {
        let scene = Scene::default();
        check(&super::RULE, &scene, &expect!["subject: kept"]);
        let moved = scene.with_details(|details| details.province = "44".into());
        check(
            &super::RULE,
            &moved,
            &expect!["subject: for people: registered in Beijing, filed in Guangdong"],
        );
    }
}
