//! Names into addresses, by one vantage's resolver.
//!
//! **Invariant:** NXDOMAIN and an empty answer are answers; SERVFAIL, a refusal and silence are
//! failures. An answer is whole (both address families, the whole chain) or it is none: what is
//! missing might be the one address that speaks for the filer.

mod subnet;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::Resolver as Hickory;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use icp_domain::look::{Failure, NameAnswer, Seen};
use ipnet::IpNet;
use tokio::time::timeout;

use self::subnet::Asking;

/// One try over UDP. Tries are repeated within [`NAME_BOUND`].
const TRY_BOUND: Duration = Duration::from_secs(2);
/// Tries after the first.
const MORE_TRIES: usize = 1;
/// All that is done for one name. Below the fetcher's own bound, so that a slow resolver is seen
/// as such.
const NAME_BOUND: Duration = Duration::from_secs(6);
/// Addresses of one name. More do not fit into a message with twenty names.
const MOST_ADDRESSES: usize = 32;
/// Texts of one name that are read. Source: chosen here: an apex has ten or so, and what is asked for has a name
/// of its own.
const MOST_TEXTS: usize = 64;
/// Canonical names followed. Source: what resolvers follow at most in common (BIND 9: 16).
const LONGEST_CHAIN: usize = 16;

/// The resolver of a vantage, for the time of one look: its answers hold for that look.
pub(crate) struct Resolver {
    hickory: Hickory<Asking>,
}

impl Resolver {
    /// A resolver that asks one server alone, over UDP and where that is cut short over TCP, for a
    /// network's view where one is given.
    pub(crate) fn new(server: SocketAddr, subnet: Option<IpNet>) -> Result<Self, NetError> {
        let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
        for connection in &mut connections {
            connection.port = server.port();
        }
        let server = NameServerConfig::new(server.ip(), true, connections);
        let config = ResolverConfig::from_parts(None, vec![], vec![server]);
        let mut builder = Hickory::builder_with_config(config, Asking::from(subnet));
        *builder.options_mut() = options();
        Ok(Self {
            hickory: builder.build()?,
        })
    }

    /// What the resolver answers for a name's addresses.
    pub(crate) async fn addresses(&self, name: &str) -> Seen<NameAnswer> {
        // Fully qualified: no search list, whatever the name.
        let Ok(name) = Name::from_ascii(format!("{}.", name.trim_end_matches('.'))) else {
            return Seen::Failed(Failure::Malformed);
        };
        let both = futures::future::join(
            self.hickory.lookup(name.clone(), RecordType::A),
            self.hickory.lookup(name.clone(), RecordType::AAAA),
        );
        match timeout(NAME_BOUND, both).await {
            Ok((v4, v6)) => match joined(&name, answer(v4), answer(v6)) {
                Ok(answer) => Seen::Answer(answer),
                Err(failure) => Seen::Failed(failure),
            },
            Err(_) => Seen::Failed(Failure::TimedOut),
        }
    }
}

impl Resolver {
    /// The texts that stand under a name; none where there is no such name or no text.
    pub(crate) async fn texts(&self, name: &str) -> Seen<Vec<String>> {
        let Ok(name) = Name::from_ascii(format!("{}.", name.trim_end_matches('.'))) else {
            return Seen::Failed(Failure::Malformed);
        };
        let asked = timeout(NAME_BOUND, self.hickory.lookup(name, RecordType::TXT)).await;
        let Ok(asked) = asked else {
            return Seen::Failed(Failure::TimedOut);
        };
        match answer(asked) {
            Ok(Part::Records(lookup)) => Seen::Answer(texts_of(&lookup)),
            Ok(Part::NoSuchName | Part::NoAddress) => Seen::Answer(Vec::new()),
            Err(failure) => Seen::Failed(failure),
        }
    }
}

/// The texts of an answer, each put together of its strings.
fn texts_of(lookup: &Lookup) -> Vec<String> {
    let texts = lookup.answers().iter().filter_map(|record| {
        let RData::TXT(text) = &record.data else {
            return None;
        };
        let bytes: Vec<u8> = text.txt_data.iter().flatten().copied().collect();
        Some(String::from_utf8_lossy(&bytes).into_owned())
    });
    texts.take(MOST_TEXTS).collect()
}

fn options() -> ResolverOpts {
    let mut options = ResolverOpts::default();
    options.timeout = TRY_BOUND;
    options.attempts = MORE_TRIES;
    options.use_hosts_file = ResolveHosts::Never;
    options.preserve_intermediates = true;
    options
}

/// What one question brought, where it brought an answer.
enum Part {
    Records(Lookup),
    NoSuchName,
    NoAddress,
}

fn answer(lookup: Result<Lookup, NetError>) -> Result<Part, Failure> {
    let error = match lookup {
        Ok(lookup) => return Ok(Part::Records(lookup)),
        Err(error) => error,
    };
    tracing::debug!(%error, "the resolver gave no records");
    if let NetError::Dns(DnsError::NoRecordsFound(none)) = &error {
        return if none.response_code == ResponseCode::NXDomain {
            Ok(Part::NoSuchName)
        } else if none.response_code == ResponseCode::NoError {
            Ok(Part::NoAddress)
        } else {
            Err(Failure::ResolverFailed)
        };
    }
    Err(if matches!(error, NetError::Timeout) {
        Failure::TimedOut
    } else if matches!(
        error,
        NetError::Proto(_) | NetError::ForeignClassRecord { .. }
    ) {
        Failure::Malformed
    } else {
        // An error code, or a server that cannot be talked to.
        Failure::ResolverFailed
    })
}

/// One answer of two. Addresses outweigh their absence in the other family.
fn joined(
    name: &Name,
    v4: Result<Part, Failure>,
    v6: Result<Part, Failure>,
) -> Result<NameAnswer, Failure> {
    let parts = [v4?, v6?];
    let mut addresses: Vec<IpAddr> = Vec::new();
    let mut canonical: Vec<String> = Vec::new();
    for lookup in parts.iter().filter_map(records) {
        addresses.extend(
            lookup
                .answers()
                .iter()
                .filter_map(|record| record.data.ip_addr()),
        );
        if canonical.is_empty() {
            canonical = chain(name, lookup);
        }
    }
    addresses.sort_unstable();
    addresses.dedup();
    if addresses.len() > MOST_ADDRESSES {
        return Err(Failure::Malformed);
    }
    if !addresses.is_empty() {
        return Ok(NameAnswer::Addresses {
            canonical,
            addresses,
        });
    }
    let gone = parts.iter().any(|part| matches!(part, Part::NoSuchName));
    Ok(if gone {
        NameAnswer::NoSuchName
    } else {
        NameAnswer::NoAddress
    })
}

fn records(part: &Part) -> Option<&Lookup> {
    match part {
        Part::Records(lookup) => Some(lookup),
        Part::NoSuchName | Part::NoAddress => None,
    }
}

/// The canonical names on the way from a name, in the order in which they are passed.
fn chain(name: &Name, lookup: &Lookup) -> Vec<String> {
    let mut passed = Vec::new();
    let mut at = name.clone();
    while passed.len() < LONGEST_CHAIN {
        let mut here = lookup.answers().iter().filter(|record| record.name == at);
        let next = here.find_map(|record| {
            let RData::CNAME(target) = &record.data else {
                return None;
            };
            Some(target.0.clone())
        });
        let Some(next) = next else { break };
        passed.push(next.to_ascii().trim_end_matches('.').to_ascii_lowercase());
        at = next;
    }
    passed
}
