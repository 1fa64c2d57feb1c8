//! `ICP-109` address-not-registered: the address on the certificate is not the registered one.

use super::registry_answer::body;
use super::{Category, EVERY_KIND, Fix, Judges, NotApplicable, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::names::normalised;
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-109",
    name: "address-not-registered",
    docs: include_str!("../../docs/rules/ICP-109.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第七条",
    source: "answer of the register (form or bulk file)",
    category: Category::SubjectInformation,
    judges: Judges::Subject,
    kinds: EVERY_KIND,
    natures: Natures::Organisations,
    brought_by: BroughtBy::Files,
    needs: &[],
    fix: Fix::ChangeFiling,
    most: Level::Enforce,
    fault: || {
        Text::new(
            "证件住所与登记机关不一致",
            "the address on the certificate is not the registered one",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let outcome = match (sight.details(), body(sight)) {
        (None, _) => Outcome::NotApplicable(NotApplicable::NoBaseline),
        (_, Err(outcome)) => outcome,
        (Some(details), Ok(body)) => match &body.address {
            None => Outcome::NotApplicable(NotApplicable::NoBaseline),
            Some(registered) => {
                let filed = normalised(details.certificate_address.reveal());
                let registered = normalised(registered.reveal());
                if filed.contains(&registered) || registered.contains(&filed) {
                    Outcome::Kept
                } else {
                    Outcome::ForPeople(Text::new(
                        "登记住所与备案不同",
                        "the register has another address",
                    ))
                }
            }
        },
    };
    vec![(Object::Subject, outcome)]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::personal::Personal;
    use crate::rules::testing::{Scene, check};

    #[test]
    fn an_address_within_the_other_is_the_same() {
        let scene = Scene::default();
        let at = |address: &str| {
            scene.registered(|body| body.address = Some(Personal::new(address.into())))
        };
        check(
            &super::RULE,
            &at("北京市海淀区示例路1号"),
            &expect!["subject: kept"],
        );
        check(
            &super::RULE,
            &at("上海市浦东新区"),
            &expect!["subject: for people: the register has another address"],
        );
        check(
            &super::RULE,
            &scene.registered(|body| body.address = None),
            &expect!["subject: not applicable: NoBaseline"],
        );
    }
}
