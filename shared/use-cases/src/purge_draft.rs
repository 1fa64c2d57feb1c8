//! Deletes what is left of an order that ended: its draft, and the files that no filing holds.
//!
//! **Invariant:** a file's row goes only after its object, so that no object is left that nothing names;
//! what the filing holds stays.

use icp_domain::filing::{Custody, Filing};
use icp_domain::ids::OrderId;
use icp_domain::order::{DraftLeft, OrderState};
use icp_domain::{Invocation, Rulebook};
use icp_store::files::Files;
use icp_store::records::{StoredOrder, Upload};
use icp_store::{Change, CommitError, Guard, Store, StoreError, keys};
use jiff::Timestamp;

/// Deletes what is left of an order, if it is time.
pub async fn purge(
    store: &Store,
    files: &Files,
    rulebook: &Rulebook,
    inv: &Invocation,
    order: &OrderId,
) -> Result<(), StoreError> {
    let now = inv.now;
    let Some(mut stored) = store.order(order).await? else {
        return Ok(());
    };
    if !is_due(&stored, rulebook, now) {
        return Ok(());
    }
    let filing = store.filing(&stored.order.subject).await?;
    let mut change = Change::new();
    for (material, upload) in &stored.uploads {
        if filing
            .as_ref()
            .is_some_and(|filing| holds(&filing.filing, upload))
        {
            continue;
        }
        delete_object(files, upload).await?;
        let row = keys::order_upload(order, material);
        change.delete(row, Guard::Parent);
    }
    stored.delete_draft(&mut change);
    stored.order.left = DraftLeft::Nothing;
    // What was filed is public under its domains; what never was is nobody's to keep.
    if !matches!(stored.order.state, OrderState::Approved { .. }) {
        stored.order.sites.clear();
    }
    stored.put_head(&mut change, stored.order.wakes_at(rulebook), now)?;
    if let Some(filing) = &filing {
        // What it holds is what was read: an erasure beside this one finds the files again.
        filing.check_head(&mut change);
    }
    match store.commit(&change).await {
        // Whoever wrote first left it due, if it still is.
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error),
    }
}

fn is_due(stored: &StoredOrder, rulebook: &Rulebook, now: Timestamp) -> bool {
    let purges_at = stored.order.purges_at(rulebook);
    purges_at.is_some_and(|at| at <= now)
}

/// Whether a material of the filing is the file that was uploaded.
fn holds(filing: &Filing, upload: &Upload) -> bool {
    let mut materials = filing.materials.values();
    materials.any(|material| match &material.custody {
        Custody::Stored(object) => object.key == upload.key,
        Custody::Paper { .. } | Custody::Unknown => false,
    })
}

async fn delete_object(files: &Files, upload: &Upload) -> Result<(), StoreError> {
    let version = match &upload.seen {
        Some(object) => object.version.clone(),
        // Uploaded, perhaps, and never taken into the draft.
        None => match files.seen(&upload.key).await? {
            Some(seen) => seen.version,
            None => return Ok(()),
        },
    };
    files.delete(&upload.key, version.as_deref()).await
}
