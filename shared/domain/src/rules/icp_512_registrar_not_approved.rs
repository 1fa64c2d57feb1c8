//! `ICP-512` registrar-not-approved: the registrar of a domain is not approved.

use super::domains::{of_domains, registration};
use super::{Category, Fix, Judges, Need, NotApplicable, Outcome, Rule, SITES, Sight, Undecided};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::reports::RegistrarStanding;
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-512",
    name: "registrar-not-approved",
    docs: include_str!("../../docs/rules/ICP-512.md"),
    basis: "《互联网域名管理办法》(2017) 第九条；工信部信管〔2017〕264号",
    source: "looks: RDAP or WHOIS; operator's list of registrars",
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
            "域名注册商未获许可",
            "the registrar of a domain is not approved",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    of_domains(sight, |domain| {
        let registrar = match registration(sight, domain) {
            Err(outcome) => return outcome,
            Ok(None) => return Outcome::NotApplicable(NotApplicable::OtherRule),
            Ok(Some(registration)) => &registration.registrar,
        };
        let Some(known) = &sight.reports.registrars else {
            return Outcome::NotApplicable(NotApplicable::NoBaseline);
        };
        match registrar.as_ref().map(|name| (name, known.get(name))) {
            None => Outcome::Undecided(Undecided::Hidden),
            Some((_, None)) => Outcome::Undecided(Undecided::NotListed),
            Some((_, Some(RegistrarStanding::Approved))) => Outcome::Kept,
            Some((name, Some(RegistrarStanding::NotApproved))) => Outcome::Broken(Text::new(
                format!("注册商为{name}"),
                format!("the registrar is {name}"),
            )),
        }
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::reports::RegistrarStanding;
    use crate::rules::testing::{Scene, check};

    #[test]
    fn only_the_operators_list_says_who_is_approved() {
        let by = |name: &str| {
            Scene::default().seeing_registration(|registration| {
                registration.registrar = Some(name.into());
            })
        };
        check(
            &super::RULE,
            &by("A"),
            &expect!["domain example.cn: not applicable: NoBaseline"],
        );
        let listed = |name: &str| {
            let mut scene = by(name);
            let list = [
                ("A".to_owned(), RegistrarStanding::Approved),
                ("B".to_owned(), RegistrarStanding::NotApproved),
            ];
            scene.reports.registrars = Some(list.into());
            scene
        };
        check(
            &super::RULE,
            &listed("A"),
            &expect!["domain example.cn: kept"],
        );
        check(
            &super::RULE,
            &listed("B"),
            &expect!["domain example.cn: broken: the registrar is B"],
        );
        check(
            &super::RULE,
            &listed("C"),
            &expect!["domain example.cn: undecided: NotListed"],
        );
    }
}
