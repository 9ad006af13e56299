//! What an instance keeps from one call to the next: its memory with the static variables.
//!
//! All else that a call takes is the [room](super::room) of the thread. [`Session::prepare`] takes as much as is proved to be
//! needed, once.

#[cfg(vega_machine_code)]
use super::Registers;
use super::linear::Linear;
use super::need::Need;
use super::room::Room;
use super::vm::Stop;
use super::word::Code;
use super::{Interpreter, code_of};
use crate::cancel::Cancel;
use crate::instance::TAKE_OVER;
#[cfg(vega_machine_code)]
use crate::jit::{Entered, Native, Terms};
use crate::limits::Limits;
use crate::loaded::Loaded;
#[cfg(vega_machine_code)]
use crate::meter;
use crate::outcome::Used;
use alloc::boxed::Box;
use core::fmt;
use vega_format::parsed::Parsed;

/// Linear memory between two calls.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) bytes: Linear,
    /// Behind the string constants and the static blocks.
    pub(super) base: usize,
    /// From here on there are zeroes.
    pub(super) dirty: usize,
}

impl Memory {
    /// With static blocks as they are declared, and room behind them for so many bytes.
    fn new(module: &Parsed<'static>, room: usize) -> Memory {
        let strings = module.string_bytes();
        let base = strings.len().saturating_add(usize::try_from(module.static_bytes()).unwrap_or(usize::MAX));
        let mut bytes = Linear::new(base.saturating_add(room));
        if let Some(there) = bytes.get_mut(..strings.len()) {
            there.copy_from_slice(strings);
        }
        let mut memory = Memory { bytes, base, dirty: base };
        memory.reset(module);
        memory
    }

    /// The static blocks are again as they are declared.
    fn reset(&mut self, module: &Parsed<'static>) {
        let mut start = module.string_bytes().len();
        for block in module.statics() {
            let end = start.saturating_add(block.capacity as usize);
            if let Some(bytes) = self.bytes.get_mut(start..end) {
                let (image, rest) = bytes.split_at_mut(block.image.len().min(bytes.len()));
                image.copy_from_slice(block.image.get(..image.len()).unwrap_or_default());
                rest.fill(0);
            }
            start = end;
        }
    }

    /// Has room for so many bytes behind the static blocks; says whether there is so much.
    fn reserve(&mut self, room: usize) -> bool {
        let end = self.base.saturating_add(room);
        if self.bytes.len() < end {
            let Some(mut longer) = Linear::try_new(end) else { return false };
            longer.get_mut(..self.bytes.len()).unwrap_or_default().copy_from_slice(&self.bytes);
            self.bytes = longer;
        }
        true
    }
}

/// What a call begins with.
pub(crate) struct Entry<'c> {
    loaded: &'c Loaded,
    code: &'c Code,
    room: Box<Room>,
}

impl<'c> Entry<'c> {
    /// A function is to be called.
    #[inline]
    pub(crate) fn new(loaded: &'c Loaded, function: u32) -> Result<Entry<'c>, Stop> {
        let code = match loaded.codes(false).get(function) {
            Some(code) => code,
            None => translated(loaded, function)?,
        };
        Ok(Entry { loaded, code, room: Room::take() })
    }

    /// Steps that calls of the function took; more than any if nothing is left to be compiled.
    #[inline]
    fn heat(&self, exact: bool) -> u64 {
        #[cfg(vega_machine_code)]
        if self.loaded.native_there(exact).is_some_and(|native| native.is_whole()) {
            return u64::MAX;
        }
        let _ = exact;
        self.code.heat()
    }
}

/// The code of a function that is called for the first time.
#[cold]
#[inline(never)]
fn translated(loaded: &Loaded, function: u32) -> Result<&Code, Stop> {
    code_of((loaded, false), &mut None, function)
}

/// An instance between two calls.
#[derive(Default)]
pub(crate) struct Session {
    /// `None` while a call has it, and where one that was forgotten had it.
    memory: Option<Memory>,
    /// Whether all that calls take is there: nothing more is taken then, not even for machine code.
    prepared: bool,
    /// A function, and what calls of it begin with: the one that was called straight last. Hosts mostly call the same again; for
    /// another it is found out anew, which is little beside a list of all that every call would have to look into.
    #[cfg(vega_machine_code)]
    terms: Option<(u32, Terms)>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("memory", &self.memory.as_ref().map(|memory| memory.bytes.len()))
            .finish_non_exhaustive()
    }
}

impl Session {
    /// With static blocks as they are declared, and room behind them for so many bytes.
    pub(crate) fn new(module: &Parsed<'static>, room: usize) -> Session {
        Session { memory: Some(Memory::new(module, room)), ..Session::default() }
    }

