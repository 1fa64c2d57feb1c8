//! What a rule sees.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::Rulebook;
use crate::filing::{Filing, Link, Service, SubjectDetails, SubjectState};
use crate::ids::UnitId;
use crate::look::{Evidence, PageFacts, PagePlan};
use crate::reports::Reports;
use crate::rulebook::Province;
use crate::rulebook::calendar::local_date;

/// What a rule sees: one unit, its filing, what was looked up and reported, and the policy.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// The unit that is judged.
    pub unit: &'a UnitId,
    /// The filing: whole for the subject's unit, head, service and link for a service's.
    pub filing: &'a Filing,
    /// What was seen.
    pub evidence: &'a Evidence,
    /// What was reported.
    pub reports: &'a Reports,
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

    /// Whether access is given to the service.
    pub fn is_live(&self) -> bool {
        self.service()
            .and_then(|(_, link)| link)
            .is_some_and(Link::is_live)
    }

    /// Whether a status says of a site without a declared home page that it has none to show.
    pub fn is_no_page(&self, status: u16) -> bool {
        let at_root = self.evidence.look.plan.home_page == Some(PagePlan::Root);
        at_root && matches!(status, 401 | 403 | 404)
    }

    /// What is filed of the subject.
    pub fn details(&self) -> Option<&'a SubjectDetails> {
        self.filing.subject.details.as_ref()
    }

    /// The subject's province.
    pub fn province(&self) -> Option<&'a Province> {
        let details = self.details()?;
        self.rulebook.provinces.by_code(&details.province)
    }

    /// The day on which the filing was approved, where it is known.
    pub fn approved_on(&self) -> Option<Date> {
        match &self.filing.subject.state {
            SubjectState::New | SubjectState::Deregistered { .. } => None,
            SubjectState::Filed { filed_at, .. } => filed_at.map(local_date),
        }
    }

    /// Whether visitors see a number of this filing on a page, in the subject's or any service's
    /// form.
    pub fn shows_own_number(&self, facts: &PageFacts) -> bool {
        self.has_own_number(facts, true)
    }

    /// Whether a number of this filing stands in a page, seen or not.
    pub(super) fn has_own_number(&self, facts: &PageFacts, shown_only: bool) -> bool {
        let own = self
            .filing
            .number()
            .map(crate::identifiers::IcpNumber::subject);
        facts.numbers.iter().any(|found| {
            (found.place.is_shown() || !shown_only) && Some(found.number.subject()) == own
        })
    }
}
