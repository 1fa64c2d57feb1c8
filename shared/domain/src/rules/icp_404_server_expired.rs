//! `ICP-404` server-expired: the server that the filing rests on has run out.

use super::front_ends::hosting;
use super::{Category, EVERY_KIND, Fix, Judges, NotApplicable, Outcome, Rule, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;
use crate::rulebook::calendar::local_date;

pub(super) static RULE: Rule = Rule {
    code: "ICP-404",
    name: "server-expired",
    docs: include_str!("../../docs/rules/ICP-404.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第十八条",
    source: "the provider's own systems",
    category: Category::Access,
    judges: Judges::Service,
    kinds: EVERY_KIND,
    natures: Natures::All,
    brought_by: BroughtBy::Files,
    needs: &[],
    fix: Fix::RenewServer,
    most: Level::Enforce,
    fault: || {
        Text::new(
            "备案所用云资源已到期",
            "the server that the filing rests on has run out",
        )
    },
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let until = hosting(sight).and_then(|hosting| hosting.server_until);
    let outcome = match until {
        _ if !sight.is_live() => Outcome::NotApplicable(NotApplicable::NotLive),
        None => Outcome::NotApplicable(NotApplicable::NoBaseline),
        Some(until) if sight.at < until => Outcome::Kept,
        Some(until) => Outcome::Broken(Text::new(
            format!("已于{}到期", local_date(until)),
            format!("it ran out on {}", local_date(until)),
        )),
    };
    vec![(Object::Service, outcome)]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn a_server_counts_up_to_its_end() {
        let scene = Scene::default();
        check(
            &super::RULE,
            &scene,
            &expect!["service: not applicable: NoBaseline"],
        );
        let until = |until: &str| {
            scene.hosted(|hosting| hosting.server_until = Some(until.parse().unwrap()))
        };
        check(
            &super::RULE,
            &until("2026-03-02T02:00:01Z"),
            &expect!["service: kept"],
        );
        check(
            &super::RULE,
            &until("2026-03-02T02:00:00Z"),
            &expect!["service: broken: it ran out on 2026-03-02"],
        );
    }
}
