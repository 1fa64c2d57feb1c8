//! An existing base, brought by a provider: a row is one service with its subject.
//!
//! **Invariant:** a row is read whole or refused with every bad column at once; what the product
//! itself approved is never overwritten by a file.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::filing::{Filing, Nature, PersonDetails, ServiceDetails, ServiceKind, SubjectDetails};
use crate::identifiers::{DomainName, IcpNumber, IdentityKind};
use crate::ids::{AccountId, PersonId, ServiceId, SubjectId};
use crate::order::{TypedDraft, TypedPerson, TypedService, TypedSubject};
use crate::personal::Personal;
use crate::{Rulebook, Text};

mod column;
mod mapping;
mod outcome;
mod reference;
pub(crate) mod words;

pub(crate) use column::columns;
pub use column::{BETWEEN_CELLS, Column, Columns};
pub use mapping::{Mapping, MappingFault};
pub use outcome::RowOutcome;
pub use reference::reference;

use words::{certificate, day, flag, identity_name, kind_name, listed, named, nature_name};

/// The cells of a row, by column; what is empty is left out.
pub type Record<C = Column> = BTreeMap<C, String>;

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BadCell<C = Column> {
    /// The column; `None` where it is about the whole row.
    pub column: Option<C>,
    /// Stable code of the demand.
    pub rule: String,
    /// What is demanded. Never what stands there: it may be personal.
    pub text: Text,
}

/// A row of the base.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedRow {
    /// The account that holds it.
    pub account: AccountId,
    /// The account group, where the provider has groups.
    pub label: Option<String>,
    /// 主体备案号.
    pub number: IcpNumber,
    /// The service's id: what stands behind the subject's number.
    pub id: ServiceId,
    /// 网站备案号.
    pub service_number: IcpNumber,
    /// The subject.
    pub subject: SubjectDetails,
    /// Its persons.
    pub persons: BTreeMap<PersonId, PersonDetails>,
    /// The service.
    pub service: ServiceDetails,
    /// Day on which the bureau approved it, where the base knows.
    pub approved_on: Option<Date>,
    /// Whether we give it access.
    pub access: bool,
}

/// Reads a row, or names every bad column.
pub fn read(record: &Record, rulebook: &Rulebook) -> Result<ImportedRow, Vec<BadCell>> {
    let mut bad = Vec::new();
    let cell = |column: Column| {
        record
            .get(&column)
            .map(|text| text.trim())
            .unwrap_or_default()
    };
    let parsed = |column: Column| IcpNumber::parse(cell(column));
    let service_number = parsed(Column::ServiceNumber);
    let number = if cell(Column::Number).is_empty() {
        service_number
            .as_ref()
            .map(IcpNumber::subject)
            .map_err(Clone::clone)
    } else {
        parsed(Column::Number)
    };
    for (column, result) in [
        (Column::Number, &number),
        (Column::ServiceNumber, &service_number),
    ] {
        // What is left out is told by the service's number.
        let said = column == Column::ServiceNumber || !cell(column).is_empty();
        if let (Err(fault), true) = (result, said) {
            bad.push(bad_cell(column, fault.code(), fault.text()));
        }
    }
    let suffix = match (&number, &service_number) {
        (Ok(number), Ok(of_service)) if of_service.subject() != *number => {
            bad.push(bad_cell(
                Column::ServiceNumber,
                "numbers-apart",
                Text::new(
                    "网站备案号须为该主体备案号加序号",
                    "a service's number is its subject's with a suffix",
                ),
            ));
            None
        }
        (Ok(_), Ok(of_service)) => suffix(of_service),
        (_, _) => None,
    };
    if service_number.is_ok() && number.is_ok() && suffix.is_none() && bad.is_empty() {
        bad.push(bad_cell(
            Column::ServiceNumber,
            "suffix-missing",
            Text::new("网站备案号须带序号", "a service's number has a suffix"),
        ));
    }
    let account = cell(Column::Account).parse::<AccountId>();
    if account.is_err() {
        bad.push(bad_cell(
            Column::Account,
            "id-malformed",
            Text::new(
                "账号须为1至64位字母、数字、-、_或.",
                "an account is 1 to 64 of a-z, A-Z, 0-9, '-', '_' and '.'",
            ),
        ));
    }
    let typed = Typed::of(record, suffix.as_ref(), &mut bad);
    let access = flag(cell(Column::Access), Column::Access, &mut bad).unwrap_or(true);
    let approved_on = day(cell(Column::ApprovedOn), Column::ApprovedOn, &mut bad);
    let province = number.as_ref().ok().and_then(|number| {
        let provinces = &rulebook.provinces;
        provinces
            .by_prefix(number.prefix())
            .map(|province| province.code.clone())
    });
    let draft = typed.parse(province, &mut bad);
    let label = Some(cell(Column::Label)).filter(|label| !label.is_empty());
    match (number, service_number, suffix, account, draft) {
        (Ok(number), Ok(service_number), Some(id), Ok(account), Some(draft)) if bad.is_empty() => {
            let (subject, persons, service) = draft;
            Ok(ImportedRow {
                account,
                label: label.map(str::to_owned),
                number,
                id,
                service_number,
                subject,
                persons,
                service,
                approved_on,
                access,
            })
        }
        _ => Err(bad),
    }
}

/// The fields of a row as a filer would have typed them.
struct Typed {
    subject: TypedSubject,
    persons: Vec<TypedPerson>,
    service: TypedService,
}

