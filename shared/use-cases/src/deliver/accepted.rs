//! What follows when a message was taken: where it is a case's notice, the period begins.

use icp_domain::case::StaffNeed;
use icp_domain::command::CommandId;
use icp_domain::finding::{Event, Finding, step};
use icp_domain::ids::CaseId;
use icp_domain::notice::{CaseFinding, NoticeKind};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Message, Outcome, StoredFiling};
use icp_store::{Change, CommitError, Store};

use super::{Claimed, FUNCTION, put_done, settle};
use crate::By;
use crate::trouble::Trouble;

/// Records that a message was taken. Where it is a case's notice, the period begins with it.
pub(super) async fn accepted(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    claimed: &Claimed,
    message: &Message,
    reference: String,
) -> Result<(), Trouble> {
    let NoticeKind::Audit { told } = &message.notice.kind else {
        settle(store, claimed, Outcome::Accepted(reference), inv).await?;
        return Ok(());
    };
    for _ in 0..=rulebook.policy.sweeps.reloads {
        let mut change = Change::new();
        put_done(
            &mut change,
            claimed,
            Outcome::Accepted(reference.clone()),
            inv.now,
        )?;
        let Some(mut filing) = store.filing(message.subject()).await? else {
            return Ok(());
        };
        notice_cases(
            store,
            rulebook,
            inv,
            &mut change,
            &mut filing,
            message,
            told,
        )
        .await?;
        match store.commit(&change).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Conflict(_)) => {
                // Either the case or filing moved, or the row is done: only the first is tried again.
                let row = store.outbox(&message.id).await?;
                if row.is_none_or(|stored| stored.row.done.is_some()) {
                    return Ok(());
                }
            }
            Err(CommitError::Store(error)) => return Err(error.into()),
        }
    }
    // The lease ends and the row is sent again; the case number in the text shows the double.
    Ok(())
}

async fn notice_cases(
    store: &Store,
    rulebook: &Rulebook,
    inv: &Invocation,
    change: &mut Change,
    filing: &mut StoredFiling,
    message: &Message,
    told: &[CaseFinding],
) -> Result<(), Trouble> {
    let mut noticed = None;
    let mut cases: Vec<&CaseId> = told.iter().map(|told| &told.case).collect();
    cases.sort();
    cases.dedup();
    for case in cases {
        let Some(mut stored) = store.case(case).await? else {
            continue;
        };
        // Only what the text counted is told by it.
        let spoken_of = |finding: &Finding| told.iter().any(|told| told.finding == finding.id);
        let mut any = false;
        for finding in &mut stored.case.findings {
            if finding.waits_to_be_told() && spoken_of(finding) {
                *finding = step(finding.clone(), Event::Noticed, inv.now, rulebook)?;
                any = true;
            }
        }
        if !any {
            continue;
        }
        let untold = stored.case.findings.iter().any(Finding::waits_to_be_told);
        if let (Some(StaffNeed::NobodyReached(_)), false) = (stored.case.needs_staff, untold) {
            stored.case.needs_staff = None;
        }
        let wake = stored.case.wakes_at(&filing.freezes, inv.now, rulebook);
        stored.put(change, wake, inv.now)?;
        noticed = Some(case.clone());
    }
    if let Some(case) = noticed {
        let command = CommandId::of_cause(message.id.as_str(), "noticed", "sms");
        let deed = By::machine(FUNCTION).deed("notice-delivered", case.as_str(), &command);
        filing.record(change, deed, inv.now)?;
    }
    Ok(())
}
