//! Where safe code and machine code meet: all that is `unsafe` in this crate is here, and in the files beneath.
//!
//! A [`Guest`] is machine code that can go on: the [`Context`] that it shares with the host, and the [`stack`] on which it runs;
//! [`crossing`] goes from the host's stack to that one and back. [`code`] owns the pages of machine code, [`bytes`] those of linear
//! memory. What runs there is made by `lower` alone. It touches the bytes of linear memory that verified code may touch, the
//! register file, the context, the table of functions, and its own stack, of which no frame is larger than [`MOST_FRAME`].
//! No Rust code runs on that stack, so no panic can pass through machine code, and what the host's functions need of a stack is
//! the host's own.

#![allow(unsafe_code, reason = "this is the boundary")]

mod bytes;
mod code;
mod context;
mod crossing;
mod pages;
mod stack;

pub(crate) use bytes::Bytes;
pub(super) use code::CodeMemory;
pub(super) use context::{Context, field};
pub(super) use crossing::{ask_address, tell_address};

use crate::interpreter::Registers;
use core::ffi::c_void;
use core::ptr;
use core::sync::atomic::AtomicUsize;
use crossing::{LEFT, enter, finish, start};
use stack::{ROOM, Stack};

/// The most bytes of a frame of machine code. Stacks only take the memory that is touched.
pub(super) const MOST_FRAME: usize = 64 << 10;
/// A stack keeps the memory of so many frames when a call is over.
const DEEP: usize = 256;

/// Machine code that can go on.
#[derive(Debug)]
pub(crate) struct Guest {
    pub(super) context: Box<Context>,
    stack: Stack,
}

impl Guest {
    /// One with room for so many frames: this, if there is one that has it.
    pub(crate) fn with_room(there: Option<Guest>, frames: u32) -> Option<Guest> {
        there.filter(|guest| guest.has_room(frames)).or_else(|| Some(Guest::new(Stack::new(frames)?)))
    }

    /// Whether there is room for so many frames.
    #[inline]
    pub(super) fn has_room(&self, frames: u32) -> bool {
        frames <= self.stack.frames
    }

    fn new(stack: Stack) -> Guest {
        // Words of the stack are read by their addresses, which is what its pages are lent out for.
        stack.pages.start.as_ptr().expose_provenance();
        Guest { context: Box::new(Context::new()), stack }
    }

    /// A call is over that had so many frames: what it touched of the stack is given back if that may be much.
    #[inline]
    pub(crate) fn was_deep(&mut self, frames: usize) {
        if frames > DEEP {
            self.stack.trim(ROOM);
        }
    }

    /// Begins with the code at an address, which is one that [`CodeMemory::publish`] gave for code that takes the context.
    pub(super) fn begin(&mut self, code: usize) {
        // As if it had been called: the stack is aligned but for the address to return to.
        let top = self.stack.top() - 8;
        let finish: unsafe extern "sysv64" fn() = finish;
        self.stack.put(top, (finish as *const c_void).addr());
        self.stack.put(top - 8, code);
        (0..LEFT).for_each(|place| self.stack.put(top - 16 - 8 * place, 0));
        self.context.guest_stack = top - 8 - 8 * LEFT;
    }

    /// Lets machine code go on until it has something to tell; gives what it tells.
    #[inline(always)]
    pub(super) fn go_on(
        &mut self,
        memory: &mut [u8],
        registers: &mut Registers,
        table: &[AtomicUsize],
        _code: &CodeMemory,
    ) -> u64 {
        let context = &mut *self.context;
        // Machine code that went on before may still have the address of memory in a register: it is the same, as memory
        // does not move while a call is under way.
        context.memory = memory.as_mut_ptr().expose_provenance();
        context.registers = registers.as_mut_ptr().expose_provenance();
        context.table = table.as_ptr().expose_provenance();
        // SAFETY: `begin` or `leave` left a stack from which code that was published goes on; that code is still there, as
        // it is borrowed; memory, registers and table are borrowed for as long as it runs.
        unsafe { enter(ptr::from_mut(context)) }
    }

    /// Does what [`begin`](Guest::begin) and [`go_on`](Guest::go_on) do, with no registers to be found on the stack.
    #[inline(always)]
    pub(super) fn start(
        &mut self,
        at: usize,
        memory: &mut [u8],
        registers: &mut Registers,
        table: &[AtomicUsize],
        _code: &CodeMemory,
    ) -> u64 {
        let stack = self.stack.top();
        let context = &mut *self.context;
        context.memory = memory.as_mut_ptr().expose_provenance();
        context.registers = registers.as_mut_ptr().expose_provenance();
        context.table = table.as_ptr().expose_provenance();
        // SAFETY: the stack is this guest's, nothing waits on it, and it is aligned as for code that calls; the code
        // was published, is still there, and takes the context; the rest as in `go_on`.
        unsafe { start(ptr::from_mut(context), at, stack) }
    }

    /// The addresses behind the calls that wait, innermost first; the first is behind the call that told.
    pub(super) fn returns(&self) -> impl Iterator<Item = usize> {
        let told = self.context.told;
        let first = self.stack.word(told);
        let mut frame = self.stack.word(told - 8).filter(|_| first.is_some());
        let callers = core::iter::from_fn(move || {
            let at = frame.filter(|frame| *frame != 0)?;
            frame = self.stack.word(at);
            self.stack.word(at + 8).filter(|address| *address != 0)
        });
        first.into_iter().chain(callers)
    }
}
