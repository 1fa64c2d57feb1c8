//! Domain names, and where their registration ends.

use std::net::IpAddr;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use psl::{Psl, Type};
use serde::{Deserialize, Serialize};

use super::fault::IdentifierFault;
use super::public_identifier;
use super::typed::trimmed;

/// A domain name of a host in lower-case ASCII (IDNA, UTS 46): at least a registered name, without
/// port and trailing dot.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DomainName(String);

public_identifier!(DomainName);

/// Second levels of .cn that the public suffix list lacks: 政务.cn and 公益.cn.
///
/// Source: China's domain name system (中国互联网络域名体系), as announced by MIIT.
const UNLISTED_SUFFIXES: [&str; 2] = ["xn--zfr164b.cn", "xn--55qw42g.cn"];

impl DomainName {
    /// Reads a name as people type it: any script, any case, a trailing dot.
    pub fn parse(text: &str) -> Result<Self, IdentifierFault> {
        let typed = trimmed(text);
        if typed.parse::<IpAddr>().is_ok() || typed.starts_with('[') {
            return Err(IdentifierFault::DomainNameIsAddress);
        }
        if typed.contains([':', '/', '?', '#', '@']) {
            return Err(IdentifierFault::DomainNameWithMore);
        }
        let name = Uts46::new()
            .to_ascii(
                typed.as_bytes(),
                AsciiDenyList::STD3,
                Hyphens::CheckFirstLast,
                DnsLength::VerifyAllowRootDot,
            )
            .map_err(|_| IdentifierFault::DomainNameForm)?;
        let name = name.strip_suffix('.').unwrap_or(&name);
        let (_, top) = name
            .rsplit_once('.')
            .ok_or(IdentifierFault::DomainNameOneLabel)?;
        if reads_as_number(top) {
            return Err(IdentifierFault::DomainNameIsAddress);
        }
        let name = Self(name.to_owned());
        if name.suffix().len() == name.0.len() {
            return Err(IdentifierFault::DomainNameIsSuffix);
        }
        Ok(name)
    }

    /// The name in its own script, for people.
    pub fn unicode(&self) -> String {
        idna::domain_to_unicode(&self.0).0
    }

    /// The suffix under which names are registered, in ASCII: `com.cn` of `www.example.com.cn`.
    ///
    /// Suffixes of private operators (`github.io`) do not count: what is filed is the name that a
    /// registry gives out.
    pub fn suffix(&self) -> &str {
        if let Some(unlisted) = UNLISTED_SUFFIXES
            .iter()
            .find(|suffix| self.0 == **suffix || self.0.ends_with(&format!(".{suffix}")))
        {
            return unlisted;
        }
        last_labels(&self.0, registry_labels(&self.unicode()))
    }

    /// The registered name that this one stands under.
    #[must_use]
    pub fn registrable(&self) -> Self {
        let labels = self.suffix().split('.').count() + 1;
        Self(last_labels(&self.0, labels).to_owned())
    }

    /// Whether this is a registered name itself and not a host under one.
    pub fn is_registrable(&self) -> bool {
        self.registrable() == *self
    }

