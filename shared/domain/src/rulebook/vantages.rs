//! Where looks are made from.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};
use url::Url;

use super::fault::{self, RulebookFault};
use crate::ids::VantageId;

/// The file's name.
pub(crate) const FILE: &str = "vantages.json";

/// How a vantage's connections leave.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exit {
    /// From where the function runs.
    Direct,
    /// Through an HTTP proxy: `http://IP:PORT`, without credentials.
    Proxy(String),
}

/// One place to look from: an exit, a resolver, a carrier, in the mainland or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Vantage {
    /// Its name.
    pub id: VantageId,
    /// The resolver that is asked.
    pub resolver: SocketAddr,
    /// How its connections leave.
    pub exit: Exit,
    /// The network that the exit stands in; exits of one network count as one.
    pub network: String,
    /// Whose network it is, for people.
    pub carrier: String,
    /// Whether what it sees is what the mainland sees.
    pub mainland: bool,
}

/// Every vantage, in the file's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vantages {
    all: Vec<Vantage>,
    first: VantageId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    #[serde(rename = "note")]
    _note: Option<String>,
    vantages: Vec<Vantage>,
}

impl Vantages {
    /// Reads the file's text.
    pub(crate) fn read(text: &str) -> Result<Self, RulebookFault> {
        let file: File = fault::read(FILE, text)?;
        let none = || RulebookFault::at(FILE, "/vantages", "[]", "at least one vantage");
        let first = file.vantages.first().ok_or_else(none)?.id.clone();
        let mut ids = BTreeSet::new();
        for (at, vantage) in file.vantages.iter().enumerate() {
            let path = |field: &str| format!("/vantages/{at}/{field}");
            if !ids.insert(&vantage.id) {
                return Err(RulebookFault::at(
                    FILE,
                    path("id"),
                    &vantage.id,
                    "given once",
                ));
            }
            if let Exit::Proxy(url) = &vantage.exit
                && !is_proxy(url)
            {
                let allowed = "\"direct\" or an HTTP proxy: http://IP:PORT without credentials";
                // The URL may hold a password, so the fault does not repeat it.
                return Err(RulebookFault::at(
                    FILE,
                    path("exit/proxy"),
                    "given",
                    allowed,
                ));
            }
        }
        Ok(Self {
            all: file.vantages,
            first,
        })
    }

    /// Every vantage.
    pub fn iter(&self) -> impl Iterator<Item = &Vantage> {
        self.all.iter()
    }

    /// Those in the mainland, the only ones whose broken looks confirm a finding.
    pub fn mainland(&self) -> impl Iterator<Item = &Vantage> {
        self.all.iter().filter(|vantage| vantage.mainland)
    }

    /// The vantage of a name.
    pub fn named(&self, id: &VantageId) -> Option<&Vantage> {
        self.all.iter().find(|vantage| vantage.id == *id)
    }

    /// The vantage whose turn it is, of those in the mainland that `used` does not name; any of the
    /// mainland's where all were used, and any at all where none is in the mainland.
    pub fn in_turn(&self, turn: usize, used: &[&VantageId]) -> VantageId {
        let mainland = self.mainland().collect::<Vec<_>>();
        let fresh = mainland
            .iter()
            .copied()
            .filter(|vantage| !used.contains(&&vantage.id));
        [
            fresh.collect(),
            mainland.clone(),
            self.iter().collect::<Vec<_>>(),
        ]
        .into_iter()
        .find(|among| !among.is_empty())
        .and_then(|among| {
            among
                .get(turn % among.len())
                .map(|vantage| vantage.id.clone())
        })
        .unwrap_or_else(|| self.first.clone())
    }

    /// Whether an HTTP finding can be confirmed: exits in at least two networks of the mainland.
    pub fn http_confirmable(&self) -> bool {
        let networks: BTreeSet<_> = self.mainland().map(|vantage| &vantage.network).collect();
        networks.len() >= 2
    }
}

fn is_proxy(text: &str) -> bool {
    let by_address = |url: &Url| {
        url.host_str()
            .is_some_and(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok())
    };
    Url::parse(text).is_ok_and(|url| {
        url.scheme() == "http"
            && by_address(&url)
            && url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rulebook;

    fn two(second: &str) -> String {
        let first = r#"{ "id": "a", "resolver": "114.114.114.114:53", "exit": "direct", "network": "n1", "carrier": "c", "mainland": true }"#;
        format!(r#"{{ "vantages": [{first}, {second}] }}"#)
    }

    #[test]
    fn two_exits_of_one_network_do_not_confirm_http() {
        assert!(!Rulebook::shipped().unwrap().vantages.http_confirmable());
        let other = |network: &str, mainland: bool| {
            let text = format!(
                r#"{{ "id": "b", "resolver": "[2001:db8::1]:53", "exit": {{ "proxy": "http://192.0.2.1:3128" }}, "network": "{network}", "carrier": "c", "mainland": {mainland} }}"#
            );
            Vantages::read(&two(&text)).unwrap().http_confirmable()
        };
        assert!(other("n2", true));
        assert!(!other("n1", true));
        assert!(!other("n2", false));
    }

    #[test]
    fn a_bad_vantage_is_refused_with_its_path() {
        let path = |id: &str, resolver: &str, exit: &str| {
            let text = format!(
                r#"{{ "id": "{id}", "resolver": "{resolver}", "exit": {exit}, "network": "n", "carrier": "c", "mainland": true }}"#
            );
            Vantages::read(&two(&text)).unwrap_err().path
        };
        let direct = r#""direct""#;
        assert_eq!(path("a", "223.5.5.5:53", direct), "/vantages/1/id");
        assert_eq!(path("b", "223.5.5.5", direct), "/vantages/1/resolver");
    }

    #[test]
    fn a_proxy_is_named_by_number_and_without_credentials() {
        let read = |proxy: &str| {
            let text = format!(
                r#"{{ "id": "b", "resolver": "223.5.5.5:53", "exit": {{ "proxy": "{proxy}" }}, "network": "n", "carrier": "c", "mainland": true }}"#
            );
            Vantages::read(&two(&text))
        };
        for proxy in [
            "http://192.0.2.1:3128",
            "http://192.0.2.1",
            "http://[2001:db8::1]:8080/",
        ] {
            assert!(read(proxy).is_ok(), "{proxy}");
        }
        for proxy in [
            "https://192.0.2.1:3128",
            "socks5://192.0.2.1:1080",
            "http://proxy.example.cn:3128",
            "http://user@192.0.2.1:3128",
            "http://user:hidden@192.0.2.1:3128",
            "http://192.0.2.1:3128/path",
            "http://192.0.2.1:3128?query",
            "192.0.2.1:3128",
        ] {
            let fault = read(proxy).unwrap_err();
            assert_eq!(fault.path, "/vantages/1/exit/proxy", "{proxy}");
            assert!(!fault.to_string().contains("hidden"), "{fault}");
        }
    }
}
