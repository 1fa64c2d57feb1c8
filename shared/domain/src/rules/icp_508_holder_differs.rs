//! `ICP-508` holder-differs: the holder of a domain is not the subject.

use super::domains::{of_domains, registration};
use super::{Category, Fix, Judges, Need, NotApplicable, Outcome, Rule, SITES, Sight, Undecided};
use crate::Text;
use crate::filing::{MaterialKind, Natures};
use crate::finding::{BroughtBy, Object};
use crate::registration::Holder;
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-508",
    name: "holder-differs",
    docs: include_str!("../../docs/rules/ICP-508.md"),
    basis: "工信部信管〔2017〕264号（关于规范互联网信息服务使用域名的通知）",
    source: "looks: RDAP or WHOIS",
    category: Category::ContentAndHolder,
    judges: Judges::Service,
    kinds: SITES,
    natures: Natures::All,
    brought_by: BroughtBy::Looks,
    needs: &[Need::Registration],
    fix: Fix::TransferDomain,
    most: Level::Enforce,
    fault: || {
        Text::new(
            "域名持有者与主办单位不一致",
            "the holder of a domain is not the subject",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    of_domains(sight, |domain| {
        let registration = match registration(sight, domain) {
            Ok(Some(registration)) => registration,
            Ok(None) => return Outcome::NotApplicable(NotApplicable::OtherRule),
            Err(outcome) => return outcome,
        };
        match &registration.holder {
            Holder::Same => Outcome::Kept,
            Holder::Hidden => Outcome::Undecided(Undecided::Hidden),
            Holder::Uncompared => Outcome::NotApplicable(NotApplicable::NoBaseline),
            // A name in another script may be the same body's.
            Holder::OtherScript { .. } => Outcome::Undecided(Undecided::OtherScript),
            Holder::Different { masked } => different(sight, masked),
        }
    })
}

/// A domain certificate that is filed may show that the names are one body's: people compare it.
fn different(sight: &Sight<'_>, masked: &str) -> Outcome {
    let mut filed = sight.filing.materials.values();
    if filed.any(|material| material.kind == MaterialKind::DomainCertificate) {
        return Outcome::ForPeople(Text::new(
            format!("域名登记的持有者是另一名称（{masked}），请核对已提交的域名证书"),
            format!(
                "the registry names another holder ({masked}); compare the domain certificate that is filed"
            ),
        ));
    }
    Outcome::Broken(Text::new(
        format!("域名登记的持有者是另一名称（{masked}），备案中没有域名证书"),
        format!("the registry names another holder ({masked}), and no domain certificate is filed"),
    ))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::filing::MaterialKind;
    use crate::registration::Holder;
    use crate::rules::testing::{Scene, check};

    #[test]
    fn a_holder_is_one_of_those_accepted_and_what_is_hidden_decides_nothing() {
        let scene = Scene::default();
        check(
            &super::RULE,
            &scene,
            &expect!["domain example.cn: not applicable: NotLookedUp"],
        );
        let held = |holder: Holder| {
            scene.seeing_registration(|registration| registration.holder = holder.clone())
        };
        let masked = || "某**".to_owned();
        check(
            &super::RULE,
            &held(Holder::Same),
            &expect!["domain example.cn: kept"],
        );
        check(
            &super::RULE,
            &held(Holder::Hidden),
            &expect!["domain example.cn: undecided: Hidden"],
        );
        check(
            &super::RULE,
            &held(Holder::Uncompared),
            &expect!["domain example.cn: not applicable: NoBaseline"],
        );
        check(
            &super::RULE,
            &held(Holder::OtherScript { masked: masked() }),
            &expect!["domain example.cn: undecided: OtherScript"],
        );
        let mut different = held(Holder::Different { masked: masked() });
        check(
            &super::RULE,
            &different,
            &expect![
                "domain example.cn: broken: the registry names another holder (某**), and no domain certificate is filed"
            ],
        );
        let certificate = different.filing.materials.values_mut().next().unwrap();
        certificate.kind = MaterialKind::DomainCertificate;
        check(
            &super::RULE,
            &different,
            &expect![
                "domain example.cn: for people: the registry names another holder (某**); compare the domain certificate that is filed"
            ],
        );
    }
}
