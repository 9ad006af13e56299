//! [`Room`]: what a call needs beside its memory, and nobody afterwards: registers, what is put aside, its result.
//!
//! It is the thread's, not the instance's, so that an instance which waits is small. Nothing reads in it what it did not write.

use super::need::Need;
use super::vm::{Frame, Registers};
use core::ops::{Deref, DerefMut};
use std::cell::RefCell;
use std::collections::HashMap;

/// The room for a call.
pub(super) struct Room {
    pub(super) registers: Box<Registers>,
    pub(super) frames: Vec<Frame<'static>>,
    pub(super) saved: Vec<u64>,
    pub(super) live: HashMap<u32, u32>,
    pub(super) result: Vec<u64>,
}

/// So many are kept: for calls within calls, which other instances make.
const MOST: usize = 4;

/// No value has more cells.
const MOST_CELLS: usize = 64;

/// As many frames as there is always room for once there is any.
const FEWEST_FRAMES: usize = 64;

thread_local! {
    static ROOMS: RefCell<Vec<Room>> = const { RefCell::new(Vec::new()) };
}

impl Room {
    /// One that nobody uses, or else a new one.
    pub(super) fn take() -> Option<Room> {
        // Where the thread is about to end there are none.
        ROOMS.try_with(|rooms| rooms.borrow_mut().pop()).ok().flatten().or_else(Room::new)
    }

    fn new() -> Option<Room> {
        let registers = vec![0; 1 << 16].into_boxed_slice().try_into().ok()?;
        let result = Vec::with_capacity(MOST_CELLS);
        Some(Room { registers, frames: Vec::new(), saved: Vec::new(), live: HashMap::new(), result })
    }

    /// Nobody uses it any more.
    pub(super) fn give_back(mut self) {
        self.live.clear();
        let _ = ROOMS.try_with(|rooms| {
            let mut rooms = rooms.borrow_mut();
            if rooms.len() < MOST {
                rooms.push(self);
            }
        });
    }

    /// Has room for all that is needed; says whether there is so much memory.
    pub(super) fn reserve(&mut self, need: &Need) -> bool {
        // A call finds as many frames as were there once, and makes more in powers of two.
        let frames = need.frames.checked_next_power_of_two().unwrap_or(usize::MAX).max(FEWEST_FRAMES);
        let more = need.saved.saturating_sub(self.saved.len());
        let has_room = self.frames.try_reserve_exact(frames).is_ok()
            && self.saved.try_reserve_exact(more).is_ok()
            && self.live.try_reserve(need.limited).is_ok();
        if has_room {
            self.saved.resize(self.saved.len() + more, 0);
        }
        has_room
    }
}

/// Registers until they are given back.
pub(super) struct Lent(pub(super) Option<Box<Registers>>);

impl Deref for Lent {
    type Target = Registers;

    fn deref(&self) -> &Registers {
        self.0.as_ref().unwrap_or_else(|| unreachable!("they are there until they are given back"))
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Registers {
        self.0.as_mut().unwrap_or_else(|| unreachable!("they are there until they are given back"))
    }
}
