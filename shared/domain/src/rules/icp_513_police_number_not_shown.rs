//! `ICP-513` police-number-not-shown: the home page shows no public-security number.

use jiff::ToSpan;

use super::page_text::{doubt, readable};
use super::{Category, Fix, Judges, Need, NotApplicable, Outcome, Rule, SITES, Sight};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::rulebook::Level;
use crate::rulebook::calendar::local_date;

pub(super) static RULE: Rule = Rule {
    code: "ICP-513",
    name: "police-number-not-shown",
    docs: include_str!("../../docs/rules/ICP-513.md"),
    basis: "《计算机信息网络国际联网安全保护管理办法》第十二条",
    source: "looks: HTTP",
    category: Category::ContentAndHolder,
    judges: Judges::Service,
    kinds: SITES,
    natures: Natures::All,
    brought_by: BroughtBy::Looks,
    needs: &[Need::Addresses, Need::HomePage],
    fix: Fix::MendPage,
    most: Level::Observe,
    fault: || {
        Text::new(
            "网站首页未标明公安备案号",
            "the home page shows no public-security number",
        )
    },
    check,
};

/// Days after opening within which a site files with the police.
///
/// Source: 《计算机信息网络国际联网安全保护管理办法》 art. 12, as named in the dossier, part 8.
const DAYS: i64 = 30;

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    let outcome = match readable(sight) {
        Err(outcome) => outcome,
        Ok(_) if is_young(sight) => Outcome::NotApplicable(NotApplicable::TooEarly),
        Ok(facts) if !facts.police_numbers.is_empty() => Outcome::Kept,
        Ok(facts) => match doubt(facts) {
            Some(why) => Outcome::Undecided(why),
            None => Outcome::Broken(Text::new(
                format!("在{}未发现公安备案号", facts.url),
                format!("no public-security number was found at {}", facts.url),
            )),
        },
    };
    vec![(Object::Service, outcome)]
}

/// Whether the site may still be within its days, or nobody knows since when it is open.
fn is_young(sight: &Sight<'_>) -> bool {
    sight
        .approved_on()
        .is_none_or(|day| local_date(sight.at) <= day.saturating_add(DAYS.days()))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::rules::testing::{Scene, check};

    #[test]
    fn a_site_has_thirty_days_to_file_with_the_police() {
        let scene = Scene::default().seeing_page(|_| {});
        check(
            &super::RULE,
            &scene.approved("2026-01-31T00:00:00Z"),
            &expect!["service: not applicable: TooEarly"],
        );
        let old = scene.approved("2026-01-29T16:00:00Z");
        check(
            &super::RULE,
            &old,
            &expect![
                "service: broken: no public-security number was found at https://www.example.cn/"
            ],
        );
        let number = "京公网安备11010502030143号".parse().unwrap();
        check(
            &super::RULE,
            &old.page(|page| page.police_numbers = vec![number]),
            &expect!["service: kept"],
        );
    }
}
