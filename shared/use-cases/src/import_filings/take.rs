//! Taking the rows of a part in.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt};
use icp_domain::command::CommandId;
use icp_domain::history::Happened;
use icp_domain::ids::SubjectId;
use icp_domain::import::{BadCell, Column, Columns, ImportedRow, RowOutcome, read};
use icp_domain::{Invocation, Rulebook};
use icp_store::records::{Import, RowCounts, StoredFiling};
use icp_store::{Change, CommitError, Store, StoreError, keys};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::PartRow;
use crate::By;
use crate::write_filing::{FrontEnds, Writing};

/// Rows of one filing follow one another; filings of a part go side by side.
const FILINGS_AT_ONCE: usize = 4;

pub(super) struct Taking<'a> {
    pub(super) store: &'a Store,
    pub(super) rulebook: &'a Rulebook,
    pub(super) import: &'a Import,
    pub(super) now: Timestamp,
}

/// A bad row of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "C: Columns"))]
pub struct BadRow<C = Column> {
    /// Its number in the file.
    pub row: u64,
    /// What is wrong with it.
    pub bad: Vec<BadCell<C>>,
}

impl Taking<'_> {
    pub(super) async fn rows(
        &self,
        rows: Vec<PartRow>,
        inv: &mut Invocation,
    ) -> Result<(RowCounts, Vec<BadRow>), StoreError> {
        let mut counts = RowCounts::default();
        let mut bad = Vec::new();
        let mut filings: BTreeMap<String, Vec<(u64, ImportedRow)>> = BTreeMap::new();
        // Blank lines are no rows.
        for row in rows.into_iter().filter(|row| !row.is_blank()) {
            counts.rows += 1;
            let parsed = if row.bad.is_empty() {
                read(&row.cells, self.rulebook)
            } else {
                Err(row.bad)
            };
            match parsed {
                Ok(parsed) => {
                    let of_filing = filings.entry(parsed.number.to_string()).or_default();
                    of_filing.push((row.row, parsed));
                }
                Err(cells) => {
                    counts.bad += 1;
                    bad.push(BadRow {
                        row: row.row,
                        bad: cells,
                    });
                }
            }
        }
        let seeded: Vec<_> = filings
            .into_values()
            .map(|rows| {
                let mut seed = [0; 32];
                inv.fill(&mut seed);
                (rows, seed)
            })
            .collect();
        let mut taken = futures::stream::iter(seeded)
            .map(|(rows, seed)| self.filing(rows, Invocation::new(self.now, seed)))
            .buffer_unordered(FILINGS_AT_ONCE);
        while let Some(of_filing) = taken.try_next().await? {
            counts += of_filing;
        }
        Ok((counts, bad))
    }

    async fn filing(
        &self,
        rows: Vec<(u64, ImportedRow)>,
        mut inv: Invocation,
    ) -> Result<RowCounts, StoreError> {
        let mut counts = RowCounts::default();
        for (number, row) in rows {
            let (outcome, conflicts) = self.row(number, &row, &mut inv).await?;
            counts.conflicts += u64::from(conflicts);
            match outcome {
                RowOutcome::Added => counts.added += 1,
                RowOutcome::Changed => counts.changed += 1,
                RowOutcome::Same => counts.same += 1,
                RowOutcome::Kept => counts.kept += 1,
            }
        }
        Ok(counts)
    }

    /// Takes one row in; on conflict it reloads. Tells what became of it, and whether its filing wants
    /// what another holds.
    async fn row(
        &self,
        number: u64,
        row: &ImportedRow,
        inv: &mut Invocation,
    ) -> Result<(RowOutcome, bool), StoreError> {
        let mut left = self.rulebook.policy.sweeps.reloads;
        loop {
            let mut stored = self.filing_of(row, inv).await?;
            let (after, outcome) = stored.filing.imported(row, self.now);
            let before = stored.filing.subject.conflicts.clone();
            match outcome {
                RowOutcome::Kept => return Ok((outcome, !before.is_empty())),
                RowOutcome::Same if before.is_empty() => return Ok((outcome, false)),
                RowOutcome::Same | RowOutcome::Added | RowOutcome::Changed => {}
            }
            let writing = Writing {
                store: self.store,
                rulebook: self.rulebook,
                front_ends: FrontEnds::KnowIt,
            };
            let mut change = Change::new();
            let held = writing
                .difference(&mut change, &mut stored, after, inv)
                .await?;
            let conflicts = &mut stored.filing.subject.conflicts;
            conflicts.extend(held);
            conflicts.sort();
            conflicts.dedup();
            let conflicted = !conflicts.is_empty();
            let is_idle = outcome == RowOutcome::Same && *conflicts == before;
            if self.import.dry_run || is_idle {
                return Ok((outcome, conflicted));
            }
            let command = CommandId::of_cause(self.import.id.as_str(), "row", &number.to_string());
            let by = By::machine("import-filings");
            let about = format!("{} row {number}", self.import.id);
            let deed = by.deed(Happened::FilingImported, &about, &command);
            stored.record(&mut change, deed, self.now)?;
            match self.store.commit(&change).await {
                Ok(()) => return Ok((outcome, conflicted)),
                Err(CommitError::Conflict(_)) if 0 < left => left -= 1,
                Err(CommitError::Conflict(_)) => {
                    return Err(StoreError::unavailable(std::io::Error::other(
                        "the filing was written by others again and again",
                    )));
                }
                Err(CommitError::Store(error)) => return Err(error),
            }
        }
    }

    /// The filing that a row belongs to: the one that holds its number, where the account is the same or
    /// the number is off the record for good; else one of its own, whose number stays in conflict.
    async fn filing_of(
        &self,
        row: &ImportedRow,
        inv: &mut Invocation,
    ) -> Result<StoredFiling, StoreError> {
        let number = row.number.to_string();
        let holder = self.store.holder(&keys::taken_number(&number)).await?;
        if let Some(holder) = holder.and_then(|holder| holder.parse::<SubjectId>().ok())
            && let Some(filing) = self.store.filing(&holder).await?
            && (filing.filing.subject.account == row.account || filing.filing.is_deregistered())
        {
            return Ok(filing);
        }
        let own = SubjectId::derived("imported", &[&number, row.account.as_str()]);
        match self.store.filing(&own).await? {
            Some(filing) => Ok(filing),
            None => StoredFiling::begun(self.store, own, row.account.clone(), inv).await,
        }
    }
}
