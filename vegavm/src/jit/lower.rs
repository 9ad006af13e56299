//! The plain register form of a function → Cranelift's instructions.
//!
//! Guarantees: what the interpreter would do for the same operations is done in the same order, and whatever can end a run
//! is told at the same place, with the same fuel and the same words. Steps are counted in a variable, memory and frames that
//! are left go from caller to callee by value, so that a return has nothing to give back.

mod calls;
mod complex;
mod events;
mod memory;
mod operation;
mod room;

pub(super) use calls::{MOST_PARAMETERS, Shape};
pub(super) use complex::Uses;
pub(super) use memory::Flags;

use super::body::{Act, At, Body, Taken};
use super::boundary::field;
use super::fuel::Fuel;
use super::liveness::Live;
use super::prepare::{Ahead, Prepared};
use super::sites::Site;
use super::values::Values;
use crate::register::{Op, Operand, Register};
use calls::landing_signature;
use cranelift_codegen::ir::{
    Block, FuncRef, Function, InstBuilder, SigRef, StackSlot, StackSlotData, StackSlotKind, TrapCode, UserFuncName,
    Value, types,
};
use cranelift_codegen::isa::{CallConv, TargetFrontendConfig};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use events::event_signature;
use vega_format::parsed::Parsed;

/// What is to be lowered.
pub(super) struct Task<'t> {
    pub(super) module: &'t Parsed<'static>,
    pub(super) prepared: &'t Prepared,
    /// The number of the code.
    pub(super) number: u32,
    /// The addresses of the code that tells the host something, and of the one that asks it.
    pub(super) tell: usize,
    pub(super) ask: usize,
    pub(super) frontend: TargetFrontendConfig,
}

pub(super) struct Lower<'a, 'f> {
    pub(super) builder: FunctionBuilder<'f>,
    pub(super) task: &'a Task<'a>,
    function: u32,
    shape: Shape,
    pub(super) values: Values,
    pub(super) live: Live,
    sites: Vec<Site>,
    at: At,
    /// Whether the index of the operation is known to be within bounds.
    proven: bool,
    /// The blocks of the body.
    blocks: Vec<Option<Block>>,
    /// Those to which a jump leads back.
    loops: Vec<bool>,
    /// The acts of each block.
    pub(super) ranges: Vec<core::ops::Range<usize>>,
    pub(super) flags: Flags,
    pub(super) context: Value,
    pub(super) memory: Value,
    registers: Value,
    pub(super) fuel: Fuel,
    /// What is left of frames and memory.
    left: Variable,
    /// Where roomy code keeps it: it is rarely asked for.
    kept: Option<StackSlot>,
    /// Whether all that this code takes is no more than was taken before, where that is only known when it runs.
    roomy: Variable,
    /// What is taken so far, at the beginning of each block, and at most; nothing where that is not known.
    taken: Taken,
    taken_at: Vec<Taken>,
    most: Option<Taken>,
    tell: SigRef,
    ask: SigRef,
    /// Where nothing ever goes.
    nowhere: Option<Block>,
    /// The function as one that it calls.
    itself: Option<FuncRef>,
}

