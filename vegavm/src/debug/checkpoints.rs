//! Copies of a machine along its run, few enough and close enough to go back quickly: when there are too many, or they
//! take too much memory, every second one is dropped and the distance doubles.

use super::tape::TapePosition;
use crate::reference::Machine;

const MOST: usize = 32;
const MOST_BYTES: usize = 256 << 20;
const FIRST_DISTANCE: u64 = 1_024;

/// A machine as it was after so many instructions.
pub(super) struct Checkpoint<'p> {
    pub(super) executed: u64,
    pub(super) machine: Machine<'p>,
    pub(super) position: TapePosition,
}

impl Checkpoint<'_> {
    fn bytes(&self) -> usize {
        self.machine.memory.len() + size_of_val(self.machine.cells.as_slice())
    }
}

/// Checkpoints by rising count; the first is the start and stays.
pub(super) struct Checkpoints<'p> {
    first: Checkpoint<'p>,
    kept: Vec<Checkpoint<'p>>,
    distance: u64,
}

impl<'p> Checkpoints<'p> {
    pub(super) fn new(machine: Machine<'p>, position: TapePosition) -> Checkpoints<'p> {
        let first = Checkpoint { executed: 0, machine, position };
        Checkpoints { first, kept: Vec::new(), distance: FIRST_DISTANCE }
    }

    /// Whether one should be kept here.
    pub(super) fn is_due(&self, executed: u64) -> bool {
        executed.is_multiple_of(self.distance) && executed > self.kept.last().unwrap_or(&self.first).executed
    }

    pub(super) fn keep(&mut self, executed: u64, machine: Machine<'p>, position: TapePosition) {
        self.kept.push(Checkpoint { executed, machine, position });
        while self.kept.len() > MOST || self.bytes() > MOST_BYTES {
            self.distance = self.distance.saturating_mul(2);
            let distance = self.distance;
            self.kept.retain(|kept| kept.executed.is_multiple_of(distance));
        }
    }

    fn bytes(&self) -> usize {
        self.kept.iter().map(Checkpoint::bytes).sum()
    }

    /// The last one that is not behind this count.
    pub(super) fn before(&self, executed: u64) -> &Checkpoint<'p> {
        let behind = self.kept.partition_point(|kept| kept.executed <= executed);
        behind.checked_sub(1).and_then(|place| self.kept.get(place)).unwrap_or(&self.first)
    }
}
