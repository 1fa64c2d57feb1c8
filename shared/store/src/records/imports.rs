//! Imports: what was brought, how far it has come, and what became of each part.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use icp_domain::Text;
use icp_domain::bureau_list::{ListColumn, ListHead, Outcome};
use icp_domain::ids::{ImportId, UserId};
use icp_domain::import::Mapping;
use icp_domain::report_file::{ReportColumn, ReportKind};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SHAPE;
use crate::index::DeskList;
use crate::{Change, Guard, Row, Store, StoreError, keys};

mod counts;

pub use counts::{ListCounts, ReportCounts, RowCounts};

/// An import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// The file's format.
    pub format: ImportFormat,
    /// What it brings.
    #[serde(flatten)]
    pub brings: Brings,
    /// Whether it only says what it would do.
    pub dry_run: bool,
    /// Key of the file's object.
    pub key: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes, in base64.
    pub sha256: String,
    /// Who brought it.
    pub by: UserId,
    /// When it was announced.
    pub announced_at: Timestamp,
    /// Who started it.
    #[serde(default)]
    pub started_by: Option<UserId>,
    /// How far it has come.
    pub state: ImportState,
}

/// What a file brings, and how its columns and words become ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "brings")]
pub enum Brings {
    /// A provider's existing base.
    Base {
        /// Its columns.
        mapping: Mapping,
    },
    /// A list that a bureau handed down.
    BureauList {
        /// The paper that it came with.
        list: ListHead,
        /// Its columns.
        mapping: Mapping<ListColumn>,
    },
    /// Reports of facts.
    Reports {
        /// Of which kind.
        kind: ReportKind,
        /// Its columns.
        mapping: Mapping<ReportColumn>,
    },
}

impl Brings {
    /// The staff's list of such imports.
    pub fn desk(&self) -> DeskList {
        match self {
            Self::Base { .. } => DeskList::Imports,
            Self::BureauList { .. } => DeskList::BureauLists,
            Self::Reports { .. } => DeskList::ReportFiles,
        }
    }
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ImportFormat {
    /// Comma-separated, or by semicolon or tab; UTF-8 or GB18030, cell by cell.
    Csv,
    /// A workbook of Excel since 2007.
    Xlsx,
    /// A JSON object a line, fields named as columns.
    JsonLines,
}

impl ImportFormat {
    /// The media type of such a file.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::JsonLines => "application/jsonl",
        }
    }

    /// How the names of such files end.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::JsonLines => "jsonl",
        }
    }
}

/// How far an import has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum ImportState {
    /// Its file is awaited.
    Announced,
    /// Its rows are being divided into parts.
    #[serde(rename_all = "camelCase")]
    Converting {
        /// Since when.
        #[schema(value_type = String)]
        started_at: Timestamp,
        /// Parts so far.
        parts: u32,
        /// Rows so far.
        rows: u64,
        /// Where the next part begins in the file.
        place: u64,
    },
    /// Its parts are being taken in.
    #[serde(rename_all = "camelCase")]
    Running {
        /// Since when it was started.
        #[schema(value_type = String)]
        started_at: Timestamp,
        /// Parts in all.
        parts: u32,
        /// Rows in all.
        rows: u64,
    },
    /// Every part was taken in.
    #[serde(rename_all = "camelCase")]
    Done {
        /// When it was started.
        #[schema(value_type = String)]
        started_at: Timestamp,
        /// When.
        #[schema(value_type = String)]
        finished_at: Timestamp,
        /// Parts in all.
        parts: u32,
        /// Rows in all.
        rows: u64,
    },
    /// The file cannot be read.
    #[serde(rename_all = "camelCase")]
    Refused {
        /// When.
        #[schema(value_type = String)]
        refused_at: Timestamp,
        /// Why.
        why: Text,
    },
}

#[derive(Serialize, Deserialize)]
struct ListRowRecord {
    rows: Vec<u64>,
    #[serde(flatten)]
    outcome: Outcome,
}

