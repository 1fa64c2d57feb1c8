//! Chance of the emulated services: keys and nonces.
//!
//! **Invariant:** a place that outlives the process draws from the system, because a stream that
//! starts again would repeat nonces under a key that was kept.

use std::sync::Mutex;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use ring::rand::{SecureRandom, SystemRandom};

use crate::error::LocalError;
use crate::sync::locked;

/// Where the emulated services draw from.
pub(crate) struct Chance(Mutex<ChaCha20Rng>);

impl Chance {
    /// Seeded by the system.
    pub(crate) fn system() -> Result<Self, LocalError> {
        let mut seed = [0; 32];
        SystemRandom::new()
            .fill(&mut seed)
            .map_err(|_| LocalError::Chance)?;
        Ok(Self(Mutex::new(ChaCha20Rng::from_seed(seed))))
    }

    /// The same each time: for tests in memory.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(Mutex::new(ChaCha20Rng::seed_from_u64(seed)))
    }

    /// Fills `bytes`.
    pub(crate) fn fill(&self, bytes: &mut [u8]) {
        locked(&self.0).fill_bytes(bytes);
    }
}
