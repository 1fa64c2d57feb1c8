//! Filings, findings, history and what else people read as tables, as files: gathered in chunks, page by page, then made one file.
//!
//! **Invariant:** what is masked for the asker is masked before it is written anywhere.

use icp_domain::ids::{AccountId, CampaignId, ExportId, UserId};
use icp_domain::{Invocation, Rulebook};
use icp_store::files::Files;
use icp_store::records::{Export, ExportFormat, ExportState, Exported, StoredExport};
use icp_store::{
    Answer, Change, CommitError, Cursor, DeskList, Failure, Key, OwnerList, Page, Repeat, Store,
    StoreError,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::attempt::{Decided, Tries};

mod judged_again;
mod rows;
mod yearly_review;

pub use rows::columns;

/// Asks for an export.
#[derive(Debug, Clone)]
pub struct AskExport {
    /// What is exported.
    pub what: Exported,
    /// The file's format.
    pub format: ExportFormat,
    /// Of one account; of all where nothing is said.
    pub account: Option<AccountId>,
    /// The yearly review whose answers are exported.
    pub campaign: Option<CampaignId>,
    /// Why personal data shall stand in it.
    pub personal_because: Option<String>,
    /// Who asks.
    pub by: UserId,
}

/// Why an export is refused.
#[derive(Debug, thiserror::Error)]
pub enum ExportRefused {
    /// It names no yearly review where it is of one, or names one where it is of something else.
    #[error(
        "a yearly review's answers are exported of the campaign that is named, and nothing else is"
    )]
    Campaign,
}

/// What is to be done about an export: a message of its queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportTask {
    /// The export.
    pub export: ExportId,
}

/// A row of an export: its cells, in the order of [`columns`].
pub type ExportRow = Vec<String>;

/// Asks for an export. The caller sends the task, each time it is asked.
pub async fn ask(
    store: &Store,
    rulebook: &Rulebook,
    inv: &mut Invocation,
    repeat: Repeat<Export>,
    command: AskExport,
) -> Result<Answer, Failure<ExportRefused>> {
    let mut tries = Tries::of(store, rulebook, &repeat);
    loop {
        let export = Export {
            id: ExportId::derived("export", &[repeat.command.as_str()]),
            what: command.what,
            format: command.format,
            account: command.account.clone(),
            campaign: command.campaign.clone(),
            personal_because: command.personal_because.clone(),
            by: command.by.clone(),
            asked_at: inv.now,
            state: ExportState::Gathering {
                chunks: 0,
                rows: 0,
                list: 0,
                cursor: None,
            },
        };
        let decided = async {
            let names_one = match &command.campaign {
                Some(campaign) => {
                    let stored = store.campaign(campaign).await?;
                    let stored = stored.ok_or(Failure::NotFound)?;
                    stored.campaign.terms.yearly_review.is_some()
                }
                None => false,
            };
            let wants_one = command.what == Exported::YearlyReview;
            if wants_one != names_one || wants_one != command.campaign.is_some() {
                return Err(Failure::Refused(ExportRefused::Campaign));
            }
            let mut change = Change::new();
            StoredExport::asked(export.clone()).put(&mut change)?;
            Ok(Decided {
                change,
                done: export,
            })
        }
        .await;
        if let Some(answer) = tries.settle(decided, inv).await {
            return answer;
        }
    }
}

/// What stands after a step of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gathered {
    /// More is to be gathered.
    More,
    /// Every chunk is there: the file is to be made of so many.
    All(u32),
    /// The file is there, or somebody else is further.
    Nothing,
}

/// Pages that are gathered in one step.
const PAGES_AT_A_TIME: usize = 4;

/// Rows of an index on one page.
const PAGE: usize = 50;

/// Key of a chunk's object.
pub fn chunk_key(export: &ExportId, chunk: u32) -> String {
    format!("exports/{export}/chunks/{chunk:06}.jsonl")
}

/// Key of the file.
pub fn file_key(export: &Export) -> String {
    let (id, extension) = (&export.id, export.format.extension());
    format!("exports/{id}/file.{extension}")
}

