//! The deployment: functions, what calls them, and the clock.
//!
//! **Invariant:** functions are called with the events that Lambda would give, and never by one
//! another: everything between them passes the HTTP API, a queue, the stream or a schedule.

mod deliver;
mod parameters;
mod sent;

pub(crate) use parameters::{local_environment, local_parameters, pages_source};

use std::collections::BTreeMap;
use std::fs::File;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_types::SdkConfig;
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::{HeaderValue, Request, Response, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;
use tokio::sync::Semaphore;

use crate::clock::LocalClock;
use crate::connector;
use crate::error::LocalError;
use crate::faults::Faults;
use crate::files::{self, Place};
use crate::gateway::{self, Gateway, Routed};
use crate::issuer::{Grant, Issuers};
use crate::journal::Journal;
use crate::port::Port;
use crate::relay::Relay;
use crate::server::Service;
use crate::stream::Positions;
use crate::sync::locked;
use crate::template::{Function, Template};

/// A function's code: event in, answer or error out.
pub type Handler = Arc<dyn Fn(Json) -> BoxFuture<'static, Result<Json, String>> + Send + Sync>;

/// How to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// The template.
    pub template: PathBuf,
    /// Where the data is kept.
    pub place: Place,
    /// The clock stands here; nothing: it runs with the system's.
    pub standing_at: Option<Timestamp>,
    /// Fixes keys and nonces; obeyed in memory only.
    pub seed: Option<u64>,
    /// Values of the template's parameters, beyond the local ones.
    pub parameters: BTreeMap<String, String>,
    /// Replaces variables that functions have.
    pub environment: BTreeMap<String, String>,
    /// Where the port of the AWS protocols is reached: the issuers' addresses begin so.
    pub base: String,
    /// The port of the mail relay; 0: any free one.
    pub mail_port: u16,
}

impl Options {
    /// The same, served at `base`, with the pages that stand in a folder.
    #[must_use]
    pub fn served(self, base: String, pages: &Path) -> Self {
        Self {
            environment: local_environment(&base, pages),
            base,
            ..self
        }
    }

    /// In memory, with a standing clock and fixed keys: for tests.
    pub fn for_tests(template: impl Into<PathBuf>, now: Timestamp) -> Self {
        Self {
            template: template.into(),
            place: Place::Memory,
            standing_at: Some(now),
            seed: Some(1),
            parameters: BTreeMap::new(),
            environment: local_environment("http://127.0.0.1:8781", &pages_source()),
            base: "http://127.0.0.1:8781".to_owned(),
            mail_port: 0,
        }
    }
}

/// The whole deployment. Clones are the same one.
#[derive(Clone)]
pub struct Deployment(Arc<Inner>);

struct Inner {
    template: Arc<Template>,
    clock: LocalClock,
    port: Port,
    relay: Relay,
    issuers: Arc<Issuers>,
    gateway: Gateway,
    environment: BTreeMap<String, String>,
    handlers: Mutex<BTreeMap<String, Handler>>,
    concurrency: BTreeMap<String, Semaphore>,
    due: Mutex<BTreeMap<(String, String), Timestamp>>,
    positions: Positions,
    failures: Mutex<Vec<Failure>>,
    pumping: tokio::sync::Mutex<()>,
    twice: AtomicBool,
    clock_file: Option<PathBuf>,
    _lock: Option<File>,
}

/// An invocation that ended with an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// When.
    pub at: Timestamp,
    /// Which function.
    pub function: String,
    /// What it said.
    pub error: String,
}

