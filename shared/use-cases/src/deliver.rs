//! Delivers what commits left in the outbox: claimed, expanded, gathered, sent by the function, settled.

use icp_domain::case::CaseNumber;
use icp_domain::command::hashed;
use icp_domain::identifiers::{EmailAddress, Mobile};
use icp_domain::notice::{About, AccessChange, Channel, NoticeKind, Parameters, WhyUnreached};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Claim, Message, OutboxRow, Outcome, Posting, StoredOutbox, Taken};
use icp_store::{Change, CommitError, Key, Store, StoreError};
use jiff::Timestamp;

use crate::trouble::Trouble;

mod address;
mod bounced;
mod delivered;
mod digest;
mod due;
mod expand;
mod held;
mod recipients;
mod record;
mod rows;
mod says;
mod truth;

pub(crate) use bounced::put_unreached;
pub use due::{due, left_behind};
use held::Held;
pub(crate) use held::{held_of, is_held};
pub use record::{Sent, record};
use rows::{commit_mine, may_be_sent, settle};

/// Who delivers, as history knows it.
const FUNCTION: &str = "deliver-notices";

/// A row that this process may send, until the lease ends.
#[derive(Debug, Clone)]
pub struct Claimed {
    stored: StoredOutbox,
    /// What its text is called and which case number it prints, once that is known.
    said: Option<(&'static str, Option<CaseNumber>)>,
    /// Whether the mail server refused the address before: that a mail arrives is then worth knowing.
    is_doubted: bool,
}

impl Claimed {
    fn of(stored: StoredOutbox) -> Self {
        Self {
            stored,
            said: None,
            is_doubted: false,
        }
    }

    /// What the sender is told to know a repeat by: the row's id.
    pub fn reference(&self) -> &str {
        self.stored.id.as_str()
    }

    /// The work of sending a text, of which it is kept what it was.
    fn sms(&mut self, to: Mobile, about: About, parameters: Parameters) -> Work {
        let name = match &about {
            About::Notice(kind) => kind.name(),
            About::Digest => "digest",
        };
        self.said = Some((name, parameters.case_number.clone()));
        Work::Sms {
            to,
            about,
            parameters: Box::new(parameters),
        }
    }
}

/// What is to be done with a claimed row.
#[derive(Debug)]
pub enum Work {
    /// Send this text to this number.
    Sms {
        /// The number.
        to: Mobile,
        /// What about.
        about: About,
        /// What the text says.
        parameters: Box<Parameters>,
    },
    /// Send this mail to this address.
    Mail {
        /// The address.
        to: EmailAddress,
        /// What about.
        kind: NoticeKind,
        /// What it says.
        parameters: Box<Parameters>,
    },
    /// Ask what became of a text that the sender took.
    AskReceipt {
        /// The number that it went to.
        to: Mobile,
        /// The sender's reference.
        taken: Taken,
    },
    /// Publish this change of access.
    Publish(AccessChange),
    /// Nothing: it was expanded, is stale, or reaches nobody. It is settled already.
    Nothing,
    /// Nothing yet: the run that found what it tells is held.
    Held,
}

/// A row that is due and that nobody has claimed.
#[derive(Debug, Clone)]
pub struct Found(StoredOutbox);

/// What a row needs to be sent by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// The table alone.
    Table,
    /// The sender of SMS.
    Sms,
    /// What the sender of SMS knows of those that it took.
    Receipts,
    /// The mail relay.
    Mail,
    /// The topic.
    Topic,
}

/// Which ways a deployment has beside SMS.
#[derive(Debug, Clone, Copy)]
pub struct Ways {
    /// Whether it has a mail relay.
    pub mails: bool,
}

