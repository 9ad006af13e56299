//! The interpreter: walks over the register form of functions, each translated when it is first called.
//!
//! It agrees with the reference engine in all that is observable: results, output, the arguments of host calls, traps with
//! their places, steps, peaks, depth. It cannot be watched: that is what the reference engine is for.

mod begin;
mod complex;
mod compute;
mod double;
mod dynamic;
mod flow;
mod fused;
mod granted;
mod linear;
mod memory;
mod native;
mod need;
mod pair;
mod raw;
mod rest;
mod room;
mod session;
#[cfg(test)]
mod tests;
mod vm;
mod window;
mod word;

pub(crate) use vm::Stop;
pub(crate) use word::Codes;

use crate::cancel::Cancel;
use crate::limits::Limits;
use crate::loaded::Loaded;
use crate::outcome::{End, Used};
use crate::register::{Op, Translator};
use crate::trap::{CallStack, FrameReport, TrapReport};
use crate::value::Value;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
pub(crate) use granted::{Granted, stop_of};
pub(crate) use linear::has_memory;
use native::Natively;
pub(crate) use need::{Need, NoNeed};
use room::Room;
use session::Memory;
pub(crate) use session::{Entry, Session};
use vega_format::trap::Trap;
use vega_format::verify::{CellType, result_cells};
use vm::Exit;
pub(crate) use vm::{Call, Vm};
use window::{RegisterFile, Window};
pub(crate) use window::{Registers, at};
use word::{At, Code};

/// A call of a function, from its beginning to its end, with pauses.
pub(crate) struct Interpreter<'p> {
    vm: Vm<'p>,
    registers: RegisterFile,
    /// What else of the room nothing was taken of yet; there is one until it is given back.
    room: Option<Box<Room>>,
    /// Where arenas begin in memory if the call has no arguments in it.
    base: usize,
    /// The module, and whether all slots are in tables.
    loaded: (&'p Loaded, bool),
    translator: Option<Box<Translator<'p>>>,
    /// The word with which it goes on, and whether that begins a block that is still to be paid for.
    resume: (usize, bool),
    /// The cells that the function gives.
    result: Vec<CellType>,
    native: Natively<'p>,
}

/// Does what a function calls of the host: [`Vm::call`] says which, and where its arguments are.
pub(crate) trait Host {
    /// The result takes the place of the arguments.
    fn call(&mut self, vm: &mut Vm<'_>, registers: &mut Registers) -> Result<(), Stop>;

    /// The same in a run that may still go on: what host functions take is time of the run.
    fn call_in_time(&mut self, vm: &mut Vm<'_>, registers: &mut Registers) -> Result<(), Stop> {
        vm.meter.pass_host_call()?;
        self.call(vm, registers)
    }
}

/// Whether there is such an operation, of those that do the work of two.
pub(crate) fn has(op: &Op) -> bool {
    match op {
        Op::LoadTwo { .. } => fused::load_two(op).is_some(),
        Op::TwoStore { .. } => fused::two_store(op).is_some(),
        _ => pair::run(op).is_some(),
    }
}

const NO_REGISTERS: Stop = Stop::Broken("there is no memory for more registers");
const BROKEN_CALL: Stop = Stop::Broken("the function is not there");

impl<'p> Interpreter<'p> {
    /// A call of a function with arguments that fit it, on static blocks as they are.
    pub(crate) fn new(
        (loaded, tables): (&'p Loaded, bool),
        function: u32,
        arguments: &[Value],
        statics: &[Vec<u8>],
        limits: &Limits,
        cancel: &Cancel,
    ) -> Result<Interpreter<'p>, Stop> {
        let module = loaded.module();
        let mut translator = None;
        let code = code_of((loaded, tables), &mut translator, function)?;
        let called = module.function(function).ok_or(BROKEN_CALL)?;
        let result = called.signature.result.map(|type_| result_cells(module.stencils(), type_));
        let ends = (limits, cancel.clone());
        let mut interpreter = Interpreter::with(code, (loaded, tables), Room::take(), ends, Memory::default());
        interpreter.translator = translator;
        interpreter.result = result.transpose().unwrap_or_default().unwrap_or_default();
        if let Err(stop) = interpreter.begin(called.signature.parameters, arguments, statics) {
            interpreter.vm.stop = Some((stop, At::Block(0)));
        }
        Ok(interpreter)
    }

