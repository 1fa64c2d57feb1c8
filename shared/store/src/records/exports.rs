//! Exports: what was asked for, how far it has come, where its file is.

use icp_domain::ids::{AccountId, CampaignId, ExportId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SHAPE;
use crate::{Change, Guard, Row, Store, StoreError, keys};

/// An export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Export {
    /// Its id.
    pub id: ExportId,
    /// What is exported.
    pub what: Exported,
    /// The file's format.
    pub format: ExportFormat,
    /// Of one account; of all where nothing is said.
    pub account: Option<AccountId>,
    /// The campaign, where one is exported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<CampaignId>,
    /// Why personal data stand in it; without a reason they are masked.
    pub personal_because: Option<String>,
    /// Who asked.
    pub by: UserId,
    /// When.
    pub asked_at: Timestamp,
    /// How far it has come.
    pub state: ExportState,
}

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Exported {
    /// Filings, a row a service, in the columns of an import.
    Filings,
    /// Findings: of all, those of open cases; of one account, every one.
    Findings,
    /// History, a row an entry.
    History,
    /// What filers answered in a yearly review, a row a filing.
    YearlyReview,
    /// What the rules say now of the evidence that is kept, beside what they said (重新判定).
    JudgedAgain,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExportFormat {
    /// Comma-separated, in UTF-8 with a byte order mark.
    Csv,
    /// A workbook of Excel.
    Xlsx,
    /// A JSON object a line.
    JsonLines,
}

impl ExportFormat {
    /// The media type of such a file.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::JsonLines => "application/jsonl",
        }
    }

    /// How such a file's name ends.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::JsonLines => "jsonl",
        }
    }
}

/// How far an export has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum ExportState {
    /// Chunks are being written.
    #[serde(rename_all = "camelCase")]
    Gathering {
        /// Chunks so far.
        chunks: u32,
        /// Rows so far.
        rows: u64,
        /// Which of the lists is read.
        list: usize,
        /// Where its next page begins.
        cursor: Option<String>,
    },
    /// All chunks are there; the file is being made of them.
    #[serde(rename_all = "camelCase")]
    Assembling {
        /// Chunks in all.
        chunks: u32,
        /// Rows in all.
        rows: u64,
    },
    /// The file is there.
    #[serde(rename_all = "camelCase")]
    Done {
        /// When.
        #[schema(value_type = String)]
        finished_at: Timestamp,
        /// Rows in all.
        rows: u64,
    },
}

/// An export as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredExport {
    /// The export.
    pub export: Export,
    guard: Guard,
}

impl StoredExport {
    /// An export that was just asked for.
    pub fn asked(export: Export) -> Self {
        Self {
            export,
            guard: Guard::New,
        }
    }

    /// Writes it.
    pub fn put(&self, change: &mut Change) -> Result<(), StoreError> {
        let row = keys::export(&self.export.id);
        change.put(Row::of(row, SHAPE, self.guard, &self.export)?);
        Ok(())
    }
}

impl Store {
    /// An export.
    pub async fn export(&self, id: &ExportId) -> Result<Option<StoredExport>, StoreError> {
        let Some(item) = self.item(&keys::export(id)).await? else {
            return Ok(None);
        };
        Ok(Some(StoredExport {
            guard: Guard::Version(item.version()?),
            export: item.read(SHAPE)?,
        }))
    }
}
