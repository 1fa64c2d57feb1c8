//! Looks that a case asks for, planned from the filing as it stands.

use icp_domain::Rulebook;
use icp_domain::audit::ClockName;
use icp_domain::finding::Asked;
use icp_domain::ids::UnitId;
use icp_domain::look::{FactsRevisions, Look, Purpose};
use icp_domain::rules::{self, Rule};
use icp_store::records::StoredFiling;

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
    let subject = filing.clock(&UnitId::of_subject(filing.id().clone()))?;
    let name = rules::rule(rule).map_or(ClockName::Audit, Rule::clock);
    let clock = filing.clock_of(unit, name)?;
    let service = match &unit.service {
        Some(id) => Some(filing.filing.services.get(id)?),
        None => None,
    };
    // A vantage that was configured when it was asked for may be gone; then another's turn comes.
    let vantage = match rulebook.vantages.named(&asked.vantage) {
        Some(vantage) => vantage.id.clone(),
        None => rulebook.vantages.in_turn(0, &[]),
    };
    let look = Look {
        id: asked.look.clone(),
        unit: unit.clone(),
        purpose,
        campaign: None,
        clock: name,
        due: asked.send_at,
        facts_revisions: FactsRevisions {
            subject: subject.clock.facts_revision,
            unit: clock.clock.facts_revision,
        },
        plan: plan_of(service, vantage),
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
