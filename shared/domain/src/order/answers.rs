//! Whose findings an order may put right: what it answers, it holds still while it is under review.

use std::collections::BTreeSet;

use super::{Draft, OrderKind};
use crate::filing::Filing;
use crate::finding::Answers;
use crate::ids::{PersonId, ServiceId};

/// What materials an order brings to what is filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Brought {
    Nothing,
    /// Such as are made for one order.
    Forms,
    /// Some that stay with the filing.
    ToStay,
}

impl Draft {
    /// The units of the filing whose findings an order of this draft may put right, if there are any: it changes what is
    /// filed of them, or ends what is found of them.
    pub fn answers(&self, kind: OrderKind, filing: &Filing) -> Option<Answers> {
        match kind {
            OrderKind::DeregisterSite => {
                let mut after = filing.clone();
                after.services.retain(|id, _| !self.lists(id));
                // Whoever answers for nothing any more is looked after no more.
                Some(self.ended(filing, after.principals() != filing.principals()))
            }
            OrderKind::CancelAccess => Some(self.ended(filing, false)),
            OrderKind::DeregisterSubject => Some(Answers::All),
            OrderKind::Change => self.changed(filing, self.brought(filing)),
            // They may change what is filed, too; what they bring is for the site that they add.
            OrderKind::FirstFiling | OrderKind::AddSite | OrderKind::AddAccess => {
                self.changed(filing, Brought::Nothing)
            }
        }
    }

    /// What the data of the draft answer, if they differ from what is filed.
    ///
    /// The subject's data bear on each of its sites, and so do its principal's (who may hold a site's domain) and any
    /// material that stays; another person's bear on the sites that the person answers for. A form of this order alone,
    /// which every change brings, is a material of the subject and of no site.
    fn changed(&self, filing: &Filing, brought: Brought) -> Option<Answers> {
        let differs = |id: &PersonId| {
            let filed = filing.persons.get(id).map(|filed| &filed.details);
            filed != self.persons.get(id)
        };
        let subject = filing.subject.details.as_ref();
        if brought == Brought::ToStay
            || subject != Some(&self.subject)
            || differs(&self.subject.principal)
        {
            return Some(Answers::All);
        }
        let (mut of_subject, mut services) = (brought == Brought::Forms, BTreeSet::new());
        for (id, service) in &self.services {
            // What is not filed yet is audited by nobody.
            let Some(filed) = filing.services.get(id) else {
                continue;
            };
            let of_person = differs(&service.principal);
            of_subject |= of_person || filed.details.principal != service.principal;
            if of_person || filed.details != *service {
                services.insert(id.clone());
            }
        }
        (of_subject || !services.is_empty()).then_some(Answers::Only {
            subject: of_subject,
            services,
        })
    }

    fn brought(&self, filing: &Filing) -> Brought {
        let materials = self.materials.iter();
        let mut new = materials.filter(|(id, it)| filing.materials.get(*id) != Some(*it));
        if new.clone().any(|(_, it)| !it.kind.is_of_one_order()) {
            Brought::ToStay
        } else if new.next().is_some() {
            Brought::Forms
        } else {
            Brought::Nothing
        }
    }

    /// What the end of the listed services, or of our access to them, answers: all of the filing where we give no access
    /// to any other.
    fn ended(&self, filing: &Filing, subject: bool) -> Answers {
        let mut others = filing.links.iter().filter(|(id, _)| !self.lists(id));
        if others.any(|(_, link)| link.is_live()) {
            let services = self.about.clone();
            Answers::Only { subject, services }
        } else {
            Answers::All
        }
    }

