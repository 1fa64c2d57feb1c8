//! What the text of a message says.

use icp_domain::Rulebook;
use icp_domain::finding::{Finding, FindingState};
use icp_domain::ids::CaseId;
use icp_domain::notice::{CaseFinding, NoticeKind, Parameters};
use icp_store::records::Message;
use icp_store::{Store, StoreError};
use jiff::Timestamp;

use super::truth::is_due_at;
use crate::send_code::code_of;

/// What the text of a message says.
pub(super) async fn parameters(
    store: &Store,
    rulebook: &Rulebook,
    message: &Message,
    now: Timestamp,
) -> Result<Parameters, StoreError> {
    let mut parameters = Parameters::default();
    match &message.notice.kind {
        NoticeKind::Code { person, .. } => {
            if let Some((challenge, _)) = store.challenge(message.subject(), person).await? {
                parameters.code = Some(code_of(store, &challenge, rulebook).await?);
            }
        }
        NoticeKind::Audit { told } => {
            for case in cases(told) {
                let of_notice = |finding: &Finding| told.iter().any(|t| t.finding == finding.id);
                add_case(store, rulebook, case, of_notice, &mut parameters, now).await?;
            }
        }
        NoticeKind::Reminder { case, due_at, .. } => {
            if let Some(filing) = store.filing(message.subject()).await? {
                let due = |finding: &Finding| is_due_at(finding, &filing, *due_at, rulebook, now);
                add_case(store, rulebook, case, due, &mut parameters, now).await?;
            }
            parameters.due_at = Some(*due_at);
        }
        NoticeKind::CaseClosed { case } | NoticeKind::AccessStopped { case, .. } => {
            add_case(store, rulebook, case, |_| true, &mut parameters, now).await?;
        }
        NoticeKind::ProofLapses { until, .. } => parameters.due_at = Some(*until),
        NoticeKind::OrderApproved { .. }
        | NoticeKind::OrderReturned { .. }
        | NoticeKind::OrderReminder { .. }
        | NoticeKind::AccessReinstated { .. } => {}
    }
    Ok(parameters)
}

/// The cases of a notice, each once.
fn cases(told: &[CaseFinding]) -> Vec<&CaseId> {
    let mut cases: Vec<&CaseId> = told.iter().map(|told| &told.case).collect();
    cases.dedup();
    cases
}

/// Adds a case's number, those of its findings that the text is about and that can still be put right
/// in time, and their earliest deadline: as it would be if the notice were delivered now, where it has not begun.
async fn add_case(
    store: &Store,
    rulebook: &Rulebook,
    case: &CaseId,
    counts: impl Fn(&Finding) -> bool,
    parameters: &mut Parameters,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(stored) = store.case(case).await? else {
        return Ok(());
    };
    let open = stored
        .case
        .findings
        .iter()
        .filter(|finding| finding.state == FindingState::Open && counts(finding));
    for finding in open {
        parameters.findings += 1;
        let from = finding.notified_at.unwrap_or(now);
        let extension = finding.extension.as_ref().map_or(0, |taken| taken.days);
        let days = i64::from(finding.period_days + extension);
        let due_at = rulebook.calendar.deadline(from, days);
        parameters.due_at = Some(
            parameters
                .due_at
                .map_or(due_at, |earliest| earliest.min(due_at)),
        );
    }
    parameters.case_number.get_or_insert(stored.case.number);
    Ok(())
}
