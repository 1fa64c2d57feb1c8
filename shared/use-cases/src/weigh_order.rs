//! Shows what an order takes away for good, and gives the confirmation without which such an order
//! is not submitted.
//!
//! **Invariant:** a confirmation is given only where the way back itself leads to the order, and
//! holds for the order and the filing as they were shown, for a while.

use icp_domain::Rulebook;
use icp_domain::filing::Filing;
use icp_domain::identifiers::IcpNumber;
use icp_domain::ids::OrderId;
use icp_domain::order::{Consequences, OrderKind, consequences};
use icp_domain::way_back::Situation;
use icp_store::records::{StoredFiling, StoredOrder};
use icp_store::{Failure, Store, StoreError};
use jiff::Timestamp;

use crate::By;
use crate::draft_order::own_order;

/// What a filer types to confirm a loss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// The token that [`weigh`] gave.
    pub token: String,
    /// The number that will be lost: of the site, or of the subject.
    pub typed: String,
}

/// What an order takes away, and the confirmation to submit it with.
#[derive(Debug, Clone)]
pub struct Weighed {
    /// What it takes away, and what the way back says.
    pub consequences: Consequences,
    /// The number to type.
    pub number: Option<IcpNumber>,
    /// The token; `None` while something stands before it.
    pub confirmation: Option<String>,
}

/// Why an order is not weighed.
#[derive(Debug, thiserror::Error)]
pub enum WeighRefused {
    /// It takes nothing away.
    #[error("the order takes nothing away for good")]
    TakesNothing,
    /// Its draft does not say what it is about.
    #[error("the draft does not say which site it is about")]
    AboutNothing,
}

/// Shows what an order takes away, in the situation as its filer describes it.
pub async fn weigh(
    store: &Store,
    rulebook: &Rulebook,
    now: Timestamp,
    by: &By,
    order: &OrderId,
    said: &Situation,
) -> Result<Weighed, Failure<WeighRefused>> {
    let stored = own_order(store, order, by).await?;
    if !stored.order.kind.is_irreversible() {
        return Err(Failure::Refused(WeighRefused::TakesNothing));
    }
    let filing = store.filing(&stored.order.subject).await?;
    let filing = filing.ok_or(Failure::NotFound)?;
    let draft = stored.draft.parse(&filing.filing);
    let draft = draft.map_err(|_| Failure::Refused(WeighRefused::AboutNothing))?;
    let kind = stored.order.kind;
    let consequences = consequences(kind, &draft.about, &filing.filing, said, rulebook, now);
    if consequences.advice.is_empty() {
        return Err(Failure::Refused(WeighRefused::AboutNothing));
    }
    let confirmation = if consequences.is_the_way {
        Some(token(store, &stored, &filing, now).await?)
    } else {
        None
    };
    Ok(Weighed {
        number: lost(&stored, &filing.filing),
        consequences,
        confirmation,
    })
}

/// Whether a confirmation holds for an order and a filing as they stand.
pub(crate) async fn is_confirmed(
    store: &Store,
    rulebook: &Rulebook,
    (order, filing): (&StoredOrder, &StoredFiling),
    confirmation: &Confirmation,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some((shown, signature)) = confirmation.token.split_once('.') else {
        return Ok(false);
    };
    let Ok(shown_at) = shown.parse::<i64>().map(Timestamp::from_second) else {
        return Ok(false);
    };
    let life = rulebook.policy.orders.confirmation();
    let is_fresh = shown_at.is_ok_and(|at| at <= now && now < at + life);
    let typed = IcpNumber::parse(&confirmation.typed).ok();
    if !is_fresh || typed.is_none() || typed != lost(order, &filing.filing) {
        return Ok(false);
    }
    let parts = parts(order, filing, shown);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    store
        .keys()
        .is_signed("confirmation", &parts, signature)
        .await
}

async fn token(
    store: &Store,
    order: &StoredOrder,
    filing: &StoredFiling,
    now: Timestamp,
) -> Result<String, StoreError> {
    let shown = now.as_second().to_string();
    let parts = parts(order, filing, &shown);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let signature = store.keys().signed("confirmation", &parts).await?;
    Ok(format!("{shown}.{signature}"))
}

fn parts(order: &StoredOrder, filing: &StoredFiling, shown: &str) -> [String; 4] {
    [
        order.order.id.to_string(),
        order.version().to_string(),
        filing.version().to_string(),
        shown.to_owned(),
    ]
}

/// The number that the filer types: of the subject, or of the site where it has one.
fn lost(order: &StoredOrder, filing: &Filing) -> Option<IcpNumber> {
    if order.order.kind == OrderKind::DeregisterSubject {
        return filing.number().cloned();
    }
    let site = order.draft.services.first()?.id.parse().ok()?;
    let site = filing.services.get(&site)?;
    site.number.as_ref().or(filing.number()).cloned()
}
