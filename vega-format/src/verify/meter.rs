//! How much work the passes may do on one function: proportional to n log n, where n is its instructions and slots.
//!
//! Honest code needs a small part of it. Code that is made to be slow to judge reaches the end of it, and is refused.

use super::Fault;
use crate::error::Rule;

/// The units of work that a function may cost for each instruction and slot, times the logarithm of their number.
pub const WORK: u64 = 16;

/// Work done on one function.
#[derive(Debug, Clone)]
pub(super) struct Meter {
    used: u64,
    limit: u64,
}

impl Meter {
    /// For a function of so many instructions and slots.
    pub(super) fn new(size: usize, work: u64) -> Meter {
        let size = size as u64 + 16;
        let logarithm = u64::from(64 - size.leading_zeros());
        Meter { used: 0, limit: work.saturating_mul(size).saturating_mul(logarithm) }
    }

    /// For so many units.
    pub(super) fn of(limit: u64) -> Meter {
        Meter { used: 0, limit }
    }

    /// Whether no more work may be done.
    pub(super) fn is_used_up(&self) -> bool {
        self.used > self.limit
    }

    /// Units used so far.
    pub(super) fn used(&self) -> u64 {
        self.used
    }

    /// Counts work that is about to be done at an instruction.
    #[inline]
    pub(super) fn charge(&mut self, units: u64, offset: u32) -> Result<(), Fault> {
        self.used = self.used.saturating_add(units);
        if self.used > self.limit { Err(self.exceeded(offset)) } else { Ok(()) }
    }

    /// The fault of a function that takes too much work, in time or in memory.
    #[cold]
    pub(super) fn exceeded(&self, offset: u32) -> Fault {
        let (used, limit) = (self.used, self.limit.min(self.used));
        let words = format!("the work to judge this function is over {used} units; the limit is {limit}");
        Fault::new(Rule::Work, offset, "", words)
    }
}
