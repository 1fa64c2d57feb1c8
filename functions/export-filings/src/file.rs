//! Making one file of the chunks, a piece at a time.
//!
//! **Invariant:** no cell of a spreadsheet is a formula, whatever was filed.

use icp_store::StoreError;
use icp_store::files::Files;
use icp_store::records::{Export, ExportFormat};
use icp_use_cases::export_filings::{ExportRow, chunk_key, columns, file_key};
use rust_xlsxwriter::Workbook;

/// Bytes of a piece: S3 takes none under 5 MB but the last.
///
/// Source: Amazon S3, multipart upload limits.
const PIECE: usize = 8 * 1024 * 1024;

/// Most rows of a sheet, its header included.
///
/// Source: Microsoft, Excel specifications and limits.
const MOST_ROWS: u32 = 1_048_576;

/// Makes the file of an export; made again, it is the same.
pub(crate) async fn assemble(
    files: &Files,
    export: &Export,
    chunks: u32,
) -> Result<(), StoreError> {
    match export.format {
        ExportFormat::Csv | ExportFormat::JsonLines => text(files, export, chunks).await,
        ExportFormat::Xlsx => workbook(files, export, chunks).await,
    }
}

async fn rows(files: &Files, export: &Export, chunk: u32) -> Result<Vec<ExportRow>, StoreError> {
    let bytes = files.read(&chunk_key(&export.id, chunk)).await?;
    let bytes = bytes.unwrap_or_default();
    let lines = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_slice(line).map_err(StoreError::unavailable))
        .collect()
}

async fn text(files: &Files, export: &Export, chunks: u32) -> Result<(), StoreError> {
    let columns = columns(export.what);
    let mut writing = Writing::begin(files, export);
    if export.format == ExportFormat::Csv {
        // A byte order mark, so that a spreadsheet reads the Chinese.
        writing.buffer.extend_from_slice("\u{feff}".as_bytes());
        let header: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
        writing.buffer.extend(csv_line(&header)?);
    }
    for chunk in 0..chunks {
        for row in rows(files, export, chunk).await? {
            let line = if export.format == ExportFormat::Csv {
                csv_line(&row)?
            } else {
                json_line(&columns, &row)?
            };
            writing.buffer.extend(line);
        }
        writing.flush(PIECE).await?;
    }
    writing.finish().await
}

fn csv_line(row: &[String]) -> Result<Vec<u8>, StoreError> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        // A spreadsheet may divide cells by other signs than the comma, but not within quotes.
        .quote_style(csv::QuoteStyle::Always)
        .from_writer(Vec::new());
    let cells = row.iter().map(|cell| defused(cell));
    writer
        .write_record(cells)
        .map_err(StoreError::unavailable)?;
    writer
        .into_inner()
        .map_err(|error| StoreError::unavailable(error.into_error()))
}

fn json_line(columns: &[&str], row: &[String]) -> Result<Vec<u8>, StoreError> {
    let object: serde_json::Map<String, serde_json::Value> = columns
        .iter()
        .zip(row)
        .map(|(name, cell)| ((*name).to_owned(), cell.as_str().into()))
        .collect();
    let mut line = serde_json::to_vec(&object).map_err(StoreError::unavailable)?;
    line.push(b'\n');
    Ok(line)
}

