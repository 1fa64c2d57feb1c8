//! Endpoint contracts: every route through the gateway, with what it answers to good and bad input.
//!
//! **Invariant:** a request that is refused has written nothing; the tests read that from the
//! journal of the calls that the functions made.

use std::sync::atomic::{AtomicU64, Ordering};

use icp_http::ProblemKind;
use icp_local::stage::{Answer, Applicant, Filed, OURS, Stage};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::described;

mod events;
mod every_route;
mod lists;
mod materials;
mod rectify_filing;
mod review_filing;
mod run_operations;
mod searches;
mod serve_pages;
mod submit_filing;
mod verify_contact;

/// The HTTP API of a deployment on a standing clock.
struct Api {
    stage: Stage,
    requests: AtomicU64,
}

/// A request that is being put together.
#[derive(Debug, Clone)]
struct Call {
    method: String,
    path: String,
    token: Option<String>,
    headers: Vec<(String, String)>,
    body: String,
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
struct Got {
    status: u16,
    headers: Vec<(String, String)>,
    text: String,
    body: Json,
}

impl Api {
    async fn start() -> Self {
        let now = "2026-03-02T02:00:00Z".parse().unwrap();
        let mut stage = Stage::start(Stage::template(), now).await.unwrap();
        stage.watch = Some(described::watch);
        Self {
            stage,
            requests: AtomicU64::new(0),
        }
    }

    /// A request of a filer's; a POST gets a key of its own.
    fn filer(&self, account: &str, route: &str) -> Call {
        self.call("filer", account, route)
    }

    /// A request of one of the staff.
    fn staff(&self, role: &str, route: &str) -> Call {
        self.call(role, "provider", route)
    }

    fn call(&self, role: &str, account: &str, route: &str) -> Call {
        let token = self
            .stage
            .deployment
            .token(role, account, "someone")
            .unwrap();
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let call = Call::to(route).token(Some(&token));
        if call.method == "POST" {
            call.key(&format!("key-{number}"))
        } else {
            call
        }
    }

    /// Sends it, and lets nothing follow.
    async fn send(&self, call: &Call) -> Got {
        let headers: Vec<(&str, &str)> = call
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let answer = self
            .stage
            .deployment
            .http(
                &call.method,
                &call.path,
                call.token.as_deref(),
                &headers,
                call.body.clone(),
            )
            .await;
        let got = Got::of(&answer);
        let Call {
            method, path, body, ..
        } = call;
        described::hold(method, path, body, got.status, &got.body);
        got
    }

    /// Sends it, lets all that follows at once happen, and forgets what was called for it.
    async fn done(&self, call: &Call) -> Got {
        let got = self.send(call).await;
        assert!(got.status < 400, "{call:#?}\n{got:#?}");
        self.stage.deployment.settle().await.unwrap();
        self.forget();
        got
    }

    /// Sends what is to be refused: nothing may be written.
    async fn refused(&self, call: &Call) -> Got {
        self.forget();
        let got = self.send(call).await;
        assert!(400 <= got.status, "{call:#?}\n{got:#?}");
        assert_eq!(self.written(), [""; 0], "{call:#?}\n{got:#?}");
        got
    }

    fn forget(&self) {
        self.stage.deployment.journal().take();
    }

    /// Who wrote what since the last time that this was asked.
    fn written(&self) -> Vec<String> {
        let calls = self.stage.deployment.journal().take();
        let writes = calls
            .iter()
            .filter(|call| call.outcome == "ok" && is_write(&call.operation));
        writes
            .map(|call| format!("{} {}", call.caller, call.operation))
            .collect()
    }

    /// The history of a filing, as the auditor reads it.
    async fn history(&self, subject: &str) -> Vec<Json> {
        let read = self.staff("auditor", &format!("GET /review/filings/{subject}/history"));
        let history = self.done(&read).await.body;
        assert_eq!(history["whole"], true, "{history:#}");
        history["items"].as_array().unwrap().clone()
    }

    /// An approved filing with nothing wrong.
    async fn filed(&self, who: &Applicant) -> Filed {
        self.stage.sites.point(&who.domain, OURS).await;
        let host = format!("www.{}", who.domain);
        self.stage.sites.show(&host, &who.page());
        let good = |route: &str, answer: &Answer| assert!(answer.status < 400, "{route}");
        let filed = self.stage.file(who, good).await.unwrap();
        self.forget();
        filed
    }

