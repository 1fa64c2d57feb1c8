//! Filings as callers see them.

use std::net::IpAddr;

use icp_domain::filing::{LinkState, MaterialKind, Nature, Proof, SubjectDetails, SubjectState};
use icp_domain::ids::UnitId;
use icp_domain::personal::masked;
use icp_store::records::StoredFiling;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

/// A filing as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilingView {
    /// Its id.
    pub id: String,
    /// `new` or `filed`, with number and instant.
    pub state: SubjectState,
    /// Its subject as it is filed; null before its first approval.
    pub subject: Option<SubjectView>,
    /// The order in flight, if there is one.
    pub order_in_flight: Option<String>,
    /// The open case about the subject itself.
    pub open_case: Option<String>,
    /// Its services.
    pub services: Vec<ServiceView>,
    /// Its persons, masked.
    pub persons: Vec<PersonView>,
    /// Its materials.
    pub materials: Vec<MaterialView>,
    /// Whether every principal's number is proved.
    pub verified: bool,
    /// Its version.
    pub version: u64,
}

/// Who sees a filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// The account that holds it: its subject is shown as it was typed.
    Holder,
    /// Staff, who see what is personal masked.
    Staff,
}

/// A filing's subject. To staff it is masked where it is personal.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubjectView {
    /// Code of its province, two digits.
    pub province: String,
    /// Kind of body.
    pub nature: Nature,
    /// Name as on the certificate.
    pub name: String,
    /// Its certificate: kind and number.
    pub certificate: CertificateView,
    /// Address as on the certificate.
    pub certificate_address: String,
    /// Postal address.
    pub postal_address: String,
    /// Id of the subject's principal among the persons.
    pub principal: String,
    /// 法定代表人 of a body, by name.
    pub legal_representative: Option<String>,
}

/// A subject's certificate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CertificateView {
    /// Such as `credit-code`.
    pub kind: &'static str,
    /// Its number.
    pub number: String,
}

/// A material of a filing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MaterialView {
    /// Its id within the filing.
    pub id: String,
    /// What it is.
    pub kind: MaterialKind,
    /// Last day of its validity; null for 长期.
    #[schema(value_type = Option<String>)]
    pub valid_until: Option<Date>,
    /// `stored`, `paper` or `unknown`.
    pub custody: &'static str,
}

/// A service with our link to it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceView {
    /// Its id within the filing.
    pub id: String,
    /// 网站备案号.
    pub number: Option<icp_domain::identifiers::IcpNumber>,
    /// 网站名称.
    pub name: String,
    /// Its domains.
    pub domains: Vec<icp_domain::identifiers::DomainName>,
    /// Public home page.
    pub home_page: Option<String>,
    /// Addresses at the provider.
    #[schema(value_type = Vec<String>)]
    pub addresses: Vec<IpAddr>,
    /// Id of its principal among the persons.
    pub principal: String,
    /// Our link, with its state and version.
    pub link: Option<LinkState>,
    /// The link's version.
    pub link_version: Option<u64>,
    /// When the bureau took it off the record.
    #[schema(value_type = Option<String>)]
    pub deregistered_at: Option<Timestamp>,
    /// The open case about it.
    pub open_case: Option<String>,
}

/// A person, masked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonView {
    /// Its id within the filing.
    pub id: String,
    /// The name's first character.
    pub name: String,
    /// The number's ends.
    pub mobile: String,
    /// Whether the person is a principal, whose proof the whole filing needs.
    pub principal: bool,
    /// The standing proof.
    pub proof: Option<Proof>,
}

fn subject_view(details: &SubjectDetails, viewer: Viewer) -> SubjectView {
    let show = |text: &str, head, tail| match viewer {
        Viewer::Holder => text.to_owned(),
        Viewer::Staff => masked(text, head, tail),
    };
    // A body's name and number are public; an individual's are the person's.
    let of_person = |text: &str, head, tail| {
        if details.certificate.is_of_person() {
            show(text, head, tail)
        } else {
            text.to_owned()
        }
    };
    let representative = details.legal_representative.as_ref();
    SubjectView {
        province: details.province.clone(),
        nature: details.nature,
        name: of_person(details.name.reveal(), 1, 0),
        certificate: CertificateView {
            kind: details.certificate.kind(),
            number: of_person(details.certificate.number().reveal(), 3, 4),
        },
        certificate_address: show(details.certificate_address.reveal(), 6, 0),
        postal_address: show(details.postal_address.reveal(), 6, 0),
        principal: details.principal.to_string(),
        legal_representative: representative.map(|name| show(name.reveal(), 1, 0)),
    }
}

/// The subject's name as lists show it: a body's name is public, a person's is not.
pub(super) fn shown_name(details: &SubjectDetails) -> String {
    let name = details.name.reveal();
    if details.certificate.is_of_person() {
        masked(name, 1, 0)
    } else {
        name.clone()
    }
}

/// The view of a filing at `now`.
pub fn filing_view(stored: &StoredFiling, viewer: Viewer, now: Timestamp) -> FilingView {
    let filing = &stored.filing;
    let persons = person_views(stored, now);
    let verified = persons
        .iter()
        .all(|person| !person.principal || person.proof.is_some());
    let open_case = |unit: &UnitId| {
        let clock = stored.clock(unit);
        clock.and_then(|stored| stored.clock.open_case.as_ref().map(ToString::to_string))
    };
    let services = filing.services.iter().map(|(id, service)| {
        let link = filing.links.get(id);
        let unit = UnitId::of_service(filing.subject.id.clone(), id.clone());
        ServiceView {
            id: id.to_string(),
            number: service.number.clone(),
            name: service.details.name.clone(),
            domains: service.details.domains.clone(),
            home_page: service.details.home_page.clone(),
            addresses: service.details.addresses.clone(),
            principal: service.details.principal.to_string(),
            link: link.map(|link| link.state.clone()),
            link_version: link.map(|link| link.link_version),
            deregistered_at: service.deregistered_at,
            open_case: open_case(&unit),
        }
    });
    let subject = filing.subject.details.as_ref();
    let materials = filing.materials.iter().map(|(id, material)| MaterialView {
        id: id.to_string(),
        kind: material.kind,
        valid_until: material.valid_until,
        custody: material.custody.name(),
    });
    FilingView {
        id: filing.subject.id.to_string(),
        open_case: open_case(&UnitId::of_subject(filing.subject.id.clone())),
        state: filing.subject.state.clone(),
        order_in_flight: filing
            .subject
            .order_in_flight
            .as_ref()
            .map(ToString::to_string),
        services: services.collect(),
        subject: subject.map(|details| subject_view(details, viewer)),
        materials: materials.collect(),
        verified: verified && !persons.is_empty(),
        persons,
        version: stored.version(),
    }
}

/// The persons of a filing, masked, with the proofs that stand at `now`.
fn person_views(stored: &StoredFiling, now: Timestamp) -> Vec<PersonView> {
    let principals = stored.filing.principals();
    stored
        .filing
        .persons
        .iter()
        .map(|(id, person)| PersonView {
            id: id.to_string(),
            name: masked(person.details.name.reveal(), 1, 0),
            mobile: person.details.mobile.masked(),
            principal: principals.contains(&id),
            proof: person.proof.filter(|proof| proof.stands(now)),
        })
        .collect()
}
