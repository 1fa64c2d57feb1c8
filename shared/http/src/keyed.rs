//! Requests that may come again, and versions that must still hold.

use axum::extract::FromRequestParts;
use http::header::IF_MATCH;
use http::request::Parts;
use icp_domain::Text;
use icp_domain::command::CommandId;
use icp_domain::ids::UserId;
use icp_store::{Answer, Repeat};
use sha2::{Digest, Sha256};

use crate::arrival::Arrival;
use crate::caller::Claims;
use crate::{Problem, ProblemKind};

/// The header that names a request.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Longest key in characters.
const LONGEST_KEY: usize = 255;

/// A request with its `Idempotency-Key`: known by caller, path and key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyed {
    command: CommandId,
    body_hash: String,
}

impl Keyed {
    /// The repeat of a use case whose result `render` shows.
    pub fn rendered_by<T>(self, render: fn(&T) -> Answer) -> Repeat<T> {
        Repeat {
            command: self.command,
            body_hash: self.body_hash,
            render,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Keyed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let claims = Claims::of(parts)?;
        let open = OpenKeyed::of(parts)?;
        let command =
            CommandId::of_request(claims.account.as_ref(), &claims.user, &open.path, &open.key);
        Ok(Self {
            command,
            body_hash: open.body_hash,
        })
    }
}

/// A request with its `Idempotency-Key` whose caller has no token: known by what it holds in hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenKeyed {
    path: String,
    key: String,
    body_hash: String,
}

impl OpenKeyed {
    /// The repeat of a use case whose result `render` shows, asked for by whoever holds `held`.
    pub fn rendered_by<T>(self, held: &[&str], render: fn(&T) -> Answer) -> Repeat<T> {
        let caller = UserId::derived("held", held);
        Repeat {
            command: CommandId::of_request(None, &caller, &self.path, &self.key),
            body_hash: self.body_hash,
            render,
        }
    }

    fn of(parts: &Parts) -> Result<Self, Problem> {
        let header = parts
            .headers
            .get(IDEMPOTENCY_KEY)
            .and_then(|key| key.to_str().ok());
        let plain = |key: &&str| {
            !key.is_empty()
                && key.len() <= LONGEST_KEY
                && key.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let key = header.filter(plain).ok_or_else(|| {
            let detail = Text::new(
                "请在Idempotency-Key中提供1至255个可见ASCII字符",
                "give 1 to 255 visible ASCII characters in Idempotency-Key",
            );
            Problem::client(ProblemKind::KeyMalformed, detail)
        })?;
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let body = &Arrival::of(&parts.extensions)?.body;
        Ok(Self {
            path: path.to_owned(),
            key: key.to_owned(),
            body_hash: hex::encode(Sha256::digest(body)),
        })
    }
}

impl<S: Sync> FromRequestParts<S> for OpenKeyed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Self::of(parts)
    }
}

/// The version that the caller saw, from `If-Match: "7"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub u64);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Some(header) = parts.headers.get(IF_MATCH) else {
            let detail = Text::new(
                "请在If-Match中提供读取时得到的ETag",
                "give the ETag that you read in If-Match",
            );
            return Err(Problem::client(ProblemKind::PreconditionMissing, detail));
        };
        let version = header.to_str().ok().and_then(strong);
        version.map(Self).ok_or_else(|| {
            let detail = Text::new("If-Match须为一个强ETag", "If-Match must be one strong ETag");
            Problem::client(ProblemKind::MalformedRequest, detail)
        })
    }
}

/// The version in an `ETag` as this service writes them: no weak one, no list, no `*`, no zeros
/// ahead.
fn strong(etag: &str) -> Option<u64> {
    let digits = etag.trim().strip_prefix('"')?.strip_suffix('"')?;
    let version: u64 = digits.parse().ok()?;
    (version.to_string() == digits).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_strong_etag_of_ours_is_a_version() {
        assert_eq!(strong("\"7\""), Some(7));
        assert_eq!(strong(" \"0\" "), Some(0));
        for bad in [
            "7",
            "*",
            "W/\"7\"",
            "\"\"",
            "\"",
            "\"a\"",
            "\"+7\"",
            "\"07\"",
            "\"-1\"",
            "\"7\", \"8\"",
            "\"18446744073709551616\"",
        ] {
            assert_eq!(strong(bad), None, "{bad}");
        }
    }
}
