//! What staff saw of a finding stands for the machine's, as what they decide of a doubt does.

use icp_domain::Invocation;
use icp_domain::reports::{Bringer, DecisionSays, SPEAKS_FOR_DAYS, StaffDecision};
use icp_store::records::{Decided, StoredCase, StoredFiling};
use icp_store::{Change, Failure, Store};
use jiff::SignedDuration;

use super::{Act, ActRefused};

/// Keeps what staff saw of a rule, if the act says it. Of what a bureau demanded no rule speaks.
pub(super) async fn put(
    store: &Store,
    change: &mut Change,
    act: &Act,
    stored: &StoredCase,
    filing: &StoredFiling,
    inv: &mut Invocation,
) -> Result<(), Failure<ActRefused>> {
    let Act::Read {
        finding,
        by,
        broken,
        reason,
    } = act
    else {
        return Ok(());
    };
    let (unit, now) = (&stored.case.unit, inv.now);
    let finding = stored.case.finding(finding).ok_or(Failure::NotFound)?;
    if finding.demand.is_some() {
        return Ok(());
    }
    let bringer = Bringer {
        by: by.clone(),
        because: reason.clone(),
    };
    let decision = StaffDecision {
        unit: unit.clone(),
        rule: finding.rule.clone(),
        object: finding.object.clone(),
        says: if *broken {
            DecisionSays::Broken
        } else {
            DecisionSays::Kept
        },
        reason: reason.clone(),
        from: now,
        until: now + SignedDuration::from_hours(24 * SPEAKS_FOR_DAYS),
    };
    let mut reported = filing.reported(unit);
    reported.decide(Decided {
        decision: bringer.brings(decision, now),
        facts: filing.facts_revisions(unit),
    });
    filing
        .put_reported(store, change, unit, reported, inv)
        .await?;
    Ok(())
}
