//! A filing's history: what happened, chained so that an edit or a gap shows.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::account::Actor;
use crate::command::CommandId;

mod happened;

pub use happened::Happened;

/// Where a history stands: the number and hash of its last entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryHead {
    /// Number of the last entry; 0 before the first.
    pub number: u64,
    /// Hash of the last entry, in hex; empty before the first.
    pub hash: String,
}

/// One entry: who did what, when, by which command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HistoryEntry)]
pub struct Entry {
    /// Its number: 1, 2, …
    pub number: u64,
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// From where: the caller's address, or the machine's event.
    pub origin: String,
    /// The step's name, past tense, such as `order-submitted`.
    #[schema(value_type = Happened)]
    pub what: String,
    /// What it was about, such as an order's or a case's id. Nothing personal.
    pub about: String,
    /// The step's command id, which makes a retry safe.
    pub command: CommandId,
    /// Hash over the entry and its predecessor's hash, in hex.
    pub hash: String,
}

/// What a step says about itself; the chain adds number and hash.
#[derive(Debug, Clone)]
pub struct Deed {
    /// Who.
    pub actor: Actor,
    /// From where.
    pub origin: String,
    /// What it did.
    pub what: Happened,
    /// What it was about.
    pub about: String,
    /// The step's command id.
    pub command: CommandId,
}

impl HistoryHead {
    /// The entry that follows, and the head after it.
    pub fn append(&self, deed: Deed, at: Timestamp) -> (Entry, Self) {
        let mut entry = Entry {
            number: self.number + 1,
            at,
            actor: deed.actor,
            origin: deed.origin,
            what: deed.what.name().to_owned(),
            about: deed.about,
            command: deed.command,
            hash: String::new(),
        };
        entry.hash = chained(&self.hash, &entry);
        let head = Self {
            number: entry.number,
            hash: entry.hash.clone(),
        };
        (entry, head)
    }
}

/// Where a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An entry is missing.
    #[error("entry {0} is missing")]
    Gap(u64),
    /// An entry was edited, or its predecessor was.
    #[error("entry {0} does not follow from the one before")]
    Edited(u64),
    /// The head knows another last entry.
    #[error("the filing's head names another last entry")]
    Head,
}

/// Verifies a whole chain against the head that the filing holds.
pub fn verify(entries: &[Entry], head: &HistoryHead) -> Result<(), Broken> {
    let mut last = HistoryHead::default();
    for entry in entries {
        if entry.number != last.number + 1 {
            return Err(Broken::Gap(last.number + 1));
        }
        if chained(&last.hash, entry) != entry.hash {
            return Err(Broken::Edited(entry.number));
        }
        last = HistoryHead {
            number: entry.number,
            hash: entry.hash.clone(),
        };
    }
    if last == *head {
        Ok(())
    } else {
        Err(Broken::Head)
    }
}

fn chained(previous: &str, entry: &Entry) -> String {
    let actor = match &entry.actor {
        Actor::Filer { account, user } => format!("filer {account} {user}"),
        Actor::Staff { user, role } => format!("staff {user} {}", role.name()),
        Actor::Person { person } => format!("person {person}"),
        Actor::Machine { function } => format!("machine {function}"),
    };
    let number = entry.number.to_string();
    let at = entry.at.to_string();
    let parts = [
        previous,
        &number,
        &at,
        &actor,
        &entry.origin,
        &entry.what,
        &entry.about,
        entry.command.as_str(),
    ];
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain() -> (Vec<Entry>, HistoryHead) {
        let mut head = HistoryHead::default();
        let entries = [
            Happened::OrderDrafted,
            Happened::OrderSubmitted,
            Happened::OrderPassed,
        ]
        .into_iter()
        .map(|what| {
            let deed = Deed {
                actor: Actor::Machine {
                    function: "test".into(),
                },
                origin: "test".into(),
                what,
                about: "o1".into(),
                command: CommandId::of_cause("row", what.name(), "x"),
            };
            let (entry, next) = head.append(deed, "2026-03-02T02:00:00Z".parse().unwrap());
            head = next;
            entry
        })
        .collect();
        (entries, head)
    }

    #[test]
    fn a_whole_chain_verifies() {
        let (entries, head) = chain();
        assert_eq!(verify(&entries, &head), Ok(()));
    }

    #[test]
    fn an_edit_a_gap_and_a_missing_end_show() {
        let (entries, head) = chain();
        let mut edited = entries.clone();
        edited[1].about = "o2".into();
        assert_eq!(verify(&edited, &head), Err(Broken::Edited(2)));
        let mut gap = entries.clone();
        gap.remove(1);
        assert_eq!(verify(&gap, &head), Err(Broken::Gap(2)));
        assert_eq!(verify(&entries[..2], &head), Err(Broken::Head));
    }
}
