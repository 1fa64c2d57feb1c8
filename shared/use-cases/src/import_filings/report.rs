//! The bad rows of an import, kept part by part until its report is written.

use icp_domain::ids::ImportId;
use icp_domain::import::Columns;
use icp_store::StoreError;
use icp_store::files::Files;

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
pub(crate) async fn write_part<C: Columns>(
    files: &Files,
    import: &ImportId,
    part: u32,
    bad: &[BadRow<C>],
) -> Result<(), StoreError> {
    if bad.is_empty() {
        return Ok(());
    }
    write_lines(files, &part_key(import, part), bad).await
}

/// The bad rows of a part.
pub async fn bad_rows<C: Columns>(
    files: &Files,
    import: &ImportId,
    part: u32,
) -> Result<Vec<BadRow<C>>, StoreError> {
    lines_of(files, &part_key(import, part)).await
}
