//! Expanding a notice into its messages: one per number and one per address.

use icp_domain::notice::{Channel, Notice, WhyUnreached};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Message, Outcome};
use icp_store::{Change, CommitError, Store, StoreError};

use super::recipients::{Recipient, recipients};
use super::{Claimed, Ways, digest, rows::put_done};

/// Expands a notice once: all its messages in the commit that settles it. Where a digest was sealed meanwhile, the
/// commit is made again with the next day's.
pub(super) async fn expand(
    store: &Store,
    rulebook: &Rulebook,
    claimed: &Claimed,
    (notice, ways): (&Notice, Ways),
    inv: &Invocation,
) -> Result<(), StoreError> {
    let recipients = recipients(store, notice).await?;
    for _ in 0..=rulebook.policy.sweeps.reloads {
        let mut change = Change::new();
        let mut messages = Vec::new();
        for (to, channel, hash) in each_once(&recipients, notice, ways) {
            if Change::MOST_ROWS <= change.rows() + ROWS_OF_A_MESSAGE {
                // More principals than one commit holds: whoever is left is told by those who are told.
                tracing::warn!(row = %claimed.stored.key, "a notice has too many recipients");
                break;
            }
            let digest = match channel {
                Channel::Sms if notice.kind.is_digested() => {
                    Some(digest::join(store, rulebook, &mut change, hash, inv.now).await?)
                }
                Channel::Sms | Channel::Mail => None,
            };
            let message = Message {
                id: Message::id_of(&notice.id, channel, hash),
                notice: notice.clone(),
                addressee: to.addressee.clone(),
                channel,
                address_hash: hash.to_owned(),
                digest,
            };
            messages.push(Store::post_message(&mut change, message, inv.now)?);
        }
        let outcome = if messages.is_empty() {
            Outcome::Unreached(WhyUnreached::NobodyToTell.alone())
        } else {
            Outcome::Expanded(messages)
        };
        put_done(&mut change, &claimed.stored, outcome, inv.now)?;
        match store.commit(&change).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Conflict(rows)) => {
                let mine = rows.iter().any(|row| row.key == claimed.stored.key);
                if mine {
                    return Ok(());
                }
            }
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    // It stays due, and the sweep finds it again.
    Ok(())
}

/// Rows that one message and its digest come to, and the notice's own.
const ROWS_OF_A_MESSAGE: usize = 3;

/// Each number and each address once, whatever roles its owner has.
fn each_once<'a>(
    recipients: &'a [Recipient],
    notice: &Notice,
    ways: Ways,
) -> Vec<(&'a Recipient, Channel, &'a str)> {
    let mut found: Vec<(&Recipient, Channel, &str)> = Vec::new();
    for to in recipients {
        let is_mailed = ways.mails && notice.kind.is_mailed();
        let mail = to.email.as_deref().filter(|_| is_mailed);
        let ways = [(Channel::Sms, to.mobile.as_deref()), (Channel::Mail, mail)];
        for (channel, hash) in ways {
            let Some(hash) = hash else { continue };
            if !notice.only.is_empty() && !notice.only.contains(&channel) {
                continue;
            }
            if !found
                .iter()
                .any(|(_, by, told)| *by == channel && *told == hash)
            {
                found.push((to, channel, hash));
            }
        }
    }
    found
}
