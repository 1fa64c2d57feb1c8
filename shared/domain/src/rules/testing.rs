//! A scene to judge: one filing with one site, as it must be, and ways to spoil it.

use std::collections::BTreeMap;

use expect_test::Expect;
use jiff::Timestamp;

use super::{Outcome, Rule, Sight};
use crate::Rulebook;
use crate::audit::ClockName;
use crate::filing::{
    Custody, Filing, Link, Material, MaterialKind, Nature, Origin, Person, PersonDetails, Proof,
    Service, ServiceDetails, ServiceKind, Subject, SubjectDetails, SubjectState,
};
use crate::finding::Object;
use crate::identifiers::{
    DomainName, EmailAddress, IcpNumber, IdentityDocument, IdentityKind, Mobile,
};
use crate::ids::UnitId;
use crate::look::{
    Evidence, FactsRevisions, Failure, Look, NameAnswer, NameSeen, NumberPlace, PageAnswer,
    PageFacts, PageNumber, Plan, Purpose, Seen, WordSeen,
};
use crate::personal::Personal;
use crate::reports::Reports;
use crate::rulebook::WordGroup;

mod reported;

pub(crate) use reported::{check_material_fault, check_shared_across, judged};

/// A filing, what was seen of it, and the policy it is judged by.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) filing: Filing,
    pub(crate) evidence: Evidence,
    pub(crate) reports: Reports,
    pub(crate) rulebook: Rulebook,
}

/// When every scene is looked at.
pub(crate) const AT: &str = "2026-03-02T02:00:00Z";

/// Judges the scene by one rule and pins what it says, an object a line.
pub(crate) fn check(rule: &Rule, scene: &Scene, expect: &Expect) {
    expect.assert_eq(&said(rule, scene));
}

/// What a rule says of the scene, an object a line.
pub(crate) fn said(rule: &Rule, scene: &Scene) -> String {
    let subject = scene.filing.subject.id.clone();
    let unit = match rule.judges {
        super::Judges::Subject => UnitId::of_subject(subject),
        super::Judges::Service => UnitId::of_service(subject, "1".parse().unwrap()),
    };
    let lines: Vec<String> = rule.judge(&scene.sight(&unit)).iter().map(line).collect();
    lines.join("\n")
}

fn line((object, outcome): &(Object, Outcome)) -> String {
    let name = |value: serde_json::Value| value.as_str().unwrap().to_owned();
    let object = match object {
        Object::Subject => "subject".to_owned(),
        Object::Person(id) => format!("person {id}"),
        Object::Material(id) => format!("material {id}"),
        Object::MaterialKind(kind) => {
            format!("material {}", name(serde_json::to_value(kind).unwrap()))
        }
        Object::Service => "service".to_owned(),
        Object::Domain(domain) => format!("domain {domain}"),
    };
    match outcome {
        Outcome::Kept => format!("{object}: kept"),
        Outcome::Broken(basis) => format!("{object}: broken: {}", basis.en),
        Outcome::BrokenByPeople(basis) => format!("{object}: broken by people: {}", basis.en),
        Outcome::ForPeople(basis) => format!("{object}: for people: {}", basis.en),
        Outcome::Undecided(why) => format!("{object}: undecided: {why:?}"),
        Outcome::NotApplicable(why) => format!("{object}: not applicable: {why:?}"),
    }
}

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn person(identity: &str) -> Person {
    Person {
        details: PersonDetails {
            name: Personal::new("王小明".into()),
            identity: IdentityDocument::parse(IdentityKind::ResidentId, identity).unwrap(),
            identity_until: None,
            mobile: Mobile::parse("13800000000").unwrap(),
            email: EmailAddress::parse("p1@example.cn").unwrap(),
        },
        proof: Some(Proof {
            verified_at: "2025-09-01T00:00:00Z".parse().unwrap(),
            until: "2026-09-01T00:00:00Z".parse().unwrap(),
            ask_at: None,
        }),
    }
}