impl Deployment {
    /// Opens everything; functions are registered afterwards.
    pub fn start(options: &Options) -> Result<Self, LocalError> {
        let lock = options.place.lock()?;
        let clock_file = options.place.file("clock.json");
        let clock = match (options.standing_at, &clock_file) {
            (Some(now), _) => LocalClock::standing(now),
            (None, None) => LocalClock::running(SignedDuration::ZERO),
            (None, Some(path)) => {
                LocalClock::running(files::read(path)?.unwrap_or(SignedDuration::ZERO))
            }
        };
        let relay = Relay::open(&options.place, clock.clone(), options.mail_port)?;
        let parameters = local_parameters(&options.base, &relay.url(), &options.parameters);
        let template = Arc::new(Template::read(&options.template, &parameters)?);
        let port = Port::open(Arc::clone(&template), options, &clock)?;
        let issuers = Arc::new(Issuers::open(&options.place, &template.api, clock.clone())?);
        let gateway = Gateway::new(&template, Arc::clone(&issuers), clock.clone());
        let concurrency = template.functions.values().filter_map(|function| {
            let most = usize::try_from(function.reserved_concurrency?).ok()?;
            Some((function.name.clone(), Semaphore::new(most)))
        });
        Ok(Self(Arc::new(Inner {
            concurrency: concurrency.collect(),
            due: Mutex::new(first_due(&template, clock.now())),
            positions: Positions::open(&options.place)?,
            environment: options.environment.clone(),
            handlers: Mutex::default(),
            failures: Mutex::default(),
            pumping: tokio::sync::Mutex::default(),
            twice: AtomicBool::new(false),
            template,
            clock,
            port,
            relay,
            issuers,
            gateway,
            clock_file,
            _lock: lock,
        })))
    }

    /// Gives a function of the template its code.
    pub fn register(&self, function: &str, handler: Handler) -> Result<(), LocalError> {
        self.function(function)?;
        locked(&self.0.handlers).insert(function.to_owned(), handler);
        Ok(())
    }

    /// The functions of the template that have no code yet.
    pub fn without_code(&self) -> Vec<String> {
        let handlers = locked(&self.0.handlers);
        self.0
            .template
            .functions
            .keys()
            .filter(|name| !handlers.contains_key(*name))
            .cloned()
            .collect()
    }

    /// The template.
    pub fn template(&self) -> &Template {
        &self.0.template
    }

    /// The clock.
    pub fn clock(&self) -> &LocalClock {
        &self.0.clock
    }

    /// The port of the AWS protocols.
    pub fn port(&self) -> &Port {
        &self.0.port
    }

    /// The faults of DynamoDB calls.
    pub fn faults(&self) -> &Faults {
        self.0.port.faults()
    }

    /// What was called through the port.
    pub fn journal(&self) -> &Journal {
        self.0.port.journal()
    }

    /// The token issuers.
    pub fn issuers(&self) -> &Issuers {
        &self.0.issuers
    }

    /// A token.
    pub fn token(&self, role: &str, account: &str, sub: &str) -> Result<String, LocalError> {
        self.0.issuers.token(&Grant {
            role: role.to_owned(),
            account: account.to_owned(),
            sub: sub.to_owned(),
        })
    }

    /// The configuration whose clients call as `caller`: a function, or `local`.
    pub fn sdk_config(&self, caller: &str) -> SdkConfig {
        connector::sdk_config(&self.0.port, caller)
    }

    /// The variables of a function.
    pub fn environment(&self, function: &str) -> Result<BTreeMap<String, String>, LocalError> {
        Ok(environment_of(
            self.function(function)?,
            &self.0.environment,
        ))
    }

    /// The bodies that stand in a queue (by logical id or name), oldest first.
    pub fn queued(&self, queue: &str) -> Result<Vec<String>, LocalError> {
        Ok(self.0.port.sqs().bodies(self.queue(queue)?))
    }

    /// The invocations that ended with an error.
    pub fn failures(&self) -> Vec<Failure> {
        locked(&self.0.failures).clone()
    }

