//! `/operations/imports`: an existing base is brought, started and watched.

use std::ops::AddAssign;

use axum::extract::State;
use icp_domain::ids::ImportId;
use icp_domain::import::Mapping;
use icp_domain::{Invocation, Text};
use icp_http::{
    Answered, Body, Keyed, Now, Page, Paging, PathIds, Problem, ProblemBody, ProblemKind, Staff,
    page_body, told,
};
use icp_store::files::Link;
use icp_store::records::{Brings, Import, ImportFormat, ImportState, RowCounts};
use icp_store::{Answer, Cursor, DeskList, Failure};
use icp_use_cases::import_filings::{
    AnnounceImport, AnnouncedImport, ImportRefused, StartImport, above, announce, first_task,
    report_key, start,
};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;

/// A file that is brought.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "format": "csv", "bytes": 527, "sha256": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=", "dryRun": true, "mapping": { "columns": { "account": "客户编号", "serviceNumber": "网站备案号" }, "values": { "nature": { "公司": "enterprise" } } } }))]
pub(crate) struct NewImport {
    /// `csv`, `xlsx` or `json-lines`.
    format: ImportFormat,
    /// Its length.
    bytes: u64,
    /// SHA-256 of its bytes, in base64.
    sha256: String,
    /// How its columns and words become ours.
    #[serde(default)]
    #[schema(value_type = Object)]
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
    format: ImportFormat,
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
    /// Headers of the file that mean nothing here, once it is divided into parts: their cells are left
    /// out.
    ignored_columns: Vec<String>,
    /// Parts that were taken in.
    parts_done: usize,
    /// What became of their rows.
    counts: RowCounts,
    /// A link to the report of bad rows, once it is done.
    bad_rows: Option<Link>,
}

/// An import that was announced.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AnnouncedView {
    /// Its id.
    id: String,
    /// The request that uploads its file.
    link: Link,
}

/// Announces a file, and gives the link that uploads it.
#[utoipa::path(post, path = "/operations/imports", tag = "operations", request_body = NewImport,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = AnnouncedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn announce_file(
    State(app): State<&'static App>,
    staff: Staff,
    Now(inv): Now,
    keyed: Keyed,
    Body(new): Body<NewImport>,
) -> Result<Answered, Problem> {
    let command = AnnounceImport {
        format: new.format,
        brings: Brings::Base {
            mapping: new.mapping,
        },
        dry_run: new.dry_run,
        bytes: new.bytes,
        sha256: new.sha256,
        by: staff.user,
    };
    announced(app, inv, keyed, command).await
}

/// Announces what is brought, and answers with the link that uploads it.
pub(crate) async fn announced(
    app: &App,
    mut inv: Invocation,
    keyed: Keyed,
    command: AnnounceImport,
) -> Result<Answered, Problem> {
    let repeat = keyed.rendered_by(|announced: &AnnouncedImport| {
        let view = AnnouncedView {
            id: announced.import.id.to_string(),
            link: announced.link.clone(),
        };
        Answer {
            status: 201,
            location: Some(path(&announced.import)),
            etag: None,
            body: serde_json::to_value(view).unwrap_or_default(),
        }
    });
    let (store, files) = (&app.store, &app.files);
    let answer = announce(store, files, app.rulebook, &mut inv, repeat, command).await;
    answer.map(Answered).map_err(of_import)
}

/// Where an import is read.
fn path(import: &Import) -> String {
    match import.brings {
        Brings::Base { .. } => format!("/operations/imports/{}", import.id),
        Brings::BureauList { .. } => format!("/operations/bureau-lists/{}", import.id),
        Brings::Reports { .. } => format!("/operations/report-files/{}", import.id),
    }
}

/// Starts an import whose file was uploaded. What it says of rows is watched by reading it.
#[utoipa::path(post, path = "/operations/imports/{import}/start", tag = "operations",
    params(("import" = String, Path), ("Idempotency-Key" = String, Header)),
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
        of: DeskList::Imports,
        by: staff.user,
    };
    started(app, inv, keyed, command).await
}

/// What was started, and how far it has come.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StartedView {
    /// Its id.
    id: ImportId,
    /// How far it has come.
    progress: ImportState,
}

/// Starts what was announced.
pub(crate) async fn started(
    app: &App,
    mut inv: Invocation,
    keyed: Keyed,
    command: StartImport,
) -> Result<Answered, Problem> {
    let repeat = keyed.rendered_by(|import: &Import| {
        let view = StartedView {
            id: import.id.clone(),
            progress: import.state.clone(),
        };
        Answer {
            location: Some(path(import)),
            ..told(202, &view)
        }
    });
    let (store, files) = (&app.store, &app.files);
    let answer = start(store, files, app.rulebook, &mut inv, repeat, &command).await;
    let answer = answer.map_err(of_import)?;
    // Sent each time it is asked for, since the first may have died before it sent.
    let sent = app.imports.send(&[first_task(&command.import)]).await;
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
    let import = found(app, &import, DeskList::Imports).await?;
    Ok(Answered::read(&view(app, import).await?, None))
}

