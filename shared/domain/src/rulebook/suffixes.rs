//! Domain suffixes that can be filed anew (可备案的域名后缀).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::fault::{self, RulebookFault};
use super::source::{Source, Sources};
use crate::Text;
use crate::identifiers::{DomainName, PREFIXES};

/// The file's name.
pub(crate) const FILE: &str = "suffixes.json";

/// Whether a new number can be had for names of a suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SuffixStanding {
    /// On a list of approved registries.
    Listed,
    /// Named as refused.
    Refused,
    /// The sources disagree or are weak.
    Uncertain,
    /// No source says anything.
    Unknown,
}

/// What is known of one suffix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuffixRule {
    /// Whether it can be filed anew.
    pub standing: SuffixStanding,
    /// What to know beside it.
    pub note: Option<Text>,
    /// Who says so.
    pub source: Source,
}

/// The lists of suffixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suffixes {
    rules: BTreeMap<String, SuffixRule>,
    exceptions: Vec<Exception>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Exception {
    province: char,
    suffix: String,
    individuals_only: bool,
    rule: SuffixRule,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    #[serde(rename = "note")]
    _note: Option<String>,
    sources: BTreeMap<String, Source>,
    suffixes: Vec<Row>,
    exceptions: Vec<ExceptionRow>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Row {
    suffix: String,
    is: Stated,
    source: String,
    note: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ExceptionRow {
    province: char,
    suffix: String,
    #[serde(default)]
    individuals_only: bool,
    is: Stated,
    source: String,
    note: Option<Text>,
}

/// What a file may say; silence is the fourth standing.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Stated {
    Listed,
    Refused,
    Uncertain,
}

impl From<Stated> for SuffixStanding {
    fn from(stated: Stated) -> Self {
        match stated {
            Stated::Listed => Self::Listed,
            Stated::Refused => Self::Refused,
            Stated::Uncertain => Self::Uncertain,
        }
    }
}

impl Suffixes {
    /// Reads the file's text.
    pub(crate) fn read(text: &str) -> Result<Self, RulebookFault> {
        let file: File = fault::read(FILE, text)?;
        let sources = Sources {
            file: FILE,
            by_key: &file.sources,
        };
        let mut rules = BTreeMap::new();
        for (at, row) in file.suffixes.into_iter().enumerate() {
            let path = format!("/suffixes/{at}");
            checked_suffix(&row.suffix, &path)?;
            let source = sources.named(&row.source, &path)?;
            let rule = SuffixRule {
                standing: row.is.into(),
                note: row.note,
                source,
            };
            if rules.insert(row.suffix.clone(), rule).is_some() {
                let path = format!("{path}/suffix");
                return Err(RulebookFault::at(
                    FILE,
                    path,
                    format!("{:?}", row.suffix),
                    "given once",
                ));
            }
        }
        let mut exceptions = Vec::new();
        for (at, row) in file.exceptions.into_iter().enumerate() {
            let path = format!("/exceptions/{at}");
            checked_suffix(&row.suffix, &path)?;
            if !PREFIXES.contains(row.province) {
                let allowed = format!("one of {PREFIXES}");
                return Err(RulebookFault::at(
                    FILE,
                    format!("{path}/province"),
                    row.province,
                    allowed,
                ));
            }
            let source = sources.named(&row.source, &path)?;
            exceptions.push(Exception {
                province: row.province,
                suffix: row.suffix,
                individuals_only: row.individuals_only,
                rule: SuffixRule {
                    standing: row.is.into(),
                    note: row.note,
                    source,
                },
            });
        }
        Ok(Self { rules, exceptions })
    }

    /// What is known of a name's suffix in a province (by its prefix; `None` for the whole
    /// country); a province's own rule prevails. `None` where no source says anything.
    pub fn rule_for(
        &self,
        name: &DomainName,
        province: Option<char>,
        individual: bool,
    ) -> Option<&SuffixRule> {
        let suffix = name.suffix();
        self.exceptions
            .iter()
            .find(|exception| {
                Some(exception.province) == province
                    && exception.suffix == suffix
                    && (individual || !exception.individuals_only)
            })
            .map(|exception| &exception.rule)
            .or_else(|| self.rules.get(suffix))
    }

    /// Whether a new number can be had for a name.
    pub fn standing(
        &self,
        name: &DomainName,
        province: Option<char>,
        individual: bool,
    ) -> SuffixStanding {
        self.rule_for(name, province, individual)
            .map_or(SuffixStanding::Unknown, |rule| rule.standing)
    }
}

fn checked_suffix(suffix: &str, path: &str) -> Result<(), RulebookFault> {
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    if suffix.split('.').all(is_label) {
        return Ok(());
    }
    let allowed = "a suffix in lower-case ASCII without a leading dot, such as \"com.cn\"";
    Err(RulebookFault::at(
        FILE,
        format!("{path}/suffix"),
        format!("{suffix:?}"),
        allowed,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rulebook;

    #[test]
    fn a_suffix_is_listed_refused_uncertain_or_unknown() {
        let suffixes = Rulebook::shipped().unwrap().suffixes;
        let standing = |name, province, individual| {
            suffixes.standing(&DomainName::parse(name).unwrap(), province, individual)
        };
        for (name, expected) in [
            ("example.cn", SuffixStanding::Listed),
            ("www.example.com.cn", SuffixStanding::Listed),
            ("例子.政务.cn", SuffixStanding::Listed),
            ("例子.网络", SuffixStanding::Listed),
            ("example.org", SuffixStanding::Refused),
            ("example.dev", SuffixStanding::Refused),
            ("example.pw", SuffixStanding::Uncertain),
            ("example.co.uk", SuffixStanding::Unknown),
            ("someone.github.io", SuffixStanding::Refused),
        ] {
            assert_eq!(standing(name, None, false), expected, "{name}");
        }
        assert_eq!(
            standing("example.co", Some('京'), false),
            SuffixStanding::Uncertain
        );
        assert_eq!(
            standing("example.co", Some('粤'), false),
            SuffixStanding::Listed
        );
        assert_eq!(
            standing("example.tv", Some('沪'), true),
            SuffixStanding::Refused
        );
        assert_eq!(
            standing("example.tv", Some('沪'), false),
            SuffixStanding::Listed
        );
    }

    #[test]
    fn a_bad_row_is_refused_with_its_path() {
        let path = |row: &str| {
            let text = format!(
                r#"{{ "sources": {{ "s": {{ "title": "t" }} }}, "suffixes": [{row}], "exceptions": [] }}"#
            );
            Suffixes::read(&text).unwrap_err().path
        };
        assert_eq!(
            path(r#"{ "suffix": ".cn", "is": "listed", "source": "s" }"#),
            "/suffixes/0/suffix"
        );
        assert_eq!(
            path(r#"{ "suffix": "cn", "is": "maybe", "source": "s" }"#),
            "/suffixes/0/is"
        );
        assert_eq!(
            path(r#"{ "suffix": "cn", "is": "listed", "source": "x" }"#),
            "/suffixes/0/source"
        );
    }
}
