//! Rows of a workbook of Excel.
//!
//! **Invariant:** a workbook is unpacked only after every entry of it was counted through, so that
//! what unpacks to more than a workbook has costs time in proportion to that bound and no memory.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, Xlsx};
use icp_domain::Text;

use crate::{MOST_COLUMNS, Unreadable, overlong};

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

/// The cells of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SheetCells {
    /// As texts.
    pub cells: Vec<String>,
    /// Cells that do not read as what was typed, by place.
    pub bad: Vec<(usize, Unreadable)>,
}

/// A row: its cells, or why it has none.
pub type SheetRow = Result<SheetCells, Unreadable>;

/// Every row of the sheet, the header first, handed to `take` until it says to stop. A row has at most
/// `longest` bytes.
pub fn rows(
    bytes: &[u8],
    sheet: Option<&str>,
    longest: usize,
    mut take: impl FnMut(SheetRow) -> bool,
) -> Result<(), Text> {
    unpacks(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
    let name = chosen(&mut book, sheet)?;
    let mut cells = book
        .worksheet_cells_reader(&name)
        .map_err(|_| unreadable())?;
    let mut row = Gathered::default();
    let mut at: u32 = 0;
    loop {
        let cell = cells.next_cell().map_err(|_| unreadable())?;
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
            if !take(std::mem::take(&mut row).row(longest)) {
                return Ok(());
            }
            at += 1;
        }
        row.put(column as usize, cell.get_value(), longest);
    }
    take(row.row(longest));
    Ok(())
}

fn unreadable() -> Text {
    Text::new(
        "文件不是可读的xlsx工作簿",
        "the file is no workbook that reads",
    )
}

/// The sheet that is read: the one that is named, or the only one that holds something. Rows of
/// another would be lost without a word.
fn chosen(book: &mut Xlsx<Cursor<&[u8]>>, sheet: Option<&str>) -> Result<String, Text> {
    let names = book.sheet_names();
    if let Some(name) = sheet {
        let found = names.into_iter().find(|found| found == name);
        return found
            .ok_or_else(|| Text::new("工作簿中没有该工作表", "the workbook has no such sheet"));
    }
    let mut filled = Vec::new();
    for name in &names {
        let mut cells = book
            .worksheet_cells_reader(name)
            .map_err(|_| unreadable())?;
        if cells.next_cell().map_err(|_| unreadable())?.is_some() {
            filled.push(name.clone());
        }
    }
    if 1 < filled.len() {
        return Err(Text::new(
            "工作簿有多个非空工作表，请在mapping.sheet中指定",
            "several sheets hold something: name one in mapping.sheet",
        ));
    }
    let first = filled.into_iter().chain(names).next();
    first.ok_or_else(|| Text::new("工作簿中没有工作表", "the workbook has no sheet"))
}

/// A row as it is gathered: no more of it than a row may have.
#[derive(Default)]
struct Gathered {
    row: SheetCells,
    bytes: usize,
}

impl Gathered {
    fn put(&mut self, column: usize, value: &DataRef<'_>, longest: usize) {
        if MOST_COLUMNS <= column || longest < self.bytes {
            return;
        }
        let (text, bad) = text(value);
        self.bytes += text.len();
        if longest < self.bytes {
            self.row = SheetCells::default();
            return;
        }
        self.row.cells.resize(column, String::new());
        self.row.cells.push(text);
        self.row.bad.extend(bad.map(|bad| (column, bad)));
    }

    fn row(self, longest: usize) -> SheetRow {
        if longest < self.bytes {
            Err(overlong())
        } else {
            Ok(self.row)
        }
    }
}

/// Most blank rows between two.
const MOST_GAP: u32 = 10_000;

/// A cell as text: numbers as they were typed, days in ISO form, the value of a formula; and why that is
/// not what was typed.
fn text(value: &DataRef<'_>) -> (String, Option<Unreadable>) {
    let text = match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) if number.abs() < EXACT => number.to_string(),
        DataRef::Float(number) => return (number.to_string(), Some(digits_lost())),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => {
            let bad = Unreadable {
                rule: "cell-error",
                text: Text::new("单元格为错误值", "the cell holds an error"),
            };
            return (error.to_string(), Some(bad));
        }
    };
    (text, None)
}

fn digits_lost() -> Unreadable {
    Unreadable {
        rule: "digits-lost",
        text: Text::new(
            "15位以上的数字已丢失末位，请将单元格设为文本",
            "a number of more than 15 digits has lost its last ones; make the cell a text",
        ),
    }
}

/// Numbers up to here are exact in a workbook, which keeps 15 digits.
///
/// Source: Microsoft, Excel specifications and limits (number precision: 15 digits).
const EXACT: f64 = 1e15;

/// Longest run of bytes of an entry without a tag: what reads it holds a run whole.
///
/// Source: Microsoft, Excel specifications and limits (32,767 characters of a cell), thirty times over.
const LONGEST_RUN: usize = 1024 * 1024;

