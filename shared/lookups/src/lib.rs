//! Looks at the world: DNS and HTTP from a vantage, into [`Evidence`]. The network stops here.
//!
//! **Invariant:** nothing here judges. What the world answers is an answer, whatever it means for a
//! filing; what kept it from being asked is a [`Failure`]. [`Lookups::new`] reaches public addresses
//! alone; only [`Lookups::on_loopback`], which no function names, reaches 127.0.0.0/8, and then
//! nothing else.

mod addresses;
mod dns;
mod exit;
mod fetch;
mod tls;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use http::HeaderValue;
use icp_domain::Rulebook;
use icp_domain::ids::VantageId;
use icp_domain::look::{Evidence, Failure, Look, NameSeen, PageAnswer, Plan, Seen};
use icp_domain::rulebook::vantages::{self, Vantage};
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};

pub use crate::tls::TlsFault;

use crate::addresses::Reach;
use crate::dns::Resolver;
use crate::exit::Exit;
use crate::fetch::Fetcher;
use crate::tls::Tls;

/// Names that are asked for at once: a look is no burden to a resolver.
const NAMES_AT_ONCE: usize = 4;

/// Why looks cannot be made at all: a wrong configuration.
#[derive(Debug, thiserror::Error)]
pub enum LookupsFault {
    /// The contact URL does not fit into a header.
    #[error("the contact URL {0:?} may hold no control characters and must be http or https")]
    Contact(String),
    /// A vantage's proxy is of another kind.
    #[error(
        "the exit of vantage {vantage} must be \"direct\" or a proxy http://ADDRESS:PORT, its \
         address in numbers and without credentials"
    )]
    Proxy {
        /// The vantage.
        vantage: VantageId,
    },
    /// TLS could not be set up.
    #[error("TLS to sites could not be set up")]
    Tls(#[from] TlsFault),
}

/// The sites of a local deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loopback {
    /// The port that stands for 80, on every address of 127.0.0.0/8.
    pub http_port: u16,
    /// The port that stands for 443.
    pub https_port: u16,
    /// A root certificate (DER) that is trusted beside the web's own.
    pub trust: Option<Vec<u8>>,
}

/// Makes looks from the configured vantages.
pub struct Lookups {
    stations: BTreeMap<VantageId, Station>,
    fetcher: Fetcher,
}

/// What a vantage looks through.
struct Station {
    resolver: SocketAddr,
    exit: Exit,
}

impl Lookups {
    /// Looks at the public internet. Sites read the contact URL in the user agent.
    pub fn new(rulebook: &Rulebook, contact_url: &str) -> Result<Self, LookupsFault> {
        Self::within(Reach::Internet, None, rulebook, contact_url)
    }

    /// Looks at sites of this machine instead, for a local deployment and for tests. Ports are
    /// mapped after every check.
    pub fn on_loopback(
        rulebook: &Rulebook,
        contact_url: &str,
        loopback: Loopback,
    ) -> Result<Self, LookupsFault> {
        let Loopback {
            http_port,
            https_port,
            trust,
        } = loopback;
        let reach = Reach::Loopback {
            http_port,
            https_port,
        };
        Self::within(
            reach,
            trust.map(CertificateDer::from),
            rulebook,
            contact_url,
        )
    }

    /// Carries out a look's plan and tells what was seen.
    ///
    /// `begun_at` is the instant that the evidence counts from, and at which certificates are
    /// judged. What is not done when `deadline` has passed is a failure to look.
    pub async fn look(&self, look: &Look, begun_at: Timestamp, deadline: Duration) -> Evidence {
        let (names, home_page) = match self.stations.get(&look.plan.vantage) {
            Some(station) => self.seen(station, &look.plan, begun_at, deadline).await,
            None => unseen(&look.plan, Failure::ExitDown),
        };
        Evidence {
            look: look.clone(),
            begun_at,
            names,
            home_page,
            registrations: Vec::new(),
        }
    }

    fn within(
        reach: Reach,
        trust: Option<CertificateDer<'_>>,
        rulebook: &Rulebook,
        contact_url: &str,
    ) -> Result<Self, LookupsFault> {
        let user_agent =
            user_agent(contact_url).ok_or_else(|| LookupsFault::Contact(contact_url.to_owned()))?;
        let fetcher = Fetcher {
            tls: Tls::new(trust)?,
            reach,
            user_agent,
            words: Arc::new(rulebook.content_words.clone()),
        };
        let stations = rulebook
            .vantages
            .iter()
            .map(station)
            .collect::<Result<_, _>>()?;
        Ok(Self { stations, fetcher })
    }

    async fn seen(
        &self,
        station: &Station,
        plan: &Plan,
        at: Timestamp,
        deadline: Duration,
    ) -> (Vec<NameSeen>, Option<Seen<PageAnswer>>) {
        let end = Instant::now() + deadline;
        let resolver = match Resolver::new(station.resolver) {
            Ok(resolver) => resolver,
            Err(error) => {
                tracing::error!(%error, "no resolver could be set up");
                return unseen(plan, Failure::ExitDown);
            }
        };
        let resolver = &resolver;
        let names = futures::stream::iter(plan.names.clone())
            .map(|name| async move {
                let seen = timeout_at(end, resolver.addresses(name.as_str())).await;
                let seen = seen.unwrap_or(Seen::Failed(Failure::TimedOut));
                NameSeen { name, seen }
            })
            .buffered(NAMES_AT_ONCE)
            .collect();
        let page = async {
            let url = plan.home_page.as_deref()?;
            let fetch = self.fetcher.fetch(resolver, &station.exit, url, at);
            Some(
                timeout_at(end, fetch)
                    .await
                    .unwrap_or(Seen::Failed(Failure::TimedOut)),
            )
        };
        futures::future::join(names, page).await
    }
}

/// A look of which nothing could be made.
fn unseen(plan: &Plan, why: Failure) -> (Vec<NameSeen>, Option<Seen<PageAnswer>>) {
    let names = plan
        .names
        .iter()
        .map(|name| NameSeen {
            name: name.clone(),
            seen: Seen::Failed(why),
        })
        .collect();
    (names, plan.home_page.as_ref().map(|_| Seen::Failed(why)))
}

fn station(vantage: &Vantage) -> Result<(VantageId, Station), LookupsFault> {
    let exit = match &vantage.exit {
        vantages::Exit::Direct => Exit::Direct,
        vantages::Exit::Proxy(url) => {
            proxy(url)
                .map(Exit::Proxy)
                .ok_or_else(|| LookupsFault::Proxy {
                    vantage: vantage.id.clone(),
                })?
        }
    };
    Ok((
        vantage.id.clone(),
        Station {
            resolver: vantage.resolver,
            exit,
        },
    ))
}

/// A proxy by number: its name would have to be resolved by someone, and not by the vantage.
fn proxy(url: &str) -> Option<SocketAddr> {
    let url = Url::parse(url).ok()?;
    let address = match url.host()? {
        Host::Ipv4(address) => IpAddr::V4(address),
        Host::Ipv6(address) => IpAddr::V6(address),
        Host::Domain(_) => return None,
    };
    let plain = url.scheme() == "http" && url.username().is_empty() && url.password().is_none();
    Some(SocketAddr::new(address, url.port_or_known_default()?)).filter(|_| plain)
}

fn user_agent(contact_url: &str) -> Option<HeaderValue> {
    let url = Url::parse(contact_url).ok()?;
    let web = matches!(url.scheme(), "http" | "https");
    web.then(|| HeaderValue::from_str(&format!("icp-filing-audit/1 (+{url})")).ok())?
}
