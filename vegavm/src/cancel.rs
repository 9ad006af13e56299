//! [`Cancel`], the handle by which a run is ended from outside, and the watch that looks at it and at the clock.
//!
//! A watch looks once before the first instruction and then every 4,096 steps, in machine code every 131,072, which is well below a
//! millisecond on every engine. At each call of a host function it looks at the handle, for nobody knows how long the last one took, and at
//! the clock [as often](Clock::pass_host_call) as they last. The clock is read only where a run has a limit of time. Of a call that a host makes it begins to run at the first call back, or at the
//! second look: most are over before that. What the watch finds ends the run in the same way as a limit does: between two blocks or
//! before an instruction does anything, with nothing charged for what is not done.

use crate::clock::Clock;
use crate::limits::{LimitReached, Limits};
use alloc::sync::Arc;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};

/// The most steps between two looks.
const PERIOD: u64 = 4096;

/// Ends runs from another thread or a signal handler. Clones are one handle.
///
/// It stays cancelled until it is [reset](Cancel::reset), so a run that begins just afterwards ends at once as well.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A handle that ends nothing yet.
    pub fn new() -> Cancel {
        Cancel::default()
    }

    /// Ends the runs that have this handle.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Lets runs begin again.
    pub fn reset(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Is a handle that nobody else has, and that ends nothing yet.
    pub(crate) fn renew(&mut self) {
        match Arc::get_mut(&mut self.0) {
            Some(flag) => *flag.get_mut() = false,
            None => *self = Cancel::new(),
        }
    }

    /// Whether runs with this handle end.
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A flag that somebody else sets: a signal handler, say.
impl From<Arc<AtomicBool>> for Cancel {
    fn from(flag: Arc<AtomicBool>) -> Cancel {
        Cancel(flag)
    }
}

/// Why a run must not go on, though no instruction is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Halt {
    /// A limit was reached.
    Limit(LimitReached),
    /// Its handle was cancelled.
    Cancelled,
}

impl From<LimitReached> for Halt {
    fn from(limit: LimitReached) -> Halt {
        Halt::Limit(limit)
    }
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Halt::Limit(limit) => limit.fmt(f),
            Halt::Cancelled => f.write_str("the run was cancelled"),
        }
    }
}

/// Looks at a handle and at the clock, every so many steps.
#[derive(Debug, Clone)]
pub(crate) struct Watch {
    /// `None` once it was given back.
    cancel: Option<Cancel>,
    clock: Clock,
    /// Steps until the next look.
    left: u64,
}

impl Watch {
    /// The clock stands.
    pub(crate) fn new(cancel: Cancel, limits: &Limits) -> Watch {
        Watch { cancel: Some(cancel), clock: Clock::new(limits), left: 0 }
    }

    /// Gives the handle back; from now on nobody ends the run by it.
    pub(crate) fn give_cancel(&mut self) -> Option<Cancel> {
        self.cancel.take()
    }

    /// The clock runs from now on, or stands; where there is no limit of time there is no clock.
    pub(crate) fn run_clock(&mut self, runs: bool) {
        self.clock.run(runs);
    }

    /// The clock begins to run when it is looked at next, or a host function is called: most calls are over before that.
    pub(crate) fn start_clock_late(&mut self) {
        self.clock.run_late();
    }

    /// Steps are about to be taken; says if they must not be.
    pub(crate) fn pass(&mut self, steps: u64) -> Result<(), Halt> {
        match self.left.checked_sub(steps) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = PERIOD;
                self.look()
            }
        }
    }

    /// A host function is about to be called; says if it must not be.
    #[inline]
    pub(crate) fn pass_host_call(&mut self) -> Result<(), Halt> {
        if self.is_cancelled() {
            return Err(Halt::Cancelled);
        }
        Ok(self.clock.pass_host_call()?)
    }

    /// Whether the handle was cancelled.
    #[inline]
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancel.as_ref().is_some_and(Cancel::is_cancelled)
    }

    /// Somebody has just looked.
    pub(crate) fn has_looked(&mut self) {
        self.left = PERIOD;
    }

    /// Looks at the clock, and not whether the run was cancelled: for that all engines look after as many steps.
    pub(crate) fn look_at_clock(&self) -> Result<(), Halt> {
        Ok(self.clock.look()?)
    }

    /// Looks now.
    pub(crate) fn look(&self) -> Result<(), Halt> {
        if self.is_cancelled() {
            return Err(Halt::Cancelled);
        }
        Ok(self.clock.look()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_looks_at_once_and_then_every_period() {
        let cancel = Cancel::new();
        let mut watch = Watch::new(cancel.clone(), &Limits::trusted());
        assert_eq!(watch.pass(1), Ok(()));
        cancel.cancel();
        assert_eq!(watch.pass(PERIOD), Ok(()), "it has just looked");
        assert_eq!(watch.pass(1), Err(Halt::Cancelled));
        cancel.reset();
        assert_eq!(watch.pass(PERIOD + 1), Ok(()));
    }
}
