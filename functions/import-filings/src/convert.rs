//! Dividing a file into parts, a stretch at a time.

use icp_domain::import::{Columns, Mapping};
use icp_domain::rulebook::policy::Imports;
use icp_domain::{Rulebook, Text};
use icp_store::StoreError;
use icp_store::files::Files;
use icp_store::records::{Brings, Import, ImportFormat, ImportState};
use icp_use_cases::import_filings::{Above, Converted, PartRow, part_key, write_above};

use crate::records::Records;
use crate::seen::{Checks, Orders, Seen, Unrelated};
use crate::shape::Kept;

mod header;
mod lines;
mod sheet;

/// Parts that are written in one invocation, which then passes the rest on.
const PARTS_AT_A_TIME: u32 = 100;

/// Rows that a part has more than it should, at most, so that rows that belong together are in one.
const MOST_TOGETHER: u32 = 50;

/// Whether the conversion stands where a task says.
pub(crate) fn is_due(import: &Import, part: u32) -> bool {
    match import.state {
        ImportState::Converting { parts, .. } => parts == part,
        ImportState::Announced
        | ImportState::Running { .. }
        | ImportState::Done { .. }
        | ImportState::Refused { .. } => false,
    }
}

/// Divides the next stretch of a file into parts, and writes them.
pub(crate) async fn step(
    files: &Files,
    rulebook: &Rulebook,
    import: &Import,
) -> Result<Converted, StoreError> {
    let ImportState::Converting {
        parts, rows, place, ..
    } = import.state
    else {
        return Ok(Converted::All { parts: 0, rows: 0 });
    };
    let stretch = Stretch {
        files,
        import,
        policy: &rulebook.policy.imports,
        parts,
        rows,
        until: parts.saturating_add(PARTS_AT_A_TIME),
        most_rows: u64::MAX,
    };
    match &import.brings {
        Brings::Base { mapping } => {
            // What stretches before this one said.
            let seen = match parts {
                0 => None,
                parts => files.read(&seen_key(import, parts)).await?,
            };
            let seen = Seen::of_bytes(&seen.unwrap_or_default(), rulebook);
            divide(stretch.writing(mapping, Kept::Cells, seen), place).await
        }
        Brings::Reports { mapping, .. } => {
            divide(stretch.writing(mapping, Kept::Cells, Unrelated), place).await
        }
        Brings::BureauList { mapping, .. } => {
            // Whole or not at all: what is too much is refused before a row of it is acted on.
            let stretch = Stretch {
                until: u32::MAX,
                most_rows: u64::from(rulebook.policy.imports.list_most_rows),
                ..stretch
            };
            divide(
                stretch.writing(mapping, Kept::Whole, Orders::default()),
                place,
            )
            .await
        }
    }
}

async fn divide<C: Columns, K: Checks<C>>(
    writing: Writing<'_, C, K>,
    place: u64,
) -> Result<Converted, StoreError> {
    match writing.stretch.import.format {
        ImportFormat::Csv => lines::csv(writing, place).await,
        ImportFormat::JsonLines => lines::json_lines(writing, place).await,
        ImportFormat::Xlsx => sheet::sheet(writing, place).await,
    }
}

/// Key of what the rows before a part said.
fn seen_key(import: &Import, part: u32) -> String {
    format!("imports/{}/seen/{part:06}", import.id)
}

/// A stretch of a file, and how far it came.
struct Stretch<'a> {
    files: &'a Files,
    import: &'a Import,
    policy: &'a Imports,
    parts: u32,
    rows: u64,
    until: u32,
    most_rows: u64,
}

impl<'a> Stretch<'a> {
    fn writing<C: Columns, K>(
        self,
        mapping: &'a Mapping<C>,
        kept: Kept,
        checks: K,
    ) -> Writing<'a, C, K> {
        Writing {
            stretch: self,
            mapping,
            kept,
            checks,
            part: Vec::new(),
            above: Above::default(),
        }
    }

    fn records(&self, place: u64, is_csv: bool) -> Records<'a> {
        Records::of(
            (self.files, &self.import.key),
            (place, self.import.bytes),
            self.policy.longest_row(),
            is_csv,
        )
    }
}

/// A stretch that is being written.
struct Writing<'a, C: Columns, K> {
    stretch: Stretch<'a>,
    mapping: &'a Mapping<C>,
    kept: Kept,
    checks: K,
    part: Vec<PartRow<C>>,
    /// What stands above the rows.
    above: Above,
}

/// What became of a row.
enum Took {
    /// It is in a part.
    Row,
    /// The stretch is full: the row begins the next.
    Nothing,
    /// The file has more rows than such a file may have.
    TooMany(u64),
}

impl<C: Columns, K: Checks<C>> Writing<'_, C, K> {
    /// Takes a row, and writes the part before it, if that is full.
    async fn take(&mut self, row: PartRow<C>) -> Result<Took, StoreError> {
        let rows = self.stretch.policy.part_rows as usize;
        let most = rows + MOST_TOGETHER as usize;
        let goes_on = |last: &PartRow<C>| self.part.len() < most && K::belong_together(last, &row);
        if rows <= self.part.len() && !self.part.last().is_some_and(goes_on) {
            self.write().await?;
            if self.stretch.until <= self.stretch.parts {
                return Ok(Took::Nothing);
            }
        }
        if self.stretch.most_rows <= self.stretch.rows {
            return Ok(Took::TooMany(self.stretch.most_rows));
        }
        self.stretch.rows += 1;
        self.part.push(self.checks.checked(row)?);
        Ok(Took::Row)
    }

    async fn write(&mut self) -> Result<(), StoreError> {
        if self.part.is_empty() {
            return Ok(());
        }
        let mut body = Vec::new();
        for row in self.part.drain(..) {
            serde_json::to_writer(&mut body, &row).map_err(StoreError::unavailable)?;
            body.push(b'\n');
        }
        let Stretch { files, import, .. } = self.stretch;
        let key = part_key(&import.id, self.stretch.parts);
        files.write(&key, "application/jsonl", body).await?;
        self.stretch.parts += 1;
        Ok(())
    }

    async fn end(mut self) -> Result<Converted, StoreError> {
        self.write().await?;
        self.above.apart = self.checks.apart();
        let Stretch { files, import, .. } = self.stretch;
        write_above(files, &import.id, &self.above).await?;
        Ok(Converted::All {
            parts: self.stretch.parts,
            rows: self.stretch.rows,
        })
    }

    /// Ends the stretch at `place`, and keeps what its rows said for the next.
    async fn more(self, place: u64) -> Result<Converted, StoreError> {
        let Stretch {
            files,
            import,
            parts,
            rows,
            ..
        } = self.stretch;
        if let Some(bytes) = self.checks.bytes() {
            let key = seen_key(import, parts);
            files.write(&key, "application/octet-stream", bytes).await?;
        }
        Ok(Converted::More { parts, rows, place })
    }
}

fn too_many(most: u64) -> Converted {
    Converted::Refused(Text::new(
        format!("清单至多{most}行"),
        format!("a list has at most {most} rows"),
    ))
}