/// Lowers a function; `None` where it is not what the translator makes.
pub(super) fn lower(task: &Task<'_>) -> Option<(Function, Vec<Site>)> {
    let number = task.prepared.body.contexts.first()?.function;
    let shape = Shape::of(task.module, number)?;
    let name = UserFuncName::user(0, number);
    let signature = if task.prepared.entry.is_some() { landing_signature() } else { shape.signature() };
    let mut function = Function::with_name_signature(name, signature);
    let mut context = FunctionBuilderContext::new();
    let mut builder = FunctionBuilder::new(&mut function, &mut context);
    let entry = builder.create_block();
    builder.append_block_params_for_function_params(entry);
    builder.switch_to_block(entry);
    builder.seal_block(entry);
    let mut parameters = builder.block_params(entry).to_vec();
    let context = *parameters.first()?;
    let variable = |builder: &mut FunctionBuilder<'_>, value: Value| {
        let variable = builder.declare_var(types::I64);
        builder.def_var(variable, value);
        variable
    };
    let flags = Flags::new(&mut builder);
    if task.prepared.entry.is_some() {
        for place in [field::FUEL, field::LEFT] {
            parameters.push(builder.ins().load(types::I64, flags.host, context, place));
        }
    }
    let (given, parameters) = parameters.split_at_checked(3)?;
    let &[_, fuel, left] = given else { return None };
    let steady = flags.host.with_readonly().with_can_move();
    let memory = builder.ins().load(types::I64, steady, context, field::MEMORY);
    let registers = builder.ins().load(types::I64, steady, context, field::REGISTERS);
    let (taken_at, most) = task.prepared.taken.clone().map_or((Vec::new(), None), |(at, most)| (at, Some(most)));
    let mut lower = Lower {
        roomy: builder.declare_var(types::I8),
        taken: Taken::default(),
        taken_at,
        most,
        fuel: Fuel::new(variable(&mut builder, fuel), task.prepared.body.blocks.len()),
        left: variable(&mut builder, left),
        kept: None,
        tell: builder.import_signature(event_signature(CallConv::PreserveAll)),
        ask: builder.import_signature(event_signature(CallConv::SystemV)),
        nowhere: None,
        itself: None,
        task,
        function: number,
        values: Values::new(&task.prepared.body),
        live: task.prepared.live.clone(),
        sites: Vec::new(),
        at: *task.prepared.body.at.first()?,
        proven: false,
        blocks: Vec::new(),
        loops: Vec::new(),
        ranges: Vec::new(),
        flags,
        context,
        memory,
        registers,
        shape,
        builder,
    };
    for (place, value) in parameters.iter().enumerate() {
        let kind = lower.shape.parameters.get(place).copied()?;
        lower.set(place as Register, kind, *value);
    }
    lower.function()?;
    let Lower { mut builder, sites, .. } = lower;
    builder.seal_all_blocks();
    builder.finalize(task.frontend);
    Some((function, sites))
}

