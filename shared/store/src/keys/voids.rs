//! Keys of voids.

use icp_domain::ids::VoidId;

use super::key;
use crate::Key;

/// Partition of all voids: few, and each small.
pub const VOIDS: &str = "VOIDS";

/// A void.
pub fn void(void: &VoidId) -> Key {
    key(VOIDS, void.as_str())
}
