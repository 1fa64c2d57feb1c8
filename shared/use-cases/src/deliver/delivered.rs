//! What follows when a message was delivered: where it is a case's notice, the period begins.

use icp_domain::case::StaffNeed;
use icp_domain::command::CommandId;
use icp_domain::finding::{Event, Finding, step};
use icp_domain::ids::CaseId;
use icp_domain::notice::{Addressee, CaseFinding, Channel};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Message, Outcome, Posting, SentTo, StoredFiling, StoredOutbox};
use icp_store::{Change, CommitError, Store, StoreError};

use super::rows::{commit_mine, put_done};
use super::{Claimed, FUNCTION};
use crate::By;
use crate::trouble::Trouble;

/// Records that a message was delivered.
pub(super) async fn message(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    claimed: Option<&Claimed>,
    (stored, message): (&StoredOutbox, &Message),
    outcome: &Outcome,
) -> Result<(), Trouble> {
    for _ in 0..=rulebook.policy.sweeps.reloads {
        let mut change = Change::new();
        put_done(&mut change, stored, outcome.clone(), inv.now)?;
        if let Some(claimed) = claimed {
            if claimed.stored.key != stored.key {
                put_done(&mut change, &claimed.stored, outcome.clone(), inv.now)?;
            }
            put_sent(&mut change, claimed, inv)?;
        }
        put_told(store, rulebook, inv, &mut change, message).await?;
        match store.commit(&change).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Conflict(_)) => {
                // Either the case or filing moved, or the row is done: only the first is tried again.
                let row = store.outbox_at(&stored.key).await?;
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

/// Records that a digest was delivered, once its messages are.
pub(super) async fn digest(
    store: &Store,
    stored: &StoredOutbox,
    outcome: Outcome,
    inv: &Invocation,
) -> Result<(), Trouble> {
    let mut change = Change::new();
    put_done(&mut change, stored, outcome, inv.now)?;
    commit_mine(store, &change).await?;
    Ok(())
}

/// Writes for the number's owner that a text was handed over, once: codes stand in the number's ring.
pub(super) fn put_sent(
    change: &mut Change,
    claimed: &Claimed,
    inv: &Invocation,
) -> Result<(), StoreError> {
    let row = &claimed.stored.row;
    let number_hash = match &row.posting {
        Posting::Digest(digest) => &digest.number_hash,
        Posting::Message(message) if message.channel == Channel::Sms => &message.address_hash,
        Posting::Message(_) | Posting::Notice(_) | Posting::Access(_) => return Ok(()),
    };
    match (&claimed.said, &row.taken) {
        (Some((about, case_number)), None) if *about != CODE => {
            let sent = SentTo {
                at: inv.now,
                about: (*about).to_owned(),
                case_number: case_number.clone(),
            };
            sent.put(change, number_hash, &claimed.stored.id)
        }
        (Some(_) | None, Some(_) | None) => Ok(()),
    }
}

/// The name of a code's text.
const CODE: &str = "code";

/// Where the message is a case's notice, the period begins; where an address is mended that had been refused, that is
/// reported of it.
async fn put_told(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    change: &mut Change,
    message: &Message,
) -> Result<(), Trouble> {
    let told = message.notice.kind.told();
    let mail = message.channel == Channel::Mail;
    if told.is_empty() && !mail {
        return Ok(());
    }
    let Some(mut filing) = store.filing(message.subject()).await? else {
        return Ok(());
    };
    let mended = match &message.addressee {
        Addressee::Person {
            person,
            order: None,
        } if mail => {
            let reports = filing.reports.mails.get(person);
            let last = reports.and_then(|reports| reports.last());
            last.is_some_and(|last| !last.taken).then_some(person)
        }
        Addressee::Person { .. } | Addressee::Account { .. } => None,
    };
    let mut happened = notice_cases(store, rulebook, inv, change, &filing, told).await?;
    if let Some(person) = mended {
        filing.put_mail(store, change, person, true, inv).await?;
        happened = happened.or(Some(("mail-taken-again", person.to_string())));
    }
    if let Some((what, of)) = happened {
        let command = CommandId::of_cause(message.id.as_str(), "noticed", message.channel.name());
        let deed = By::machine(FUNCTION).deed(what, &of, &command);
        filing.record(change, deed, inv.now)?;
    }
    Ok(())
}

async fn notice_cases(
    store: &Store,
    rulebook: &Rulebook,
    inv: &Invocation,
    change: &mut Change,
    filing: &StoredFiling,
    told: &[CaseFinding],
) -> Result<Option<(&'static str, String)>, Trouble> {
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
    Ok(noticed.map(|case| ("notice-delivered", case.to_string())))
}
