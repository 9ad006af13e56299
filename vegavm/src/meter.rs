//! What a run uses, counted against its limits. Every refusal leaves the counters as they were.

use crate::cancel::{Cancel, Halt, Watch};
use crate::limits::{LimitKind, LimitReached, Limits};
use crate::outcome::Used;
use alloc::vec::Vec;
#[cfg(vega_machine_code)]
use vega_format::allocator::Strategy;
use vega_format::container::Function;
use vega_format::instruction::{Instruction, walk};

/// Bytes of host memory for which a slot of a frame stands, with the free block that it may leave behind.
const SLOT_BYTES: u64 = 64;
/// More memory than any run can use.
const MOST: u64 = 1 << 60;
/// Bytes of host memory for which one open arena stands.
pub(crate) const ARENA_BYTES: u64 = 128;

/// What a frame of a function counts for in the host's bookkeeping: an entry for each slot that its code puts somewhere.
pub(crate) fn bookkeeping(function: &Function<'_>) -> u64 {
    let put = walk(function.code).map_while(Result::ok).filter_map(|(_, instruction)| match instruction {
        Instruction::VarAlloc { slot, .. }
        | Instruction::StencilAlloc { slot, .. }
        | Instruction::VarPtr { slot, .. } => Some(slot.0),
        _ => None,
    });
    let mut slots: Vec<u16> = put.collect();
    slots.sort_unstable();
    slots.dedup();
    SLOT_BYTES * slots.len() as u64
}

/// The same with every arena that a function's code opens.
#[cfg(vega_machine_code)]
pub(crate) fn bookkeeping_with_arenas(function: &Function<'_>) -> u64 {
    let instructions = walk(function.code).map_while(Result::ok).map(|(_, instruction)| instruction);
    let opens = instructions.filter(|instruction| Strategy::opened_by(instruction).is_some()).count();
    bookkeeping(function) + ARENA_BYTES * opens as u64
}

/// All memory that may be taken.
fn all_of(limits: &Limits) -> i64 {
    limits.memory.min(MOST) as i64
}

/// The most frames there may be.
#[inline]
pub(crate) fn most_frames(limits: &Limits) -> u32 {
    limits.frames.clamp(1, Limits::MOST_FRAMES)
}

/// The most bytes of arenas and frames; `None` where the bookkeeping of so many frames could run out before.
#[cfg(vega_machine_code)]
#[inline]
pub(crate) fn most_memory(limits: &Limits, bookkeeping_of_a_frame: u64) -> Option<u64> {
    let most = bookkeeping_of_a_frame.saturating_mul(most_frames(limits).into());
    (most <= limits.tables).then_some(limits.memory.min(MOST))
}

/// The counters of a run.
#[derive(Debug, Clone)]
pub(crate) struct Meter {
    limits: Limits,
    watch: Watch,
    used: Used,
    /// Bytes of arenas and frames that may still be taken, and how many it were when it was least.
    left: i64,
    least: i64,
    bookkeeping: u64,
}

impl Meter {
    #[inline(always)]
    pub(crate) fn new(limits: &Limits, cancel: Cancel) -> Meter {
        Meter {
            limits: *limits,
            watch: Watch::new(cancel, limits),
            used: Used::default(),
            left: all_of(limits),
            least: all_of(limits),
            bookkeeping: 0,
        }
    }

    /// Gives back the handle by which the run could be ended.
    pub(crate) fn give_cancel(&mut self) -> Option<Cancel> {
        self.watch.give_cancel()
    }

    /// The counters so far.
    pub(crate) fn used(&self) -> Used {
        Used { memory: self.taken(self.least), ..self.used }
    }

    /// The most frames there may be.
    pub(crate) fn most_frames(&self) -> u32 {
        most_frames(&self.limits)
    }

    /// Remembers how many frames there are.
    pub(crate) fn count_frames(&mut self, frames: u32) {
        self.used.frames = self.used.frames.max(frames);
    }

    /// The clock of the limit of time begins to run when a call lasts.
    pub(crate) fn start_clock_late(&mut self) {
        self.watch.start_clock_late();
    }

