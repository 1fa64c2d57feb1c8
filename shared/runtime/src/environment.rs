//! The function's configuration: environment variables, read once at start.

use std::collections::BTreeMap;

use icp_domain::rulebook::RulebookFault;

/// The variables that `template.yaml` sets.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

/// Why a function does not start. It says which value, where, and what it may be.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A variable is not set.
    #[error("environment variable {name} is not set; it must be {wanted}")]
    Missing {
        /// The variable.
        name: &'static str,
        /// What it may be.
        wanted: &'static str,
    },
    /// A variable has a value that it may not have.
    #[error("environment variable {name} is {value:?}; it must be {wanted}")]
    Wrong {
        /// The variable.
        name: &'static str,
        /// What it is.
        value: String,
        /// What it may be.
        wanted: String,
    },
    /// The configuration's folder cannot be read.
    #[error("{path}, of the folder that ICP_CONFIG_DIR names, cannot be read")]
    Unreadable {
        /// The file or folder.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The configuration does not hold.
    #[error("the configuration does not hold")]
    Rulebook(#[from] RulebookFault),
    /// A variable has a value that a part of the function does not take.
    #[error("environment variable {name} does not hold")]
    Unusable {
        /// The variable.
        name: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A part of the function could not be set up.
    #[error("{0}")]
    Part(String),
}

impl Environment {
    /// The process's own variables.
    pub fn of_process() -> Self {
        Self(std::env::vars().collect())
    }

    /// Given variables: those of the local deployment.
    pub fn of(variables: BTreeMap<String, String>) -> Self {
        Self(variables)
    }

    /// A variable that must be set. `wanted` says what it may be.
    pub fn required(&self, name: &'static str, wanted: &'static str) -> Result<&str, StartError> {
        self.optional(name)
            .ok_or(StartError::Missing { name, wanted })
    }

    /// A variable that may be absent; an empty one counts as absent.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_value_is_named_with_what_it_may_be() {
        let none = Environment::default();
        let error = none.required("ICP_TABLE", "the table's name").unwrap_err();
        assert_eq!(
            error.to_string(),
            "environment variable ICP_TABLE is not set; it must be the table's name"
        );
        let empty = Environment::of(BTreeMap::from([("ICP_TABLE".to_owned(), String::new())]));
        assert!(empty.required("ICP_TABLE", "the table's name").is_err());
    }
}
