//! Which addresses may be connected to: none of a special purpose.
//!
//! **Invariant:** an address counts as public only if it stands in no row of the tables below, and
//! all addresses of a host must be public before any is used. Forms that carry an IPv4 address
//! inside an IPv6 one (mapped, NAT64, 6to4, Teredo) are refused whole, whatever they carry.

use std::net::IpAddr;

use icp_domain::look::Failure;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// IPv4 ranges that are not looked at.
///
/// Source: IANA IPv4 Special-Purpose Address Registry (RFC 6890 and the RFCs named), and the IANA
/// IPv4 Multicast Address Space Registry.
const SPECIAL_V4: [([u8; 4], u8); 19] = [
    ([0, 0, 0, 0], 8),        // this network, RFC 791
    ([10, 0, 0, 0], 8),       // private use, RFC 1918
    ([100, 64, 0, 0], 10),    // shared address space (CGNAT), RFC 6598; Aliyun's metadata
    ([127, 0, 0, 0], 8),      // loopback, RFC 1122
    ([168, 63, 129, 16], 32), // Azure's host agent and metadata: a public number, not a public host
    ([169, 254, 0, 0], 16),   // link local, RFC 3927; the metadata of AWS and others
    ([172, 16, 0, 0], 12),    // private use, RFC 1918
    ([192, 0, 0, 0], 24),     // IETF protocol assignments, RFC 6890
    ([192, 0, 2, 0], 24),     // documentation, RFC 5737
    ([192, 31, 196, 0], 24),  // AS112, RFC 7535
    ([192, 52, 193, 0], 24),  // AMT, RFC 7450
    ([192, 88, 99, 0], 24),   // 6to4 relays, RFC 7526
    ([192, 168, 0, 0], 16),   // private use, RFC 1918
    ([192, 175, 48, 0], 24),  // AS112, RFC 7534
    ([198, 18, 0, 0], 15),    // benchmarking, RFC 2544
    ([198, 51, 100, 0], 24),  // documentation, RFC 5737
    ([203, 0, 113, 0], 24),   // documentation, RFC 5737
    ([224, 0, 0, 0], 4),      // multicast, RFC 5771
    ([240, 0, 0, 0], 4),      // reserved and limited broadcast, RFC 1112, RFC 8190
];

/// IPv6 outside global unicast is not looked at: `::`, `::1`, mapped (RFC 4291), NAT64
/// `64:ff9b::/96` (RFC 6052) and `64:ff9b:1::/48` (RFC 8215), discard `100::/64` (RFC 6666),
/// segment routing `5f00::/16` (RFC 9602), unique local with its metadata addresses (RFC 4193), link local,
/// site local (RFC 3879) and multicast.
///
/// Source: RFC 4291, 2.4; IANA IPv6 Address Space Registry: only `2000::/3` is given out.
const GLOBAL_UNICAST_V6: ([u16; 8], u8) = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// Ranges within global unicast that are not looked at.
///
/// Source: IANA IPv6 Special-Purpose Address Registry (RFC 6890 and the RFCs named).
const SPECIAL_V6: [([u16; 8], u8); 5] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), // IETF protocol assignments with Teredo, ORCHID, RFC 2928
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), // documentation, RFC 3849
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), // 6to4, RFC 3056
    ([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48), // AS112, RFC 7534
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), // documentation, RFC 9637
];

/// The loopback network that sites of a local deployment stand on.
const LOOPBACK_V4: ([u8; 4], u8) = ([127, 0, 0, 0], 8);

/// How far connections go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// To public addresses, on the ports that the URL means.
    Internet,
    /// To 127.0.0.0/8 alone, with 80, 443 and 43 mapped after every check.
    Loopback {
        /// Stands for 80.
        http_port: u16,
        /// Stands for 443.
        https_port: u16,
        /// Stands for 43, where registries answer WHOIS.
        whois_port: u16,
    },
}

impl Reach {
    /// Whether all the addresses of a host may be connected to.
    pub(crate) fn check(self, addresses: &[IpAddr]) -> Result<(), Failure> {
        match self {
            Self::Internet if addresses.iter().all(is_public) => Ok(()),
            Self::Internet => Err(Failure::Forbidden),
            Self::Loopback { .. } if addresses.iter().all(is_loopback_v4) => Ok(()),
            Self::Loopback { .. } => {
                let fine = |address: &IpAddr| is_public(address) || is_loopback_v4(address);
                // A public site exists, but a local deployment has no way out to it.
                let ways_out = addresses.iter().all(fine);
                Err(if ways_out {
                    Failure::ExitDown
                } else {
                    Failure::Forbidden
                })
            }
        }
    }

    /// The port to connect to for a checked URL's port.
    pub(crate) fn port(self, port: u16) -> u16 {
        match self {
            Self::Loopback { http_port, .. } if port == 80 => http_port,
            Self::Loopback { https_port, .. } if port == 443 => https_port,
            Self::Loopback { whois_port, .. } if port == 43 => whois_port,
            Self::Internet | Self::Loopback { .. } => port,
        }
    }
}

fn is_public(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(_) => !SPECIAL_V4.into_iter().any(|row| v4(row).contains(address)),
        IpAddr::V6(_) => {
            v6(GLOBAL_UNICAST_V6).contains(address)
                && !SPECIAL_V6.into_iter().any(|row| v6(row).contains(address))
        }
    }
}

fn is_loopback_v4(address: &IpAddr) -> bool {
    v4(LOOPBACK_V4).contains(address)
}

fn v4((start, length): ([u8; 4], u8)) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(start.into(), length))
}

