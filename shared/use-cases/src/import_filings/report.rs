//! The report of an import: every bad row with its column and reason.

use icp_domain::ids::ImportId;
use icp_store::StoreError;
use icp_store::files::Files;
use icp_store::records::RowCounts;

use super::take::BadRow;

/// Key of the whole report.
pub(super) fn key(import: &ImportId) -> String {
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
    let mut lines = Vec::new();
    for row in bad {
        serde_json::to_writer(&mut lines, row).map_err(StoreError::unavailable)?;
        lines.push(b'\n');
    }
    let key = part_key(import, part);
    files.write(&key, "application/jsonl", lines).await
}

/// Writes the whole report, in the order of the file.
pub(super) async fn write_whole(
    files: &Files,
    import: &ImportId,
    parts: &[(u32, RowCounts)],
) -> Result<(), StoreError> {
    // A byte order mark, so that a spreadsheet reads the Chinese.
    let mut report = String::from("\u{feff}row,column,rule,reason,原因\r\n");
    for (part, _) in parts.iter().filter(|(_, counts)| 0 < counts.bad) {
        let lines = files.read(&part_key(import, *part)).await?;
        let lines = lines.unwrap_or_default();
        for line in lines
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            let row: BadRow = serde_json::from_slice(line).map_err(StoreError::unavailable)?;
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
