//! A filing (备案) as it stands: its subject, services, links, persons and materials.
//!
//! **Invariant:** three lives, three objects. A subject's state, a service's number and a link's
//! state are never one status.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod certificate;
mod custody;
mod link;
mod material;
mod named;
mod nature;
mod proof;

pub use certificate::Certificate;
pub use custody::{Custody, MediaType, StoredObject};
pub use link::{Link, LinkState};
pub use material::{MaterialKind, Regime};
pub use nature::{Nature, Natures};
pub use proof::Proof;

use crate::Text;
use crate::contact::Roles;
use crate::identifiers::{DomainName, EmailAddress, IcpNumber, IdentityDocument, Mobile};
use crate::ids::{AccountId, MaterialId, OrderId, PersonId, ServiceId, SubjectId, UnitId};
use crate::names::is_same_name;
use crate::personal::Personal;
use crate::rulebook::Known;

/// A filing as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Filing {
    /// The subject and what the whole filing shares.
    pub subject: Subject,
    /// Services by id.
    pub services: BTreeMap<ServiceId, Service>,
    /// Our access link of each service that ever had one.
    pub links: BTreeMap<ServiceId, Link>,
    /// Responsible persons by id.
    pub persons: BTreeMap<PersonId, Person>,
    /// Materials by id.
    pub materials: BTreeMap<MaterialId, Material>,
}

/// A subject (主体) at this provider.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// Its id here, and its filing's.
    pub id: SubjectId,
    /// The account that holds it.
    pub account: AccountId,
    /// Where its life stands.
    pub state: SubjectState,
    /// What is filed of it; `None` until the first approval.
    pub details: Option<SubjectDetails>,
    /// The one order in flight.
    pub order_in_flight: Option<OrderId>,
    /// Where it came from.
    pub origin: Origin,
    /// The account group that an import named.
    pub label: Option<String>,
    /// What it wants and another filing holds: for staff, and told to nobody else.
    pub conflicts: Vec<Takes>,
}

impl Subject {
    /// 主体备案号, while it is filed.
    pub fn number(&self) -> Option<&IcpNumber> {
        match &self.state {
            SubjectState::New | SubjectState::Deregistered { .. } => None,
            SubjectState::Filed { number, .. } => Some(number),
        }
    }
}

/// Where what is filed came from: it decides at which level rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// An order that was approved through this service.
    #[default]
    Order,
    /// An existing base that the provider brought.
    Import,
}

/// The life of a subject as this provider knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum SubjectState {
    /// Drafted, never approved.
    New,
    /// Filed with the bureau.
    #[serde(rename_all = "camelCase")]
    Filed {
        /// 主体备案号, without a service suffix.
        number: IcpNumber,
        /// When the bureau's approval of the first filing was recorded; none where a base brought the
        /// filing that does not say.
        #[schema(value_type = Option<String>)]
        filed_at: Option<Timestamp>,
    },
    /// 已注销: off the bureau's record, for good; a later first filing is another subject.
    #[serde(rename_all = "camelCase")]
    Deregistered {
        /// 主体备案号 that it had.
        number: IcpNumber,
        /// When the bureau's deregistration was recorded.
        #[schema(value_type = String)]
        deregistered_at: Timestamp,
    },
}

/// The fields of a subject that the bureau holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubjectDetails {
    /// Code of the province of the subject, two digits (GB/T 2260).
    pub province: String,
    /// Kind of body.
    pub nature: Nature,
    /// Name as on the certificate.
    pub name: Personal<String>,
    /// Certificate and number.
    pub certificate: Certificate,
    /// Address as on the certificate.
    pub certificate_address: Personal<String>,
    /// Postal address, down to the door number.
    pub postal_address: Personal<String>,
    /// The subject's principal (主体负责人).
    pub principal: PersonId,
    /// 法定代表人 of a body, by name; none where nobody said.
    #[serde(default)]
    pub legal_representative: Option<Personal<String>>,
}

impl SubjectDetails {
    /// Whether a person of a name is the legal representative.
    pub fn is_represented_by(&self, name: &Personal<String>) -> Known {
        match &self.legal_representative {
            None => Known::Unknown,
            Some(representative) if is_same_name(representative.reveal(), name.reveal()) => {
                Known::Yes
            }
            Some(_) => Known::No,
        }
    }
}

/// A responsible person (负责人).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Name, identity and ways to reach the person.
    pub details: PersonDetails,
    /// The standing proof that the person answers under the number, if any.
    pub proof: Option<Proof>,
}

/// The fields of a person that the bureau holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PersonDetails {
    /// 姓名.
    pub name: Personal<String>,
    /// The identity document.
    pub identity: IdentityDocument,
    /// Last day of the identity document, or none for 长期.
    #[schema(value_type = Option<String>)]
    pub identity_until: Option<Date>,
    /// The person's own mobile.
    pub mobile: Mobile,
    /// The person's mail address.
    pub email: EmailAddress,
}

/// What a service is (MIIT form; the suffix letters are those of filing numbers).
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceKind {
    /// 网站, number `-1`.
    #[default]
    Site,
    /// App, number `-2A`.
    App,
    /// 小程序, number `-3X`.
    MiniProgram,
    /// 快应用, number `-4K`.
    QuickApp,
}

