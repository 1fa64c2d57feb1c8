//! Serves the pages that filers and staff use: the files of `pages/dist`, read once at the start.
//!
//! **Invariant:** a page loads nothing but what `Settings` names: this API, the bucket that files go to, and
//! the two issuers. No page needs a token; what it shows it asks of the same API, with the reader's own.

mod files;
mod settings;

use std::path::Path;

use axum::Router;
use axum::extract::{Path as InPath, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use files::{Encoding, File, Files};
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use icp_http::{HttpFunction, Problem};
use icp_runtime::{Function, Start, StartError};
use settings::Settings;

/// The routes, as `template.yaml` has them. They are no calls of the API, and its document has none of them.
pub const ROUTES: [&str; 2] = ["GET /", "GET /pages/{path+}"];

/// Where the deployment leaves the pages: a layer is unpacked under `/opt`.
const DEPLOYED: &str = "/opt/pages";

/// Files whose names change with their contents stand below.
const HASHED: &str = "assets/";

/// What this function serves.
struct App {
    files: Files,
    /// What the pages must know of this deployment.
    settings: File,
    /// What a page may load and send to.
    policy: HeaderValue,
}

/// Opens the function.
pub fn open(start: &Start) -> Result<impl Function + use<>, StartError> {
    let folder = start.environment.optional("ICP_PAGES_DIR");
    let settings = Settings::of(start)?;
    let policy =
        HeaderValue::try_from(settings.policy()).map_err(|error| StartError::Unusable {
            name: "ICP_FILES_ORIGIN",
            source: error.into(),
        })?;
    let app = App {
        files: Files::read(Path::new(folder.unwrap_or(DEPLOYED)))?,
        settings: settings.file(),
        policy,
    };
    let app: &'static App = Box::leak(Box::new(app));
    let routes = Router::new()
        .route("/", get(front))
        .route("/pages/{*path}", get(page));
    Ok(HttpFunction::new("serve-pages", routes.into(), app, start))
}

async fn front(State(app): State<&'static App>, headers: HeaderMap) -> Response {
    app.answer(app.files.front(), &headers, false)
}

/// A file, or the page: which of its views a path shows, the page itself knows.
async fn page(
    State(app): State<&'static App>,
    InPath(path): InPath<String>,
    headers: HeaderMap,
) -> Response {
    if path == "settings.json" {
        return app.answer(&app.settings, &headers, false);
    }
    let is_hashed = path.starts_with(HASHED);
    match app.files.named(&path) {
        Some(file) => app.answer(file, &headers, is_hashed),
        None if is_hashed => Problem::not_found().into_response(),
        None => app.answer(app.files.front(), &headers, false),
    }
}

impl App {
    /// A file in the encoding that the reader takes, or nothing where the reader has it already.
    fn answer(&self, file: &File, headers: &HeaderMap, is_hashed: bool) -> Response {
        let accepted = headers.get_all(ACCEPT_ENCODING).iter();
        let encoding = Encoding::accepted(accepted.filter_map(|value| value.to_str().ok()));
        let kept = if is_hashed {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        let mut said = HeaderMap::new();
        let mut say = |name: HeaderName, value: &'static str| {
            said.insert(name, HeaderValue::from_static(value));
        };
        say(CACHE_CONTROL, kept);
        say(VARY, "accept-encoding");
        say(X_CONTENT_TYPE_OPTIONS, "nosniff");
        say(REFERRER_POLICY, "no-referrer");
        say(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
        say(CONTENT_TYPE, file.media_type);
        said.insert(CONTENT_SECURITY_POLICY, self.policy.clone());
        said.insert(ETAG, file.tag.clone());
        let has_it = |value: &HeaderValue| {
            let tags = value.to_str().unwrap_or_default();
            tags.split(',')
                .any(|tag| tag.trim().trim_start_matches("W/") == file.tag)
        };
        if headers.get_all(IF_NONE_MATCH).iter().any(has_it) {
            return (StatusCode::NOT_MODIFIED, said).into_response();
        }
        let (bytes, encoding) = file.in_encoding(encoding);
        if let Some(encoding) = encoding {
            said.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        (said, bytes).into_response()
    }
}