    /// With room and memory, before anything is put there.
    #[inline(always)]
    fn with(
        code: &'p Code,
        loaded: (&'p Loaded, bool),
        mut room: Box<Room>,
        (limits, cancel): (&Limits, Cancel),
        Memory { bytes: memory, base, dirty }: Memory,
    ) -> Interpreter<'p> {
        // In one piece: it is large, and the call may be short.
        Interpreter {
            vm: Vm {
                live: room.live.take(),
                memory,
                top: base,
                dirty,
                linear: base as u64,
                ..Vm::new(code, loaded.0.codes(loaded.1), loaded.0.module(), limits, cancel)
            },
            registers: core::mem::take(&mut room.registers),
            room: Some(room),
            base,
            loaded,
            translator: None,
            resume: (0, true),
            result: Vec::new(),
            native: Natively::default(),
        }
    }

    /// Goes on until the run ends, or pauses before the first block that goes beyond these steps; gives how it ended.
    pub(crate) fn resume(&mut self, steps: u64, host: &mut impl Host) -> Option<End> {
        match self.drive_for(steps, host).and_then(|()| self.value()) {
            Ok(value) => Some(End::Result(value)),
            Err(stop) => self.describe(stop),
        }
    }

    /// The same; the result is where the function left it.
    pub(crate) fn drive_for(&mut self, steps: u64, host: &mut impl Host) -> Result<(), Stop> {
        self.vm.pause_at = self.vm.pause_at.saturating_add(steps);
        self.vm.meter.run_clock(true);
        let driven = match self.vm.stop.take() {
            Some((stop, at)) => Err(self.stop(stop, at)),
            None => self.drive(host),
        };
        self.vm.meter.run_clock(false);
        driven
    }

    /// Pays for the first steps of a call, if none is machine code.
    #[inline]
    pub(crate) fn pay_first(&mut self) {
        if self.native.is_later_than(self.vm.slice) {
            self.vm.fuel = self.vm.meter.pay_first(self.vm.slice);
        }
    }

    /// Goes on to the end of a call that has just begun.
    #[inline]
    pub(crate) fn drive_on(&mut self, host: &mut impl Host) -> Result<(), Stop> {
        self.vm.pause_at = u64::MAX;
        self.vm.meter.start_clock_late();
        self.drive(host)
    }

    /// The state and the registers of the first frame, for arguments and results.
    #[inline]
    pub(crate) fn parts(&mut self) -> (&mut Vm<'p>, &mut Registers) {
        (&mut self.vm, self.registers.frame(0))
    }

    /// Goes on until the function that was called first has returned.
    fn drive(&mut self, host: &mut impl Host) -> Result<(), Stop> {
        loop {
            let exit = match self.fly(host)? {
                Some(exit) => exit,
                None => self.walk(),
            };
            let word = self.vm.call.word;
            match exit {
                Exit::Done => {
                    self.vm.settle();
                    return Ok(());
                }
                Exit::Host => {
                    let registers = self.registers.frame(self.vm.base);
                    let called = host.call_in_time(&mut self.vm, registers);
                    called.map_err(|stop| self.stop(stop, At::Word(word)))?;
                    self.resume = (word + 1, true);
                }
                Exit::Translate => {
                    code_of(self.loaded, &mut self.translator, self.vm.call.number)?;
                    // That has taken time.
                    self.vm.meter.look_at_clock().map_err(|halt| self.stop(halt.into(), At::Word(word)))?;
                    self.resume = (word, false);
                }
                Exit::Grow => {
                    if self.vm.frames.capacity() == 0
                        && let Some(room) = &mut self.room
                    {
                        self.vm.frames = room.take_frames();
                    }
                    let base = self.vm.base.checked_add(self.vm.call.first.into());
                    if !base.is_some_and(|base| self.registers.reserve(base)) {
                        return Err(self.stop(NO_REGISTERS, At::Word(word)));
                    }
                    self.resume = (word, false);
                }
                Exit::Starved => self.resume = (word, true),
                Exit::Breathe => self.resume = (word, false),
                Exit::Go | Exit::Stopped => {
                    let broken = (Stop::Broken("the run stopped for no reason"), At::Word(word));
                    let (stop, at) = self.vm.stop.take().unwrap_or(broken);
                    return Err(self.stop(stop, at));
                }
            }
        }
    }

