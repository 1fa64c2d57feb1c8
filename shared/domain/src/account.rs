//! Who is asking.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{AccountId, PersonId, UserId};

/// What a caller may do, from the token's `role` claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = StaffRole)]
pub enum Role {
    /// Submits and maintains the filings of one account (备案申请人).
    Filer,
    /// Reviews orders and cases (初审员).
    Reviewer,
    /// Runs campaigns, releases and the brake (运营).
    Operator,
    /// Reads everything, changes nothing (审计).
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Filer, Self::Reviewer, Self::Operator, Self::Auditor];

    /// As the claim says it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Filer => "filer",
            Self::Reviewer => "reviewer",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
        }
    }

    /// The role of a claim's text.
    pub fn from_claim(claim: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == claim)
    }
}

/// Who did something, as history keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Actor {
    /// A person of an account.
    Filer {
        /// The account.
        account: AccountId,
        /// The person's `sub`.
        user: UserId,
    },
    /// One of the provider's staff.
    Staff {
        /// The person's `sub`.
        user: UserId,
        /// In which role.
        role: Role,
    },
    /// A person named in a filing, who proved the number without an account.
    Person {
        /// The person of the filing.
        person: PersonId,
    },
    /// A function of this service, by its own clock.
    Machine {
        /// The function's name.
        function: String,
    },
}
