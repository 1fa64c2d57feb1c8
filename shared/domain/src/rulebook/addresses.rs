//! The provider's own public addresses, and the front ends that it accepts.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::civil::Date;
use serde::Deserialize;

use super::fault::{self, RulebookFault};

/// The file's name.
pub(crate) const FILE: &str = "provider-addresses.json";

/// Which addresses are the provider's, as of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// The day on which the provider said so.
    pub as_of: Date,
    ranges: Vec<IpNet>,
    front_ends: Vec<IpNet>,
    stale_after_days: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    #[serde(rename = "note")]
    _note: Option<String>,
    as_of: Date,
    ranges: Vec<String>,
    front_ends: Vec<String>,
}

impl Addresses {
    /// Reads the file's text; the policy says when it is stale.
    pub(crate) fn read(text: &str, stale_after_days: u32) -> Result<Self, RulebookFault> {
        let file: File = fault::read(FILE, text)?;
        if file.ranges.is_empty() {
            let allowed = "at least one range, such as \"192.0.2.0/24\"";
            return Err(RulebookFault::at(FILE, "/ranges", "[]", allowed));
        }
        Ok(Self {
            as_of: file.as_of,
            ranges: networks("/ranges", &file.ranges)?,
            front_ends: networks("/frontEnds", &file.front_ends)?,
            stale_after_days,
        })
    }

    /// Whether an address is the provider's.
    pub fn is_ours(&self, address: IpAddr) -> bool {
        contained(&self.ranges, address)
    }

    /// Whether an address is an accepted front end (CDN, anti-DDoS) of others.
    pub fn is_accepted_front_end(&self, address: IpAddr) -> bool {
        contained(&self.front_ends, address)
    }

    /// Whether the list is too old on a day for anybody to be judged by it. One that is dated after
    /// the day cannot be of it, and is as little to be judged by.
    pub fn is_stale(&self, on: Date) -> bool {
        let age = days_between(self.as_of, on);
        !(0..=i64::from(self.stale_after_days)).contains(&age)
    }
}

fn networks(path: &str, texts: &[String]) -> Result<Vec<IpNet>, RulebookFault> {
    let network = |(at, text): (usize, &String)| {
        text.parse::<IpNet>()
            .map(|network| network.trunc())
            .map_err(|_| {
                let allowed = "a range, such as \"192.0.2.0/24\" or \"2001:db8::/32\"";
                RulebookFault::at(FILE, format!("{path}/{at}"), format!("{text:?}"), allowed)
            })
    };
    texts.iter().enumerate().map(network).collect()
}

fn contained(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

fn days_between(from: Date, until: Date) -> i64 {
    from.duration_until(until).as_hours() / 24
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TEXT: &str = r#"{ "asOf": "2026-03-01", "ranges": ["192.0.2.0/24", "2001:db8::/32"], "frontEnds": ["203.0.113.0/24"] }"#;

    #[test]
    fn an_address_is_ours_a_front_end_or_neither() {
        let addresses = Addresses::read(TEXT, 30).unwrap();
        let ours = |text: &str| addresses.is_ours(text.parse().unwrap());
        assert!(ours("192.0.2.200") && ours("2001:db8::1") && ours("::ffff:192.0.2.1"));
        assert!(!ours("192.0.3.1") && !ours("203.0.113.1"));
        assert!(addresses.is_accepted_front_end("203.0.113.1".parse().unwrap()));
        assert!(!addresses.is_accepted_front_end("192.0.2.1".parse().unwrap()));
    }

    #[test]
    fn a_list_is_stale_after_thirty_days_and_not_on_the_thirtieth() {
        let addresses = Addresses::read(TEXT, 30).unwrap();
        assert!(!addresses.is_stale(date(2026, 3, 31)));
        assert!(addresses.is_stale(date(2026, 4, 1)));
        assert!(addresses.is_stale(date(2026, 2, 28)), "not of that day yet");
    }

    #[test]
    fn a_bad_range_is_refused_with_its_path() {
        let fault = |text: String| Addresses::read(&text, 30).unwrap_err();
        let bad = fault(TEXT.replace("2001:db8::/32", "2001:db8::/200"));
        assert_eq!(
            (bad.path.as_str(), bad.value.as_str()),
            ("/ranges/1", "\"2001:db8::/200\"")
        );
        assert_eq!(fault(TEXT.replace("2026-03-01", "today")).path, "/asOf");
        assert_eq!(
            fault(TEXT.replace("frontEnds", "frontends")).path,
            "/frontends"
        );
    }
}
