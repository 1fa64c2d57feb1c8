//! How a provider's own columns and words become ours.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::column::BETWEEN_CELLS;
use super::{Column, Columns, Record};

/// A provider's columns and words. What it leaves out is known by its own name, in the API or in
/// Chinese.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    deny_unknown_fields,
    default,
    bound(deserialize = "C: Columns")
)]
pub struct Mapping<C: Ord = Column> {
    /// The header of a column in the file.
    pub columns: BTreeMap<C, String>,
    /// Words of a column in the file, and ours.
    pub values: BTreeMap<C, BTreeMap<String, String>>,
    /// Values of columns that the file does not have, such as one account for all.
    pub constants: BTreeMap<C, String>,
    /// The sheet of a workbook; the first where nothing is said.
    pub sheet: Option<String>,
}

impl<C: Ord> Default for Mapping<C> {
    fn default() -> Self {
        Self {
            columns: BTreeMap::new(),
            values: BTreeMap::new(),
            constants: BTreeMap::new(),
            sheet: None,
        }
    }
}

/// Why a file's headers cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingFault {
    /// A column that every row needs is not there.
    #[error("the file has no column for {0}")]
    Missing(String),
    /// Two columns have one name.
    #[error("the file has two columns for {0}")]
    Twice(&'static str),
    /// The mapping names headers that are not there.
    #[error("the file lacks headers that the mapping names: {0}")]
    Absent(String),
}

impl<C: Columns> Mapping<C> {
    /// The column of each header; `None` of headers that mean nothing here.
    pub fn headers(&self, headers: &[String]) -> Result<Vec<Option<C>>, MappingFault> {
        let columns: Vec<Option<C>> = headers.iter().map(|header| self.column(header)).collect();
        let has = |wanted: C| {
            columns
                .iter()
                .filter(|column| **column == Some(wanted))
                .count()
        };
        let twice = C::ALL.iter().find(|column| 1 < has(**column));
        if let (Some(twice), false) = (twice, C::SEVERAL) {
            return Err(MappingFault::Twice(twice.name()));
        }
        let absent = self.columns.iter().filter(|(column, _)| has(**column) == 0);
        let absent: Vec<&str> = absent.map(|(_, header)| header.as_str()).collect();
        if !absent.is_empty() {
            return Err(MappingFault::Absent(absent.join(", ")));
        }
        let lacking = C::lacking(|column| 0 < has(column) || self.constants.contains_key(&column));
        if lacking.is_empty() {
            Ok(columns)
        } else {
            Err(MappingFault::Missing(lacking.join(", ")))
        }
    }

    /// Columns whose header is that of another column before them: a header means one column.
    pub fn shared_headers(&self) -> Vec<C> {
        let mut seen = BTreeSet::new();
        let columns = self.columns.iter();
        let shared = columns.filter(|(_, header)| !seen.insert(header.trim()));
        shared.map(|(column, _)| *column).collect()
    }

    /// The headers of a file that mean nothing here.
    pub fn ignored<'a>(&self, headers: &'a [String]) -> Vec<&'a str> {
        let named = headers.iter().filter(|header| !header.trim().is_empty());
        let ignored = named.filter(|header| self.column(header).is_none());
        ignored.map(String::as_str).collect()
    }

    /// How a file names a column, by its headers where it has them.
    pub fn header_of(&self, column: C, headers: &[String]) -> String {
        let is = |header: &&String| self.column(header) == Some(column);
        let of_file = headers.iter().find(is).or(self.columns.get(&column));
        let header = of_file.map_or(column.name(), String::as_str);
        header.trim().trim_start_matches('\u{feff}').to_owned()
    }

    /// The column of a header, if it means one here.
    pub fn column(&self, header: &str) -> Option<C> {
        let header = header.trim().trim_start_matches('\u{feff}');
        let mut mapped = self.columns.iter();
        let mapped = mapped.find(|(_, name)| name.trim() == header);
        mapped.map(|(column, _)| *column).or_else(|| {
            let column = C::of_header(header)?;
            // A column that has a header of its own is known by that alone.
            (!self.columns.contains_key(&column)).then_some(column)
        })
    }

    /// The record of a row's cells.
    pub fn record(&self, columns: &[Option<C>], cells: impl Iterator<Item = String>) -> Record<C> {
        let mut record: Record<C> = self.constants.clone();
        for (column, cell) in columns.iter().zip(cells) {
            let (Some(column), false) = (column, cell.trim().is_empty()) else {
                continue;
            };
            let words = self.values.get(column);
            let ours = words.and_then(|words| words.get(cell.trim()));
            let cell = ours.cloned().unwrap_or(cell);
            match record.get_mut(column) {
                // A constant stands for what the file does not have.
                Some(before) if C::SEVERAL && !self.constants.contains_key(column) => {
                    if before.trim() != cell.trim() {
                        before.push(BETWEEN_CELLS);
                        before.push_str(&cell);
                    }
                }
                Some(_) | None => {
                    record.insert(*column, cell);
                }
            }
        }
        record
    }
}
