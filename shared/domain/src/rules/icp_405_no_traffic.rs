//! `ICP-405` no-traffic: no visit of the names was seen here.

use super::front_ends::{are_files_recent, days_between, is_known_here, last_visit};
use super::{Category, Fix, Judges, NotApplicable, Outcome, Rule, SITES, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;
use crate::rulebook::calendar::local_date;

pub(super) static RULE: Rule = Rule {
    code: "ICP-405",
    name: "no-traffic",
    docs: include_str!("../../docs/rules/ICP-405.md"),
    basis: "信部电〔2005〕501号",
    source: "daily file of the provider's front ends",
    category: Category::Access,
    judges: Judges::Service,
    kinds: SITES,
    natures: Natures::All,
    brought_by: BroughtBy::Files,
    needs: &[],
    fix: Fix::PointNamesHere,
    most: Level::Enforce,
    fault: || {
        Text::new(
            "备案域名在本商长期无访问",
            "no visit of the names was seen here",
        )
    },
    check,
};

/// Days without a visit after which people look.
///
/// Source: chosen here: the period of audits; no outside source sets a number (dossier 4.1, "no
/// effective traffic").
const DAYS: i64 = 30;

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let today = local_date(sight.at);
    let outcome = match last_visit(sight) {
        _ if !sight.is_live() => Outcome::NotApplicable(NotApplicable::NotLive),
        _ if !is_known_here(sight) => Outcome::NotApplicable(NotApplicable::NoBaseline),
        Some(last) if days_between(last, today) <= DAYS => Outcome::Kept,
        // Nobody brings the fact any more.
        Some(_) | None if !are_files_recent(sight) => {
            Outcome::NotApplicable(NotApplicable::NoBaseline)
        }
        Some(_) | None => Outcome::ForPeople(Text::new(
            format!("{DAYS}日内未见访问"),
            format!("no visit in {DAYS} days"),
        )),
    };
    vec![(Object::Service, outcome)]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn a_month_without_a_visit_is_for_people_while_the_files_go_on() {
        let scene = Scene::default();
        check(
            &super::RULE,
            &scene,
            &expect!["service: not applicable: NoBaseline"],
        );
        check(
            &super::RULE,
            &scene.visited("example.cn", "2026-01-31"),
            &expect!["service: kept"],
        );
        let quiet = scene.visited("example.cn", "2026-01-30");
        for scene in [
            &quiet,
            &scene.hosted(|hosting| hosting.seen_at_front_ends = Some([].into())),
        ] {
            let files_until = |day: &str| {
                scene.but(|scene| scene.reports.front_ends_until = Some(day.parse().unwrap()))
            };
            check(
                &super::RULE,
                &files_until("2026-02-28"),
                &expect!["service: for people: no visit in 30 days"],
            );
            check(
                &super::RULE,
                &files_until("2026-02-27"),
                &expect!["service: not applicable: NoBaseline"],
            );
        }
    }
}
