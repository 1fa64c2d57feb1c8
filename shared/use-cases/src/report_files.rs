//! Files of reports: each row found the filing, the service or the registrar that it is about, and kept beside
//! it.
//!
//! **Invariant:** a row that is taken in again changes nothing, and one that is about none of ours is listed;
//! a row never changes what is filed, but for where a material stands on the shelves.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt};
use icp_domain::command::CommandId;
use icp_domain::history::Happened;
use icp_domain::import::BadCell;
use icp_domain::report_file::{ReportColumn, ReportKind, ReportRow, read};
use icp_domain::reports::Bringer;
use icp_domain::rulebook::calendar::local_date;
use icp_domain::{Invocation, Rulebook, Text};
use icp_store::files::Files;
use icp_store::records::{Import, ReportCounts, StoredFiling};
use icp_store::{Change, CommitError, Store, StoreError};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::By;
use crate::import_filings::{BadRow, PartRow, part_rows, part_taken, write_bad_rows};

mod find;
mod put;

use find::subject_of;
use put::{Put, put_registrar, put_rows};

/// Rows of one filing go together; filings of a part go side by side.
const AT_ONCE: usize = 4;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Became {
    /// It says something new.
    Changed,
    /// It was known, or something newer is.
    Same,
    /// It is about none of ours.
    Unmatched,
}

impl Became {
    /// With something that was known.
    fn or_same(self) -> Self {
        match self {
            Self::Changed => Self::Changed,
            Self::Same | Self::Unmatched => Self::Same,
        }
    }
}

/// Takes a part of a file of reports in.
pub async fn take_report_part(
    store: &Store,
    files: &Files,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    (import, kind): (&Import, ReportKind),
    part: u32,
) -> Result<(), StoreError> {
    if store.is_import_part(&import.id, part).await? {
        return Ok(());
    }
    let rows = part_rows(files, &import.id, part).await?;
    let by = import.started_by.as_ref().unwrap_or(&import.by);
    let taking = Taking {
        store,
        rulebook,
        import,
        bringer: Bringer {
            by: by.clone(),
            because: format!("file {}", import.id),
        },
        now: inv.now,
    };
    let (counts, bad) = taking.rows(kind, rows, inv).await?;
    write_bad_rows(files, &import.id, part, &bad).await?;
    part_taken(store, &import.id, part, &counts).await
}

struct Taking<'a> {
    store: &'a Store,
    rulebook: &'a Rulebook,
    import: &'a Import,
    bringer: Bringer,
    now: Timestamp,
}

type Numbered = (u64, ReportRow);

