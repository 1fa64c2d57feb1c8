//! A case that is opened for a unit.

use icp_domain::case::{Case, CaseNumber};
use icp_domain::command::CommandId;
use icp_domain::ids::{CaseId, UnitId};
use icp_store::records::StoredFiling;
use icp_store::{Store, StoreError};
use jiff::Timestamp;

/// A case without findings, under a number that no other case has.
pub(crate) async fn new_case(
    store: &Store,
    filing: &StoredFiling,
    unit: &UnitId,
    command: &CommandId,
    now: Timestamp,
) -> Result<Case, StoreError> {
    let id = CaseId::derived("case", &[command.as_str()]);
    let mut attempt = 0;
    let number = loop {
        let number = CaseNumber::of_attempt(&id, attempt);
        match store.case_of_number(&number).await? {
            Some(other) if other != id.as_str() => attempt += 1,
            Some(_) | None => break number,
        }
    };
    Ok(Case {
        id,
        number,
        unit: unit.clone(),
        account: filing.filing.subject.account.clone(),
        opened_at: now,
        findings: Vec::new(),
        needs_staff: None,
        calls: Vec::new(),
        call_slot: None,
    })
}
