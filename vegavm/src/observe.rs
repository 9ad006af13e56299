//! Observed runs: what an observer is told, and the state that it may look at.
//!
//! What is shown is the same on every run: offsets and numbers, never addresses of the host.

use crate::outcome::Used;
use crate::reference::{Frame, Machine};
use crate::trap::TrapReport;
use crate::value::Cell;
use core::ops::Range;
use vega_format::allocator::{Allocator, Strategy};
use vega_format::container::{Function, SlotKind};
use vega_format::instruction::Instruction;
use vega_format::parsed::Parsed;
use vega_format::types::Tag;

/// An instruction that was executed, or is about to be.
#[derive(Debug, Clone, Copy)]
pub struct Done<'m> {
    /// The function.
    pub function: Function<'m>,
    /// Offset of the instruction in its code.
    pub ip: u32,
    /// The instruction.
    pub instruction: Instruction,
}

/// Watches a run; the run is the same whether it is watched or not.
pub trait Observer {
    /// Whether it wants to be told anything; if not, any engine will do.
    fn watches(&self) -> bool {
        true
    }

    /// An instruction is about to be executed; its block is paid for.
    fn before_instruction(&mut self, _coming: &Done<'_>, _state: &Snapshot<'_>) {}

    /// An instruction was executed; the state is that after it. After the last one the frame is still shown.
    fn after_instruction(&mut self, _done: &Done<'_>, _state: &Snapshot<'_>) {}

    /// The innermost arena is about to end.
    fn before_arena_end(&mut self, _state: &Snapshot<'_>) {}

    /// An instruction trapped.
    fn at_trap(&mut self, _report: &TrapReport, _state: &Snapshot<'_>) {}

    /// The run is over, in whatever way.
    fn at_end(&mut self, _state: &Snapshot<'_>) {}
}

impl Observer for () {
    fn watches(&self) -> bool {
        false
    }
}

impl<O: Observer> Observer for Option<O> {
    fn watches(&self) -> bool {
        self.as_ref().is_some_and(Observer::watches)
    }

    fn before_instruction(&mut self, coming: &Done<'_>, state: &Snapshot<'_>) {
        self.iter_mut().for_each(|observer| observer.before_instruction(coming, state));
    }

    fn at_end(&mut self, state: &Snapshot<'_>) {
        self.iter_mut().for_each(|observer| observer.at_end(state));
    }

    fn after_instruction(&mut self, done: &Done<'_>, state: &Snapshot<'_>) {
        self.iter_mut().for_each(|observer| observer.after_instruction(done, state));
    }

    fn before_arena_end(&mut self, state: &Snapshot<'_>) {
        self.iter_mut().for_each(|observer| observer.before_arena_end(state));
    }

    fn at_trap(&mut self, report: &TrapReport, state: &Snapshot<'_>) {
        self.iter_mut().for_each(|observer| observer.at_trap(report, state));
    }
}

impl<A: Observer, B: Observer> Observer for (A, B) {
    fn watches(&self) -> bool {
        self.0.watches() || self.1.watches()
    }

    fn before_instruction(&mut self, coming: &Done<'_>, state: &Snapshot<'_>) {
        self.0.before_instruction(coming, state);
        self.1.before_instruction(coming, state);
    }

    fn at_end(&mut self, state: &Snapshot<'_>) {
        self.0.at_end(state);
        self.1.at_end(state);
    }

    fn after_instruction(&mut self, done: &Done<'_>, state: &Snapshot<'_>) {
        self.0.after_instruction(done, state);
        self.1.after_instruction(done, state);
    }

    fn before_arena_end(&mut self, state: &Snapshot<'_>) {
        self.0.before_arena_end(state);
        self.1.before_arena_end(state);
    }

    fn at_trap(&mut self, report: &TrapReport, state: &Snapshot<'_>) {
        self.0.at_trap(report, state);
        self.1.at_trap(report, state);
    }
}

/// The state of a run between two instructions.
#[derive(Clone, Copy)]
pub struct Snapshot<'m> {
    machine: &'m Machine<'m>,
}

/// A slot that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotView {
    /// Its id.
    pub id: u16,
    /// What it was declared to be.
    pub kind: SlotKind,
    /// The arena in which it lives, by its index in the frame.
    pub arena: usize,
    /// Its bytes, as offsets in that arena.
    pub bytes: Range<u32>,
    /// The type of the value that is there; none before the first store, and for structs and arrays.
    pub tag: Option<Tag>,
}

/// An open arena.
#[derive(Debug, Clone, Copy)]
pub struct ArenaView<'m> {
    /// Where its bytes start in linear memory.
    pub start: usize,
    /// Its bytes, as many as its capacity.
    pub bytes: &'m [u8],
    places: &'m Allocator,
}

