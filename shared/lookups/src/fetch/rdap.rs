//! One question to an RDAP service (RFC 7480), over the fetcher's checks and bounds.
//!
//! **Invariant:** every hop is https to a checked address, under a certificate that is trusted for
//! its host: what a registry says decides something, so nobody may say it in a registry's place.

use std::time::Duration;

use http::header;
use http_body_util::BodyExt;
use icp_domain::look::Failure;
use jiff::Timestamp;
use tokio::time::timeout;
use url::Url;

use super::{Ended, Fetcher, Hop, Target, decompressed, next, of_exchange, text_of};
use crate::dns::Resolver;
use crate::exit::{Dialled, Exit, Stream};

/// One question with all its redirects. Source: behaviour of this service, part 3, as for pages.
const ANSWER_BOUND: Duration = Duration::from_secs(10);

/// Redirects that are followed. Source: chosen here: from a registry's old service to its new one,
/// and from there to the host that answers.
const MOST_REDIRECTS: usize = 2;

/// Bytes of a body that are read on the wire. Source: chosen here, as `of_rdap` reads no more.
const LONGEST_BODY: usize = 256 * 1024;

/// What is asked for. Source: RFC 7480, 4.2.
const RDAP: &str = "application/rdap+json, application/json;q=0.9";

/// What an RDAP service answered, unread.
pub(crate) struct RdapReply {
    /// The HTTP status of the last hop.
    pub(crate) status: u16,
    /// When to come again, as the service writes it.
    pub(crate) retry_after: Option<String>,
    /// Whether it says that it sends a page for people.
    pub(crate) is_page: bool,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Fetcher {
    /// Asks an RDAP service.
    pub(crate) async fn rdap(
        &self,
        resolver: &Resolver,
        exit: &Exit,
        url: Url,
        at: Timestamp,
    ) -> Result<RdapReply, Failure> {
        timeout(ANSWER_BOUND, self.follow_rdap(resolver, exit, url, at))
            .await
            .unwrap_or(Err(Failure::TimedOut))
    }

    async fn follow_rdap(
        &self,
        resolver: &Resolver,
        exit: &Exit,
        mut url: Url,
        at: Timestamp,
    ) -> Result<RdapReply, Failure> {
        for _ in 0..=MOST_REDIRECTS {
            let mut target = Target::of(&url)?;
            if !target.secure {
                return Err(Failure::Forbidden);
            }
            target.accept = RDAP;
            let stream = self.connected(resolver, exit, target.host, target.port);
            let hop = self.ask(stream.await?, &target, at).await?;
            if !hop.certificate.as_ref().is_some_and(|shown| shown.trusted) {
                return Err(Failure::Untrusted);
            }
            match next(&url, &hop.answer)? {
                Some(next) => url = next,
                None => return reply(hop).await,
            }
        }
        Err(Failure::TooManyRedirects)
    }

    /// A connection to a registry's host, every address of which was checked. A registry that is not
    /// there is no answer about a domain.
    pub(crate) async fn connected(
        &self,
        resolver: &Resolver,
        exit: &Exit,
        host: &str,
        port: u16,
    ) -> Result<Box<dyn Stream>, Failure> {
        let addresses = match self.checked(resolver, host).await {
            Ok(addresses) => addresses,
            Err(Ended::Failed(failure)) => return Err(failure),
            Err(Ended::Answer(_)) => return Err(Failure::ConnectionBroken),
        };
        match exit.dial(&addresses, self.reach.port(port)).await? {
            Dialled::Open(stream) => Ok(stream),
            Dialled::Refused => Err(Failure::ConnectionBroken),
        }
    }
}

async fn reply(hop: Hop) -> Result<RdapReply, Failure> {
    let Hop {
        answer,
        certificate: _,
        _driver,
    } = hop;
    let (head, mut body) = answer.into_parts();
    let mut raw: Vec<u8> = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| of_exchange(&error))?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        raw.extend_from_slice(data);
        if LONGEST_BODY < raw.len() {
            return Err(Failure::Malformed);
        }
    }
    let (body, ended) = decompressed(raw, &head.headers)?;
    if !ended {
        return Err(Failure::Malformed);
    }
    let kind = text_of(&head.headers, &header::CONTENT_TYPE).unwrap_or_default();
    Ok(RdapReply {
        status: head.status.as_u16(),
        retry_after: text_of(&head.headers, &header::RETRY_AFTER),
        is_page: kind.to_ascii_lowercase().contains("html"),
        body,
    })
}
