//! Which filing a row is about.

use serde::{Deserialize, Serialize};

use super::{Doubt, Named};
use crate::filing::{Filing, SubjectState, Takes};
use crate::identifiers::{DomainName, IcpNumber};
use crate::ids::{ServiceId, SubjectId};
use crate::names::is_same_name;

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

/// Which filing a row is about, of those that hold or want what it names, holders first.
pub fn matched(named: &Named, candidates: &[Filing]) -> Matched {
    let of_number = |filing: &&Filing| named.number.as_ref() == number_of(filing);
    let has_domain = |filing: &&Filing| {
        let mut domains = named.domains.iter();
        domains.any(|domain| !services_with(filing, domain).is_empty())
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
        let with = services_with(filing, domain);
        match service {
            Some(named) if with.contains(&named) => {}
            Some(_) => return doubtful(Doubt::DomainDiffers, filing),
            None => match with.as_slice() {
                [] => return doubtful(Doubt::DomainDiffers, filing),
                [one] => service = Some(*one),
                [_, _, ..] => return doubtful(Doubt::SeveralServices, filing),
            },
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

pub(super) fn service_of<'a>(filing: &'a Filing, number: &IcpNumber) -> Option<&'a ServiceId> {
    let mut services = filing.services.iter();
    let found = services.find(|(_, service)| service.number.as_ref() == Some(number));
    found.map(|(id, _)| id)
}

/// The services with a domain: those on the record, else those that were.
fn services_with<'a>(filing: &'a Filing, domain: &DomainName) -> Vec<&'a ServiceId> {
    let with = |on_record: bool| {
        let services = filing.services.iter();
        let found = services.filter(|(_, service)| {
            service.is_on_record() == on_record && service.details.domains.contains(domain)
        });
        found.map(|(id, _)| id).collect::<Vec<_>>()
    };
    let now = with(true);
    if now.is_empty() { with(false) } else { now }
}

/// Whether the unit's name is the filing's; `None` where either is not said.
pub(super) fn same_unit(named: &Named, filing: &Filing) -> Option<bool> {
    let (name, details) = (named.unit_name.as_ref()?, filing.subject.details.as_ref()?);
    Some(is_same_name(name.reveal(), details.name.reveal()))
}
