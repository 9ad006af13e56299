//! What an instance keeps from one call to the next: its memory with the static variables, and the room that calls take.

use super::vm::{Frame, Registers, Stop, Vm, new_registers};
use super::{Host, Interpreter, code_of};
use crate::cancel::Cancel;
use crate::limits::Limits;
use crate::loader::Loaded;
use crate::meter::Meter;
use crate::outcome::{End, Used};
use core::fmt;
use vega_format::parsed::Parsed;

/// Memory and room for calls, one after another.
#[derive(Default)]
pub(crate) struct Session {
    memory: Vec<u8>,
    dirty: usize,
    /// Behind the string constants and the static blocks.
    base: usize,
    registers: Option<Box<Registers>>,
    saved: Vec<u64>,
    frames: Vec<Frame<'static>>,
    result: Vec<u64>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("memory", &self.memory.len()).finish_non_exhaustive()
    }
}

/// What became of a call.
pub(crate) struct Called<R> {
    /// What was taken out of the machine at the end, or how the call ended otherwise.
    pub(crate) result: Result<R, End>,
    pub(crate) used: Used,
}

impl Session {
    /// With static blocks as they are declared.
    pub(crate) fn new(module: &Parsed<'static>) -> Session {
        let strings = module.string_bytes();
        let base = strings.len() + usize::try_from(module.static_bytes()).unwrap_or_default();
        let mut memory = vec![0; base];
        if let Some(there) = memory.get_mut(..strings.len()) {
            there.copy_from_slice(strings);
        }
        let mut session = Session { memory, dirty: base, base, ..Session::default() };
        session.reset(module);
        session
    }

    /// The static blocks are again as they are declared.
    pub(crate) fn reset(&mut self, module: &Parsed<'static>) {
        let mut start = module.string_bytes().len();
        for block in module.statics() {
            let end = start + block.capacity as usize;
            if let Some(bytes) = self.memory.get_mut(start..end) {
                let (image, rest) = bytes.split_at_mut(block.image.len().min(bytes.len()));
                image.copy_from_slice(block.image.get(..image.len()).unwrap_or_default());
                rest.fill(0);
            }
            start = end;
        }
    }

    /// Calls a function: `put` brings its arguments in, `take` brings out what it gives.
    pub(crate) fn call<K, R>(
        &mut self,
        loaded: &Loaded,
        function: u32,
        (limits, cancel): (&Limits, &Cancel),
        host: &mut impl Host,
        put: impl FnOnce(&mut Vm<'_>, &mut Registers) -> Result<K, Stop>,
        take: impl FnOnce(&Vm<'_>, K) -> R,
    ) -> Called<R> {
        let (module, codes) = (loaded.module(), loaded.codes(false));
        let mut translator = None;
        let code = match code_of((loaded, false), &mut translator, function) {
            Ok(code) => code,
            Err(_) => {
                return Called { result: Err(End::Internal("what is called is no function")), used: Used::default() };
            }
        };
        let registers = self.registers.take().or_else(new_registers);
        let Some(registers) = registers else {
            return Called { result: Err(End::Internal("a register file of another size")), used: Used::default() };
        };
        // In one piece: it is large, and the call may be short.
        let mut interpreter = Interpreter {
            vm: Vm {
                frames: reuse(core::mem::take(&mut self.frames)),
                saved: core::mem::take(&mut self.saved),
                pause_at: u64::MAX,
                memory: core::mem::take(&mut self.memory),
                top: self.base,
                dirty: self.dirty,
                linear: self.base as u64,
                result: core::mem::take(&mut self.result),
                ..Vm::new(code, codes, module, Meter::new(limits, cancel))
            },
            registers,
            loaded: (loaded, false),
            translator,
            resume: (0, true),
            result: Vec::new(),
        };
        interpreter.vm.meter.start_clock_late();
        let Interpreter { vm, registers, .. } = &mut interpreter;
        let begun = vm.meter.take_memory(module.static_bytes()).map_err(Stop::from);
        let begun = begun.and_then(|()| put(vm, registers)).and_then(|kept| vm.enter_first().map(|()| kept));
        let run = begun.and_then(|kept| interpreter.drive(host).map(|()| kept));
        let result = match run {
            Ok(kept) => Ok(take(&interpreter.vm, kept)),
            Err(stop) => Err(interpreter.describe(stop).unwrap_or(End::Internal("a call has paused"))),
        };
        let used = interpreter.vm.settle().used();
        let vm = &mut interpreter.vm;
        self.memory = core::mem::take(&mut vm.memory);
        self.dirty = vm.dirty;
        self.saved = core::mem::take(&mut vm.saved);
        self.result = core::mem::take(&mut vm.result);
        self.frames = reuse(core::mem::take(&mut vm.frames));
        self.registers = Some(interpreter.registers);
        Called { result, used }
    }
}

/// The room of frames, none of which is left.
fn reuse<'b>(mut frames: Vec<Frame<'_>>) -> Vec<Frame<'b>> {
    frames.clear();
    let none = |_| Frame::nowhere();
    frames.into_iter().map_while(none).collect()
}