    /// The static blocks are again as they are declared.
    pub(crate) fn reset(&mut self, module: &Parsed<'static>) {
        match &mut self.memory {
            Some(memory) => memory.reset(module),
            None => self.memory = Some(Memory::new(module, 0)),
        }
    }

    /// Whether it has all that calls take.
    pub(crate) fn is_prepared(&self) -> bool {
        self.prepared
    }

    /// Nothing is known any more of what calls take and begin with: the limits are others.
    pub(crate) fn forget(&mut self) {
        self.prepared = false;
        #[cfg(vega_machine_code)]
        {
            self.terms = None;
        }
    }

    /// Has all that calls take which need no more than this, with so many bytes of arguments: memory, and the room of this
    /// thread. Says whether there is so much.
    pub(crate) fn prepare(&mut self, need: &Need, arguments: usize, limits: &Limits, loaded: &Loaded) -> bool {
        let memory = usize::try_from(need.memory).unwrap_or(usize::MAX).saturating_add(arguments);
        if !self.memory.get_or_insert_with(|| Memory::new(loaded.module(), 0)).reserve(memory) {
            return false;
        }
        #[cfg(vega_machine_code)]
        {
            self.terms = None;
        }
        let mut room = Room::take();
        self.prepared = room.reserve(need);
        #[cfg(vega_machine_code)]
        if let Some(native) = loaded.native_there(limits.steps.is_some()).filter(|native| native.is_whole()) {
            room.guest = native.guest(room.guest.take(), meter::most_frames(limits));
        }
        #[cfg(not(vega_machine_code))]
        let _ = (limits, loaded);
        room.give_back();
        self.prepared
    }

    /// The machine for a call; its arguments are still to be put there.
    #[inline(always)]
    pub(crate) fn enter<'c>(&mut self, entry: Entry<'c>, ends: (&Limits, Cancel), exact: bool) -> Interpreter<'c> {
        let memory = self.memory.take().unwrap_or_else(|| Memory::new(entry.loaded.module(), 0));
        let heat = entry.heat(exact);
        let mut interpreter = Interpreter::with(entry.code, (entry.loaded, false), entry.room, ends, memory);
        if !self.prepared {
            interpreter.go_native(TAKE_OVER.saturating_sub(heat), false, exact);
        }
        interpreter
    }

    /// Calls a function straight in machine code, if there is a way: puts its arguments into registers, and takes the result
    /// out of them. If that has something to tell, the thread's next room is its own.
    #[cfg(vega_machine_code)]
    #[inline(always)]
    pub(crate) fn call_straight(
        &mut self,
        (loaded, function): (&Loaded, u32),
        limits: &Limits,
        put: impl FnOnce(&mut Registers),
        take: impl FnOnce(&Registers, &[u8]),
    ) -> Option<Entered> {
        let native = loaded.native_there(limits.steps.is_some())?;
        if self.terms.as_ref().is_none_or(|(of, _)| *of != function) {
            self.terms = self.find_terms(native, function, limits);
        }
        let (_, terms) = self.terms.as_ref()?;
        Room::with_next(|room| {
            let (registers, guest) = (room.registers.frame(0), room.guest.as_mut()?);
            put(registers);
            let Memory { bytes, base, dirty } = self.memory.as_mut()?;
            let entered = terms.enter(native, (guest, registers), (bytes, *base, dirty))?;
            if let Entered::Ended(_) = entered {
                take(registers, bytes);
            }
            Some(entered)
        })
    }

    #[cfg(vega_machine_code)]
    #[cold]
    fn find_terms(&self, native: &Native, function: u32, limits: &Limits) -> Option<(u32, Terms)> {
        let door = native.door(function).filter(|_| !self.prepared || native.is_whole())?;
        Some((function, door.terms(limits)?))
    }

    /// Finds out whether there is a way to call a function straight, once so many steps were taken in it that this is
    /// worth it.
    #[cfg(vega_machine_code)]
    pub(crate) fn look_for_door(&self, entry: &Entry<'_>, limits: &Limits) {
        if !self.prepared
            && entry.heat(limits.steps.is_some()) >= TAKE_OVER
            && let Ok(native) = entry.loaded.native(limits.steps.is_some())
        {
            native.look_for_door(entry.code.function);
        }
    }

    /// A call is over, or given up; what it leaves in memory is the instance's.
    pub(crate) fn leave(&mut self, interpreter: &mut Interpreter<'_>) -> Used {
        let (bytes, dirty) = (core::mem::take(&mut interpreter.vm.memory), interpreter.vm.dirty);
        self.memory = Some(Memory { bytes, base: interpreter.base, dirty });
        let used = interpreter.vm.settle().used();
        if interpreter.vm.depth == 0 {
            interpreter.vm.code.add_heat(used.steps);
        }
        used
    }
}
