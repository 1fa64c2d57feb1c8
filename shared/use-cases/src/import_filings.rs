//! An existing base: announced, uploaded, converted once into parts, and taken in part by part.
//!
//! **Invariant:** every step may come twice and end anywhere: parts are named by their number, a row
//! that was taken in is found the same, and a part that was counted is not counted again.

use std::collections::BTreeMap;

use icp_domain::ids::{ImportId, UserId};
use icp_domain::import::{BadCell, Mapping, Record};
use icp_domain::{Invocation, Rulebook, Text};
use icp_store::files::{Files, Link};
use icp_store::records::{Import, ImportFormat, ImportState, StoredImport};
use icp_store::{Change, CommitError, Store, StoreError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

mod announce;
mod report;
mod take;

pub use announce::{announce, start};
use take::Taking;

/// Announces a file.
#[derive(Debug, Clone)]
pub struct AnnounceImport {
    /// The file's format.
    pub format: ImportFormat,
    /// How its columns and words become ours.
    pub mapping: Mapping,
    /// Whether it only says what it would do.
    pub dry_run: bool,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes, in base64.
    pub sha256: String,
    /// Who brings it.
    pub by: UserId,
}

/// An import that was announced.
#[derive(Debug, Clone)]
pub struct AnnouncedImport {
    /// The import.
    pub import: Import,
    /// Where the file goes.
    pub link: Link,
}

/// What is to be done about an import: a message of its queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    tag = "task"
)]
pub enum ImportTask {
    /// Its file is divided further, from this part on.
    Convert {
        /// The import.
        import: ImportId,
        /// The first part that is to be written.
        part: u32,
    },
    /// Filings are sealed under the newest keys, a page at a time.
    Rekey {
        /// Which list is walked.
        list: usize,
        /// Where its next page begins.
        cursor: Option<String>,
    },
    /// A part is taken in.
    Take {
        /// The import.
        import: ImportId,
        /// Which.
        part: u32,
    },
}

/// Why an import is refused.
#[derive(Debug, thiserror::Error)]
pub enum ImportRefused {
    /// Longer than a file may be, or empty.
    #[error("a file has 1 to {0} bytes")]
    Length(u64),
    /// The checksum is none.
    #[error("the checksum is 32 bytes in base64")]
    Checksum,
    /// The object is not there, or not as it was announced.
    #[error("the file is not there as it was announced")]
    NotSeen,
    /// It was started before.
    #[error("the import was started before")]
    Started,
}

/// A row of a part: what could be read of it, or what is wrong with it already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PartRow {
    /// Its number in the file, the header being 1.
    pub row: u64,
    /// Its cells.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cells: Record,
    /// What is wrong with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bad: Vec<BadCell>,
}

impl PartRow {
    /// A row that cannot be read.
    pub fn bad(row: u64, bad: BadCell) -> Self {
        Self {
            row,
            cells: Record::new(),
            bad: vec![bad],
        }
    }

    fn is_blank(&self) -> bool {
        self.cells.is_empty() && self.bad.is_empty()
    }

    /// A row without a cell.
    pub fn blank(row: u64) -> Self {
        Self {
            row,
            cells: Record::new(),
            bad: Vec::new(),
        }
    }
}

/// The task that begins an import.
pub fn first_task(import: &ImportId) -> ImportTask {
    ImportTask::Convert {
        import: import.clone(),
        part: 0,
    }
}

/// How far a step of the conversion came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Converted {
    /// So many parts and rows in all, and where the next begins.
    More {
        /// Parts in all.
        parts: u32,
        /// Rows in all.
        rows: u64,
        /// Where the next part begins.
        place: u64,
    },
    /// The file ended.
    All {
        /// Parts in all.
        parts: u32,
        /// Rows in all.
        rows: u64,
    },
    /// The file cannot be read.
    Refused(Text),
}

/// Key of a part's object.
pub fn part_key(import: &ImportId, part: u32) -> String {
    format!("imports/{import}/parts/{part:06}.jsonl")
}

