//! `/operations/imports`: an existing base is brought, started and watched.

use std::time::Duration;

use axum::extract::State;
use icp_domain::Text;
use icp_domain::ids::ImportId;
use icp_domain::import::Mapping;
use icp_http::{
    Answered, Body, Keyed, Now, Page, Paging, PathIds, Problem, ProblemBody, ProblemKind, Staff,
    page_body,
};
use icp_store::files::Link;
use icp_store::records::{Import, ImportFormat, ImportState, RowCounts};
use icp_store::{Answer, DeskList, Failure};
use icp_use_cases::import_filings::{
    AnnounceImport, AnnouncedImport, ImportRefused, announce, first_task, report_key, start,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;

/// A file that is brought.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct NewImport {
    /// `csv`, `xlsx` or `json-lines`.
    #[schema(value_type = String)]
    format: ImportFormat,
    /// Its length.
    bytes: u64,
    /// SHA-256 of its bytes, in base64.
    sha256: String,
    /// How its columns and words become ours.
    #[schema(value_type = Object)]
    #[serde(default)]
    mapping: Mapping,
    /// Whether it only says what it would do.
    #[serde(default)]
    dry_run: bool,
}

/// An import, and how far it has come.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ImportView {
    /// Its id.
    id: String,
    /// The file's format.
    #[schema(value_type = String)]
    format: ImportFormat,
    /// Whether it only says what it would do.
    dry_run: bool,
    /// When it was announced.
    #[schema(value_type = String)]
    announced_at: Timestamp,
    /// How far it has come.
    #[schema(value_type = Object)]
    progress: ImportState,
    /// Parts that were taken in.
    parts_done: usize,
    /// What became of their rows.
    #[schema(value_type = Object)]
    counts: RowCounts,
    /// A link to the report of bad rows, once it is done.
    #[schema(value_type = Option<Object>)]
    bad_rows: Option<Link>,
}

/// An import that was announced.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AnnouncedView {
    /// Its id.
    id: String,
    /// The request that uploads its file.
    #[schema(value_type = Object)]
    link: Link,
}

/// Announces a file, and gives the link that uploads it.
#[utoipa::path(post, path = "/operations/imports", tag = "operations", request_body = NewImport,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = AnnouncedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn announce_file(
    State(app): State<&'static App>,
    staff: Staff,
    Now(mut inv): Now,
    keyed: Keyed,
    Body(new): Body<NewImport>,
) -> Result<Answered, Problem> {
    let command = AnnounceImport {
        format: new.format,
        mapping: new.mapping,
        dry_run: new.dry_run,
        bytes: new.bytes,
        sha256: new.sha256,
        by: staff.user,
    };
    let repeat = keyed.rendered_by(|announced: &AnnouncedImport| {
        let view = AnnouncedView {
            id: announced.import.id.to_string(),
            link: announced.link.clone(),
        };
        Answer {
            status: 201,
            location: Some(format!("/operations/imports/{}", view.id)),
            etag: None,
            body: serde_json::to_value(view).unwrap_or_default(),
        }
    });
    let (store, files) = (&app.store, &app.files);
    let answer = announce(store, files, app.rulebook, &mut inv, repeat, command).await;
    answer.map(Answered).map_err(of_import)
}

/// Starts an import whose file was uploaded. What it says of rows is watched by reading it.
#[utoipa::path(post, path = "/operations/imports/{import}/start", tag = "operations",
    params(("import" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 202), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn begin(
    State(app): State<&'static App>,
    _staff: Staff,
    Now(mut inv): Now,
    PathIds(import): PathIds<ImportId>,
    keyed: Keyed,
) -> Result<Answered, Problem> {
    let repeat = keyed.rendered_by(|import: &Import| Answer {
        status: 202,
        location: Some(format!("/operations/imports/{}", import.id)),
        etag: None,
        body: serde_json::json!({ "id": import.id, "progress": import.state }),
    });
    let (store, files) = (&app.store, &app.files);
    let answer = start(store, files, app.rulebook, &mut inv, repeat, &import).await;
    let answer = answer.map_err(of_import)?;
    // Sent each time it is asked for, since the first may have died before it sent.
    let sent = app.imports.send(&[first_task(&import)]).await;
    sent.map_err(|error| Problem::server(ProblemKind::TryAgain, error))?;
    Ok(Answered(answer))
}

/// An import, and how far it has come.
#[utoipa::path(get, path = "/operations/imports/{import}", tag = "operations",
    params(("import" = String, Path)),
    responses((status = 200, body = ImportView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn read(
    State(app): State<&'static App>,
    _staff: Staff,
    PathIds(import): PathIds<ImportId>,
) -> Result<Answered, Problem> {
    let stored = app.store.import(&import).await.map_err(Problem::fault)?;
    let import = stored.ok_or_else(Problem::not_found)?.import;
    Ok(Answered::read(&view(app, import).await?, None))
}

/// Imports, the oldest first.
#[utoipa::path(get, path = "/operations/imports", tag = "operations",
    params(("limit" = Option<i32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<ImportView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(app): State<&'static App>,
    _staff: Staff,
    paging: Paging,
) -> Result<Answered, Problem> {
    let (cursor, limit) = (paging.cursor.as_ref(), paging.limit);
    let page = app.store.on_desk(DeskList::Imports, cursor, limit).await;
    let page = page.map_err(Problem::fault)?;
    let mut items = Vec::new();
    for import in app
        .store
        .imports(&page.keys)
        .await
        .map_err(Problem::fault)?
    {
        items.push(view(app, import).await?);
    }
    Ok(Answered::read(&page_body(&items, page.next.as_ref()), None))
}

async fn view(app: &App, import: Import) -> Result<ImportView, Problem> {
    let parts = app.store.import_parts(&import.id).await;
    let parts = parts.map_err(Problem::fault)?;
    let mut counts = RowCounts::default();
    for (_, part) in &parts {
        counts += *part;
    }
    let bad_rows = match import.state {
        ImportState::Done { .. } => {
            let life =
                Duration::from_secs(60 * u64::from(app.rulebook.policy.imports.link_minutes));
            let name = format!("bad-rows-{}.csv", import.id);
            let key = report_key(&import.id);
            let link = app.files.download_link(&key, None, &name, life).await;
            Some(link.map_err(Problem::fault)?)
        }
        ImportState::Announced
        | ImportState::Converting { .. }
        | ImportState::Running { .. }
        | ImportState::Refused { .. } => None,
    };
    Ok(ImportView {
        id: import.id.to_string(),
        format: import.format,
        dry_run: import.dry_run,
        announced_at: import.announced_at,
        progress: import.state,
        parts_done: parts.len(),
        counts,
        bad_rows,
    })
}

fn of_import(failure: Failure<ImportRefused>) -> Problem {
    Problem::of(failure, |refusal| {
        let (kind, zh) = match &refusal {
            ImportRefused::Length(most) => (
                ProblemKind::MalformedRequest,
                format!("文件长度须为1至{most}字节"),
            ),
            ImportRefused::Checksum => (
                ProblemKind::MalformedRequest,
                "sha256须为32字节的base64".to_owned(),
            ),
            ImportRefused::NotSeen => (
                ProblemKind::StepRefused,
                "文件尚未上传，或与申报的长度、类型、校验值不符".to_owned(),
            ),
            ImportRefused::Started => (ProblemKind::StepRefused, "该导入已开始".to_owned()),
        };
        Problem::client(kind, Text::new(zh, refusal.to_string()))
    })
}
