//! Which filing a row is about.

use serde::{Deserialize, Serialize};

use super::Named;
use crate::Text;
use crate::filing::{Filing, SubjectState, Takes};
use crate::identifiers::{DomainName, IcpNumber};
use crate::ids::{ServiceId, SubjectId};
use crate::names::is_same_name;
use crate::order::Draft;
use crate::personal::Personal;

/// What a row is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// The filing.
    pub subject: SubjectId,
    /// The one service of it, where the row names one.
    pub service: Option<ServiceId>,
}

/// What is found of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matched {
    /// Everything that it names agrees.
    Sure(About),
    /// Something does not; the filing that it is most likely about.
    Doubtful(Doubt, SubjectId),
    /// Nothing here is known of it.
    Nothing,
}

/// Why a row is for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// Several filings hold or want what it names.
    SeveralFilings,
    /// Its number is not that of the filing that its domain or order belongs to.
    NumberDiffers,
    /// Its filing has no service of that number.
    ServiceUnknown,
    /// Its filing has no such domain, or another service has it.
    DomainDiffers,
    /// Its unit's name is another than the filing's.
    UnitNameDiffers,
    /// It names a unit alone.
    UnitNameAlone,
    /// No order of the filing is at the bureau.
    NoOrder,
    /// The order is in a state that does not take the result.
    StepRefused,
    /// Rows of one order have different results.
    ResultsContradict,
    /// The numbers do not fit what the order asks for.
    NumbersMisfit,
    /// Another filing holds the certificate, number or domain.
    TakenElsewhere,
    /// Another order of the filing is in flight.
    OrderInFlight,
    /// One of the staff works on the order.
    Claimed,
}

impl Doubt {
    /// Its name in files and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::SeveralFilings => "several-filings",
            Self::NumberDiffers => "number-differs",
            Self::ServiceUnknown => "service-unknown",
            Self::DomainDiffers => "domain-differs",
            Self::UnitNameDiffers => "unit-name-differs",
            Self::UnitNameAlone => "unit-name-alone",
            Self::NoOrder => "no-order",
            Self::StepRefused => "step-refused",
            Self::ResultsContradict => "results-contradict",
            Self::NumbersMisfit => "numbers-misfit",
            Self::TakenElsewhere => "taken-elsewhere",
            Self::OrderInFlight => "order-in-flight",
            Self::Claimed => "claimed",
        }
    }

    /// What it says.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::SeveralFilings => ("对应多个备案主体", "several filings hold or want it"),
            Self::NumberDiffers => ("备案号与我司记录不一致", "our record has another number"),
            Self::ServiceUnknown => (
                "该主体下无此网站备案号",
                "the subject has no service of this number",
            ),
            Self::DomainDiffers => ("域名与我司记录不一致", "our record has other domains"),
            Self::UnitNameDiffers => (
                "主办单位名称与我司记录不一致",
                "our record has another unit's name",
            ),
            Self::UnitNameAlone => ("仅主办单位名称一致", "nothing but the unit's name is given"),
            Self::NoOrder => ("该主体无在途订单", "no order of it is at the bureau"),
            Self::StepRefused => (
                "订单当前状态不能登记此结果",
                "the order's state does not take this result",
            ),
            Self::ResultsContradict => (
                "同一订单的结果不一致",
                "rows of one order have different results",
            ),
            Self::NumbersMisfit => (
                "备案号与订单内容不符，或缺少其他网站的备案号",
                "the numbers do not fit the order, or one of its services has none",
            ),
            Self::TakenElsewhere => (
                "证件、备案号或域名已在另一备案中",
                "another filing holds the certificate, number or domain",
            ),
            Self::OrderInFlight => ("该主体有在途订单", "an order of it is in flight"),
            Self::Claimed => ("该订单已由他人受理", "one of the staff works on the order"),
        };
        Text::new(zh, en)
    }
}

/// Which filing a row is about, of those that hold or want what it names, holders first.
pub fn matched(named: &Named, candidates: &[Filing]) -> Matched {
    let of_number = |filing: &&Filing| named.number.as_ref() == number_of(filing);
    let has_domain = |filing: &&Filing| {
        let mut domains = named.domains.iter();
        domains.any(|domain| service_with(filing, domain).is_some())
    };
    let has_name = |filing: &&Filing| same_unit(named, filing) == Some(true);
    let by_number: Vec<&Filing> = match &named.number {
        Some(_) => candidates.iter().filter(of_number).collect(),
        None => Vec::new(),
    };
    let by_domain: Vec<&Filing> = candidates.iter().filter(has_domain).collect();
    let found = if by_number.is_empty() {
        &by_domain
    } else {
        &by_number
    };
    let Some(filing) = found.first() else {
        return match candidates.iter().find(has_name) {
            Some(filing) => doubtful(Doubt::UnitNameAlone, filing),
            None => Matched::Nothing,
        };
    };
    if 1 < found.len() || filing.subject.conflicts.contains(&Takes::Number) {
        return doubtful(Doubt::SeveralFilings, filing);
    }
    if named.number.is_some() && by_number.is_empty() {
        return doubtful(Doubt::NumberDiffers, filing);
    }
    agreeing(named, filing)
}

