//! A listener on loopback for one service.
//!
//! **Invariant:** nothing listens on any address but 127.0.0.1.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::error::LocalError;
use crate::gateway::own;

/// The most that a request may carry: API Gateway takes 10 MB, DynamoDB 16 MiB, and an import may be
/// uploaded whole.
const BODY_LIMIT: usize = 512 * 1024 * 1024;

/// What answers the requests. The peer's address is an extension of the request.
pub type Service = Arc<dyn Fn(Request<Bytes>) -> BoxFuture<'static, Response<Bytes>> + Send + Sync>;

/// An open port.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Opens `port` (0: any free one); `option` is what the user changes when it is taken.
    pub async fn bind(port: u16, option: &'static str) -> Result<Self, LocalError> {
        let refused = |source: io::Error| {
            if source.kind() == io::ErrorKind::AddrInUse {
                LocalError::PortInUse { port, option }
            } else {
                LocalError::Listen { port, source }
            }
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        Ok(Self { listener, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop`; connections still open are then closed.
    pub async fn serve(self, service: Service, stop: impl Future<Output = ()> + Send) {
        let mut connections = JoinSet::new();
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => return,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        connections.spawn(serve_connection(stream, peer, Arc::clone(&service)));
                    }
                    // A connection that was gone before it was accepted.
                    Err(error) => tracing::debug!(%error, "a connection was not accepted"),
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

async fn serve_connection(stream: TcpStream, peer: SocketAddr, service: Service) {
    let handler = service_fn(move |request: Request<Incoming>| {
        let service = Arc::clone(&service);
        async move {
            let response = match collected(request, peer).await {
                Ok(request) => service(request).await,
                Err(response) => response,
            };
            Ok::<_, std::convert::Infallible>(response.map(Full::new))
        }
    });
    let connection = Builder::new(TokioExecutor::new());
    // A client that hangs up is no concern of ours.
    if let Err(error) = connection
        .serve_connection(TokioIo::new(stream), handler)
        .await
    {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn collected(
    request: Request<Incoming>,
    peer: SocketAddr,
) -> Result<Request<Bytes>, Response<Bytes>> {
    let (parts, body) = request.into_parts();
    match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => {
            let mut request = Request::from_parts(parts, body.to_bytes());
            request.extensions_mut().insert(peer);
            Ok(request)
        }
        Err(error) if error.is::<LengthLimitError>() => Err(own(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Request Entity Too Large",
        )),
        Err(_) => Err(own(StatusCode::BAD_REQUEST, "Bad Request")),
    }
}
