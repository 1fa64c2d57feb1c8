//! A draft: as the filer typed it, and as a filing once nothing is wrong with it.
//!
//! A draft is kept as typed, so that half of one can be saved. Submission parses it, and a refusal
//! names every bad field at once.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::faults::Faults;
use super::parts::Parts;
use super::typed_certificate::TypedCertificate;
use crate::filing::{
    Certificate, Filing, Material, Nature, PersonDetails, ServiceDetails, ServiceKind,
    SubjectDetails,
};
use crate::identifiers::{DomainName, EmailAddress, IdentityDocument, IdentityKind, Mobile};
use crate::ids::{MaterialId, PersonId, ServiceId};
use crate::personal::Personal;
use crate::{Text, Violation};

/// Most services in one order, so that its approval fits one transaction of 100 items.
///
/// Source: Tencent Cloud 备案限制说明 243/18911, snapshot 2021-04-11 (an order has at most 10 new sites).
pub const MOST_SERVICES: usize = 10;

/// Most persons in one order: every service its own principal, and the subject's.
pub const MOST_PERSONS: usize = MOST_SERVICES + 1;

/// Most materials in one order, so that its approval fits one transaction.
pub const MOST_MATERIALS: usize = 10;

/// Most domains of a draft, over all its services: each is a row of the commits that submit and forget it,
/// beside the draft's own.
pub(super) const MOST_DOMAINS: usize = 40;

/// A draft as the filer typed it. Every field may still be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TypedDraft {
    /// The subject.
    pub subject: TypedSubject,
    /// Responsible persons, at most 11.
    pub persons: Vec<TypedPerson>,
    /// Services, at most 10.
    pub services: Vec<TypedService>,
    /// Materials, at most 10.
    pub materials: Vec<TypedMaterial>,
}

/// A subject as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TypedSubject {
    /// Two digits, such as `44`.
    pub province: String,
    /// Kind of body.
    pub nature: Option<Nature>,
    /// Name as on the certificate.
    pub name: Personal<String>,
    /// Certificate: kind and number.
    pub certificate: Option<TypedCertificate>,
    /// Address as on the certificate.
    pub certificate_address: Personal<String>,
    /// Postal address.
    pub postal_address: Personal<String>,
    /// Id of the principal among the draft's persons.
    pub principal: String,
    /// 法定代表人 of a body, by name.
    pub legal_representative: Personal<String>,
}

/// A person as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TypedPerson {
    /// A short name within the filing, such as `p1`.
    pub id: String,
    /// 姓名.
    pub name: Personal<String>,
    /// What the identity document is; a resident identity card where nothing is said.
    pub identity_kind: IdentityKind,
    /// Its number.
    pub identity: Personal<String>,
    /// Last day of the identity document; absent for 长期.
    #[schema(value_type = Option<String>)]
    pub identity_until: Option<Date>,
    /// Own mobile.
    pub mobile: Personal<String>,
    /// Mail address.
    pub email: Personal<String>,
}

/// A service as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TypedService {
    /// A short name within the filing, such as `1`.
    pub id: String,
    /// What it is.
    pub kind: ServiceKind,
    /// 网站名称.
    pub name: String,
    /// Registrable domains.
    pub domains: Vec<String>,
    /// Public home page, if there is one.
    pub home_page: Option<String>,
    /// Id of the principal among the draft's persons.
    pub principal: String,
    /// Addresses at the provider, as typed.
    pub addresses: Vec<String>,
}

/// A material as typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TypedMaterial {
    /// A short name within the filing, such as `m1`.
    pub id: String,
    /// What it is, how long it is valid and who keeps it.
    #[serde(flatten)]
    pub material: Material,
}

/// A draft in which every field parsed: the filing as it shall be, with what the draft does not
/// name as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The services that the draft lists: what the order is about.
    pub about: BTreeSet<ServiceId>,
    /// The subject.
    pub subject: SubjectDetails,
    /// Persons by id.
    pub persons: BTreeMap<PersonId, PersonDetails>,
    /// Services by id.
    pub services: BTreeMap<ServiceId, ServiceDetails>,
    /// Materials by id.
    pub materials: BTreeMap<MaterialId, Material>,
}

