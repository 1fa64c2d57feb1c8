//! What the clock does to an order by itself.

use icp_domain::command::CommandId;
use icp_domain::ids::OrderId;
use icp_domain::notice::NoticeKind;
use icp_domain::order::OrderEvent;
use icp_domain::{Invocation, Rulebook};
use icp_store::records::StoredOrder;
use icp_store::{Change, CommitError, Store, StoreError};
use jiff::Timestamp;

use super::happened;
use super::settle::settle;
use crate::By;
use crate::attempt::Stepped;
use crate::notices::post_notice;

/// Lets an order's clock act, if it is time: a reminder, an idle return, a dead draft, a presumed
/// SMS lapse.
pub async fn lapse(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    order: &OrderId,
    function: &str,
) -> Result<Stepped, StoreError> {
    let by = By::machine(function);
    for _ in 0..=rulebook.policy.sweeps.reloads {
        let Some(change) = lapsed(store, rulebook, inv.now, order, &by).await? else {
            return Ok(Stepped::Overtaken);
        };
        match store.commit(&change).await {
            Ok(()) => return Ok(Stepped::Done),
            // Somebody acted in time: load and decide again.
            Err(CommitError::Conflict(_)) => {}
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    Ok(Stepped::Overtaken)
}

/// An order's row that woke before its time, since its days were lengthened: it sleeps until then.
fn later(
    stored: &StoredOrder,
    rulebook: &Rulebook,
    now: Timestamp,
) -> Result<Option<Change>, StoreError> {
    let wakes_at = stored.order.wakes_at(rulebook);
    if wakes_at.is_none_or(|at| at <= now) {
        return Ok(None);
    }
    let mut change = Change::new();
    stored.put_head(&mut change, wakes_at, now)?;
    Ok(Some(change))
}

async fn lapsed(
    store: &Store,
    rulebook: &Rulebook,
    now: Timestamp,
    order: &OrderId,
    by: &By,
) -> Result<Option<Change>, StoreError> {
    let Some(mut stored) = store.order(order).await? else {
        return Ok(None);
    };
    let Some((due, event)) = stored.order.due(rulebook, now) else {
        return later(&stored, rulebook, now);
    };
    let Some(mut filing) = store.filing(&stored.order.subject).await? else {
        return Ok(None);
    };
    let reminds = matches!(event, OrderEvent::Remind(_));
    let Ok(next) = stored.order.clone().step(event, now) else {
        return Ok(None);
    };
    stored.order = next;
    let mut change = Change::new();
    if reminds {
        let command = CommandId::of_due(order.as_str(), "reminder", due);
        let kind = NoticeKind::OrderReminder {
            order: order.clone(),
        };
        let policy = &rulebook.policy.cases;
        post_notice(&mut change, &command, filing.id(), kind, now, policy)?;
        stored.put_head(&mut change, stored.order.wakes_at(rulebook), now)?;
        return Ok(Some(change));
    }
    settle(&mut change, &stored, &mut filing, now)?;
    stored.put_head(&mut change, stored.order.wakes_at(rulebook), now)?;
    let command = CommandId::of_due(order.as_str(), "lapse", due);
    let deed = by.deed(happened(&stored.order.state), order.as_str(), &command);
    filing.record(&mut change, deed, now)?;
    Ok(Some(change))
}
