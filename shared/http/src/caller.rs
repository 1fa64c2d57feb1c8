//! Who asks: the claims of the token that the gateway's authorizer accepted.

use axum::extract::{FromRequestParts, MatchedPath};
use http::request::Parts;
use icp_domain::Text;
use icp_domain::account::Role;
use icp_domain::ids::{AccountId, UserId};

use crate::arrival::Arrival;
use crate::rights::callers;
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

impl Origin {
    /// The network that calls are counted by: an address of version 4, or the /64 of one of version 6, which is
    /// one subscriber.
    pub fn network(&self) -> String {
        match self.0.parse::<std::net::Ipv6Addr>() {
            Ok(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
            Err(_) => self.0.clone(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Filer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let claims = Claims::allowed(parts)?;
        Ok(Self {
            account: claims.account.ok_or_else(refused)?,
            user: claims.user,
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let claims = Claims::allowed(parts)?;
        Ok(Self {
            user: claims.user,
            role: claims.role,
        })
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
    /// The claims of a caller who may call this route.
    fn allowed(parts: &Parts) -> Result<Self, Problem> {
        let claims = Self::of(parts)?;
        let path = parts.extensions.get::<MatchedPath>();
        let callers = path.and_then(|path| callers(&parts.method, path.as_str()));
        match callers {
            Some(callers) if callers.include(claims.role) => Ok(claims),
            Some(_) | None => Err(refused()),
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_subscriber_are_one_network() {
        let network = |address: &str| Origin(address.to_owned()).network();
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
        assert_eq!(network("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2::9"), "2001:db8:1:2::/64");
        assert_ne!(network("2001:db8:1:3::9"), network("2001:db8:1:2::9"));
    }
}