impl Lower<'_, '_> {
    fn function(&mut self) -> Option<()> {
        let body = &self.task.prepared.body;
        let blocks = body.blocks.iter();
        self.blocks = blocks.map(|block| block.map(|_| self.builder.create_block())).collect();
        self.loops = vec![false; body.blocks.len()];
        self.ranges = body.by_number();
        let ranges = body.ranges();
        for (number, range) in &ranges {
            let last = body.acts.get(range.clone())?.last()?;
            for next in Body::successors(last, *number) {
                if next <= *number && !(matches!(last, Act::Op(Op::Jump { .. })) && body.is_test(next, &self.ranges)) {
                    *self.loops.get_mut(next)? = true;
                }
            }
        }
        let (first, _) = ranges.first()?;
        let to = match self.task.prepared.entry {
            Some(number) => {
                self.take_over(number);
                self.block(number)?
            }
            None => {
                self.prologue()?;
                self.block(*first)?
            }
        };
        if self.is_roomy() {
            let left = self.builder.use_var(self.left);
            let slot = self.builder.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, 8, 3));
            self.builder.ins().stack_store(types::I64, left, slot, 0);
            self.kept = Some(slot);
        }
        self.settle_fuel(self.task.prepared.entry.unwrap_or(*first));
        self.builder.ins().jump(to, &[]);
        for (number, range) in &ranges {
            let code = self.block(*number)?;
            self.builder.switch_to_block(code);
            self.enter_block(*number);
            self.enter_fuel(*number);
            let block = body.blocks.get(*number).copied().flatten()?;
            self.at = block.at;
            let must_look = number == first || self.loops.get(*number).copied().unwrap_or_default();
            match self.task.prepared.ahead.get(*number) {
                Some(Some(Ahead::Counted(counted))) => self.run_ahead(*number, *counted)?,
                Some(Some(Ahead::Abreast(loops))) => self.run_abreast(*number, loops)?,
                _ => {}
            }
            self.charge_block(*number, None, must_look);
            self.acts(range.clone(), *number)?;
        }
        if let Some(nowhere) = self.nowhere {
            self.builder.switch_to_block(nowhere);
            self.builder.ins().trap(TrapCode::unwrap_user(1));
        }
        Some(())
    }

    pub(super) fn acts(&mut self, range: core::ops::Range<usize>, number: usize) -> Option<()> {
        let body = &self.task.prepared.body;
        for index in range {
            self.at = *body.at.get(index)?;
            self.proven = body.proven.get(index).copied().unwrap_or_default();
            let act = body.acts.get(index)?;
            // An arena is paid for before it is there.
            if let Act::Op(Op::Open { capacity, .. }) = act {
                self.charge_bytes(*capacity);
            }
            // Only what nothing ever reaches takes what is not known.
            let _ = self.taken.pass(act);
            match act {
                Act::Op(op) => self.op(op, number)?,
                // Roomy code knows what is taken anywhere.
                Act::Enter { .. } | Act::Leave { .. } if self.is_roomy() => {}
                Act::Enter { bytes } => self.enter(*bytes, false),
                Act::Leave { bytes } => self.give_frame(*bytes),
            }
        }
        Some(())
    }

    /// What the registers hold when a block begins, and what is taken.
    pub(super) fn enter_block(&mut self, number: usize) {
        self.taken = self.taken_at.get(number).copied().unwrap_or_default();
        // A block without an entry goes on as the one before ended.
        if let Some(entry) = self.task.prepared.body.entries.get(number).and_then(|entry| entry.as_ref()) {
            self.values.meet();
            for (now, kind) in self.values.now.iter_mut().skip(entry.first.into()).zip(&entry.kinds) {
                *now = *kind;
            }
        }
    }

    /// The registers are as words have them where a block begins.
    fn take_over(&mut self, number: usize) {
        for register in self.live.at(number) {
            match self.task.prepared.known.iter().find(|(known, _)| *known == register) {
                Some((_, constant)) => self.copy(register, Operand::Constant(*constant)),
                None => self.take_cell(register),
            }
        }
        self.settle_for(number);
        self.taken = self.taken_at.get(number).copied().unwrap_or_default();
        if self.is_roomy() {
            let Taken { frames, bytes } = self.taken;
            self.leave_only(Taken { frames: -frames, bytes: -bytes });
        } else {
            self.look_for_room();
        }
    }

    /// Goes on with a block to which no path leads that is not there yet.
    pub(super) fn begin(&mut self, block: Block) {
        self.builder.switch_to_block(block);
        self.builder.seal_block(block);
    }

    /// The registers hold what a block expects that begins where paths meet.
    pub(super) fn settle_for(&mut self, number: usize) {
        let body = &self.task.prepared.body;
        let Some(entry) = body.entries.get(number).and_then(|entry| entry.as_ref()) else { return };
        for register in self.live.at(number) {
            match entry.kind(register) {
                None if self.values.is_computed(register) => {}
                None => self.make_exact(register),
                Some(kind) => self.settle(register, kind),
            }
        }
    }

    /// Does what the test of a loop does, so that the loop goes round with one jump.
    fn turn(&mut self, number: usize, from: usize) -> Option<()> {
        self.settle_for(number);
        self.enter_block(number);
        let block = self.task.prepared.body.blocks.get(number).copied().flatten()?;
        self.at = block.at;
        self.charge_block(number, Some(from), true);
        let range = self.ranges.get(number)?.clone();
        self.acts(range, number)
    }

    fn block(&self, number: usize) -> Option<Block> {
        self.blocks.get(number).copied().flatten()
    }

    /// The block to which execution goes; one that always traps where nothing ever goes, as behind a call that never returns.
    fn target(&mut self, number: usize) -> Block {
        match self.block(number) {
            Some(block) => block,
            None => {
                let builder = &mut self.builder;
                *self.nowhere.get_or_insert_with(|| builder.create_block())
            }
        }
    }

    /// Goes on with a block.
    fn go(&mut self, number: usize) {
        self.settle_for(number);
        self.settle_fuel(number);
        let target = self.target(number);
        self.builder.ins().jump(target, &[]);
    }

    /// The next block begins, if this op did not end execution.
    fn fall(&mut self, number: usize) -> Option<()> {
        self.go(number + 1);
        Some(())
    }
}
