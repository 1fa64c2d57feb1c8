//! Servers on loopback: some behave, some do not.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use hickory_server::Server;
use hickory_server::proto::op::{Message, ResponseCode};
use hickory_server::proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use hickory_server::proto::rr::rdata::{A, AAAA, CNAME, SOA, TXT};
use hickory_server::proto::rr::{LowerName, Name, RData, Record, RecordType};
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, ZoneType};
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::ResolvesServerCertUsingSni;
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_rustls::TlsAcceptor;

/// A zone `example.cn` on a hickory authority, over UDP and TCP.
pub(crate) async fn authority(records: &[(&str, RData)]) -> SocketAddr {
    let origin = Name::from_ascii("example.cn.").unwrap();
    let soa = SOA::new(origin.clone(), origin.clone(), 1, 60, 60, 60, 60);
    let soa = Record::from_rdata(origin.clone(), 60, RData::SOA(soa));
    let mut zone: InMemoryZoneHandler =
        InMemoryZoneHandler::empty(origin.clone(), ZoneType::Primary, AxfrPolicy::Deny);
    assert!(zone.upsert_mut(soa, 1));
    for (name, data) in records {
        let name = Name::from_ascii(format!("{name}.")).unwrap();
        assert!(zone.upsert_mut(Record::from_rdata(name, 60, data.clone()), 1));
    }
    let mut catalog = Catalog::new();
    catalog.upsert(LowerName::from(&origin), vec![Arc::new(zone)]);
    let (udp, tcp) = both_ports().await;
    let address = udp.local_addr().unwrap();
    let mut server = Server::new(catalog);
    server.register_socket(udp);
    server.register_listener(tcp, Duration::from_secs(5), 64 * 1024);
    tokio::spawn(async move { server.block_until_done().await });
    address
}

/// A UDP and a TCP socket of one port.
async fn both_ports() -> (UdpSocket, TcpListener) {
    for _ in 0..100 {
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
            return (udp, tcp);
        }
    }
    panic!("no port is free for UDP and TCP");
}

pub(crate) fn a(address: &str) -> RData {
    RData::A(A(address.parse().unwrap()))
}

pub(crate) fn aaaa(address: &str) -> RData {
    RData::AAAA(AAAA(address.parse().unwrap()))
}

pub(crate) fn cname(target: &str) -> RData {
    RData::CNAME(CNAME(Name::from_ascii(format!("{target}.")).unwrap()))
}

pub(crate) fn txt(text: &str) -> RData {
    RData::TXT(TXT::new(vec![text.to_owned()]))
}

/// A resolver that answers every question with a code.
pub(crate) async fn resolver_that_says(code: ResponseCode) -> SocketAddr {
    resolver(move |answer, _| answer.metadata.response_code = code).await
}

/// A resolver that answers each question for IPv4 with the next of the addresses, and counts them.
pub(crate) async fn resolver_that_changes(
    addresses: &'static [Ipv4Addr],
) -> (SocketAddr, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let address = resolver(move |answer, kind| {
        if kind == RecordType::A {
            let nth = counted.fetch_add(1, Ordering::SeqCst);
            let data = RData::A(A(addresses[nth.min(addresses.len() - 1)]));
            let name = answer.queries[0].name().clone();
            answer.add_answer(Record::from_rdata(name, 0, data));
        }
    });
    (address.await, asked)
}

/// A resolver whose IPv4 address for a name depends on the client subnet of the question.
pub(crate) async fn resolver_by_subnet(
    views: &'static [(&'static str, &'static str)],
) -> SocketAddr {
    answering(move |answer, question| {
        let query = &question.queries[0];
        let option = question
            .edns
            .as_ref()
            .and_then(|edns| edns.option(EdnsCode::Subnet));
        let subnet = match option {
            Some(EdnsOption::Subnet(subnet)) => {
                format!("{}/{}", subnet.addr(), subnet.source_prefix())
            }
            _ => "none".to_owned(),
        };
        let (_, address) = views.iter().find(|(view, _)| *view == subnet).unwrap();
        if query.query_type() == RecordType::A {
            let record = Record::from_rdata(query.name().clone(), 0, a(address));
            answer.add_answer(record);
        }
    })
    .await
}

async fn resolver(mut fill: impl FnMut(&mut Message, RecordType) + Send + 'static) -> SocketAddr {
    answering(move |answer, question| fill(answer, question.queries[0].query_type())).await
}

async fn answering(mut fill: impl FnMut(&mut Message, &Message) + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = vec![0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let question = Message::from_vec(&buffer[..length]).unwrap();
            let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
            answer.add_queries(question.queries.clone());
            fill(&mut answer, &question);
            socket
                .send_to(&answer.to_vec().unwrap(), from)
                .await
                .unwrap();
        }
    });
    address
}

/// A socket that takes questions and never answers. It lives as long as what is returned.
pub(crate) async fn silent_resolver() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// What a site answers to a request.
pub(crate) type Site = fn(&Request<Incoming>) -> Response<Full<Bytes>>;

/// Web sites on hyper, told apart by `Host`, over HTTP.
pub(crate) async fn sites(listener: TcpListener, sites: BTreeMap<&'static str, Site>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, sites.clone()));
    }
}

