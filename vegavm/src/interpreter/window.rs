//! The registers of all frames that there are: each function has a window of them, and those that it calls begin within
//! it, at their arguments.
//!
//! So nothing is copied when a function is called: its arguments are its first registers, and it leaves its result in the
//! first of them. A window is as long as 16 bits can tell, so that no access needs a check; only where it begins is looked at.

use crate::register::REGISTERS;
use alloc::vec::Vec;
use core::cell::Cell;

/// As many registers as an operation can name.
const LENGTH: usize = REGISTERS;

/// Room for calls within calls that there is from the beginning.
const MORE: usize = LENGTH / 16;

/// The registers of a frame.
pub(crate) type Registers = [u64; LENGTH];

/// The same while operations work on them.
pub(crate) type Cells = [Cell<u64>; LENGTH];

/// The place of a register. No function names one that is not there, and where 16 bits name no others this is no work.
#[inline(always)]
pub(crate) const fn at(register: u16) -> usize {
    register as usize & (LENGTH - 1)
}

/// The registers of all frames.
#[derive(Debug, Default)]
pub(super) struct RegisterFile(Vec<u64>);

impl RegisterFile {
    /// As many as are there from the beginning.
    pub(super) fn new() -> RegisterFile {
        RegisterFile(vec![0; LENGTH + MORE])
    }

    /// Has room for a frame that begins at a register; says whether there is so much memory.
    pub(super) fn reserve(&mut self, base: u32) -> bool {
        let wanted = base as usize + LENGTH;
        // So far from the end of 32 bits that the begin of the next frame can be told in them, too.
        if wanted > u32::MAX as usize - LENGTH {
            return false;
        }
        if wanted <= self.0.len() {
            return true;
        }
        let length = wanted.max(2 * self.0.len());
        let is_there = self.0.try_reserve_exact(length - self.0.len()).is_ok();
        if is_there {
            self.0.resize(length, 0);
        }
        is_there
    }

    /// The registers of the frame that begins at one.
    #[inline]
    pub(super) fn frame(&mut self, base: u32) -> &mut Registers {
        let frame = self.0.get_mut(base as usize..).and_then(<[u64]>::first_chunk_mut);
        frame.unwrap_or_else(|| unreachable!("a frame begins where there is room for it"))
    }

    /// All of them, for operations to share.
    pub(super) fn cells(&mut self) -> &[Cell<u64>] {
        Cell::from_mut(&mut *self.0).as_slice_of_cells()
    }
}

/// The registers of the frame whose function is under way, and those of all.
#[derive(Clone, Copy)]
pub(super) struct Window<'v> {
    pub(super) cells: &'v Cells,
    all: &'v &'v [Cell<u64>],
}

impl<'v> Window<'v> {
    /// Of the frame that begins at a register.
    #[inline(always)]
    pub(super) fn new(all: &'v &'v [Cell<u64>], base: u32) -> Option<Window<'v>> {
        let base = base as usize;
        Some(Window { cells: all.get(base..base + LENGTH)?.first_chunk()?, all })
    }

    /// Of another frame.
    #[inline(always)]
    pub(super) fn at(self, base: u32) -> Option<Window<'v>> {
        Window::new(self.all, base)
    }

    #[inline(always)]
    pub(super) fn get(self, register: u16) -> u64 {
        self.cells[at(register)].get()
    }

    #[inline(always)]
    pub(super) fn set(self, register: u16, cell: u64) {
        self.cells[at(register)].set(cell);
    }

    /// Moves registers that stand side by side.
    pub(super) fn slide(self, to: u16, from: u16, count: u16) {
        for place in 0..count {
            self.set(to.wrapping_add(place), self.get(from.wrapping_add(place)));
        }
    }
}