    /// Notes where a run stopped, and that no more is paid for than was taken.
    fn stop(&mut self, stop: Stop, at: At) -> Stop {
        self.vm.settle();
        if let (Stop::Paused, At::Block(word)) = (&stop, at) {
            self.resume = (word, true);
        }
        self.vm.stopped_at = at;
        stop
    }

    /// Walks over words until something is to be done that they cannot do.
    fn walk(&mut self) -> Exit {
        let (start, pays) = self.resume;
        self.operate(|vm, window| {
            let words = vm.words.get(start..).unwrap_or_default();
            let Some(word) = words.first() else { return vm.broken() };
            if pays {
                let steps = word.steps.into();
                if vm.fuel < steps && !vm.refuel(steps, words) {
                    return Exit::Stopped;
                }
                vm.fuel -= steps;
            }
            (word.run)(vm, window, words, 0)
        })
    }

    /// Lets operations work on the registers of the innermost frame, beginning with one, until they do not go on by
    /// themselves.
    fn operate(&mut self, first: impl FnOnce(&mut Vm<'p>, Window<'_>) -> Exit) -> Exit {
        let (vm, cells) = (&mut self.vm, self.registers.cells());
        let window = |vm: &Vm<'_>| Window::new(&cells, vm.base);
        let Some(its) = window(vm) else { return vm.broken() };
        let mut exit = first(vm, its);
        while exit == Exit::Go {
            let (Some((words, value)), Some(window)) = (vm.next.take(), window(vm)) else { break };
            let Some(word) = words.first() else { break };
            exit = (word.run)(vm, window, words, value);
        }
        exit
    }

    /// The value that the function gives.
    fn value(&mut self) -> Result<Option<Value>, Stop> {
        let cells = self.registers.frame(0);
        Ok(match (&*self.result, cells.get(..self.result.len()).unwrap_or_default()) {
            ([], []) => None,
            ([CellType::Scalar(tag)], [bits]) => Some(Value::Scalar(*tag, *bits)),
            ([CellType::UnionValue(_), _], [bits, tag]) => {
                let tag = rest::tag_of(*tag).ok_or(Stop::Broken("a union without a tag"))?;
                Some(Value::Scalar(tag, *bits))
            }
            ([CellType::String { .. }], [span]) => {
                let bytes = self.vm.bytes(*span as u32 as usize, (*span >> 32) as usize)?;
                Some(Value::String(String::from_utf8_lossy(bytes).into_owned()))
            }
            _ => return Err(Stop::Broken("a result that cannot be shown")),
        })
    }

    /// How the run ended; `None` if it only paused.
    pub(crate) fn describe(&self, stop: Stop) -> Option<End> {
        use crate::cancel::Halt;
        Some(match stop {
            Stop::Trap(trap) => End::Trap(Box::new(self.report(trap))),
            Stop::Halt(Halt::Limit(limit)) => End::Limit(limit, Box::new(self.report_stack())),
            Stop::Halt(Halt::Cancelled) => End::Cancelled(Box::new(self.report_stack())),
            Stop::HostIo(words) => End::HostIo(words, Some(Box::new(self.report_stack()))),
            Stop::Broken(words) => End::Internal(words),
            Stop::Paused => return None,
        })
    }

