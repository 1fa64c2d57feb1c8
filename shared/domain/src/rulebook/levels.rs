//! How far a finding may go, and who lets it.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::schema::text_schema;

/// How far a rule's finding may go. Each level contains the one before it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The rule is not judged.
    Off,
    /// Counted and shown to staff; no case.
    Observe,
    /// A case and its notices, without a stop.
    Notify,
    /// All: at the end of the period access is stopped.
    Enforce,
}

impl Level {
    /// Every level, lowest first.
    pub const ALL: [Self; 4] = [Self::Off, Self::Observe, Self::Notify, Self::Enforce];

    /// Its name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Observe => "observe",
            Self::Notify => "notify",
            Self::Enforce => "enforce",
        }
    }
}

/// Who releases the stop of a condemned finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BrakeMode {
    /// Staff, one by one or by rule after a preview.
    Manual,
    /// The rule itself, where its precision has been good for long enough.
    Automatic,
    /// Nobody: all but the stop's commit is done, and would-be stops are listed.
    DryRun,
    /// Nobody: nothing is stopped but by a bureau's order.
    Off,
}

impl BrakeMode {
    /// Every mode.
    pub const ALL: [Self; 4] = [Self::Manual, Self::Automatic, Self::DryRun, Self::Off];
}

/// For whom a level is set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    /// Everybody for whom nothing nearer is set.
    Everybody,
    /// Units that a base brought (导入).
    Imported,
    /// Units of an account group (账号分组): the label that their base gave them.
    Label(String),
}

text_schema!(Scope);

/// Not a scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a scope: everybody, imported, or label: and a label of at most 64 characters")]
pub struct NotAScope;

/// What stands before a label.
const LABEL: &str = "label:";

/// Longest label in characters. Source: chosen here: it stands in keys and lists.
const LONGEST_LABEL: usize = 64;

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everybody => f.write_str("everybody"),
            Self::Imported => f.write_str("imported"),
            Self::Label(label) => write!(f, "{LABEL}{label}"),
        }
    }
}

impl TryFrom<String> for Scope {
    type Error = NotAScope;

    fn try_from(text: String) -> Result<Self, NotAScope> {
        match text.as_str() {
            "everybody" => Ok(Self::Everybody),
            "imported" => Ok(Self::Imported),
            other => {
                let label = other.strip_prefix(LABEL).map(str::trim);
                label
                    .filter(|label| !label.is_empty() && label.chars().count() <= LONGEST_LABEL)
                    .map(|label| Self::Label(label.to_owned()))
                    .ok_or(NotAScope)
            }
        }
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_reads_as_it_is_written() {
        for text in ["everybody", "imported", "label:大客户"] {
            let scope = Scope::try_from(text.to_owned()).unwrap();
            assert_eq!(scope.to_string(), text);
        }
        for bad in [
            "",
            "label:",
            "label: ",
            "vip",
            &format!("label:{}", "长".repeat(65)),
        ] {
            assert_eq!(Scope::try_from(bad.to_owned()), Err(NotAScope), "{bad}");
        }
    }
}
