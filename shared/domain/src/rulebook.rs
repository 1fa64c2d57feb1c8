//! Policy and the rules of bureaus, read and checked once at start.
//!
//! **Invariant:** a `Rulebook` that exists is valid in every part, so that nothing downstream checks
//! a setting again. The shipped files are compiled in; an operator's file of the same name stands in
//! place of a shipped one (of `policy.json` value by value). Whoever reads the operator's directory
//! does the I/O.

use std::collections::BTreeMap;

pub mod addresses;
pub mod calendar;
pub mod content_words;
mod fault;
mod known;
pub mod levels;
pub mod policy;
pub mod prefixes;
pub mod provider;
pub mod provinces;
pub mod registries;
mod source;
pub mod suffixes;
pub mod vantages;

pub use addresses::Addresses;
pub use calendar::Calendar;
pub use content_words::{ContentWords, WordGroup};
pub use fault::RulebookFault;
pub use known::Known;
pub use levels::{BrakeMode, Level, NotAScope, Scope};
pub use policy::Policy;
pub use prefixes::Prefixes;
pub use provider::Provider;
pub use provinces::{AccessFirst, FieldGroup, Province, Provinces};
pub use registries::{Registries, Registry};
pub use source::Source;
pub use suffixes::Suffixes;
pub use vantages::Vantages;

/// Everything that is policy or a bureau's rule, as one argument.
#[derive(Debug, Clone, PartialEq)]
pub struct Rulebook {
    /// Every number of the service's behaviour.
    pub policy: Policy,
    /// The bureaus' rules, province by province.
    pub provinces: Provinces,
    /// Domain suffixes that can be filed.
    pub suffixes: Suffixes,
    /// Words that make a person look at a page.
    pub content_words: ContentWords,
    /// Working days.
    pub calendar: Calendar,
    /// Mobile prefixes that may not receive SMS.
    pub prefixes: Prefixes,
    /// The provider's own public addresses.
    pub addresses: Addresses,
    /// Where looks are made from.
    pub vantages: Vantages,
    /// Who is asked for the registration of a domain.
    pub registries: Registries,
    /// The provider as people know it.
    pub provider: Provider,
}

/// The names of the files, each with what is shipped.
const SHIPPED: [(&str, &str); 11] = [
    (policy::FILE, include_str!("../../../config/policy.json")),
    (
        provinces::FILE,
        include_str!("../../../config/provinces.json"),
    ),
    (
        suffixes::FILE,
        include_str!("../../../config/suffixes.json"),
    ),
    (
        content_words::FILE,
        include_str!("../../../config/content-words.json"),
    ),
    (
        calendar::FILE,
        include_str!("../../../config/holidays.json"),
    ),
    (
        prefixes::FILE,
        include_str!("../../../config/mobile-prefixes.json"),
    ),
    (
        addresses::FILE,
        include_str!("../../../config/provider-addresses.json"),
    ),
    (
        vantages::FILE,
        include_str!("../../../config/vantages.json"),
    ),
    (
        registries::RDAP_FILE,
        include_str!("../../../config/rdap-dns.json"),
    ),
    (
        registries::WHOIS_FILE,
        include_str!("../../../config/whois-servers.json"),
    ),
    (
        provider::FILE,
        include_str!("../../../config/provider.json"),
    ),
];

impl Rulebook {
    /// What is shipped, without an operator's files.
    pub fn shipped() -> Result<Self, RulebookFault> {
        Self::read(&BTreeMap::new())
    }

    /// What is shipped, with an operator's files (name to text) in place of those of the same name.
    pub fn read(files: &BTreeMap<String, String>) -> Result<Self, RulebookFault> {
        if let Some(name) = files
            .keys()
            .find(|name| SHIPPED.iter().all(|(ours, _)| ours != name))
        {
            return Err(RulebookFault::of_name(name, SHIPPED.map(|(ours, _)| ours)));
        }
        let text = |file: &str| {
            let shipped = SHIPPED
                .iter()
                .find(|(name, _)| *name == file)
                .map(|(_, text)| *text);
            files
                .get(file)
                .map(String::as_str)
                .or(shipped)
                .unwrap_or_default()
        };
        let policy = Policy::read(text(policy::FILE))?;
        let stale_after_days = policy.audits.addresses_stale_after_days;
        Ok(Self {
            policy,
            provinces: Provinces::read(text(provinces::FILE))?,
            suffixes: Suffixes::read(text(suffixes::FILE))?,
            content_words: ContentWords::read(text(content_words::FILE))?,
            calendar: Calendar::read(text(calendar::FILE))?,
            prefixes: Prefixes::read(text(prefixes::FILE))?,
            addresses: Addresses::read(text(addresses::FILE), stale_after_days)?,
            vantages: Vantages::read(text(vantages::FILE))?,
            registries: Registries::read(
                text(registries::RDAP_FILE),
                text(registries::WHOIS_FILE),
            )?,
            provider: Provider::read(text(provider::FILE))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, text: &str) -> Result<Rulebook, RulebookFault> {
        Rulebook::read(&BTreeMap::from([(name.to_owned(), text.to_owned())]))
    }

    #[test]
    fn what_is_shipped_is_valid() {
        let rulebook = Rulebook::shipped().unwrap();
        assert_eq!(rulebook.policy, Policy::default());
    }

    #[test]
    fn an_operators_policy_changes_the_values_it_names_and_no_other() {
        let rulebook = with("policy.json", r#"{ "codes": { "codeLifeMinutes": 15 } }"#).unwrap();
        assert_eq!(rulebook.policy.codes.code_life_minutes, 15);
        let mut expected = Policy::default();
        expected.codes.code_life_minutes = 15;
        assert_eq!(rulebook.policy, expected);
    }

    #[test]
    fn a_file_of_an_unknown_name_is_refused() {
        let fault = with("polisy.json", "{}").unwrap_err();
        assert_eq!(fault.file, "polisy.json");
        assert!(fault.allowed.contains("policy.json"), "{fault}");
    }

    #[test]
    fn a_text_that_is_no_json_is_refused_with_its_place() {
        let fault = with("policy.json", "{ \"codes\": ").unwrap_err();
        assert!(fault.to_string().contains("line 1"), "{fault}");
    }
}
