//! What sources report beside rows and looks: registers, carriers, callers, staff, hosting.
//!
//! **Invariant:** a report says who reported, what, and when; what nobody reported is absent, and an
//! absent report is never held against a filer. A report holds no judgement.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::finding::Object;
use crate::identifiers::{DomainName, EmailAddress, Mobile};
use crate::ids::{MaterialId, PersonId, ServiceId, UnitId, UserId};
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
    /// Whether a registrar is approved, by its name as registries write it; `None` where the operator
    /// brought no list.
    pub registrars: Option<BTreeMap<String, RegistrarStanding>>,
    /// The last day that a file of the provider's front ends spoke of, where that was asked.
    pub front_ends_until: Option<Date>,
    /// What people of the staff decided where machines could not, the newest of each rule and object.
    pub decisions: Vec<StaffDecision>,
    /// From which rules staff exempted units for a time.
    pub exemptions: Vec<Exemption>,
}

/// A report, and who brought it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Brought<T> {
    /// What is reported.
    pub report: T,
    /// Who of the staff brought it, by form or by file.
    pub by: UserId,
    /// When it was brought.
    pub at: Timestamp,
    /// Why, in the staff's words, or out of which file.
    pub because: String,
}

/// Who of the staff brings a report, and why or out of which file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bringer {
    /// Who.
    pub by: UserId,
    /// Why, in the staff's words, or out of which file.
    pub because: String,
}

impl Bringer {
    /// A report that is brought now.
    pub fn brings<T>(&self, report: T, now: Timestamp) -> Brought<T> {
        Brought {
            report,
            by: self.by.clone(),
            at: now,
            because: self.because.clone(),
        }
    }
}

/// What a person of the staff decided of one rule and object, where machines could not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StaffDecision {
    /// Of which unit.
    pub unit: UnitId,
    /// The rule's code.
    pub rule: String,
    /// What it is about.
    pub object: Object,
    /// What was decided.
    pub says: DecisionSays,
    /// On what that rests: what the filer reads where it is broken.
    pub reason: String,
    /// From when it speaks.
    pub from: Timestamp,
    /// First instant at which it speaks no more.
    pub until: Timestamp,
}

/// An exemption (豁免): for a time a rule does not speak of an object, whatever is seen of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exemption {
    /// Of which unit.
    pub unit: UnitId,
    /// The rule's code.
    pub rule: String,
    /// What it is about.
    pub object: Object,
    /// Why.
    pub reason: String,
    /// From when it speaks.
    pub from: Timestamp,
    /// First instant at which it speaks no more.
    pub until: Timestamp,
}

impl Exemption {
    fn speaks(&self, unit: &UnitId, rule: &str, object: &Object, at: Timestamp) -> bool {
        let is_about = self.unit == *unit && self.rule == rule && self.object == *object;
        is_about && self.from <= at && at < self.until
    }
}

/// What people decide of a rule and an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionSays {
    /// As it must be.
    Kept,
    /// Not as it must be.
    Broken,
}

impl StaffDecision {
    /// Whether it speaks at `at` of a unit's rule and object: in `[from, until)`.
    pub fn speaks(&self, unit: &UnitId, rule: &str, object: &Object, at: Timestamp) -> bool {
        let is_about = self.unit == *unit && self.rule == rule && self.object == *object;
        is_about && self.from <= at && at < self.until
    }
}

impl Reports {
    /// What people decided of a unit's rule and object, where that speaks at `at`.
    pub fn decision(
        &self,
        unit: &UnitId,
        rule: &str,
        object: &Object,
        at: Timestamp,
    ) -> Option<&StaffDecision> {
        let mut decisions = self.decisions.iter();
        decisions.find(|decision| decision.speaks(unit, rule, object, at))
    }

    /// Whether a unit's object is exempt from a rule at `at`.
    pub fn exempts(&self, unit: &UnitId, rule: &str, object: &Object, at: Timestamp) -> bool {
        let mut exemptions = self.exemptions.iter();
        exemptions.any(|exemption| exemption.speaks(unit, rule, object, at))
    }
}

/// What a register of bodies (企业信用信息公示系统 and its like) says. By form or bulk file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegistryReport {
    /// Which register.
    pub source: String,
    /// The certificate's number that it was asked for.
    pub number: Personal<String>,
    /// The day of its answer.
    #[schema(value_type = String)]
    pub as_of: Date,
    /// What it has.
    pub found: RegistryFound,
}

impl RegistryReport {
    /// Whether it names a person: as who represents the body, or as the body itself.
    pub fn names(&self, person: &str) -> bool {
        match &self.found {
            RegistryFound::Nothing => false,
            RegistryFound::Body(body) => {
                let representative = body.legal_representative.as_ref();
                body.name.reveal() == person
                    || representative.is_some_and(|name| name.reveal() == person)
            }
        }
    }
}

/// What a register has under a certificate's number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum RegistryFound {
    /// Nothing.
    Nothing,
    /// A body.
    Body(RegisteredBody),
}

/// A body as a register has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TelephoneReport {
    /// The number that it speaks of: a later number of the person is another.
    pub mobile: Mobile,
    /// When it was tried or asked.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// What came of it.
    pub says: TelephoneSays,
}

/// What comes of a call, an SMS, or a question to the carriers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MailReport {
    /// The address that it speaks of.
    pub email: EmailAddress,
    /// When a mail was sent.
    #[schema(value_type = String)]
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

/// A material that was seen on paper, by whoever brought the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaperSeen {
    /// Where on the shelves.
    pub shelf_mark: String,
    /// On which day.
    #[schema(value_type = String)]
    pub seen_on: Date,
}

/// What is reported of a material.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MaterialReport {
    /// Who read it.
    pub by: ReadBy,
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub says: MaterialSays,
    /// SHA-256 in base64 of the file that was read, `None` for paper: a file that took its place was not
    /// read.
    #[serde(default)]
    pub sha256: Option<String>,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