/// A cell that no spreadsheet takes for a formula.
///
/// Source: OWASP, CSV Injection: `=`, `+`, `-`, `@`, tab and carriage return begin one, full-width
/// forms included; some spreadsheets pass over blanks and signs without width before them.
fn defused(cell: &str) -> String {
    let is_passed_over = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}')
    };
    let begins = |c: char| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    if cell.starts_with(['\t', '\r', '\n'])
        || cell.trim_start_matches(is_passed_over).starts_with(begins)
    {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

async fn workbook(files: &Files, export: &Export, chunks: u32) -> Result<(), StoreError> {
    let mut book = Workbook::new();
    // Rows go to a file as they come, and memory holds one.
    let mut sheet = constant(&mut book)?;
    let mut line = 0;
    write_row(sheet, &mut line, columns(export.what).into_iter())?;
    for chunk in 0..chunks {
        for row in rows(files, export, chunk).await? {
            if MOST_ROWS <= line {
                sheet = constant(&mut book)?;
                line = 0;
                write_row(sheet, &mut line, columns(export.what).into_iter())?;
            }
            write_row(sheet, &mut line, row.iter().map(String::as_str))?;
        }
    }
    let bytes = book.save_to_buffer().map_err(StoreError::unavailable)?;
    let mut writing = Writing::begin(files, export);
    for piece in bytes.chunks(PIECE) {
        writing.buffer.extend_from_slice(piece);
        writing.flush(PIECE).await?;
    }
    writing.finish().await
}

/// Most signs of a workbook's cell, which ends there; a sign outside the basic plane counts as two.
///
/// Source: Microsoft, Excel specifications and limits (32,767 characters).
const MOST_SIGNS: usize = 32_767 / 2;

fn constant(book: &mut Workbook) -> Result<&mut rust_xlsxwriter::Worksheet, StoreError> {
    let sheet = book.add_worksheet_with_constant_memory();
    sheet.map_err(StoreError::unavailable)
}

fn write_row<'a>(
    sheet: &mut rust_xlsxwriter::Worksheet,
    line: &mut u32,
    cells: impl Iterator<Item = &'a str>,
) -> Result<(), StoreError> {
    for (at, cell) in (0..).zip(cells) {
        let cell: String = cell.chars().take(MOST_SIGNS).collect();
        // A text is written as one: it is never read as a formula or a link.
        sheet
            .write_string(*line, at, cell)
            .map_err(StoreError::unavailable)?;
    }
    *line += 1;
    Ok(())
}

/// A file that is being written, piece by piece.
struct Writing<'a> {
    files: &'a Files,
    key: String,
    media_type: &'static str,
    upload: Option<String>,
    tags: Vec<String>,
    buffer: Vec<u8>,
}

impl<'a> Writing<'a> {
    fn begin(files: &'a Files, export: &Export) -> Self {
        Self {
            files,
            key: file_key(export),
            media_type: export.format.media_type(),
            upload: None,
            tags: Vec::new(),
            buffer: Vec::new(),
        }
    }

    /// Writes a piece, once there is enough for one.
    async fn flush(&mut self, least: usize) -> Result<(), StoreError> {
        if self.buffer.len() < least {
            return Ok(());
        }
        let upload = if let Some(upload) = &self.upload {
            upload.clone()
        } else {
            let begun = self.files.begin(&self.key, self.media_type).await?;
            self.upload.insert(begun).clone()
        };
        let number = i32::try_from(self.tags.len()).unwrap_or(i32::MAX) + 1;
        let piece = std::mem::take(&mut self.buffer);
        let tag = self
            .files
            .write_part(&self.key, &upload, number, piece)
            .await?;
        self.tags.push(tag);
        Ok(())
    }

    async fn finish(mut self) -> Result<(), StoreError> {
        if self.upload.is_none() {
            let whole = std::mem::take(&mut self.buffer);
            return self.files.write(&self.key, self.media_type, whole).await;
        }
        if !self.buffer.is_empty() {
            self.flush(0).await?;
        }
        let upload = self.upload.unwrap_or_default();
        self.files.finish(&self.key, &upload, &self.tags).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_a_formula() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("+8613800000001", "'+8613800000001"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("＝1+1", "'＝1+1"),
            (" =1", "' =1"),
            ("\u{200b}=1", "'\u{200b}=1"),
            ("\u{feff}\u{3000}=1", "'\u{feff}\u{3000}=1"),
            ("示例=1", "示例=1"),
            ("", ""),
        ] {
            assert_eq!(defused(cell), expected, "{cell:?}");
        }
        let line = csv_line(&[
            "=HYPERLINK(\"http://x\",\"y\")".to_owned(),
            "示例;=1+1".to_owned(),
        ]);
        assert_eq!(
            String::from_utf8(line.unwrap()).unwrap(),
            "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",\"示例;=1+1\"\r\n"
        );
    }
}
