//! Classes of mobile prefixes. A class warns; it never refuses a number.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fault::{self, RulebookFault};
use super::source::Source;
use crate::identifiers::Mobile;

/// The file's name.
pub(crate) const FILE: &str = "mobile-prefixes.json";

/// What a prefix is given out for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrefixClass {
    /// An ordinary subscriber.
    Ordinary,
    /// A virtual operator (虚拟运营商).
    Virtual,
    /// A data card (上网卡).
    DataCard,
    /// The internet of things (物联网卡).
    InternetOfThings,
    /// A satellite telephone.
    Satellite,
}

impl PrefixClass {
    /// Whether the bureaus' and our SMS may not reach numbers of this class.
    pub fn may_not_receive_sms(self) -> bool {
        match self {
            Self::Ordinary => false,
            Self::Virtual | Self::DataCard | Self::InternetOfThings | Self::Satellite => true,
        }
    }
}

/// The table of prefixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefixes {
    classes: BTreeMap<String, PrefixClass>,
    source: Source,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    #[serde(rename = "note")]
    _note: Option<String>,
    source: Source,
    prefixes: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Row {
    prefix: String,
    class: PrefixClass,
}

/// Fewest and most digits of a prefix.
const PREFIX_DIGITS: std::ops::RangeInclusive<usize> = 2..=7;

impl Prefixes {
    /// Reads the file's text.
    pub(crate) fn read(text: &str) -> Result<Self, RulebookFault> {
        let file: File = fault::read(FILE, text)?;
        let mut classes = BTreeMap::new();
        for (at, row) in file.prefixes.into_iter().enumerate() {
            let path = format!("/prefixes/{at}/prefix");
            let is_prefix = row.prefix.starts_with('1')
                && row.prefix.chars().all(|c| c.is_ascii_digit())
                && PREFIX_DIGITS.contains(&row.prefix.len());
            if !is_prefix {
                let allowed = "2 to 7 digits that begin with 1";
                return Err(RulebookFault::at(
                    FILE,
                    path,
                    format!("{:?}", row.prefix),
                    allowed,
                ));
            }
            if classes.insert(row.prefix.clone(), row.class).is_some() {
                return Err(RulebookFault::at(
                    FILE,
                    path,
                    format!("{:?}", row.prefix),
                    "given once",
                ));
            }
        }
        Ok(Self {
            classes,
            source: file.source,
        })
    }

    /// The class of a number, by its longest prefix in the table.
    pub fn class_of(&self, mobile: &Mobile) -> PrefixClass {
        let national = mobile.national();
        PREFIX_DIGITS
            .rev()
            .find_map(|digits| self.classes.get(national.get(..digits)?))
            .copied()
            .unwrap_or(PrefixClass::Ordinary)
    }

    /// The numbering plan that the table was read from, and its day.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Whether SMS may not reach a number.
    pub fn may_not_receive_sms(&self, mobile: &Mobile) -> bool {
        self.class_of(mobile).may_not_receive_sms()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rulebook;

    #[test]
    fn the_longest_prefix_decides() {
        let prefixes = Rulebook::shipped().unwrap().prefixes;
        let class = |number| prefixes.class_of(&Mobile::parse(number).unwrap());
        assert_eq!(class("13800000000"), PrefixClass::Ordinary);
        assert_eq!(class("13490000000"), PrefixClass::Satellite);
        assert_eq!(class("13480000000"), PrefixClass::Ordinary);
        assert_eq!(class("17000000000"), PrefixClass::Virtual);
        assert!(prefixes.may_not_receive_sms(&Mobile::parse("17100000000").unwrap()));
        assert!(!prefixes.may_not_receive_sms(&Mobile::parse("13800000000").unwrap()));
    }

    #[test]
    fn a_bad_prefix_is_refused_with_its_path() {
        let path = |rows: &str| {
            let text = format!(r#"{{ "source": {{ "title": "test" }}, "prefixes": [{rows}] }}"#);
            Prefixes::read(&text).unwrap_err().path
        };
        assert_eq!(
            path(r#"{ "prefix": "28", "class": "virtual" }"#),
            "/prefixes/0/prefix"
        );
        assert_eq!(
            path(r#"{ "prefix": "170", "class": "cheap" }"#),
            "/prefixes/0/class"
        );
        let twice =
            r#"{ "prefix": "170", "class": "virtual" }, { "prefix": "170", "class": "virtual" }"#;
        assert_eq!(path(twice), "/prefixes/1/prefix");
    }
}
