//! `/operations/exports`: filings, findings, history and other tables as files.

use axum::extract::State;
use icp_domain::Text;
use icp_domain::ids::{AccountId, CampaignId, ExportId};
use icp_http::{
    Answered, Body, Keyed, Now, PathIds, Problem, ProblemBody, ProblemKind, Staff, reason, told,
};
use icp_store::Answer;
use icp_store::files::Link;
use icp_store::records::{Export, ExportFormat, ExportState, Exported};
use icp_use_cases::export_filings::{AskExport, ExportTask, ask, file_key};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;

/// What is to be exported.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({ "what": "filings", "format": "xlsx", "personalBecause": "年度核对" }))]
pub(crate) struct NewExport {
    /// `filings`, `findings`, `history`, `yearly-review` (what filers answered), or `judged-again`: what the rules say now
    /// of the evidence that is kept, beside what they said.
    what: Exported,
    /// `csv`, `xlsx` or `json-lines`.
    format: ExportFormat,
    /// Of one account; of all where nothing is said.
    account: Option<AccountId>,
    /// The yearly review whose answers are exported, and only where these are.
    campaign: Option<CampaignId>,
    /// Why personal data shall stand in it; without a reason they are masked. It is kept with the
    /// export.
    personal_because: Option<String>,
}

/// An export, and how far it has come.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ExportView {
    /// Its id.
    id: String,
    /// What is exported.
    what: Exported,
    /// The file's format.
    format: ExportFormat,
    /// Whether personal data stand in it.
    personal: bool,
    /// How far it has come.
    progress: ExportState,
    /// A link to the file, once it is there; where personal data stand in it, for who asked.
    file: Option<Link>,
}

/// An export that was asked for.
#[derive(Debug, Serialize, ToSchema)]
struct AskedExportView {
    /// Its id.
    id: ExportId,
}

/// Asks for an export. It is watched by reading it.
#[utoipa::path(post, path = "/operations/exports", tag = "operations", request_body = NewExport,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 202, body = AskedExportView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn begin(
    State(app): State<&'static App>,
    staff: Staff,
    Now(mut inv): Now,
    keyed: Keyed,
    Body(new): Body<NewExport>,
) -> Result<Answered, Problem> {
    let personal_because = new.personal_because.map(reason).transpose()?;
    if personal_because.is_some() {
        tracing::warn!(user = %staff.user, "personal data are exported for {}", staff.user);
    }
    let command = AskExport {
        what: new.what,
        format: new.format,
        account: new.account,
        campaign: new.campaign,
        personal_because,
        by: staff.user,
    };
    let repeat = keyed.rendered_by(|export: &Export| {
        let id = export.id.clone();
        Answer {
            location: Some(format!("/operations/exports/{id}")),
            ..told(202, &AskedExportView { id })
        }
    });
    let answer = ask(&app.store, app.rulebook, &mut inv, repeat, command).await;
    let answer = answer.map_err(|failure| {
        Problem::of(failure, |refusal| {
            let zh = "导出年审答复须指明年审，其他导出不得指明";
            let detail = Text::new(zh, refusal.to_string());
            Problem::one_of(&["/what", "/campaign"], detail)
        })
    })?;
    // Sent each time it is asked for, since the first may have died before it sent.
    if let Some(export) = answer
        .body
        .get("id")
        .and_then(|id| id.as_str()?.parse().ok())
    {
        let sent = app.exports.send(&[ExportTask { export }]).await;
        sent.map_err(|error| Problem::server(ProblemKind::TryAgain, error))?;
    }
    Ok(Answered(answer))
}

/// An export, and how far it has come.
#[utoipa::path(get, path = "/operations/exports/{export}", tag = "operations",
    params(("export" = String, Path)),
    responses((status = 200, body = ExportView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn read(
    State(app): State<&'static App>,
    staff: Staff,
    PathIds(export): PathIds<ExportId>,
) -> Result<Answered, Problem> {
    let stored = app.store.export(&export).await.map_err(Problem::fault)?;
    let export = stored.ok_or_else(Problem::not_found)?.export;
    let personal = export.personal_because.is_some();
    let may_have_it = !personal || staff.user == export.by;
    let file = match export.state {
        ExportState::Done { .. } if may_have_it => {
            let life = app.rulebook.policy.imports.link_life();
            let name = format!("{}.{}", export.id, export.format.extension());
            let key = file_key(&export);
            let link = app.files.download_link(&key, None, &name, life);
            Some(link.await.map_err(Problem::fault)?)
        }
        ExportState::Done { .. }
        | ExportState::Gathering { .. }
        | ExportState::Assembling { .. } => None,
    };
    let view = ExportView {
        id: export.id.to_string(),
        what: export.what,
        format: export.format,
        personal,
        progress: export.state,
        file,
    };
    Ok(Answered::read(&view, None))
}
