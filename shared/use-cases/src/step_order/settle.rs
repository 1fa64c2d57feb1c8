//! What a step of an order does to its filing.

use icp_domain::finding::{Freeze, Interval};
use icp_store::records::{StoredFiling, StoredOrder};
use icp_store::{Change, StoreError};
use jiff::Timestamp;

/// What a step does to the filing beside the order: in flight or not, frozen or not.
pub(super) fn settle(
    change: &mut Change,
    stored: &StoredOrder,
    filing: &mut StoredFiling,
    now: Timestamp,
) -> Result<(), StoreError> {
    let order = &stored.order;
    if order.state.is_in_flight() {
        filing.filing.subject.order_in_flight = Some(order.id.clone());
    } else if filing.filing.subject.order_in_flight.as_ref() == Some(&order.id) {
        filing.filing.subject.order_in_flight = None;
    }
    let open = filing
        .freezes
        .iter()
        .find(|freeze| freeze.order == order.id && freeze.interval.until.is_none())
        .cloned();
    let phase = order.state.review_phase();
    if open.as_ref().map(|freeze| freeze.phase) == phase {
        return Ok(());
    }
    let begins = match &open {
        // It goes on from one phase to the next.
        Some(freeze) => Some(&freeze.answers),
        None => order.answers.as_ref().filter(|answers| {
            let mut clocks = filing.clocks.iter();
            clocks.any(|(unit, stored)| stored.clock.open_case.is_some() && answers.include(unit))
        }),
    };
    if let (Some(answers), Some(phase)) = (begins, phase) {
        let begun = Freeze {
            order: order.id.clone(),
            answers: answers.clone(),
            phase,
            interval: Interval {
                from: now,
                until: None,
            },
        };
        filing.put_freeze(change, &begun)?;
    }
    if let Some(mut freeze) = open {
        freeze.interval.until = Some(now);
        filing.put_freeze(change, &freeze)?;
    }
    Ok(())
}