/// An import of a list of the staff.
pub(crate) async fn found(app: &App, id: &ImportId, of: DeskList) -> Result<Import, Problem> {
    let stored = app.store.import(id).await.map_err(Problem::fault)?;
    let import = stored.map(|stored| stored.import);
    import
        .filter(|import| import.brings.desk() == of)
        .ok_or_else(Problem::not_found)
}

/// Imports of bases, the newest first.
#[utoipa::path(get, path = "/operations/imports", tag = "operations",
    params(("limit" = Option<i32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<ImportView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(app): State<&'static App>,
    _staff: Staff,
    paging: Paging,
) -> Result<Answered, Problem> {
    let (imports, next) = listed(app, DeskList::Imports, &paging).await?;
    let mut items = Vec::new();
    for import in imports {
        items.push(view(app, import).await?);
    }
    Ok(Answered::read(&page_body(&items, next.as_ref()), None))
}

/// A page of a list of imports.
pub(crate) async fn listed(
    app: &App,
    list: DeskList,
    paging: &Paging,
) -> Result<(Vec<Import>, Option<Cursor>), Problem> {
    let (cursor, limit) = (paging.cursor.as_ref(), paging.limit);
    let page = app.store.on_desk(list, cursor, limit).await;
    let page = page.map_err(Problem::fault)?;
    let imports = app.store.imports(&page.keys).await;
    Ok((imports.map_err(Problem::fault)?, page.next))
}

/// What became of the parts that were taken in, and how many they are.
pub(crate) async fn counted<C>(app: &App, import: &ImportId) -> Result<(C, usize), Problem>
where
    C: Default + AddAssign + DeserializeOwned,
{
    let parts = app.store.import_parts::<C>(import).await;
    let parts = parts.map_err(Problem::fault)?;
    let (mut counts, done) = (C::default(), parts.len());
    for (_, part) in parts {
        counts += part;
    }
    Ok((counts, done))
}

/// A link to what is written once an import is done.
pub(crate) async fn once_done(
    app: &App,
    import: &Import,
    key: &str,
    name: &str,
) -> Result<Option<Link>, Problem> {
    match import.state {
        ImportState::Done { .. } => {
            let life = app.rulebook.policy.imports.link_life();
            let link = app.files.download_link(key, None, name, life).await;
            link.map(Some).map_err(Problem::fault)
        }
        ImportState::Announced
        | ImportState::Converting { .. }
        | ImportState::Running { .. }
        | ImportState::Refused { .. } => Ok(None),
    }
}

/// Headers of a file that mean nothing here.
pub(crate) async fn ignored_columns(app: &App, import: &Import) -> Result<Vec<String>, Problem> {
    // What is not divided yet has no header that anybody read.
    let header = match import.state {
        ImportState::Running { .. } | ImportState::Done { .. } => {
            let above = above(&app.files, &import.id).await;
            above.map_err(Problem::fault)?.header
        }
        ImportState::Announced | ImportState::Converting { .. } | ImportState::Refused { .. } => {
            Vec::new()
        }
    };
    let ignored = match &import.brings {
        Brings::Base { mapping } => mapping.ignored(&header).into_iter(),
        Brings::BureauList { mapping, .. } => mapping.ignored(&header).into_iter(),
        Brings::Reports { mapping, .. } => mapping.ignored(&header).into_iter(),
    };
    Ok(ignored.map(str::to_owned).collect())
}

/// A link to the report of bad rows, once it is done.
pub(crate) async fn bad_rows(app: &App, import: &Import) -> Result<Option<Link>, Problem> {
    let name = format!("bad-rows-{}.csv", import.id);
    once_done(app, import, &report_key(&import.id), &name).await
}

async fn view(app: &App, import: Import) -> Result<ImportView, Problem> {
    let (counts, parts_done) = counted::<RowCounts>(app, &import.id).await?;
    let bad_rows = bad_rows(app, &import).await?;
    let ignored_columns = ignored_columns(app, &import).await?;
    Ok(ImportView {
        id: import.id.to_string(),
        format: import.format,
        dry_run: import.dry_run,
        announced_at: import.announced_at,
        announced_by: import.by.to_string(),
        started_by: import.started_by.map(|by| by.to_string()),
        progress: import.state,
        ignored_columns,
        parts_done,
        counts,
        bad_rows,
    })
}

fn of_import(failure: Failure<ImportRefused>) -> Problem {
    Problem::of(failure, |refusal| {
        let (kind, zh) = match &refusal {
            ImportRefused::Announced(_) => {
                (ProblemKind::MalformedRequest, "请按所列各项修改".to_owned())
            }
            ImportRefused::SecondPerson => (
                ProblemKind::SecondPersonNeeded,
                "此类清单不可撤销，须由另一人员启动".to_owned(),
            ),
            ImportRefused::NotSeen => (
                ProblemKind::StepRefused,
                "文件尚未上传，或与申报的长度、类型、校验值不符".to_owned(),
            ),
            ImportRefused::Started => (ProblemKind::StepRefused, "该导入已开始".to_owned()),
        };
        let problem = Problem::client(kind, Text::new(zh, refusal.to_string()));
        match refusal {
            ImportRefused::Announced(broken) => problem.violations(broken),
            ImportRefused::NotSeen | ImportRefused::Started | ImportRefused::SecondPerson => {
                problem
            }
        }
    })
}
