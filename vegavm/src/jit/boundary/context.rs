//! What machine code and host have in common while a call is under way.

use core::mem::offset_of;

/// What machine code and host tell each other. Machine code reaches the fields by their offsets.
#[repr(C)]
#[derive(Debug)]
pub(in crate::jit) struct Context {
    pub(super) host_stack: usize,
    pub(super) guest_stack: usize,
    /// Where on the guest's stack the address stands behind the call that told something; the frame pointer is below it.
    pub(super) told: usize,
    /// The address where linear memory begins, of the registers, and of the table that says where each function begins; there
    /// it is 0 if it is not compiled. All are put here anew whenever machine code goes on.
    pub(super) memory: usize,
    pub(super) registers: usize,
    pub(super) table: usize,
    /// Steps that are paid for and not yet taken; below zero, steps that are still to be paid for.
    pub(in crate::jit) fuel: i64,
    /// How many more frames there may be, and how many bytes arenas and frames may still take, [in one word](crate::jit::left);
    /// and the least that was left of each.
    pub(in crate::jit) left: i64,
    pub(in crate::jit) least: i64,
    /// Behind the innermost arena, and behind all that was ever in use.
    pub(in crate::jit) top: u64,
    pub(in crate::jit) dirty: u64,
    /// What an event is about.
    pub(in crate::jit) words: [u64; 3],
}

/// Offsets of the fields of a context.
pub(in crate::jit) mod field {
    use super::{Context, offset_of};

    pub(in crate::jit) const MEMORY: i32 = offset_of!(Context, memory) as i32;
    pub(in crate::jit) const REGISTERS: i32 = offset_of!(Context, registers) as i32;
    pub(in crate::jit) const TABLE: i32 = offset_of!(Context, table) as i32;
    pub(in crate::jit) const FUEL: i32 = offset_of!(Context, fuel) as i32;
    pub(in crate::jit) const LEFT: i32 = offset_of!(Context, left) as i32;
    pub(in crate::jit) const LEAST: i32 = offset_of!(Context, least) as i32;
    pub(in crate::jit) const TOP: i32 = offset_of!(Context, top) as i32;
    pub(in crate::jit) const DIRTY: i32 = offset_of!(Context, dirty) as i32;
    pub(in crate::jit) const WORDS: i32 = offset_of!(Context, words) as i32;
}

impl Context {
    pub(super) fn new() -> Context {
        Context {
            host_stack: 0,
            guest_stack: 0,
            told: 0,
            memory: 0,
            registers: 0,
            table: 0,
            fuel: 0,
            left: 0,
            least: 0,
            top: 0,
            dirty: 0,
            words: [0; 3],
        }
    }
}
