//! Releases, brake, levels, files in and out, people's data, histories and what was set aside, for
//! operators.

mod acknowledge_access_change;
mod audit_reports;
mod bounces;
mod brake;
mod bureau_lists;
mod campaign_preview;
mod campaigns;
mod dead_letters;
mod exports;
mod histories;
mod imports;
mod levels;
mod logged;
mod notice_holds;
mod observed;
mod page;
mod privacy;
mod quarantine;
mod releases;
mod report_files;
mod voids;

use icp_domain::Rulebook;
use icp_http::{HttpFunction, open_files, open_store, told};
use icp_runtime::{DeadLetters, Function, Queue, Start, StartError};
use icp_store::files::Files;
use icp_store::{Answer, Store};
use icp_use_cases::export_filings::ExportTask;
use icp_use_cases::import_filings::ImportTask;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What this function may reach; `template.yaml` grants exactly this.
pub struct App {
    store: Store,
    files: Files,
    imports: Queue<ImportTask>,
    exports: Queue<ExportTask>,
    rulebook: &'static Rulebook,
    exports_dead_letters: DeadLetters,
    imports_dead_letters: DeadLetters,
    evidence_dead_letters: DeadLetters,
    looks_unreadable: DeadLetters,
}

/// The routes; `template.yaml` and `docs/API` hold the same.
pub fn routes() -> OpenApiRouter<&'static App> {
    OpenApiRouter::new()
        .routes(routes!(releases::list_condemned))
        .routes(routes!(releases::release_findings))
        .routes(routes!(brake::read, brake::set))
        .routes(routes!(levels::read, levels::set))
        .routes(routes!(campaigns::list, campaigns::begin))
        .routes(routes!(campaigns::read))
        .routes(routes!(campaign_preview::preview))
        .routes(routes!(campaigns::steer_campaign))
        .routes(routes!(audit_reports::of_period))
        .routes(routes!(audit_reports::of_campaign))
        .routes(routes!(voids::list, voids::begin))
        .routes(routes!(voids::read))
        .routes(routes!(voids::confirm_void))
        .routes(routes!(observed::list))
        .routes(routes!(observed::preview))
        .routes(routes!(notice_holds::list))
        .routes(routes!(notice_holds::release))
        .routes(routes!(exports::begin))
        .routes(routes!(exports::read))
        .routes(routes!(histories::check))
        .routes(routes!(imports::list, imports::announce_file))
        .routes(routes!(imports::read))
        .routes(routes!(imports::begin))
        .routes(routes!(bureau_lists::list, bureau_lists::announce_list))
        .routes(routes!(bureau_lists::read))
        .routes(routes!(bureau_lists::begin))
        .routes(routes!(acknowledge_access_change::handle))
        .routes(routes!(bounces::report))
        .routes(routes!(privacy::hand_out))
        .routes(routes!(privacy::erase_person))
        .routes(routes!(report_files::list))
        .routes(routes!(report_files::announce_file))
        .routes(routes!(report_files::read))
        .routes(routes!(report_files::begin))
        .routes(routes!(privacy::rotate))
        .routes(routes!(quarantine::list))
        .routes(routes!(quarantine::requeue))
        .routes(routes!(dead_letters::redrive))
}

/// The answer of a step that only says what it did.
fn shown(done: &impl Serialize) -> Answer {
    told(200, done)
}

/// Opens the function.
pub fn open(start: &Start) -> Result<impl Function + use<>, StartError> {
    let app = App {
        store: open_store(start)?,
        files: open_files(start)?,
        imports: Queue::open(start, "ICP_IMPORTS_QUEUE")?,
        exports: Queue::open(start, "ICP_EXPORTS_QUEUE")?,
        rulebook: start.rulebook,
        exports_dead_letters: DeadLetters::open(
            start,
            "ICP_EXPORTS_DEAD_LETTERS",
            "ICP_EXPORTS_QUEUE",
        )?,
        imports_dead_letters: DeadLetters::open(
            start,
            "ICP_IMPORTS_DEAD_LETTERS",
            "ICP_IMPORTS_QUEUE",
        )?,
        evidence_dead_letters: DeadLetters::open(
            start,
            "ICP_EVIDENCE_DEAD_LETTERS",
            "ICP_EVIDENCE_QUEUE",
        )?,
        looks_unreadable: DeadLetters::open(
            start,
            "ICP_LOOKS_UNREADABLE",
            "ICP_LOOKS_DEAD_LETTERS",
        )?,
    };
    // The app lives as long as the process that serves it.
    let app: &'static App = Box::leak(Box::new(app));
    Ok(HttpFunction::new("run-operations", routes(), app, start))
}
