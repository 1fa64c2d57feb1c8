//! A public check (公开检测): how the site of a domain stands, by what anybody sees of it.
//!
//! **Invariant:** it knows no filing but a number, and tells none: whoever reads it learns nothing that does
//! not stand on the page, in the zone or in the registry.

use jiff::Timestamp;

use super::{Said, Says};
use crate::audit::ClockName;
use crate::filing::{Filing, Link, Origin, Service, ServiceDetails, ServiceKind, SubjectState};
use crate::finding::Object;
use crate::identifiers::{DomainName, IcpNumber};
use crate::ids::{AccountId, CheckId, LookId, PersonId, ServiceId, SubjectId, UnitId, VantageId};
use crate::look::{
    Evidence, FactsRevisions, Look, PageAnswer, PageFacts, Plan, Purpose, Seen, TxtPlan,
};
use crate::registration::{AcceptedHolders, RegistrationAnswer};
use crate::reports::Reports;
use crate::rules::{Outcome, Rule, Sight, rule};
use crate::{Rulebook, Text};

/// The rules that want no filing of ours, in the order of codes. What a title should read is said by hand.
const RULES: [&str; 9] = [
    "ICP-401", "ICP-402", "ICP-501", "ICP-502", "ICP-503", "ICP-504", "ICP-509", "ICP-510",
    "ICP-511",
];

/// The rule of titles.
const TITLE: &str = "ICP-505";

/// The rule of numbers that are another's.
const NUMBER_WRONG: &str = "ICP-502";

/// The rule of names that lead nowhere.
const NAME_LEADS_NOWHERE: &str = "ICP-401";

/// The label that the text to set stands under.
const LABEL: &str = "_icp-check";

/// The role of the ids of what is checked: they are nobody's.
const ROLE: &str = "public-check";

/// The name under which whoever controls a domain sets the text.
pub fn text_name(domain: &DomainName) -> String {
    format!("{LABEL}.{domain}")
}

/// What is looked at, and what must stand in the zone first.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The check.
    pub check: &'a CheckId,
    /// The domain.
    pub domain: &'a DomainName,
    /// The text that must stand under [`text_name`].
    pub text: &'a str,
}

impl Wanted<'_> {
    /// The look for the rules of a clock.
    pub fn look(&self, id: LookId, clock: ClockName, vantage: VantageId, now: Timestamp) -> Look {
        let details = details(self.domain, clock);
        let plan = match clock {
            ClockName::Audit => Plan::of_service(&details, vantage),
            ClockName::Holder => {
                Plan::of_registrations(&details, AcceptedHolders::default(), vantage)
            }
        };
        let txt = TxtPlan::of(&id, text_name(self.domain), self.text);
        Look {
            id,
            unit: unit(self.check),
            purpose: Purpose::PublicCheck,
            campaign: None,
            check: Some(self.check.clone()),
            clock,
            due: now,
            facts_revisions: FactsRevisions {
                subject: 0,
                unit: 0,
            },
            plan: Plan {
                txt: Some(txt),
                ..plan
            },
        }
    }
}

/// The unit of a check: nobody's.
fn unit(check: &CheckId) -> UnitId {
    UnitId::of_service(SubjectId::derived(ROLE, &[check.as_str()]), service())
}

/// The one service of what is checked.
fn service() -> ServiceId {
    ServiceId::derived(ROLE, &["site"])
}

/// A site as anybody sees it, at the root of the first of its names that is served. A registry knows the registered
/// name alone.
fn details(domain: &DomainName, clock: ClockName) -> ServiceDetails {
    let domain = match clock {
        ClockName::Audit => domain.clone(),
        ClockName::Holder => domain.registrable(),
    };
    ServiceDetails {
        kind: ServiceKind::Site,
        name: String::new(),
        domains: vec![domain],
        home_page: None,
        principal: PersonId::derived(ROLE, &["nobody"]),
        addresses: Vec::new(),
    }
}

