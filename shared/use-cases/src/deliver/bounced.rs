//! What follows when a message reached nobody.

use icp_domain::command::CommandId;
use icp_domain::notice::{Addressee, Unreached, WhyUnreached};
use icp_domain::reports::TelephoneSays;
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Message, Outcome, StoredOutbox};
use icp_store::{Change, CommitError, Store};

use super::FUNCTION;
use super::recipients::hashed_email;
use super::rows::put_done;
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
    why: Unreached,
) -> Result<(), Trouble> {
    for _ in 0..=rulebook.policy.sweeps.reloads {
        let mut change = Change::new();
        put_unreached(store, &mut change, (stored, message), &why, inv).await?;
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
    Ok(())
}

/// Writes that a message reached nobody.
pub(crate) async fn put_unreached(
    store: &Store,
    change: &mut Change,
    (stored, message): (&StoredOutbox, &Message),
    why: &Unreached,
    inv: &mut Invocation,
) -> Result<(), Trouble> {
    put_done(change, stored, Outcome::Unreached(why.clone()), inv.now)?;
    let Addressee::Person { person, .. } = &message.addressee else {
        return Ok(());
    };
    let of_number = match why.why {
        WhyUnreached::NoSuchNumber => true,
        WhyUnreached::NoSuchAddress => false,
        WhyUnreached::NobodyToTell
        | WhyUnreached::Moved
        | WhyUnreached::OptedOut
        | WhyUnreached::InvalidNumber
        | WhyUnreached::Refused
        | WhyUnreached::NotArrived => return Ok(()),
    };
    let Some(mut filing) = store.filing(message.subject()).await? else {
        return Ok(());
    };
    let Some(held) = filing.filing.persons.get(person) else {
        return Ok(());
    };
    // What is said of a number or address that is another by now is said of nobody.
    let stands = if of_number {
        held.details.mobile.reveal().to_owned()
    } else {
        hashed_email(&held.details.email)
    };
    if !store
        .keys()
        .is_hash_of(&stands, &message.address_hash)
        .await?
    {
        return Ok(());
    }
    let happened = if of_number {
        let says = TelephoneSays::NoSuchNumber;
        report_telephone(store, change, &filing, person, says, inv).await?;
        "number-not-in-service"
    } else {
        filing.put_mail(store, change, person, false, inv).await?;
        "mail-refused"
    };
    let command = CommandId::of_cause(message.id.as_str(), "unreached", message.channel.name());
    let deed = By::machine(FUNCTION).deed(happened, person.as_str(), &command);
    filing.record(change, deed, inv.now)?;
    Ok(())
}
