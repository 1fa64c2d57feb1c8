//! `ICP-405` no-traffic: no visit of the names was seen here.

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
    let seen = sight
        .unit
        .service
        .as_ref()
        .and_then(|service| sight.reports.hosting.get(service))
        .and_then(|hosting| hosting.seen_at_front_ends.as_ref());
    let today = local_date(sight.at);
    let outcome = match seen {
        _ if !sight.is_live() => Outcome::NotApplicable(NotApplicable::NotLive),
        None => Outcome::NotApplicable(NotApplicable::NoBaseline),
        Some(seen) => {
            let last = seen.values().max();
            let recent =
                last.is_some_and(|last| last.duration_until(today).as_hours() / 24 <= DAYS);
            if recent {
                Outcome::Kept
            } else {
                Outcome::ForPeople(Text::new(
                    format!("{DAYS}日内未见访问"),
                    format!("no visit in {DAYS} days"),
                ))
            }
        }
    };
    vec![(Object::Service, outcome)]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn a_month_without_a_visit_is_for_people() {
        let scene = Scene::default();
        check(
            &super::RULE,
            &scene,
            &expect!["service: not applicable: NoBaseline"],
        );
        let seen = |day: Option<&str>| {
            scene.hosted(|hosting| {
                let days = day.map(|day| ("example.cn".parse().unwrap(), day.parse().unwrap()));
                hosting.seen_at_front_ends = Some(days.into_iter().collect());
            })
        };
        check(
            &super::RULE,
            &seen(Some("2026-01-31")),
            &expect!["service: kept"],
        );
        for day in [None, Some("2026-01-30")] {
            check(
                &super::RULE,
                &seen(day),
                &expect!["service: for people: no visit in 30 days"],
            );
        }
    }
}
