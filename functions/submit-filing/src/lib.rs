//! Takes in and keeps filing orders, for the filer.

mod account_contact;
mod check_order;
mod draft_order;
mod edit_order;
mod list_filings;
mod list_orders;
mod read_filing;
mod read_history;
mod read_order;
mod refusals;
mod search_filings;
mod submit_order;
mod upload_material;
mod weigh_order;
mod withdraw_order;
mod yearly_review;

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
        .routes(routes!(check_order::handle))
        .routes(routes!(draft_order::handle, list_orders::handle))
        .routes(routes!(read_order::handle))
        .routes(routes!(edit_order::handle))
        .routes(routes!(upload_material::announce_file))
        .routes(routes!(upload_material::confirm_file))
        .routes(routes!(upload_material::of_order))
        .routes(routes!(upload_material::of_filing))
        .routes(routes!(weigh_order::handle))
        .routes(routes!(submit_order::handle))
        .routes(routes!(withdraw_order::handle))
        .routes(routes!(list_filings::handle))
        .routes(routes!(search_filings::handle))
        .routes(routes!(read_filing::handle))
        .routes(routes!(read_history::handle))
        .routes(routes!(yearly_review::list))
        .routes(routes!(yearly_review::answer))
        .routes(routes!(account_contact::read, account_contact::set))
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
    Ok(HttpFunction::new("submit-filing", routes(), app, start))
}