impl Found {
    /// What it needs to be sent by.
    pub fn way(&self) -> Way {
        match &self.0.row.posting {
            Posting::Notice(_) => Way::Table,
            Posting::Access(_) => Way::Topic,
            Posting::Digest(_) | Posting::Message(_) if self.0.row.taken.is_some() => Way::Receipts,
            Posting::Digest(_) => Way::Sms,
            Posting::Message(message) => match message.channel {
                Channel::Sms => Way::Sms,
                Channel::Mail => Way::Mail,
            },
        }
    }
}

/// The row under a key, if it is due. `None` when it is done, claimed, or not due yet.
pub async fn find(store: &Store, key: &Key, now: Timestamp) -> Result<Option<Found>, StoreError> {
    let Some(stored) = store.outbox_at(key).await? else {
        return Ok(None);
    };
    let row = &stored.row;
    let leased = row.claim.as_ref().is_some_and(|claim| now < claim.until);
    let is_due = row.done.is_none() && !leased && row.send_after <= now;
    Ok(is_due.then_some(Found(stored)))
}

/// Puts a row off whose sender is down, so that it stands in the way of no other; it was not tried.
pub async fn postpone(
    store: &Store,
    rulebook: &Rulebook,
    inv: &Invocation,
    Found(stored): Found,
) -> Result<(), StoreError> {
    let waiting = OutboxRow {
        send_after: rows::retry_at(&stored.row, rulebook, inv.now),
        ..stored.row.clone()
    };
    let mut change = Change::new();
    stored.put(&mut change, &waiting, inv.now)?;
    commit_mine(store, &change).await
}

/// Claims a row: a lease under which nobody else sends it. `None` when somebody else has it by now, or it may not be
/// sent at this hour.
pub async fn claim(
    store: &Store,
    rulebook: &Rulebook,
    inv: &Invocation,
    Found(stored): Found,
) -> Result<Option<Claimed>, StoreError> {
    let row = &stored.row;
    // A row that was due by day and is found at night waits for the morning; a receipt is asked for at night.
    let send_after = match &row.taken {
        Some(_) => inv.now,
        None => may_be_sent(&row.posting, inv.now, rulebook),
    };
    if inv.now < send_after {
        let waiting = OutboxRow {
            send_after,
            ..row.clone()
        };
        let mut change = Change::new();
        stored.put(&mut change, &waiting, inv.now)?;
        commit_mine(store, &change).await?;
        return Ok(None);
    }
    // Expanding sends nothing: its one commit rests on the row as read, and needs no lease.
    if let Posting::Notice(_) = &row.posting {
        return Ok(Some(Claimed::of(stored)));
    }
    let token = hashed("claim", &[stored.id.as_str(), &row.tries.to_string()]);
    let until = inv.now + rulebook.policy.delivery.lease();
    let claimed = OutboxRow {
        claim: Some(Claim { token, until }),
        tries: row.tries + 1,
        ..row.clone()
    };
    let mut change = Change::new();
    stored.put(&mut change, &claimed, inv.now)?;
    match store.commit(&change).await {
        Ok(()) => Ok(store.outbox_at(&stored.key).await?.map(Claimed::of)),
        Err(CommitError::Conflict(_)) => Ok(None),
        Err(CommitError::Store(error)) => Err(error),
    }
}

