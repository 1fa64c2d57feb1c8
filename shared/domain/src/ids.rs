//! Names of things. Each is its own type, so that a case is never asked for by an order's id.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::command::hashed;
use crate::schema::text_schema;

/// An id that is not of the form this service gives out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id: 1 to 64 of a-z, A-Z, 0-9, '-', '_' and '.'")]
pub struct NotAnId;

/// Longest id in characters: ids stand in keys, URLs and log lines.
const LONGEST_ID: usize = 64;

fn checked(text: &str) -> Result<String, NotAnId> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if text.is_empty() || text.len() > LONGEST_ID || !text.chars().all(allowed) {
        return Err(NotAnId);
    }
    Ok(text.to_owned())
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id of something that follows from `parts`: the same each time.
            pub fn derived(role: &str, parts: &[&str]) -> Self {
                Self(hashed(role, parts))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                checked(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;
            fn try_from(text: String) -> Result<Self, NotAnId> {
                checked(&text).map(Self)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        text_schema!($name);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// An account (账号) of the provider: the filer's customer record, from the token's claim.
    AccountId,
    /// A person at a keyboard: the token's `sub`.
    UserId,
    /// A filing's subject (主体) at this provider; also the id of its filing.
    SubjectId,
    /// A service (互联网信息服务) of a subject: `1`, `2`, … in the order of its filing here.
    ServiceId,
    /// A responsible person (负责人) of a filing.
    PersonId,
    /// A material (材料) of a filing or order.
    MaterialId,
    /// An order (订单).
    OrderId,
    /// An import (导入).
    ImportId,
    /// An export (导出).
    ExportId,
    /// A campaign (专项核查).
    CampaignId,
    /// A void (核查作废): a set of findings that were wrong.
    VoidId,
    /// A case (核查工单).
    CaseId,
    /// A finding (不合格项) within a case.
    FindingId,
    /// A check that somebody asked for: a self-check (自查) or a public check (公开检测).
    CheckId,
    /// One look: a plan carried out from one vantage.
    LookId,
    /// A notice, or one message of it.
    NoticeId,
    /// A vantage: where a look is made from; a name from `vantages.json`.
    VantageId,
}

/// What is audited and noticed: the subject itself, or one of its services with our link to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnitId {
    /// The filing.
    pub subject: SubjectId,
    /// The service, or none for the subject's own unit.
    pub service: Option<ServiceId>,
}

impl UnitId {
    /// The unit of a subject itself.
    pub fn of_subject(subject: SubjectId) -> Self {
        Self {
            subject,
            service: None,
        }
    }

    /// The unit of one service.
    pub fn of_service(subject: SubjectId, service: ServiceId) -> Self {
        Self {
            subject,
            service: Some(service),
        }
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.service {
            None => write!(f, "{}", self.subject),
            Some(service) => write!(f, "{}/{service}", self.subject),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_and_plain() {
        assert!("a1-_.".parse::<CaseId>().is_ok());
        for bad in ["", "a b", "a/b", "a#b", "号", &"x".repeat(65)] {
            assert_eq!(bad.parse::<CaseId>(), Err(NotAnId), "{bad}");
        }
    }
}
