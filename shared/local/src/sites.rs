//! Names and sites on loopback: a real authority for one zone, a real web server, and registries, all
//! of which can be changed while they serve.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::proto::rr::rdata::{A, SOA, TXT};
use hickory_server::proto::rr::{LowerName, Name, RData, Record, RrKey};
use hickory_server::server::{Request as Question, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, ZoneType};
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;

use crate::error::LocalError;
use crate::registries::{RDAP_HOST, Registries, WHOIS_HOST};
use crate::sync::locked;

/// The one zone that the authority answers for. It refuses every other, as a resolver out of order
/// does.
const ZONE: &str = "cn.";

/// Seconds that an answer may be kept: none, since tests change answers.
const TTL: u32 = 0;

/// Time that a DNS connection over TCP may stay silent.
const TCP_IDLE: Duration = Duration::from_secs(5);

/// Bytes that may wait to be sent on a DNS connection.
const TCP_BUFFER: usize = 64 * 1024;

/// Tries to find a port that is free for UDP and TCP.
const PORT_TRIES: u32 = 100;

/// Names and sites on loopback. Clones are the same ones.
#[derive(Clone)]
pub struct Sites {
    zone: Arc<InMemoryZoneHandler>,
    pages: Arc<Mutex<BTreeMap<String, String>>>,
    latency: Latency,
    out_of_order: Arc<AtomicBool>,
    /// Where names are asked for.
    pub resolver: SocketAddr,
    /// The port that stands for 80.
    pub http_port: u16,
    /// Who says whose the domains are.
    pub registries: Registries,
    /// They end with the last clone.
    _serving: Arc<JoinSet<()>>,
}

impl Sites {
    /// Starts the authority, the web server and the registries; they end with the last clone.
    pub async fn start() -> Result<Self, LocalError> {
        let fault = |source| LocalError::Listen { port: 0, source };
        let origin = Name::from_ascii(ZONE).map_err(|error| fault(std::io::Error::other(error)))?;
        let zone = InMemoryZoneHandler::empty(origin.clone(), ZoneType::Primary, AxfrPolicy::Deny);
        let soa = SOA::new(origin.clone(), origin.clone(), 1, 60, 60, 60, TTL);
        zone.upsert(Record::from_rdata(origin.clone(), TTL, RData::SOA(soa)), 1)
            .await;
        let zone: Arc<InMemoryZoneHandler> = Arc::new(zone);
        let mut catalog = Catalog::new();
        catalog.upsert(LowerName::from(&origin), vec![Arc::clone(&zone) as _]);
        let (udp, tcp) = both_ports().await.map_err(fault)?;
        let resolver = udp.local_addr().map_err(fault)?;
        let latency = Latency::default();
        let out_of_order = Arc::new(AtomicBool::new(false));
        let mut server = Server::new(Distant {
            catalog,
            nothing: Catalog::new(),
            latency: latency.clone(),
            out_of_order: Arc::clone(&out_of_order),
        });
        server.register_socket(udp);
        server.register_listener(tcp, TCP_IDLE, TCP_BUFFER);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            if let Err(error) = server.block_until_done().await {
                tracing::error!("names are no longer answered: {error}");
            }
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(fault)?;
        let http_port = listener.local_addr().map_err(fault)?.port();
        let pages: Arc<Mutex<BTreeMap<String, String>>> = Arc::default();
        serving.spawn(serve(listener, Arc::clone(&pages), latency.clone()));
        let sites = Self {
            zone,
            pages,
            latency,
            out_of_order,
            resolver,
            http_port,
            registries: Registries::start().await.map_err(fault)?,
            _serving: Arc::new(serving),
        };
        for registry in [WHOIS_HOST, RDAP_HOST] {
            sites.point(registry, Ipv4Addr::LOCALHOST).await;
        }
        Ok(sites)
    }