impl TypedDraft {
    /// The draft as values, over the filing as it stands, or every field that does not parse. Whether its numbers check
    /// is asked by [`TypedDraft::check`] alone.
    pub fn parse(&self, filing: &Filing) -> Result<Draft, Vec<Violation>> {
        let (parts, faults) = self.over(filing).parts(filing);
        match parts.whole() {
            Some(draft) if faults.is_empty() => Ok(draft),
            Some(_) | None => Err(faults),
        }
    }

    /// What can be read of it, and every field that does not parse.
    pub(super) fn parts(&self, filing: &Filing) -> (Parts, Vec<Violation>) {
        let mut faults = Faults::default();
        let (subject, certificate) = self.subject.parse(&mut faults);
        let persons = self.persons(&mut faults);
        let services = self.services(&mut faults);
        let materials = self.materials(&mut faults);
        for (known, field) in [(&self.subject.principal, "/subject/principal".to_owned())]
            .into_iter()
            .chain(
                self.services
                    .iter()
                    .enumerate()
                    .map(|(at, service)| (&service.principal, format!("/services/{at}/principal"))),
            )
        {
            let filed = known
                .parse()
                .is_ok_and(|id| filing.persons.contains_key(&id));
            // What is not chosen was told to be missing.
            if !known.is_empty() && !filed && !self.persons.iter().any(|person| person.id == *known)
            {
                faults.add(
                    field,
                    "principal-unknown",
                    Text::new(
                        "负责人须为本订单或备案所列人员之一",
                        "the principal must be one of the draft's or the filing's persons",
                    ),
                );
            }
        }
        let parts = Parts {
            about: services.keys().cloned().collect(),
            subject,
            certificate,
            persons,
            services,
            materials,
        };
        (parts.with_the_rest_of(filing), faults.found)
    }

    /// Why the draft cannot even be kept: too many entries, a text without end, or persons whose ids
    /// cannot name their rows.
    pub fn unkeepable(&self) -> Vec<Violation> {
        let mut faults = Faults::default();
        faults.at_most("/persons", self.persons.len(), MOST_PERSONS);
        faults.at_most("/services", self.services.len(), MOST_SERVICES);
        faults.at_most("/materials", self.materials.len(), MOST_MATERIALS);
        let mut domains = 0;
        for (at, service) in self.services.iter().enumerate() {
            domains += service.domains.len();
            faults.at_most(&format!("/services/{at}/domains"), domains, MOST_DOMAINS);
        }
        for (at, person) in self.persons.iter().enumerate() {
            faults.id::<PersonId>(&format!("/persons/{at}/id"), &person.id);
        }
        let ids = self.persons.iter().map(|person| person.id.as_str());
        faults.distinct("/persons", ids);
        // A draft of texts and lists is always written as JSON.
        let texts = serde_json::to_value(self).unwrap_or_default();
        faults.texts_at_most("", &texts);
        faults.found
    }

    fn persons(&self, faults: &mut Faults) -> BTreeMap<PersonId, PersonDetails> {
        faults.at_most("/persons", self.persons.len(), MOST_PERSONS);
        faults.distinct(
            "/persons",
            self.persons.iter().map(|person| person.id.as_str()),
        );
        let mut parsed = BTreeMap::new();
        for (at, person) in self.persons.iter().enumerate() {
            let field = |name: &str| format!("/persons/{at}/{name}");
            let id = faults.id::<PersonId>(&field("id"), &person.id);
            let name = faults.filled(&field("name"), &person.name);
            let (kind, identity) = (person.identity_kind, person.identity.reveal());
            let identity = IdentityDocument::as_filed(kind, identity);
            let identity = faults.identifier(&field("identity"), identity);
            let mobile = faults.identifier(&field("mobile"), Mobile::parse(person.mobile.reveal()));
            let email =
                faults.identifier(&field("email"), EmailAddress::parse(person.email.reveal()));
            if let (Some(id), Some(name), Some(identity), Some(mobile), Some(email)) =
                (id, name, identity, mobile, email)
            {
                let identity_until = person.identity_until;
                parsed.insert(
                    id,
                    PersonDetails {
                        name,
                        identity,
                        identity_until,
                        mobile,
                        email,
                    },
                );
            }
        }
        parsed
    }

