//! The deployment's clock, which can be moved.
//!
//! **Invariant:** this is the only file of the crate that reads the system's time.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

use crate::sync::locked;

/// A clock that stands still until moved (tests), or runs with the system's ahead or behind.
#[derive(Debug, Clone)]
pub struct LocalClock(Arc<Mutex<Setting>>);

#[derive(Debug, Clone, Copy)]
enum Setting {
    Standing(Timestamp),
    Running { ahead: SignedDuration },
}

impl LocalClock {
    /// Stands at `now`.
    pub fn standing(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(Setting::Standing(now))))
    }

    /// Runs with the system's clock, `ahead` of it.
    pub fn running(ahead: SignedDuration) -> Self {
        Self(Arc::new(Mutex::new(Setting::Running { ahead })))
    }

    /// The instant.
    pub fn now(&self) -> Timestamp {
        match *locked(&self.0) {
            Setting::Standing(now) => now,
            Setting::Running { ahead } => {
                system_now().saturating_add(ahead).unwrap_or(Timestamp::MAX)
            }
        }
    }

    /// Moves by `by`.
    pub fn advance(&self, by: SignedDuration) {
        let mut setting = locked(&self.0);
        *setting = match *setting {
            Setting::Standing(now) => {
                Setting::Standing(now.saturating_add(by).unwrap_or(Timestamp::MAX))
            }
            Setting::Running { ahead } => Setting::Running {
                ahead: ahead.saturating_add(by),
            },
        };
    }

    /// Moves to `now`.
    pub fn set(&self, now: Timestamp) {
        let mut setting = locked(&self.0);
        *setting = match *setting {
            Setting::Standing(_) => Setting::Standing(now),
            Setting::Running { .. } => Setting::Running {
                ahead: now.duration_since(system_now()),
            },
        };
    }

    /// How far ahead of the system's clock, where it runs: what a restart must keep.
    pub(crate) fn ahead(&self) -> Option<SignedDuration> {
        match *locked(&self.0) {
            Setting::Standing(_) => None,
            Setting::Running { ahead } => Some(ahead),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the local clock is read"
)]
fn system_now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_standing_clock_moves_only_when_told() {
        let clock = LocalClock::standing(at("2026-03-02T02:00:00Z"));
        assert_eq!(clock.now(), at("2026-03-02T02:00:00Z"));
        clock.clone().advance(SignedDuration::from_hours(24));
        assert_eq!(
            clock.now(),
            at("2026-03-03T02:00:00Z"),
            "copies are one clock"
        );
        clock.set(at("2026-01-01T00:00:00Z"));
        assert_eq!(clock.now(), at("2026-01-01T00:00:00Z"));
        assert_eq!(clock.ahead(), None);
    }

    #[test]
    fn a_running_clock_keeps_how_far_ahead_it_is() {
        let clock = LocalClock::running(SignedDuration::from_hours(1));
        clock.advance(SignedDuration::from_hours(2));
        assert_eq!(clock.ahead(), Some(SignedDuration::from_hours(3)));
        clock.set(at("2030-01-01T00:00:00Z"));
        assert!(at("2030-01-01T00:00:00Z") <= clock.now());
        assert!(clock.now() < at("2030-01-01T01:00:00Z"));
    }
}
