//! What somebody reported of a person's telephone, and what follows of it.

use icp_domain::Invocation;
use icp_domain::ids::{PersonId, UnitId};
use icp_domain::reports::TelephoneSays;
use icp_store::records::{Heard, StoredFiling};
use icp_store::{Change, Store, StoreError};
use jiff::Timestamp;

/// Writes a report beside the filing. Where it says that the filing names somebody else, the subject is
/// judged by it at once, and not with its next audit.
pub(crate) async fn report_telephone(
    store: &Store,
    change: &mut Change,
    filing: &StoredFiling,
    person: &PersonId,
    says: TelephoneSays,
    inv: &mut Invocation,
) -> Result<(), StoreError> {
    let heard = Heard {
        says,
        at: inv.now,
        bringer: None,
    };
    filing
        .put_telephone(store, change, person, &heard, inv)
        .await?;
    let disowns = match says {
        TelephoneSays::IsAnother
        | TelephoneSays::DoesNotKnow
        | TelephoneSays::IsNotPrincipal
        | TelephoneSays::ElementsDiffer => true,
        TelephoneSays::IsThePerson
        | TelephoneSays::NoAnswer
        | TelephoneSays::SwitchedOff
        | TelephoneSays::NoSuchNumber
        | TelephoneSays::ElementsAgree => false,
    };
    if disowns {
        let unit = UnitId::of_subject(filing.id().clone());
        judge_soon(change, filing, &unit, inv.now)?;
    }
    Ok(())
}

/// Lets a unit be judged at once, and not with its next audit.
pub(crate) fn judge_soon(
    change: &mut Change,
    filing: &StoredFiling,
    unit: &UnitId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(stored) = filing.clock(unit) else {
        return Ok(());
    };
    let mut clock = stored.clock.clone();
    clock.next_audit_at = clock.next_audit_at.min(now);
    let live = filing.filing.has_access(unit);
    filing.put_clock(change, unit, &clock, live, now)
}
