//! Tables as files: lines of CSV, workbooks of Excel and lines of JSON, read from strangers within
//! bounds and written so that no spreadsheet takes a cell for a formula.

mod cells;
mod cut;
mod workbook;
mod write;

use icp_domain::Text;

pub use cells::{DELIMITERS, delimiter, of_csv, of_json, overlong};
pub use cut::{Cut, cut};
pub use workbook::{SheetCells, SheetRow, rows};
pub use write::{BYTE_ORDER_MARK, Book, Unwritten, csv_line, json_line};

/// Most columns of a row.
///
/// Source: chosen here: eight times what a base or a list has.
pub(crate) const MOST_COLUMNS: usize = 256;

/// Why a row cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Stable code of the demand.
    pub rule: &'static str,
    /// What is demanded. Never what stands there: it may be personal.
    pub text: Text,
}
