//! Rows of a workbook of Excel.
//!
//! **Invariant:** a workbook is unpacked only after every entry of it was counted through, so that
//! what unpacks to more than a workbook has costs time in proportion to that bound and no memory.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, Xlsx};
use icp_domain::Text;

use crate::Unreadable;

/// Most bytes that a workbook unpacks to.
///
/// Source: chosen here: five times what 100,000 rows of every column have.
const MOST_UNPACKED: u64 = 512 * 1024 * 1024;

/// Most bytes of a workbook's shared texts, which are all held in memory, some tens of bytes beside each.
///
/// Source: chosen here: 100,000 rows with ten texts each that no other row has, twice.
const MOST_SHARED: u64 = 128 * 1024 * 1024;

/// Most files in a workbook.
const MOST_ENTRIES: usize = 10_000;

/// Most columns that are read of a row.
const MOST_COLUMNS: u32 = 256;

/// A row: its cells, or what cannot be read of them.
pub type SheetRow = Result<Vec<String>, Unreadable>;

/// Every row of the sheet, the header first, handed to `take` until it says to stop.
pub fn rows(
    bytes: &[u8],
    sheet: Option<&str>,
    mut take: impl FnMut(SheetRow) -> bool,
) -> Result<(), Text> {
    unpacks(bytes)?;
    let unreadable = |_| {
        Text::new(
            "文件不是可读的xlsx工作簿",
            "the file is no workbook that reads",
        )
    };
    let mut book: Xlsx<_> =
        Xlsx::new(Cursor::new(bytes)).map_err(|error| unreadable(Box::new(error)))?;
    let names = book.sheet_names();
    let name = match sheet {
        Some(name) => names.iter().find(|found| *found == name),
        None => names.first(),
    };
    let missing = || Text::new("工作簿中没有该工作表", "the workbook has no such sheet");
    let name = name.cloned().ok_or_else(missing)?;
    let mut cells = book
        .worksheet_cells_reader(&name)
        .map_err(|error| unreadable(Box::new(error)))?;
    let (mut at, mut row): (u32, SheetRow) = (0, Ok(Vec::new()));
    loop {
        let cell = cells
            .next_cell()
            .map_err(|error| unreadable(Box::new(error)))?;
        let Some(cell) = cell else { break };
        let (line, column) = cell.get_position();
        while at < line {
            // A gap of rows is blank, and read as it stands; one without end is no base.
            if MOST_GAP < line - at {
                return Err(Text::new(
                    "工作表行间空白过大",
                    "the sheet has a gap of rows without end",
                ));
            }
            if !take(std::mem::replace(&mut row, Ok(Vec::new()))) {
                return Ok(());
            }
            at += 1;
        }
        if MOST_COLUMNS <= column {
            continue;
        }
        match text(cell.get_value()) {
            Ok(text) => {
                if let Ok(cells) = &mut row {
                    cells.resize(column as usize, String::new());
                    cells.push(text);
                }
            }
            Err(bad) => row = row.and(Err(bad)),
        }
    }
    take(row);
    Ok(())
}

/// Most blank rows between two.
const MOST_GAP: u32 = 10_000;

/// A cell as text: numbers as they were typed, days in ISO form, the value of a formula.
fn text(value: &DataRef<'_>) -> Result<String, Unreadable> {
    Ok(match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) if number.abs() < EXACT => number.to_string(),
        DataRef::Float(_) => {
            return Err(Unreadable {
                rule: "digits-lost",
                text: Text::new(
                    "15位以上的数字已丢失末位，请将单元格设为文本",
                    "a number of more than 15 digits has lost its last ones; make the cell a text",
                ),
            });
        }
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) => {
            return Err(Unreadable {
                rule: "cell-error",
                text: Text::new("单元格为错误值", "the cell holds an error"),
            });
        }
    })
}

/// Numbers up to here are exact in a workbook, which keeps 15 digits.
///
/// Source: Microsoft, Excel specifications and limits (number precision: 15 digits).
const EXACT: f64 = 1e15;

/// Whether a workbook unpacks within its bounds: counted, whatever its directory says.
fn unpacks(bytes: &[u8]) -> Result<(), Text> {
    let unreadable = || Text::new("文件不是xlsx工作簿", "the file is no workbook");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
    if MOST_ENTRIES < archive.len() {
        return Err(unreadable());
    }
    let mut left = MOST_UNPACKED;
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(|_| unreadable())?;
        let name = entry.name().map_err(|_| unreadable())?.to_ascii_lowercase();
        let most = if name.ends_with("sharedstrings.xml") {
            left.min(MOST_SHARED)
        } else {
            left
        };
        let mut counted = entry.take(most.saturating_add(1));
        let read = std::io::copy(&mut counted, &mut std::io::sink()).map_err(|_| unreadable())?;
        if most < read {
            return Err(Text::new(
                "工作簿解压后过大",
                "the workbook unpacks to too much",
            ));
        }
        left -= read;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<SheetRow>, Text> {
        let mut found = Vec::new();
        rows(bytes, None, |row| {
            found.push(row);
            true
        })?;
        Ok(found)
    }

    #[test]
    fn cells_are_read_as_they_were_typed() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let day = ExcelDateTime::from_ymd(2024, 1, 31).unwrap();
        let format = Format::new().set_num_format("yyyy-mm-dd");
        sheet.write(0, 0, "示例公司").unwrap();
        sheet.write(0, 2, 13_800_000_001.0).unwrap();
        sheet.write_with_format(0, 3, &day, &format).unwrap();
        let formula = Formula::new("=HYPERLINK(\"http://x\",\"y\")").set_result("y");
        sheet.write(0, 4, formula).unwrap();
        sheet.write(2, 0, 110_105_194_912_310_020.0).unwrap();
        let rows = read(&book.save_to_buffer().unwrap()).unwrap();
        assert_eq!(
            rows[0].clone().unwrap(),
            ["示例公司", "", "13800000001", "2024-01-31", "y"]
        );
        assert_eq!(rows[1], Ok(Vec::new()));
        assert_eq!(rows[2].clone().unwrap_err().rule, "digits-lost");
    }

    #[test]
    fn what_unpacks_without_end_is_refused_and_so_is_no_workbook() {
        use std::io::Write;
        let mut bomb = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        bomb.start_file("xl/worksheets/sheet1.xml", options)
            .unwrap();
        let zeros = vec![0; 1024 * 1024];
        for _ in 0..600 {
            bomb.write_all(&zeros).unwrap();
        }
        let bomb = bomb.finish().unwrap().into_inner();
        assert!(bomb.len() < 1024 * 1024);
        assert_eq!(
            read(&bomb).unwrap_err().en,
            "the workbook unpacks to too much"
        );
        for none in [&b""[..], b"PK\x03\x04", b"account,number\n"] {
            assert!(read(none).is_err());
        }
    }
}
