//! Looks at registrations: what they are planned from.

use icp_domain::filing::{PersonDetails, Service, SubjectDetails};
use icp_domain::look::{Look, Plan};
use icp_domain::registration::{AcceptedHolders, accepted_names};
use icp_domain::reports::RegistryReport;
use icp_store::records::{FiledNames, StoredFiling};

/// What the holders of a service's domains are held against.
pub(crate) struct Names<'a> {
    details: Option<&'a SubjectDetails>,
    registry: Option<&'a RegistryReport>,
    principals: Vec<&'a PersonDetails>,
}

impl<'a> Names<'a> {
    /// The names of a page of planning.
    pub(crate) fn of_rows(names: &'a FiledNames) -> Self {
        Self {
            details: names.details.as_ref(),
            registry: names.registry.as_ref(),
            principals: names.principals.iter().collect(),
        }
    }

    /// The names of a filing that was read whole.
    pub(crate) fn of_filing(filing: &'a StoredFiling, service: &Service) -> Self {
        let details = filing.filing.subject.details.as_ref();
        let principals = details.map(|details| &details.principal).into_iter();
        let principals = principals.chain([&service.details.principal]);
        let persons = &filing.filing.persons;
        Self {
            details,
            registry: filing.reports.registry.as_ref(),
            principals: principals
                .filter_map(|id| persons.get(id).map(|person| &person.details))
                .collect(),
        }
    }
}

/// The same look, at the registrations of the service's domains and at nothing else.
pub(crate) fn at_registrations(look: Look, service: &Service, names: &Names<'_>) -> Look {
    let principals = names.principals.iter().copied();
    let accepted = accepted_names(names.details, names.registry, principals);
    let holders = AcceptedHolders::of(&look.id, accepted);
    let vantage = look.plan.vantage.clone();
    Look {
        plan: Plan::of_registrations(&service.details, holders, vantage),
        ..look
    }
}
