//! `ICP-111` number-does-not-check: the check character of a filed number is wrong.

use super::{Category, EVERY_KIND, Fix, Judges, NotApplicable, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::identifiers::IdentifierFault;
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-111",
    name: "number-does-not-check",
    docs: include_str!("../../docs/rules/ICP-111.md"),
    basis: "GB 32100-2015；GB 11714-1997；GB 11643-1999；《非经营性互联网信息服务备案管理办法》第七条",
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
            "证件号码校验不通过",
            "the check character of a number is wrong",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let certificate = match sight.details() {
        None => Outcome::NotApplicable(NotApplicable::NoBaseline),
        Some(details) => outcome(details.certificate.checks()),
    };
    let persons = sight.filing.principals().into_iter().map(|id| {
        let outcome = match sight.filing.persons.get(id) {
            None => Outcome::NotApplicable(NotApplicable::NoBaseline),
            Some(person) => outcome(person.details.identity.checks()),
        };
        (Object::Person(id.clone()), outcome)
    });
    std::iter::once((Object::Subject, certificate))
        .chain(persons)
        .collect()
}

/// The bureau accepted the filing, so that people compare the document.
fn outcome(checked: Result<(), IdentifierFault>) -> Outcome {
    match checked {
        Ok(()) => Outcome::Kept,
        Err(fault) => Outcome::ForPeople(fault.text()),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn a_filed_number_that_does_not_check_is_for_people() {
        let mut scene = Scene::default();
        check(
            &super::RULE,
            &scene,
            &expect![[r#"
            subject: kept
            person p1: kept"#]],
        );
        let details = scene.filing.subject.details.as_mut().unwrap();
        details.certificate =
            serde_json::from_str(r#"{"kind":"credit-code","number":"91110108551385082R"}"#)
                .unwrap();
        let person = scene
            .filing
            .persons
            .get_mut(&"p1".parse().unwrap())
            .unwrap();
        person.details.identity =
            serde_json::from_str(r#"{"kind":"resident-id","number":"110101199003070012"}"#)
                .unwrap();
        check(
            &super::RULE,
            &scene,
            &expect![[r#"
            subject: for people: The last character does not check; compare the certificate.
            person p1: for people: The last character of the resident ID does not check."#]],
        );
    }
}
