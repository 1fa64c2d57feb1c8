//! The way out of a vantage: directly, or through an HTTP proxy.
//!
//! **Invariant:** connections go to addresses that were checked, by number. No name is resolved
//! here or by a proxy, so that nobody can answer twice differently.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::Empty;
use hyper_util::rt::TokioIo;
use icp_domain::look::Failure;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// One connection. Three fit into the ten seconds of a fetch.
const CONNECT_BOUND: Duration = Duration::from_secs(3);
/// Addresses of a host that are tried.
const MOST_TRIES: usize = 3;

/// A connection to a site, whatever it goes through.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// What a checked address did.
pub(crate) enum Dialled {
    /// It took the connection.
    Open(Box<dyn Stream>),
    /// It refused the connection.
    Refused,
}

/// A vantage's way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Exit {
    /// From this process.
    Direct,
    /// Through the HTTP proxy at this address.
    Proxy(SocketAddr),
}

impl Exit {
    /// Connects to the first of the checked addresses that takes it, IPv4 before IPv6. *Refused*
    /// only where all that were tried refused.
    pub(crate) async fn dial(&self, checked: &[IpAddr], port: u16) -> Result<Dialled, Failure> {
        let mut ordered = checked.to_vec();
        ordered.sort_by_key(IpAddr::is_ipv6);
        let mut failures = Vec::new();
        for address in ordered.into_iter().take(MOST_TRIES) {
            let one = self.dial_one(SocketAddr::new(address, port));
            match timeout(CONNECT_BOUND, one)
                .await
                .unwrap_or(Err(Failure::TimedOut))
            {
                Ok(Dialled::Open(stream)) => return Ok(Dialled::Open(stream)),
                Ok(Dialled::Refused) => failures.push(None),
                Err(why) => failures.push(Some(why)),
            }
        }
        of_all(&failures).map_or(Ok(Dialled::Refused), Err)
    }

    async fn dial_one(&self, to: SocketAddr) -> Result<Dialled, Failure> {
        match self {
            Self::Direct => match TcpStream::connect(to).await {
                Ok(stream) => Ok(Dialled::Open(Box::new(stream))),
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                    Ok(Dialled::Refused)
                }
                Err(error) => Err(of_connecting(&error)),
            },
            Self::Proxy(proxy) => through(*proxy, to).await,
        }
    }
}

/// What the addresses of a host come to when none took the connection; `None` is a refusal. Where
/// one address family has no route from here, the other one speaks for the site.
fn of_all(failures: &[Option<Failure>]) -> Option<Failure> {
    let routed = || {
        failures
            .iter()
            .filter(|failure| **failure != Some(Failure::ExitDown))
    };
    match routed().find_map(|failure| *failure) {
        Some(failure) => Some(failure),
        None if routed().next().is_some() => None,
        None => Some(Failure::ExitDown),
    }
}

fn of_connecting(error: &io::Error) -> Failure {
    tracing::debug!(%error, "no connection to the site");
    // No route from here: this network lacks the address family, or is down.
    let no_route = [
        io::ErrorKind::NetworkUnreachable,
        io::ErrorKind::NetworkDown,
        io::ErrorKind::AddrNotAvailable,
    ];
    if error.kind() == io::ErrorKind::TimedOut {
        Failure::TimedOut
    } else if no_route.contains(&error.kind()) {
        Failure::ExitDown
    } else {
        Failure::ConnectionBroken
    }
}

/// Asks a proxy for a tunnel (RFC 9110, 9.3.6). All that fails on this side is the exit's fault.
async fn through(proxy: SocketAddr, to: SocketAddr) -> Result<Dialled, Failure> {
    let down = |error: &dyn std::error::Error| {
        tracing::warn!(%proxy, %error, "the proxy {proxy} of an exit cannot be used");
        Failure::ExitDown
    };
    let stream = TcpStream::connect(proxy)
        .await
        .map_err(|error| down(&error))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|e| down(&e))?;
    // Dropped with this future, so that an abandoned look leaves no task behind.
    let mut driver = JoinSet::new();
    driver.spawn(connection.with_upgrades());
    let request = Request::builder()
        .method(Method::CONNECT)
        .uri(to.to_string())
        .header(header::HOST, to.to_string())
        .body(Empty::<Bytes>::new())
        .map_err(|error| down(&error))?;
    let answer = sender
        .send_request(request)
        .await
        .map_err(|error| down(&error))?;
    if answer.status().is_success() {
        let tunnel = hyper::upgrade::on(answer)
            .await
            .map_err(|error| down(&error))?;
        return Ok(Dialled::Open(Box::new(TokioIo::new(tunnel))));
    }
    refused_by_proxy(answer.status(), answer.headers())
}

/// What a proxy says about a site that it did not connect to: in `Proxy-Status` (RFC 9209), or
/// roughly by its status. A refusal by the site is only believed where it is said in so many words.
fn refused_by_proxy(status: StatusCode, headers: &HeaderMap) -> Result<Dialled, Failure> {
    let said = |word: &str| {
        headers
            .get_all("proxy-status")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split([';', ',']))
            .any(|part| part.trim().strip_prefix("error=") == Some(word))
    };
    if said("connection_refused") {
        return Ok(Dialled::Refused);
    }
    let timed_out = said("connection_timeout") || status == StatusCode::GATEWAY_TIMEOUT;
    let broken = said("connection_terminated") || said("destination_unavailable");
    Err(if timed_out {
        Failure::TimedOut
    } else if broken || status == StatusCode::BAD_GATEWAY {
        Failure::ConnectionBroken
    } else {
        tracing::warn!(%status, "the proxy of an exit refuses to connect");
        Failure::ExitDown
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_refused_only_if_every_address_with_a_route_did() {
        const REFUSED: Option<Failure> = None;
        const NO_ROUTE: Option<Failure> = Some(Failure::ExitDown);
        const SILENT: Option<Failure> = Some(Failure::TimedOut);
        for (tried, expected) in [
            (&[REFUSED, REFUSED][..], REFUSED),
            (&[REFUSED, NO_ROUTE], REFUSED),
            (&[NO_ROUTE, REFUSED], REFUSED),
            (&[REFUSED, SILENT], SILENT),
            (&[NO_ROUTE, SILENT], SILENT),
            (&[NO_ROUTE, NO_ROUTE], NO_ROUTE),
            (&[], NO_ROUTE),
        ] {
            assert_eq!(of_all(tried), expected, "{tried:?}");
        }
    }

    #[test]
    fn a_proxys_words_are_told_from_its_own_troubles() {
        for (status, said, expected) in [
            (502, "p; error=connection_refused", None),
            (502, "", Some(Failure::ConnectionBroken)),
            (504, "", Some(Failure::TimedOut)),
            (
                502,
                "p;error=connection_timeout;details=x",
                Some(Failure::TimedOut),
            ),
            (407, "", Some(Failure::ExitDown)),
            (403, "", Some(Failure::ExitDown)),
            (
                503,
                "p; error=destination_unavailable",
                Some(Failure::ConnectionBroken),
            ),
            (500, "", Some(Failure::ExitDown)),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("proxy-status", said.parse().unwrap());
            let answer = refused_by_proxy(StatusCode::from_u16(status).unwrap(), &headers);
            assert_eq!(answer.err(), expected, "{status} {said}");
        }
    }
}
