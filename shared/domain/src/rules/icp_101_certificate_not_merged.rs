//! `ICP-101` certificate-not-merged: the filing still holds a number from before the merged
//! certificate.

use super::{Category, EVERY_KIND, Fix, Judges, NotApplicable, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::filing::{Certificate, Nature};
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-101",
    name: "certificate-not-merged",
    docs: include_str!("../../docs/rules/ICP-101.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第七条、第十四条",
    source: "rows of the filing",
    category: Category::SubjectInformation,
    judges: Judges::Subject,
    kinds: EVERY_KIND,
    natures: Natures::Enterprises,
    brought_by: BroughtBy::Rows,
    needs: &[],
    fix: Fix::ChangeFiling,
    most: Level::Enforce,
    fault: || {
        Text::new(
            "主办单位证件号码未更新为统一社会信用代码",
            "the subject's certificate number is not the merged credit code",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let Some(details) = &sight.filing.subject.details else {
        return vec![(
            Object::Subject,
            Outcome::NotApplicable(NotApplicable::NoBaseline),
        )];
    };
    let outcome = match (details.nature, &details.certificate) {
        (
            Nature::Enterprise,
            Certificate::CreditCode(_)
            | Certificate::ResidentId(_)
            | Certificate::Passport(_)
            | Certificate::HongKongMacaoPermit(_)
            | Certificate::TaiwanPermit(_)
            | Certificate::PermanentResidentId(_),
        ) => Outcome::Kept,
        (Nature::Enterprise, Certificate::RegistrationNumber(_)) => Outcome::Broken(Text::new(
            "备案中仍为15位营业执照注册号",
            "the filing holds a 15-digit registration number",
        )),
        (Nature::Enterprise, Certificate::OrganisationCode(_)) => Outcome::Broken(Text::new(
            "备案中仍为组织机构代码",
            "the filing holds an organisation code",
        )),
        // Other bodies may still file by their organisation code (dossier 1.7).
        (_, _) => Outcome::NotApplicable(NotApplicable::Nature),
    };
    vec![(Object::Subject, outcome)]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn an_enterprise_files_by_its_credit_code() {
        let scene = Scene::default();
        check(&super::RULE, &scene, &expect!["subject: kept"]);
        let old =
            scene.with_certificate(r#"{"kind":"registration-number","number":"110108012660422"}"#);
        check(
            &super::RULE,
            &old,
            &expect!["subject: broken: the filing holds a 15-digit registration number"],
        );
    }
}
