//! Where a rule was read, and on which day it said so.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::fault::RulebookFault;

/// A page or instrument that says something, as of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Source {
    /// What it is and where it stands.
    pub title: String,
    /// The day on which it said so; `None` where it bears no date.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub as_of: Option<Date>,
}

/// A value with the source that says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub is: T,
    /// Who says so.
    pub source: Source,
}

/// As a file writes a sourced value: the source by its key in the file's `sources`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keyed<T> {
    is: T,
    source: String,
}

impl<T> Keyed<T> {
    pub(crate) fn resolved(
        self,
        sources: &Sources<'_>,
        path: &str,
    ) -> Result<Sourced<T>, RulebookFault> {
        Ok(Sourced {
            is: self.is,
            source: sources.named(&self.source, path)?,
        })
    }
}

/// The sources of one file.
pub(crate) struct Sources<'a> {
    pub(crate) file: &'static str,
    pub(crate) by_key: &'a BTreeMap<String, Source>,
}

impl Sources<'_> {
    /// The source that the value at `path` names.
    pub(crate) fn named(&self, key: &str, path: &str) -> Result<Source, RulebookFault> {
        self.by_key.get(key).cloned().ok_or_else(|| {
            let keys: Vec<_> = self.by_key.keys().map(String::as_str).collect();
            let allowed = format!("a key of /sources: {}", keys.join(", "));
            RulebookFault::at(
                self.file,
                format!("{path}/source"),
                format!("{key:?}"),
                allowed,
            )
        })
    }
}
