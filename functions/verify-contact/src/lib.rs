//! Proves contact numbers by SMS code: asked for by the account and told by the person, or by the person
//! alone, without an account.

mod confirm_code;
mod contact_check;
mod list_persons;
mod send_code;

use icp_domain::Rulebook;
use icp_http::{HttpFunction, open_store};
use icp_runtime::{Function, Start, StartError};
use icp_store::Store;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What this function may reach; `template.yaml` grants exactly this.
pub struct App {
    store: Store,
    rulebook: &'static Rulebook,
}

/// The routes; `template.yaml` and `docs/API` hold the same.
pub fn routes() -> OpenApiRouter<&'static App> {
    OpenApiRouter::new()
        .routes(routes!(list_persons::of_filing))
        .routes(routes!(list_persons::of_order))
        .routes(routes!(send_code::to_person_of_filing))
        .routes(routes!(send_code::to_person_of_order))
        .routes(routes!(confirm_code::of_person_of_filing))
        .routes(routes!(confirm_code::of_person_of_order))
        .routes(routes!(contact_check::publish))
        .routes(routes!(contact_check::send))
        .routes(routes!(contact_check::tell))
        .routes(routes!(contact_check::say))
}

/// Opens the function.
pub fn open(start: &Start) -> Result<impl Function + use<>, StartError> {
    let app = App {
        store: open_store(start)?,
        rulebook: start.rulebook,
    };
    // The app lives as long as the process that serves it.
    let app: &'static App = Box::leak(Box::new(app));
    Ok(HttpFunction::new("verify-contact", routes(), app, start))
}