/// Records how far the conversion came, and gives the tasks that follow from where it was. Asked
/// again, it gives the same.
pub async fn converted(
    store: &Store,
    stored: StoredImport,
    from: u32,
    came: Converted,
    now: Timestamp,
) -> Result<Vec<ImportTask>, StoreError> {
    let ImportState::Converting { started_at, .. } = stored.import.state else {
        return Ok(Vec::new());
    };
    let mut next = stored;
    next.import.state = match came {
        Converted::More { parts, rows, place } => ImportState::Converting {
            started_at,
            parts,
            rows,
            place,
        },
        Converted::All { parts, rows } => ImportState::Running {
            started_at,
            parts,
            rows,
        },
        Converted::Refused(why) => ImportState::Refused {
            refused_at: now,
            why,
        },
    };
    let mut change = Change::new();
    next.put(&mut change)?;
    match store.commit(&change).await {
        // Whoever wrote first did this same step.
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(tasks(&next.import, from)),
        Err(CommitError::Store(error)) => Err(error),
    }
}

/// The tasks of an import from a part on, as far as it is converted.
pub fn tasks(import: &Import, from: u32) -> Vec<ImportTask> {
    let (parts, more) = match import.state {
        ImportState::Converting { parts, .. } => (parts, true),
        ImportState::Running { parts, .. } => (parts, false),
        ImportState::Announced | ImportState::Done { .. } | ImportState::Refused { .. } => {
            return Vec::new();
        }
    };
    let take = |part| ImportTask::Take {
        import: import.id.clone(),
        part,
    };
    let mut tasks: Vec<ImportTask> = (from..parts).map(take).collect();
    if more {
        tasks.push(ImportTask::Convert {
            import: import.id.clone(),
            part: parts,
        });
    }
    tasks
}

/// Takes a part in. The last of all writes the report.
pub async fn take_part(
    store: &Store,
    files: &Files,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    import: &ImportId,
    part: u32,
) -> Result<(), StoreError> {
    let Some(stored) = store.import(import).await? else {
        return Ok(());
    };
    if store.import_part(import, part).await?.is_none() {
        let key = part_key(import, part);
        let bytes = files.read(&key).await?.unwrap_or_default();
        let rows = rows_of(&bytes).map_err(StoreError::unavailable)?;
        let taking = Taking {
            store,
            rulebook,
            import: &stored.import,
            now: inv.now,
        };
        let (counts, bad) = taking.rows(rows, inv).await?;
        report::write_part(files, import, part, &bad).await?;
        let mut change = Change::new();
        Store::put_import_part(&mut change, import, part, &counts)?;
        match store.commit(&change).await {
            Ok(()) | Err(CommitError::Conflict(_)) => {}
            Err(CommitError::Store(error)) => return Err(error),
        }
    }
    finish(store, files, import, inv.now).await
}

/// Ends an import all of whose parts were taken in.
pub async fn finish(
    store: &Store,
    files: &Files,
    import: &ImportId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(mut stored) = store.import(import).await? else {
        return Ok(());
    };
    let ImportState::Running {
        started_at,
        parts,
        rows,
    } = stored.import.state
    else {
        return Ok(());
    };
    let taken = store.import_parts(import).await?;
    if taken.len() < usize::try_from(parts).unwrap_or(usize::MAX) {
        return Ok(());
    }
    report::write_whole(files, import, &taken).await?;
    stored.import.state = ImportState::Done {
        started_at,
        finished_at: now,
        parts,
        rows,
    };
    let mut change = Change::new();
    stored.put(&mut change)?;
    match store.commit(&change).await {
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error),
    }
}

/// Key of the report of bad rows.
pub fn report_key(import: &ImportId) -> String {
    report::key(import)
}

fn rows_of(bytes: &[u8]) -> Result<Vec<PartRow>, serde_json::Error> {
    let lines = bytes.split(|byte| *byte == b'\n');
    lines
        .filter(|line| !line.is_empty())
        .map(serde_json::from_slice)
        .collect()
}