/// What the rules say of a domain's site. `filed` is the number under which this provider has the domain, if it
/// has; whether it has is not told.
pub fn judge(
    check: &CheckId,
    domain: &DomainName,
    evidence: &Evidence,
    filed: Option<&IcpNumber>,
    rulebook: &Rulebook,
) -> Vec<Said> {
    let page = page(evidence);
    let shown = page.and_then(|facts| {
        let mut shown = facts.numbers.iter().filter(|found| found.place.is_shown());
        shown.next().map(|found| found.number.subject())
    });
    let unit = unit(check);
    let filing = filing(&unit, domain, evidence, filed.cloned().or(shown));
    let sight = Sight {
        unit: &unit,
        filing: &filing,
        evidence,
        reports: &Reports::default(),
        rulebook,
        at: evidence.begun_at,
    };
    let rules = RULES.iter().filter_map(|code| rule(code));
    let judged = rules
        .filter(|rule| rule.clock() == evidence.look.clock)
        .flat_map(|rule| {
            let outcomes = rule.judge(&sight).into_iter();
            outcomes.filter_map(move |(object, outcome)| told(rule, &object, &outcome, page))
        });
    judged
        .chain(page.and_then(of_title))
        .chain(of_hold(evidence))
        .collect()
}

/// A filing that says what anybody sees, and nothing else.
fn filing(
    unit: &UnitId,
    domain: &DomainName,
    evidence: &Evidence,
    number: Option<IcpNumber>,
) -> Filing {
    let account = AccountId::derived(ROLE, &["nobody"]);
    let mut filing = Filing::begun(unit.subject.clone(), account);
    if let Some(number) = number {
        filing.subject.state = SubjectState::Filed {
            number,
            filed_at: None,
        };
    }
    let site = Service {
        number: None,
        details: details(domain, evidence.look.clock),
        deregistered_at: None,
        origin: Origin::Order,
    };
    filing.services.insert(service(), site);
    filing
        .links
        .insert(service(), Link::granted(evidence.begun_at));
    filing
}

/// The page, where it could be read.
fn page(evidence: &Evidence) -> Option<&PageFacts> {
    match &evidence.home_page {
        Some(Seen::Answer(PageAnswer::Answered(facts))) => {
            (200..300).contains(&facts.status()).then_some(&**facts)
        }
        Some(Seen::Answer(PageAnswer::NoAddress | PageAnswer::Refused) | Seen::Failed(_))
        | None => None,
    }
}

/// What is told of an outcome. That a number is another's is told without the right one, and that it is not is
/// not told: either would say what is filed here.
fn told(rule: &Rule, object: &Object, outcome: &Outcome, page: Option<&PageFacts>) -> Option<Said> {
    let said = Said::of(rule, object, outcome, None);
    match (rule.code, said.says) {
        (NUMBER_WRONG, Says::Broken) => {
            let shown = page.into_iter().flat_map(|facts| &facts.numbers);
            let shown: Vec<String> = shown
                .filter(|found| found.place.is_shown())
                .map(|found| found.number.to_string())
                .collect();
            let shown = shown.join(", ");
            Some(Said {
                seen: Some(Text::new(
                    format!("首页标明{shown}，不是该域名的备案号"),
                    format!("the page shows {shown}, which is not this domain's number"),
                )),
                ..said
            })
        }
        (NUMBER_WRONG, Says::ForPeople | Says::Undecided | Says::Kept | Says::NotApplicable)
        | (_, Says::NotApplicable) => None,
        (_, Says::Broken | Says::ForPeople | Says::Undecided | Says::Kept) => Some(said),
    }
}

/// What the title should be is not told: whoever filed the site compares it.
fn of_title(page: &PageFacts) -> Option<Said> {
    let title = page.title.trim();
    let outcome = if title.is_empty() {
        Outcome::Broken(Text::new("首页没有标题", "the home page has no title"))
    } else {
        Outcome::ForPeople(Text::new(
            format!("标题为“{title}”，应与备案的网站名称一致"),
            format!("the title is \"{title}\"; it should be the filed name of the site"),
        ))
    };
    let rule = rule(TITLE)?;
    Some(Said::of(rule, &Object::Service, &outcome, None))
}