    /// Points a name at an address, and `www` below it too.
    pub async fn point(&self, name: &str, address: Ipv4Addr) {
        self.unpoint(name).await;
        for name in [name.to_owned(), format!("www.{name}")] {
            if let Ok(name) = Name::from_ascii(format!("{name}.")) {
                self.zone
                    .upsert(Record::from_rdata(name, TTL, RData::A(A(address))), 1)
                    .await;
            }
        }
    }

    /// Sets a text under a name.
    pub async fn say(&self, name: &str, text: &str) {
        if let Ok(name) = Name::from_ascii(format!("{name}.")) {
            let text = RData::TXT(TXT::new(vec![text.to_owned()]));
            self.zone
                .upsert(Record::from_rdata(name, TTL, text), 1)
                .await;
        }
    }

    /// Takes a name and its `www` out of the zone.
    pub async fn unpoint(&self, name: &str) {
        let gone: Vec<LowerName> = [name.to_owned(), format!("www.{name}")]
            .iter()
            .filter_map(|name| Name::from_ascii(format!("{name}.")).ok())
            .map(|name| LowerName::from(&name))
            .collect();
        self.zone
            .records_mut()
            .await
            .retain(|key: &RrKey, _| !gone.contains(key.name()));
    }

    /// Lets the authority and the web server wait before each answer, as distant ones are waited for.
    pub fn answer_after(&self, latency: Duration) {
        *locked(&self.latency.0) = latency;
    }

    /// Lets the resolver refuse whatever it is asked, or answer again.
    pub fn out_of_order(&self, is: bool) {
        self.out_of_order.store(is, Ordering::Relaxed);
    }

    /// Sets the page that a host answers with.
    pub fn show(&self, host: &str, page: &str) {
        locked(&self.pages).insert(host.to_owned(), page.to_owned());
    }
}

/// What an answer waits for.
#[derive(Clone, Default)]
struct Latency(Arc<Mutex<Duration>>);

impl Latency {
    async fn wait(&self) {
        let latency = *locked(&self.0);
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
    }
}

/// An authority that is so far away, and at times out of order.
struct Distant {
    catalog: Catalog,
    /// Refuses every name.
    nothing: Catalog,
    latency: Latency,
    out_of_order: Arc<AtomicBool>,
}

#[async_trait::async_trait]
impl RequestHandler for Distant {
    async fn handle_request<R: ResponseHandler, T: Time>(
        &self,
        request: &Question,
        response: R,
    ) -> ResponseInfo {
        self.latency.wait().await;
        let catalog = if self.out_of_order.load(Ordering::Relaxed) {
            &self.nothing
        } else {
            &self.catalog
        };
        catalog.handle_request::<R, T>(request, response).await
    }
}

/// A UDP and a TCP socket of one port.
async fn both_ports() -> std::io::Result<(UdpSocket, TcpListener)> {
    for _ in 0..PORT_TRIES {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        if let Ok(tcp) = TcpListener::bind(udp.local_addr()?).await {
            return Ok((udp, tcp));
        }
    }
    Err(std::io::Error::other("no port is free for UDP and TCP"))
}

async fn serve(
    listener: TcpListener,
    pages: Arc<Mutex<BTreeMap<String, String>>>,
    latency: Latency,
) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, Arc::clone(&pages), latency.clone()));
    }
}

async fn answer(stream: TcpStream, pages: Arc<Mutex<BTreeMap<String, String>>>, latency: Latency) {
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let host = request
            .headers()
            .get("host")
            .and_then(|host| host.to_str().ok());
        let page = host.and_then(|host| locked(&pages).get(host).cloned());
        let status = if page.is_some() { 200 } else { 404 };
        let mut response = Response::new(Full::new(Bytes::from(page.unwrap_or_default())));
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
        let html = http::HeaderValue::from_static("text/html; charset=utf-8");
        response.headers_mut().insert("content-type", html);
        let latency = latency.clone();
        async move {
            latency.wait().await;
            Ok::<_, Infallible>(response)
        }
    });
    // A client that goes away is no fault of the site's.
    let _gone = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
