//! The rows of an export, masked where the asker gave no reason to see more.

use icp_domain::Rulebook;
use icp_domain::account::Actor;
use icp_domain::filing::{Filing, Link, LinkState, Person, Service};
use icp_domain::ids::{CaseId, ServiceId, SubjectId};
use icp_domain::import::Column;
use icp_domain::personal::masked;
use icp_store::records::{Export, Exported};
use icp_store::{Key, Store, StoreError};
use serde::Serialize;

use super::{ExportRow, id_of, judged_again, yearly_review};

/// Columns of filings beside those of an import.
const OF_FILING: [&str; 4] = ["subject", "state", "accessState", "deregisteredAt"];

const OF_FINDING: [&str; 11] = [
    "case",
    "caseNumber",
    "subject",
    "service",
    "account",
    "finding",
    "rule",
    "state",
    "openedAt",
    "notifiedAt",
    "object",
];

const OF_HISTORY: [&str; 9] = [
    "subject", "number", "at", "actor", "user", "origin", "what", "about", "hash",
];

/// The columns of an export.
pub fn columns(what: Exported) -> Vec<&'static str> {
    match what {
        Exported::Filings => {
            let of_import = Column::ALL.iter().map(|column| column.name());
            of_import.chain(OF_FILING).collect()
        }
        Exported::Findings => OF_FINDING.to_vec(),
        Exported::History => OF_HISTORY.to_vec(),
        Exported::YearlyReview => yearly_review::COLUMNS.to_vec(),
        Exported::JudgedAgain => judged_again::COLUMNS.to_vec(),
    }
}

/// The rows of what a list named.
pub(super) async fn of(
    store: &Store,
    rulebook: &Rulebook,
    export: &Export,
    key: &Key,
) -> Result<Vec<ExportRow>, StoreError> {
    let shown = export.personal_because.is_some();
    match export.what {
        Exported::Filings => {
            let Some(subject) = id_of::<SubjectId>(key) else {
                return Ok(Vec::new());
            };
            let stored = store.filing(&subject).await?;
            let rows = stored.iter().flat_map(|stored| {
                let filing = &stored.filing;
                let services = filing.services.iter();
                services.map(move |(id, service)| of_service(filing, id, service, shown))
            });
            Ok(rows.collect())
        }
        Exported::Findings => {
            let Some(case) = id_of::<CaseId>(key) else {
                return Ok(Vec::new());
            };
            let stored = store.case(&case).await?;
            Ok(stored
                .map(|stored| of_case(&stored.case))
                .unwrap_or_default())
        }
        Exported::History => {
            let Some(subject) = id_of::<SubjectId>(key) else {
                return Ok(Vec::new());
            };
            let entries = store.history(&subject).await?;
            let row = |entry: &icp_domain::history::Entry| {
                let (actor, user) = match &entry.actor {
                    Actor::Filer { account, user } => ("filer", format!("{account}/{user}")),
                    Actor::Staff { user, role } => (role.name(), user.to_string()),
                    Actor::Person { person } => ("person", person.to_string()),
                    Actor::Machine { function } => ("machine", function.clone()),
                };
                vec![
                    subject.to_string(),
                    entry.number.to_string(),
                    entry.at.to_string(),
                    actor.to_owned(),
                    user,
                    // An address is a person's.
                    show(&entry.origin, 3, 0, shown || actor == "machine"),
                    entry.what.clone(),
                    entry.about.clone(),
                    entry.hash.clone(),
                ]
            };
            Ok(entries.iter().map(row).collect())
        }
        Exported::YearlyReview => yearly_review::rows(store, export, key).await,
        Exported::JudgedAgain => judged_again::rows(store, rulebook, key).await,
    }
}

pub(super) fn show(text: &str, head: usize, tail: usize, shown: bool) -> String {
    if shown || text.is_empty() {
        text.to_owned()
    } else {
        masked(text, head, tail)
    }
}

fn of_service(filing: &Filing, id: &ServiceId, service: &Service, shown: bool) -> ExportRow {
    let details = filing.subject.details.as_ref();
    let is_person = details.is_some_and(|details| details.certificate.is_of_person());
    let subject_principal = details.and_then(|details| filing.persons.get(&details.principal));
    let own = details.is_some_and(|details| details.principal != service.details.principal);
    let service_principal = filing.persons.get(&service.details.principal);
    let link = filing.links.get(id);
    let row = Row {
        shown,
        has_access: link.is_some_and(Link::is_live),
        is_person,
        subject_principal,
        service_principal: service_principal.filter(|_| own),
    };
    let cells = Column::ALL
        .iter()
        .map(|column| row.cell(*column, filing, service));
    let deregistered = service.deregistered_at.map(|at| at.to_string());
    cells
        .chain([
            filing.subject.id.to_string(),
            code(&filing.subject.state, "state"),
            link.map_or_else(String::new, |link| access(link).to_owned()),
            deregistered.unwrap_or_default(),
        ])
        .collect()
}

fn access(link: &Link) -> &'static str {
    match link.state {
        LinkState::Live { .. } => "live",
        LinkState::Stopped { .. } => "stopped",
        LinkState::Reported { .. } => "reported",
        LinkState::Cancelled { .. } => "cancelled",
    }
}

/// What the cells of a service's row are made of.
struct Row<'a> {
    shown: bool,
    has_access: bool,
    is_person: bool,
    subject_principal: Option<&'a Person>,
    service_principal: Option<&'a Person>,
}

