//! `/operations/report-files`: what registers, carriers, the provider's own systems and its shelves say, as
//! files.

use axum::extract::State;
use icp_domain::ids::ImportId;
use icp_domain::import::Mapping;
use icp_domain::report_file::{ReportColumn, ReportKind};
use icp_http::{
    Answered, Body, Keyed, Now, Page, Paging, PathIds, Problem, ProblemBody, Staff, page_body,
};
use icp_store::DeskList;
use icp_store::files::Link;
use icp_store::records::{Brings, Import, ImportFormat, ImportState, ReportCounts};
use icp_use_cases::import_filings::{AnnounceImport, StartImport};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::imports::{
    AnnouncedView, StartedView, announced, bad_rows, counted, found, ignored_columns, listed,
    started,
};

/// A file of reports that is brought.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "kind": "front-end-hosts", "format": "csv", "bytes": 527, "sha256": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=" }))]
pub(crate) struct NewReportFile {
    /// `registry-answers`, `phone-identities`, `hosting`, `front-end-hosts`, `registrars` or `custody`.
    kind: ReportKind,
    /// `csv`, `xlsx` or `json-lines`.
    format: ImportFormat,
    /// Its length.
    bytes: u64,
    /// SHA-256 of its bytes, in base64.
    sha256: String,
    /// How its columns and words become ours.
    #[serde(default)]
    #[schema(value_type = Object)]
    mapping: Mapping<ReportColumn>,
    /// Whether it only says what it would do.
    #[serde(default)]
    dry_run: bool,
}

/// A file of reports, and how far it has come.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReportFileView {
    /// Its id.
    id: String,
    /// What it reports.
    kind: ReportKind,
    /// The file's format.
    format: ImportFormat,
    /// Whether it only says what it would do.
    dry_run: bool,
    /// When it was announced.
    #[schema(value_type = String)]
    announced_at: Timestamp,
    /// Who announced it.
    announced_by: String,
    /// Who started it, and so brings what it says.
    started_by: Option<String>,
    /// How far it has come.
    progress: ImportState,
    /// Headers of the file that mean nothing here.
    ignored_columns: Vec<String>,
    /// Parts that were taken in.
    parts_done: usize,
    /// What became of their rows.
    counts: ReportCounts,
    /// A link to the rows that do not read, and those about none of ours, once it is done.
    bad_rows: Option<Link>,
}

/// Announces a file of reports, and gives the link that uploads it.
#[utoipa::path(post, path = "/operations/report-files", tag = "operations",
    request_body = NewReportFile,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = AnnouncedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn announce_file(
    State(app): State<&'static App>,
    staff: Staff,
    Now(inv): Now,
    keyed: Keyed,
    Body(new): Body<NewReportFile>,
) -> Result<Answered, Problem> {
    let command = AnnounceImport {
        format: new.format,
        brings: Brings::Reports {
            kind: new.kind,
            mapping: new.mapping,
        },
        dry_run: new.dry_run,
        bytes: new.bytes,
        sha256: new.sha256,
        by: staff.user,
    };
    announced(app, inv, keyed, command).await
}

/// Starts a file of reports that was uploaded.
#[utoipa::path(post, path = "/operations/report-files/{file}/start", tag = "operations",
    params(("file" = String, Path), ("Idempotency-Key" = String, Header)),
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
        of: DeskList::ReportFiles,
        by: staff.user,
    };
    started(app, inv, keyed, command).await
}

/// A file of reports, and how far it has come.
#[utoipa::path(get, path = "/operations/report-files/{file}", tag = "operations",
    params(("file" = String, Path)),
    responses((status = 200, body = ReportFileView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn read(
    State(app): State<&'static App>,
    _staff: Staff,
    PathIds(file): PathIds<ImportId>,
) -> Result<Answered, Problem> {
    let import = found(app, &file, DeskList::ReportFiles).await?;
    let view = view(app, import).await?;
    Ok(Answered::read(&view.ok_or_else(Problem::not_found)?, None))
}

/// Files of reports, the newest first.
#[utoipa::path(get, path = "/operations/report-files", tag = "operations",
    params(("limit" = Option<i32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<ReportFileView>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn list(
    State(app): State<&'static App>,
    _staff: Staff,
    paging: Paging,
) -> Result<Answered, Problem> {
    let (imports, next) = listed(app, DeskList::ReportFiles, &paging).await?;
    let mut items = Vec::new();
    for import in imports {
        items.extend(view(app, import).await?);
    }
    Ok(Answered::read(&page_body(&items, next.as_ref()), None))
}

/// An import as a file of reports; nothing of one that brings none.
async fn view(app: &App, import: Import) -> Result<Option<ReportFileView>, Problem> {
    let Brings::Reports { kind, .. } = import.brings else {
        return Ok(None);
    };
    let (counts, parts_done) = counted::<ReportCounts>(app, &import.id).await?;
    Ok(Some(ReportFileView {
        id: import.id.to_string(),
        kind,
        format: import.format,
        dry_run: import.dry_run,
        announced_at: import.announced_at,
        announced_by: import.by.to_string(),
        started_by: import.started_by.as_ref().map(ToString::to_string),
        ignored_columns: ignored_columns(app, &import).await?,
        bad_rows: bad_rows(app, &import).await?,
        progress: import.state,
        parts_done,
        counts,
    }))
}
