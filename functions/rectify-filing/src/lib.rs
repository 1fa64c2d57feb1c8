//! Shows cases, takes what filers do about them, checks what they ask to have checked, and tells the way back.
//!
//! The gateway's `$default` route comes here too, so that an unknown path is a problem document, and
//! the description of the API is open to whoever reads it.

mod act_on_case;
mod give_up;
mod list_cases;
mod public_check;
mod read_case;
mod said;
mod self_check;
mod way_back;

use axum::response::IntoResponse;
use axum::routing::get;
use http::header::CONTENT_TYPE;
use icp_domain::Rulebook;
use icp_http::{HttpFunction, open_store};
use icp_runtime::{Function, LookQueues, Start, StartError};
use icp_store::Store;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What this function may reach; `template.yaml` grants exactly this.
pub struct App {
    store: Store,
    looks: LookQueues,
    rulebook: &'static Rulebook,
}

/// The routes; `template.yaml` and `docs/API` hold the same.
pub fn routes() -> OpenApiRouter<&'static App> {
    OpenApiRouter::new()
        .routes(routes!(way_back::of_situation))
        .routes(routes!(way_back::of_service))
        .routes(routes!(self_check::ask))
        .routes(routes!(self_check::read))
        .routes(routes!(public_check::ask))
        .routes(routes!(public_check::read))
        .routes(routes!(public_check::prove))
        .routes(routes!(list_cases::handle))
        .routes(routes!(read_case::handle))
        .routes(routes!(act_on_case::recheck))
        .routes(routes!(act_on_case::extend))
        .routes(routes!(act_on_case::appeal))
        .routes(routes!(act_on_case::object))
        .routes(routes!(give_up::handle))
        .routes(routes!(act_on_case::choose_call_slot))
        .route("/openapi.json", get(description))
}

/// The description of the whole API, as it stands in the project.
async fn description() -> impl IntoResponse {
    let document = include_str!("../../../docs/API/openapi.json");
    ([(CONTENT_TYPE, "application/json")], document)
}

/// Opens the function.
pub fn open(start: &Start) -> Result<impl Function + use<>, StartError> {
    let app = App {
        store: open_store(start)?,
        looks: LookQueues::open(start, "ICP_PEOPLE_LOOKS_QUEUE")?,
        rulebook: start.rulebook,
    };
    // The app lives as long as the process that serves it.
    let app: &'static App = Box::leak(Box::new(app));
    Ok(HttpFunction::new("rectify-filing", routes(), app, start))
}
