//! Looks that a case asks for, planned from the filing as it stands.

use icp_domain::Rulebook;
use icp_domain::audit::ClockName;
use icp_domain::finding::Asked;
use icp_domain::ids::{LookId, UnitId, VantageId};
use icp_domain::look::{FactsRevisions, Look, Purpose};
use icp_domain::rules::{self, Rule};
use icp_store::records::StoredFiling;
use jiff::Timestamp;

use crate::holder_looks::{Names, at_registrations};
use crate::plan_audits::plan_of;

/// The look that a finding of a rule asks for. Sent again it has the same id and is planned anew, from the
/// facts as they are then. `None` when the unit is gone.
pub(crate) fn look_for(
    filing: &StoredFiling,
    unit: &UnitId,
    (rule, asked): (&str, &Asked),
    purpose: Purpose,
    rulebook: &Rulebook,
) -> Option<Look> {
    let name = rules::rule(rule).map_or(ClockName::Audit, Rule::clock);
    // A vantage that was configured when it was asked for may be gone; then another's turn comes.
    let vantage = match rulebook.vantages.named(&asked.vantage) {
        Some(vantage) => vantage.id.clone(),
        None => rulebook.vantages.in_turn(0, &[]),
    };
    let wanted = Wanted {
        id: asked.look.clone(),
        clock: name,
        purpose,
        due: asked.send_at,
        vantage,
    };
    look_at(filing, unit, wanted)
}

/// A look that people want now.
pub(crate) struct Wanted {
    pub(crate) id: LookId,
    pub(crate) clock: ClockName,
    pub(crate) purpose: Purpose,
    pub(crate) due: Timestamp,
    pub(crate) vantage: VantageId,
}

/// The look at a unit for the rules of a clock, planned from the filing as it was read whole. `None` when the
/// unit is gone, or has no such clock.
pub(crate) fn look_at(filing: &StoredFiling, unit: &UnitId, wanted: Wanted) -> Option<Look> {
    let subject = filing.clock(&UnitId::of_subject(filing.id().clone()))?;
    let name = wanted.clock;
    let clock = filing.clock_of(unit, name)?;
    let service = match &unit.service {
        Some(id) => Some(filing.filing.services.get(id)?),
        None => None,
    };
    let look = Look {
        id: wanted.id,
        unit: unit.clone(),
        purpose: wanted.purpose,
        campaign: None,
        check: None,
        clock: name,
        due: wanted.due,
        facts_revisions: FactsRevisions {
            subject: subject.clock.facts_revision,
            unit: clock.clock.facts_revision,
        },
        plan: plan_of(service, wanted.vantage),
    };
    match (name, service) {
        (ClockName::Audit, _) => Some(look),
        (ClockName::Holder, service) => {
            let service = service?;
            let names = Names::of_filing(filing, service);
            Some(at_registrations(look, service, &names))
        }
    }
}