/// Most domains of a row: each given back to whoever wants it, and as many taken, they are 90 of the 100
/// items that one transaction has.
///
/// Source: Amazon DynamoDB, `TransactWriteItems`.
const MOST_DOMAINS: usize = 30;

/// The subject's principal among a filing's persons.
const SUBJECT_PRINCIPAL: &str = "ps";

impl Typed {
    fn of(record: &Record, id: Option<&ServiceId>, bad: &mut Vec<BadCell>) -> Self {
        let cell = |column: Column| record.get(&column).map_or("", |text| text.trim());
        let personal = |column: Column| Personal::new(cell(column).to_owned());
        let nature = named(
            cell(Column::Nature),
            Column::Nature,
            &Nature::ALL,
            nature_name,
            bad,
        );
        let certificate = certificate(
            cell(Column::CertificateKind),
            cell(Column::CertificateNumber),
            bad,
        );
        let person = |id: &str, columns: [Column; 6], bad: &mut Vec<BadCell>| {
            let [name, kind, identity, until, mobile, email] = columns;
            let kind = Some(cell(kind))
                .filter(|text| !text.is_empty())
                .and_then(|text| named(text, kind, &IdentityKind::ALL, identity_name, bad));
            TypedPerson {
                id: id.to_owned(),
                name: personal(name),
                identity_kind: kind.unwrap_or_default(),
                identity: personal(identity),
                identity_until: day(cell(until), until, bad),
                mobile: personal(mobile),
                email: personal(email),
            }
        };
        let mut persons = vec![person(SUBJECT_PRINCIPAL, Column::OF_PRINCIPAL, bad)];
        let id = id.map_or("1", ServiceId::as_str);
        let own = Column::OF_SERVICE_PRINCIPAL
            .iter()
            .any(|column| !cell(*column).is_empty());
        let mut principal = SUBJECT_PRINCIPAL.to_owned();
        if own {
            principal = format!("p{id}");
            persons.push(person(&principal, Column::OF_SERVICE_PRINCIPAL, bad));
        }
        let kind = Some(cell(Column::ServiceKind)).filter(|text| !text.is_empty());
        let kind = kind
            .and_then(|text| named(text, Column::ServiceKind, &ServiceKind::ALL, kind_name, bad));
        if MOST_DOMAINS < listed(cell(Column::Domains)).count() {
            bad.push(bad_cell(
                Column::Domains,
                "too-many-domains",
                Text::new(
                    format!("一个网站至多{MOST_DOMAINS}个域名"),
                    format!("a site has at most {MOST_DOMAINS} domains"),
                ),
            ));
        }
        let addresses = listed(cell(Column::Addresses));
        Self {
            subject: TypedSubject {
                province: String::new(),
                nature,
                name: personal(Column::SubjectName),
                certificate,
                certificate_address: personal(Column::CertificateAddress),
                postal_address: personal(Column::PostalAddress),
                principal: SUBJECT_PRINCIPAL.to_owned(),
                legal_representative: personal(Column::LegalRepresentative),
            },
            persons,
            service: TypedService {
                id: id.to_owned(),
                kind: kind.unwrap_or_default(),
                name: cell(Column::ServiceName).to_owned(),
                domains: domains(cell(Column::Domains)),
                home_page: Some(cell(Column::HomePage).to_owned()).filter(|page| !page.is_empty()),
                principal,
                addresses: addresses.map(str::to_owned).collect(),
            },
        }
    }

    /// The fields as values; the faults of a draft under the columns that they come from.
    fn parse(
        self,
        province: Option<String>,
        bad: &mut Vec<BadCell>,
    ) -> Option<(
        SubjectDetails,
        BTreeMap<PersonId, PersonDetails>,
        ServiceDetails,
    )> {
        let (id, account) = (
            SubjectId::derived("imported", &[]),
            AccountId::derived("imported", &[]),
        );
        let nothing = Filing::begun(id, account);
        let draft = TypedDraft {
            subject: TypedSubject {
                province: province.unwrap_or_default(),
                ..self.subject
            },
            persons: self.persons,
            services: vec![self.service],
            materials: Vec::new(),
        };
        match draft.parse(&nothing) {
            Ok(draft) => {
                let service = draft.services.into_values().next()?;
                Some((draft.subject, draft.persons, service))
            }
            Err(faults) => {
                for fault in faults {
                    let Some(column) = Column::of_field(&fault.field) else {
                        continue;
                    };
                    // A value that is not of its list was told already; and the province hangs on the
                    // number, of which the service's is another form.
                    let told = bad.iter().any(|bad| {
                        bad.column == Some(column)
                            || column == Column::Number && bad.column == Some(Column::ServiceNumber)
                    });
                    if !told {
                        bad.push(bad_cell(column, &fault.rule, fault.text));
                    }
                }
                None
            }
        }
    }
}

/// What is wrong with a column of a row.
pub fn bad_cell<C>(column: C, rule: &str, text: Text) -> BadCell<C> {
    BadCell {
        column: Some(column),
        rule: rule.to_owned(),
        text,
    }
}

/// What is registered of each host: bases list `www.example.cn` for `example.cn`. What does not read stays,
/// to be told.
fn domains(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in listed(text) {
        let name = DomainName::parse(part)
            .map_or_else(|_| part.to_owned(), |name| name.registrable().to_string());
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// What stands behind the subject's number: `1` of `-1`, `2A` of `-2A`.
fn suffix(number: &IcpNumber) -> Option<ServiceId> {
    number.service_suffix()?.parse().ok()
}

#[cfg(test)]
mod tests;
