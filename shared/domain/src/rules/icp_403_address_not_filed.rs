//! `ICP-403` address-not-filed: the names lead to another address of the provider than the filed ones.

use super::{Category, Fix, Judges, Need, NotApplicable, Outcome, Rule, SITES, Sight, Undecided};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::look::{NameAnswer, Seen};
use crate::rulebook::Level;
use crate::rulebook::calendar::local_date;

pub(super) static RULE: Rule = Rule {
    code: "ICP-403",
    name: "address-not-filed",
    docs: include_str!("../../docs/rules/ICP-403.md"),
    basis: "各省管局要求",
    source: "looks: DNS",
    category: Category::Access,
    judges: Judges::Service,
    kinds: SITES,
    natures: Natures::All,
    brought_by: BroughtBy::Looks,
    needs: &[Need::Addresses],
    fix: Fix::ChangeFiling,
    most: Level::Enforce,
    fault: || {
        Text::new(
            "解析IP与备案IP不一致",
            "the names lead to another address of the provider than the filed ones",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    vec![(Object::Service, outcome(sight))]
}

fn outcome(sight: &Sight<'_>) -> Outcome {
    let Some((service, _)) = sight.service().filter(|_| sight.is_live()) else {
        return Outcome::NotApplicable(NotApplicable::NotLive);
    };
    let filed = &service.details.addresses;
    let asks = sight.province().is_some_and(|province| {
        let nature = sight.details().map(|details| details.nature);
        let clause = nature.and_then(|nature| province.demands.address_as_filed.for_filing(nature));
        clause.is_some_and(|clause| {
            clause.is && sight.approved_on().is_some_and(|day| clause.binds(day))
        })
    });
    if !asks {
        return Outcome::NotApplicable(NotApplicable::Silent);
    }
    if filed.is_empty() {
        return Outcome::NotApplicable(NotApplicable::NoBaseline);
    }
    if sight.rulebook.addresses.is_stale(local_date(sight.at)) {
        return Outcome::Undecided(Undecided::AddressesStale);
    }
    let mut other = None;
    for name in &sight.evidence.names {
        match &name.seen {
            Seen::Answer(NameAnswer::Addresses { addresses, .. }) => {
                if addresses.iter().any(|ip| filed.contains(ip)) {
                    return Outcome::Kept;
                }
                other = other.or(addresses
                    .iter()
                    .find(|ip| sight.rulebook.addresses.is_ours(**ip)));
            }
            Seen::Answer(NameAnswer::NoSuchName | NameAnswer::NoAddress) => {}
            Seen::Failed(failure) => return Outcome::Undecided(Undecided::LookFailed(*failure)),
        }
    }
    match other {
        None => Outcome::NotApplicable(NotApplicable::OtherRule),
        Some(ip) => Outcome::Broken(Text::new(
            format!("解析到{ip}，不在备案IP之中"),
            format!("they lead to {ip}, which is not filed"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn only_where_the_province_asks_for_it() {
        let scene = |province: &str| {
            let mut scene = Scene::default()
                .with_details(|details| details.province = province.into())
                .seeing_names(&[("example.cn", "192.0.2.9")]);
            let service = scene.filing.services.first_entry().unwrap().into_mut();
            service.details.addresses = vec!["192.0.2.1".parse().unwrap()];
            scene
        };
        check(
            &super::RULE,
            &scene("11"),
            &expect!["service: not applicable: Silent"],
        );
        check(
            &super::RULE,
            &scene("43"),
            &expect!["service: broken: they lead to 192.0.2.9, which is not filed"],
        );
        check(
            &super::RULE,
            &scene("43")
                .seeing_names(&[("example.cn", "192.0.2.9"), ("www.example.cn", "192.0.2.1")]),
            &expect!["service: kept"],
        );
        check(
            &super::RULE,
            &scene("43").seeing_names(&[("example.cn", "198.51.100.1")]),
            &expect!["service: not applicable: OtherRule"],
        );
        check(
            &super::RULE,
            &scene("43").seeing_names(&[("example.cn", "timeout")]),
            &expect!["service: undecided: LookFailed(TimedOut)"],
        );
    }
}
