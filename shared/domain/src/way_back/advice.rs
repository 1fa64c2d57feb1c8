//! What is answered: ordered steps, why, what to mind, and what is still to be asked.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::situation::Guard;
use crate::Text;

/// The way back, or the questions that stand before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Advice {
    /// The row of the table that applies.
    pub branch: Branch,
    /// What it means, in one sentence.
    pub summary: Text,
    /// What to do, in order. Empty where questions or an obstacle come first.
    pub steps: Vec<Step>,
    /// Why, and who says so.
    pub reasons: Vec<Reason>,
    /// What to mind.
    pub warnings: Vec<Text>,
    /// What is still to be found out.
    pub questions: Vec<Question>,
    /// Whether a person of the provider must look at it.
    pub staff_item: bool,
}

/// The rows of the table, in the order in which they are tried.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Branch {
    /// The record is unknown, stale or contradicted: query again.
    QueryAgain,
    /// Something that matters is unknown: ask.
    Ask,
    /// An order is in flight: wait for it or withdraw it.
    WaitOrWithdraw,
    /// A cancel-access order is with the bureau: wait for it.
    Wait,
    /// There is nothing to do.
    NothingToDo,
    /// No longer used, but at another provider too: cancel access only.
    CancelAccess,
    /// No longer used, and the subject has other services: deregister the site.
    DeregisterSite,
    /// No longer used, and the last service: deregister the subject.
    DeregisterSubject,
    /// The domain stands in another subject's filing.
    DomainOfAnother,
    /// A guard fails: no new number, or no access, can be had as things are.
    Blocked,
    /// No record: first filing.
    FirstFiling,
    /// Shell subject that may add a service.
    AddToShell,
    /// Shell subject that may not: deregister it, then first filing.
    DeregisterShellThenFile,
    /// The province's rule is not known: ask the bureau.
    AskBureau,
    /// Subject with other services: add the site.
    AddSite,
    /// The same with old data: change where held, then add.
    ChangeThenAdd,
    /// We stopped our access and may give it back: put right, and ask for it.
    AskBack,
    /// Our link stands: change here.
    ChangeHere,
    /// The filed number is lost and nobody else holds the service: regain it first.
    RegainNumber,
    /// Nothing differs: access filing.
    Access,
    /// The province lets access come first.
    AccessThenChange,
    /// Change at a provider that holds the data, then access.
    ChangeThenAccess,
    /// No reversible way is left; the subject survives.
    DeregisterSiteThenAdd,
    /// No reversible way is left; the subject goes too.
    DeregisterSubjectThenFile,
}

/// What a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = AdvisedAct)]
pub enum Act {
    /// Get the number back from the carrier, or prove identity to the bureau.
    RegainNumber,
    /// Change filing (变更备案).
    ChangeFiling,
    /// Once it is put right, ask for the access that was stopped (申请恢复接入).
    AskBack,
    /// Access filing (接入备案).
    AccessFiling,
    /// Add a site (新增网站).
    AddSite,
    /// Add a service to a shell subject.
    AddToShell,
    /// First filing (首次备案).
    FirstFiling,
    /// Cancel access (取消接入).
    CancelAccess,
    /// Deregister the site (注销网站).
    DeregisterSite,
    /// Deregister the subject (注销主体).
    DeregisterSubject,
    /// Wait for an order in flight, or withdraw it.
    WaitForOrder,
    /// The other subject releases the domain.
    ReleaseDomain,
}

impl Act {
    /// Whether what it takes away can never be had again.
    pub fn is_irreversible(self) -> bool {
        match self {
            Self::DeregisterSite | Self::DeregisterSubject => true,
            Self::RegainNumber
            | Self::ChangeFiling
            | Self::AskBack
            | Self::AccessFiling
            | Self::AddSite
            | Self::AddToShell
            | Self::FirstFiling
            | Self::CancelAccess
            | Self::WaitForOrder
            | Self::ReleaseDomain => false,
        }
    }
}

/// Where a step is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = AdvisedPlace)]
pub enum Place {
    /// At this provider.
    Here,
    /// At the other provider of this service.
    OtherProvider,
    /// At the provider of another service of the subject.
    ProviderOfOtherService,
    /// At the bureau (管局), on paper.
    Bureau,
    /// At the carrier, or at the bureau with proof of identity.
    CarrierOrBureau,
    /// At whatever provider took the order in flight.
    ProviderOfOrder,
    /// With the other subject.
    OtherSubject,
}

