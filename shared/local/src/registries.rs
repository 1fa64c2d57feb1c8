//! Registries on loopback: a real WHOIS server for .cn and a real RDAP service for .com.cn, over TLS.
//! What they say of a domain can be changed while they serve.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::stage::SUBJECT_NAME;
use crate::sync::locked;

/// The server of .cn, by the name that the shipped configuration has.
pub const WHOIS_HOST: &str = "whois.cnnic.cn";

/// The RDAP service that a stage asks for .com.cn.
pub const RDAP_HOST: &str = "rdap.cnnic.cn";

/// The zone that has it.
pub const RDAP_ZONE: &str = "com.cn";

/// When every registration ends, far behind whatever is played: at 8:00 in Shanghai on that day.
const EXPIRES_ON: &str = "2099-01-01";

/// What a registry says of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistrySays {
    /// It is registered to this name.
    HeldBy(String),
    /// It is registered, and to whom is hidden.
    Hidden,
    /// Nobody has it.
    NotRegistered,
    /// Nothing: it was asked too often.
    AskedTooOften,
}

/// What is said of each domain; of all others, that the stage's applicants hold them.
type Said = Arc<Mutex<BTreeMap<String, RegistrySays>>>;

/// The registries. Clones are the same ones.
#[derive(Clone)]
pub struct Registries {
    said: Said,
    /// The port that stands for 43.
    pub whois_port: u16,
    /// The port that stands for 443.
    pub https_port: u16,
    /// The root certificate (DER) under which the RDAP service is trusted.
    pub root: Vec<u8>,
    /// They end with the last clone.
    _serving: Arc<JoinSet<()>>,
}

impl Registries {
    /// Starts both; they end with the last clone.
    pub async fn start() -> std::io::Result<Self> {
        let said = Said::default();
        let whois = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let https = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (root, acceptor) = certified().map_err(std::io::Error::other)?;
        let mut serving = JoinSet::new();
        let ports = (whois.local_addr()?.port(), https.local_addr()?.port());
        serving.spawn(serve_whois(whois, Arc::clone(&said)));
        serving.spawn(serve_rdap(https, acceptor, Arc::clone(&said)));
        Ok(Self {
            said,
            whois_port: ports.0,
            https_port: ports.1,
            root,
            _serving: Arc::new(serving),
        })
    }

    /// Sets what is said of a domain from now on.
    pub fn say(&self, domain: &str, says: RegistrySays) {
        locked(&self.said).insert(domain.to_owned(), says);
    }
}

fn said_of(said: &Said, domain: &str) -> RegistrySays {
    let known = locked(said).get(domain).cloned();
    known.unwrap_or_else(|| RegistrySays::HeldBy(SUBJECT_NAME.to_owned()))
}

/// A root of its own, and TLS with a certificate of the service under it.
fn certified() -> Result<(Vec<u8>, TlsAcceptor), Box<dyn std::error::Error + Send + Sync>> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate()?;
    let root = authority.self_signed(&key)?.der().to_vec();
    let issuer = Issuer::new(authority, key);
    let key = KeyPair::generate()?;
    let params = CertificateParams::new(vec![RDAP_HOST.to_owned()])?;
    let certificate = params.signed_by(&key, &issuer)?;
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok((root, TlsAcceptor::from(Arc::new(config))))
}

async fn serve_whois(listener: TcpListener, said: Said) {
    while let Ok((stream, _)) = listener.accept().await {
        let said = Arc::clone(&said);
        tokio::spawn(async move {
            let mut stream = BufReader::new(stream);
            let mut line = String::new();
            // A client that goes away is no fault of the registry's.
            if stream.read_line(&mut line).await.is_ok() {
                let answer = whois_answer(&said, line.trim());
                let _gone = stream.write_all(answer.as_bytes()).await;
            }
        });
    }
}

fn whois_answer(said: &Said, domain: &str) -> String {
    let registered = |registrant: &str| {
        format!(
            "Domain Name: {domain}\n{registrant}Sponsoring Registrar: 示例注册商\n\
             Expiration Time: {EXPIRES_ON} 08:00:00\n"
        )
    };
    match said_of(said, domain) {
        RegistrySays::HeldBy(name) => registered(&format!("Registrant: {name}\n")),
        RegistrySays::Hidden => registered(""),
        RegistrySays::NotRegistered => "No matching record.\n".to_owned(),
        RegistrySays::AskedTooOften => "Queried interval is too short.\n".to_owned(),
    }
}

async fn serve_rdap(listener: TcpListener, acceptor: TlsAcceptor, said: Said) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer_rdap(stream, acceptor.clone(), Arc::clone(&said)));
    }
}

async fn answer_rdap(stream: TcpStream, acceptor: TlsAcceptor, said: Said) {
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let (_, domain) = request.uri().path().rsplit_once('/').unwrap_or_default();
        std::future::ready(Ok::<_, Infallible>(rdap_answer(&said, domain)))
    });
    let _gone = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn rdap_answer(said: &Said, domain: &str) -> Response<Full<Bytes>> {
    let registrant = |name: &str| {
        let card = json!(["vcard", [["org", {}, "text", name]]]);
        json!([{ "roles": ["registrant"], "vcardArray": card }])
    };
    let registered = |entities: Json| {
        let end = format!("{EXPIRES_ON}T00:00:00Z");
        let events = json!([{ "eventAction": "expiration", "eventDate": end }]);
        json!({ "objectClassName": "domain", "ldhName": domain, "events": events,
            "entities": entities })
    };
    let (status, body) = match said_of(said, domain) {
        RegistrySays::HeldBy(name) => (StatusCode::OK, registered(registrant(&name))),
        RegistrySays::Hidden => {
            let entities = registrant("REDACTED FOR PRIVACY");
            (StatusCode::OK, registered(entities))
        }
        RegistrySays::NotRegistered => (StatusCode::NOT_FOUND, json!({ "errorCode": 404 })),
        RegistrySays::AskedTooOften => (StatusCode::TOO_MANY_REQUESTS, json!({ "errorCode": 429 })),
    };
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let kind = http::HeaderValue::from_static("application/rdap+json");
    headers.insert("content-type", kind);
    if status == StatusCode::TOO_MANY_REQUESTS {
        let hour = http::HeaderValue::from_static("3600");
        headers.insert("retry-after", hour);
    }
    response
}