impl ArenaView<'_> {
    /// Offset and size of the free blocks, from the lowest offset.
    pub fn free_blocks(&self) -> impl Iterator<Item = (u32, u32)> {
        self.places.free().blocks()
    }

    /// How slots are placed in it.
    pub fn strategy(&self) -> Strategy {
        self.places.strategy()
    }

    /// The sum of the free blocks.
    pub fn free_bytes(&self) -> u32 {
        self.places.free().free_bytes()
    }
}

/// An active call, with its state.
#[derive(Clone, Copy)]
pub struct FrameView<'m> {
    machine: &'m Machine<'m>,
    frame: &'m Frame<'m>,
}

impl<'m> Snapshot<'m> {
    pub(crate) fn new(machine: &'m Machine<'_>) -> Snapshot<'m> {
        Snapshot { machine }
    }

    /// The module that runs.
    pub fn module(&self) -> &'m Parsed<'static> {
        self.machine.module
    }

    /// What was used so far.
    pub fn used(&self) -> Used {
        self.machine.used()
    }

    /// Linear memory: string constants, the strings of the host, arenas.
    pub fn memory(&self) -> &'m [u8] {
        &self.machine.memory
    }

    /// The innermost frame.
    pub fn frame(&self) -> FrameView<'m> {
        FrameView { machine: self.machine, frame: &self.machine.frame }
    }

    /// How many frames there are.
    pub fn depth(&self) -> usize {
        self.machine.callers.len() + 1
    }

    /// All frames, innermost first.
    pub fn frames(&self) -> impl Iterator<Item = FrameView<'m>> {
        let machine = self.machine;
        let callers = machine.callers.iter().rev().map(move |frame| FrameView { machine, frame });
        core::iter::once(self.frame()).chain(callers)
    }
}

impl<'m> FrameView<'m> {
    /// The function.
    pub fn function(&self) -> Function<'m> {
        self.frame.function
    }

    /// Offset of the instruction where it is: the next one; of a caller, its call.
    pub fn at(&self) -> u32 {
        if self.is_innermost() { self.frame.ip } else { self.frame.at }
    }

    fn is_innermost(&self) -> bool {
        core::ptr::eq(self.frame, &self.machine.frame)
    }

    /// Offset of its next instruction; of a caller, that behind the call.
    pub fn ip(&self) -> u32 {
        self.frame.ip
    }

    /// The cells of the parameters, lowest first.
    pub fn parameters(&self) -> &'m [Cell] {
        let cells = self.machine.cells.get(self.frame.base..).unwrap_or_default();
        cells.get(..self.frame.facts.parameter_count()).unwrap_or_default()
    }

    /// The expression stack, lowest cell first; of a caller, without the arguments that its callee has taken.
    pub fn stack(&self) -> &'m [Cell] {
        let frames = core::iter::once(&self.machine.frame).chain(self.machine.callers.iter().rev());
        let callees = frames.take_while(|frame| !core::ptr::eq(*frame, self.frame));
        let end = callees.last().map_or(self.machine.cells.len(), |callee| callee.base);
        let bottom = self.frame.base + self.frame.facts.parameter_count();
        self.machine.cells.get(bottom..end).unwrap_or_default()
    }

    /// The cell of the frame that the next value would take, of a caller before its call; parameters count first.
    pub fn sp(&self) -> usize {
        match self.is_innermost() {
            true => self.machine.cells.len().saturating_sub(self.frame.base),
            false => self.frame.sp as usize,
        }
    }

    /// The same before the instruction where it is, which may have taken operands since.
    pub fn sp_before(&self) -> u32 {
        self.frame.sp
    }

    /// The slots that are there, by id.
    pub fn slots(&self) -> impl Iterator<Item = SlotView> + 'm {
        let frame = self.frame;
        frame.live().filter_map(move |(id, held)| {
            let bytes = held.offset..held.offset + held.size;
            Some(SlotView { id, kind: frame.kind(id)?, arena: held.arena, bytes, tag: held.tag })
        })
    }

    /// The open arenas, outermost first.
    pub fn arenas(&self) -> impl DoubleEndedIterator<Item = ArenaView<'m>> + ExactSizeIterator {
        let memory = &self.machine.memory;
        self.frame.arenas.iter().map(move |arena| {
            let bytes = memory.get(arena.start..).and_then(|rest| rest.get(..arena.capacity() as usize));
            ArenaView { start: arena.start, bytes: bytes.unwrap_or_default(), places: &arena.places }
        })
    }
}
