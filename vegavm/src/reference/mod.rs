//! The reference engine: reads one byte at ip and executes it, on a plain expression stack and a slot table
//! and free list. Slow, obviously right, the readable form of the specification, and the oracle of all tests.
//!
//! It relies on the verifier for nothing: a cell of the wrong kind ends the run with [`Stop::Broken`], it never panics.

mod calls;
mod execute;
mod facts;
mod frame;
mod memory;
mod stack;
mod statics;
mod strings;
mod variables;
mod views;

pub(crate) use frame::Frame;
pub(crate) use statics::at_start;

use crate::cancel::{Cancel, Halt};
use crate::limits::{LimitReached, Limits};
use crate::meter::Meter;
use crate::native::Imports;
use crate::observe::{Done, Observer, Snapshot};
use crate::outcome::{End, Used};
use crate::program::Program;
use crate::trap::{ArenaReport, CallStack, FrameReport, TrapReport};
use crate::value::{Cell, Value};
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use facts::Facts;
use frame::Held;
use vega_format::container::SlotKind;
use vega_format::hash::HashMap;
use vega_format::instruction::Instruction;
use vega_format::parsed::Parsed;
use vega_format::trap::Trap;
use vega_format::verify::Verified;

/// Why execution does not go on.
#[derive(Debug, Clone)]
enum Stop {
    /// The instruction trapped.
    Trap(Trap),
    /// A limit was reached.
    Limit(LimitReached),
    /// The run was cancelled.
    Cancelled,
    /// The host could not read or write.
    #[cfg_attr(not(feature = "std"), allow(dead_code, reason = "the host's functions read and write by themselves"))]
    HostIo(String),
    /// It has gone as far as it was to go.
    Paused,
    /// Something that a verified program cannot bring about.
    Broken(&'static str),
}

/// The fault of arguments that are not what a function takes.
const ANOTHER_TYPE: &str = "an argument of another type";

impl From<Trap> for Stop {
    fn from(trap: Trap) -> Stop {
        Stop::Trap(trap)
    }
}

impl From<LimitReached> for Stop {
    fn from(limit: LimitReached) -> Stop {
        Stop::Limit(limit)
    }
}

impl From<Halt> for Stop {
    fn from(halt: Halt) -> Stop {
        match halt {
            Halt::Limit(limit) => Stop::Limit(limit),
            Halt::Cancelled => Stop::Cancelled,
        }
    }
}

/// A program in execution.
#[derive(Clone)]
pub(crate) struct Machine<'p> {
    verified: &'p Verified,
    /// Whether slots stand where the verifier says, as far as it knows.
    is_placed: bool,
    pub(crate) module: &'p Parsed<'static>,
    /// Linear memory: string constants, static blocks, what the host hands over, then arenas, frame after frame.
    pub(crate) memory: Vec<u8>,
    /// The cells of all frames: parameters, then the expression stack, frame after frame.
    pub(crate) cells: Vec<Cell>,
    pub(crate) frame: Frame<'p>,
    pub(crate) callers: Vec<Frame<'p>>,
    facts: Vec<Option<Rc<Facts>>>,
    /// Where each static block starts in memory.
    statics: Vec<usize>,
    meter: Meter,
    /// The most steps before it pauses; only a block that goes beyond them pauses it.
    pause_at: u64,
    arenas_opened: u64,
    /// Live activations of the functions that limit them.
    live: HashMap<u32, u32>,
    result: Option<Option<Value>>,
    /// Why it cannot even begin.
    stop: Option<Stop>,
}

impl<'p> Machine<'p> {
    /// A call of a function with arguments that fit it, on static blocks as they are; they stay those of the instance until
    /// they are taken. Slots stand where the verifier says, or where the free list has room. `None` if what is called is no
    /// function.
    pub(crate) fn new(
        (program, is_placed): (&'p Program, bool),
        function: u32,
        arguments: &[Value],
        statics: &[Vec<u8>],
        limits: &Limits,
        cancel: &Cancel,
    ) -> Option<Machine<'p>> {
        let verified = program.loaded().verified();
        let module = program.module();
        let (cells, ip) = program.start();
        let function = module.function(function)?;
        let facts = Rc::new(Facts::of(verified, &function, is_placed)?);
        let mut machine = Machine {
            verified,
            is_placed,
            module,
            memory: Vec::new(),
            frame: Frame::new(function, Rc::clone(&facts), ip, cells.len()),
            cells,
            callers: Vec::new(),
            facts: vec![None; module.function_count() as usize],
            statics: Vec::new(),
            meter: Meter::new(limits, cancel.clone()),
            pause_at: 0,
            arenas_opened: 0,
            live: HashMap::default(),
            result: None,
            stop: None,
        };
        machine.stop = machine.push_first_frame(arguments, statics).err();
        Some(machine)
    }

    /// Puts everything there that a call begins with.
    fn push_first_frame(&mut self, arguments: &[Value], statics: &[Vec<u8>]) -> Result<(), Stop> {
        self.place_what_stays(arguments, statics)?;
        let main = self.frame.function;
        self.activate(&main)?;
        self.meter.count_frames(1);
        self.meter.take_frame(self.frame.bytes(), self.frame.facts.bookkeeping)?;
        Ok(())
    }

    /// Goes on until the run ends, or pauses before the first block that goes beyond these steps; gives how it ended.
    pub(crate) fn resume(&mut self, steps: u64, imports: &mut Imports<'_>, observer: &mut dyn Observer) -> Option<End> {
        self.pause_at = self.pause_at.saturating_add(steps);
        self.go(observer, |machine, observer| machine.process_instructions(imports, observer))
    }

