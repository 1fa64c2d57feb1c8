//! Whether the histories of filings are whole: an edited, missing or reordered entry shows.

use icp_domain::history::{Broken, Entry, HistoryHead, verify};
use icp_domain::ids::SubjectId;
use icp_store::{Cursor, Store, StoreError};

use crate::read::Listed;
use crate::search_filings::{SoughtState, subjects};

/// A filing's history, and where it is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Its entries, in order.
    pub entries: Vec<Entry>,
    /// Where the chain breaks; `None` when it is whole.
    pub broken: Option<Broken>,
}

/// The verdict on a filing's history.
#[derive(Debug)]
pub struct Verdict {
    /// The filing.
    pub subject: SubjectId,
    /// How many entries were read.
    pub entries: usize,
    /// Why it does not stand; `None` when it is whole.
    pub fault: Option<String>,
}

/// Reads a filing's history and verifies its chain. `None` when there is no such filing.
pub async fn history(store: &Store, subject: &SubjectId) -> Result<Option<History>, StoreError> {
    let mut before: Option<(HistoryHead, usize)> = None;
    loop {
        let Some(stored) = store.filing(subject).await? else {
            return Ok(None);
        };
        let entries = store.history(subject).await?;
        let broken = verify(&entries, &stored.history).err();
        let seen = Some((stored.history, entries.len()));
        // Head and entries are two reads: who writes between them breaks nothing, and only what stands
        // still is broken.
        if broken.is_none() || before == seen {
            return Ok(Some(History { entries, broken }));
        }
        before = seen;
    }
}

/// Verifies the histories of a page of filings. One that does not read is told like one that is broken,
/// and hides no other.
pub async fn verify_page(
    store: &Store,
    state: SoughtState,
    cursor: Option<&Cursor>,
    limit: usize,
) -> Result<Listed<Verdict>, StoreError> {
    let page = store.on_desk(state.list(), cursor, limit).await?;
    let mut items = Vec::new();
    for subject in subjects(&page.keys) {
        let (entries, fault) = match history(store, &subject).await {
            Ok(Some(History { entries, broken })) => {
                (entries.len(), broken.map(|broken| broken.to_string()))
            }
            Ok(None) => continue,
            Err(error) if error.is_malformed() => (0, Some(error.to_string())),
            Err(error) => return Err(error),
        };
        items.push(Verdict {
            subject,
            entries,
            fault,
        });
    }
    Ok(Listed {
        items,
        next: page.next,
    })
}
