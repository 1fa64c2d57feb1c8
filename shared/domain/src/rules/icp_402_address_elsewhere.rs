//! `ICP-402` address-elsewhere: the service's names lead to addresses, and none is this provider's.

use std::net::IpAddr;

use super::front_ends::is_visited_here;
use super::{Category, Fix, Judges, Need, NotApplicable, Outcome, Rule, SITES, Sight, Undecided};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::look::{NameAnswer, Seen};
use crate::rulebook::Level;
use crate::rulebook::calendar::local_date;

pub(super) static RULE: Rule = Rule {
    code: "ICP-402",
    name: "address-elsewhere",
    docs: include_str!("../../docs/rules/ICP-402.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第十八条、信部电〔2005〕501号",
    source: "looks: DNS; daily file of the provider's front ends",
    category: Category::Access,
    judges: Judges::Service,
    kinds: SITES,
    natures: Natures::All,
    brought_by: BroughtBy::Looks,
    needs: &[Need::Addresses],
    fix: Fix::PointNamesHere,
    most: Level::Enforce,
    fault: || {
        Text::new(
            "备案域名解析的IP地址不属于本接入服务商",
            "the names of the service lead to addresses that are not this provider's",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    if !sight.is_live() {
        return vec![(
            Object::Service,
            Outcome::NotApplicable(NotApplicable::NotLive),
        )];
    }
    let ours = &sight.rulebook.addresses;
    let mut elsewhere: Vec<IpAddr> = Vec::new();
    let mut failed = None;
    for name in &sight.evidence.names {
        match &name.seen {
            Seen::Answer(NameAnswer::Addresses { addresses, .. }) => {
                if addresses
                    .iter()
                    .any(|ip| ours.is_ours(*ip) || ours.is_accepted_front_end(*ip))
                {
                    return vec![(Object::Service, Outcome::Kept)];
                }
                elsewhere.extend(addresses);
            }
            Seen::Answer(NameAnswer::NoSuchName | NameAnswer::NoAddress) => {}
            Seen::Failed(failure) => failed = Some(*failure),
        }
    }
    let outcome = if is_visited_here(sight) {
        Outcome::Kept
    } else if ours.is_stale(local_date(sight.at)) {
        Outcome::Undecided(Undecided::AddressesStale)
    } else if let Some(failure) = failed {
        Outcome::Undecided(Undecided::LookFailed(failure))
    } else if elsewhere.is_empty() {
        Outcome::NotApplicable(NotApplicable::OtherRule)
    } else {
        elsewhere.sort();
        elsewhere.dedup();
        let list: Vec<String> = elsewhere.iter().map(IpAddr::to_string).collect();
        let list = list.join(", ");
        Outcome::Broken(Text::new(
            format!("解析到{list}"),
            format!("they lead to {list}"),
        ))
    };
    vec![(Object::Service, outcome)]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn one_address_here_keeps_it() {
        let scene = Scene::default();
        let seen = |names| scene.seeing_names(names);
        check(
            &super::RULE,
            &seen(&[
                ("example.cn", "198.51.100.9"),
                ("www.example.cn", "192.0.2.1"),
            ]),
            &expect!["service: kept"],
        );
        check(
            &super::RULE,
            &seen(&[
                ("example.cn", "198.51.100.9"),
                ("www.example.cn", "nxdomain"),
            ]),
            &expect!["service: broken: they lead to 198.51.100.9"],
        );
        check(
            &super::RULE,
            &seen(&[
                ("example.cn", "198.51.100.9"),
                ("www.example.cn", "timeout"),
            ]),
            &expect!["service: undecided: LookFailed(TimedOut)"],
        );
        check(
            &super::RULE,
            &seen(&[("example.cn", "nxdomain")]),
            &expect!["service: not applicable: OtherRule"],
        );
    }

    #[test]
    fn a_host_that_was_visited_here_of_late_keeps_it() {
        let scene = Scene::default().seeing_names(&[("example.cn", "198.51.100.9")]);
        for day in ["2026-03-02", "2026-03-01", "2026-02-28"] {
            check(
                &super::RULE,
                &scene.visited("example.cn", day),
                &expect!["service: kept"],
            );
        }
        check(
            &super::RULE,
            &scene.visited("example.cn", "2026-02-27"),
            &expect!["service: broken: they lead to 198.51.100.9"],
        );
    }

    #[test]
    fn an_old_address_file_is_held_against_nobody() {
        let scene = Scene::default()
            .seeing_names(&[("example.cn", "198.51.100.9")])
            .with_addresses_of("2026-01-01");
        check(
            &super::RULE,
            &scene,
            &expect!["service: undecided: AddressesStale"],
        );
    }
}
