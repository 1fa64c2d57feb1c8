//! Dividing a file into parts, a stretch at a time.

use icp_domain::import::{Column, Mapping};
use icp_domain::rulebook::policy::Imports;
use icp_domain::{Rulebook, Text};
use icp_store::StoreError;
use icp_store::files::Files;
use icp_store::records::{Import, ImportFormat, ImportState};
use icp_use_cases::import_filings::{Converted, PartRow, part_key};

use crate::cells;
use crate::cut::{Cut, cut};
use crate::seen::Seen;
use crate::workbook;

/// Parts that are written in one invocation, which then passes the rest on.
const PARTS_AT_A_TIME: u32 = 100;

/// Bytes that are read of a file at once.
const RANGE: u64 = 1024 * 1024;

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
    // What stretches before this one said.
    let seen = match parts {
        0 => None,
        parts => files.read(&seen_key(import, parts)).await?,
    };
    let writing = Writing {
        files,
        import,
        rulebook,
        policy: &rulebook.policy.imports,
        seen: Seen::of_bytes(&seen.unwrap_or_default()),
        parts,
        rows,
        part: Vec::new(),
        until: parts.saturating_add(PARTS_AT_A_TIME),
    };
    match import.format {
        ImportFormat::Csv => lines(writing, place, true).await,
        ImportFormat::JsonLines => lines(writing, place, false).await,
        ImportFormat::Xlsx => sheet(writing, place).await,
    }
}

/// Key of what the rows before a part said.
fn seen_key(import: &Import, part: u32) -> String {
    format!("imports/{}/seen/{part:06}", import.id)
}

/// A stretch that is being written.
struct Writing<'a> {
    files: &'a Files,
    import: &'a Import,
    rulebook: &'a Rulebook,
    policy: &'a Imports,
    seen: Seen,
    parts: u32,
    rows: u64,
    part: Vec<PartRow>,
    until: u32,
}

impl Writing<'_> {
    fn mapping(&self) -> &Mapping {
        &self.import.mapping
    }

    /// Takes a row, and writes the part that it fills. Tells whether the stretch is full.
    async fn take(&mut self, row: PartRow) -> Result<bool, StoreError> {
        self.rows += 1;
        self.part.push(self.seen.checked(row, self.rulebook)?);
        if self.part.len() < self.policy.part_rows as usize {
            return Ok(false);
        }
        self.write().await?;
        Ok(self.until <= self.parts)
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
        let key = part_key(&self.import.id, self.parts);
        self.files.write(&key, "application/jsonl", body).await?;
        self.parts += 1;
        Ok(())
    }

    async fn end(mut self) -> Result<Converted, StoreError> {
        self.write().await?;
        Ok(Converted::All {
            parts: self.parts,
            rows: self.rows,
        })
    }

    /// Ends the stretch at `place`, and keeps what its rows said for the next.
    async fn more(self, place: u64) -> Result<Converted, StoreError> {
        let key = seen_key(self.import, self.parts);
        let bytes = self.seen.bytes();
        self.files
            .write(&key, "application/octet-stream", bytes)
            .await?;
        Ok(Converted::More {
            parts: self.parts,
            rows: self.rows,
            place,
        })
    }
}

/// A file that is read range by range, record by record.
struct Records<'a> {
    files: &'a Files,
    key: &'a str,
    /// Where the buffer begins in the file.
    place: u64,
    length: u64,
    buffer: Vec<u8>,
    /// Bytes of the buffer that are done with.
    done: usize,
    longest: usize,
    /// Behind which a quote opens; none where every line is a record.
    delimiters: &'static [u8],
}

/// One record, or a line that is too long.
enum Line {
    Record(Vec<u8>),
    Overlong,
}

