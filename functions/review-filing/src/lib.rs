//! Reviews orders and cases, for the provider's staff.

mod cases;
mod decide_case;
mod decide_item;
mod decide_order;
mod filings;
mod list_items;
mod list_reports;
mod orders;
mod persons;
mod queue;
mod read_history;
mod record_bureau_result;
mod record_call;
mod reinstate_access;
mod reports;
mod show_material;
mod waiting;

use icp_domain::Rulebook;
use icp_http::{HttpFunction, open_files, open_store};
use icp_runtime::{Function, Start, StartError};
use icp_store::Store;
use icp_store::files::Files;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What this function may reach; `template.yaml` grants exactly this.
pub struct App {
    store: Store,
    files: Files,
    rulebook: &'static Rulebook,
}

/// The routes; `template.yaml` and `docs/API` hold the same.
pub fn routes() -> OpenApiRouter<&'static App> {
    OpenApiRouter::new()
        .routes(routes!(orders::list))
        .routes(routes!(orders::read))
        .routes(routes!(decide_order::handle))
        .routes(routes!(record_bureau_result::handle))
        .routes(routes!(queue::kinds))
        .routes(routes!(queue::list))
        .routes(routes!(queue::take))
        .routes(routes!(queue::release))
        .routes(routes!(list_items::handle))
        .routes(routes!(decide_item::handle))
        .routes(routes!(list_reports::handle))
        .routes(routes!(reports::bring_registry_answer))
        .routes(routes!(reports::read_material))
        .routes(routes!(reports::bring_phone_identity))
        .routes(routes!(cases::list))
        .routes(routes!(cases::read))
        .routes(routes!(decide_case::of_appeal))
        .routes(routes!(decide_case::of_objection))
        .routes(routes!(decide_case::of_extension))
        .routes(routes!(decide_case::of_exemption))
        .routes(routes!(decide_case::of_reading))
        .routes(routes!(decide_case::of_report))
        .routes(routes!(decide_case::again))
        .routes(routes!(record_call::handle))
        .routes(routes!(show_material::of_order))
        .routes(routes!(show_material::of_filing))
        .routes(routes!(reinstate_access::handle))
        .routes(routes!(filings::find))
        .routes(routes!(filings::read_one))
        .routes(routes!(filings::disclose_filing))
        .routes(routes!(filings::disclose_order))
        .routes(routes!(persons::list))
        .routes(routes!(persons::unlock_of_filing))
        .routes(routes!(persons::unlock_of_order))
        .routes(routes!(read_history::handle))
}

/// Opens the function.
pub fn open(start: &Start) -> Result<impl Function + use<>, StartError> {
    let app = App {
        store: open_store(start)?,
        files: open_files(start)?,
        rulebook: start.rulebook,
    };
    // The app lives as long as the process that serves it.
    let app: &'static App = Box::leak(Box::new(app));
    Ok(HttpFunction::new("review-filing", routes(), app, start))
}