fn v6((start, length): ([u16; 8], u8)) -> IpNet {
    IpNet::V6(Ipv6Net::new_assert(start.into(), length))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: Reach = Reach::Loopback {
        http_port: 8080,
        https_port: 8443,
        whois_port: 8043,
    };

    fn check(reach: Reach, addresses: &[&str]) -> Result<(), Failure> {
        let addresses: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
        reach.check(&addresses)
    }

    /// Every block of the IANA IPv4 and IPv6 Special-Purpose Address Registries, also those that
    /// they call globally reachable: no site stands there. Then what other registries and clouds
    /// keep for themselves.
    const REGISTRIES: &[(&str, &str)] = &[
        ("0.0.0.0/8", "this network"),
        ("0.0.0.0/32", "this host on this network"),
        ("10.0.0.0/8", "private use"),
        ("100.64.0.0/10", "shared address space"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link local"),
        ("172.16.0.0/12", "private use"),
        ("192.0.0.0/24", "IETF protocol assignments"),
        ("192.0.0.0/29", "IPv4 service continuity prefix"),
        ("192.0.0.8/32", "IPv4 dummy address"),
        ("192.0.0.9/32", "port control protocol anycast"),
        ("192.0.0.10/32", "TURN anycast"),
        ("192.0.0.170/31", "NAT64/DNS64 discovery"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "AS112"),
        ("192.52.193.0/24", "AMT"),
        ("192.88.99.0/24", "6to4 relay anycast"),
        ("192.88.99.2/32", "6a44 relay anycast"),
        ("192.168.0.0/16", "private use"),
        ("192.175.48.0/24", "AS112"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("240.0.0.0/4", "reserved"),
        ("255.255.255.255/32", "limited broadcast"),
        ("::1/128", "loopback"),
        ("::/128", "unspecified"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "NAT64 of a network's own"),
        ("100::/64", "discard only"),
        ("100:0:0:1::/64", "dummy prefix"),
        ("2001::/23", "IETF protocol assignments"),
        ("2001::/32", "Teredo"),
        ("2001:1::1/128", "port control protocol anycast"),
        ("2001:1::2/128", "TURN anycast"),
        ("2001:1::3/128", "DNS-SD service registration anycast"),
        ("2001:2::/48", "benchmarking"),
        ("2001:3::/32", "AMT"),
        ("2001:4:112::/48", "AS112"),
        ("2001:10::/28", "ORCHID"),
        ("2001:20::/28", "ORCHIDv2"),
        ("2001:30::/28", "drone remote identification"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("2620:4f:8000::/48", "AS112"),
        ("3fff::/20", "documentation"),
        ("5f00::/16", "segment routing"),
        ("fc00::/7", "unique local"),
        ("fe80::/10", "link local"),
        ("224.0.0.0/4", "multicast"),
        ("ff00::/8", "multicast"),
        ("fec0::/10", "site local"),
        ("::/96", "IPv4-compatible"),
        ("4000::/3", "not given out"),
        ("100.100.100.200/32", "metadata of Aliyun"),
        ("168.63.129.16/32", "metadata of Azure"),
        ("169.254.169.254/32", "metadata of AWS and others"),
        ("169.254.0.23/32", "metadata of Tencent Cloud"),
        ("192.0.0.192/32", "metadata of Oracle"),
        ("fd00:ec2::254/128", "metadata of AWS"),
    ];

    #[test]
    fn every_special_block_is_refused_from_its_first_address_to_its_last() {
        for (block, what) in REGISTRIES {
            let block: IpNet = block.parse().unwrap();
            for address in [block.network(), block.broadcast()] {
                assert_eq!(
                    Reach::Internet.check(&[address]),
                    Err(Failure::Forbidden),
                    "{address}, {what}"
                );
            }
        }
    }

    #[test]
    fn an_address_within_an_address_is_refused_whatever_it_is() {
        for address in [
            "::ffff:8.8.8.8",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::8.8.8.8",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::a9fe:a9fe",
            "2001:0:53aa:64c:0:f227:5601:5601",
            "2002:808:808::1",
            "2002:7f00:1::1",
        ] {
            assert_eq!(
                check(Reach::Internet, &[address]),
                Err(Failure::Forbidden),
                "{address}"
            );
        }
    }

    #[test]
    fn public_addresses_pass_up_to_the_edges() {
        for address in [
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "223.255.255.255",
            "168.63.129.17",
            "2400:3200::1",
            "2001:200::1",
            "2606:4700::1",
        ] {
            assert_eq!(check(Reach::Internet, &[address]), Ok(()), "{address}");
        }
    }

    #[test]
    fn one_special_address_among_public_ones_forbids_all() {
        let mixed = ["8.8.8.8", "2400:3200::1", "10.0.0.1"];
        assert_eq!(check(Reach::Internet, &mixed), Err(Failure::Forbidden));
    }

    #[test]
    fn a_local_deployment_reaches_loopback_and_nothing_else() {
        assert_eq!(check(LOOPBACK, &["127.0.0.1", "127.9.9.9"]), Ok(()));
        assert_eq!(check(LOOPBACK, &["8.8.8.8"]), Err(Failure::ExitDown));
        assert_eq!(
            check(LOOPBACK, &["127.0.0.1", "10.0.0.1"]),
            Err(Failure::Forbidden)
        );
        assert_eq!(check(LOOPBACK, &["::1"]), Err(Failure::Forbidden));
        assert_eq!((LOOPBACK.port(80), LOOPBACK.port(443)), (8080, 8443));
        assert_eq!((LOOPBACK.port(43), Reach::Internet.port(43)), (8043, 43));
        assert_eq!(
            (Reach::Internet.port(80), Reach::Internet.port(443)),
            (80, 443)
        );
    }
}