impl ServiceKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Site, Self::App, Self::MiniProgram, Self::QuickApp];

    /// The letter that ends the number of such a service, if one does.
    ///
    /// Source: Huawei Cloud, ICP knowledge base, `doc_0115`.
    pub fn suffix_letter(self) -> Option<char> {
        match self {
            Self::Site => None,
            Self::App => Some('A'),
            Self::MiniProgram => Some('X'),
            Self::QuickApp => Some('K'),
        }
    }
}

/// A service (互联网信息服务).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// 网站备案号, with its suffix; `None` until the bureau gave it.
    pub number: Option<IcpNumber>,
    /// What is filed of it.
    pub details: ServiceDetails,
    /// 已注销: when the bureau took it off the record, for good.
    #[serde(default)]
    pub deregistered_at: Option<Timestamp>,
    /// Where it came from.
    #[serde(default)]
    pub origin: Origin,
}

impl Service {
    /// Whether it stands on the bureau's record.
    pub fn is_on_record(&self) -> bool {
        self.deregistered_at.is_none()
    }
}

/// The fields of a service that the bureau holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceDetails {
    /// What it is.
    #[serde(default)]
    pub kind: ServiceKind,
    /// 网站名称.
    pub name: String,
    /// 域名列表: registrable domains.
    pub domains: Vec<DomainName>,
    /// 首页网址, where the filer declared a public home page.
    #[serde(default)]
    pub home_page: Option<String>,
    /// The service's principal (网站负责人).
    pub principal: PersonId,
    /// IP列表: the addresses filed for it.
    #[serde(default)]
    pub addresses: Vec<IpAddr>,
}

/// What a filing takes so that no other filing holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Takes {
    /// The subject's certificate.
    Certificate,
    /// A domain.
    Domain,
    /// The subject's filing number.
    Number,
}

impl Takes {
    /// Its name, for staff.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::Certificate => ("证件", "certificate"),
            Self::Domain => ("域名", "domain"),
            Self::Number => ("备案号", "filing number"),
        };
        Text::new(zh, en)
    }
}

/// A material (材料): what proves a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Material {
    /// What it is.
    pub kind: MaterialKind,
    /// Last day of its validity, or none for 长期.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub valid_until: Option<Date>,
    /// Who keeps it.
    pub custody: Custody,
}

impl Filing {
    /// A filing of which nothing is filed.
    pub fn begun(id: SubjectId, account: AccountId) -> Self {
        Self {
            subject: Subject {
                id,
                account,
                state: SubjectState::New,
                details: None,
                order_in_flight: None,
                origin: Origin::Order,
                label: None,
                conflicts: Vec::new(),
            },
            services: BTreeMap::new(),
            links: BTreeMap::new(),
            persons: BTreeMap::new(),
            materials: BTreeMap::new(),
        }
    }

    /// Where a unit came from.
    pub fn origin(&self, unit: &UnitId) -> Origin {
        let service = unit.service.as_ref();
        let service = service.and_then(|service| self.services.get(service));
        service.map_or(self.subject.origin, |service| service.origin)
    }

    /// Code of the province that the subject filed, where it filed one.
    pub fn province(&self) -> Option<&str> {
        let details = self.subject.details.as_ref()?;
        Some(details.province.as_str())
    }

    /// Whether access is given to a unit: to the service, or of a subject to any.
    pub fn has_access(&self, unit: &UnitId) -> bool {
        match &unit.service {
            Some(service) => self.links.get(service).is_some_and(Link::is_live),
            None => self.links.values().any(Link::is_live),
        }
    }

    /// What a person answers for.
    pub fn roles(&self, person: &PersonId) -> Roles {
        let details = self.subject.details.as_ref();
        let services = self.on_record();
        let own = services.filter(|(_, service)| service.details.principal == *person);
        Roles {
            subject: details.is_some_and(|details| details.principal == *person),
            services: own.map(|(id, _)| id.clone()).collect(),
        }
    }

    /// The persons whose verified numbers the whole filing needs: the subject's principal and every
    /// service's principal, once each.
    pub fn principals(&self) -> Vec<&PersonId> {
        let mut ids: Vec<&PersonId> = self
            .subject
            .details
            .iter()
            .map(|details| &details.principal)
            .chain(
                self.on_record()
                    .map(|(_, service)| &service.details.principal),
            )
            .collect();
        ids.sort();
        ids.dedup();
        ids
    }

    /// The services that stand on the bureau's record, or are drafted to.
    pub fn on_record(&self) -> impl Iterator<Item = (&ServiceId, &Service)> {
        self.services
            .iter()
            .filter(|(_, service)| service.is_on_record())
    }

    /// The subject's number, while it is filed.
    pub fn number(&self) -> Option<&IcpNumber> {
        self.subject.number()
    }

    /// Whether the subject is off the bureau's record, for good.
    pub fn is_deregistered(&self) -> bool {
        match self.subject.state {
            SubjectState::New | SubjectState::Filed { .. } => false,
            SubjectState::Deregistered { .. } => true,
        }
    }
}
