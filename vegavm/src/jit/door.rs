//! Calls from the host straight into machine code.
//!
//! What a call with nothing but scalars begins with is the same every time, but for its arguments: it is found out once for a
//! function ([`Door`]) and for an instance with its limits ([`Terms`]), and then such a call is little more than a change of stacks.
//! It guarantees what calls by other ways do; what machine code has to tell on its way is answered by a
//! [`Flight`](super::Flight) that goes on from there.

use super::Native;
use super::body::Taken;
use super::boundary::Guest;
use super::inline::frame_bytes;
use super::left::{MOST_BYTES, both_of, word_of};
use super::run::SLICE;
use super::sites::DONE;
use crate::interpreter::Registers;
use crate::limits::Limits;
use crate::meter;
use crate::outcome::Used;
use vega_format::proof::Worst;

/// Where a function is entered, and what its calls take.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    start: usize,
    /// Bytes of linear memory before its arenas: strings and static blocks.
    base: u64,
    /// Bytes of static blocks and of its frame.
    begun: u64,
    /// Bytes behind the static blocks that it is proved to need.
    proved: Option<u64>,
    /// The most that a frame counts for in the host's bookkeeping.
    bookkeeping: u64,
    /// How many functions the module has, if one limits its activations.
    limiting: Option<usize>,
}

/// What the calls of a function begin with, within the limits of an instance.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    start: usize,
    /// Steps that are paid for.
    fuel: u64,
    /// What is left of frames and memory, in one word.
    left: i64,
    /// Bytes behind the static blocks that must be there.
    room: usize,
    /// The most frames, and the most bytes.
    frames: u32,
    may_take: u64,
    /// Functions whose activations are counted.
    limiting: Option<usize>,
}

/// What became of a call.
pub(crate) enum Entered {
    Ended(Used),
    /// It has something to tell: the number of the event.
    Tells(u64),
}

/// Why such calls are machine code, in words.
pub(crate) const STRAIGHT: &str = "its code was there";

/// Steps that a call has paid for when it begins.
#[inline]
pub(crate) fn fuel(limits: &Limits) -> u64 {
    limits.steps.unwrap_or(u64::MAX).min(SLICE)
}

impl Door {
    /// Makes the code; `None` where calls of the function must begin in another way.
    pub(super) fn open(native: &Native, function: u32) -> Option<Door> {
        let module = native.module();
        module.function(function).filter(|called| called.limit.is_none() && native.takes())?;
        let statics = module.static_bytes();
        Some(Door {
            start: native.start(function)?,
            base: statics.checked_add(module.string_bytes().len() as u64)?,
            begun: statics.checked_add(frame_bytes(module, function).into())?,
            proved: match native.verified.proof().worst(function) {
                Worst::Bytes(bytes) => Some(bytes.total()),
                Worst::Unbounded => None,
            },
            bookkeeping: native.most_bookkeeping(),
            limiting: native.limits().then_some(module.function_count() as usize),
        })
    }

    /// What its calls begin with within limits; `None` where they must begin in another way.
    pub(crate) fn terms(&self, limits: &Limits) -> Option<Terms> {
        let frames = meter::most_frames(limits);
        let most = meter::most_memory(limits, self.bookkeeping)?;
        let may_take = most.min(MOST_BYTES.cast_unsigned());
        let bytes = may_take.checked_sub(self.begun)?.cast_signed();
        let room = self.proved.unwrap_or(most).min(most);
        // An offset in linear memory has 32 bits; words know what does not fit.
        u32::try_from(self.base.checked_add(room)?).ok()?;
        Some(Terms {
            start: self.start,
            fuel: fuel(limits),
            left: word_of(Taken { frames: i64::from(frames) - 1, bytes })?,
            room: usize::try_from(room).ok()?,
            frames,
            may_take,
            limiting: self.limiting,
        })
    }
}

impl Terms {
    /// Enters the function; its arguments are in the registers, and it leaves its result there. Of linear memory the bytes
    /// before a base stay as they are, and there are zeroes from another place on. `None` if nothing has begun.
    #[inline(always)]
    pub(crate) fn enter(
        &self,
        native: &Native,
        (guest, registers): (&mut Guest, &mut Registers),
        (memory, base, dirty): (&mut [u8], usize, &mut usize),
    ) -> Option<Entered> {
        if memory.len().saturating_sub(base) < self.room || !guest.has_room(self.frames) {
            return None;
        }
        let context = &mut guest.context;
        context.fuel = self.fuel.cast_signed();
        (context.left, context.least) = (self.left, self.left);
        (context.top, context.dirty) = (base as u64, *dirty as u64);
        if let Some(functions) = self.limiting {
            guest.count_activations(functions);
        }
        let event = guest.start(self.start, memory, registers, &native.table, &native.code);
        let context = &guest.context;
        *dirty = context.dirty as usize;
        if event != DONE {
            return Some(Entered::Tells(event));
        }
        let least = both_of(context.least);
        let used = Used {
            steps: self.fuel.wrapping_sub(context.fuel.cast_unsigned()),
            memory: self.may_take - least.bytes.cast_unsigned(),
            frames: self.frames - least.frames as u32,
            output: 0,
        };
        // Another module's calls may have left counts, which nobody looks at here.
        if self.limiting.is_some() {
            guest.has_returned();
        }
        guest.was_deep(used.frames as usize);
        Some(Entered::Ended(used))
    }
}
