//! How sending went, and what becomes of the row.

use icp_domain::notice::{Counts, Receipt, Unreached, WhyUnreached};
use icp_domain::{Invocation, Rulebook};
use icp_store::Store;
use icp_store::records::{Outcome, Posting};

use super::rows::{retry_later, settle, wait_for_arrival};
use super::{Claimed, bounced, delivered, digest};
use crate::trouble::Trouble;

/// How sending went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The sender took it, under this reference.
    Taken(String, Counts),
    /// The sender refuses it for good.
    Refused(Unreached),
    /// The sender could not be reached; it is tried again.
    Unavailable,
    /// The sender puts this one off; it is tried again.
    PutOff,
    /// What became of what was taken.
    Receipt(Receipt),
}

/// Records how sending went: done, or tried again later. A notice that begins a period records its
/// delivery with the case in the same commit.
pub async fn record(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    claimed: &Claimed,
    sent: Sent,
) -> Result<(), Trouble> {
    match sent {
        Sent::Unavailable | Sent::PutOff if is_given_up(claimed, rulebook, inv) => {
            let why = WhyUnreached::NotArrived.answered("given-up");
            unreached(store, rulebook, inv, claimed, why).await?;
        }
        Sent::Unavailable | Sent::PutOff => retry_later(store, rulebook, claimed, inv).await?,
        Sent::Refused(why) => unreached(store, rulebook, inv, claimed, why).await?,
        Sent::Taken(reference, counts) => {
            taken(store, rulebook, inv, claimed, reference, counts).await?;
        }
        Sent::Receipt(receipt) => receipt_came(store, rulebook, inv, claimed, receipt).await?,
    }
    Ok(())
}

/// Whether a message was tried, or its receipt asked for, as often and as long as it may be. A change of access is
/// published until it is acknowledged.
fn is_given_up(claimed: &Claimed, rulebook: &Rulebook, inv: &Invocation) -> bool {
    let (row, policy) = (&claimed.stored.row, &rulebook.policy.delivery);
    match (&row.posting, &row.taken) {
        (Posting::Access(_) | Posting::Notice(_), _) => false,
        (_, Some(taken)) => taken.at + policy.receipt_most() <= inv.now,
        (_, None) => policy.tries_most <= row.tries,
    }
}

async fn taken(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    claimed: &Claimed,
    reference: String,
    counts: Counts,
) -> Result<(), Trouble> {
    match (&claimed.stored.row.posting, counts) {
        // A published change of access waits for its acknowledgement, and is published again.
        (Posting::Access(_), _) => retry_later(store, rulebook, claimed, inv).await?,
        (Posting::Notice(_), _) => {
            settle(store, &claimed.stored, Outcome::Accepted(reference), inv).await?;
        }
        (Posting::Message(message), Counts::AtOnce) => {
            let outcome = Outcome::Accepted(reference);
            let row = (&claimed.stored, message);
            delivered::message(store, rulebook, inv, Some(claimed), row, &outcome).await?;
        }
        // Nothing rests on the arrival of what begins no period: it is not waited for.
        (Posting::Message(message), Counts::WhenQuiet) if message.notice.kind.told().is_empty() => {
            settle(store, &claimed.stored, Outcome::Accepted(reference), inv).await?;
        }
        (Posting::Message(message), Counts::ByReceipt) if !message.notice.kind.is_mailed() => {
            settle(store, &claimed.stored, Outcome::Accepted(reference), inv).await?;
        }
        (Posting::Digest(digest), Counts::AtOnce) => {
            digest::accepted(store, rulebook, inv, claimed, (digest, reference)).await?;
        }
        (Posting::Message(_) | Posting::Digest(_), Counts::ByReceipt | Counts::WhenQuiet) => {
            wait_for_arrival(store, rulebook, claimed, (reference, counts), inv).await?;
        }
    }
    Ok(())
}

/// It reaches nobody: what the sender says of a person's number or address is reported of it.
async fn unreached(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    claimed: &Claimed,
    why: Unreached,
) -> Result<(), Trouble> {
    match &claimed.stored.row.posting {
        Posting::Message(message) => {
            bounced::message(store, rulebook, inv, (&claimed.stored, message), &why).await
        }
        Posting::Digest(digest) => {
            digest::unreached(store, rulebook, inv, claimed, (digest, why)).await
        }
        Posting::Notice(_) | Posting::Access(_) => {
            settle(store, &claimed.stored, Outcome::Unreached(why), inv).await?;
            Ok(())
        }
    }
}

async fn receipt_came(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    claimed: &Claimed,
    receipt: Receipt,
) -> Result<(), Trouble> {
    let row = &claimed.stored.row;
    let Some(taken) = &row.taken else {
        return Ok(());
    };
    let over = is_given_up(claimed, rulebook, inv);
    match (receipt, &row.posting) {
        (Receipt::Failed(why), _) => unreached(store, rulebook, inv, claimed, why).await?,
        (Receipt::NotYet, _) if over => {
            let why = WhyUnreached::NotArrived.alone();
            unreached(store, rulebook, inv, claimed, why).await?;
        }
        (Receipt::NotYet, _) => retry_later(store, rulebook, claimed, inv).await?,
        (Receipt::Arrived, Posting::Message(message)) => {
            let outcome = Outcome::Delivered(taken.reference.clone());
            let row = (&claimed.stored, message);
            delivered::message(store, rulebook, inv, Some(claimed), row, &outcome).await?;
        }
        (Receipt::Arrived, Posting::Digest(digest)) => {
            let outcome = Outcome::Delivered(taken.reference.clone());
            digest::delivered(store, rulebook, inv, &claimed.stored, (digest, outcome)).await?;
        }
        (Receipt::Arrived, Posting::Notice(_) | Posting::Access(_)) => {}
    }
    Ok(())
}