/// Who must get the bureau's SMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Receiver {
    /// The subject's principal at the filed number.
    SubjectPrincipal,
    /// The service's principal at the filed number.
    ServicePrincipal,
    /// The subject's principal at the number that the order files.
    NewSubjectPrincipal,
    /// The service's principal at the number that the order files.
    NewServicePrincipal,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AdvisedStep)]
pub struct Step {
    /// What it is.
    pub act: Act,
    /// Where.
    pub place: Place,
    /// Who must get the bureau's SMS.
    pub sms_to: Vec<Receiver>,
    /// What to have at hand.
    pub prepare: Vec<Text>,
    /// What to do, for people.
    pub text: Text,
    /// Whether it can never be undone.
    pub irreversible: bool,
}

/// Why an answer is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    /// The reason.
    pub text: Text,
    /// Who says so.
    pub source: String,
    /// The day on which it said so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub as_of: Option<Date>,
}

/// What a question is about: an input of the situation.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case", tag = "input", content = "guard")]
#[schema(as = AskedAbout)]
pub enum Asked {
    /// `record`.
    Record,
    /// `freshness`.
    Freshness,
    /// `pendingOrder`.
    PendingOrder,
    /// `wish`.
    Wish,
    /// `ownLinkStands`.
    OwnLink,
    /// `otherProvider`.
    OtherProvider,
    /// `otherServices`.
    OtherServices,
    /// `subjectHere`.
    SubjectHere,
    /// `sitePhone`.
    SitePhone,
    /// `subjectPhone`.
    SubjectPhone,
    /// `differs`.
    Differs,
    /// `conditionsMet`.
    Conditions,
    /// `province`.
    Province,
    /// `domainOfAnother`.
    DomainOfAnother,
    /// The bureau's rule, which no source gives.
    BureauRule,
    /// A guard.
    Guard(Guard),
}

impl Asked {
    /// The input of the situation that the answer is given as.
    pub(super) fn input(self) -> Option<&'static str> {
        Some(match self {
            Self::Record => "record",
            Self::Freshness => "freshness",
            Self::PendingOrder => "pendingOrder",
            Self::Wish => "wish",
            Self::OwnLink => "ownLinkStands",
            Self::OtherProvider => "otherProvider",
            Self::OtherServices => "otherServices",
            Self::SubjectHere => "subjectHere",
            Self::SitePhone => "sitePhone",
            Self::SubjectPhone => "subjectPhone",
            Self::Differs => "differs",
            Self::Conditions => "conditionsMet",
            Self::Province => "province",
            Self::DomainOfAnother => "domainOfAnother",
            Self::BureauRule => return None,
            Self::Guard(Guard::Suffix) => "guards.suffix",
            Self::Guard(Guard::Registrar) => "guards.registrar",
            Self::Guard(Guard::Holder) => "guards.holder",
            Self::Guard(Guard::LossShown) => "guards.lossShown",
            Self::Guard(Guard::Eligible) => "guards.eligible",
            Self::Guard(Guard::Unblocked) => "guards.unblocked",
            Self::Guard(Guard::Confirmed) => "guards.confirmed",
        })
    }
}

/// What is still to be found out, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// What it is about.
    pub about: Asked,
    /// The input that its answer is given as; none where staff go on by the answer.
    pub input: Option<String>,
    /// The question.
    pub ask: Text,
    /// Where to look and what to type there.
    pub what_to_type: Text,
    /// What each result looks like, and which answer it is.
    pub answers: Vec<Answer>,
}

/// One answer to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = OfferedAnswer)]
pub struct Answer {
    /// What the result looks like.
    pub text: Text,
    /// What it gives the input; none where the filer names it.
    pub value: Option<serde_json::Value>,
}

/// What a plan warns of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Warning {
    /// The record contradicts another input.
    Contradiction,
    /// A failing guard.
    Fails(Guard),
    /// The name could never be filed again.
    NeverFiledAgain,
    /// Offline deregistration has no brake.
    NoBrakeOffline,
    /// Online the SMS may still be let lapse.
    SmsIsTheBrake,
    /// The subject's number is lost for ever.
    NumberIsLost,
    /// What was stopped is given back only until its cancellation is reported.
    UntilReported,
    /// The site is back only after the bureau's approval.
    BackAfterApproval,
    /// A shell wants current data.
    ShellWantsCurrentData,
    /// A shell may also be left to the bureau's clearing.
    ShellMayBeCleared,
    /// The province's sources are in doubt.
    ProvinceInDoubt,
}
