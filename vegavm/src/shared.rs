//! [`Shared`]: what several threads use, one after another, for a moment.
//!
//! Without the standard library nobody waits: who was interrupted while he has it cannot give it to the one that interrupts, who
//! does without.

#[cfg(not(feature = "std"))]
use spin::Mutex;
#[cfg(feature = "std")]
use std::sync::{Mutex, PoisonError};

/// What is used by one at a time.
pub(crate) struct Shared<T>(Mutex<T>);

impl<T> Shared<T> {
    pub(crate) const fn new(value: T) -> Shared<T> {
        Shared(Mutex::new(value))
    }

    /// Works with it; `None` if that cannot be now.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        #[cfg(feature = "std")]
        return Some(work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner)));
        #[cfg(not(feature = "std"))]
        self.0.try_lock().map(|mut value| work(&mut value))
    }
}
