//! An HTTP function: the gateway's event in, the router's answer out.
//!
//! **Invariant:** an answer of 4xx or 5xx is a problem document in the caller's language; a fault is
//! logged here, once, with its causes.

use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use http::HeaderValue;
use http::header::ALLOW;
use icp_domain::{Language, Text};
use icp_runtime::metrics::{Metric, measure};
use icp_runtime::{Answered, Chain, Clock, Function, FunctionError, Start, StartError};
use icp_store::Store;
use icp_store::files::Files;
use jiff::Timestamp;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use serde_json::Value;
use tower::ServiceExt;
use tracing::Instrument;
use utoipa_axum::router::OpenApiRouter;

use crate::arrival::{Arrival, Settings};
use crate::event::{Asked, answer};
use crate::language::preferred;
use crate::{Problem, ProblemKind};

/// The store that the configuration names.
pub fn open_store(start: &Start) -> Result<Store, StartError> {
    let environment = &start.environment;
    let table = environment.required("ICP_TABLE", "the table's name")?;
    let key = environment.required("ICP_KEY", "the KMS key's ARN")?;
    Ok(Store::open(&start.aws, table, key))
}

/// The bucket that the configuration names.
pub fn open_files(start: &Start) -> Result<Files, StartError> {
    let bucket = start
        .environment
        .required("ICP_FILES", "the bucket's name")?;
    Ok(Files::open(&start.aws, bucket))
}

/// An HTTP function.
pub struct HttpFunction {
    router: Router,
    settings: Settings,
    name: &'static str,
}

/// An answer of 4xx or 5xx that no [`Problem`] made: a bug.
#[derive(Debug, thiserror::Error)]
#[error("a handler answered {0} without a problem")]
struct Unshaped(u16);

impl HttpFunction {
    /// The function `name` that serves `served` on `state`.
    pub fn new<S>(name: &'static str, served: OpenApiRouter<S>, state: S, start: &Start) -> Self
    where
        S: Clone + Send + Sync + 'static,
    {
        let (paths, _document) = served.split_for_parts();
        let router = paths
            .fallback(async || Problem::not_found())
            .method_not_allowed_fallback(async || {
                let detail = Text::new("该路径不支持此方法", "the path does not take this method");
                Problem::client(ProblemKind::MethodNotAllowed, detail)
            })
            .with_state(state);
        Self {
            router,
            settings: Settings::of(start),
            name,
        }
    }

    async fn respond(&self, event: ApiGatewayV2httpRequest, clock: &Clock) -> Response {
        let invocation = clock.invocation();
        let now = invocation.now;
        let language = preferred(&event.headers);
        let asked = match Asked::of(&event) {
            Ok(asked) => asked,
            Err(problem) => return shaped(&problem, language, now, None),
        };
        let settings = self.settings.clone();
        let body = asked.body.clone();
        let arrival = Arrival::new(event.request_context, body, settings, invocation);
        let mut request = http::Request::new(axum::body::Body::from(asked.body));
        *request.method_mut() = asked.method;
        *request.uri_mut() = asked.uri;
        *request.headers_mut() = asked.headers;
        request.extensions_mut().insert(Arc::new(arrival));
        let mut response = match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let allowed = response.headers_mut().remove(ALLOW);
        let status = response.status();
        match response.extensions_mut().remove::<Problem>() {
            Some(problem) => shaped(&problem, language, now, allowed),
            None if status.is_client_error() || status.is_server_error() => {
                let unshaped = Unshaped(status.as_u16());
                let problem = Problem::server(ProblemKind::Internal, unshaped);
                shaped(&problem, language, now, None)
            }
            None => response,
        }
    }
}

/// A problem as its document, and in the log.
fn shaped(
    problem: &Problem,
    language: Language,
    now: Timestamp,
    allowed: Option<HeaderValue>,
) -> Response {
    let kind = problem.kind().slug();
    match problem.cause() {
        None => tracing::info!(kind, "a request was refused ({kind})"),
        Some(cause) if problem.kind() == ProblemKind::Internal => {
            tracing::error!(kind, "a request failed ({kind}): {}", Chain(cause));
            measure(Metric::InternalFaults, 1, now);
        }
        Some(cause) => tracing::warn!(kind, "a request failed ({kind}): {}", Chain(cause)),
    }
    let mut response = problem.render(language);
    // RFC 9110, section 15.5.6: a 405 says which methods the path takes.
    let allowed = allowed.map(|methods| (ALLOW, methods));
    response.headers_mut().extend(allowed);
    response
}

impl Function for HttpFunction {
    fn answer<'a>(&'a self, event: Value, clock: &'a Clock) -> Answered<'a> {
        Box::pin(async move {
            let event: ApiGatewayV2httpRequest =
                serde_json::from_value(event).map_err(FunctionError::Malformed)?;
            let id = event.request_context.request_id.clone().unwrap_or_default();
            let span = tracing::info_span!("request", function = self.name, request.id = %id);
            let answered = async { answer(self.respond(event, clock).await).await };
            let answered = answered.instrument(span).await;
            serde_json::to_value(answered).map_err(FunctionError::Malformed)
        })
    }
}

#[cfg(test)]
mod tests;
