//! The registrations of a plan's domains: whom to ask, whether now, and what the answer comes to.
//!
//! **Invariant:** a holder's name does not leave this file: what is told is what the holder is to
//! those that the plan accepts.

use std::collections::BTreeMap;

use futures::StreamExt;
use icp_domain::identifiers::DomainName;
use icp_domain::look::{Failure, RegistrationSeen, Seen};
use icp_domain::registration::{RegistrationPlan, RegistryAnswer, of_rdap, of_whois, whois_text};
use icp_domain::rulebook::{Registries, Registry};
use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::dns::Resolver;
use crate::exit::Exit;
use crate::fetch::{Fetcher, RdapReply};
use crate::rates::Rates;

/// Registries asked at once by one look, which are often the same one. Source: chosen here.
const AT_ONCE: usize = 2;

/// What registries are asked with, for the time of one look.
pub(crate) struct Asking<'a> {
    pub(crate) fetcher: &'a Fetcher,
    pub(crate) registries: &'a Registries,
    pub(crate) rates: &'a Rates,
    pub(crate) resolver: &'a Resolver,
    pub(crate) exit: &'a Exit,
    pub(crate) at: Timestamp,
    pub(crate) end: Instant,
}

impl Asking<'_> {
    /// What the registries say, in the order of the plan.
    pub(crate) async fn registrations(
        &self,
        plan: Option<&RegistrationPlan>,
    ) -> Vec<RegistrationSeen> {
        let Some(plan) = plan else {
            return Vec::new();
        };
        // Several hosts of one registered name are one question.
        let mut registered: Vec<DomainName> =
            plan.domains.iter().map(DomainName::registrable).collect();
        registered.sort();
        registered.dedup();
        let answers: BTreeMap<DomainName, Result<RegistryAnswer, Failure>> =
            futures::stream::iter(registered)
                .map(|domain| async move {
                    let answer = timeout_at(self.end, Box::pin(self.ask(&domain))).await;
                    (domain, answer.unwrap_or(Err(Failure::TimedOut)))
                })
                .buffered(AT_ONCE)
                .collect()
                .await;
        let seen = |domain: &DomainName| {
            let answer = answers.get(&domain.registrable()).cloned();
            match answer.unwrap_or(Err(Failure::NotMade)) {
                Ok(answer) => Seen::Answer(answer.compared(&plan.holders)),
                Err(failure) => Seen::Failed(failure),
            }
        };
        let domains = plan.domains.iter();
        domains
            .map(|domain| RegistrationSeen {
                domain: domain.clone(),
                seen: seen(domain),
            })
            .collect()
    }

    async fn ask(&self, domain: &DomainName) -> Result<RegistryAnswer, Failure> {
        match self.registries.of(domain) {
            Some(Registry::Rdap(base)) => self.rdap(base, domain).await,
            Some(Registry::Whois(server)) => {
                self.rates.take(server.as_str(), self.at)?;
                let asking = self.fetcher.whois(self.resolver, self.exit, server, domain);
                of_whois(&whois_text(&asking.await?))
            }
            None => Err(Failure::NobodyToAsk),
        }
    }

    async fn rdap(&self, base: &Url, domain: &DomainName) -> Result<RegistryAnswer, Failure> {
        let registry = base.host_str().unwrap_or_default();
        self.rates.take(registry, self.at)?;
        // Source: RFC 9082, 3.1.3.
        let url = base.join(&format!("domain/{domain}"));
        let url = url.map_err(|_| Failure::Forbidden)?;
        let reply = self
            .fetcher
            .rdap(self.resolver, self.exit, url, self.at)
            .await?;
        match reply.status {
            200 => read(&reply),
            // RFC 7480, 5.3. A page says that there is no such page, and nothing of a domain.
            404 if !reply.is_page => Ok(RegistryAnswer::NotRegistered),
            429 => Err(self.closed(registry, &reply)),
            503 if reply.retry_after.is_some() => Err(self.closed(registry, &reply)),
            _ => Err(Failure::Malformed),
        }
    }

    fn closed(&self, registry: &str, reply: &RdapReply) -> Failure {
        let retry_after = reply.retry_after.as_deref();
        self.rates.close(registry, retry_after, self.at)
    }
}

fn read(reply: &RdapReply) -> Result<RegistryAnswer, Failure> {
    let text = std::str::from_utf8(&reply.body).map_err(|_| Failure::Malformed)?;
    of_rdap(text)
}