/// A registration that is on hold leads nowhere, whatever the zone says.
fn of_hold(evidence: &Evidence) -> Vec<Said> {
    let Some(rule) = rule(NAME_LEADS_NOWHERE) else {
        return Vec::new();
    };
    let registrations = evidence.registrations.iter();
    let held = registrations.filter(|seen| match &seen.seen {
        Seen::Answer(RegistrationAnswer::Registered(registration)) => registration.on_hold,
        Seen::Answer(RegistrationAnswer::NotRegistered) | Seen::Failed(_) => false,
    });
    held.map(|seen| {
        let outcome = Outcome::Broken(Text::new(
            "注册局或注册商已暂停该域名解析（hold），请联系注册商解除",
            "registry or registrar took the name out of the zone (hold); have the registrar lift it",
        ));
        let object = Object::Domain(seen.domain.clone());
        Said::of(rule, &object, &outcome, None)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::look::PagePlan;
    use crate::rules::testing::Scene;

    fn domain() -> DomainName {
        DomainName::parse("example.cn").unwrap()
    }

    /// What is said of a scene's evidence, a rule a line.
    fn check(scene: &Scene, filed: Option<&str>, expect: &Expect) {
        let filed = filed.map(|number| IcpNumber::parse(number).unwrap());
        let (evidence, rulebook) = (&scene.evidence, &scene.rulebook);
        let check = "k1".parse().unwrap();
        let said = judge(&check, &domain(), evidence, filed.as_ref(), rulebook);
        let lines: Vec<String> = said
            .iter()
            .map(|said| {
                let seen = said.seen.as_ref().map_or("", |seen| &seen.en);
                let line = format!("{} {:?} {seen}", said.rule, said.says);
                line.trim_end().to_owned()
            })
            .collect();
        expect.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn whether_the_domain_is_filed_here_is_told_by_a_wrong_number_alone() {
        let scene = Scene::default().seeing_numbers(&["京ICP备2026000001号-1"]);
        let same = expect![[r#"
            ICP-501 Kept
            ICP-503 Broken no link to beian.miit.gov.cn was found at https://www.example.cn/
            ICP-504 Kept
            ICP-505 ForPeople the title is "示例"; it should be the filed name of the site"#]];
        check(&scene, None, &same);
        check(&scene, Some("京ICP备2026000001号"), &same);
        check(
            &scene,
            Some("粤ICP备2026000009号"),
            &expect![[r#"
            ICP-502 Broken the page shows 京ICP备2026000001号-1, which is not this domain's number
            ICP-504 Kept
            ICP-505 ForPeople the title is "示例"; it should be the filed name of the site"#]],
        );
    }

    #[test]
    fn a_page_without_a_number_is_broken_whoever_has_it() {
        let scene = Scene::default().seeing_numbers(&[]);
        check(
            &scene,
            None,
            &expect![[r#"
            ICP-501 Broken no filing number was found at https://www.example.cn/
            ICP-504 Kept
            ICP-505 ForPeople the title is "示例"; it should be the filed name of the site"#]],
        );
    }

    #[test]
    fn a_look_wants_the_text_first_and_asks_the_registry_for_the_registered_name() {
        let host = DomainName::parse("blog.example.cn").unwrap();
        let wanted = Wanted {
            check: &"k1".parse().unwrap(),
            domain: &host,
            text: "icp-check=1",
        };
        let now = "2026-03-02T02:00:00Z".parse().unwrap();
        let look = |clock| wanted.look("l1".parse().unwrap(), clock, "v1".parse().unwrap(), now);
        let plans = [ClockName::Audit, ClockName::Holder].map(|clock| look(clock).plan);
        for plan in &plans {
            let txt = plan.txt.as_ref().unwrap();
            assert_eq!(txt.name, "_icp-check.blog.example.cn");
            assert!(!serde_json::to_string(plan).unwrap().contains("icp-check=1"));
        }
        let [site, registration] = plans;
        let names: Vec<&str> = site.names.iter().map(DomainName::as_str).collect();
        assert_eq!(names, ["blog.example.cn", "www.blog.example.cn"]);
        assert_eq!(site.home_page, Some(PagePlan::Root));
        let domains = registration.registrations.unwrap().domains;
        assert_eq!(domains, [domain()]);
    }
}
