//! What follows when a message was delivered: where it is a case's notice, the period begins.

use icp_domain::command::CommandId;
use icp_domain::finding::{Event, Finding, step};
use icp_domain::history::Happened;
use icp_domain::ids::{CaseId, PersonId};
use icp_domain::notice::{Addressee, CaseFinding, Channel};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Message, Outcome, Posting, SentTo, StoredFiling, StoredOutbox};
use icp_store::{Change, CommitError, Store, StoreError};

use super::recipients::hashed_email;
use super::rows::{again_and_again, put_done};
use super::{Claimed, FUNCTION};
use crate::By;
use crate::trouble::Trouble;

/// Cases that one commit tells: each is a row, beside the filing's and the message's.
const CASES_TOGETHER: usize = 40;

/// Records that a message was delivered: its cases first, as many as a commit holds, and the message with the last of
/// them.
pub(super) async fn message(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    claimed: Option<&Claimed>,
    (stored, message): (&StoredOutbox, &Message),
    outcome: &Outcome,
) -> Result<(), Trouble> {
    let mut left = rulebook.policy.sweeps.reloads;
    loop {
        let mut change = Change::new();
        let is_last = put_told(store, rulebook, inv, &mut change, (stored, message)).await?;
        if is_last {
            put_done(&mut change, stored, outcome.clone(), inv.now)?;
            if let Some(claimed) = claimed {
                if claimed.stored.key != stored.key {
                    put_done(&mut change, &claimed.stored, outcome.clone(), inv.now)?;
                }
                put_sent(&mut change, claimed, inv)?;
            }
        }
        match store.commit(&change).await {
            Ok(()) if is_last => return Ok(()),
            Ok(()) => {}
            Err(CommitError::Conflict(_)) => {
                // Either the case or filing moved, or the row is done: only the first is tried again.
                let row = store.outbox_at(&stored.key).await?;
                if row.is_none_or(|stored| stored.row.done.is_some()) {
                    return Ok(());
                }
                // It stays due: a text that was sent goes again, and the case number in it shows the double.
                left = left.checked_sub(1).ok_or_else(again_and_again)?;
            }
            Err(CommitError::Store(error)) => return Err(error.into()),
        }
    }
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
/// reported of it. Whether all its cases are told with that.
async fn put_told(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    change: &mut Change,
    (stored, message): (&StoredOutbox, &Message),
) -> Result<bool, Trouble> {
    let told = message.notice.kind.told();
    let mail = message.channel == Channel::Mail;
    if told.is_empty() && !mail {
        return Ok(true);
    }
    let Some(mut filing) = store.filing(message.subject()).await? else {
        return Ok(true);
    };
    let (mut happened, is_last) = notice_cases(store, rulebook, inv, change, &filing, told).await?;
    if let Some(person) = mended(store, &filing, (stored, message)).await? {
        filing.put_mail(store, change, person, true, inv).await?;
        happened = happened.or(Some((Happened::MailTakenAgain, person.to_string())));
    }
    if let Some((what, of)) = happened {
        let command = CommandId::of_cause(message.id.as_str(), "noticed", message.channel.name());
        let deed = By::machine(FUNCTION).deed(what, &of, &command);
        filing.record(change, deed, inv.now)?;
    }
    Ok(is_last)
}

/// The person whose address, refused by the last mail before this one, takes mail again: it is still the address that
/// the mail went to.
async fn mended<'a>(
    store: &Store,
    filing: &StoredFiling,
    (stored, message): (&StoredOutbox, &'a Message),
) -> Result<Option<&'a PersonId>, StoreError> {
    let (
        Channel::Mail,
        Some(taken),
        Addressee::Person {
            person,
            order: None,
        },
    ) = (message.channel, &stored.row.taken, &message.addressee)
    else {
        return Ok(None);
    };
    let last = filing.reports.mails.get(person).and_then(|all| all.last());
    let was_refused = last.is_some_and(|last| !last.taken && last.at < taken.at);
    let Some(held) = filing.filing.persons.get(person).filter(|_| was_refused) else {
        return Ok(None);
    };
    let email = hashed_email(&held.details.email);
    let same = store
        .keys()
        .is_hash_of(&email, &message.address_hash)
        .await?;
    Ok(same.then_some(person))
}

async fn notice_cases(
    store: &Store,
    rulebook: &Rulebook,
    inv: &Invocation,
    change: &mut Change,
    filing: &StoredFiling,
    told: &[CaseFinding],
) -> Result<(Option<(Happened, String)>, bool), Trouble> {
    let (mut noticed, mut together) = (None, 0);
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
        if CASES_TOGETHER <= together {
            return Ok((noticed.map(|case: CaseId| (TOLD, case.to_string())), false));
        }
        together += 1;
        let wake = stored.case.wakes_at(&filing.freezes, inv.now, rulebook);
        stored.put(change, wake, inv.now)?;
        noticed = Some(case.clone());
    }
    Ok((noticed.map(|case| (TOLD, case.to_string())), true))
}

/// The deed of a delivered notice, in history.
const TOLD: Happened = Happened::NoticeDelivered;