    /// Executes the instruction at ip, whatever it costs; gives how the run ended, if it has.
    pub(crate) fn step(&mut self, imports: &mut Imports<'_>, observer: &mut dyn Observer) -> Option<End> {
        let pause_at = core::mem::replace(&mut self.pause_at, u64::MAX);
        let end =
            self.go(observer, |machine, observer| machine.process_instruction(imports, observer)?.ok_or(Stop::Paused));
        self.pause_at = pause_at.max(self.meter.used().steps);
        end
    }

    fn go(
        &mut self,
        observer: &mut dyn Observer,
        process: impl FnOnce(&mut Self, &mut dyn Observer) -> Result<Option<Value>, Stop>,
    ) -> Option<End> {
        self.meter.run_clock(true);
        let result = self.stop.take().map_or_else(|| process(self, observer), Err);
        self.meter.run_clock(false);
        let end = match result {
            Ok(value) => End::Result(value),
            Err(stop) => {
                let end = self.describe(stop, observer)?;
                // What was not done is what is shown.
                self.frame.ip = self.frame.at;
                end
            }
        };
        observer.at_end(&Snapshot::new(self));
        Some(end)
    }

    fn process_instructions(
        &mut self,
        imports: &mut Imports<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Option<Value>, Stop> {
        loop {
            if let Some(result) = self.process_instruction(imports, observer)? {
                return Ok(result);
            }
        }
    }

    /// Executes the instruction at ip; gives the result of the run if it has ended.
    fn process_instruction(
        &mut self,
        imports: &mut Imports<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Option<Option<Value>>, Stop> {
        let instruction = self.read_one_byte()?;
        // Blocks are charged as a whole, and who observes may take long for each instruction.
        self.meter.look()?;
        let (function, ip) = (self.frame.function, self.frame.at);
        let done = Done { function, ip, instruction };
        observer.before_instruction(&done, &Snapshot::new(self));
        self.execute_instruction(instruction, imports, observer)?;
        observer.after_instruction(&done, &Snapshot::new(self));
        Ok(self.should_exit())
    }

    /// The byte at ip is the opcode; the operands that it asks for come with it. A basic block is paid for on entry.
    fn read_one_byte(&mut self) -> Result<Instruction, Stop> {
        let frame = &mut self.frame;
        frame.at = frame.ip;
        frame.sp = (self.cells.len() - frame.base.min(self.cells.len())) as u32;
        if frame.ip == frame.block_end {
            let block = frame.facts.block(frame.ip).ok_or(Stop::Broken("ip is not at the start of a block"))?;
            if self.meter.used().steps.saturating_add(block.steps) > self.pause_at {
                return Err(Stop::Paused);
            }
            self.meter.charge(block.steps)?;
            frame.block_end = block.end;
        }
        let code = frame.function.code.get(frame.ip as usize..).unwrap_or_default();
        let (instruction, width) = Instruction::decode(code).map_err(|_| Stop::Broken("ip is at no instruction"))?;
        frame.ip += width as u32;
        Ok(instruction)
    }

    fn should_exit(&mut self) -> Option<Option<Value>> {
        self.result.take()
    }

    /// What was used so far.
    pub(crate) fn used(&self) -> Used {
        self.meter.used()
    }

    /// How the run ended; `None` if it only paused.
    fn describe(&self, stop: Stop, observer: &mut dyn Observer) -> Option<End> {
        Some(match stop {
            Stop::Trap(trap) => {
                let report = self.report(trap);
                observer.at_trap(&report, &Snapshot::new(self));
                End::Trap(Box::new(report))
            }
            Stop::Limit(limit) => End::Limit(limit, Box::new(self.report_stack())),
            Stop::Cancelled => End::Cancelled(Box::new(self.report_stack())),
            Stop::HostIo(words) => End::HostIo(words, Some(Box::new(self.report_stack()))),
            Stop::Broken(words) => End::Internal(words),
            Stop::Paused => return None,
        })
    }

    fn report(&self, trap: Trap) -> TrapReport {
        let arena = match trap {
            Trap::OutOfMemory { .. } => self.report_arena(),
            _ => None,
        };
        TrapReport::of(self.module, self.frame.function.index, trap, self.report_stack(), arena)
    }

    fn report_stack(&self) -> CallStack {
        let depth = self.callers.len();
        CallStack::of(self.report_frame(&self.frame), depth, |place| {
            let caller = self.callers.get(depth.checked_sub(place + 1)?)?;
            Some(self.report_frame(caller))
        })
    }

    /// What lies around the largest hole of the innermost arena.
    fn report_arena(&self) -> Option<ArenaReport> {
        let frame = &self.frame;
        let innermost = frame.arenas.len().checked_sub(1)?;
        let arena = frame.arenas.get(innermost)?;
        let is_own =
            |id: u16, held: &Held| held.arena == innermost && !matches!(frame.kind(id), Some(SlotKind::Alias(_)));
        let slots = frame.live().filter(|(id, held)| is_own(*id, held));
        let slots = slots.map(|(id, held)| (id, held.offset..held.offset + held.size));
        Some(ArenaReport::of(self.module, frame.function.index, slots, arena.places.free()))
    }

    pub(crate) fn report_frame(&self, frame: &Frame<'_>) -> FrameReport {
        FrameReport::of(self.module, frame.function.index, frame.at, frame.sp)
    }
}
