//! A filing (备案) as it stands: its subject, services, links, persons and materials.
//!
//! **Invariant:** three lives, three objects. A subject's state, a service's number and a link's
//! state are never one status.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

mod material;
mod nature;

pub use material::{MaterialKind, Regime};
pub use nature::{Nature, Natures};

use crate::identifiers::{
    CreditCode, DomainName, EmailAddress, IcpNumber, Mobile, OrganisationCode, RegistrationNumber,
    ResidentId,
};
use crate::ids::{AccountId, MaterialId, OrderId, PersonId, ServiceId, SubjectId, UnitId};
use crate::names::is_same_name;
use crate::personal::Personal;
use crate::rulebook::Known;

/// The subject's certificate (证件) and its number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "number")]
pub enum Certificate {
    /// 统一社会信用代码, the merged certificate.
    CreditCode(CreditCode),
    /// 营业执照注册号: 15 digits, from before the merged certificate.
    RegistrationNumber(RegistrationNumber),
    /// 组织机构代码, from before the merged certificate.
    OrganisationCode(OrganisationCode),
    /// 居民身份证, of an individual.
    ResidentId(ResidentId),
}

impl Certificate {
    /// The number in canonical text: personal where the subject is an individual.
    pub fn number(&self) -> Personal<&str> {
        Personal::new(match self {
            Self::CreditCode(code) => code.as_str(),
            Self::RegistrationNumber(number) => number.as_str(),
            Self::OrganisationCode(code) => code.as_str(),
            Self::ResidentId(id) => id.reveal(),
        })
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::CreditCode(_) => "CreditCode",
            Self::RegistrationNumber(_) => "RegistrationNumber",
            Self::OrganisationCode(_) => "OrganisationCode",
            Self::ResidentId(_) => "ResidentId",
        })
    }
}

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
}

/// The life of a subject as this provider knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum SubjectState {
    /// Drafted, never approved.
    New,
    /// Filed with the bureau.
    #[serde(rename_all = "camelCase")]
    Filed {
        /// 主体备案号, without a service suffix.
        number: IcpNumber,
        /// When the bureau's approval of the first filing was recorded.
        filed_at: Timestamp,
    },
}

/// The fields of a subject that the bureau holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// 法定代表人 of a body, by name; `None` where nobody said.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PersonDetails {
    /// 姓名.
    pub name: Personal<String>,
    /// 公民身份号码.
    pub identity: ResidentId,
    /// Last day of the identity card, or `None` for 长期.
    pub identity_until: Option<Date>,
    /// The person's own mobile.
    pub mobile: Mobile,
    /// The person's mail address.
    pub email: EmailAddress,
}

/// A proof by SMS code: keyed to the person and the number, void when either changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    /// When the right code came.
    pub verified_at: Timestamp,
    /// First instant at which the proof no longer counts.
    pub until: Timestamp,
}

impl Proof {
    /// Whether the proof counts at `now`.
    pub fn stands(&self, now: Timestamp) -> bool {
        self.verified_at <= now && now < self.until
    }
}

/// What a service is (MIIT form; the suffix letters are those of filing numbers).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
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

/// Our access link (接入) of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// Where its life stands.
    pub state: LinkState,
    /// Grows with every change over the link's whole life; front ends ignore a lower one.
    pub link_version: u64,
}

/// The life of an access link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum LinkState {
    /// Access is given.
    #[serde(rename_all = "camelCase")]
    Live {
        /// Since when.
        since: Timestamp,
    },
    /// We stopped it; reversible.
    #[serde(rename_all = "camelCase")]
    Stopped {
        /// When.
        stopped_at: Timestamp,
        /// The case that stopped it.
        case: crate::ids::CaseId,
    },
}

impl Link {
    /// A link granted by an approval.
    pub fn granted(now: Timestamp) -> Self {
        Self {
            state: LinkState::Live { since: now },
            link_version: 1,
        }
    }

    /// Whether access is given.
    pub fn is_live(&self) -> bool {
        match self.state {
            LinkState::Live { .. } => true,
            LinkState::Stopped { .. } => false,
        }
    }

    /// The link after a stop by `case`; `None` when it is not live.
    #[must_use]
    pub fn stop(self, case: crate::ids::CaseId, now: Timestamp) -> Option<Self> {
        match self.state {
            LinkState::Live { .. } => Some(Self {
                state: LinkState::Stopped {
                    stopped_at: now,
                    case,
                },
                link_version: self.link_version + 1,
            }),
            LinkState::Stopped { .. } => None,
        }
    }

    /// The link after reinstatement; `None` when it is not stopped.
    #[must_use]
    pub fn reinstate(self, now: Timestamp) -> Option<Self> {
        match self.state {
            LinkState::Stopped { .. } => Some(Self {
                state: LinkState::Live { since: now },
                link_version: self.link_version + 1,
            }),
            LinkState::Live { .. } => None,
        }
    }
}

/// A material (材料): what proves a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Material {
    /// What it is.
    pub kind: MaterialKind,
    /// Last day of its validity, or `None` for 长期.
    #[serde(default)]
    pub valid_until: Option<Date>,
    /// Who keeps it.
    pub custody: Custody,
}

/// Where a material is kept. What nobody knows is not held against the filer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "custody")]
pub enum Custody {
    /// On paper at the provider.
    #[serde(rename_all = "camelCase")]
    Paper {
        /// Where on the shelves.
        shelf_mark: String,
    },
    /// Never recorded (imported base).
    Unknown,
}

impl Filing {
    /// Whether access is given to a unit: to the service, or of a subject to any.
    pub fn has_access(&self, unit: &UnitId) -> bool {
        match &unit.service {
            Some(service) => self.links.get(service).is_some_and(Link::is_live),
            None => self.links.values().any(Link::is_live),
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
                self.services
                    .values()
                    .map(|service| &service.details.principal),
            )
            .collect();
        ids.sort();
        ids.dedup();
        ids
    }

    /// The subject's number, once filed.
    pub fn number(&self) -> Option<&IcpNumber> {
        match &self.subject.state {
            SubjectState::New => None,
            SubjectState::Filed { number, .. } => Some(number),
        }
    }
}