    /// An approved filing whose site lost its number, and the case that came of it: as its filer reads
    /// it once the first notice was delivered.
    async fn case(&self, who: &Applicant) -> (Filed, Json) {
        let filed = self.filed(who).await;
        let page = who.page().replace(&who.number, "");
        self.stage.sites.show(&format!("www.{}", who.domain), &page);
        // An audit comes within the period, its confirmation and the notice within two days more.
        let step = SignedDuration::from_hours(6);
        for _ in 0..40 * 4 {
            self.stage.pass(step, step).await.unwrap();
            let listed = self.done(&self.filer(&who.account, "GET /cases")).await;
            let case = &listed.body["items"][0];
            if case["findings"][0]["notifiedAt"].is_string() {
                let id = case["id"].as_str().unwrap();
                let read = self.filer(&who.account, &format!("GET /cases/{id}"));
                return (filed, self.done(&read).await.body);
            }
        }
        panic!("no case was noticed within 40 days");
    }
}

fn is_write(operation: &str) -> bool {
    matches!(
        operation,
        "PutItem"
            | "UpdateItem"
            | "DeleteItem"
            | "BatchWriteItem"
            | "TransactWriteItems"
            | "SendMessage"
            | "SendMessageBatch"
            | "Publish"
    )
}

impl Call {
    /// A request such as `GET /orders`, without a token.
    fn to(route: &str) -> Self {
        let (method, path) = route.split_once(' ').unwrap();
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            token: None,
            headers: vec![("accept-language".to_owned(), "en".to_owned())],
            body: String::new(),
        }
    }

    fn token(mut self, token: Option<&str>) -> Self {
        self.token = token.map(str::to_owned);
        self
    }

    /// With this header in place of any of its name.
    fn header(self, name: &str, value: &str) -> Self {
        let mut call = self.without(name);
        call.headers.push((name.to_owned(), value.to_owned()));
        call
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(given, _)| given != name);
        self
    }

    fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    fn version(self, version: u64) -> Self {
        self.header("if-match", &format!("\"{version}\""))
    }

    fn json(self, body: &Json) -> Self {
        self.text("application/json", &body.to_string())
    }

    fn text(self, media: &str, body: &str) -> Self {
        let mut call = self.header("content-type", media);
        body.clone_into(&mut call.body);
        call
    }
}

impl Got {
    fn of(answer: &http::Response<bytes::Bytes>) -> Self {
        let headers = answer.headers().iter();
        // Every answer has the time of its own.
        let mut headers: Vec<(String, String)> = headers
            .filter(|(name, _)| *name != http::header::DATE)
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        headers.sort();
        let text = String::from_utf8(answer.body().to_vec()).unwrap();
        let got = Self {
            status: answer.status().as_u16(),
            headers,
            body: serde_json::from_str(&text).unwrap(),
            text,
        };
        got.holds_the_contract();
        got
    }

    /// What every answer of a function keeps to, whatever it is about.
    fn holds_the_contract(&self) {
        let Some(slug) = self.slug() else {
            return;
        };
        let kind = ProblemKind::ALL.iter().find(|kind| kind.slug() == slug);
        let kind = kind.unwrap_or_else(|| panic!("no kind of ours: {slug}"));
        assert_eq!(kind.status(), self.status, "{self:#?}");
        assert_eq!(self.body["status"], self.status, "{self:#?}");
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        assert_eq!(
            self.body.get("detail").is_none(),
            500 <= self.status,
            "{self:#?}"
        );
    }

    fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str())
    }

    fn slug(&self) -> Option<&str> {
        let kind = self.body.get("type")?.as_str()?;
        kind.strip_prefix("urn:icp-audit:problem:")
    }

    /// Status and problem kind, such as `404 not-found`.
    fn line(&self) -> String {
        match self.slug() {
            Some(slug) => format!("{} {slug}", self.status),
            None => self.status.to_string(),
        }
    }

    /// The version for `If-Match`.
    fn version(&self) -> u64 {
        let etag = self.header("etag").unwrap();
        etag.trim_matches('"').parse().unwrap()
    }

    /// The text of a field of the body.
    fn field(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Json::as_str).unwrap()
    }
}

/// A first filing's order as a filer begins it.
fn begin(who: &Applicant) -> Json {
    json!({ "kind": "first-filing", "draft": who.draft() })
}
