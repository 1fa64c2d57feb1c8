//! E-mail addresses.

use serde::{Deserialize, Serialize};

use super::domain_name::DomainName;
use super::fault::IdentifierFault;
use super::personal_identifier;
use super::typed::trimmed;

/// An e-mail address: an ASCII local part as typed, a domain in lower-case ASCII. Personal.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

personal_identifier!(EmailAddress);

/// Source: RFC 5321, 4.5.3.1.1.
const LONGEST_LOCAL_PART: usize = 64;

impl EmailAddress {
    /// Reads an address as people type it. Quoted local parts are refused: no mail provider of the
    /// field gives them out, and they carry anything into a mail header.
    pub fn parse(text: &str) -> Result<Self, IdentifierFault> {
        let typed = trimmed(text);
        let (local, domain) = typed
            .rsplit_once('@')
            .ok_or(IdentifierFault::EmailAddressForm)?;
        let atoms_hold = local
            .split('.')
            .all(|atom| !atom.is_empty() && atom.chars().all(is_atom_character));
        if local.len() > LONGEST_LOCAL_PART || !atoms_hold {
            return Err(IdentifierFault::EmailAddressForm);
        }
        let domain = DomainName::parse(domain).map_err(|_| IdentifierFault::EmailAddressForm)?;
        Ok(Self(format!("{local}@{domain}")))
    }

    /// As shown to those who need not know: `w***@example.cn`.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or_default();
        format!("{}***@{domain}", local.chars().take(1).collect::<String>())
    }
}

/// Source: RFC 5322, 3.2.3 (atext).
fn is_atom_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_read_as_people_type_it() {
        let address = EmailAddress::parse(" Wang.Wei＠Example.CN ").unwrap();
        assert_eq!(address.reveal(), "Wang.Wei@example.cn");
        assert_eq!(address.masked(), "W***@example.cn");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in [
            "",
            "a",
            "@b.cn",
            "a@",
            "a@b",
            "a b@c.cn",
            ".a@c.cn",
            "a..b@c.cn",
            "a\r\nb@c.cn",
        ] {
            assert_eq!(
                EmailAddress::parse(bad).err(),
                Some(IdentifierFault::EmailAddressForm),
                "{bad}"
            );
        }
    }

    proptest! {
        #[test]
        fn parsing_what_is_shown_gives_the_same(text in "[a-zA-Z0-9.+_-]{1,8}@[a-z0-9.-]{1,12}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert!(EmailAddress::parse(address.reveal()) == Ok(address));
            }
        }
    }
}
