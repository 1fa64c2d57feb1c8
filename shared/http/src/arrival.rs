//! A request as it arrived: what the gateway said of it, its body, and its time and chance.
//!
//! **Invariant:** extractors read the gateway's context, the raw body and the configuration here and
//! nowhere else, and each request's [`Invocation`] is taken once.

use std::sync::{Arc, Mutex};

use axum::extract::FromRequestParts;
use bytes::Bytes;
use http::Extensions;
use http::request::Parts;
use icp_domain::Invocation;
use icp_runtime::Start;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;

use crate::{Problem, ProblemKind};

/// What extractors must know of the configuration.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The claim that names a filer's account.
    pub(crate) account_claim: String,
    /// The claim that names the role.
    pub(crate) role_claim: String,
    /// Largest body in bytes.
    pub(crate) body_limit: usize,
    /// Most items of a page.
    pub(crate) page_items: usize,
}

/// The claims' names where the configuration says nothing.
const ACCOUNT_CLAIM: &str = "account";
const ROLE_CLAIM: &str = "role";

impl Settings {
    /// The settings of a function's start.
    pub(crate) fn of(start: &Start) -> Self {
        let claim = |name: &str, default: &str| {
            let named = start.environment.optional(name);
            named.unwrap_or(default).to_owned()
        };
        let http = &start.rulebook.policy.http;
        Self {
            account_claim: claim("ICP_ACCOUNT_CLAIM", ACCOUNT_CLAIM),
            role_claim: claim("ICP_ROLE_CLAIM", ROLE_CLAIM),
            body_limit: http.body_most_bytes(),
            page_items: http.page_items as usize,
        }
    }
}

/// A request as it arrived.
#[derive(Debug)]
pub(crate) struct Arrival {
    /// What the gateway said of it: claims, source, id.
    pub(crate) context: ApiGatewayV2httpRequestContext,
    /// The body, whole and unparsed.
    pub(crate) body: Bytes,
    /// The configuration.
    pub(crate) settings: Settings,
    invocation: Mutex<Option<Invocation>>,
}

/// A request reached a handler without the gateway's event, or asked twice for its time: a bug.
#[derive(Debug, thiserror::Error)]
enum NotArrived {
    #[error("the request did not come through the gateway's event")]
    NoEvent,
    #[error("the invocation of the request was already taken")]
    Taken,
}

impl Arrival {
    /// An arrival in `context` with `body`.
    pub(crate) fn new(
        context: ApiGatewayV2httpRequestContext,
        body: Bytes,
        settings: Settings,
        invocation: Invocation,
    ) -> Self {
        Self {
            context,
            body,
            settings,
            invocation: Mutex::new(Some(invocation)),
        }
    }

    /// The arrival that [`crate::HttpFunction`] left with the request.
    pub(crate) fn of(extensions: &Extensions) -> Result<&Arc<Self>, Problem> {
        let arrival = extensions.get::<Arc<Self>>();
        arrival.ok_or_else(|| Problem::server(ProblemKind::Internal, NotArrived::NoEvent))
    }

    fn take(&self) -> Option<Invocation> {
        self.invocation.lock().ok()?.take()
    }
}

/// Time and chance of this request.
#[derive(Debug)]
pub struct Now(pub Invocation);

impl<S: Sync> FromRequestParts<S> for Now {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let taken = Arrival::of(&parts.extensions)?.take();
        taken
            .map(Self)
            .ok_or_else(|| Problem::server(ProblemKind::Internal, NotArrived::Taken))
    }
}
