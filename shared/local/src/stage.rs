//! A stage: the whole deployment on a standing clock, with sites on loopback and people who act only
//! through the HTTP API. The demo and the stories are played on it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use bytes::Bytes;
use icp_domain::Rulebook;
use icp_lookups::Loopback;
use icp_notifications::registered_templates;
use icp_runtime::StartError;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use crate::deployment::{Deployment, Options};
use crate::error::LocalError;
use crate::files::Place;
use crate::functions::{self, Looking};
use crate::registries::{RDAP_HOST, RDAP_ZONE};
use crate::sites::Sites;

mod people;

pub use people::{Applicant, Filed, SUBJECT_NAME, Submitted};

/// The address of this provider, on loopback.
pub const OURS: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// An address of somebody else, on loopback.
pub const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 9, 9, 9);

/// A stage. Clones are the same one.
#[derive(Clone)]
pub struct Stage {
    /// The deployment.
    pub deployment: Deployment,
    /// Names and sites.
    pub sites: Sites,
    /// The policy that is played by.
    pub rulebook: &'static Rulebook,
    /// Who is told of each call of [`Stage::ask`]: tests hold it against the API's document.
    pub watch: Option<Watch>,
}

/// Hears of a call: its method, its path, the body that was sent, and the answer.
pub type Watch = fn(&str, &str, &str, &Answer);

/// An answer of the HTTP API.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body, if it is JSON.
    pub body: Json,
    /// The version, from the `ETag`.
    pub version: Option<u64>,
    /// What was created or is to be watched.
    pub location: Option<String>,
}

/// A request to the HTTP API.
#[derive(Debug, Clone, Default)]
pub struct Ask<'a> {
    /// `filer`, `reviewer`, `operator` or `auditor`; none: no token.
    pub role: Option<&'a str>,
    /// The account, and the person's `sub`.
    pub account: &'a str,
    /// Method and path, such as `POST /orders`.
    pub route: &'a str,
    /// Idempotency-Key; the route itself where there is none, so that the same ask is a repeat.
    pub key: Option<&'a str>,
    /// If-Match.
    pub version: Option<u64>,
    /// The body.
    pub body: Option<Json>,
}

impl Stage {
    /// A stage at `now`, from `template`.
    pub async fn start(template: impl Into<PathBuf>, now: Timestamp) -> Result<Self, LocalError> {
        Self::start_in(template, now, Place::Memory).await
    }

    /// A stage whose data is kept in a place, where another may go on from it.
    pub async fn start_in(
        template: impl Into<PathBuf>,
        now: Timestamp,
        place: Place,
    ) -> Result<Self, LocalError> {
        let options = Options {
            place,
            ..Options::for_tests(template, now)
        };
        Self::open(&options, now).await
    }

    /// A stage whose template has other values of its parameters.
    pub async fn start_with(
        template: impl Into<PathBuf>,
        now: Timestamp,
        parameters: BTreeMap<String, String>,
    ) -> Result<Self, LocalError> {
        let options = Options {
            parameters,
            ..Options::for_tests(template, now)
        };
        Self::open(&options, now).await
    }

    /// A stage that is started as the options say.
    pub async fn open(options: &Options, now: Timestamp) -> Result<Self, LocalError> {
        let sites = Sites::start().await?;
        let rulebook = rulebook(&configuration(&sites, now))?;
        let deployment = Deployment::start(options)?;
        let stage = Self {
            deployment,
            sites,
            rulebook,
            watch: None,
        };
        stage.plug()?;
        Ok(stage)
    }

    /// Deploys the functions again with another file of the configuration.
    pub fn reconfigure(&mut self, file: &str, text: String) -> Result<(), LocalError> {
        let mut files = configuration(&self.sites, self.now());
        files.insert(file.to_owned(), text);
        self.rulebook = rulebook(&files)?;
        self.plug()
    }

    fn plug(&self) -> Result<(), LocalError> {
        let sites = &self.sites;
        let loopback = Loopback {
            http_port: sites.http_port,
            https_port: sites.registries.https_port,
            whois_port: sites.registries.whois_port,
            trust: Some(sites.registries.root.clone()),
        };
        let looking = Looking::OnLoopback(loopback);
        functions::plug(&self.deployment, self.rulebook, looking)
    }