    /// The clock of the limit of time runs, or stands.
    pub(crate) fn run_clock(&mut self, runs: bool) {
        self.watch.run_clock(runs);
    }

    /// Looks whether the run was cancelled or its time is over.
    pub(crate) fn look(&self) -> Result<(), Halt> {
        self.watch.look()
    }

    /// Looks whether its time is over, after work that takes time and no steps.
    pub(crate) fn look_at_clock(&self) -> Result<(), Halt> {
        self.watch.look_at_clock()
    }

    /// A host function is about to be called: looks from time to time whether the run was cancelled or its time is over.
    pub(crate) fn pass_host_call(&mut self) -> Result<(), Halt> {
        self.watch.pass_host_call()
    }

    /// Charges steps.
    pub(crate) fn charge(&mut self, steps: u64) -> Result<(), Halt> {
        self.watch.pass(steps)?;
        let value = within(LimitKind::Steps, "instructions", self.used.steps, steps, self.limits.steps)?;
        self.used.steps = value;
        Ok(())
    }

    /// Charges the first steps of a call ahead, so many or as many as the limit allows, unless it was cancelled; gives how many.
    #[inline]
    pub(crate) fn pay_first(&mut self, steps: u64) -> u64 {
        if self.watch.is_cancelled() {
            return 0;
        }
        let steps = steps.min(self.limits.steps.unwrap_or(u64::MAX));
        self.prepay(steps);
        steps
    }

    /// Steps were charged ahead when the call began, and it was looked whether it may run.
    pub(crate) fn prepay(&mut self, steps: u64) {
        self.used.steps = steps;
        self.watch.has_looked();
    }

    /// Charges steps ahead, so many or as many as the limit has left; gives how many.
    pub(crate) fn charge_up_to(&mut self, steps: u64) -> Result<u64, Halt> {
        let left = self.limits.steps.unwrap_or(u64::MAX).saturating_sub(self.used.steps);
        let steps = steps.min(left);
        self.charge(steps)?;
        Ok(steps)
    }

    /// Gives steps back that were charged ahead.
    pub(crate) fn give_steps(&mut self, steps: u64) {
        self.used.steps = self.used.steps.saturating_sub(steps);
    }

    /// Charges what bulk work costs beyond the step of its instruction.
    pub(crate) fn charge_bytes(&mut self, bytes: u64) -> Result<(), Halt> {
        self.charge(bytes / 64)
    }

    /// Counts steps that were taken before they were paid for, where steps are not limited.
    #[cfg(vega_machine_code)]
    pub(crate) fn add_steps(&mut self, steps: u64) {
        self.used.steps = self.used.steps.saturating_add(steps);
    }

    /// [`most_memory`] within the limits of the run.
    #[cfg(vega_machine_code)]
    pub(crate) fn most_memory(&self, bookkeeping_of_a_frame: u64) -> Option<u64> {
        most_memory(&self.limits, bookkeeping_of_a_frame)
    }

    /// Bytes that arenas and frames may take.
    #[cfg(vega_machine_code)]
    pub(crate) fn all_memory(&self) -> i64 {
        all_of(&self.limits)
    }

    /// Bytes that arenas and frames may still take.
    #[cfg(vega_machine_code)]
    pub(crate) fn memory_left(&self) -> i64 {
        self.left
    }

    /// Bytes that were left when it was least.
    #[cfg(vega_machine_code)]
    pub(crate) fn memory_least(&self) -> i64 {
        self.least
    }

    /// Gives back what arenas count for in the host's bookkeeping.
    #[cfg(vega_machine_code)]
    pub(crate) fn give_arenas(&mut self, arenas: u16) {
        self.give_bookkeeping(ARENA_BYTES * u64::from(arenas));
    }

    /// So many bytes may still be taken, and so many were left when it was least.
    #[cfg(vega_machine_code)]
    pub(crate) fn set_left(&mut self, left: i64, least: i64) {
        (self.left, self.least) = (left, self.least.min(least));
    }

