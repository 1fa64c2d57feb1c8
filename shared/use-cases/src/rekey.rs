//! After a rotation: every filing is sealed and found under the newest keys.
//!
//! **Invariant:** a step may come twice and end anywhere; what it left is sealed by the next.

use icp_domain::ids::{PersonId, SubjectId};
use icp_domain::{Invocation, Rulebook};
use icp_store::{Change, CommitError, Cursor, DeskList, Store, StoreError};

use crate::search_filings::subjects;
use crate::write_filing::take_under_new_keys;

/// Lists of every filing that keys seal, in the order in which a rotation walks them.
const LISTS: [DeskList; 3] = [
    DeskList::FiledSubjects,
    DeskList::FilingsInConflict,
    DeskList::DeregisteredSubjects,
];

/// Filings that are sealed anew in one step.
const PAGE: usize = 25;

/// Seals a page of filings under the newest keys; gives where the next begins.
pub async fn rekey_page(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    list: usize,
    cursor: Option<Cursor>,
) -> Result<Option<(usize, Option<Cursor>)>, StoreError> {
    let Some(desk) = LISTS.get(list) else {
        return Ok(None);
    };
    // This process may have known the key of before for a while yet, and nobody walks again.
    store.keys().refresh().await;
    let page = store.on_desk(*desk, cursor.as_ref(), PAGE).await?;
    for subject in subjects(&page.keys) {
        rekey(store, rulebook, inv, &subject).await?;
    }
    Ok(Some(match page.next {
        Some(next) => (list, Some(next)),
        None => (list + 1, None),
    }))
}

/// Persons of a filing that are sealed anew in one commit: each has up to three of its 100 items.
const PERSONS: usize = 25;

/// Seals a filing under the newest keys.
async fn rekey(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    subject: &SubjectId,
) -> Result<(), StoreError> {
    let Some(stored) = store.filing(subject).await? else {
        return Ok(());
    };
    let persons: Vec<PersonId> = stored.filing.persons.into_keys().collect();
    // A subject without a person has a key of its own all the same.
    let mut chunks: Vec<&[PersonId]> = persons.chunks(PERSONS).collect();
    if chunks.is_empty() {
        chunks.push(&[]);
    }
    for chunk in chunks {
        rekey_persons(store, rulebook, inv, subject, chunk).await?;
    }
    Ok(())
}

async fn rekey_persons(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    subject: &SubjectId,
    persons: &[PersonId],
) -> Result<(), StoreError> {
    for _ in 0..=rulebook.policy.sweeps.reloads {
        let Some(mut stored) = store.filing(subject).await? else {
            return Ok(());
        };
        let mut change = Change::new();
        stored.rekey(store, &mut change, persons, inv).await?;
        take_under_new_keys(store, &mut change, &stored.filing).await?;
        match store.commit(&change).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Conflict(_)) => {}
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    // The message comes again, and the page with it.
    let busy = std::io::Error::other("the filing was written by others again and again");
    Err(StoreError::unavailable(busy))
}