/// Whether what a row names agrees with the order that it names: with the filing as it stands, or as
/// the order would have it.
pub fn agrees_with_order(named: &Named, filing: &Filing, draft: &Draft) -> Result<(), Doubt> {
    let apart = |number: &IcpNumber| filing.number().is_some_and(|held| held != number);
    if named.number.as_ref().is_some_and(apart) {
        return Err(Doubt::NumberDiffers);
    }
    let wished = |domain: &DomainName| {
        let mut services = draft.services.values();
        services.any(|service| service.domains.contains(domain))
    };
    let mut domains = named.domains.iter();
    if !domains.all(|domain| wished(domain) || service_with(filing, domain).is_some()) {
        return Err(Doubt::DomainDiffers);
    }
    let wished = |name: &Personal<String>| is_same_name(name.reveal(), draft.subject.name.reveal());
    match (&named.unit_name, same_unit(named, filing)) {
        (None, _) | (_, Some(true)) => Ok(()),
        (Some(name), _) if wished(name) => Ok(()),
        (Some(_), _) => Err(Doubt::UnitNameDiffers),
    }
}

/// The service of an order's draft that gets a row's number: the one with its domains, or the only one
/// that the order is about.
pub fn numbered<'a>(named: &Named, draft: &'a Draft) -> Option<&'a ServiceId> {
    let has = |id: &&ServiceId| {
        let service = draft.services.get(*id);
        service.is_some_and(|service| {
            let mut domains = named.domains.iter();
            domains.all(|domain| service.domains.contains(domain))
        })
    };
    let mut about = draft.about.iter().filter(has);
    let first = about.next()?;
    about.next().is_none().then_some(first)
}

/// Whether the rest of what a row names agrees with a filing.
fn agreeing(named: &Named, filing: &Filing) -> Matched {
    let by_number = match &named.service_number {
        None => None,
        Some(number) => match service_of(filing, number) {
            Some(service) => Some(service),
            None => return doubtful(Doubt::ServiceUnknown, filing),
        },
    };
    let mut service = by_number;
    for domain in &named.domains {
        match (service_with(filing, domain), service) {
            (Some(with), None) => service = Some(with),
            (Some(with), Some(named)) if with == named => {}
            (Some(_) | None, _) => return doubtful(Doubt::DomainDiffers, filing),
        }
    }
    if same_unit(named, filing) == Some(false) {
        return doubtful(Doubt::UnitNameDiffers, filing);
    }
    Matched::Sure(About {
        subject: filing.subject.id.clone(),
        service: service.cloned(),
    })
}

fn doubtful(doubt: Doubt, filing: &Filing) -> Matched {
    Matched::Doubtful(doubt, filing.subject.id.clone())
}

/// The number that a subject has or had.
fn number_of(filing: &Filing) -> Option<&IcpNumber> {
    match &filing.subject.state {
        SubjectState::New => None,
        SubjectState::Filed { number, .. } | SubjectState::Deregistered { number, .. } => {
            Some(number)
        }
    }
}

fn service_of<'a>(filing: &'a Filing, number: &IcpNumber) -> Option<&'a ServiceId> {
    let mut services = filing.services.iter();
    let found = services.find(|(_, service)| service.number.as_ref() == Some(number));
    found.map(|(id, _)| id)
}

/// The service with a domain: of those on the record first.
fn service_with<'a>(filing: &'a Filing, domain: &DomainName) -> Option<&'a ServiceId> {
    let with = filing
        .services
        .iter()
        .filter(|(_, service)| service.details.domains.contains(domain));
    let found = with.max_by_key(|(_, service)| service.is_on_record());
    found.map(|(id, _)| id)
}

/// Whether the unit's name is the filing's; `None` where either is not said.
fn same_unit(named: &Named, filing: &Filing) -> Option<bool> {
    let (name, details) = (named.unit_name.as_ref()?, filing.subject.details.as_ref()?);
    Some(is_same_name(name.reveal(), details.name.reveal()))
}
