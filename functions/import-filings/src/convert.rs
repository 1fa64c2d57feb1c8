//! Dividing a file into parts, a stretch at a time.

use icp_domain::import::{Columns, Mapping, MappingFault};
use icp_domain::rulebook::policy::Imports;
use icp_domain::{Rulebook, Text};
use icp_store::StoreError;
use icp_store::files::Files;
use icp_store::records::{Brings, Import, ImportFormat, ImportState};
use icp_tables::{delimiter, of_csv};
use icp_use_cases::bureau_lists::{Above, above_key};
use icp_use_cases::import_filings::{Converted, PartRow, part_key};

use crate::records::{Line, Records};
use crate::seen::{Apart, Checks, Seen};
use crate::shape::{self, Kept};

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
        Brings::BureauList { mapping, .. } => {
            divide(stretch.writing(mapping, Kept::Whole, Apart), place).await
        }
    }
}

async fn divide<C: Columns, K: Checks<C>>(
    writing: Writing<'_, C, K>,
    place: u64,
) -> Result<Converted, StoreError> {
    match writing.stretch.import.format {
        ImportFormat::Csv => csv(writing, place).await,
        ImportFormat::JsonLines => json_lines(writing, place).await,
        ImportFormat::Xlsx => sheet(writing, place).await,
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
}

/// What became of a row.
#[derive(PartialEq, Eq)]
enum Took {
    /// It is in a part.
    Row,
    /// The stretch is full: the row begins the next.
    Nothing,
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

    /// Keeps what stands above the rows of a list.
    async fn put_above(&self, titles: &[Vec<String>], header: &[String]) -> Result<(), StoreError> {
        if self.kept == Kept::Cells {
            return Ok(());
        }
        let above = Above {
            titles: titles.to_vec(),
            header: header.to_vec(),
        };
        let bytes = serde_json::to_vec(&above).map_err(StoreError::unavailable)?;
        let Stretch { files, import, .. } = self.stretch;
        files
            .write(&above_key(&import.id), "application/json", bytes)
            .await
    }
}

/// The header of a file of CSV, and the titles above it.
struct Header<C> {
    titles: Vec<Vec<String>>,
    names: Vec<String>,
    columns: Vec<Option<C>>,
    delimiter: u8,
}

async fn csv<C: Columns, K: Checks<C>>(
    mut writing: Writing<'_, C, K>,
    place: u64,
) -> Result<Converted, StoreError> {
    let mut from = writing.stretch.records(0, true);
    let header = match header(&mut from, writing.mapping).await? {
        Ok(header) => header,
        Err(why) => return Ok(Converted::Refused(why)),
    };
    if place == 0 {
        writing.put_above(&header.titles, &header.names).await?;
    }
    if from.place() < place {
        from = writing.stretch.records(place, true);
    }
    from.divided_by(header.delimiter);
    let above = header.titles.len() as u64 + 1;
    loop {
        let begins = from.place();
        let Some(line) = from.next().await? else {
            return writing.end().await;
        };
        let row = writing.stretch.rows + 1 + above;
        let row = match line {
            Line::Record(line) if line.trim_ascii().is_empty() => PartRow::blank(row),
            Line::Overlong => shape::unreadable(row, icp_tables::overlong()),
            Line::Record(line) => match of_csv(&line, header.delimiter) {
                Ok(cells) => {
                    shape::of_cells(row, cells, writing.mapping, &header.columns, writing.kept)
                }
                Err(why) => shape::unreadable(row, why),
            },
        };
        if writing.take(row).await? == Took::Nothing {
            return writing.more(begins).await;
        }
    }
}

/// Reads on until the first record that names columns.
async fn header<C: Columns>(
    from: &mut Records<'_>,
    mapping: &Mapping<C>,
) -> Result<Result<Header<C>, Text>, StoreError> {
    let mut titles = Vec::new();
    let mut why = None;
    while titles.len() < C::HEADER_WITHIN {
        let Some(Line::Record(line)) = from.next().await? else {
            break;
        };
        if line.starts_with(&[0xFF, 0xFE]) || line.starts_with(&[0xFE, 0xFF]) {
            return Ok(Err(Text::new(
                "文件为UTF-16编码，请另存为UTF-8",
                "the file is UTF-16; save it as UTF-8",
            )));
        }
        let delimiter = delimiter(&line);
        let names = match of_csv(&line, delimiter) {
            Ok(names) => names,
            Err(unreadable) => return Ok(Err(unreadable.text)),
        };
        match mapping.headers(&names) {
            Ok(columns) => {
                return Ok(Ok(Header {
                    titles,
                    names,
                    columns,
                    delimiter,
                }));
            }
            Err(fault) => {
                why = why.or(Some(of_fault(&fault)));
                titles.push(names);
            }
        }
    }
    let none = || Text::new("文件没有可读的表头", "the file has no header that reads");
    Ok(Err(why.unwrap_or_else(none)))
}

fn of_fault(fault: &MappingFault) -> Text {
    let zh = match fault {
        MappingFault::Missing(columns) => format!("文件缺少列：{columns}"),
        MappingFault::Twice(column) => format!("文件中{column}列重复"),
    };
    Text::new(zh, fault.to_string())
}

async fn json_lines<C: Columns, K: Checks<C>>(
    mut writing: Writing<'_, C, K>,
    place: u64,
) -> Result<Converted, StoreError> {
    let mut from = writing.stretch.records(place, false);
    loop {
        let begins = from.place();
        let Some(line) = from.next().await? else {
            return writing.end().await;
        };
        let row = writing.stretch.rows + 1;
        let row = match line {
            Line::Record(line) if line.trim_ascii().is_empty() => PartRow::blank(row),
            Line::Overlong => shape::unreadable(row, icp_tables::overlong()),
            Line::Record(line) => match icp_tables::of_json(&line) {
                Ok(object) => shape::of_object(row, object, writing.mapping, writing.kept),
                Err(why) => shape::unreadable(row, why),
            },
        };
        if writing.take(row).await? == Took::Nothing {
            return writing.more(begins).await;
        }
    }
}

async fn sheet<C: Columns, K: Checks<C>>(
    mut writing: Writing<'_, C, K>,
    place: u64,
) -> Result<Converted, StoreError> {
    let Stretch { files, import, .. } = writing.stretch;
    let bytes = files.read(&import.key).await?.unwrap_or_default();
    let widest = u64::from(writing.stretch.policy.part_rows + MOST_TOGETHER);
    let most = u64::from(PARTS_AT_A_TIME) * widest;
    let (mut titles, mut header, mut why) = (Vec::new(), None, None);
    let (mut stretch, mut at) = (Vec::new(), 0_u64);
    let read = icp_tables::rows(&bytes, writing.mapping.sheet.as_deref(), |row| {
        at += 1;
        if header.is_some() {
            if place < at {
                stretch.push((at, row));
            }
            return (stretch.len() as u64) <= most;
        }
        let names = match row {
            Ok(names) => names,
            Err(unreadable) => {
                why = Some(unreadable.text);
                return false;
            }
        };
        match writing.mapping.headers(&names) {
            Ok(columns) => header = Some((names, columns)),
            Err(fault) => {
                why.get_or_insert_with(|| of_fault(&fault));
                titles.push(names);
            }
        }
        header.is_some() || titles.len() < C::HEADER_WITHIN
    });
    let (names, columns) = match (read, header) {
        (Err(why), _) => return Ok(Converted::Refused(why)),
        (Ok(()), None) => {
            let empty = || Text::new("工作表为空", "the sheet is empty");
            return Ok(Converted::Refused(why.unwrap_or_else(empty)));
        }
        (Ok(()), Some(header)) => header,
    };
    if place == 0 {
        writing.put_above(&titles, &names).await?;
    }
    let longest = writing.stretch.policy.longest_row();
    for (number, row) in stretch {
        let row = match row {
            Ok(cells) if cells.is_empty() => PartRow::blank(number),
            Ok(cells) if longest < cells.iter().map(String::len).sum() => {
                shape::unreadable(number, icp_tables::overlong())
            }
            Ok(cells) => shape::of_cells(number, cells, writing.mapping, &columns, writing.kept),
            Err(why) => shape::unreadable(number, why),
        };
        if writing.take(row).await? == Took::Nothing {
            return writing.more(number - 1).await;
        }
    }
    writing.end().await
}
