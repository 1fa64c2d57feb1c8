//! Where a function's [`Invocation`]s come from.

use std::fmt;
use std::sync::Arc;

use icp_domain::Invocation;
use jiff::Timestamp;

/// Makes the invocation of each request, record or tick.
///
/// A deployed binary has [`Clock::system`]; only the local deployment moves one.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Invocation + Send + Sync>);

impl Clock {
    /// The system's time and chance.
    pub fn system() -> Self {
        Self(Arc::new(|| Invocation::new(system_now(), system_seed())))
    }

    /// A clock that the local deployment moves; chance stays the system's.
    pub fn moved(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(move || Invocation::new(now(), system_seed())))
    }

    /// The invocation of what is handled now.
    pub fn invocation(&self) -> Invocation {
        (self.0)()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where a deployed function learns the time"
)]
fn system_now() -> Timestamp {
    Timestamp::now()
}

fn system_seed() -> [u8; 32] {
    let mut seed = [0; 32];
    // Linux answers this call once it has booted; without it no key may be made, so the process ends.
    if getrandom::fill(&mut seed).is_err() {
        std::process::abort();
    }
    seed
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