    fn services(&self, faults: &mut Faults) -> BTreeMap<ServiceId, ServiceDetails> {
        faults.at_most("/services", self.services.len(), MOST_SERVICES);
        faults.distinct(
            "/services",
            self.services.iter().map(|service| service.id.as_str()),
        );
        let mut parsed = BTreeMap::new();
        for (at, service) in self.services.iter().enumerate() {
            let field = |name: &str| format!("/services/{at}/{name}");
            let id = faults.id::<ServiceId>(&field("id"), &service.id);
            let principal = faults.id::<PersonId>(&field("principal"), &service.principal);
            let mut domains = Vec::new();
            if service.domains.is_empty() {
                faults.add(
                    field("domains"),
                    "domain-missing",
                    Text::new("至少须填写一个域名", "at least one domain is needed"),
                );
            }
            for (index, domain) in service.domains.iter().enumerate() {
                domains.extend(faults.identifier(
                    &format!("/services/{at}/domains/{index}"),
                    DomainName::parse(domain),
                ));
            }
            let mut addresses = Vec::new();
            for (index, typed) in service.addresses.iter().enumerate() {
                let field = format!("/services/{at}/addresses/{index}");
                addresses.extend(faults.address(field, typed));
            }
            if let (Some(id), Some(principal)) = (id, principal) {
                parsed.insert(
                    id,
                    ServiceDetails {
                        kind: service.kind,
                        name: service.name.trim().to_owned(),
                        domains,
                        // An empty one takes a filed one away.
                        home_page: service.home_page.clone().filter(|page| !page.is_empty()),
                        principal,
                        addresses,
                    },
                );
            }
        }
        parsed
    }

    fn materials(&self, faults: &mut Faults) -> BTreeMap<MaterialId, Material> {
        faults.at_most("/materials", self.materials.len(), MOST_MATERIALS);
        faults.distinct(
            "/materials",
            self.materials.iter().map(|material| material.id.as_str()),
        );
        self.materials
            .iter()
            .enumerate()
            .filter_map(|(at, material)| {
                let id = faults.id::<MaterialId>(&format!("/materials/{at}/id"), &material.id)?;
                Some((id, material.material.clone()))
            })
            .collect()
    }
}

impl TypedSubject {
    fn parse(&self, faults: &mut Faults) -> (Option<SubjectDetails>, Option<Certificate>) {
        let principal = faults.id::<PersonId>("/subject/principal", &self.principal);
        let name = faults.filled("/subject/name", &self.name);
        let certificate_address =
            faults.filled("/subject/certificateAddress", &self.certificate_address);
        let postal_address = faults.filled("/subject/postalAddress", &self.postal_address);
        if self.nature.is_none() {
            faults.empty("/subject/nature");
        }
        if self.province.trim().is_empty() {
            faults.empty("/subject/province");
        }
        let certificate = match &self.certificate {
            None => {
                faults.empty("/subject/certificate");
                None
            }
            Some(typed) => faults.identifier("/subject/certificate/number", typed.parse()),
        };
        let representative = self.legal_representative.reveal().trim();
        let details = |certificate| {
            Some(SubjectDetails {
                province: self.province.trim().to_owned(),
                nature: self.nature?,
                name: name?,
                certificate,
                certificate_address: certificate_address?,
                postal_address: postal_address?,
                principal: principal?,
                legal_representative: (!representative.is_empty())
                    .then(|| Personal::new(representative.to_owned())),
            })
        };
        (certificate.clone().and_then(details), certificate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(draft: &TypedDraft) -> Vec<(String, String)> {
        let found = draft.unkeepable();
        found.into_iter().map(|one| (one.field, one.rule)).collect()
    }

    fn person(id: &str) -> TypedPerson {
        TypedPerson {
            id: id.to_owned(),
            ..TypedPerson::default()
        }
    }

    #[test]
    fn a_draft_with_nothing_in_it_is_kept_and_one_without_end_is_not() {
        assert_eq!(refused(&TypedDraft::default()), []);
        let mut endless = TypedDraft {
            persons: vec![person("p1"), person(""), person("p1"), person("张三")],
            services: vec![TypedService {
                home_page: Some("h".repeat(2049)),
                ..TypedService::default()
            }],
            ..TypedDraft::default()
        };
        let named = |field: &str, rule: &str| (field.to_owned(), rule.to_owned());
        assert_eq!(
            refused(&endless),
            [
                named("/persons/1/id", "field-missing"),
                named("/persons/3/id", "id-malformed"),
                named("/persons/2/id", "id-repeated"),
                named("/services/0/homePage", "too-long"),
            ]
        );
        endless.persons = vec![person("p1"); 12];
        assert_eq!(refused(&endless)[0], named("/persons", "too-many"));
    }
}
