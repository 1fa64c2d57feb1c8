//! Ways to report on a scene: registers, telephones, mail, materials, hosting, registries.

use jiff::Timestamp;

use super::{AT, Scene, line, name, said};
use crate::finding::Object;
use crate::ids::UnitId;
use crate::look::{RegistrationSeen, Seen};
use crate::personal::Personal;
use crate::registration::{Registration, RegistrationAnswer};
use crate::reports::{
    BodyState, DecisionSays, HostingReport, MailReport, MaterialReport, MaterialSays, ReadBy,
    RegisteredBody, RegistryFound, RegistryReport, Shared, StaffDecision, TelephoneReport,
    TelephoneSays,
};
use crate::rules::Rule;

/// Noon of a day in Shanghai.
fn noon(day: &str) -> Timestamp {
    format!("{day}T12:00:00+08:00").parse().unwrap()
}

/// Holds a rule on materials to what reading them may come to: staff find `fault`, a machine asks for
/// staff, and what nobody read is not judged.
pub(crate) fn check_material_fault(rule: &Rule, says: MaterialSays, fault: &str) {
    let scene = Scene::default();
    let unread = ["m1", "m2", "m3"].map(|id| format!("material {id}: not applicable: NoBaseline"));
    assert_eq!(said(rule, &scene), unread.join("\n"));
    let read = scene
        .material_read("m1", ReadBy::Staff, says)
        .material_read("m2", ReadBy::Machine, says)
        .material_read("m3", ReadBy::Staff, MaterialSays::Agrees);
    let expected = [
        format!("material m1: broken: {fault}"),
        format!("material m2: for people: {fault}"),
        "material m3: kept".to_owned(),
    ];
    assert_eq!(said(rule, &read), expected.join("\n"));
}

/// Holds a rule on what subjects share to what the index of all filings may say.
pub(crate) fn check_shared_across(rule: &Rule, shared: Shared, fault: &str) {
    let scene = Scene::default();
    assert_eq!(said(rule, &scene), "person p1: not applicable: NoBaseline");
    assert_eq!(said(rule, &scene.sharing(&[])), "person p1: kept");
    let expected = format!("person p1: broken: {fault}");
    assert_eq!(said(rule, &scene.sharing(&[shared])), expected);
}

/// What judging the scene's service comes to of one rule, an object a line: with what people decided.
pub(crate) fn judged(scene: &Scene, code: &str) -> String {
    let unit = UnitId::of_service(scene.filing.subject.id.clone(), "1".parse().unwrap());
    let outcomes = crate::rules::judge(&scene.sight(&unit)).into_iter();
    let own = outcomes.filter(|(rule, _, _)| rule.code == code);
    let lines: Vec<String> = own
        .map(|(_, object, outcome)| line(&(object, outcome)))
        .collect();
    lines.join("\n")
}

impl Scene {
    fn found(&self, found: RegistryFound, as_of: &str) -> Self {
        self.but(|scene| {
            scene.reports.registry = Some(RegistryReport {
                source: "公示系统".into(),
                number: Personal::new("91110108551385082Q".into()),
                as_of: as_of.parse().unwrap(),
                found,
            });
        })
    }

    /// A register's answer that agrees with the filing, but for a change.
    pub(crate) fn registered(&self, change: impl FnOnce(&mut RegisteredBody)) -> Self {
        let mut body = RegisteredBody {
            name: Personal::new("示例公司".into()),
            former_names: Vec::new(),
            state: BodyState::Active,
            legal_representative: Some(Personal::new("王小明".into())),
            address: Some(Personal::new("北京市海淀区".into())),
        };
        change(&mut body);
        self.found(RegistryFound::Body(body), "2026-02-01")
    }

    pub(crate) fn registered_on(&self, day: &str) -> Self {
        self.registered(|_| {}).but(|scene| {
            scene.reports.registry.as_mut().unwrap().as_of = day.parse().unwrap();
        })
    }

    pub(crate) fn not_in_register(&self) -> Self {
        self.found(RegistryFound::Nothing, "2026-02-01")
    }

    pub(crate) fn sharing(&self, shared: &[Shared]) -> Self {
        self.but(|scene| {
            let shared = shared.iter().copied().collect();
            scene.reports.shared.insert("p1".parse().unwrap(), shared);
        })
    }

    /// Reports on the first person's telephone, each at noon of a day in Shanghai.
    pub(crate) fn called(&self, reports: &[(&str, TelephoneSays)]) -> Self {
        let mobile = self
            .filing
            .persons
            .values()
            .next()
            .map(|person| person.details.mobile.clone());
        let report = |(day, says): &(&str, TelephoneSays)| TelephoneReport {
            mobile: mobile.clone().unwrap(),
            at: noon(day),
            says: *says,
        };
        self.but(|scene| {
            let reports = reports.iter().map(report).collect();
            scene
                .reports
                .telephones
                .insert("p1".parse().unwrap(), reports);
        })
    }

    /// Mails to the first person, each at noon of a day, and whether it was taken.
    pub(crate) fn mailed(&self, reports: &[(&str, bool)]) -> Self {
        let email = self
            .filing
            .persons
            .values()
            .next()
            .map(|person| person.details.email.clone());
        let report = |(day, taken): &(&str, bool)| MailReport {
            email: email.clone().unwrap(),
            at: noon(day),
            taken: *taken,
        };
        self.but(|scene| {
            let reports = reports.iter().map(report).collect();
            scene.reports.mails.insert("p1".parse().unwrap(), reports);
        })
    }

    pub(crate) fn material_read(&self, id: &str, by: ReadBy, says: MaterialSays) -> Self {
        self.but(|scene| {
            let at = AT.parse().unwrap();
            let report = MaterialReport {
                by,
                at,
                says,
                sha256: None,
            };
            scene.reports.materials.insert(id.parse().unwrap(), report);
        })
    }

    pub(crate) fn hosted(&self, change: impl FnOnce(&mut HostingReport)) -> Self {
        self.but(|scene| {
            let hosting = scene.reports.hosting.entry("1".parse().unwrap());
            change(hosting.or_default());
        })
    }

    /// A visit of a host at the provider's own front ends.
    pub(crate) fn visited(&self, host: &str, day: &str) -> Self {
        self.hosted(|hosting| {
            let seen = hosting.seen_at_front_ends.get_or_insert_default();
            seen.insert(name(host), day.parse().unwrap());
        })
    }

    /// What staff decided, in February.
    pub(crate) fn decided(&self, rule: &str, object: Object, says: DecisionSays) -> Self {
        self.but(|scene| {
            let subject = scene.filing.subject.id.clone();
            scene.reports.decisions.push(StaffDecision {
                unit: UnitId::of_service(subject, "1".parse().unwrap()),
                rule: rule.to_owned(),
                object,
                says,
                reason: "人工查看".into(),
                from: noon("2026-02-02"),
                until: noon("2026-08-01"),
            });
        })
    }

    fn registry_says(&self, answer: RegistrationAnswer) -> Self {
        self.but(|scene| {
            scene.evidence.registrations = vec![RegistrationSeen {
                domain: name("example.cn"),
                seen: Seen::Answer(answer),
            }];
        })
    }

    pub(crate) fn seeing_registration(&self, change: impl FnOnce(&mut Registration)) -> Self {
        let mut registration = Registration::default();
        change(&mut registration);
        self.registry_says(RegistrationAnswer::Registered(registration))
    }

    pub(crate) fn seeing_no_registration(&self) -> Self {
        self.registry_says(RegistrationAnswer::NotRegistered)
    }
}
