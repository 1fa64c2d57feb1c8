//! One question to a WHOIS server (RFC 3912).
//!
//! **Invariant:** only the registry's own server is asked. What a thin registry refers to, the
//! registrar's server, is not: nothing that it would add is judged, since the registry itself says
//! whether a domain is registered, until when and by whom, and a holder that it does not name is
//! hidden.

use std::time::Duration;

use icp_domain::identifiers::DomainName;
use icp_domain::look::Failure;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::dns::Resolver;
use crate::exit::{Exit, Stream};
use crate::fetch::Fetcher;

/// Source: RFC 3912, 2.
const PORT: u16 = 43;

/// One question with its answer. Source: behaviour of this service, part 3, as for pages.
const ANSWER_BOUND: Duration = Duration::from_secs(10);

/// Bytes of an answer. Source: chosen here, as `of_whois` reads no more.
const LONGEST_ANSWER: usize = 256 * 1024;

impl Fetcher {
    /// Asks a WHOIS server for a domain.
    pub(crate) async fn whois(
        &self,
        resolver: &Resolver,
        exit: &Exit,
        server: &DomainName,
        domain: &DomainName,
    ) -> Result<Vec<u8>, Failure> {
        let asking = async {
            let stream = self.connected(resolver, exit, server.as_str(), PORT);
            exchange(stream.await?, domain).await
        };
        timeout(ANSWER_BOUND, asking)
            .await
            .unwrap_or(Err(Failure::TimedOut))
    }
}

async fn exchange(mut stream: Box<dyn Stream>, domain: &DomainName) -> Result<Vec<u8>, Failure> {
    let broken = |error: std::io::Error| {
        tracing::debug!(%error, "no WHOIS answer");
        Failure::ConnectionBroken
    };
    let question = format!("{domain}\r\n");
    stream
        .write_all(question.as_bytes())
        .await
        .map_err(broken)?;
    let mut answer = Vec::new();
    let bound = u64::try_from(LONGEST_ANSWER).unwrap_or(u64::MAX);
    let mut bounded = stream.take(bound + 1);
    bounded.read_to_end(&mut answer).await.map_err(broken)?;
    if LONGEST_ANSWER < answer.len() {
        return Err(Failure::Malformed);
    }
    Ok(answer)
}
