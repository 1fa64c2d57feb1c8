//! `/operations/bureau-lists`: a list that a bureau handed down is brought, started, watched and replied
//! to.

use axum::extract::State;
use icp_domain::bureau_list::{ListColumn, ListHead};
use icp_domain::ids::ImportId;
use icp_domain::import::Mapping;
use icp_http::{
    Answered, Body, Keyed, Now, Page, Paging, PathIds, Problem, ProblemBody, Staff, page_body,
};
use icp_store::DeskList;
use icp_store::files::Link;
use icp_store::records::{Brings, Import, ImportFormat, ImportState, ListCounts};
use icp_use_cases::bureau_lists::{open_rows_key, reply_key};
use icp_use_cases::import_filings::{AnnounceImport, StartImport};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::imports::{
    AnnouncedView, StartedView, announced, counted, found, listed, once_done, started,
};

/// A list that is brought.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "paper": { "kind": "to-rectify", "documentNumber": "京通管〔2026〕12号", "issuedOn": "2026-01-05", "replyBy": "2026-01-20" }, "format": "xlsx", "bytes": 10240, "sha256": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=", "mapping": { "columns": { "domains": "网站域名" } }, "dryRun": true }))]
pub(crate) struct NewBureauList {
    /// The paper that it came with: `kind` (`order-results`, `deregistered`, `to-rectify`,
    /// `shell-announcement` or `stop-now`), `documentNumber`, `issuedOn` and, where a reply is asked for,
    /// `replyBy`; of deregistrations also `of` (`subjects` or `sites`).
    paper: ListHead,
    /// `csv`, `xlsx` or `json-lines`.
    format: ImportFormat,
    /// Its length.
    bytes: u64,
    /// SHA-256 of its bytes, in base64.
    sha256: String,
    /// How its columns and words become ours; what bureaus commonly write is known.
    #[serde(default)]
    #[schema(value_type = Object)]
    mapping: Mapping<ListColumn>,
    /// Whether it only says what it would do.
    #[serde(default)]
    dry_run: bool,
}

/// A list, and how far it has come.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BureauListView {
    /// Its id.
    id: String,
    /// The paper that it came with.
    paper: ListHead,
    /// The file's format.
    format: ImportFormat,
    /// Its length.
    bytes: u64,
    /// SHA-256 of its bytes, in base64.
    sha256: String,
    /// How its columns and words become ours.
    #[schema(value_type = Object)]
    mapping: Mapping<ListColumn>,
    /// A link to the file, for whoever starts it: it is there once it was uploaded.
    file: Link,
    /// Whether it only says what it would do.
    dry_run: bool,
    /// When it was announced.
    #[schema(value_type = String)]
    announced_at: Timestamp,
    /// Who announced it.
    announced_by: String,
    /// Who started it.
    started_by: Option<String>,
    /// How far it has come.
    progress: ImportState,
    /// Parts that were taken in.
    parts_done: usize,
    /// What became of their rows.
    counts: ListCounts,
    /// A link to the reply in the list's own columns, once it is done.
    reply: Option<Link>,
    /// A link to the rows that people have to look into, once it is done.
    open_rows: Option<Link>,
}

/// Announces a list, and gives the link that uploads its file.
#[utoipa::path(post, path = "/operations/bureau-lists", tag = "operations",
    request_body = NewBureauList,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = AnnouncedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn announce_list(
    State(app): State<&'static App>,
    staff: Staff,
    Now(inv): Now,
    keyed: Keyed,
    Body(new): Body<NewBureauList>,
) -> Result<Answered, Problem> {
    let command = AnnounceImport {
        format: new.format,
        brings: Brings::BureauList {
            list: new.paper,
            mapping: new.mapping,
        },
        dry_run: new.dry_run,
        bytes: new.bytes,
        sha256: new.sha256,
        by: staff.user,
    };
    announced(app, inv, keyed, command).await
}

/// Starts a list whose file was uploaded; one that takes away for good, by a second person.
#[utoipa::path(post, path = "/operations/bureau-lists/{list}/start", tag = "operations",
    params(("list" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 202, body = StartedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn begin(
    State(app): State<&'static App>,
    staff: Staff,
    Now(inv): Now,
    PathIds(import): PathIds<ImportId>,
    keyed: Keyed,
) -> Result<Answered, Problem> {
    let command = StartImport {
        import,
        of: DeskList::BureauLists,
        by: staff.user,
    };
    started(app, inv, keyed, command).await
}

/// A list, how far it has come, and the reply to it.
#[utoipa::path(get, path = "/operations/bureau-lists/{list}", tag = "operations",
    params(("list" = String, Path)),
    responses((status = 200, body = BureauListView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn read(
    State(app): State<&'static App>,
    _staff: Staff,
    PathIds(list): PathIds<ImportId>,
) -> Result<Answered, Problem> {
    let import = found(app, &list, DeskList::BureauLists).await?;
    let view = view(app, import).await?;
    Ok(Answered::read(&view.ok_or_else(Problem::not_found)?, None))
}

/// Lists, the newest first.
#[utoipa::path(get, path = "/operations/bureau-lists", tag = "operations",
    params(("limit" = Option<i32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<BureauListView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(app): State<&'static App>,
    _staff: Staff,
    paging: Paging,
) -> Result<Answered, Problem> {
    let (imports, next) = listed(app, DeskList::BureauLists, &paging).await?;
    let mut items = Vec::new();
    for import in imports {
        items.extend(view(app, import).await?);
    }
    Ok(Answered::read(&page_body(&items, next.as_ref()), None))
}

/// An import as a list; nothing of one that brings none.
async fn view(app: &App, import: Import) -> Result<Option<BureauListView>, Problem> {
    let Brings::BureauList {
        list: paper,
        mapping,
    } = &import.brings
    else {
        return Ok(None);
    };
    let name = format!("list-{}.{}", import.id, import.format.extension());
    let life = app.rulebook.policy.imports.link_life();
    let file = app
        .files
        .download_link(&import.key, None, &name, life)
        .await;
    let file = file.map_err(Problem::fault)?;
    let (counts, parts_done) = counted::<ListCounts>(app, &import.id).await?;
    let what = if import.dry_run { "trial" } else { "reply" };
    let name = format!("{what}-{}.{}", import.id, import.format.extension());
    let reply = once_done(app, &import, &reply_key(&import), &name).await?;
    let name = format!("open-rows-{}.csv", import.id);
    let open_rows = once_done(app, &import, &open_rows_key(&import.id), &name).await?;
    Ok(Some(BureauListView {
        id: import.id.to_string(),
        paper: paper.clone(),
        format: import.format,
        bytes: import.bytes,
        sha256: import.sha256.clone(),
        mapping: mapping.clone(),
        file,
        announced_by: import.by.to_string(),
        started_by: import.started_by.as_ref().map(ToString::to_string),
        dry_run: import.dry_run,
        announced_at: import.announced_at,
        progress: import.state,
        parts_done,
        counts,
        reply,
        open_rows,
    }))
}
