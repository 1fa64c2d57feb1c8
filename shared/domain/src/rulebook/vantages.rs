//! Where looks are made from.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
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
    /// The network that questions to the resolver are said to come from. Without one, the resolver
    /// answers for the exit's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_subnet: Option<ClientSubnet>,
    /// The control site: one that is always there, such as the provider's own. Where it is as silent
    /// as a filer's site, the exit is at fault. Without one, silence is never told from the exit's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_site: Option<ControlSite>,
}

/// A network whose view of a name is asked for (EDNS client subnet, RFC 7871).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientSubnet(IpNet);

/// Bits of a client subnet at most. Source: RFC 7871, 11.1: more would tell a household.
const CLIENT_SUBNET_BITS_V4: u8 = 24;
/// The same for IPv6. Source: as above.
const CLIENT_SUBNET_BITS_V6: u8 = 56;

impl ClientSubnet {
    /// The network.
    pub fn network(self) -> IpNet {
        self.0
    }
}

impl TryFrom<String> for ClientSubnet {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let allowed = || {
            format!(
                "a network of at most {CLIENT_SUBNET_BITS_V4} bits, of IPv6 \
                 {CLIENT_SUBNET_BITS_V6}, such as \"192.0.2.0/24\""
            )
        };
        let network: IpNet = text.parse().map_err(|_| allowed())?;
        let most = match network {
            IpNet::V4(_) => CLIENT_SUBNET_BITS_V4,
            IpNet::V6(_) => CLIENT_SUBNET_BITS_V6,
        };
        if network.prefix_len() > most || network.trunc() != network {
            return Err(allowed());
        }
        Ok(Self(network))
    }
}

impl From<ClientSubnet> for String {
    fn from(subnet: ClientSubnet) -> Self {
        subnet.0.to_string()
    }
}

/// The URL of a control site: `http` or `https`, by name, on its own port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ControlSite(Url);

impl ControlSite {
    /// The URL.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl TryFrom<String> for ControlSite {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let is_site = |url: &Url| {
            matches!(url.scheme(), "http" | "https")
                && url.domain().is_some()
                && url.port().is_none()
                && url.username().is_empty()
                && url.password().is_none()
        };
        Url::parse(&text)
            .ok()
            .filter(is_site)
            .map(Self)
            .ok_or("a URL http://NAME/ or https://NAME/, without port and credentials")
    }
}

impl From<ControlSite> for String {
    fn from(site: ControlSite) -> Self {
        site.0.into()
    }
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

    /// The vantage whose turn it is, of those in the mainland that `used` does not name, and whose network none of these
    /// has where there is such a one; any of the mainland's where all were used, and any at all where none is in the
    /// mainland.
    pub fn in_turn(&self, turn: usize, used: &[&VantageId]) -> VantageId {
        let mainland = self.mainland().collect::<Vec<_>>();
        let fresh = mainland
            .iter()
            .copied()
            .filter(|vantage| !used.contains(&&vantage.id));
        let networks: Vec<_> = used
            .iter()
            .filter_map(|id| Some(&self.named(id)?.network))
            .collect();
        let elsewhere = fresh
            .clone()
            .filter(|vantage| !networks.contains(&&vantage.network));
        [
            elsewhere.collect(),
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

    /// Whether a look from one of them and a look from the other tell more than either: both are in the mainland, and
    /// for what exits see, in different networks.
    pub fn are_apart(&self, one: &VantageId, other: &VantageId, exits: bool) -> bool {
        let of = |id| self.named(id).filter(|vantage| vantage.mainland);
        let (Some(one), Some(other)) = (of(one), of(other)) else {
            return false;
        };
        one.id != other.id && (!exits || one.network != other.network)
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

/// Four vantages for tests: `v1` and `north` of one network, `v2` and `south` of another, and `abroad`.
#[cfg(test)]
pub(crate) fn for_tests() -> Vantages {
    let vantage = |id: &str, network: &str, mainland: bool| {
        serde_json::json!({ "id": id, "resolver": "192.0.2.1:53", "exit": "direct", "network": network,
            "carrier": "c", "mainland": mainland })
    };
    let all = [
        vantage("v1", "n1", true),
        vantage("v2", "n2", true),
        vantage("north", "n1", true),
        vantage("south", "n2", true),
        vantage("abroad", "n3", false),
    ];
    Vantages::read(&serde_json::json!({ "vantages": all }).to_string()).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rulebook;

    #[test]
    fn two_vantages_are_apart_in_the_mainland_and_for_pages_in_two_networks() {
        let vantages = for_tests();
        let apart = |one: &str, other: &str, exits| {
            vantages.are_apart(&one.parse().unwrap(), &other.parse().unwrap(), exits)
        };
        for (one, other, names, pages) in [
            ("v1", "v1", false, false),
            ("v1", "north", true, false),
            ("v1", "v2", true, true),
            ("v1", "abroad", false, false),
            ("abroad", "v1", false, false),
            ("v1", "gone", false, false),
        ] {
            assert_eq!(apart(one, other, false), names, "{one} {other}");
            assert_eq!(apart(one, other, true), pages, "{one} {other}");
        }
        let used: VantageId = "v1".parse().unwrap();
        let next = (0..4).map(|turn| vantages.in_turn(turn, &[&used]).to_string());
        assert_eq!(
            next.collect::<BTreeSet<_>>().len(),
            2,
            "those of the other network"
        );
    }

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
    fn a_client_subnet_tells_a_network_and_a_control_site_is_one() {
        let read = |more: &str| {
            let text = format!(
                r#"{{ "id": "b", "resolver": "223.5.5.5:53", "exit": "direct", "network": "n", "carrier": "c", "mainland": true, {more} }}"#
            );
            Vantages::read(&two(&text))
        };
        for more in [
            r#""clientSubnet": "203.0.113.0/24""#,
            r#""clientSubnet": "2001:db8:1:100::/56""#,
            r#""controlSite": "https://www.example.cn/""#,
            r#""controlSite": "http://例子.中国""#,
        ] {
            assert!(read(more).is_ok(), "{more}");
        }
        for more in [
            r#""clientSubnet": "203.0.113.7""#,
            r#""clientSubnet": "203.0.113.0/25""#,
            r#""clientSubnet": "203.0.113.7/24""#,
            r#""clientSubnet": "2001:db8::/57""#,
            r#""controlSite": "www.example.cn""#,
            r#""controlSite": "https://192.0.2.1/""#,
            r#""controlSite": "https://[2001:db8::1]/""#,
            r#""controlSite": "https://www.example.cn:8443/""#,
            r#""controlSite": "https://user@www.example.cn/""#,
            r#""controlSite": "ftp://www.example.cn/""#,
        ] {
            let fault = read(more).unwrap_err();
            let field = more.split('"').nth(1).unwrap();
            assert_eq!(fault.path, format!("/vantages/1/{field}"), "{more}");
        }
        let read =
            read(r#""clientSubnet": "203.0.113.0/24", "controlSite": "http://a.cn""#).unwrap();
        let second = read.iter().nth(1).unwrap();
        let written = serde_json::to_value(second).unwrap();
        assert_eq!(written["clientSubnet"], "203.0.113.0/24");
        assert_eq!(written["controlSite"], "http://a.cn/");
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