impl Records<'_> {
    async fn next(&mut self) -> Result<Option<Line>, StoreError> {
        loop {
            let rest = self.buffer.get(self.done..).unwrap_or_default();
            let whole = self.place + self.buffer.len() as u64 >= self.length;
            match cut(rest, whole, self.longest, self.delimiters) {
                Cut::Record(length) => {
                    let record = rest.get(..length).unwrap_or_default().to_vec();
                    self.done += length;
                    return Ok(Some(Line::Record(record)));
                }
                Cut::Overlong(length) => {
                    self.done += length;
                    return Ok(Some(Line::Overlong));
                }
                Cut::OverlongGoesOn(length) => {
                    self.done += length;
                    self.skip_line().await?;
                    return Ok(Some(Line::Overlong));
                }
                Cut::More if whole => return Ok(None),
                Cut::More => self.fill().await?,
            }
        }
    }

    /// Drops the rest of a line that is too long, range by range.
    async fn skip_line(&mut self) -> Result<(), StoreError> {
        loop {
            let rest = self.buffer.get(self.done..).unwrap_or_default();
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                self.done += end + 1;
                return Ok(());
            }
            self.done = self.buffer.len();
            if self.place + self.buffer.len() as u64 >= self.length {
                return Ok(());
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<(), StoreError> {
        self.buffer.drain(..self.done);
        self.place += self.done as u64;
        self.done = 0;
        let from = self.place + self.buffer.len() as u64;
        let more = self.files.range(self.key, from, RANGE).await?;
        if more.is_empty() {
            // Shorter than it was seen: what is there is all.
            self.length = from;
        }
        self.buffer.extend(more);
        Ok(())
    }

    /// Where the next record begins in the file.
    fn place(&self) -> u64 {
        self.place + self.done as u64
    }
}

async fn lines(
    mut writing: Writing<'_>,
    place: u64,
    is_csv: bool,
) -> Result<Converted, StoreError> {
    let records = |place| Records {
        files: writing.files,
        key: &writing.import.key,
        place,
        length: writing.import.bytes,
        buffer: Vec::new(),
        done: 0,
        longest: writing.policy.longest_row(),
        delimiters: if is_csv { &cells::DELIMITERS } else { &[] },
    };
    let mut from = records(0);
    let header = if is_csv {
        match from.next().await? {
            Some(Line::Record(line)) => match header(&line, writing.mapping()) {
                Ok(header) => Some(header),
                Err(why) => return Ok(Converted::Refused(why)),
            },
            Some(Line::Overlong) | None => {
                let why = Text::new("文件没有可读的表头", "the file has no header that reads");
                return Ok(Converted::Refused(why));
            }
        }
    } else {
        None
    };
    if from.place() < place {
        from = records(place);
    }
    if let Some(header) = &header {
        from.delimiters = header.delimiters();
    }
    while let Some(line) = from.next().await? {
        let row = writing.rows + 1 + u64::from(is_csv);
        let row = match (line, &header) {
            (Line::Record(line), _) if line.trim_ascii().is_empty() => PartRow::blank(row),
            (Line::Overlong, _) => PartRow::bad(row, cells::overlong()),
            (Line::Record(line), None) => cells::of_json(&line, row, writing.mapping()),
            (Line::Record(line), Some(header)) => match cells::of_csv(&line, header.delimiter) {
                Ok(cells) => PartRow {
                    row,
                    cells: writing.mapping().record(&header.columns, cells.into_iter()),
                    bad: Vec::new(),
                },
                Err(bad) => PartRow::bad(row, bad),
            },
        };
        if writing.take(row).await? {
            let place = from.place();
            return writing.more(place).await;
        }
    }
    writing.end().await
}

struct Header {
    columns: Vec<Option<Column>>,
    delimiter: u8,
}

impl Header {
    /// The delimiter, as those behind which a quote opens.
    fn delimiters(&self) -> &'static [u8] {
        let mut each = cells::DELIMITERS.chunks(1);
        each.find(|one| one.contains(&self.delimiter))
            .unwrap_or(&cells::DELIMITERS)
    }
}

fn header(line: &[u8], mapping: &Mapping) -> Result<Header, Text> {
    if line.starts_with(&[0xFF, 0xFE]) || line.starts_with(&[0xFE, 0xFF]) {
        return Err(Text::new(
            "文件为UTF-16编码，请另存为UTF-8",
            "the file is UTF-16; save it as UTF-8",
        ));
    }
    let delimiter = cells::delimiter(line);
    let names = cells::of_csv(line, delimiter).map_err(|bad| bad.text)?;
    let columns = cells::columns(&names, mapping)?;
    Ok(Header { columns, delimiter })
}

async fn sheet(mut writing: Writing<'_>, place: u64) -> Result<Converted, StoreError> {
    let bytes = writing.files.read(&writing.import.key).await?;
    let bytes = bytes.unwrap_or_default();
    let most = u64::from(PARTS_AT_A_TIME) * u64::from(writing.policy.part_rows);
    let sheet = writing.mapping().sheet.clone();
    let mut columns = None;
    let (mut stretch, mut at) = (Vec::new(), 0_u64);
    let read = workbook::rows(&bytes, sheet.as_deref(), |row| {
        let number = at;
        at += 1;
        if number == 0 {
            let names = row.map_err(|bad| bad.text);
            columns = Some(names.and_then(|names| cells::columns(&names, writing.mapping())));
            return matches!(columns, Some(Ok(_)));
        }
        if place < number {
            stretch.push((number + 1, row));
        }
        (stretch.len() as u64) <= most
    });
    let columns = match (read, columns) {
        (Err(why), _) | (_, Some(Err(why))) => return Ok(Converted::Refused(why)),
        (Ok(()), None) => {
            let why = Text::new("工作表为空", "the sheet is empty");
            return Ok(Converted::Refused(why));
        }
        (Ok(()), Some(Ok(columns))) => columns,
    };
    let longest = writing.policy.longest_row();
    for (number, row) in stretch {
        let row = match row {
            Ok(cells) if cells.is_empty() => PartRow::blank(number),
            Ok(cells) if longest < cells.iter().map(String::len).sum() => {
                PartRow::bad(number, cells::overlong())
            }
            Ok(cells) => PartRow {
                row: number,
                cells: writing.mapping().record(&columns, cells.into_iter()),
                bad: Vec::new(),
            },
            Err(bad) => PartRow::bad(number, bad),
        };
        if writing.take(row).await? {
            return writing.more(number - 1).await;
        }
    }
    writing.end().await
}