    /// Calls the HTTP API.
    pub async fn http(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Response<Bytes> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "local");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        match request.body(body.into()) {
            Ok(request) => self.request(request).await,
            Err(error) => gateway::own(http::StatusCode::BAD_REQUEST, &error.to_string()),
        }
    }

    /// Answers a request of the HTTP API.
    pub async fn request(&self, request: Request<Bytes>) -> Response<Bytes> {
        let mut answer = match self.0.gateway.route(&request) {
            Routed::Answer(answer) => answer,
            Routed::Call { function, event } => {
                gateway::answer(self.invoke(&function, event).await)
            }
        };
        // By the deployment's clock, since pages reckon by it how much time is left.
        let now = self.0.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT");
        if let Ok(now) = HeaderValue::try_from(now.to_string()) {
            answer.headers_mut().insert(header::DATE, now);
        }
        answer
    }

    /// The HTTP API as a service for a listener.
    pub fn http_service(&self) -> Service {
        let deployment = self.clone();
        Arc::new(move |request| {
            let deployment = deployment.clone();
            async move { deployment.request(request).await }.boxed()
        })
    }

    /// The port of the AWS protocols and the control endpoints, as a service for a listener.
    pub fn port_service(&self) -> Service {
        let deployment = self.clone();
        Arc::new(move |request| {
            let deployment = deployment.clone();
            async move {
                if request.uri().path().starts_with("/_local/") {
                    crate::control::answer(&deployment, &request).await
                } else {
                    deployment.0.port.call(request).await
                }
            }
            .boxed()
        })
    }

    /// Calls a function, as Lambda does: within its time-out and its concurrency, and a panic is
    /// an error.
    pub async fn invoke(&self, function: &str, event: Json) -> Result<Json, String> {
        let result = self.invoked(function, event).await;
        if let Err(error) = &result {
            tracing::warn!(function, error, "function {function} failed");
            locked(&self.0.failures).push(Failure {
                at: self.0.clock.now(),
                function: function.to_owned(),
                error: error.clone(),
            });
        }
        result
    }

    /// Moves the clock by `by` at once, as after an outage: what fell due meanwhile runs once.
    pub async fn advance(&self, by: SignedDuration) -> Result<(), LocalError> {
        self.0.clock.advance(by);
        self.clock_moved().await
    }

    /// Sets the clock, and runs what is due then.
    pub async fn set_clock(&self, now: Timestamp) -> Result<(), LocalError> {
        self.0.clock.set(now);
        // After a step back everything would wait for the old instants.
        *locked(&self.0.due) = first_due(&self.0.template, now);
        self.clock_moved().await
    }

    /// Lets minutes pass one by one, each with its schedules and all that follows.
    pub async fn advance_by_minutes(&self, minutes: u32) -> Result<(), LocalError> {
        for _ in 0..minutes {
            self.advance(SignedDuration::from_mins(1)).await?;
        }
        Ok(())
    }

    async fn clock_moved(&self) -> Result<(), LocalError> {
        if let (Some(path), Some(ahead)) = (&self.0.clock_file, self.0.clock.ahead()) {
            files::write(path, &ahead)?;
        }
        self.run_due().await?;
        self.settle().await?;
        Ok(())
    }

    async fn invoked(&self, function: &str, event: Json) -> Result<Json, String> {
        let settings = self.function(function).map_err(|error| error.to_string())?;
        let handler = locked(&self.0.handlers)
            .get(function)
            .cloned()
            .ok_or_else(|| format!("{function} has no code in this deployment"))?;
        let _permit = match self.0.concurrency.get(function) {
            Some(semaphore) => semaphore.acquire().await.ok(),
            None => None,
        };
        let running = AssertUnwindSafe(async move { handler(event).await }).catch_unwind();
        let limit = Duration::from_secs(settings.timeout_seconds);
        match tokio::time::timeout(limit, running).await {
            Err(_) => Err(format!(
                "Task timed out after {} seconds",
                settings.timeout_seconds
            )),
            Ok(Err(panic)) => Err(panicked(panic.as_ref())),
            Ok(Ok(result)) => result,
        }
    }

    fn function(&self, name: &str) -> Result<&Function, LocalError> {
        let function = self.0.template.functions.get(name);
        function.ok_or_else(|| LocalError::NoFunction(name.to_owned()))
    }

    fn queue(&self, name: &str) -> Result<&crate::template::Queue, LocalError> {
        self.0
            .template
            .queue(name)
            .ok_or_else(|| LocalError::NoQueue(name.to_owned()))
    }
}

/// A function's variables, with those replaced that it has and `over` names.
pub(crate) fn environment_of(
    function: &Function,
    over: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let variables = function.environment.iter();
    variables
        .map(|(name, value)| (name.clone(), over.get(name).unwrap_or(value).clone()))
        .collect()
}

fn first_due(template: &Template, now: Timestamp) -> BTreeMap<(String, String), Timestamp> {
    let mut due = BTreeMap::new();
    for function in template.functions.values() {
        for schedule in &function.schedules {
            let key = (function.name.clone(), schedule.name.clone());
            due.insert(key, deliver::after(now, schedule.every_seconds));
        }
    }
    due
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a word");
    format!("panicked: {text}")
}
