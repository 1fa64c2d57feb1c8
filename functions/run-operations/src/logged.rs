//! What people do here stands in the log once it is done, and not because it was asked for.

use icp_domain::ids::UserId;

/// Logs what a person did, where it was done.
pub(crate) fn logged<T, E>(done: Result<T, E>, user: &UserId, what: &str) -> Result<T, E> {
    done.inspect(|_| tracing::warn!(user = %user, "{what} by {user}"))
}