/// An import as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredImport {
    /// The import.
    pub import: Import,
    guard: Guard,
}

impl StoredImport {
    /// An import that is announced now.
    pub fn announced(import: Import) -> Self {
        Self {
            import,
            guard: Guard::New,
        }
    }

    /// The version that was read; 0 before the first write.
    pub fn version(&self) -> u64 {
        match self.guard {
            Guard::Version(read) => read,
            Guard::New | Guard::Parent => 0,
        }
    }

    /// Writes the head.
    pub fn put(&self, change: &mut Change) -> Result<(), StoreError> {
        let import = &self.import;
        let row = Row::of(keys::import(&import.id), SHAPE, self.guard, import)?;
        change.put(row.desk(Some(import.brings.desk()), import.announced_at));
        Ok(())
    }
}

impl Store {
    /// An import.
    pub async fn import(&self, id: &ImportId) -> Result<Option<StoredImport>, StoreError> {
        let Some(item) = self.item(&keys::import(id)).await? else {
            return Ok(None);
        };
        Ok(Some(StoredImport {
            guard: Guard::Version(item.version()?),
            import: item.read(SHAPE)?,
        }))
    }

    /// The imports of a page, in its order.
    pub async fn imports(&self, rows: &[crate::Key]) -> Result<Vec<Import>, StoreError> {
        let items = self.items(rows).await?;
        rows.iter()
            .filter_map(|key| items.get(key))
            .map(|item| item.read(SHAPE))
            .collect()
    }

    /// What became of the parts that were taken in, by number.
    pub async fn import_parts<C: DeserializeOwned>(
        &self,
        id: &ImportId,
    ) -> Result<Vec<(u32, C)>, StoreError> {
        let partition = keys::import_partition(id);
        let items = self
            .partition_between(&partition, "PART#", "PART#~")
            .await?;
        let parts = items.iter().map(|item| {
            let number = item.key().sk;
            let number = number.strip_prefix("PART#").and_then(|n| n.parse().ok());
            let number = number.ok_or_else(|| item.malformed("no part"))?;
            Ok((number, item.read(SHAPE)?))
        });
        parts.collect()
    }

    /// Whether a part was taken in.
    pub async fn is_import_part(&self, id: &ImportId, part: u32) -> Result<bool, StoreError> {
        let item = self.item(&keys::import_part(id, part)).await?;
        Ok(item.is_some())
    }

    /// Writes what became of a part: once.
    pub fn put_import_part<C: Serialize>(
        change: &mut Change,
        id: &ImportId,
        part: u32,
        counts: &C,
    ) -> Result<(), StoreError> {
        let row = keys::import_part(id, part);
        change.put(Row::of(row, SHAPE, Guard::New, counts)?);
        Ok(())
    }

    /// What the rows of a list wrote beside what they changed, by number.
    pub async fn list_rows(
        &self,
        id: &ImportId,
        rows: RangeInclusive<u64>,
    ) -> Result<BTreeMap<u64, Outcome>, StoreError> {
        let partition = keys::import_partition(id);
        let (from, to) = rows.into_inner();
        let (from, to) = (keys::list_row(id, from), keys::list_row(id, to));
        let items = self.partition_between(&partition, &from.sk, &to.sk).await?;
        let mut found = BTreeMap::new();
        for item in &items {
            let record: ListRowRecord = item.read(SHAPE)?;
            let rows = record.rows.into_iter();
            found.extend(rows.map(|row| (row, record.outcome)));
        }
        Ok(found)
    }

    /// Writes what became of rows beside what they changed together: once, so that whoever takes their
    /// part in again finds it.
    pub fn put_list_rows(
        change: &mut Change,
        id: &ImportId,
        rows: &[u64],
        outcome: Outcome,
    ) -> Result<(), StoreError> {
        let key = keys::list_row(id, rows.first().copied().unwrap_or_default());
        let record = ListRowRecord {
            rows: rows.to_vec(),
            outcome,
        };
        change.put(Row::of(key, SHAPE, Guard::New, &record)?);
        Ok(())
    }
}
