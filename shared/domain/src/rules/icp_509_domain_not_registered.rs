//! `ICP-509` domain-not-registered: a domain of the filing is not registered.

use super::domains::{of_domains, registration};
use super::{Category, Fix, Judges, Need, Outcome, Rule, SITES, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-509",
    name: "domain-not-registered",
    docs: include_str!("../../docs/rules/ICP-509.md"),
    basis: "工信部信管〔2017〕264号",
    source: "looks: RDAP or WHOIS",
    category: Category::ContentAndHolder,
    judges: Judges::Service,
    kinds: SITES,
    natures: Natures::All,
    brought_by: BroughtBy::Looks,
    needs: &[Need::Registration],
    fix: Fix::RenewDomain,
    most: Level::Enforce,
    fault: || Text::new("备案域名未注册", "a domain of the filing is not registered"),
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    of_domains(sight, |domain| match registration(sight, domain) {
        Ok(Some(_)) => Outcome::Kept,
        Ok(None) => Outcome::Broken(Text::new(
            "注册局查无此域名",
            "the registry has no such domain",
        )),
        Err(outcome) => outcome,
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn a_domain_that_nobody_has_is_told() {
        let scene = Scene::default();
        check(
            &super::RULE,
            &scene.seeing_registration(|_| {}),
            &expect!["domain example.cn: kept"],
        );
        check(
            &super::RULE,
            &scene.seeing_no_registration(),
            &expect!["domain example.cn: broken: the registry has no such domain"],
        );
    }
}