/// What is to be done with a claimed row. A notice is expanded here, in one commit.
pub async fn work(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    claimed: &mut Claimed,
    ways: Ways,
) -> Result<Work, Trouble> {
    let posting = claimed.stored.row.posting.clone();
    match &posting {
        Posting::Access(access) => {
            if truth::access_still_true(store, access).await? {
                return Ok(Work::Publish(access.clone()));
            }
            settle(store, &claimed.stored, Outcome::Settled, inv).await?;
            Ok(Work::Nothing)
        }
        Posting::Notice(notice) => {
            if !truth::still_true(store, rulebook, notice, inv.now).await? {
                settle(store, &claimed.stored, Outcome::Stale, inv).await?;
                return Ok(Work::Nothing);
            }
            match held::held(store, rulebook, notice.kind.told(), inv.now).await? {
                Held::Nothing => {}
                Held::Whole => {
                    rows::hold(store, rulebook, claimed, inv).await?;
                    return Ok(Work::Held);
                }
                Held::Part(told) => {
                    rows::hold_part(store, rulebook, claimed, (notice, told), inv).await?;
                    return Ok(Work::Held);
                }
            }
            expand::expand(store, rulebook, claimed, (notice, ways), inv).await?;
            Ok(Work::Nothing)
        }
        Posting::Message(message) => match (claimed.stored.row.taken.clone(), message.channel) {
            (None, _) => message_work(store, rulebook, inv, claimed, message).await,
            (Some(taken), Channel::Sms) => ask_receipt(store, inv, claimed, message, taken).await,
            (Some(taken), Channel::Mail) => {
                // It has not come back for a while: that is how a mail is known to have arrived.
                let outcome = Outcome::Delivered(taken.reference);
                let row = (&claimed.stored, message);
                delivered::message(store, rulebook, inv, Some(claimed), row, &outcome).await?;
                Ok(Work::Nothing)
            }
        },
        Posting::Digest(digest) => match claimed.stored.row.taken.clone() {
            None => digest::work(store, rulebook, inv, claimed, digest).await,
            Some(taken) => digest::ask_receipt(store, inv, claimed, (digest, &taken)).await,
        },
    }
}

async fn message_work(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    claimed: &mut Claimed,
    message: &Message,
) -> Result<Work, Trouble> {
    if !truth::still_true(store, rulebook, &message.notice, inv.now).await? {
        if let NoticeKind::Code { .. } = &message.notice.kind {
            tracing::info!(row = %claimed.stored.key, "a code is past its life or used, and is dropped");
        }
        settle(store, &claimed.stored, Outcome::Stale, inv).await?;
        return Ok(Work::Nothing);
    }
    // What was asked for one number or address goes to no other that stands there now.
    let work = match message.channel {
        Channel::Sms => {
            let to = address::mobile(store, message).await?;
            let parameters = says::parameters(store, rulebook, message, inv.now).await?;
            let about = About::Notice(message.notice.kind.clone());
            to.map(|to| claimed.sms(to, about, parameters))
        }
        Channel::Mail => {
            let found = address::email(store, message).await?;
            let to = found.map(|(email, is_doubted)| {
                claimed.is_doubted = is_doubted;
                email
            });
            let parameters = says::in_words(store, rulebook, message, inv.now).await?;
            to.map(|to| Work::Mail {
                to,
                kind: message.notice.kind.clone(),
                parameters: Box::new(parameters),
            })
        }
    };
    match work {
        Some(work) => Ok(work),
        None => moved(store, inv, claimed).await,
    }
}

async fn ask_receipt(
    store: &Store,
    inv: &Invocation,
    claimed: &Claimed,
    message: &Message,
    taken: Taken,
) -> Result<Work, Trouble> {
    match address::mobile(store, message).await? {
        Some(to) => Ok(Work::AskReceipt { to, taken }),
        None => moved(store, inv, claimed).await,
    }
}

/// The number or address is another by now: the row has nobody to go to.
async fn moved(store: &Store, inv: &Invocation, claimed: &Claimed) -> Result<Work, Trouble> {
    let moved = WhyUnreached::Moved.alone();
    settle(store, &claimed.stored, Outcome::Unreached(moved), inv).await?;
    Ok(Work::Nothing)
}

/// Whether a change of access waits for its acknowledgement longer than it may.
pub fn is_unacknowledged(claimed: &Claimed, rulebook: &Rulebook, now: Timestamp) -> bool {
    match &claimed.stored.row.posting {
        Posting::Access(access) => {
            access.at + rulebook.policy.delivery.acknowledgement_alarm() <= now
        }
        Posting::Notice(_) | Posting::Message(_) | Posting::Digest(_) => false,
    }
}
