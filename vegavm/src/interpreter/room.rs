//! [`Room`]: what a call needs beside its memory, and nobody afterwards: registers, the calls that wait, and a stack.
//!
//! It is the thread's, not the instance's, so that an instance which waits is small. Nothing reads in it what it did not write.

use super::native::Guest;
use super::need::Need;
use super::vm::Frame;
use super::window::RegisterFile;
#[cfg(not(feature = "std"))]
use crate::shared::Shared;
use alloc::boxed::Box;
use alloc::vec::Vec;
#[cfg(feature = "std")]
use core::cell::RefCell;
use vega_format::hash::HashMap;

/// The room for a call.
pub(super) struct Room {
    pub(super) registers: RegisterFile,
    frames: Vec<Frame<'static>>,
    pub(super) live: Option<HashMap<u32, u32>>,
    /// The stack of machine code.
    pub(super) guest: Option<Guest>,
}

/// So many are kept: for calls within calls, which other instances make.
const MOST: usize = 4;

/// As many frames as there is always room for once there is any.
const FEWEST_FRAMES: usize = 64;

/// Those that nobody uses.
#[allow(clippy::vec_box, reason = "a call takes one and gives it back as it is")]
type Rooms = Vec<Box<Room>>;

#[cfg(feature = "std")]
thread_local! {
    static ROOMS: RefCell<Rooms> = const { RefCell::new(Vec::new()) };
}

/// Without threads they are everybody's.
#[cfg(not(feature = "std"))]
static ROOMS: Shared<Rooms> = Shared::new(Vec::new());

/// Works with those that nobody uses; `None` where the thread is about to end, or somebody else looks at them.
#[inline(always)]
fn with_rooms<R>(work: impl FnOnce(&mut Rooms) -> R) -> Option<R> {
    #[cfg(feature = "std")]
    return ROOMS.try_with(|rooms| Some(work(&mut *rooms.try_borrow_mut().ok()?))).ok().flatten();
    #[cfg(not(feature = "std"))]
    ROOMS.with(work)
}

impl Room {
    /// One that nobody uses, or else a new one.
    #[inline]
    pub(super) fn take() -> Box<Room> {
        with_rooms(Vec::pop).flatten().unwrap_or_else(Room::new)
    }

    /// Works with the one that [`take`](Room::take) gives, if nobody else does.
    #[cfg(vega_machine_code)]
    #[inline(always)]
    pub(super) fn with_next<R>(work: impl FnOnce(&mut Room) -> Option<R>) -> Option<R> {
        with_rooms(|rooms| work(rooms.last_mut()?)).flatten()
    }

    #[cold]
    fn new() -> Box<Room> {
        let registers = RegisterFile::new();
        Box::new(Room { registers, frames: Vec::new(), live: None, guest: None })
    }

    /// Nobody uses it any more.
    #[inline]
    pub(super) fn give_back(self: Box<Room>) {
        let _ = with_rooms(|rooms| {
            if rooms.len() < MOST {
                rooms.push(self);
            }
        });
    }

    /// The room for calls that wait, which there is afterwards.
    pub(super) fn take_frames<'c>(&mut self) -> Vec<Frame<'c>> {
        let mut frames = without_frames(core::mem::take(&mut self.frames));
        if frames.capacity() == 0 {
            frames.reserve(FEWEST_FRAMES);
        }
        frames
    }

    /// Gives it back.
    pub(super) fn give_frames(&mut self, frames: Vec<Frame<'_>>) {
        self.frames = without_frames(frames);
    }

    /// Has room for all that is needed; says whether there is so much memory.
    pub(super) fn reserve(&mut self, need: &Need) -> bool {
        // A call finds as many frames as were there once, and makes more in powers of two.
        let frames = need.frames.checked_next_power_of_two().unwrap_or(usize::MAX).max(FEWEST_FRAMES);
        self.frames.try_reserve_exact(frames).is_ok()
            && self.registers.reserve(need.registers)
            && (need.limited == 0 || self.live.get_or_insert_default().try_reserve(need.limited).is_ok())
    }
}

/// The room of frames, none of which is left.
fn without_frames<'b>(mut frames: Vec<Frame<'_>>) -> Vec<Frame<'b>> {
    frames.clear();
    let none = |_| Frame::nowhere();
    frames.into_iter().map_while(none).collect()
}