/// Least bytes that a shared text has in its entry: `<si/>`.
const LEAST_SHARED: u64 = 5;

/// Looks at the bytes of an entry as they are counted.
#[derive(Default)]
struct Looking {
    /// The longest run without a tag so far, and the one that goes on.
    longest: usize,
    run: usize,
    /// The beginning, as far as the first tag may reach.
    head: Vec<u8>,
}

impl Looking {
    /// Whether the entry says of itself that it holds more than `most`: what reads it makes room for
    /// as many at once.
    fn promises_more_than(&self, most: u64) -> bool {
        let head = String::from_utf8_lossy(&self.head);
        head.match_indices("uniqueCount").any(|(at, name)| {
            let value = head.get(at + name.len()..).unwrap_or_default();
            let value = value.trim_start_matches(|c: char| !c.is_ascii_digit());
            let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
            digits.parse::<u64>().map_or(true, |count| most < count)
        })
    }
}

impl std::io::Write for Looking {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let room = (2 * LONGEST_RUN).saturating_sub(self.head.len());
        self.head.extend(bytes.iter().take(room));
        for byte in bytes {
            self.run = if *byte == b'<' { 0 } else { self.run + 1 };
            self.longest = self.longest.max(self.run);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

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
        let is_shared = name.ends_with("sharedstrings.xml");
        let extension = std::path::Path::new(&name).extension();
        let is_xml = extension.is_some_and(|ext| ext == "xml" || ext == "rels");
        let mut looking = Looking::default();
        let mut counted = entry.take(most.saturating_add(1));
        let read = std::io::copy(&mut counted, &mut looking).map_err(|_| unreadable())?;
        if most < read {
            return Err(Text::new(
                "工作簿解压后过大",
                "the workbook unpacks to too much",
            ));
        }
        let is_swollen = is_xml && LONGEST_RUN < looking.longest;
        if is_swollen || is_shared && looking.promises_more_than(MOST_SHARED / LEAST_SHARED) {
            return Err(unreadable());
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
        rows(bytes, None, 1000, |row| {
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
            rows[0].clone().unwrap().cells,
            ["示例公司", "", "13800000001", "2024-01-31", "y"]
        );
        assert_eq!(rows[1], Ok(SheetCells::default()));
        let row = rows[2].clone().unwrap();
        assert_eq!((row.bad[0].0, row.bad[0].1.rule), (0, "digits-lost"));
    }

    #[test]
    fn a_row_costs_no_more_than_a_row_may_have_and_no_sheet_is_passed_over() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for column in 0..200 {
            sheet.write(0, column, "一二三四五六七八九十").unwrap();
        }
        sheet.write(1, 0, "short").unwrap();
        let rows = read(&book.save_to_buffer().unwrap()).unwrap();
        assert_eq!(rows[0].clone().unwrap_err().rule, "row-too-long");
        assert_eq!(rows[1].clone().unwrap().cells, ["short"]);
        let empty = book.add_worksheet();
        empty.set_name("空").unwrap();
        assert!(read(&book.save_to_buffer().unwrap()).is_ok());
        book.add_worksheet().write(0, 0, "x").unwrap();
        let refused = read(&book.save_to_buffer().unwrap()).unwrap_err();
        assert!(refused.en.contains("mapping.sheet"), "{refused:?}");
    }

    #[test]
    fn what_promises_or_holds_one_text_without_end_is_refused() {
        use std::io::Write;
        let mut book = Workbook::new();
        book.add_worksheet().write(0, 0, "示例公司").unwrap();
        let good = book.save_to_buffer().unwrap();
        assert!(read(&good).is_ok());
        // The same workbook with another table of shared texts.
        let with_shared = |shared: &[u8]| {
            let mut from = zip::ZipArchive::new(Cursor::new(good.clone())).unwrap();
            let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
            let options = zip::write::SimpleFileOptions::default();
            for at in 0..from.len() {
                let mut entry = from.by_index(at).unwrap();
                let name = entry.name().unwrap().to_string();
                to.start_file(name.as_str(), options).unwrap();
                if name.ends_with("sharedStrings.xml") {
                    to.write_all(shared).unwrap();
                } else {
                    std::io::copy(&mut entry, &mut to).unwrap();
                }
            }
            to.finish().unwrap().into_inner()
        };
        let long = "x".repeat(2 * LONGEST_RUN);
        for shared in [
            r#"<sst uniqueCount="100000000000"><si><t>a</t></si></sst>"#.to_owned(),
            r#"<sst uniqueCount = '18446744073709551616'><si/></sst>"#.to_owned(),
            format!(r#"<sst uniqueCount="1"><si><t>{long}</t></si></sst>"#),
        ] {
            assert!(read(&with_shared(shared.as_bytes())).is_err());
        }
        let plain = r#"<sst uniqueCount="1"><si><t>a</t></si></sst>"#;
        assert!(read(&with_shared(plain.as_bytes())).is_ok());
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
