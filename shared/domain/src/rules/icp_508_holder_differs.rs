//! `ICP-508` holder-differs: the holder of a domain is not the subject.

use super::domains::{of_domains, registration};
use super::{Category, Fix, Judges, Need, NotApplicable, Outcome, Rule, SITES, Sight, Undecided};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::names::{has_han, is_same_name};
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
        let Some(holder) = &registration.holder else {
            return Outcome::Undecided(Undecided::Hidden);
        };
        let accepted = accepted(sight);
        if accepted.is_empty() {
            return Outcome::NotApplicable(NotApplicable::NoBaseline);
        }
        if accepted
            .iter()
            .any(|name| is_same_name(name, holder.reveal()))
        {
            return Outcome::Kept;
        }
        // A name in another script may be the same body's.
        if has_han(holder.reveal()) != accepted.iter().any(|name| has_han(name)) {
            return Outcome::Undecided(Undecided::OtherScript);
        }
        Outcome::ForPeople(Text::new(
            "域名登记的持有者是另一名称，请提供域名证书",
            "the registry names another holder; ask for the domain certificate",
        ))
    })
}

/// Everybody whom the domain may belong to: the unit, its former names, its legal representative.
fn accepted<'a>(sight: &Sight<'a>) -> Vec<&'a str> {
    use crate::reports::RegistryFound;
    let mut names: Vec<&str> = Vec::new();
    if let Some(details) = sight.details() {
        names.push(details.name.reveal());
        names.extend(
            details
                .legal_representative
                .iter()
                .map(|name| name.reveal().as_str()),
        );
    }
    if let Some(report) = &sight.reports.registry
        && let RegistryFound::Body(body) = &report.found
    {
        names.push(body.name.reveal());
        names.extend(body.former_names.iter().map(String::as_str));
        names.extend(
            body.legal_representative
                .iter()
                .map(|name| name.reveal().as_str()),
        );
    }
    names
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::personal::Personal;
    use crate::rules::testing::{Scene, check};

    #[test]
    fn a_holder_is_the_unit_or_its_representative_and_what_is_hidden_decides_nothing() {
        let scene = Scene::default();
        check(
            &super::RULE,
            &scene,
            &expect!["domain example.cn: not applicable: NotLookedUp"],
        );
        let held = |holder: Option<&str>| {
            scene.seeing_registration(|registration| {
                registration.holder = holder.map(|name| Personal::new(name.into()));
            })
        };
        check(
            &super::RULE,
            &held(Some("示例公司")),
            &expect!["domain example.cn: kept"],
        );
        check(
            &super::RULE,
            &held(None),
            &expect!["domain example.cn: undecided: Hidden"],
        );
        check(
            &super::RULE,
            &held(Some("Example Ltd")),
            &expect!["domain example.cn: undecided: OtherScript"],
        );
        check(
            &super::RULE,
            &held(Some("某某集团")),
            &expect![
                "domain example.cn: for people: the registry names another holder; ask for the domain certificate"
            ],
        );
    }
}
