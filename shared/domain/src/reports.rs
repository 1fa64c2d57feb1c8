//! What sources report beside rows and looks: registers, carriers, callers, staff, hosting.
//!
//! **Invariant:** a report says who reported, what, and when; what nobody reported is absent, and an
//! absent report is never held against a filer. A report holds no judgement.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::identifiers::{DomainName, EmailAddress, Mobile};
use crate::ids::{MaterialId, PersonId, ServiceId};
use crate::personal::Personal;

/// Days for which a report speaks.
///
/// Source: behaviour of this service, part 3 (an answer older than 180 days is undecided).
pub const SPEAKS_FOR_DAYS: i64 = 180;

/// Everything reported of one filing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Reports {
    /// What the register of bodies says of the subject, the newest answer.
    pub registry: Option<RegistryReport>,
    /// What is reported of each person's telephone, the oldest first.
    pub telephones: BTreeMap<PersonId, Vec<TelephoneReport>>,
    /// What is reported of each person's mail address, the oldest first.
    pub mails: BTreeMap<PersonId, Vec<MailReport>>,
    /// Persons whose number or address another subject's person with another ID uses too.
    pub shared: BTreeMap<PersonId, BTreeSet<Shared>>,
    /// What is reported of materials, the newest of each.
    pub materials: BTreeMap<MaterialId, MaterialReport>,
    /// What the provider's own systems report of each service.
    pub hosting: BTreeMap<ServiceId, HostingReport>,
    /// Whether a registrar is approved, by its name as registries write it.
    pub registrars: BTreeMap<String, RegistrarStanding>,
}

/// What a register of bodies (企业信用信息公示系统 and its like) says. By form or bulk file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistryReport {
    /// Which register.
    pub source: String,
    /// The certificate's number that it was asked for.
    pub number: Personal<String>,
    /// The day of its answer.
    pub as_of: Date,
    /// What it has.
    pub found: RegistryFound,
}

/// What a register has under a certificate's number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RegistryFound {
    /// Nothing.
    Nothing,
    /// A body.
    Body(RegisteredBody),
}

/// A body as a register has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredBody {
    /// Its name.
    pub name: Personal<String>,
    /// Names it had before.
    #[serde(default)]
    pub former_names: Vec<String>,
    /// Where its life stands.
    pub state: BodyState,
    /// Who represents it (法定代表人), where the register says.
    pub legal_representative: Option<Personal<String>>,
    /// Its address (住所), where the register says.
    pub address: Option<Personal<String>>,
}

/// The life of a body as a register says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BodyState {
    /// 存续、在业.
    Active,
    /// 注销: it has ended.
    Deregistered,
    /// 吊销，未注销: its licence is revoked.
    Revoked,
    /// Anything else (迁出, 清算, 停业): for people to judge.
    Other,
}

/// One report on a person's telephone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TelephoneReport {
    /// The number that it speaks of: a later number of the person is another.
    pub mobile: Mobile,
    /// When it was tried or asked.
    pub at: Timestamp,
    /// What came of it.
    pub says: TelephoneSays,
}

/// What comes of a call, an SMS, or a question to the carriers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TelephoneSays {
    /// The person was reached.
    IsThePerson,
    /// Somebody was reached, and is not the person.
    IsAnother,
    /// The person was reached and does not know of the filing.
    DoesNotKnow,
    /// The person answered by the bureau's own words that the number is theirs and the role is not
    /// (我不是负责人).
    IsNotPrincipal,
    /// Nobody answered.
    NoAnswer,
    /// Switched off.
    SwitchedOff,
    /// No such number, by call or by the receipt of an SMS (空号).
    NoSuchNumber,
    /// The carriers say that name, ID and number belong together (三要素一致).
    ElementsAgree,
    /// The carriers say that they do not.
    ElementsDiffer,
}

/// One report on a person's mail address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MailReport {
    /// The address that it speaks of.
    pub email: EmailAddress,
    /// When a mail was sent.
    pub at: Timestamp,
    /// Whether it was taken; false where the address was refused for good (RFC 3463, 5.1.x).
    pub taken: bool,
}

/// What another subject's person uses too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shared {
    /// The mobile number.
    Mobile,
    /// The mail address.
    Email,
}

/// What is reported of a material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MaterialReport {
    /// Who read it.
    pub by: ReadBy,
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub says: MaterialSays,
}

/// Who read a material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadBy {
    /// A person of the staff.
    Staff,
    /// A machine (OCR, face comparison), which asks for a person where it finds something.
    Machine,
}

/// What reading a material comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MaterialSays {
    /// It agrees with the filing.
    Agrees,
    /// It cannot be read.
    Unreadable,
    /// It says another thing than the filing.
    Differs,
    /// The face on it is not the principal's.
    NotThePerson,
    /// A form is filled in wrongly, or a seal or signature is missing.
    FilledInWrongly,
}

/// What the provider's own systems report of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HostingReport {
    /// First instant at which the server that the filing rests on is no longer paid.
    pub server_until: Option<Timestamp>,
    /// The last day on which each name was asked for at the provider's own front ends. A name that
    /// is absent was not seen since the first day of the files.
    pub seen_at_front_ends: Option<BTreeMap<DomainName, Date>>,
}

/// Whether a registrar is approved (工信部许可的域名注册服务机构).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegistrarStanding {
    /// It is.
    Approved,
    /// It is not.
    NotApproved,
}
