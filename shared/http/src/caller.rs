//! Who asks: the claims of the token that the gateway's authorizer accepted.

use axum::extract::FromRequestParts;
use http::request::Parts;
use icp_domain::Text;
use icp_domain::account::Role;
use icp_domain::ids::{AccountId, UserId};

use crate::arrival::Arrival;
use crate::{Problem, ProblemKind};

/// A person of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filer {
    /// The account, from the token's claim and never from the path.
    pub account: AccountId,
    /// The token's `sub`.
    pub user: UserId,
}

/// One of the provider's staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// The token's `sub`.
    pub user: UserId,
    /// In which role.
    pub role: Role,
}

/// Where a call comes from, for history: the caller's address as the gateway saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(pub String);

impl Staff {
    /// Refuses every role but `role`.
    pub fn must_be(&self, role: Role) -> Result<(), Problem> {
        if self.role == role {
            Ok(())
        } else {
            Err(refused())
        }
    }

    /// Refuses every role but `role` and the auditor, who reads everything.
    pub fn may_read_as(&self, role: Role) -> Result<(), Problem> {
        if self.role == Role::Auditor {
            Ok(())
        } else {
            self.must_be(role)
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Filer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let claims = Claims::of(parts)?;
        let account = claims.account.ok_or_else(refused)?;
        match claims.role {
            Role::Filer => Ok(Self {
                account,
                user: claims.user,
            }),
            Role::Reviewer | Role::Operator | Role::Auditor => Err(refused()),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let claims = Claims::of(parts)?;
        match claims.role {
            Role::Filer => Err(refused()),
            Role::Reviewer | Role::Operator | Role::Auditor => Ok(Self {
                user: claims.user,
                role: claims.role,
            }),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let context = &Arrival::of(&parts.extensions)?.context;
        let source = context.http.source_ip.clone();
        Ok(Self(source.unwrap_or_else(|| "unknown".to_owned())))
    }
}

/// The claims that this service reads.
pub(crate) struct Claims {
    pub(crate) account: Option<AccountId>,
    pub(crate) user: UserId,
    pub(crate) role: Role,
}

impl Claims {
    pub(crate) fn of(parts: &Parts) -> Result<Self, Problem> {
        let arrival = Arrival::of(&parts.extensions)?;
        let authorizer = arrival.context.authorizer.as_ref();
        let jwt = authorizer.and_then(|authorizer| authorizer.jwt.as_ref());
        let claims = &jwt.ok_or_else(refused)?.claims;
        let role = claims.get(&arrival.settings.role_claim);
        let account = claims.get(&arrival.settings.account_claim);
        let user = claims.get("sub");
        Ok(Self {
            account: account.and_then(|account| account.parse().ok()),
            user: user
                .and_then(|user| user.parse().ok())
                .ok_or_else(refused)?,
            role: role
                .and_then(|role| Role::from_claim(role))
                .ok_or_else(refused)?,
        })
    }
}

fn refused() -> Problem {
    let detail = Text::new(
        "令牌中的角色不能使用此接口",
        "the token's role may not use this route",
    );
    Problem::client(ProblemKind::RoleNotAllowed, detail)
}