    /// The function in which it stopped.
    fn innermost(&self) -> u32 {
        self.native.stopped().first().map_or(self.vm.code.function, |(function, _)| *function)
    }

    fn report_innermost(&self) -> FrameReport {
        if let Some((function, place)) = self.native.stopped().first() {
            return FrameReport::of(self.vm.module, *function, place.ip, place.sp);
        }
        self.report_frame(self.vm.code, self.vm.stopped_at)
    }

    fn report_frame(&self, code: &Code, at: At) -> FrameReport {
        let place = code.place(at);
        FrameReport::of(self.vm.module, code.function, place.ip, place.sp)
    }

    fn report(&self, trap: Trap) -> TrapReport {
        let arena = match trap {
            Trap::OutOfMemory { .. } => self.vm.report_arena(self.innermost()),
            _ => None,
        };
        TrapReport::of(self.vm.module, self.innermost(), trap, self.report_stack(), arena)
    }

    fn report_stack(&self) -> CallStack {
        // The calls of machine code are within those of the words.
        let within = self.native.stopped().get(1..).unwrap_or_default();
        let depth = self.vm.depth;
        CallStack::of(self.report_innermost(), within.len() + depth, |place| {
            if let Some((function, place)) = within.get(place) {
                return Some(FrameReport::of(self.vm.module, *function, place.ip, place.sp));
            }
            let frame = self.vm.frames.get(depth.checked_sub(place - within.len() + 1)?)?;
            let call = (frame.code.words.len() - frame.rest.len()).saturating_sub(1);
            Some(self.report_frame(frame.code, At::Word(call)))
        })
    }

    /// Gives back the handle by which the run could be ended.
    pub(crate) fn give_cancel(&mut self) -> Option<Cancel> {
        self.vm.meter.give_cancel()
    }

    /// What was used so far.
    pub(crate) fn used(&self) -> Used {
        self.vm.meter.used()
    }

    /// The static blocks as they are now.
    pub(crate) fn take_statics(&self, statics: &mut [Vec<u8>]) {
        let mut start = self.vm.module.string_bytes().len();
        for (block, bytes) in self.vm.module.statics().zip(statics) {
            let end = start.saturating_add(block.capacity as usize);
            if let Some(now) = self.vm.memory.get(start..end) {
                bytes.clear();
                bytes.extend_from_slice(now);
            }
            start = end;
        }
    }
}

/// The room is the thread's again.
impl Drop for Interpreter<'_> {
    fn drop(&mut self) {
        let Some(mut room) = self.room.take() else { return };
        let Vm { frames, live, deepest, .. } = &mut self.vm;
        if frames.capacity() > 0 {
            room.give_frames(core::mem::take(frames));
        }
        room.live = live.take();
        room.live.iter_mut().for_each(|live| live.clear());
        room.registers = core::mem::take(&mut self.registers);
        if let Some(guest) = self.native.give_back(*deepest) {
            room.guest = Some(guest);
        }
        room.give_back();
    }
}

/// The code of a function, translated if it was not yet.
fn code_of<'p>(
    (loaded, tables): (&'p Loaded, bool),
    translator: &mut Option<Box<Translator<'p>>>,
    function: u32,
) -> Result<&'p Code, Stop> {
    let module = loaded.module();
    let place = loaded.codes(tables).codes.get(function as usize).ok_or(BROKEN_CALL)?;
    if let Some(code) = place.get() {
        return Ok(code);
    }
    let translator = translator.get_or_insert_with(|| Box::new(Translator::new(loaded.verified(), tables)));
    let form = translator.translate(function);
    let called = module.function(function).ok_or(BROKEN_CALL)?;
    let code =
        form.and_then(|form| Code::new(&called, form)).ok_or(Stop::Broken("a function that cannot be translated"))?;
    // Another thread may have been faster; its code is the same.
    Ok(place.get_or_init(|| Box::new(code)))
}
