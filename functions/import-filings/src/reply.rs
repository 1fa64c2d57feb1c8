//! The reply to a list (反馈表), in the list's own columns, and what of it people have to look into.

use icp_domain::bureau_list::{ListColumn, ListKind, REPLY_COLUMNS};
use icp_domain::ids::{OrderId, SubjectId};
use icp_store::StoreError;
use icp_store::files::Files;
use icp_store::records::{Import, ImportFormat};
use icp_tables::{BYTE_ORDER_MARK, Book, Unwritten, csv_line};
use icp_use_cases::bureau_lists::{Reply, Said, open_rows_key, replies_key, reply_key};
use icp_use_cases::import_filings::{Above, RawRow, above, lines_of};

/// What stands in a reply of a row that could not be read.
const UNREAD: &str = "无法读取";

/// Stands before what was done in the reply of a trial, so that nobody hands it in.
const TRIAL: &str = "试算：";

/// Writes both; written again, they are the same.
pub(crate) async fn write(
    files: &Files,
    (import, kind): (&Import, ListKind),
    parts: usize,
) -> Result<(), StoreError> {
    let above = above(files, &import.id).await?;
    // A row may be longer than its header; what is said stands behind the longest.
    let mut width = above.header.len();
    for part in (0..).take(parts) {
        let replies: Vec<Reply> = lines_of(files, &replies_key(&import.id, part)).await?;
        width = replies
            .iter()
            .map(|reply| cells(reply).len())
            .fold(width, usize::max);
    }
    let trial = import.dry_run;
    let table = Table::begun(import.format, above, width);
    let mut table = table.map_err(StoreError::unavailable)?;
    let mut open = OpenRows::begun().map_err(StoreError::unavailable)?;
    for part in (0..).take(parts) {
        let replies: Vec<Reply> = lines_of(files, &replies_key(&import.id, part)).await?;
        for reply in &replies {
            table
                .add(reply, kind, trial)
                .map_err(StoreError::unavailable)?;
            open.add(reply, kind).map_err(StoreError::unavailable)?;
        }
    }
    let bytes = table.bytes().map_err(StoreError::unavailable)?;
    let media_type = import.format.media_type();
    files.write(&reply_key(import), media_type, bytes).await?;
    files
        .write(&open_rows_key(&import.id), "text/csv", open.bytes)
        .await
}

/// What is said to a row: what was done, and what there is to say.
fn said(reply: &Reply, kind: ListKind, trial: bool) -> [String; 2] {
    match &reply.said {
        Said::Outcome(outcome) => {
            let told = outcome.told(kind).map(|text| text.zh);
            let done = outcome.done(kind).zh;
            let done = if trial {
                format!("{TRIAL}{done}")
            } else {
                done
            };
            [done, told.unwrap_or_default()]
        }
        Said::Bad(bad) => {
            let reasons: Vec<String> = bad
                .iter()
                .map(|bad| match bad.column {
                    Some(column) => format!("{}：{}", column.chinese(), bad.text.zh),
                    None => bad.text.zh.clone(),
                })
                .collect();
            [UNREAD.to_owned(), reasons.join("；")]
        }
    }
}

/// The reply as it is being written, in the format of the list.
enum Table {
    Csv { bytes: Vec<u8>, width: usize },
    Xlsx { book: Box<Book>, width: usize },
    JsonLines(Vec<u8>),
}

impl Table {
    fn begun(format: ImportFormat, above: Above, width: usize) -> Result<Self, Unwritten> {
        let header = beside(above.header, width, REPLY_COLUMNS.map(str::to_owned));
        let mut rows = above.titles;
        rows.push(header);
        Ok(match format {
            ImportFormat::Csv => {
                let mut bytes = BYTE_ORDER_MARK.as_bytes().to_vec();
                for row in &mut rows {
                    if let Some(first) = row.first_mut() {
                        *first = first.trim_start_matches(BYTE_ORDER_MARK).to_owned();
                    }
                    bytes.extend(csv_line(row)?);
                }
                Self::Csv { bytes, width }
            }
            ImportFormat::Xlsx => Self::Xlsx {
                book: Box::new(Book::begun(rows)),
                width,
            },
            ImportFormat::JsonLines => Self::JsonLines(Vec::new()),
        })
    }

    fn add(&mut self, reply: &Reply, kind: ListKind, trial: bool) -> Result<(), Unwritten> {
        let said = said(reply, kind, trial);
        match self {
            Self::Csv { bytes, width } => {
                bytes.extend(csv_line(&beside(cells(reply), *width, said))?);
            }
            Self::Xlsx { book, width } => book.add(&beside(cells(reply), *width, said))?,
            Self::JsonLines(bytes) => {
                let mut object = match &reply.raw {
                    Some(RawRow::Object(object)) => object.clone(),
                    Some(RawRow::Cells(_)) | None => serde_json::Map::new(),
                };
                for (name, text) in REPLY_COLUMNS.into_iter().zip(said) {
                    object.insert(name.to_owned(), text.into());
                }
                serde_json::to_writer(&mut *bytes, &object)?;
                bytes.push(b'\n');
            }
        }
        Ok(())
    }

    fn bytes(self) -> Result<Vec<u8>, Unwritten> {
        match self {
            Self::Csv { bytes, .. } | Self::JsonLines(bytes) => Ok(bytes),
            Self::Xlsx { book, .. } => book.bytes(),
        }
    }
}

/// A row of the list's own columns with what is said beside it.
fn beside(mut cells: Vec<String>, width: usize, said: [String; 2]) -> Vec<String> {
    cells.resize(width, String::new());
    cells.extend(said);
    cells
}

fn cells(reply: &Reply) -> Vec<String> {
    match &reply.raw {
        Some(RawRow::Cells(cells)) => cells.clone(),
        Some(RawRow::Object(_)) | None => Vec::new(),
    }
}

/// The rows that people have to look into: doubtful, unmatched, unread, or waiting for a second person.
struct OpenRows {
    bytes: Vec<u8>,
}

impl OpenRows {
    fn begun() -> Result<Self, Unwritten> {
        let mut bytes = BYTE_ORDER_MARK.as_bytes().to_vec();
        let header = [
            "row", "outcome", "column", "rule", "filing", "order", "reason", "原因",
        ];
        bytes.extend(csv_line(&header.map(str::to_owned))?);
        Ok(Self { bytes })
    }

    fn add(&mut self, reply: &Reply, kind: ListKind) -> Result<(), Unwritten> {
        let id = |id: Option<&str>| id.unwrap_or_default().to_owned();
        let subject = id(reply.subject.as_ref().map(SubjectId::as_str));
        let order = id(reply.order.as_ref().map(OrderId::as_str));
        let mut line = |outcome: &str, column: &str, rule: &str, en: &str, zh: &str| {
            let row = reply.row.to_string();
            let cells = [&row, outcome, column, rule, &subject, &order, en, zh];
            csv_line(&cells.map(str::to_owned)).map(|line| self.bytes.extend(line))
        };
        match &reply.said {
            Said::Outcome(outcome) if outcome.is_open() => {
                let text = outcome.remark(kind).unwrap_or_else(|| outcome.done(kind));
                line(outcome.name(), "", outcome.rule(), &text.en, &text.zh)
            }
            Said::Outcome(_) => Ok(()),
            Said::Bad(bad) => bad.iter().try_for_each(|bad| {
                let column = bad.column.map_or("", ListColumn::name);
                line("bad", column, &bad.rule, &bad.text.en, &bad.text.zh)
            }),
        }
    }
}
