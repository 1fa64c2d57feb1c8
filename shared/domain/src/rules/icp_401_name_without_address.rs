//! `ICP-401` name-without-address: no name of the service leads anywhere.

use super::front_ends::is_visited_here;
use super::{Category, Fix, Judges, Need, NotApplicable, Outcome, Rule, SITES, Sight, Undecided};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::look::{NameAnswer, Seen};
use crate::rulebook::Level;

pub(super) static RULE: Rule = Rule {
    code: "ICP-401",
    name: "name-without-address",
    docs: include_str!("../../docs/rules/ICP-401.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第十五条、信部电〔2005〕501号",
    source: "looks: DNS; daily file of the provider's front ends",
    category: Category::Access,
    judges: Judges::Service,
    kinds: SITES,
    natures: Natures::All,
    brought_by: BroughtBy::Looks,
    needs: &[Need::Addresses],
    fix: Fix::PointNamesHere,
    most: Level::Enforce,
    fault: || Text::new("备案域名均无解析", "no name of the service resolves"),
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    if !sight.is_live() {
        return vec![(
            Object::Service,
            Outcome::NotApplicable(NotApplicable::NotLive),
        )];
    }
    if sight.evidence.names.is_empty() {
        return vec![(
            Object::Service,
            Outcome::NotApplicable(NotApplicable::NotLookedUp),
        )];
    }
    let mut failed = None;
    for name in &sight.evidence.names {
        match &name.seen {
            Seen::Answer(NameAnswer::Addresses { .. }) => {
                return vec![(Object::Service, Outcome::Kept)];
            }
            Seen::Answer(NameAnswer::NoSuchName | NameAnswer::NoAddress) => {}
            Seen::Failed(failure) => failed = Some(*failure),
        }
    }
    // One name that could not be asked might have led here.
    let outcome = match failed {
        _ if is_visited_here(sight) => Outcome::Kept,
        Some(failure) => Outcome::Undecided(Undecided::LookFailed(failure)),
        None => Outcome::Broken(Text::new(
            format!("查询了{}个名称，均无地址", sight.evidence.names.len()),
            format!(
                "{} names were asked for and none has an address",
                sight.evidence.names.len()
            ),
        )),
    };
    vec![(Object::Service, outcome)]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn one_name_with_an_address_keeps_it_and_a_failure_decides_nothing() {
        let scene = Scene::default();
        let seen = |names| scene.seeing_names(names);
        check(
            &super::RULE,
            &seen(&[("example.cn", "none"), ("www.example.cn", "192.0.2.1")]),
            &expect!["service: kept"],
        );
        check(
            &super::RULE,
            &seen(&[("example.cn", "none"), ("www.example.cn", "nxdomain")]),
            &expect!["service: broken: 2 names were asked for and none has an address"],
        );
        check(
            &super::RULE,
            &seen(&[("example.cn", "servfail"), ("www.example.cn", "nxdomain")]),
            &expect!["service: undecided: LookFailed(ResolverFailed)"],
        );
        check(
            &super::RULE,
            &seen(&[("example.cn", "nxdomain")]).visited("example.cn", "2026-03-01"),
            &expect!["service: kept"],
        );
        check(
            &super::RULE,
            &scene.with_link_stopped(),
            &expect!["service: not applicable: NotLive"],
        );
    }
}