/// Gathers the next chunk of an export, if there is one.
pub async fn gather(
    store: &Store,
    rulebook: &Rulebook,
    files: &Files,
    id: &ExportId,
) -> Result<Gathered, StoreError> {
    let Some(mut stored) = store.export(id).await? else {
        return Ok(Gathered::Nothing);
    };
    let (chunks, rows, list, cursor) = match stored.export.state.clone() {
        ExportState::Gathering {
            chunks,
            rows,
            list,
            cursor,
        } => (chunks, rows, list, cursor),
        ExportState::Assembling { chunks, .. } => return Ok(Gathered::All(chunks)),
        ExportState::Done { .. } => return Ok(Gathered::Nothing),
    };
    let (mut list, mut cursor) = (list, cursor.and_then(Cursor::given));
    let mut gathered = Vec::new();
    let mut left = PAGES_AT_A_TIME;
    while let Some(page) = page(store, &stored.export, list, cursor.as_ref()).await? {
        for key in &page.keys {
            gathered.extend(rows::of(store, rulebook, &stored.export, key).await?);
        }
        cursor = page.next;
        if cursor.is_none() {
            list += 1;
        }
        left -= 1;
        if left == 0 {
            break;
        }
    }
    let count = gathered.len() as u64;
    let mut body = Vec::new();
    for row in gathered {
        serde_json::to_writer(&mut body, &row).map_err(StoreError::unavailable)?;
        body.push(b'\n');
    }
    let key = chunk_key(id, chunks);
    files.write(&key, "application/jsonl", body).await?;
    let (chunks, rows) = (chunks + 1, rows + count);
    let more = left == 0;
    stored.export.state = if more {
        ExportState::Gathering {
            chunks,
            rows,
            list,
            cursor: cursor.map(|cursor| cursor.as_str().to_owned()),
        }
    } else {
        ExportState::Assembling { chunks, rows }
    };
    let mut change = Change::new();
    stored.put(&mut change)?;
    match store.commit(&change).await {
        Ok(()) if more => Ok(Gathered::More),
        Ok(()) => Ok(Gathered::All(chunks)),
        // The same task came twice; whoever wrote first goes on.
        Err(CommitError::Conflict(_)) => Ok(Gathered::Nothing),
        Err(CommitError::Store(error)) => Err(error),
    }
}

/// Records that the file is there.
pub async fn assembled(store: &Store, id: &ExportId, now: Timestamp) -> Result<(), StoreError> {
    let Some(mut stored) = store.export(id).await? else {
        return Ok(());
    };
    let ExportState::Assembling { rows, .. } = stored.export.state else {
        return Ok(());
    };
    stored.export.state = ExportState::Done {
        finished_at: now,
        rows,
    };
    let mut change = Change::new();
    stored.put(&mut change)?;
    match store.commit(&change).await {
        Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error),
    }
}

/// The lists of cases that are not closed.
const CASES: [DeskList; 4] = [
    DeskList::OpenCases,
    DeskList::CasesForStaff,
    DeskList::CondemnedCases,
    DeskList::CondemnedForStaff,
];

/// The lists of an account's cases, gone through as one: a case that ends meanwhile keeps its place.
const OF_ACCOUNT: [OwnerList; 2] = [OwnerList::OpenCases, OwnerList::ClosedCases];

/// A page of the lists that an export goes through; `None` behind the last of them.
async fn page(
    store: &Store,
    export: &Export,
    list: usize,
    cursor: Option<&Cursor>,
) -> Result<Option<Page>, StoreError> {
    let (desk, owned): (&[DeskList], &[&[OwnerList]]) = match export.what {
        Exported::Filings | Exported::History => (
            &[
                DeskList::FiledSubjects,
                DeskList::FilingsInConflict,
                DeskList::DeregisteredSubjects,
            ],
            &[&[OwnerList::Filings]],
        ),
        Exported::Findings => (&CASES, &[&OF_ACCOUNT]),
        Exported::JudgedAgain => {
            let [open, staff, condemned, condemned_for_staff] = CASES;
            (
                &[
                    DeskList::FiledSubjects,
                    DeskList::FilingsInConflict,
                    open,
                    staff,
                    condemned,
                    condemned_for_staff,
                ],
                &[&[OwnerList::Filings], &OF_ACCOUNT],
            )
        }
        Exported::YearlyReview => {
            return match list {
                0 => yearly_review::page(store, export, cursor).await.map(Some),
                _ => Ok(None),
            };
        }
    };
    match &export.account {
        Some(account) => match owned.get(list) {
            Some(owned) => {
                let page = store.owned_of(account, owned, cursor, PAGE).await;
                page.map(Some)
            }
            None => Ok(None),
        },
        None => match desk.get(list) {
            Some(desk) => store.on_desk(*desk, cursor, PAGE).await.map(Some),
            None => Ok(None),
        },
    }
}

/// The id in a row's partition, such as of `SUBJECT#s`.
fn id_of<T: std::str::FromStr>(key: &Key) -> Option<T> {
    let (_, id) = key.pk.split_once('#')?;
    id.parse().ok()
}