impl Default for Scene {
    fn default() -> Self {
        let at: Timestamp = AT.parse().unwrap();
        let material = |kind| Material {
            kind,
            valid_until: None,
            custody: Custody::Paper {
                shelf_mark: "A-1".into(),
            },
        };
        let details = SubjectDetails {
            province: "11".into(),
            nature: Nature::Enterprise,
            name: Personal::new("示例公司".into()),
            certificate: serde_json::from_str(
                r#"{"kind":"credit-code","number":"91110108551385082Q"}"#,
            )
            .unwrap(),
            certificate_address: Personal::new("北京市海淀区".into()),
            postal_address: Personal::new("北京市海淀区".into()),
            principal: "p1".parse().unwrap(),
            legal_representative: None,
        };
        let service = Service {
            number: Some(IcpNumber::parse("京ICP备2026000001号-1").unwrap()),
            details: ServiceDetails {
                kind: ServiceKind::Site,
                name: "示例网站".into(),
                domains: vec![name("example.cn")],
                home_page: Some("https://www.example.cn/".into()),
                principal: "p1".parse().unwrap(),
                addresses: Vec::new(),
            },
            deregistered_at: None,
            origin: Origin::Order,
        };
        let filing = Filing {
            subject: Subject {
                id: "s1".parse().unwrap(),
                account: "a1".parse().unwrap(),
                state: SubjectState::Filed {
                    number: IcpNumber::parse("京ICP备2026000001号").unwrap(),
                    filed_at: Some(at),
                },
                details: Some(details),
                order_in_flight: None,
                origin: Origin::Order,
                label: None,
                conflicts: Vec::new(),
            },
            services: BTreeMap::from([("1".parse().unwrap(), service)]),
            links: BTreeMap::from([("1".parse().unwrap(), Link::granted(at))]),
            persons: BTreeMap::from([("p1".parse().unwrap(), person("11010519491231002X"))]),
            materials: MaterialKind::DEMANDED
                .into_iter()
                .zip(["m1", "m2", "m3"])
                .map(|(kind, id)| (id.parse().unwrap(), material(kind)))
                .collect(),
        };
        let look = Look {
            id: "l1".parse().unwrap(),
            unit: UnitId::of_service("s1".parse().unwrap(), "1".parse().unwrap()),
            purpose: Purpose::Audit,
            campaign: None,
            check: None,
            clock: ClockName::Audit,
            due: at,
            facts_revisions: FactsRevisions {
                subject: 1,
                unit: 1,
            },
            plan: Plan {
                vantage: "v1".parse().unwrap(),
                names: vec![name("example.cn")],
                home_page: None,
                registrations: None,
                txt: None,
            },
        };
        let evidence = Evidence {
            look,
            begun_at: at,
            names: Vec::new(),
            home_page: None,
            control_answered: false,
            registrations: Vec::new(),
            txt: None,
        };
        let files = BTreeMap::from([(
            "provider-addresses.json".to_owned(),
            r#"{"asOf":"2026-03-01","ranges":["192.0.2.0/24"],"frontEnds":["203.0.113.0/24"]}"#
                .to_owned(),
        )]);
        Self {
            filing,
            evidence,
            reports: Reports::default(),
            rulebook: Rulebook::read(&files).unwrap(),
        }
    }
}

impl Scene {
    /// What a rule sees of it.
    pub(crate) fn sight<'a>(&'a self, unit: &'a UnitId) -> Sight<'a> {
        Sight {
            unit,
            filing: &self.filing,
            evidence: &self.evidence,
            reports: &self.reports,
            rulebook: &self.rulebook,
            at: AT.parse().unwrap(),
        }
    }

    pub(crate) fn but(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut scene = self.clone();
        change(&mut scene);
        scene
    }

    pub(crate) fn with_details(&self, change: impl FnOnce(&mut SubjectDetails)) -> Self {
        self.but(|scene| change(scene.filing.subject.details.as_mut().unwrap()))
    }

    pub(crate) fn with_nature(&self, nature: &str) -> Self {
        let nature = serde_json::from_value(nature.into()).unwrap();
        self.with_details(|details| details.nature = nature)
    }

    /// Approved at another instant.
    pub(crate) fn approved(&self, at: &str) -> Self {
        self.but(|scene| {
            if let SubjectState::Filed { filed_at, .. } = &mut scene.filing.subject.state {
                *filed_at = at.parse().ok();
            }
        })
    }

    pub(crate) fn seeing_refusal(&self) -> Self {
        self.but(|scene| {
            scene.evidence.home_page = Some(Seen::Answer(PageAnswer::Refused));
        })
    }

    pub(crate) fn with_words(&self, words: &[(WordGroup, &str)]) -> Self {
        self.seeing_page(|page| {
            page.words = words
                .iter()
                .map(|(group, word)| WordSeen {
                    group: *group,
                    word: (*word).to_owned(),
                })
                .collect();
        })
    }

    /// The page that is seen, but for a change.
    pub(crate) fn page(&self, change: impl FnOnce(&mut PageFacts)) -> Self {
        self.but(|scene| match &mut scene.evidence.home_page {
            Some(Seen::Answer(PageAnswer::Answered(page))) => change(page),
            other => panic!("no page is seen: {other:?}"),
        })
    }

