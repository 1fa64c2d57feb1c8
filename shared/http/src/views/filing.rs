//! Filings as callers see them.

use icp_domain::filing::{LinkState, Proof, SubjectState};
use icp_domain::ids::UnitId;
use icp_domain::personal::masked;
use icp_store::records::StoredFiling;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A filing as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilingView {
    /// Its id.
    pub id: String,
    /// `new` or `filed`, with number and instant.
    #[schema(value_type = Object)]
    pub state: SubjectState,
    /// The order in flight, if there is one.
    pub order_in_flight: Option<String>,
    /// The open case about the subject itself.
    pub open_case: Option<String>,
    /// Its services.
    pub services: Vec<ServiceView>,
    /// Its persons, masked.
    pub persons: Vec<PersonView>,
    /// Whether every principal's number is proved.
    pub verified: bool,
    /// Its version.
    pub version: u64,
}

/// A service with our link to it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceView {
    /// Its id within the filing.
    pub id: String,
    /// 网站备案号.
    #[schema(value_type = Option<String>)]
    pub number: Option<icp_domain::identifiers::IcpNumber>,
    /// 网站名称.
    pub name: String,
    /// Its domains.
    #[schema(value_type = Vec<String>)]
    pub domains: Vec<icp_domain::identifiers::DomainName>,
    /// Our link, with its state and version.
    #[schema(value_type = Option<Object>)]
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
    #[schema(value_type = Option<Object>)]
    pub proof: Option<Proof>,
}

/// The view of a filing at `now`.
pub fn filing_view(stored: &StoredFiling, now: Timestamp) -> FilingView {
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
            link: link.map(|link| link.state.clone()),
            link_version: link.map(|link| link.link_version),
            deregistered_at: service.deregistered_at,
            open_case: open_case(&unit),
        }
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
        verified: verified && !persons.is_empty(),
        persons,
        version: stored.version(),
    }
}

/// The persons of a filing, masked, with the proofs that stand at `now`.
pub fn person_views(stored: &StoredFiling, now: Timestamp) -> Vec<PersonView> {
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
