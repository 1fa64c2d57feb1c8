//! `ICP-510` domain-expired: a domain of the filing has expired.

use super::domains::{of_domains, registration};
use super::{Category, Fix, Judges, Need, NotApplicable, Outcome, Rule, SITES, Sight, Undecided};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;
use crate::rulebook::calendar::local_date;

pub(super) static RULE: Rule = Rule {
    code: "ICP-510",
    name: "domain-expired",
    docs: include_str!("../../docs/rules/ICP-510.md"),
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
    fault: || Text::new("备案域名已过期", "a domain of the filing has expired"),
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    of_domains(sight, |domain| match registration(sight, domain) {
        Err(outcome) => outcome,
        Ok(None) => Outcome::NotApplicable(NotApplicable::OtherRule),
        Ok(Some(registration)) => match registration.expires_at {
            None => Outcome::Undecided(Undecided::Hidden),
            Some(end) if sight.at < end => Outcome::Kept,
            Some(end) => Outcome::Broken(Text::new(
                format!("已于{}过期", local_date(end)),
                format!("it expired on {}", local_date(end)),
            )),
        },
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn a_domain_counts_up_to_its_end() {
        let until = |until: &str| {
            Scene::default().seeing_registration(|registration| {
                registration.expires_at = Some(until.parse().unwrap());
            })
        };
        check(
            &super::RULE,
            &until("2026-03-02T02:00:01Z"),
            &expect!["domain example.cn: kept"],
        );
        check(
            &super::RULE,
            &until("2026-03-02T02:00:00Z"),
            &expect!["domain example.cn: broken: it expired on 2026-03-02"],
        );
    }
}
