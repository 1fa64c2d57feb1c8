//! Who is asked for the registration of a domain: a registry's RDAP service where its zone has one,
//! its WHOIS server where not.
//!
//! The first file has the form of IANA's bootstrap file for domains (RFC 9224), so that IANA's own
//! may stand in place of the reduced one.

use std::collections::BTreeMap;

use serde::Deserialize;
use url::{Host, Url};

use super::fault::{self, RulebookFault};
use super::source::{Source, Sources};
use crate::identifiers::DomainName;

/// The name of the file of RDAP services.
pub(crate) const RDAP_FILE: &str = "rdap-dns.json";

/// The name of the file of WHOIS servers.
pub(crate) const WHOIS_FILE: &str = "whois-servers.json";

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Registry<'a> {
    /// An RDAP service, by its base URL, which ends with `/`.
    Rdap(&'a Url),
    /// A WHOIS server, by its name.
    Whois(&'a DomainName),
}

/// The registries, by zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registries {
    rdap: BTreeMap<String, Url>,
    whois: BTreeMap<String, DomainName>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RdapFile {
    #[serde(rename = "description")]
    _description: Option<String>,
    #[serde(rename = "version")]
    _version: Option<String>,
    #[serde(rename = "publication")]
    _publication: Option<String>,
    services: Vec<(Vec<String>, Vec<String>)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WhoisFile {
    #[serde(rename = "note")]
    _note: Option<String>,
    sources: BTreeMap<String, Source>,
    servers: Vec<WhoisRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhoisRow {
    zone: String,
    server: String,
    source: String,
}

impl Registries {
    /// Reads both files' texts.
    pub(crate) fn read(rdap: &str, whois: &str) -> Result<Self, RulebookFault> {
        Ok(Self {
            rdap: rdap_services(rdap)?,
            whois: whois_servers(whois)?,
        })
    }

    /// Who is asked for a domain: of the longest zone that it stands under, by RDAP before WHOIS.
    /// `None` where nobody is configured.
    pub fn of(&self, domain: &DomainName) -> Option<Registry<'_>> {
        let zones = || std::iter::successors(above(domain.as_str()), |zone| above(zone));
        let rdap = zones().find_map(|zone| self.rdap.get(zone));
        rdap.map(Registry::Rdap).or_else(|| {
            let whois = zones().find_map(|zone| self.whois.get(zone));
            whois.map(Registry::Whois)
        })
    }
}

/// The name without its first label.
fn above(name: &str) -> Option<&str> {
    name.split_once('.').map(|(_, above)| above)
}

fn rdap_services(text: &str) -> Result<BTreeMap<String, Url>, RulebookFault> {
    let file: RdapFile = fault::read(RDAP_FILE, text)?;
    let mut services = BTreeMap::new();
    for (at, (zones, urls)) in file.services.into_iter().enumerate() {
        let mut bases = Vec::new();
        for (nth, url) in urls.iter().enumerate() {
            let base = Url::parse(url).ok().filter(is_base).ok_or_else(|| {
                let path = format!("/services/{at}/1/{nth}");
                let allowed = "a URL without credentials and query that ends with \"/\"";
                RulebookFault::at(RDAP_FILE, path, url, allowed)
            })?;
            bases.push(base);
        }
        // RFC 9224, 3: a list may hold both; what decides something is not asked in the clear.
        let Some(base) = bases.into_iter().find(|base| base.scheme() == "https") else {
            continue;
        };
        for (nth, zone) in zones.into_iter().enumerate() {
            let path = format!("/services/{at}/0/{nth}");
            let zone = checked_zone(RDAP_FILE, &path, zone)?;
            insert(RDAP_FILE, &path, &mut services, zone, base.clone())?;
        }
    }
    Ok(services)
}

fn is_base(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && matches!(url.host(), Some(Host::Domain(_)))
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.path().ends_with('/')
}

fn whois_servers(text: &str) -> Result<BTreeMap<String, DomainName>, RulebookFault> {
    let file: WhoisFile = fault::read(WHOIS_FILE, text)?;
    let sources = Sources {
        file: WHOIS_FILE,
        by_key: &file.sources,
    };
    let mut servers = BTreeMap::new();
    for (at, row) in file.servers.into_iter().enumerate() {
        let path = format!("/servers/{at}");
        sources.named(&row.source, &path)?;
        let server = DomainName::parse(&row.server).map_err(|_| {
            let path = format!("{path}/server");
            RulebookFault::at(WHOIS_FILE, path, &row.server, "the name of a host")
        })?;
        let path = format!("{path}/zone");
        let zone = checked_zone(WHOIS_FILE, &path, row.zone)?;
        insert(WHOIS_FILE, &path, &mut servers, zone, server)?;
    }
    Ok(servers)
}

/// A zone as domains are stored: lower-case ASCII.
fn checked_zone(file: &'static str, path: &str, zone: String) -> Result<String, RulebookFault> {
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    if zone.split('.').all(is_label) {
        return Ok(zone);
    }
    let allowed = "a zone in lower-case ASCII without a dot at its ends";
    Err(RulebookFault::at(file, path, zone, allowed))
}

fn insert<T>(
    file: &'static str,
    path: &str,
    map: &mut BTreeMap<String, T>,
    zone: String,
    value: T,
) -> Result<(), RulebookFault> {
    if map.contains_key(&zone) {
        return Err(RulebookFault::at(file, path, zone, "given once"));
    }
    map.insert(zone, value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rulebook;

    const NO_RDAP: &str = r#"{ "services": [] }"#;
    const NO_WHOIS: &str = r#"{ "sources": {}, "servers": [] }"#;

    fn asked(registries: &Registries, domain: &str) -> String {
        match registries.of(&DomainName::parse(domain).unwrap()) {
            Some(Registry::Rdap(base)) => base.to_string(),
            Some(Registry::Whois(server)) => server.to_string(),
            None => "nobody".to_owned(),
        }
    }

    #[test]
    fn zones_have_rdap_where_iana_says_so_and_whois_where_not() {
        let registries = Rulebook::shipped().unwrap().registries;
        for (domain, expected) in [
            ("example.com", "https://rdap.verisign.com/com/v1/"),
            ("example.cn", "whois.cnnic.cn"),
            ("example.com.cn", "whois.cnnic.cn"),
            ("例子.中国", "whois.cnnic.cn"),
            ("例子.公司", "https://restwhois.ngtld.cn/"),
            ("example.top", "https://rdap.zdnsgtld.com/top/"),
            ("example.zz", "nobody"),
        ] {
            assert_eq!(asked(&registries, domain), expected, "{domain}");
        }
    }

    #[test]
    fn the_longest_zone_and_https_count() {
        let rdap = r#"{ "services": [
            [["com"], ["http://plain.example.net/", "https://rdap.example.net/"]],
            [["uk.com"], ["https://uk.example.net/a/"]],
            [["net"], ["http://plain.example.net/"]] ] }"#;
        let registries = Registries::read(rdap, NO_WHOIS).unwrap();
        assert_eq!(asked(&registries, "a.com"), "https://rdap.example.net/");
        assert_eq!(asked(&registries, "a.uk.com"), "https://uk.example.net/a/");
        assert_eq!(asked(&registries, "a.net"), "nobody");
    }

    #[test]
    fn a_bad_entry_is_refused_with_its_path() {
        let rdap = |zone: &str, url: &str| {
            let text = format!(r#"{{ "services": [[["{zone}"], ["{url}"]]] }}"#);
            Registries::read(&text, NO_WHOIS).unwrap_err().path
        };
        for url in [
            "https://rdap.example.net/a",
            "https://user@rdap.example.net/",
            "https://192.0.2.1/",
            "https://rdap.example.net/?a",
            "ftp://rdap.example.net/",
            "rdap",
        ] {
            assert_eq!(rdap("com", url), "/services/0/1/0", "{url}");
        }
        assert_eq!(rdap(".com", "https://rdap.example.net/"), "/services/0/0/0");
        assert_eq!(rdap("COM", "https://rdap.example.net/"), "/services/0/0/0");
        let whois = |row: &str| {
            let text = format!(
                r#"{{ "sources": {{ "s": {{ "title": "t" }} }}, "servers": [
                    {{ "zone": "cn", "server": "whois.cnnic.cn", "source": "s" }}, {row} ] }}"#
            );
            Registries::read(NO_RDAP, &text).unwrap_err().path
        };
        assert_eq!(
            whois(r#"{ "zone": "cn", "server": "whois.cnnic.cn", "source": "s" }"#),
            "/servers/1/zone"
        );
        assert_eq!(
            whois(r#"{ "zone": "hk", "server": "192.0.2.1", "source": "s" }"#),
            "/servers/1/server"
        );
        assert_eq!(
            whois(r#"{ "zone": "hk", "server": "whois.hkirc.hk", "source": "x" }"#),
            "/servers/1/source"
        );
    }
}
