//! The audit rules: one file per rule, one row here.
//!
//! A rule reads a [`Sight`] and says an [`Outcome`] per object. It never looks anything up and never
//! knows what follows from what it says.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::filing::{Filing, Link, Service};
use crate::finding::{BroughtBy, Object};
use crate::ids::UnitId;
use crate::look::{Evidence, Failure};
use crate::{Rulebook, Text};

mod icp_101_certificate_not_merged;
mod icp_102_identity_expired;
mod icp_201_number_not_verified;
mod icp_202_mobile_shared;
mod icp_301_material_missing;
mod icp_302_material_expired;
mod icp_401_name_without_address;
mod icp_402_address_elsewhere;
mod icp_501_number_not_shown;
mod icp_502_number_wrong;
mod page_text;
mod reference;

pub use reference::reference;

/// The categories of the audit, as the seed lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// 主体信息.
    SubjectInformation,
    /// 联系方式.
    Contacts,
    /// 真实性核验材料.
    Materials,
    /// 接入信息.
    Access,
    /// 网站内容、域名持有者.
    ContentAndHolder,
}

/// Which kind of unit a rule judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judges {
    /// The subject with its persons and materials.
    Subject,
    /// One service with its link to us.
    Service,
}

/// What a rule must have looked up first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Addresses of the names.
    Addresses,
    /// The home page.
    HomePage,
}

/// What puts a fault right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fix {
    /// A change filing (变更备案).
    ChangeFiling,
    /// The person proves the number by code.
    VerifyNumber,
    /// The names must lead here again.
    PointNamesHere,
    /// The page must be mended.
    MendPage,
}

/// A rule: fixed facts about it, and its check.
#[derive(Debug)]
pub struct Rule {
    /// Stable code, never reused; the first digit is the category.
    pub code: &'static str,
    /// The fault, kebab-case.
    pub name: &'static str,
    /// Its page of the reference.
    pub docs: &'static str,
    /// The article it rests on.
    pub basis: &'static str,
    /// Its category.
    pub category: Category,
    /// The kind of unit it judges.
    pub judges: Judges,
    /// What brings the fact.
    pub brought_by: BroughtBy,
    /// What must be looked up first.
    pub needs: &'static [Need],
    /// What puts the fault right.
    pub fix: Fix,
    /// The fault, in one sentence for the filer.
    pub fault: fn() -> Text,
    /// The check.
    pub check: fn(&Sight<'_>) -> Vec<(Object, Outcome)>,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Rule {}

/// Every rule, in the order of codes.
pub static RULES: &[&Rule] = &[
    &icp_101_certificate_not_merged::RULE,
    &icp_102_identity_expired::RULE,
    &icp_201_number_not_verified::RULE,
    &icp_202_mobile_shared::RULE,
    &icp_301_material_missing::RULE,
    &icp_302_material_expired::RULE,
    &icp_401_name_without_address::RULE,
    &icp_402_address_elsewhere::RULE,
    &icp_501_number_not_shown::RULE,
    &icp_502_number_wrong::RULE,
];

/// The rule with `code`.
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code).copied()
}

/// What a rule sees: one unit, its filing, what was looked up, and the policy.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// The unit that is judged.
    pub unit: &'a UnitId,
    /// The filing: whole for the subject's unit, head, service and link for a service's.
    pub filing: &'a Filing,
    /// What was seen.
    pub evidence: &'a Evidence,
    /// Policy.
    pub rulebook: &'a Rulebook,
    /// When the looking began.
    pub at: Timestamp,
}

impl<'a> Sight<'a> {
    /// The service of a service's unit, with its link.
    pub fn service(&self) -> Option<(&'a Service, Option<&'a Link>)> {
        let id = self.unit.service.as_ref()?;
        Some((self.filing.services.get(id)?, self.filing.links.get(id)))
    }
}

/// What a rule says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As it must be.
    Kept,
    /// Not as it must be, and on what that rests.
    Broken(Basis),
    /// It could not be seen; never held against the filer.
    Undecided(Undecided),
    /// The rule does not speak of this object.
    NotApplicable(NotApplicable),
}

/// What a broken outcome rests on, for the filer to read.
pub type Basis = Text;

/// Why a rule cannot decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undecided {
    /// The look failed.
    LookFailed(Failure),
    /// The provider's address file is too old to be held against anyone.
    AddressesStale,
    /// The page is drawn by a script, and too little of it is text.
    DrawnByScript,
    /// The page goes on beyond what was read.
    CutOff,
    /// The server answers with a status that says nothing of the page.
    Status(u16),
}

/// Why a rule does not speak of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotApplicable {
    /// The filing never brought the fact.
    NoBaseline,
    /// The filer declared no public home page.
    NoHomePage,
    /// Another rule speaks of it.
    OtherRule,
    /// The nature of the subject is not meant.
    Nature,
    /// Access is not given now.
    NotLive,
}

/// What every rule that judges this kind of unit says of it.
pub fn judge(sight: &Sight<'_>) -> Vec<(&'static Rule, Object, Outcome)> {
    let kind = if sight.unit.service.is_some() {
        Judges::Service
    } else {
        Judges::Subject
    };
    RULES
        .iter()
        .filter(|rule| rule.judges == kind)
        .flat_map(|rule| {
            (rule.check)(sight)
                .into_iter()
                .map(|(object, outcome)| (*rule, object, outcome))
        })
        .collect()
}

#[cfg(test)]
pub(crate) mod testing;
