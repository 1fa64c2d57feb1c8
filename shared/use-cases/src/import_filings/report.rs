//! The report of an import: every bad row with its column and reason.

use icp_domain::ids::ImportId;
use icp_store::StoreError;
use icp_store::files::Files;
use icp_store::records::RowCounts;

use super::take::BadRow;
use super::{lines_of, write_lines};

/// Key of the report of bad rows.
pub fn key(import: &ImportId) -> String {
    format!("imports/{import}/bad-rows.csv")
}

fn part_key(import: &ImportId, part: u32) -> String {
    format!("imports/{import}/bad/{part:06}.jsonl")
}

/// Keeps the bad rows of a part; none are not kept.
pub(super) async fn write_part(
    files: &Files,
    import: &ImportId,
    part: u32,
    bad: &[BadRow],
) -> Result<(), StoreError> {
    if bad.is_empty() {
        return Ok(());
    }
    write_lines(files, &part_key(import, part), bad).await
}

/// Writes the whole report, in the order of the file.
pub async fn write_whole(
    files: &Files,
    import: &ImportId,
    parts: &[(u32, RowCounts)],
) -> Result<(), StoreError> {
    // A byte order mark, so that a spreadsheet reads the Chinese.
    let mut report = String::from("\u{feff}row,column,rule,reason,原因\r\n");
    for (part, _) in parts.iter().filter(|(_, counts)| 0 < counts.bad) {
        let rows: Vec<BadRow> = lines_of(files, &part_key(import, *part)).await?;
        for row in rows {
            for cell in row.bad {
                let column = cell.column.map_or("", icp_domain::import::Column::name);
                // Texts are our own; quotes keep their commas.
                report.push_str(&format!(
                    "{},{column},{},\"{}\",\"{}\"\r\n",
                    row.row,
                    cell.rule,
                    cell.text.en.replace('"', "\"\""),
                    cell.text.zh.replace('"', "\"\""),
                ));
            }
        }
    }
    files
        .write(&key(import), "text/csv", report.into_bytes())
        .await
}