    /// The template of this checkout, wherever the process was started.
    pub fn template() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml")
    }

    /// The time on the stage.
    pub fn now(&self) -> Timestamp {
        self.deployment.clock().now()
    }

    /// Asks the HTTP API, and lets everything that follows at once happen.
    pub async fn ask(&self, ask: Ask<'_>) -> Result<Answer, LocalError> {
        let (method, path) = ask.route.split_once(' ').unwrap_or(("GET", ask.route));
        let token = match ask.role {
            Some(role) => Some(self.deployment.token(role, ask.account, ask.account)?),
            None => None,
        };
        let version = ask.version.map(|version| format!("\"{version}\""));
        let key = ask.key.unwrap_or(path).replace(' ', "-");
        let mut headers = vec![
            ("content-type", "application/json"),
            ("accept-language", "en"),
        ];
        if method == "POST" {
            headers.push(("idempotency-key", &key));
        }
        headers.extend(version.as_deref().map(|version| ("if-match", version)));
        let body = ask.body.map_or_else(String::new, |body| body.to_string());
        let token = token.as_deref();
        let answer = self
            .deployment
            .http(method, path, token, &headers, body.clone())
            .await;
        self.deployment.settle().await?;
        let answer = read(&answer);
        if let Some(watch) = self.watch {
            watch(method, path, &body, &answer);
        }
        Ok(answer)
    }

    /// Lets time pass in steps of `step`, each with its schedules and all that follows.
    pub async fn pass(&self, time: SignedDuration, step: SignedDuration) -> Result<(), LocalError> {
        let end = self.now() + time;
        while self.now() < end {
            let left = end.duration_since(self.now());
            self.deployment.advance(left.min(step)).await?;
        }
        Ok(())
    }

    /// The code that was sent last to a number.
    pub fn last_code(&self, mobile: &str) -> Option<String> {
        let sms = self.deployment.sms();
        let last = sms
            .iter()
            .rev()
            .find(|sms| sms.number.ends_with(mobile) && sms.text.contains("验证码"))?;
        let digits: String = last
            .text
            .chars()
            .skip_while(|c| !c.is_ascii_digit())
            .take_while(char::is_ascii_digit)
            .collect();
        Some(digits)
    }
}

fn read(answer: &http::Response<Bytes>) -> Answer {
    let header = |name: &str| {
        answer
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    Answer {
        status: answer.status().as_u16(),
        body: serde_json::from_slice(answer.body()).unwrap_or(Json::Null),
        version: header("etag").and_then(|etag| etag.trim_matches('"').parse().ok()),
        location: header("location"),
    }
}

/// The example provider, with the shipped templates registered at the gateway: read once, as stages are many.
static PROVIDER: LazyLock<Json> = LazyLock::new(|| {
    let shipped = Rulebook::shipped().map(|rulebook| rulebook.provider);
    let templates = shipped.map(|provider| registered_templates(&provider));
    let ids = templates.unwrap_or_default().into_iter().zip(100_001..);
    let ids: BTreeMap<&str, String> = ids
        .map(|(template, id)| (template.id.as_str(), id.to_string()))
        .collect();
    json!({
        "name": { "zh": "示例云", "en": "Example Cloud" },
        "signature": "示例云",
        "address": "beian.example.cn",
        "telephone": "010-00000000",
        "smsTemplates": ids,
    })
});

/// What differs from the shipped configuration: the provider's addresses and the vantages are on loopback.
fn configuration(sites: &Sites, now: Timestamp) -> BTreeMap<String, String> {
    let today = icp_domain::rulebook::calendar::local_date(now);
    let vantage = |id: &str, network: &str, carrier: &str| {
        json!({
            "id": id, "resolver": sites.resolver, "exit": "direct",
            "network": network, "carrier": carrier, "mainland": true,
        })
    };
    BTreeMap::from([
        (
            "provider-addresses.json".to_owned(),
            json!({ "asOf": today, "ranges": ["127.0.0.0/16"], "frontEnds": [] }).to_string(),
        ),
        (
            "vantages.json".to_owned(),
            json!({ "vantages": [vantage("north", "unicom", "中国联通"), vantage("south", "telecom", "中国电信")] })
                .to_string(),
        ),
        // One zone has an RDAP service; all others of the stage are asked by WHOIS.
        (
            "rdap-dns.json".to_owned(),
            json!({ "services": [[[RDAP_ZONE], [format!("https://{RDAP_HOST}/")]]] }).to_string(),
        ),
        // The address file of a stage is never renewed, and stories last for months. All its sites
        // share a few addresses of this machine, which need no sparing. Nothing lies for long on a stage, whose
        // time goes by days: the 35 that a daily sweep looks back elsewhere would be four of five of its queries.
        (
            "policy.json".to_owned(),
            json!({ "audits": {
                "addressesStaleAfterDays": 365, "fetchesPerAuthoritySecond": 1000,
            }, "sweeps": { "dailySweepDays": 3 } })
            .to_string(),
        ),
        ("provider.json".to_owned(), PROVIDER.to_string()),
    ])
}

/// The shipped configuration with these files.
fn rulebook(files: &BTreeMap<String, String>) -> Result<&'static Rulebook, LocalError> {
    let rulebook = Rulebook::read(files)
        .map_err(|fault| LocalError::Configuration(StartError::Rulebook(fault)))?;
    Ok(Box::leak(Box::new(rulebook)))
}