    pub(crate) fn with_certificate(&self, json: &str) -> Self {
        let mut scene = self.clone();
        scene.filing.subject.details.as_mut().unwrap().certificate =
            serde_json::from_str(json).unwrap();
        scene
    }

    pub(crate) fn with_identity_until(&self, last: &str) -> Self {
        let mut scene = self.clone();
        let person = scene.filing.persons.first_entry().unwrap().into_mut();
        person.details.identity_until = Some(last.parse().unwrap());
        scene
    }

    pub(crate) fn with_proof_until(&self, until: &str) -> Self {
        let mut scene = self.clone();
        let person = scene.filing.persons.first_entry().unwrap().into_mut();
        person.proof.as_mut().unwrap().until = until.parse().unwrap();
        scene
    }

    pub(crate) fn with_second_person(&self, identity: &str) -> Self {
        let mut scene = self.clone();
        scene
            .filing
            .persons
            .insert("p2".parse().unwrap(), person(identity));
        scene
    }

    pub(crate) fn without_material(&self, id: &str) -> Self {
        let mut scene = self.clone();
        scene.filing.materials.remove(&id.parse().unwrap());
        scene
    }

    pub(crate) fn with_material_until(&self, id: &str, last: &str) -> Self {
        let mut scene = self.clone();
        let material = scene
            .filing
            .materials
            .get_mut(&id.parse().unwrap())
            .unwrap();
        material.valid_until = Some(last.parse().unwrap());
        scene
    }

    pub(crate) fn with_link_stopped(&self) -> Self {
        let mut scene = self.clone();
        let link = scene.filing.links.first_entry().unwrap().into_mut();
        *link = link
            .clone()
            .stop("c1".parse().unwrap(), AT.parse().unwrap())
            .unwrap();
        scene
    }

    pub(crate) fn with_addresses_of(&self, day: &str) -> Self {
        let text = format!(r#"{{"asOf":"{day}","ranges":["192.0.2.0/24"],"frontEnds":[]}}"#);
        let files = BTreeMap::from([("provider-addresses.json".to_owned(), text)]);
        Self {
            rulebook: Rulebook::read(&files).unwrap(),
            ..self.clone()
        }
    }

    /// `none`, `nxdomain`, `servfail`, `timeout`, or an address.
    pub(crate) fn seeing_names(&self, names: &[(&str, &str)]) -> Self {
        let seen = |answer: &str| match answer {
            "none" => Seen::Answer(NameAnswer::NoAddress),
            "nxdomain" => Seen::Answer(NameAnswer::NoSuchName),
            "servfail" => Seen::Failed(Failure::ResolverFailed),
            "timeout" => Seen::Failed(Failure::TimedOut),
            address => Seen::Answer(NameAnswer::Addresses {
                canonical: Vec::new(),
                addresses: vec![address.parse().unwrap()],
            }),
        };
        let mut scene = self.clone();
        scene.evidence.names = names
            .iter()
            .map(|(host, answer)| NameSeen {
                name: name(host),
                seen: seen(answer),
            })
            .collect();
        scene
    }

    pub(crate) fn seeing_numbers(&self, numbers: &[&str]) -> Self {
        self.seeing_page(|page| {
            page.numbers = numbers
                .iter()
                .map(|number| PageNumber {
                    number: IcpNumber::parse(number).unwrap(),
                    links_to: None,
                    place: NumberPlace::Text,
                })
                .collect();
        })
    }

    pub(crate) fn seeing_no_page(&self) -> Self {
        let mut scene = self.clone();
        scene.evidence.home_page = None;
        scene
    }

    pub(crate) fn seeing_page(&self, change: impl FnOnce(&mut PageFacts)) -> Self {
        let mut page = PageFacts {
            statuses: vec![200],
            url: "https://www.example.cn/".into(),
            title: "示例".into(),
            numbers: Vec::new(),
            number_like: false,
            links_to_miit: false,
            links_to_old_miit: false,
            police_numbers: Vec::new(),
            words: Vec::new(),
            challenge: false,
            visible_characters: 500,
            scripted: false,
            cut_off: false,
            sha256: String::new(),
            excerpt: String::new(),
            certificate: None,
        };
        change(&mut page);
        let mut scene = self.clone();
        scene.evidence.home_page = Some(Seen::Answer(PageAnswer::Answered(Box::new(page))));
        scene
    }
}