impl Row<'_> {
    fn cell(&self, column: Column, filing: &Filing, service: &Service) -> String {
        let Some(details) = &filing.subject.details else {
            return String::new();
        };
        let public = |text: &str| text.to_owned();
        // A company's data are public; an individual's are the person's.
        let of_subject =
            |text: &str, head, tail| show(text, head, tail, self.shown || !self.is_person);
        match column {
            Column::Account => filing.subject.account.to_string(),
            Column::Label => filing.subject.label.clone().unwrap_or_default(),
            Column::Number => filing.number().map(ToString::to_string).unwrap_or_default(),
            Column::ServiceNumber => service
                .number
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            Column::SubjectName => of_subject(details.name.reveal(), 1, 0),
            Column::Nature => code(&details.nature, ""),
            Column::CertificateKind => code(&details.certificate, "kind"),
            Column::CertificateNumber => of_subject(details.certificate.number().reveal(), 3, 4),
            Column::CertificateAddress => {
                show(details.certificate_address.reveal(), 6, 0, self.shown)
            }
            Column::PostalAddress => show(details.postal_address.reveal(), 6, 0, self.shown),
            Column::LegalRepresentative => {
                let name = details.legal_representative.as_ref();
                show(name.map_or("", |name| name.reveal()), 1, 0, self.shown)
            }
            Column::ApprovedOn => match &filing.subject.state {
                icp_domain::filing::SubjectState::Filed { filed_at, .. } => {
                    let day = filed_at.map(icp_domain::rulebook::calendar::local_date);
                    day.map(|day| day.to_string()).unwrap_or_default()
                }
                icp_domain::filing::SubjectState::New
                | icp_domain::filing::SubjectState::Deregistered { .. } => String::new(),
            },
            Column::PrincipalName => self.person(Part::Name, self.subject_principal),
            Column::PrincipalIdentityKind => {
                self.person(Part::IdentityKind, self.subject_principal)
            }
            Column::PrincipalIdentity => self.person(Part::Identity, self.subject_principal),
            Column::PrincipalIdentityUntil => {
                self.person(Part::IdentityUntil, self.subject_principal)
            }
            Column::PrincipalMobile => self.person(Part::Mobile, self.subject_principal),
            Column::PrincipalEmail => self.person(Part::Email, self.subject_principal),
            Column::ServicePrincipalName => self.person(Part::Name, self.service_principal),
            Column::ServicePrincipalIdentityKind => {
                self.person(Part::IdentityKind, self.service_principal)
            }
            Column::ServicePrincipalIdentity => self.person(Part::Identity, self.service_principal),
            Column::ServicePrincipalIdentityUntil => {
                self.person(Part::IdentityUntil, self.service_principal)
            }
            Column::ServicePrincipalMobile => self.person(Part::Mobile, self.service_principal),
            Column::ServicePrincipalEmail => self.person(Part::Email, self.service_principal),
            Column::ServiceKind => code(&service.details.kind, ""),
            Column::ServiceName => public(&service.details.name),
            Column::Domains => {
                let domains: Vec<&str> = service
                    .details
                    .domains
                    .iter()
                    .map(icp_domain::identifiers::DomainName::as_str)
                    .collect();
                domains.join(";")
            }
            Column::HomePage => service.details.home_page.clone().unwrap_or_default(),
            Column::Addresses => {
                let addresses: Vec<String> = service
                    .details
                    .addresses
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                addresses.join(";")
            }
            Column::Access => if self.has_access { "yes" } else { "no" }.to_owned(),
        }
    }

    fn person(&self, part: Part, person: Option<&Person>) -> String {
        let Some(Person { details, .. }) = person else {
            return String::new();
        };
        let shown = self.shown;
        match part {
            Part::Name => show(details.name.reveal(), 1, 0, shown),
            Part::IdentityKind => details.identity.kind().name().to_owned(),
            Part::Identity => show(details.identity.number().reveal(), 3, 4, shown),
            Part::IdentityUntil => {
                let until = details.identity_until.map(|day| day.to_string());
                until.unwrap_or_default()
            }
            // As people write it: no spreadsheet takes it for a formula.
            Part::Mobile if shown => {
                let number = details.mobile.reveal();
                number.strip_prefix("+86").unwrap_or(number).to_owned()
            }
            Part::Mobile => details.mobile.masked(),
            Part::Email => show(details.email.reveal(), 1, 4, shown),
        }
    }
}

/// What a column tells of a person.
#[derive(Clone, Copy)]
enum Part {
    Name,
    IdentityKind,
    Identity,
    IdentityUntil,
    Mobile,
    Email,
}

fn of_case(case: &icp_domain::case::Case) -> Vec<ExportRow> {
    let row = |finding: &icp_domain::finding::Finding| {
        vec![
            case.id.to_string(),
            case.number.to_string(),
            case.unit.subject.to_string(),
            case.unit
                .service
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            case.account.to_string(),
            finding.id.to_string(),
            finding.rule.clone(),
            finding.state.name().to_owned(),
            case.opened_at.to_string(),
            finding
                .notified_at
                .map(|at| at.to_string())
                .unwrap_or_default(),
            serde_json::to_string(&finding.object).unwrap_or_default(),
        ]
    };
    case.findings.iter().map(row).collect()
}

/// The name of a value in the API, or of its field that tells it.
fn code(value: &impl Serialize, field: &str) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    let named = if field.is_empty() {
        Some(&value)
    } else {
        value.get(field)
    };
    named
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
