//! Time and chance, which enter once per request, record or tick.

use std::fmt;

use jiff::Timestamp;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// The one argument through which time and chance reach the domain.
pub struct Invocation {
    /// When this request, record or tick is handled.
    pub now: Timestamp,
    rng: ChaCha20Rng,
}

impl Invocation {
    /// An invocation at `now` whose chance is drawn from `seed`.
    pub fn new(now: Timestamp, seed: [u8; 32]) -> Self {
        Self {
            now,
            rng: ChaCha20Rng::from_seed(seed),
        }
    }

    /// An invocation that repeats exactly: for tests and for the local deployment's replays.
    pub fn fixed(now: Timestamp, seed: u64) -> Self {
        Self {
            now,
            rng: ChaCha20Rng::seed_from_u64(seed),
        }
    }

    /// Fills `bytes` by chance: keys and nonces. **Invariant:** ids never come from here; they come
    /// from the command ([`crate::command`]), so that a repeated event names the same things.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        self.rng.fill_bytes(bytes);
    }
}

impl fmt::Debug for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invocation({})", self.now)
    }
}
