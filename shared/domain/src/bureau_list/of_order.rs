//! What a row says of an order.

use std::collections::BTreeSet;

use super::matching::{same_unit, service_of};
use super::{Doubt, ListRow, Named};
use crate::filing::Filing;
use crate::identifiers::{DomainName, IcpNumber};
use crate::ids::ServiceId;
use crate::names::is_same_name;
use crate::order::{Approval, Draft, OrderKind, ServiceNumber};
use crate::personal::Personal;

/// Whether what a row names agrees with an order: with the filing as it stands, or as the order would
/// have it. What it names of services has to be of those that the order is about.
pub fn agrees_with_order(
    named: &Named,
    kind: OrderKind,
    filing: &Filing,
    draft: &Draft,
) -> Result<(), Doubt> {
    let apart = |number: &IcpNumber| filing.number().is_some_and(|held| held != number);
    if named.number.as_ref().is_some_and(apart) {
        return Err(Doubt::NumberDiffers);
    }
    let concerned = concerned(kind, filing, draft);
    if let Some(number) = &named.service_number {
        match service_of(filing, number) {
            Some(service) if concerned.contains(service) => {}
            None if gives_numbers(kind) => {}
            Some(_) | None => return Err(Doubt::ServiceUnknown),
        }
    }
    let has = |domain: &DomainName, id: &ServiceId| {
        let wished = draft.services.get(id);
        let wished = wished.is_some_and(|service| service.domains.contains(domain));
        let held = filing.services.get(id);
        wished || held.is_some_and(|service| service.details.domains.contains(domain))
    };
    let mut domains = named.domains.iter();
    if !domains.all(|domain| concerned.iter().any(|id| has(domain, id))) {
        return Err(Doubt::DomainDiffers);
    }
    let wished = |name: &Personal<String>| is_same_name(name.reveal(), draft.subject.name.reveal());
    match (&named.unit_name, same_unit(named, filing)) {
        (None, _) | (_, Some(true)) => Ok(()),
        (Some(name), _) if wished(name) => Ok(()),
        (Some(_), _) => Err(Doubt::UnitNameDiffers),
    }
}

/// The services that an order is about.
fn concerned(kind: OrderKind, filing: &Filing, draft: &Draft) -> BTreeSet<ServiceId> {
    match kind {
        OrderKind::FirstFiling
        | OrderKind::AddSite
        | OrderKind::AddAccess
        | OrderKind::DeregisterSite
        | OrderKind::CancelAccess => draft.about.clone(),
        OrderKind::Change | OrderKind::DeregisterSubject => {
            let held = filing.services.keys();
            held.chain(draft.services.keys()).cloned().collect()
        }
    }
}

/// Whether the bureau gives numbers with its approval of such an order.
fn gives_numbers(kind: OrderKind) -> bool {
    match kind {
        OrderKind::FirstFiling | OrderKind::AddSite | OrderKind::AddAccess => true,
        OrderKind::Change
        | OrderKind::DeregisterSite
        | OrderKind::DeregisterSubject
        | OrderKind::CancelAccess => false,
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

/// The numbers that the bureau gave an order, as its rows say.
pub fn given(
    rows: &[&ListRow],
    kind: OrderKind,
    filing: &Filing,
    draft: &Draft,
) -> Result<Approval, Doubt> {
    let mut approval = Approval::default();
    if !gives_numbers(kind) {
        return Ok(approval);
    }
    for row in rows {
        let named = &row.named;
        match (&approval.number, &named.number) {
            (None, _) => approval.number.clone_from(&named.number),
            (Some(one), Some(other)) if one != other => return Err(Doubt::NumbersMisfit),
            (Some(_), _) => {}
        }
        let Some(number) = named.service_number.clone() else {
            continue;
        };
        let service = numbered(named, draft).ok_or(Doubt::NumbersMisfit)?.clone();
        let held = filing.services.get(&service);
        let held = held.and_then(|held| held.number.as_ref());
        if held.is_some_and(|held| *held != number) {
            return Err(Doubt::NumberDiffers);
        }
        let given = ServiceNumber { service, number };
        if !approval.services.contains(&given) {
            approval.services.push(given);
        }
    }
    Ok(approval)
}
