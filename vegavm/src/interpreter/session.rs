//! What an instance keeps from one call to the next: its memory with the static variables.
//!
//! All else that a call takes is the [room](super::room) of the thread. [`Session::prepare`] takes as much as is proved to be
//! needed, once.

use super::need::Need;
use super::room::Room;
use super::vm::{Stop, zeroes};
use super::word::Code;
use super::{Interpreter, code_of};
use crate::instance::TAKE_OVER;
use crate::loader::Loaded;
use crate::meter::Meter;
use crate::outcome::Used;
use core::fmt;
use vega_format::parsed::Parsed;

/// Linear memory between two calls.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) bytes: Vec<u8>,
    /// Behind the string constants and the static blocks.
    pub(super) base: usize,
    /// From here on there are zeroes.
    pub(super) dirty: usize,
}

/// What a call begins with.
pub(crate) struct Entry<'c> {
    loaded: &'c Loaded,
    code: &'c Code,
    room: Room,
}

impl<'c> Entry<'c> {
    /// A function is to be called.
    #[inline]
    pub(crate) fn new(loaded: &'c Loaded, function: u32) -> Result<Entry<'c>, Stop> {
        let code = code_of((loaded, false), &mut None, function)?;
        Ok(Entry { loaded, code, room: Room::take() })
    }
}

/// An instance between two calls.
#[derive(Default)]
pub(crate) struct Session {
    memory: Memory,
    /// Whether all that calls take is there: nothing more is taken then, not even for machine code.
    prepared: bool,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("memory", &self.memory.bytes.len()).finish_non_exhaustive()
    }
}

impl Session {
    /// With static blocks as they are declared, and room behind them for so many bytes.
    pub(crate) fn new(module: &Parsed<'static>, room: usize) -> Session {
        let strings = module.string_bytes();
        let base = strings.len() + usize::try_from(module.static_bytes()).unwrap_or_default();
        let mut bytes = vec![0; base + room];
        if let Some(there) = bytes.get_mut(..strings.len()) {
            there.copy_from_slice(strings);
        }
        let mut session = Session { memory: Memory { bytes, base, dirty: base }, prepared: false };
        session.reset(module);
        session
    }

    /// The static blocks are again as they are declared.
    pub(crate) fn reset(&mut self, module: &Parsed<'static>) {
        let mut start = module.string_bytes().len();
        for block in module.statics() {
            let end = start + block.capacity as usize;
            if let Some(bytes) = self.memory.bytes.get_mut(start..end) {
                let (image, rest) = bytes.split_at_mut(block.image.len().min(bytes.len()));
                image.copy_from_slice(block.image.get(..image.len()).unwrap_or_default());
                rest.fill(0);
            }
            start = end;
        }
    }

    /// Has all that calls take which need no more than this, with so many bytes of arguments: memory, and the room of this
    /// thread. Says whether there is so much.
    pub(crate) fn prepare(&mut self, need: &Need, arguments: usize) -> bool {
        let memory = usize::try_from(need.memory).unwrap_or(usize::MAX);
        let end = self.memory.base.saturating_add(arguments).saturating_add(memory);
        if self.memory.bytes.len() < end {
            let Some(mut longer) = zeroes(end) else { return false };
            longer.get_mut(..self.memory.bytes.len()).unwrap_or_default().copy_from_slice(&self.memory.bytes);
            self.memory.bytes = longer;
        }
        let mut room = Room::take();
        self.prepared = room.reserve(need);
        room.give_back();
        self.prepared
    }

    /// The machine for a call; its arguments are still to be put there.
    #[inline(always)]
    pub(crate) fn enter<'c>(&mut self, entry: Entry<'c>, meter: Meter) -> Interpreter<'c> {
        let memory = Memory { bytes: core::mem::take(&mut self.memory.bytes), ..self.memory };
        let mut interpreter = Interpreter::with(entry.code, (entry.loaded, false), entry.room, meter, memory);
        if !self.prepared {
            interpreter.go_native(TAKE_OVER, true);
        }
        interpreter
    }

    /// A call is over, or given up; what it leaves in memory is the instance's.
    pub(crate) fn leave(&mut self, interpreter: &mut Interpreter<'_>) -> Used {
        self.memory.bytes = core::mem::take(&mut interpreter.vm.memory);
        self.memory.dirty = interpreter.vm.dirty;
        interpreter.vm.settle().used()
    }
}
