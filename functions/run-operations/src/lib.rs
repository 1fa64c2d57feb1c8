//! Releases, brake and acknowledgements, for operators.

mod acknowledge_access_change;
mod brake;
mod quarantine;
mod releases;

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
        .routes(routes!(releases::list_condemned))
        .routes(routes!(releases::release_findings))
        .routes(routes!(brake::read, brake::set))
        .routes(routes!(acknowledge_access_change::handle))
        .routes(routes!(quarantine::list))
        .routes(routes!(quarantine::requeue))
}

/// Opens the function.
pub fn open(start: &Start) -> Result<impl Function + use<>, StartError> {
    let app = App {
        store: open_store(start)?,
        rulebook: start.rulebook,
    };
    // The app lives as long as the process that serves it.
    let app: &'static App = Box::leak(Box::new(app));
    Ok(HttpFunction::new("run-operations", routes(), app, start))
}