    /// Takes bytes of arenas and frames.
    pub(crate) fn take_memory(&mut self, bytes: u64) -> Result<(), LimitReached> {
        let maximum = self.limits.memory;
        let refused = LimitReached {
            kind: LimitKind::Memory,
            subject: "arenas and frames",
            value: self.taken(self.left).saturating_add(bytes),
            maximum,
        };
        (bytes <= MOST && self.take(bytes)).then_some(()).ok_or(refused)
    }

    /// The same for at most [`MOST`]; says whether there is so much.
    #[inline(always)]
    pub(crate) fn take(&mut self, bytes: u64) -> bool {
        let left = self.left - bytes as i64;
        if left < 0 {
            return false;
        }
        self.left = left;
        if left < self.least {
            self.least = left;
        }
        true
    }

    /// How much is taken where so much is left.
    fn taken(&self, left: i64) -> u64 {
        (all_of(&self.limits) - left).max(0) as u64
    }

    /// Takes the memory of an arena and what it counts for in the host's bookkeeping; says whether there is so much.
    #[inline(always)]
    pub(crate) fn take_arena(&mut self, bytes: u64) -> bool {
        let bookkeeping = self.bookkeeping + ARENA_BYTES;
        let is_there = bookkeeping <= self.limits.tables && self.take(bytes);
        if is_there {
            self.bookkeeping = bookkeeping;
        }
        is_there
    }

    /// Gives bytes of arenas and frames back.
    #[inline]
    pub(crate) fn give_memory(&mut self, bytes: u64) {
        self.left += bytes as i64;
    }

    /// Takes what a frame counts for, in memory and in the host's bookkeeping.
    pub(crate) fn take_frame(&mut self, bytes: u64, bookkeeping: u64) -> Result<(), LimitReached> {
        self.take_memory(bytes)?;
        self.take_bookkeeping(bookkeeping)
    }

    /// Gives back what a frame counted for.
    #[inline]
    pub(crate) fn give_frame(&mut self, bytes: u64, bookkeeping: u64) {
        self.give_memory(bytes);
        self.give_bookkeeping(bookkeeping);
    }

    /// Takes bytes of the host's bookkeeping.
    pub(crate) fn take_bookkeeping(&mut self, bytes: u64) -> Result<(), LimitReached> {
        let limit = Some(self.limits.tables);
        self.bookkeeping = within(LimitKind::Tables, "slot tables", self.bookkeeping, bytes, limit)?;
        Ok(())
    }

    /// Gives bytes of the host's bookkeeping back.
    #[inline]
    pub(crate) fn give_bookkeeping(&mut self, bytes: u64) {
        self.bookkeeping = self.bookkeeping.saturating_sub(bytes);
    }

    /// Counts bytes of output, with the steps that they cost.
    pub(crate) fn take_output(&mut self, bytes: u64) -> Result<(), Halt> {
        let value = within(LimitKind::Output, "printed texts", self.used.output, bytes, self.limits.output)?;
        self.charge_bytes(bytes)?;
        self.used.output = value;
        Ok(())
    }
}

fn within(
    kind: LimitKind,
    subject: &'static str,
    used: u64,
    more: u64,
    limit: Option<u64>,
) -> Result<u64, LimitReached> {
    let value = used.saturating_add(more);
    let maximum = limit.unwrap_or(u64::MAX);
    if value > maximum || used.checked_add(more).is_none() {
        return Err(LimitReached { kind, subject, value, maximum });
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_leaves_the_counters() {
        let limits = Limits { memory: 16, steps: Some(3), output: Some(2), ..Limits::untrusted() };
        let mut meter = Meter::new(&limits, Cancel::new());
        assert!(meter.charge(3).is_ok() && meter.charge(1).is_err());
        assert!(meter.take_memory(16).is_ok() && meter.take_memory(1).is_err());
        assert!(meter.take_output(2).is_ok() && meter.take_output(1).is_err());
        meter.give_memory(16);
        assert!(meter.take_memory(u64::MAX).is_err());
        assert_eq!(meter.used(), Used { steps: 3, memory: 16, frames: 0, output: 2 });
    }
}
