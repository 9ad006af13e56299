//! [`Room`]: what a call needs beside its memory, and nobody afterwards: registers, the calls that wait, and a stack.
//!
//! It is the thread's, not the instance's, so that an instance which waits is small. Nothing reads in it what it did not write.

use super::native::Guest;
use super::need::Need;
use super::vm::Frame;
use super::window::RegisterFile;
#[cfg(not(feature = "std"))]
use crate::shared::Shared;
use alloc::vec::Vec;
#[cfg(feature = "std")]
use core::cell::RefCell;
use vega_format::hash::HashMap;

/// The room for a call.
pub(super) struct Room {
    pub(super) registers: RegisterFile,
    pub(super) frames: Vec<Frame<'static>>,
    pub(super) live: HashMap<u32, u32>,
    /// The stack of machine code.
    pub(super) guest: Option<Guest>,
}

/// So many are kept: for calls within calls, which other instances make.
const MOST: usize = 4;

/// As many frames as there is always room for once there is any.
const FEWEST_FRAMES: usize = 64;

#[cfg(feature = "std")]
thread_local! {
    static ROOMS: RefCell<Vec<Room>> = const { RefCell::new(Vec::new()) };
}

/// Without threads they are everybody's.
#[cfg(not(feature = "std"))]
static ROOMS: Shared<Vec<Room>> = Shared::new(Vec::new());

/// Works with those that nobody uses; `None` where the thread is about to end, or somebody else looks at them.
#[inline(always)]
fn with_rooms<R>(work: impl FnOnce(&mut Vec<Room>) -> R) -> Option<R> {
    #[cfg(feature = "std")]
    return ROOMS.try_with(|rooms| Some(work(&mut *rooms.try_borrow_mut().ok()?))).ok().flatten();
    #[cfg(not(feature = "std"))]
    ROOMS.with(work)
}

impl Room {
    /// One that nobody uses, or else a new one.
    pub(super) fn take() -> Room {
        with_rooms(Vec::pop).flatten().unwrap_or_else(Room::new)
    }

    /// Works with the one that [`take`](Room::take) gives, if nobody else does.
    #[cfg(vega_machine_code)]
    #[inline(always)]
    pub(super) fn with_next<R>(work: impl FnOnce(&mut Room) -> Option<R>) -> Option<R> {
        with_rooms(|rooms| rooms.last_mut().and_then(work)).flatten()
    }

    fn new() -> Room {
        Room { registers: RegisterFile::new(), frames: Vec::new(), live: HashMap::default(), guest: None }
    }

    /// Nobody uses it any more.
    pub(super) fn give_back(mut self) {
        self.live.clear();
        let _ = with_rooms(|rooms| {
            if rooms.len() < MOST {
                rooms.push(self);
            }
        });
    }

    /// Has room for all that is needed; says whether there is so much memory.
    pub(super) fn reserve(&mut self, need: &Need) -> bool {
        // A call finds as many frames as were there once, and makes more in powers of two.
        let frames = need.frames.checked_next_power_of_two().unwrap_or(usize::MAX).max(FEWEST_FRAMES);
        self.frames.try_reserve_exact(frames).is_ok()
            && self.registers.reserve(need.registers)
            && self.live.try_reserve(need.limited).is_ok()
    }
}