    /// Whether this is `other` or a name under it.
    pub fn is_under(&self, other: &Self) -> bool {
        self.0
            .strip_suffix(other.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

/// How many labels of a name (in its own script, as the list is written) are its registry's suffix.
fn registry_labels(unicode: &str) -> usize {
    let mut rest = unicode;
    loop {
        let Some(suffix) = psl::List.suffix(rest.as_bytes()) else {
            return 1;
        };
        let count = suffix.as_bytes().split(|byte| *byte == b'.').count();
        if suffix.typ() != Some(Type::Private) || count == 1 {
            return count;
        }
        // Below a private suffix stands a shorter one: leave its first label out and ask again.
        rest = last_labels(rest, count - 1);
    }
}

/// The last `count` labels of `name`.
fn last_labels(name: &str, count: usize) -> &str {
    let cut = name.rmatch_indices('.').nth(count.saturating_sub(1));
    cut.and_then(|(at, _)| name.get(at + 1..)).unwrap_or(name)
}

/// Whether a URL parser would take a host with this last label for an IPv4 address.
fn reads_as_number(label: &str) -> bool {
    let is_hexadecimal = |rest: &str| rest.chars().all(|c| c.is_ascii_hexdigit());
    label.chars().all(|c| c.is_ascii_digit())
        || label.strip_prefix("0x").is_some_and(is_hexadecimal)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(typed: &str, name: &str, registrable: &str, suffix: &str) {
        let read = DomainName::parse(typed).unwrap();
        assert_eq!(read.as_str(), name, "{typed}");
        assert_eq!(read.registrable().as_str(), registrable, "{typed}");
        assert_eq!(read.suffix(), suffix, "{typed}");
    }

    #[test]
    fn a_name_tells_where_its_registration_ends() {
        check("Example.CN.", "example.cn", "example.cn", "cn");
        check(
            "www.example.com.cn",
            "www.example.com.cn",
            "example.com.cn",
            "com.cn",
        );
        check(
            "ｗｗｗ。例子。中国",
            "www.xn--fsqu00a.xn--fiqs8s",
            "xn--fsqu00a.xn--fiqs8s",
            "xn--fiqs8s",
        );
        check(
            "a.b.例子.公司.cn",
            "a.b.xn--fsqu00a.xn--55qx5d.cn",
            "xn--fsqu00a.xn--55qx5d.cn",
            "xn--55qx5d.cn",
        );
        check(
            "www.某市.政务.cn",
            "www.xn--7st21t.xn--zfr164b.cn",
            "xn--7st21t.xn--zfr164b.cn",
            "xn--zfr164b.cn",
        );
        check(
            "www.某会.公益.cn",
            "www.xn--6oq451d.xn--55qw42g.cn",
            "xn--6oq451d.xn--55qw42g.cn",
            "xn--55qw42g.cn",
        );
    }

    #[test]
    fn a_private_suffix_is_a_registered_name() {
        check("someone.github.io", "someone.github.io", "github.io", "io");
        check("github.io", "github.io", "github.io", "io");
        check(
            "x.ap-southeast-1.compute.amazonaws.com",
            "x.ap-southeast-1.compute.amazonaws.com",
            "amazonaws.com",
            "com",
        );
    }

    #[test]
    fn an_unknown_top_level_is_taken_as_a_suffix() {
        check("a.example.test", "a.example.test", "example.test", "test");
    }

    #[test]
    fn what_is_no_registered_name_is_refused() {
        let fault = |text| DomainName::parse(text).unwrap_err();
        for url in [
            "http://example.cn",
            "example.cn:443",
            "example.cn/a",
            "a@example.cn",
        ] {
            assert_eq!(fault(url), IdentifierFault::DomainNameWithMore, "{url}");
        }
        for address in ["192.0.2.1", "2001:db8::1", "[::1]", "1.2.0x7f", "１.2.3.4"] {
            assert_eq!(
                fault(address),
                IdentifierFault::DomainNameIsAddress,
                "{address}"
            );
        }
        for suffix in ["com.cn", "公司.cn", "政务.cn", "公益.cn"] {
            assert_eq!(
                fault(suffix),
                IdentifierFault::DomainNameIsSuffix,
                "{suffix}"
            );
        }
        assert_eq!(fault("localhost"), IdentifierFault::DomainNameOneLabel);
        let long = format!("{}.cn", "a".repeat(64));
        for bad in ["", ".", "a..cn", "a b.cn", "-a.cn", "a_b.cn", &long] {
            assert_eq!(fault(bad), IdentifierFault::DomainNameForm, "{bad}");
        }
    }

    #[test]
    fn a_host_is_under_its_name_and_not_under_its_ending() {
        let name = |text| DomainName::parse(text).unwrap();
        assert!(name("www.example.cn").is_under(&name("example.cn")));
        assert!(name("example.cn").is_under(&name("example.cn")));
        assert!(!name("notexample.cn").is_under(&name("example.cn")));
    }

    proptest! {
        #[test]
        fn parsing_what_is_shown_gives_the_same(text in "[a-zA-Z0-9例网.-]{1,20}\\.(cn|com\\.cn|政务\\.cn|io)") {
            if let Ok(name) = DomainName::parse(&text) {
                prop_assert_eq!(DomainName::parse(&name.unicode()), Ok(name.clone()));
                prop_assert_eq!(DomainName::parse(name.as_str()), Ok(name.clone()));
                prop_assert!(name.registrable().is_registrable());
            }
        }
    }
}
