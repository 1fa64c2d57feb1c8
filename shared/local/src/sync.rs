//! Locks that outlive a panic: a handler that panics in a test must not hide the rest of the test.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The guard, whoever panicked while holding it before.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
