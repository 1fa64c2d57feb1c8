//! Looks at the world: DNS, HTTP, RDAP and WHOIS from a vantage, into [`Evidence`]. The network stops here.
//!
//! **Invariant:** nothing here judges. What the world answers is an answer, whatever it means for a
//! filing; what kept it from being asked is a [`Failure`]. [`Lookups::new`] reaches public addresses
//! alone; only [`Lookups::on_loopback`], which no function names, reaches 127.0.0.0/8, and then
//! nothing else.

mod addresses;
mod control;
mod dns;
mod exit;
mod fetch;
mod home_page;
mod pace;
mod rates;
mod registrations;
mod tls;
mod whois;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use http::HeaderValue;
use icp_domain::Rulebook;
use icp_domain::ids::VantageId;
use icp_domain::look::{Evidence, Failure, Look, NameSeen, Seen};
use icp_domain::registration::AcceptedHolders;
use icp_domain::rulebook::Registries;
use icp_domain::rulebook::vantages::{self, ClientSubnet, Vantage};
use ipnet::IpNet;
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};

pub use crate::tls::TlsFault;

use crate::addresses::Reach;
use crate::control::Control;
use crate::dns::Resolver;
use crate::exit::Exit;
use crate::fetch::Fetcher;
use crate::home_page::urls;
use crate::pace::Pace;
use crate::rates::Rates;
use crate::registrations::Asking;
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
    /// The port that stands for 43, where registries answer WHOIS.
    pub whois_port: u16,
    /// A root certificate (DER) that is trusted beside the web's own.
    pub trust: Option<Vec<u8>>,
}

/// Makes looks from the configured vantages.
pub struct Lookups {
    stations: BTreeMap<VantageId, Station>,
    fetcher: Fetcher,
    registries: Registries,
    rates: Rates,
}

/// What a vantage looks through.
struct Station {
    resolver: SocketAddr,
    client_subnet: Option<IpNet>,
    exit: Exit,
    control: Option<Control>,
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
            whois_port,
            trust,
        } = loopback;
        let reach = Reach::Loopback {
            http_port,
            https_port,
            whois_port,
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
        let mut evidence = match self.stations.get(&look.plan.vantage) {
            Some(station) => self.seen(station, look, begun_at, deadline).await,
            None => Evidence::unseen(look, begun_at, Failure::ExitDown),
        };
        if let Some(plan) = &mut evidence.look.plan.registrations {
            // The digests have done their work: what is kept of a person's name is nothing.
            plan.holders = AcceptedHolders::default();
        }
        evidence
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
            pace: Pace::new(rulebook.policy.audits.fetches_per_authority_second),
        };
        let stations = rulebook
            .vantages
            .iter()
            .map(station)
            .collect::<Result<_, _>>()?;
        let policy = &rulebook.policy.audits;
        Ok(Self {
            stations,
            fetcher,
            registries: rulebook.registries.clone(),
            rates: Rates::new(policy.registry_asks_per_minute / policy.holder_looks_at_once.max(1)),
        })
    }

    async fn seen(
        &self,
        station: &Station,
        look: &Look,
        at: Timestamp,
        deadline: Duration,
    ) -> Evidence {
        let (plan, end) = (&look.plan, Instant::now() + deadline);
        let resolver = match Resolver::new(station.resolver, station.client_subnet) {
            Ok(resolver) => resolver,
            Err(error) => {
                tracing::error!(%error, "no resolver could be set up");
                return Evidence::unseen(look, at, Failure::ExitDown);
            }
        };
        let resolver = &resolver;
        let txt = match &plan.txt {
            None => None,
            Some(txt) => {
                let texts = timeout_at(end, resolver.texts(&txt.name)).await;
                let stands = match texts.unwrap_or(Seen::Failed(Failure::TimedOut)) {
                    Seen::Answer(texts) => Seen::Answer(txt.stands_in(&look.id, &texts)),
                    Seen::Failed(why) => Seen::Failed(why),
                };
                // Nobody has a stranger's site looked at.
                if stands != Seen::Answer(true) {
                    let unseen = Evidence::unseen(look, at, Failure::NotMade);
                    return Evidence {
                        txt: Some(stands),
                        ..unseen
                    };
                }
                Some(stands)
            }
        };
        let names = futures::stream::iter(plan.names.clone())
            .map(|name| async move {
                let seen = timeout_at(end, resolver.addresses(name.as_str())).await;
                let seen = seen.unwrap_or(Seen::Failed(Failure::TimedOut));
                NameSeen { name, seen }
            })
            .buffered(NAMES_AT_ONCE)
            .collect();
        let page = async {
            let urls = urls(plan)?;
            let seen = self.first_served(station, resolver, &urls, at, end).await;
            Some(self.whose_silence(station, resolver, seen, at, end).await)
        };
        let asking = Asking {
            fetcher: &self.fetcher,
            registries: &self.registries,
            rates: &self.rates,
            resolver,
            exit: &station.exit,
            at,
            end,
        };
        let registrations = asking.registrations(plan.registrations.as_ref());
        let (names, page, registrations) =
            futures::future::join3(names, page, Box::pin(registrations)).await;
        let (home_page, control_answered) = page.unzip();
        Evidence {
            look: look.clone(),
            begun_at: at,
            names,
            home_page,
            control_answered: control_answered.unwrap_or_default(),
            registrations,
            txt,
        }
    }
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
            client_subnet: vantage.client_subnet.map(ClientSubnet::network),
            exit,
            control: vantage
                .control_site
                .as_ref()
                .map(|site| Control::new(site.as_str())),
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
