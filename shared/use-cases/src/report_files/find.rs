//! What a row is about, of what is stored.

use icp_domain::filing::{Filing, Service};
use icp_domain::identifiers::{DomainName, IcpNumber};
use icp_domain::ids::{ServiceId, SubjectId};
use icp_domain::report_file::{ReportRow, ServiceNamed};
use icp_store::{Key, Store, StoreError, keys};

/// What rows have alike that are taken in together: a number, a domain, a registrar.
pub(super) fn about(row: &ReportRow) -> String {
    match row {
        ReportRow::RegistryAnswer { number, report } => match number {
            Some(number) => number.to_string(),
            None => report.number.reveal().clone(),
        },
        ReportRow::PhoneIdentity { number, .. } | ReportRow::Custody { number, .. } => {
            number.to_string()
        }
        ReportRow::Hosting { service, .. } => match service {
            ServiceNamed::Number(number) => number.subject().to_string(),
            ServiceNamed::Domain(domain) => domain.registrable().to_string(),
        },
        ReportRow::FrontEndHost { host, .. } => host.registrable().to_string(),
        ReportRow::Registrar { name, .. } => name.clone(),
    }
}

/// The filing that holds what a row names.
pub(super) async fn subject_of(
    store: &Store,
    row: &ReportRow,
) -> Result<Option<SubjectId>, StoreError> {
    let rows = match row {
        ReportRow::RegistryAnswer { number, report } => match number {
            Some(number) => vec![of_number(number)],
            None => store.certificate_rows(report.number.reveal()).await?,
        },
        ReportRow::PhoneIdentity { number, .. } | ReportRow::Custody { number, .. } => {
            vec![of_number(number)]
        }
        ReportRow::Hosting { service, .. } => vec![match service {
            ServiceNamed::Number(number) => of_number(number),
            ServiceNamed::Domain(domain) => of_domain(domain),
        }],
        ReportRow::FrontEndHost { host, .. } => vec![of_domain(host)],
        ReportRow::Registrar { .. } => Vec::new(),
    };
    let held = store.holders(&rows).await?;
    let mut holders = rows.iter().filter_map(|row| held.get(row));
    Ok(holders.find_map(|holder| holder.parse().ok()))
}

fn of_number(number: &IcpNumber) -> Key {
    keys::taken_number(&number.subject().to_string())
}

fn of_domain(name: &DomainName) -> Key {
    keys::taken_domain(name.registrable().as_str())
}

/// The service on record that a row names.
pub(super) fn service_of<'a>(filing: &'a Filing, named: &ServiceNamed) -> Option<&'a ServiceId> {
    let is_it = |service: &Service| match named {
        ServiceNamed::Number(number) => service.number.as_ref() == Some(number),
        ServiceNamed::Domain(domain) => {
            let registrable = domain.registrable();
            service.details.domains.contains(&registrable)
        }
    };
    let mut found = filing.on_record().filter(|(_, service)| is_it(service));
    found.next().map(|(id, _)| id)
}
