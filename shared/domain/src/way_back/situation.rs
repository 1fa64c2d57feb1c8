//! What is known of a filing that wants a way back. Every input may be left out: it is then unknown.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::identifiers::DomainName;
use crate::rulebook::{FieldGroup, Known};

/// A filing's situation, as far as somebody has said.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Situation {
    /// Whether the filer wants to keep the filing.
    pub wish: Wish,
    /// What MIIT's public query shows.
    pub record: Record,
    /// Whether that was looked up late enough after the last event.
    pub freshness: Freshness,
    /// An order of the subject in flight, anywhere.
    pub pending_order: PendingOrder,
    /// Whether this provider's access link to the service stands.
    pub own_link_stands: OwnLink,
    /// Whether the service has access at another provider too.
    pub other_provider: Known,
    /// Whether the subject has other live services.
    pub other_services: Known,
    /// Whether the subject is at this provider through another service.
    pub subject_here: Known,
    /// The filed mobile of the service's principal (网站负责人).
    pub site_phone: Phone,
    /// The filed mobile of the subject's principal (主体负责人).
    pub subject_phone: Phone,
    /// Which field groups differ from what is true; an empty list says that none does.
    #[schema(value_type = Option<Vec<FieldGroup>>)]
    pub differs: Option<BTreeSet<FieldGroup>>,
    /// Whether the province's conditions for access before change are met.
    pub conditions_met: Known,
    /// Whether the domain stands in another subject's filing.
    pub domain_of_another: Known,
    /// The domain, from which the suffix's standing is read.
    pub domain: Option<DomainName>,
    /// Whether the subject is an individual.
    pub individual: Known,
    /// What must hold before a number is taken or given up.
    pub guards: Guards,
    /// The first character of the filing number: the province whose bureau decides.
    pub province: Option<char>,
}

/// Whether this provider's access link to a service stands on the bureau's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OwnLink {
    /// It does, and access is given.
    Yes,
    /// It does; access was stopped, and may be given back until its cancellation is reported to the bureau.
    Stopped,
    /// It does not, or its cancellation is with the bureau.
    No,
    /// Nobody has said.
    #[default]
    Unknown,
}

/// What the filer wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Wish {
    /// The service is to run again, or to go on.
    Keep,
    /// The service is no longer used.
    Drop,
    /// Nobody has said.
    #[default]
    Unknown,
}

/// What MIIT's public query shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Record {
    /// The service is listed.
    Site,
    /// The subject is listed without any service: a shell subject (空壳主体).
    SubjectOnly,
    /// The subject is listed with other services, and not with this one.
    SubjectOther,
    /// Nothing.
    None,
    /// Nobody has looked.
    #[default]
    Unknown,
}

/// Whether the query was made late enough: MIIT's list follows an event by up to two working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Freshness {
    /// At least two working days after the last event.
    Fresh,
    /// Before that.
    Stale,
    /// Nobody has said.
    #[default]
    Unknown,
}

/// An order in flight. One per subject in the whole country; it blocks every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PendingOrder {
    /// There is none.
    None,
    /// There is one.
    There,
    /// An order to cancel access is with the bureau: it cannot be withdrawn.
    AtBureauCancelAccess,
    /// Nobody has said.
    #[default]
    Unknown,
}

/// A filed mobile number, which the bureau's SMS goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Phone {
    /// Its holder gets SMS.
    Works,
    /// It does not reach its holder now.
    Lost,
    /// It cannot be had again.
    LostForGood,
    /// Nobody has said.
    #[default]
    Unknown,
}

/// Whether a guard holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// Nobody has looked.
    #[default]
    Unknown,
}

/// The guards before a number is taken or given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Guards {
    /// G1: the suffix is approved, and allowed in the province.
    pub suffix: Check,
    /// G2: the registrar is approved, the domain valid long enough and its real name complete.
    pub registrar: Check,
    /// G3: the domain's holder is the subject, under the province's rule.
    pub holder: Check,
    /// G4: the subject's other services and providers are listed, and the loss was shown.
    pub loss_shown: Check,
    /// G5: certificate in force, principal old enough, individual allowed to file in the province.
    pub eligible: Check,
    /// G6: no blacklist entry, no other order in flight.
    pub unblocked: Check,
    /// G7: the filer has confirmed by typing.
    pub confirmed: Check,
}

/// One of the guards.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
#[schema(as = FieldGuard)]
pub enum Guard {
    /// G1.
    Suffix,
    /// G2.
    Registrar,
    /// G3.
    Holder,
    /// G4.
    LossShown,
    /// G5.
    Eligible,
    /// G6.
    Unblocked,
    /// G7.
    Confirmed,
}

impl Guard {
    /// Every guard, G1 to G7.
    pub const ALL: [Self; 7] = [
        Self::Suffix,
        Self::Registrar,
        Self::Holder,
        Self::LossShown,
        Self::Eligible,
        Self::Unblocked,
        Self::Confirmed,
    ];
}

impl Guards {
    /// What is known of one guard.
    pub fn of(&self, guard: Guard) -> Check {
        match guard {
            Guard::Suffix => self.suffix,
            Guard::Registrar => self.registrar,
            Guard::Holder => self.holder,
            Guard::LossShown => self.loss_shown,
            Guard::Eligible => self.eligible,
            Guard::Unblocked => self.unblocked,
            Guard::Confirmed => self.confirmed,
        }
    }
}
