//! What the operator's lists, and the filed materials, say of what a look saw: read only where the look has need of it,
//! so that most audits pay for none of them.

use icp_domain::look::{Evidence, Seen};
use icp_domain::registration::{Holder, RegistrationAnswer};
use icp_domain::rulebook::calendar::local_date;
use icp_store::records::StoredFiling;
use icp_store::{Store, StoreError};

/// Adds to a filing's reports whether the registrars that were seen are approved, and until when files of
/// front ends were brought, where the last visit is not of today or of the day before, and its materials, where a
/// registry names another holder.
pub(super) async fn add_lists(
    store: &Store,
    filing: &mut StoredFiling,
    evidence: &Evidence,
) -> Result<(), StoreError> {
    let registrars = registrars(evidence);
    if !registrars.is_empty() {
        filing.reports.registrars = store.registrars(&registrars).await?;
    }
    let today = local_date(evidence.begun_at);
    let yesterday = today.yesterday().unwrap_or(today);
    let mut hosting = filing.reports.hosting.values();
    let is_quiet = hosting.any(|report| {
        let seen = report.seen_at_front_ends.as_ref();
        seen.is_some_and(|seen| seen.values().all(|day| *day < yesterday))
    });
    if is_quiet {
        filing.reports.front_ends_until = store.front_ends_until().await?;
    }
    if names_another_holder(evidence)
        && let Some(whole) = store.filing(filing.id()).await?
    {
        filing.filing.materials = whole.filing.materials;
    }
    Ok(())
}

/// Whether a registry names another holder, who may be shown to be none by a certificate.
fn names_another_holder(evidence: &Evidence) -> bool {
    evidence.registrations.iter().any(|seen| match &seen.seen {
        Seen::Answer(RegistrationAnswer::Registered(registration)) => {
            matches!(registration.holder, Holder::Different { .. })
        }
        Seen::Answer(RegistrationAnswer::NotRegistered) | Seen::Failed(_) => false,
    })
}

/// The registrars that registries named, each once.
fn registrars(evidence: &Evidence) -> Vec<&str> {
    let seen = evidence.registrations.iter();
    let mut names: Vec<&str> = seen
        .filter_map(|seen| match &seen.seen {
            Seen::Answer(RegistrationAnswer::Registered(registration)) => {
                registration.registrar.as_deref()
            }
            Seen::Answer(RegistrationAnswer::NotRegistered) | Seen::Failed(_) => None,
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
