//! An exemption (豁免): kept with what is reported of the unit, so that every judgement reads it.

use icp_domain::reports::{Bringer, Exemption};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{StoredCase, StoredFiling};
use icp_store::{Change, Failure, Store};
use jiff::SignedDuration;

use super::{Act, ActRefused};

/// Writes the exemption that an act gives, if it gives one.
pub(super) async fn put(
    store: &Store,
    rulebook: &Rulebook,
    change: &mut Change,
    act: &Act,
    stored: &StoredCase,
    filing: &StoredFiling,
    inv: &mut Invocation,
) -> Result<(), Failure<ActRefused>> {
    let Act::Exempt {
        finding,
        by,
        until,
        reason,
    } = act
    else {
        return Ok(());
    };
    let (unit, now) = (&stored.case.unit, inv.now);
    let days = rulebook.policy.cases.exemption_most_days;
    let latest = now + SignedDuration::from_hours(24 * i64::from(days));
    if *until <= now || latest < *until {
        return Err(Failure::Refused(ActRefused::ExemptionEnd(days)));
    }
    let finding = stored.case.finding(finding).ok_or(Failure::NotFound)?;
    let bringer = Bringer {
        by: by.clone(),
        because: reason.clone(),
    };
    let exemption = Exemption {
        unit: unit.clone(),
        rule: finding.rule.clone(),
        object: finding.object.clone(),
        reason: reason.clone(),
        // Looks that are under way speak of the same fault.
        from: finding.joined_at,
        until: *until,
    };
    let mut reported = filing.reported(unit);
    reported.exempt(bringer.brings(exemption, now), now);
    filing
        .put_reported(store, change, unit, reported, inv)
        .await?;
    Ok(())
}