    fn lists(&self, service: &ServiceId) -> bool {
        self.about.contains(service)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::filing::Link;
    use crate::order::TypedDraft;
    use crate::rules::testing::Scene;

    /// A filing of two sites with access here, each with a principal of its own.
    fn filing() -> Filing {
        let mut filing = Scene::default().filing;
        let (first, second) = ("1".parse().unwrap(), "2".parse().unwrap());
        let granted = Link::granted("2026-03-02T02:00:00Z".parse().unwrap());
        let mut service: crate::filing::Service = filing.services[&first].clone();
        let other: PersonId = "p9".parse().unwrap();
        let person = filing.persons[&service.details.principal].clone();
        filing.persons.insert(other.clone(), person);
        service.details.principal = other;
        filing.services.insert(second, service);
        filing.links.insert(first, granted.clone());
        filing.links.insert("2".parse().unwrap(), granted);
        filing
    }

    fn answers(kind: OrderKind, typed: &Json, filing: &Filing) -> Option<Json> {
        let typed: TypedDraft = serde_json::from_value(typed.clone()).unwrap();
        let answers = typed.parse(filing).unwrap().answers(kind, filing);
        answers.map(|answers| serde_json::to_value(answers).unwrap())
    }

    #[test]
    fn a_change_answers_what_it_changes() {
        let filing = filing();
        let only = |subject: bool, services: &[&str]| {
            Some(json!({ "only": { "subject": subject, "services": services } }))
        };
        let person = |id: &str, mobile: &str| {
            json!({ "id": id, "name": "李四",
                "identity": "11010519491231002X", "mobile": mobile, "email": "a@b.cn" })
        };
        let cases = [
            (
                "a site",
                json!({ "services": [{ "id": "1", "addresses": ["203.0.113.9"] }] }),
                only(false, &["1"]),
            ),
            (
                "the subject",
                json!({ "subject": { "postalAddress": "别处" } }),
                Some(json!("all")),
            ),
            (
                "its principal",
                json!({ "persons": [person("p1", "13800000001")] }),
                Some(json!("all")),
            ),
            (
                "a site's principal",
                json!({ "persons": [person("p9", "13800000001")] }),
                only(true, &["2"]),
            ),
            (
                "who answers for a site",
                json!({ "services": [{ "id": "2", "principal": "p1" }] }),
                only(true, &["2"]),
            ),
            (
                "a material that stays",
                json!({ "materials": [{ "id": "m9", "kind": "domain-certificate", "custody": { "custody": "unknown" } }] }),
                Some(json!("all")),
            ),
            (
                "a form of this order",
                json!({ "materials": [{ "id": "m9", "kind": "verification-form", "custody": { "custody": "unknown" } }] }),
                only(true, &[]),
            ),
            (
                "a site that is listed as it is filed",
                json!({ "services": [{ "id": "1" }] }),
                None,
            ),
        ];
        for (what, draft, expected) in cases {
            assert_eq!(
                answers(OrderKind::Change, &draft, &filing),
                expected,
                "{what}"
            );
        }
    }

    #[test]
    fn an_end_answers_what_it_ends_and_the_last_one_everything() {
        let both = filing();
        let mut one = both.clone();
        one.links.remove(&"2".parse::<ServiceId>().unwrap());
        let first = json!({ "services": [{ "id": "1" }] });
        let second = json!({ "services": [{ "id": "2" }] });
        let only = |subject: bool, service: &str| {
            Some(json!({ "only": { "subject": subject, "services": [service] } }))
        };
        for (kind, draft, filing, expected) in [
            (OrderKind::CancelAccess, &first, &both, only(false, "1")),
            (OrderKind::CancelAccess, &first, &one, Some(json!("all"))),
            // The subject's principal answers for the first site too; the second has its own.
            (OrderKind::DeregisterSite, &first, &both, only(false, "1")),
            (OrderKind::DeregisterSite, &second, &both, only(true, "2")),
            (
                OrderKind::DeregisterSubject,
                &json!({}),
                &both,
                Some(json!("all")),
            ),
            (OrderKind::AddAccess, &first, &both, None),
            // An added site says nothing of what is filed, or all the same something of the subject.
            (
                OrderKind::AddSite,
                &json!({ "services": [{ "id": "3", "name": "新网站", "domains": ["new.cn"], "principal": "p1" }],
                    "materials": [{ "id": "m9", "kind": "domain-certificate", "custody": { "custody": "unknown" } }] }),
                &both,
                None,
            ),
            (
                OrderKind::AddSite,
                &json!({ "services": [{ "id": "3", "name": "新网站", "domains": ["new.cn"], "principal": "p1" }],
                    "subject": { "postalAddress": "别处" } }),
                &both,
                Some(json!("all")),
            ),
        ] {
            assert_eq!(answers(kind, draft, filing), expected, "{kind:?}");
        }
    }
}
