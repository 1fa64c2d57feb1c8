//! `ICP-511` domain-expires-soon: a domain of the filing expires soon.

use jiff::ToSpan;

use super::domains::{of_domains, registration};
use super::{Category, Fix, Judges, Need, NotApplicable, Outcome, Rule, SITES, Sight, Undecided};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;
use crate::rulebook::calendar::local_date;

pub(super) static RULE: Rule = Rule {
    code: "ICP-511",
    name: "domain-expires-soon",
    docs: include_str!("../../docs/rules/ICP-511.md"),
    basis: "各省管局要求",
    source: "looks: RDAP or WHOIS",
    category: Category::ContentAndHolder,
    judges: Judges::Service,
    kinds: SITES,
    natures: Natures::All,
    brought_by: BroughtBy::Looks,
    needs: &[Need::Registration],
    fix: Fix::RenewDomain,
    most: Level::Notify,
    fault: || Text::new("备案域名即将到期", "a domain of the filing expires soon"),
    check,
};

/// Days before the end from which the filer is told.
///
/// Source: chosen here: a period of audits; provinces ask for up to three months on orders only.
const DAYS: i64 = 30;

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    of_domains(sight, |domain| match registration(sight, domain) {
        Err(outcome) => outcome,
        Ok(None) => Outcome::NotApplicable(NotApplicable::OtherRule),
        Ok(Some(registration)) => match registration.expires_at {
            None => Outcome::Undecided(Undecided::Hidden),
            Some(end) if end <= sight.at => Outcome::NotApplicable(NotApplicable::OtherRule),
            Some(end) => {
                let told_from = local_date(end).saturating_sub(DAYS.days());
                if local_date(sight.at) < told_from {
                    Outcome::Kept
                } else {
                    Outcome::Broken(Text::new(
                        format!("将于{}到期", local_date(end)),
                        format!("it expires on {}", local_date(end)),
                    ))
                }
            }
        },
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn a_filer_is_told_a_month_before() {
        let until = |until: &str| {
            Scene::default().seeing_registration(|registration| {
                registration.expires_at = Some(until.parse().unwrap());
            })
        };
        check(
            &super::RULE,
            &until("2026-04-02T02:00:00Z"),
            &expect!["domain example.cn: kept"],
        );
        check(
            &super::RULE,
            &until("2026-04-01T02:00:00Z"),
            &expect!["domain example.cn: broken: it expires on 2026-04-01"],
        );
        check(
            &super::RULE,
            &until("2026-03-01T02:00:00Z"),
            &expect!["domain example.cn: not applicable: OtherRule"],
        );
    }
}
