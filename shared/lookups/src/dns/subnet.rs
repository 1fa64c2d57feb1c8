//! Questions that say which network they are asked for (EDNS client subnet, RFC 7871), so that a
//! resolver gives the answer that visitors from there get. One that does not know it leaves it.

use std::net::IpAddr;
use std::pin::Pin;

use hickory_resolver::config::ConnectionConfig;
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::xfer::{DnsExchange, DnsHandle};
use hickory_resolver::proto::op::{DnsRequest, Edns};
use hickory_resolver::proto::rr::rdata::opt::EdnsOption;
use hickory_resolver::{ConnectionProvider, PoolContext};
use ipnet::IpNet;

/// Opens connections to a resolver whose questions bear a network, where there is one.
#[derive(Clone)]
pub(super) struct Asking {
    runtime: TokioRuntimeProvider,
    subnet: Option<IpNet>,
}

impl Asking {
    pub(super) fn from(subnet: Option<IpNet>) -> Self {
        Self {
            runtime: TokioRuntimeProvider::default(),
            subnet,
        }
    }
}

impl ConnectionProvider for Asking {
    type Conn = Connection;
    type FutureConn = Pin<Box<dyn Future<Output = Result<Connection, NetError>> + Send>>;
    type RuntimeProvider = TokioRuntimeProvider;

    fn new_connection(
        &self,
        ip: IpAddr,
        config: &ConnectionConfig,
        context: &PoolContext,
    ) -> Result<Self::FutureConn, NetError> {
        let opening = self.runtime.new_connection(ip, config, context)?;
        let subnet = self.subnet;
        Ok(Box::pin(async move {
            Ok(Connection {
                exchange: opening.await?,
                subnet,
            })
        }))
    }

    fn runtime_provider(&self) -> &TokioRuntimeProvider {
        &self.runtime
    }
}

/// A connection to a resolver.
#[derive(Clone)]
pub(super) struct Connection {
    exchange: DnsExchange<TokioRuntimeProvider>,
    subnet: Option<IpNet>,
}

impl DnsHandle for Connection {
    type Response = <DnsExchange<TokioRuntimeProvider> as DnsHandle>::Response;
    type Runtime = TokioRuntimeProvider;

    fn send(&self, request: DnsRequest) -> Self::Response {
        let Some(subnet) = self.subnet else {
            return self.exchange.send(request);
        };
        let (mut message, options) = request.into_parts();
        let edns = message.edns.get_or_insert_with(Edns::new);
        edns.options_mut().insert(EdnsOption::Subnet(subnet.into()));
        self.exchange.send(DnsRequest::new(message, options))
    }
}
