//! Files that are brought, an existing base or a bureau's list: announced, uploaded, converted once into
//! parts, and taken in part by part.
//!
//! **Invariant:** every step may come twice and end anywhere: parts are named by their number, a row
//! that was taken in is found the same, and a part that was counted is not counted again.

use std::collections::BTreeMap;

use icp_domain::ids::{ImportId, UserId};
use icp_domain::import::{BadCell, Column, Columns, Record};
use icp_domain::{Invocation, Rulebook, Text, Violation};
use icp_store::files::{Files, Link};
use icp_store::records::{Brings, Import, ImportFormat, ImportState, StoredImport};
use icp_store::{Change, CommitError, Store, StoreError};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

mod above;
mod announce;
mod report;
mod take;

pub use above::{Above, above, write_above};
pub use announce::{StartImport, announce, start};
pub(crate) use report::write_part as write_bad_rows;
pub use report::{bad_rows, key as report_key};
pub use take::BadRow;
use take::Taking;

/// Announces a file.
#[derive(Debug, Clone)]
pub struct AnnounceImport {
    /// The file's format.
    pub format: ImportFormat,
    /// What it brings.
    pub brings: Brings,
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
    /// The file or the paper of a list cannot be as it is announced: all that is wrong with it.
    #[error("the file or its paper is not announced as they are")]
    Announced(Vec<Violation>),
    /// The object is not there, or not as it was announced.
    #[error("the file is not there as it was announced")]
    NotSeen,
    /// It was started before.
    #[error("the import was started before")]
    Started,
    /// Another person than who announced it has to start it.
    #[error("a second person has to start a list that takes away for good")]
    SecondPerson,
}

/// A row of a part: what could be read of it, or what is wrong with it already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "C: Columns"))]
pub struct PartRow<C: Ord = Column> {
    /// Its number in the file, the first being 1.
    pub row: u64,
    /// Its cells.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cells: Record<C>,
    /// What is wrong with it.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub bad: Vec<BadCell<C>>,
    /// The row as it came, where it is replied to in its own columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<RawRow>,
}

/// A row as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RawRow {
    /// The cells of a table.
    Cells(Vec<String>),
    /// The fields of a line of JSON.
    Object(serde_json::Map<String, serde_json::Value>),
}

impl<C: Columns> PartRow<C> {
    /// A row that cannot be read.
    pub fn bad(row: u64, bad: BadCell<C>) -> Self {
        Self {
            bad: vec![bad],
            ..Self::blank(row)
        }
    }

    /// Whether nothing stands in it: it is no row.
    pub fn is_blank(&self) -> bool {
        self.cells.is_empty() && self.bad.is_empty() && self.raw.is_none()
    }

    /// A row without a cell.
    pub fn blank(row: u64) -> Self {
        Self {
            row,
            cells: Record::new(),
            bad: Vec::new(),
            raw: None,
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

/// Takes a part of a base in.
pub async fn take_part(
    store: &Store,
    files: &Files,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    import: &Import,
    part: u32,
) -> Result<(), StoreError> {
    if store.is_import_part(&import.id, part).await? {
        return Ok(());
    }
    let rows = part_rows(files, &import.id, part).await?;
    let taking = Taking {
        store,
        rulebook,
        import,
        now: inv.now,
    };
    let (counts, bad) = taking.rows(rows, inv).await?;
    report::write_part(files, &import.id, part, &bad).await?;
    part_taken(store, &import.id, part, &counts).await
}

/// Records what became of a part's rows: once.
pub(crate) async fn part_taken(
    store: &Store,
    import: &ImportId,
    part: u32,
    counts: &impl Serialize,
) -> Result<(), StoreError> {
    let mut change = Change::new();
    Store::put_import_part(&mut change, import, part, counts)?;
    match store.commit(&change).await {
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error),
    }
}

/// The import all of whose parts were taken in, and which is not done, with what became of them.
pub async fn all_taken<C: DeserializeOwned>(
    store: &Store,
    stored: &StoredImport,
) -> Result<Option<Vec<(u32, C)>>, StoreError> {
    let ImportState::Running { parts, .. } = stored.import.state else {
        return Ok(None);
    };
    let taken = store.import_parts(&stored.import.id).await?;
    let all = usize::try_from(parts).unwrap_or(usize::MAX) <= taken.len();
    Ok(all.then_some(taken))
}

/// Ends an import whose report is written.
pub async fn end(
    store: &Store,
    mut stored: StoredImport,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ImportState::Running {
        started_at,
        parts,
        rows,
    } = stored.import.state
    else {
        return Ok(());
    };
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

/// The rows of a part as the conversion wrote them.
pub(crate) async fn part_rows<C: Columns>(
    files: &Files,
    import: &ImportId,
    part: u32,
) -> Result<Vec<PartRow<C>>, StoreError> {
    lines_of(files, &part_key(import, part)).await
}

/// The lines of an object, each a value; none where it is not there.
pub async fn lines_of<T: DeserializeOwned>(files: &Files, key: &str) -> Result<Vec<T>, StoreError> {
    let bytes = files.read(key).await?.unwrap_or_default();
    let lines = bytes.split(|byte| *byte == b'\n');
    lines
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).map_err(StoreError::unavailable))
        .collect()
}

/// Writes an object of lines, each a value.
pub async fn write_lines<T: Serialize>(
    files: &Files,
    key: &str,
    values: impl IntoIterator<Item = T>,
) -> Result<(), StoreError> {
    let mut lines = Vec::new();
    for value in values {
        serde_json::to_writer(&mut lines, &value).map_err(StoreError::unavailable)?;
        lines.push(b'\n');
    }
    files.write(key, "application/jsonl", lines).await
}
