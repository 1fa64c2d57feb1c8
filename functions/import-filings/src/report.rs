//! The report of an import: every bad row, with its column as the file names it, and the reason.

use icp_domain::ids::ImportId;
use icp_domain::import::{Columns, Mapping};
use icp_store::StoreError;
use icp_store::files::Files;
use icp_tables::{BYTE_ORDER_MARK, csv_line};
use icp_use_cases::import_filings::{above, bad_rows, report_key};

const HEADER: [&str; 6] = ["row", "列名", "column", "rule", "reason", "原因"];

/// Writes the whole report, in the order of the file.
pub(crate) async fn write<C: Columns>(
    files: &Files,
    (import, mapping): (&ImportId, &Mapping<C>),
    parts: &[u32],
) -> Result<(), StoreError> {
    let header = above(files, import).await?.header;
    // A byte order mark, so that a spreadsheet reads the Chinese.
    let mut report = BYTE_ORDER_MARK.as_bytes().to_vec();
    report.extend(csv_line(&HEADER.map(str::to_owned)).map_err(StoreError::unavailable)?);
    for part in parts {
        for row in bad_rows::<C>(files, import, *part).await? {
            for cell in row.bad {
                let name = cell.column.map(|column| column.name().to_owned());
                let own = cell.column.map(|column| mapping.header_of(column, &header));
                let line = [
                    row.row.to_string(),
                    own.unwrap_or_default(),
                    name.unwrap_or_default(),
                    cell.rule,
                    cell.text.en,
                    cell.text.zh,
                ];
                report.extend(csv_line(&line).map_err(StoreError::unavailable)?);
            }
        }
    }
    files.write(&report_key(import), "text/csv", report).await
}