/// The same over TLS, with the certificates of the authority below.
pub(crate) async fn secure_sites(
    listener: TcpListener,
    sites: BTreeMap<&'static str, Site>,
    acceptor: TlsAcceptor,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let (sites, acceptor) = (sites.clone(), acceptor.clone());
        tokio::spawn(async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(stream, sites).await;
            }
        });
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    sites: BTreeMap<&'static str, Site>,
) {
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let host = request
            .headers()
            .get("host")
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let site = sites.get(host.as_str()).copied();
        let answer = site.map_or_else(
            || {
                Response::builder()
                    .status(421)
                    .body(Full::default())
                    .unwrap()
            },
            |site| site(&request),
        );
        std::future::ready(Ok::<_, Infallible>(answer))
    });
    // A client that goes away in the middle is what some tests are about.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// A server that sends these bytes once it was asked, then goes on with the second without an end.
pub(crate) async fn raw_site(listener: TcpListener, first: Vec<u8>, endless: Vec<u8>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let (first, endless) = (first.clone(), endless.clone());
        tokio::spawn(async move {
            let _ = head_of(&mut stream).await;
            let mut sent = stream.write_all(&first).await;
            while sent.is_ok() && !endless.is_empty() {
                sent = stream.write_all(&endless).await;
            }
        });
    }
}

/// A server that says this at once, whatever it is asked.
pub(crate) async fn blunt_site(listener: TcpListener, said: &'static [u8]) {
    while let Ok((mut stream, _)) = listener.accept().await {
        stream.write_all(said).await.unwrap();
        // Read until the other side goes, for closing over unread bytes would reset what was said.
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    }
}

/// A WHOIS server: answers a line and hangs up.
pub(crate) async fn whois_server(listener: TcpListener, answer: fn(&str) -> Vec<u8>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let mut line = Vec::new();
            while !line.ends_with(b"\r\n") {
                line.push(stream.read_u8().await.unwrap());
            }
            let said = answer(std::str::from_utf8(&line).unwrap().trim_end());
            // A client that has read enough goes away.
            let _ = stream.write_all(&said).await;
        });
    }
}

/// A server that says the same at once and over and over, as long as anybody listens.
pub(crate) async fn endless_site(listener: TcpListener, said: &'static [u8]) {
    while let Ok((mut stream, _)) = listener.accept().await {
        while stream.write_all(said).await.is_ok() {}
    }
}

/// A listener that takes connections and never says a word.
pub(crate) async fn mute_site(listener: TcpListener) {
    let mut kept = Vec::new();
    while let Ok((stream, _)) = listener.accept().await {
        kept.push(stream);
    }
}

/// An HTTP proxy that tunnels, and notes what it was asked for.
pub(crate) async fn proxy(
    listener: TcpListener,
    asked: tokio::sync::mpsc::UnboundedSender<String>,
) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let head = head_of(&mut stream).await;
        let target = head
            .split_whitespace()
            .nth(1)
            .unwrap_or_default()
            .to_owned();
        asked
            .send(head.lines().next().unwrap_or_default().to_owned())
            .unwrap();
        tokio::spawn(async move {
            let Ok(mut site) = TcpStream::connect(&target).await else {
                let refusal = "HTTP/1.1 502 x\r\nproxy-status: p; error=connection_refused\r\ncontent-length: 0\r\n\r\n";
                return stream.write_all(refusal.as_bytes()).await;
            };
            stream.write_all(b"HTTP/1.1 200 x\r\n\r\n").await?;
            tokio::io::copy_bidirectional(&mut stream, &mut site)
                .await
                .map(|_| ())
        });
    }
}

pub(crate) async fn head_of(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// A certificate authority of the test, and certificates good and bad.
pub(crate) struct Certificates {
    pub(crate) root: Vec<u8>,
    pub(crate) acceptor: TlsAcceptor,
}

/// `tls.example.cn` has a good one, `old.example.cn` an expired one, `own.example.cn` signed its
/// own, and `other.example.cn` shows one for another name.
pub(crate) fn certificates() -> Certificates {
    let mut authority = CertificateParams::new(vec![]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let root = authority.self_signed(&key).unwrap().der().to_vec();
    let issuer = Issuer::new(authority, key);
    let mut shown = ResolvesServerCertUsingSni::new();
    for (host, named, until, own) in [
        ("tls.example.cn", "tls.example.cn", 2030, false),
        ("old.example.cn", "old.example.cn", 2021, false),
        ("own.example.cn", "own.example.cn", 2030, true),
    ] {
        let mut params = CertificateParams::new(vec![named.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = if own {
            params.self_signed(&key).unwrap()
        } else {
            params.signed_by(&key, &issuer).unwrap()
        };
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let key = ring::sign::any_supported_type(&key).unwrap();
        shown
            .add(
                host,
                CertifiedKey::new(vec![certificate.der().clone()], key),
            )
            .unwrap();
    }
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(shown));
    Certificates {
        root,
        acceptor: TlsAcceptor::from(Arc::new(config)),
    }
}

/// A listener on the given port of the `n`th address of this machine's loopback network.
pub(crate) async fn listener(n: u8, port: u16) -> TcpListener {
    let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, n)), port);
    TcpListener::bind(address).await.unwrap()
}
