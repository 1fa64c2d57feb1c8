//! What is wrong with a request or a draft, one entry per field and rule.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Text;

/// One broken demand on one field. A refusal names all of them at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Violation {
    /// JSON pointer (RFC 6901) into the request body, for instance `/services/0/domains/1`.
    pub field: String,
    /// Stable code of the demand, kebab-case, for instance `credit-code-check-digit`.
    pub rule: String,
    /// What is demanded, for people.
    pub text: Text,
    /// Where the demand comes from: an instrument and article, or a key of the rulebook's sources.
    pub source: String,
    /// The day on which the source said so; none where the source bears no date.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub as_of: Option<Date>,
}

impl Violation {
    /// A demand that no instrument makes, but this service of what it is sent.
    pub fn ours(field: impl Into<String>, rule: &str, text: Text) -> Self {
        Self {
            field: field.into(),
            rule: rule.to_owned(),
            text,
            source: "本服务规定".to_owned(),
            as_of: None,
        }
    }
}
