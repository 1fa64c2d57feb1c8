//! Looks that a case asks for, planned from the filing as it stands.

use icp_domain::Rulebook;
use icp_domain::finding::Asked;
use icp_domain::ids::UnitId;
use icp_domain::look::{FactsRevisions, Look, Purpose};
use icp_store::records::StoredFiling;

use crate::plan_audits::plan_of;

/// The look that a finding asks for. Sent again it has the same id and is planned anew, from the
/// facts as they are then. `None` when the unit is gone.
pub(crate) fn look_for(
    filing: &StoredFiling,
    unit: &UnitId,
    asked: &Asked,
    purpose: Purpose,
    rulebook: &Rulebook,
) -> Option<Look> {
    let subject = filing.clock(&UnitId::of_subject(filing.id().clone()))?;
    let clock = filing.clock(unit)?;
    let service = match &unit.service {
        Some(id) => Some(filing.filing.services.get(id)?),
        None => None,
    };
    // A vantage that was configured when it was asked for may be gone; then another's turn comes.
    let vantage = match rulebook.vantages.named(&asked.vantage) {
        Some(vantage) => vantage.id.clone(),
        None => rulebook.vantages.in_turn(0, &[]),
    };
    Some(Look {
        id: asked.look.clone(),
        unit: unit.clone(),
        purpose,
        campaign: None,
        due: asked.send_at,
        facts_revisions: FactsRevisions {
            subject: subject.clock.facts_revision,
            unit: clock.clock.facts_revision,
        },
        plan: plan_of(service, vantage),
    })
}