impl Taking<'_> {
    async fn rows(
        &self,
        kind: ReportKind,
        rows: Vec<PartRow<ReportColumn>>,
        inv: &mut Invocation,
    ) -> Result<(ReportCounts, Vec<BadRow<ReportColumn>>), StoreError> {
        let (mut counts, mut bad) = (ReportCounts::default(), Vec::new());
        let mut together: BTreeMap<String, Vec<Numbered>> = BTreeMap::new();
        let today = local_date(self.now);
        for row in rows.into_iter().filter(|row| !row.is_blank()) {
            counts.rows += 1;
            let parsed = if row.bad.is_empty() {
                read(kind, &row.cells, today)
            } else {
                Err(row.bad)
            };
            match parsed {
                Ok(parsed) => {
                    let of = together.entry(find::about(&parsed)).or_default();
                    of.push((row.row, parsed));
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
        let days = together.values().flatten();
        let last_day = days.filter_map(|(_, row)| match row {
            ReportRow::FrontEndHost { seen_on, .. } => Some(*seen_on),
            ReportRow::RegistryAnswer { .. }
            | ReportRow::PhoneIdentity { .. }
            | ReportRow::Hosting { .. }
            | ReportRow::Registrar { .. }
            | ReportRow::Custody { .. } => None,
        });
        let last_day = last_day.max();
        let seeded: Vec<_> = together
            .into_values()
            .map(|rows| {
                let mut seed = [0; 32];
                inv.fill(&mut seed);
                (rows, seed)
            })
            .collect();
        let mut taken = futures::stream::iter(seeded)
            .map(|(rows, seed)| self.together(rows, Invocation::new(self.now, seed)))
            .buffer_unordered(AT_ONCE);
        while let Some(of_filing) = taken.try_next().await? {
            for (row, became) in of_filing {
                match became {
                    Became::Changed => counts.changed += 1,
                    Became::Same => counts.same += 1,
                    Became::Unmatched => {
                        counts.unmatched += 1;
                        bad.push(unmatched(row));
                    }
                }
            }
        }
        bad.sort_by_key(|bad| bad.row);
        if !self.import.dry_run {
            self.say_what_came(kind, last_day).await?;
        }
        Ok((counts, bad))
    }

    /// What holds for all units: that there is a list of registrars, and until when front ends were heard of.
    async fn say_what_came(&self, kind: ReportKind, last: Option<Date>) -> Result<(), StoreError> {
        for _ in 0..=self.rulebook.policy.sweeps.reloads {
            let change = match (kind, last) {
                (ReportKind::Registrars, _) => self.store.begin_registrars(self.now).await?,
                (ReportKind::FrontEndHosts, Some(day)) => self.store.front_ends_spoke(day).await?,
                (
                    ReportKind::FrontEndHosts
                    | ReportKind::RegistryAnswers
                    | ReportKind::PhoneIdentities
                    | ReportKind::Hosting
                    | ReportKind::Custody,
                    _,
                ) => None,
            };
            let Some(change) = change else {
                return Ok(());
            };
            match self.store.commit(&change).await {
                Ok(()) => return Ok(()),
                // Another part said so meanwhile.
                Err(CommitError::Conflict(_)) => {}
                Err(CommitError::Store(error)) => return Err(error),
            }
        }
        Err(contended())
    }

    /// Takes rows in that are about one thing, in one commit; on conflict it loads and decides again.
    async fn together(
        &self,
        rows: Vec<Numbered>,
        mut inv: Invocation,
    ) -> Result<Vec<(u64, Became)>, StoreError> {
        for _ in 0..=self.rulebook.policy.sweeps.reloads {
            let mut change = Change::new();
            let became = self.decided(&mut change, &rows, &mut inv).await?;
            if self.import.dry_run || change.is_empty() {
                return Ok(became);
            }
            match self.store.commit(&change).await {
                Ok(()) => return Ok(became),
                Err(CommitError::Conflict(_)) => {}
                Err(CommitError::Store(error)) => return Err(error),
            }
        }
        Err(contended())
    }

    async fn decided(
        &self,
        change: &mut Change,
        rows: &[Numbered],
        inv: &mut Invocation,
    ) -> Result<Vec<(u64, Became)>, StoreError> {
        let all = |became: Became| rows.iter().map(|(row, _)| (*row, became)).collect();
        let Some((first, row)) = rows.first() else {
            return Ok(Vec::new());
        };
        if let ReportRow::Registrar { name, .. } = row {
            return put_registrar(self.store, change, (name, rows), &self.bringer, self.now).await;
        }
        let Some(subject) = subject_of(self.store, row).await? else {
            return Ok(all(Became::Unmatched));
        };
        let Some(mut filing) = self.store.filing(&subject).await? else {
            return Ok(all(Became::Unmatched));
        };
        let put = put_rows(self.store, change, &filing, (rows, &self.bringer), inv).await?;
        if let Some(what) = put.what {
            self.record(change, &mut filing, (what, *first))?;
        }
        let Put { became, .. } = put;
        Ok(became)
    }

    /// What a file says of a subject stands in its history; what it says of servers and visits, day after
    /// day, does not.
    fn record(
        &self,
        change: &mut Change,
        filing: &mut StoredFiling,
        (what, row): (Happened, u64),
    ) -> Result<(), StoreError> {
        let command = CommandId::of_cause(self.import.id.as_str(), "row", &row.to_string());
        let about = format!("{} row {row}", self.import.id);
        let deed = By::machine("import-filings").deed(what, &about, &command);
        filing.record(change, deed, self.now)
    }
}

fn unmatched(row: u64) -> BadRow<ReportColumn> {
    BadRow {
        row,
        bad: vec![BadCell {
            column: None,
            rule: "unmatched".to_owned(),
            text: Text::new(
                "本系统无此备案、网站、手机号码或材料",
                "it is about none of ours",
            ),
        }],
    }
}

fn contended() -> StoreError {
    StoreError::unavailable(std::io::Error::other(
        "what the rows are about was written by others again and again",
    ))
}
