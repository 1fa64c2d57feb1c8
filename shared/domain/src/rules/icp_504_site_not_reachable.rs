//! `ICP-504` site-not-reachable: the site cannot be reached.

use super::{Category, Fix, Judges, Need, NotApplicable, Outcome, Rule, SITES, Sight, Undecided};
use crate::Text;
use crate::filing::Natures;
use crate::finding::{BroughtBy, Object};
use crate::look::{PageAnswer, Seen};
use crate::rulebook::Level;
use crate::rulebook::provinces::demands::SiteState;

pub(super) static RULE: Rule = Rule {
    code: "ICP-504",
    name: "site-not-reachable",
    docs: include_str!("../../docs/rules/ICP-504.md"),
    basis: "《非经营性互联网信息服务备案管理办法》第十五条",
    source: "looks: HTTP",
    category: Category::ContentAndHolder,
    judges: Judges::Service,
    kinds: SITES,
    natures: Natures::All,
    brought_by: BroughtBy::Looks,
    needs: &[Need::Addresses, Need::HomePage],
    fix: Fix::OpenSite,
    most: Level::Enforce,
    fault: || Text::new("网站无法访问", "the site cannot be reached"),
    check,
};

fn check(sight: &Sight<'_>) -> Vec<(Object, Outcome)> {
    vec![(Object::Service, outcome(sight))]
}

/// | answer | outcome |
/// |---|---|
/// | 200 to 399 | kept |
/// | 401, 403, 404 at `/` where no home page is declared | kept: what is not public is served all the same |
/// | 401, 403 | undecided: a closed door is an answer, and no fault of reaching it |
/// | 412, 429, 451, 521, a guard's page | undecided, for people |
/// | 404, 410, other 4xx, 5xx, refused, no address | broken |
fn outcome(sight: &Sight<'_>) -> Outcome {
    if !sight.is_live() {
        return Outcome::NotApplicable(NotApplicable::NotLive);
    }
    let Some(seen) = &sight.evidence.home_page else {
        return Outcome::NotApplicable(NotApplicable::NoHomePage);
    };
    let (zh, en) = match seen {
        Seen::Failed(failure) => return Outcome::Undecided(Undecided::LookFailed(*failure)),
        Seen::Answer(PageAnswer::NoAddress) => (
            "首页域名没有解析".to_owned(),
            "the home page's host has no address".to_owned(),
        ),
        Seen::Answer(PageAnswer::Refused) => (
            "服务器拒绝连接".to_owned(),
            "the server refuses the connection".to_owned(),
        ),
        Seen::Answer(PageAnswer::Answered(facts)) if facts.challenge => {
            return Outcome::Undecided(Undecided::Challenge);
        }
        Seen::Answer(PageAnswer::Answered(facts)) => match facts.status() {
            200..=399 => return Outcome::Kept,
            status if sight.is_no_page(status) => return Outcome::Kept,
            status @ (404 | 410 | 500..=520 | 522..=599) => (
                format!("服务器返回{status}"),
                format!("the server answers {status}"),
            ),
            // Guards answer strangers with many a status, 405 and 418 among them.
            status => return Outcome::Undecided(Undecided::Status(status)),
        },
    };
    if may_be_closed(sight) {
        Outcome::NotApplicable(NotApplicable::MayBeClosed)
    } else {
        Outcome::Broken(Text::new(zh, en))
    }
}

/// Whether the province lets a filed site be closed.
fn may_be_closed(sight: &Sight<'_>) -> bool {
    let nature = sight.details().map(|details| details.nature);
    let clause = sight
        .province()
        .zip(nature)
        .and_then(|(province, nature)| province.demands.site_open.for_filing(nature));
    clause.is_some_and(|clause| match clause.is {
        SiteState::MayBeClosed | SiteState::Unrestricted => true,
        SiteState::MustBeOpen | SiteState::MustBeOpenForOrders => false,
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::look::PagePlan;
    use crate::rules::testing::{Scene, check, said};

    #[test]
    fn a_status_is_an_answer_and_some_answers_decide_nothing() {
        let scene = Scene::default().with_details(|details| details.province = "44".into());
        let answering = |status| scene.seeing_page(|page| page.statuses = vec![status]);
        for (status, expected) in [
            (200, "service: kept"),
            (204, "service: kept"),
            (399, "service: kept"),
            (400, "service: undecided: Status(400)"),
            (401, "service: undecided: Status(401)"),
            (403, "service: undecided: Status(403)"),
            (404, "service: broken: the server answers 404"),
            (405, "service: undecided: Status(405)"),
            (410, "service: broken: the server answers 410"),
            (412, "service: undecided: Status(412)"),
            (429, "service: undecided: Status(429)"),
            (451, "service: undecided: Status(451)"),
            (500, "service: broken: the server answers 500"),
            (503, "service: broken: the server answers 503"),
            (521, "service: undecided: Status(521)"),
        ] {
            assert_eq!(said(&super::RULE, &answering(status)), expected);
        }
        check(
            &super::RULE,
            &scene.seeing_page(|page| page.challenge = true),
            &expect!["service: undecided: Challenge"],
        );
        check(
            &super::RULE,
            &scene.seeing_refusal(),
            &expect!["service: broken: the server refuses the connection"],
        );
        let undeclared =
            scene.but(|scene| scene.evidence.look.plan.home_page = Some(PagePlan::Root));
        for (status, expected) in [
            (200, "service: kept"),
            (401, "service: kept"),
            (403, "service: kept"),
            (404, "service: kept"),
            (410, "service: broken: the server answers 410"),
            (500, "service: broken: the server answers 500"),
        ] {
            let root = undeclared.seeing_page(|page| page.statuses = vec![status]);
            assert_eq!(said(&super::RULE, &root), expected);
        }
        check(
            &super::RULE,
            &scene.seeing_no_page(),
            &expect!["service: not applicable: NoHomePage"],
        );
    }

    #[test]
    fn a_province_may_let_a_site_be_closed() {
        let closed = Scene::default().seeing_page(|page| page.statuses = vec![502]);
        let at = |province: &str| closed.with_details(|details| details.province = province.into());
        check(
            &super::RULE,
            &at("11"),
            &expect!["service: not applicable: MayBeClosed"],
        );
        check(
            &super::RULE,
            &at("36"),
            &expect!["service: broken: the server answers 502"],
        );
    }
}
