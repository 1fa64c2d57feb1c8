//! What follows when a message reached nobody.

use icp_domain::command::CommandId;
use icp_domain::history::Happened;
use icp_domain::ids::{CaseId, PersonId};
use icp_domain::notice::{Addressee, Unreached, WhyUnreached};
use icp_domain::reports::TelephoneSays;
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Message, Outcome, StoredFiling, StoredOutbox};
use icp_store::{Change, CommitError, Store, StoreError};

use super::FUNCTION;
use super::recipients::hashed_email;
use super::rows::{again_and_again, put_done};
use crate::By;
use crate::reported::report_telephone;
use crate::trouble::Trouble;

/// Records that a message reached nobody: the row is done, and what it says of the person's number or address is
/// reported of it.
pub(super) async fn message(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    (stored, message): (&StoredOutbox, &Message),
    why: &Unreached,
) -> Result<(), Trouble> {
    for _ in 0..=rulebook.policy.sweeps.reloads {
        let mut change = Change::new();
        put_unreached(store, &mut change, (stored, message), (why, None), inv).await?;
        match store.commit(&change).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Conflict(_)) => {
                let row = store.outbox_at(&stored.key).await?;
                if row.is_none_or(|stored| stored.row.done.is_some()) {
                    return Ok(());
                }
            }
            Err(CommitError::Store(error)) => return Err(error.into()),
        }
    }
    Err(again_and_again().into())
}

/// Writes that a message reached nobody. `returned` is a case whose period is as if it had not begun with it.
pub(crate) async fn put_unreached(
    store: &Store,
    change: &mut Change,
    (stored, message): (&StoredOutbox, &Message),
    (why, returned): (&Unreached, Option<CaseId>),
    inv: &mut Invocation,
) -> Result<(), Trouble> {
    put_done(change, stored, Outcome::Unreached(why.clone()), inv.now)?;
    let of_number = match why.why {
        WhyUnreached::NoSuchNumber => Some(true),
        WhyUnreached::NoSuchAddress => Some(false),
        WhyUnreached::NobodyToTell
        | WhyUnreached::Moved
        | WhyUnreached::OptedOut
        | WhyUnreached::InvalidNumber
        | WhyUnreached::Refused
        | WhyUnreached::NotArrived
        | WhyUnreached::NoVoice => None,
    };
    if of_number.is_none() && returned.is_none() {
        return Ok(());
    }
    let Some(mut filing) = store.filing(message.subject()).await? else {
        return Ok(());
    };
    let said_of = match of_number {
        Some(of_number) => person_of(store, &filing, message, of_number).await?,
        None => None,
    };
    let mut happened = returned.map(|case| (Happened::NoticeReturned, case.to_string()));
    match (said_of, of_number) {
        (Some(person), Some(true)) => {
            let says = TelephoneSays::NoSuchNumber;
            report_telephone(store, change, &filing, person, says, inv).await?;
            happened = happened.or(Some((Happened::NumberNotInService, person.to_string())));
        }
        (Some(person), Some(false)) => {
            filing.put_mail(store, change, person, false, inv).await?;
            happened = happened.or(Some((Happened::MailRefused, person.to_string())));
        }
        (None, _) | (_, None) => {}
    }
    if let Some((what, of)) = happened {
        let command = CommandId::of_cause(message.id.as_str(), "unreached", message.channel.name());
        let deed = By::machine(FUNCTION).deed(what, &of, &command);
        filing.record(change, deed, inv.now)?;
    }
    Ok(())
}

/// The person of the filing whose number or address a message went to, if it still is: what is said of one that is
/// another by now is said of nobody.
async fn person_of<'a>(
    store: &Store,
    filing: &StoredFiling,
    message: &'a Message,
    of_number: bool,
) -> Result<Option<&'a PersonId>, StoreError> {
    let Addressee::Person { person, .. } = &message.addressee else {
        return Ok(None);
    };
    let Some(held) = filing.filing.persons.get(person) else {
        return Ok(None);
    };
    let stands = if of_number {
        held.details.mobile.reveal().to_owned()
    } else {
        hashed_email(&held.details.email)
    };
    let same = store
        .keys()
        .is_hash_of(&stands, &message.address_hash)
        .await?;
    Ok(same.then_some(person))
}
