//! Writing rows.
//!
//! **Invariant:** no cell of a spreadsheet is a formula, whatever was filed.

use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

/// Stands before CSV, so that a spreadsheet reads the Chinese.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Most rows of a sheet, its header included.
///
/// Source: Microsoft, Excel specifications and limits.
const MOST_ROWS: u32 = 1_048_576;

/// Most signs of a workbook's cell, which ends there; a sign outside the basic plane counts as two.
///
/// Source: Microsoft, Excel specifications and limits (32,767 characters).
const MOST_SIGNS: usize = 32_767 / 2;

/// A table that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Unwritten {
    /// A line of CSV.
    #[error("a line of CSV was not written")]
    Csv(#[from] csv::Error),
    /// A line of JSON.
    #[error("a line of JSON was not written")]
    Json(#[from] serde_json::Error),
    /// A workbook.
    #[error("a workbook was not written")]
    Book(#[from] XlsxError),
}

/// A row as a line of CSV.
pub fn csv_line(row: &[String]) -> Result<Vec<u8>, Unwritten> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        // A spreadsheet may divide cells by other signs than the comma, but not within quotes.
        .quote_style(csv::QuoteStyle::Always)
        .from_writer(Vec::new());
    writer.write_record(row.iter().map(|cell| defused(cell)))?;
    let line = writer.into_inner();
    line.map_err(|error| Unwritten::Csv(error.into_error().into()))
}

/// A row as a line of JSON: an object whose fields are named by `columns`.
pub fn json_line(columns: &[&str], row: &[String]) -> Result<Vec<u8>, Unwritten> {
    let object: serde_json::Map<String, serde_json::Value> = columns
        .iter()
        .zip(row)
        .map(|(name, cell)| ((*name).to_owned(), cell.as_str().into()))
        .collect();
    let mut line = serde_json::to_vec(&object)?;
    line.push(b'\n');
    Ok(line)
}

/// A workbook that is written row by row: rows go to a file as they come, and memory holds one.
pub struct Book {
    sheets: Workbook,
    header: Vec<Vec<String>>,
    /// Rows of the last sheet; `None` before the first.
    line: Option<u32>,
}

impl Book {
    /// A workbook each of whose sheets begins with the rows of `header`.
    pub fn begun(header: Vec<Vec<String>>) -> Self {
        Self {
            sheets: Workbook::new(),
            header,
            line: None,
        }
    }

    /// Adds a row; a sheet that is full is followed by another.
    pub fn add(&mut self, row: &[String]) -> Result<(), Unwritten> {
        let line = match self.line {
            Some(line) if line < MOST_ROWS => line,
            Some(_) | None => self.add_sheet()?,
        };
        let sheets = self.sheets.worksheets_mut();
        if let Some(sheet) = sheets.last_mut() {
            write_row(sheet, line, row)?;
        }
        self.line = Some(line + 1);
        Ok(())
    }

    /// The workbook's bytes.
    pub fn bytes(mut self) -> Result<Vec<u8>, Unwritten> {
        if self.line.is_none() {
            self.add_sheet()?;
        }
        Ok(self.sheets.save_to_buffer()?)
    }

    /// Begins a sheet, and gives the line that follows its header.
    fn add_sheet(&mut self) -> Result<u32, Unwritten> {
        let sheet = self.sheets.add_worksheet_with_constant_memory()?;
        let mut line = 0;
        for row in &self.header {
            write_row(sheet, line, row)?;
            line += 1;
        }
        Ok(line)
    }
}

fn write_row(sheet: &mut Worksheet, line: u32, row: &[String]) -> Result<(), XlsxError> {
    for (at, cell) in (0..).zip(row) {
        let cell: String = cell.chars().take(MOST_SIGNS).collect();
        // A text is written as one: it is never read as a formula or a link.
        sheet.write_string(line, at, cell)?;
    }
    Ok(())
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

    #[test]
    fn a_workbook_is_read_as_it_was_written() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let mut book = Book::begun(vec![row(["清单", ""]), row(["域名", "结果"])]);
        book.add(&row(["=1+1", "示例"])).unwrap();
        let mut found = Vec::new();
        let bytes = book.bytes().unwrap();
        crate::rows(&bytes, None, 1000, |row| {
            found.push(row.unwrap().cells);
            true
        })
        .unwrap();
        assert_eq!(found[1..], [row(["域名", "结果"]), row(["=1+1", "示例"])]);
        let empty = Book::begun(vec![row(["域名", "结果"])]).bytes().unwrap();
        assert!(crate::rows(&empty, None, 1000, |_| true).is_ok());
    }
}
