//! The plain register form of a function → Cranelift's instructions.
//!
//! Guarantees: what the interpreter would do for the same operations is done in the same order, and whatever can end a run
//! is told at the same place, with the same fuel and the same words. Steps are counted in a variable, memory and frames that
//! are left go from caller to callee by value, so that a return has nothing to give back.

use super::body::{Act, At, Body, Taken};
use super::boundary::field;
use super::compute::{character, compare, compute, operands};
use super::fuel::Fuel;
use super::inline::frame_bytes;
use super::liveness::Live;
use super::prepare::{Ahead, Prepared};
use super::sites::{DONE, Problem, Site, What};
use super::values::{Values, type_of};
use crate::register::{Address, Complex, Condition, Dynamic, Kind, Op, Operand, Register, Spot, TextPlace};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    AbiParam, AliasRegionData, Block, ExtFuncData, ExternalName, FuncRef, Function, Inst, InstBuilder, MemFlagsData,
    SigRef, Signature, SourceLoc, StackSlot, StackSlotData, StackSlotKind, TrapCode, UserExternalName, UserFuncName,
    Value, types,
};
use cranelift_codegen::isa::{CallConv, TargetFrontendConfig};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use vega_format::compute::Computation;
use vega_format::parsed::Parsed;
use vega_format::trap::Trap;
use vega_format::types::{Mask, Tag};
use vega_format::verify::{CellType, parameter_cells, result_cells};

/// Bytes that are zeroed one store after another; more are left to the host.
const FEW_BYTES: u32 = 256;

/// The most cells that the parameters of a function may take.
pub(super) const MOST_PARAMETERS: usize = 64;

/// What a function takes and gives.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) parameters: Vec<Kind>,
    pub(super) results: Vec<Kind>,
}

impl Shape {
    /// Of a function of a module.
    pub(super) fn of(module: &Parsed<'_>, function: u32) -> Option<Shape> {
        let function = module.function(function)?;
        let stencils = module.stencils();
        let mut parameters = Vec::new();
        for type_ in function.signature.parameters {
            parameters.extend(parameter_cells(stencils, type_).ok()?.iter().map(passed));
        }
        let results = match function.signature.result {
            Some(type_) => result_cells(stencils, type_).ok()?.iter().map(passed).collect(),
            None => Vec::new(),
        };
        // More would make large frames.
        (parameters.len() <= MOST_PARAMETERS).then_some(Shape { parameters, results })
    }

    /// Context, fuel, memory and frames that are left, the parameters; fuel, and the first result. The other results are in
    /// the register file.
    fn signature(&self) -> Signature {
        let mut signature = Signature::new(CallConv::SystemV);
        signature.params = vec![AbiParam::new(types::I64); 4];
        signature.params.extend(self.parameters.iter().map(|kind| AbiParam::new(type_of(*kind))));
        signature.returns.push(AbiParam::new(types::I64));
        signature.returns.extend(self.results.first().map(|kind| AbiParam::new(type_of(*kind))));
        signature
    }
}

/// How memory is accessed. What the host keeps and what lies in linear memory are apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flags {
    pub(super) host: MemFlagsData,
    memory: MemFlagsData,
}

impl Flags {
    fn new(builder: &mut FunctionBuilder<'_>) -> Flags {
        let mut region = |user_id, description: &'static str| {
            let data = AliasRegionData { user_id, description: description.into() };
            Some(builder.func.dfg.alias_regions.insert(data))
        };
        let (host, memory) = (region(0, "host"), region(1, "memory"));
        Flags {
            host: MemFlagsData::trusted().with_alias_region(host),
            // Arenas are packed: nothing is aligned.
            memory: MemFlagsData::new().with_notrap().with_alias_region(memory),
        }
    }
}

/// How a cell goes from function to function: a view as its cell.
fn passed(cell: &CellType) -> Kind {
    match Kind::of_cell(cell) {
        Kind::View => Kind::Cell,
        kind => kind,
    }
}

/// What is to be lowered.
pub(super) struct Task<'t> {
    pub(super) module: &'t Parsed<'static>,
    pub(super) prepared: &'t Prepared,
    /// The number of the code.
    pub(super) number: u32,
    /// The address of the code that tells the host something.
    pub(super) leave: usize,
    pub(super) frontend: TargetFrontendConfig,
}

/// Of the code at which words are taken over: it takes the context, and does not return.
fn landing_signature() -> Signature {
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params.push(AbiParam::new(types::I64));
    signature
}

/// Of the code that tells the host something: it takes the context and a number, and leaves all registers as they were, so
/// that code which rarely tells anything has nothing to save.
fn event_signature() -> Signature {
    let mut signature = Signature::new(CallConv::PreserveAll);
    signature.params = vec![AbiParam::new(types::I64); 2];
    signature
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
    memory_left: Variable,
    frames_left: Variable,
    /// Where roomy code keeps both: they are rarely asked for.
    kept: Option<[StackSlot; 2]>,
    /// Whether all that this code takes is no more than was taken before, where that is only known when it runs.
    roomy: Variable,
    /// What is taken so far, at the beginning of each block, and at most; nothing where that is not known.
    taken: Taken,
    taken_at: Vec<Taken>,
    most: Option<Taken>,
    event: SigRef,
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
        for place in [field::FUEL, field::MEMORY_LEFT, field::FRAMES_LEFT] {
            parameters.push(builder.ins().load(types::I64, flags.host, context, place));
        }
    }
    let (given, parameters) = parameters.split_at_checked(4)?;
    let &[_, fuel, memory_left, frames_left] = given else { return None };
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
        memory_left: variable(&mut builder, memory_left),
        frames_left: variable(&mut builder, frames_left),
        kept: None,
        event: builder.import_signature(event_signature()),
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
            self.kept = Some([self.memory_left, self.frames_left].map(|left| {
                let value = self.builder.use_var(left);
                let slot = self.builder.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, 8, 3));
                self.builder.ins().stack_store(types::I64, value, slot, 0);
                slot
            }));
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
            for (left, taken) in [(self.frames_left, frames), (self.memory_left, bytes)] {
                let value = self.builder.use_var(left);
                let value = self.builder.ins().iadd_imm_s(value, taken);
                self.builder.def_var(left, value);
            }
        } else {
            self.look_for_room();
        }
    }

    /// The frame of the function begins.
    fn prologue(&mut self) -> Option<()> {
        let bytes = frame_bytes(self.task.module, self.function);
        let limits = self.task.module.function(self.function)?.limit.is_some();
        if self.is_roomy() {
            self.unless_there_is_room(bytes)?;
            if limits {
                self.event(What::Activate { function: self.function }, &[]);
                self.reload();
            }
            return Some(());
        }
        if limits {
            self.take_frame(bytes);
            self.event(What::Activate { function: self.function }, &[]);
            self.reload();
            self.give_frame(bytes);
        }
        let no = self.builder.ins().iconst(types::I8, 0);
        self.builder.def_var(self.roomy, no);
        self.enter(bytes, true);
        Some(())
    }

    /// Takes the frame of the function and goes on, unless it may take more than was ever taken before: then the code of the
    /// function that counts does all in its place.
    fn unless_there_is_room(&mut self, bytes: u32) -> Option<()> {
        let given = self.counts();
        let [_, memory_left, frames_left] = given;
        self.take_frame(bytes);
        let [frames, memory] = self.least_to_come()?;
        let [next, behind, cold] = core::array::from_fn(|_| self.builder.create_block());
        self.builder.set_cold_block(cold);
        let is_there = self.is_no_less(frames);
        self.builder.ins().brif(is_there, next, &[], cold, &[]);
        self.begin(next);
        let is_there = self.is_no_less(memory);
        self.builder.ins().brif(is_there, behind, &[], cold, &[]);
        self.begin(cold);
        // The code that counts takes the frame itself: until then it is not taken.
        self.builder.def_var(self.memory_left, memory_left);
        self.builder.def_var(self.frames_left, frames_left);
        let counting = self.task.module.function_count() + self.function;
        let code = self.code(counting)?;
        let mut arguments = vec![self.context];
        arguments.extend(given);
        let block = self.builder.func.layout.entry_block()?;
        arguments.extend_from_slice(self.builder.block_params(block).get(arguments.len()..)?);
        let signature = self.builder.import_signature(self.shape.signature());
        let call = self.builder.ins().call_indirect(signature, code, &arguments);
        let results = self.builder.inst_results(call).to_vec();
        self.builder.ins().return_(&results);
        self.begin(behind);
        Some(())
    }

    /// Whether all that this code takes of frames and memory is no more than was taken before, so that there is nothing to
    /// count: that is found out before it runs.
    fn is_roomy(&self) -> bool {
        self.task.prepared.spare.is_some()
    }

    fn take_frame(&mut self, bytes: u32) -> [Value; 2] {
        [(self.frames_left, 1), (self.memory_left, i64::from(bytes))].map(|(left, by)| {
            let value = self.builder.use_var(left);
            let value = self.builder.ins().iadd_imm_s(value, -by);
            self.builder.def_var(left, value);
            value
        })
    }

    fn give_frame(&mut self, bytes: u32) {
        for (left, by) in [(self.frames_left, 1), (self.memory_left, i64::from(bytes))] {
            let value = self.builder.use_var(left);
            let value = self.builder.ins().iadd_imm_s(value, by);
            self.builder.def_var(left, value);
        }
    }

    /// A frame begins: the function's own, or that of one that was put into it.
    fn enter(&mut self, bytes: u32, is_own: bool) {
        let left = self.take_frame(bytes);
        let behind = self.builder.create_block();
        let cold = self.unless_roomy(behind);
        self.begin(cold);
        let either = self.builder.ins().bor(left[0], left[1]);
        let is_too_much = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, either, 0);
        self.stop_if(is_too_much, What::Frame { bytes, is_own }, &[]);
        for (now, place) in left.into_iter().zip([field::FRAMES_LEAST, field::MEMORY_LEAST]) {
            self.note_least(now, place);
        }
        self.look_for_room();
        self.builder.ins().jump(behind, &[]);
        self.begin(behind);
    }

    /// Notes what is left, if it is less than ever before.
    fn note_least(&mut self, left: Value, place: i32) {
        let least = self.builder.ins().load(types::I64, self.flags.host, self.context, place);
        let least = self.builder.ins().smin(least, left);
        self.builder.ins().store(self.flags.host, least, self.context, place);
    }

    /// What will be left, of frames and of memory, when most is taken of what this code takes.
    fn least_to_come(&mut self) -> Option<[(Value, i32); 2]> {
        let most = self.most?;
        let rest =
            [(self.frames_left, most.frames - self.taken.frames), (self.memory_left, most.bytes - self.taken.bytes)];
        let [frames, memory] = rest.map(|(left, rest)| {
            let left = self.builder.use_var(left);
            self.builder.ins().iadd_imm_s(left, -rest)
        });
        Some([(frames, field::FRAMES_LEAST), (memory, field::MEMORY_LEAST)])
    }

    fn is_no_less(&mut self, (left, place): (Value, i32)) -> Value {
        let least = self.builder.ins().load(types::I64, self.flags.host, self.context, place);
        self.builder.ins().icmp(IntCC::SignedGreaterThanOrEqual, left, least)
    }

    /// Goes on in a block if all that this code ever takes is no more than was taken before, so that there is nothing to
    /// count; gives the block for when it may be more.
    fn unless_roomy(&mut self, behind: Block) -> Block {
        let cold = self.builder.create_block();
        self.builder.set_cold_block(cold);
        let roomy = self.builder.use_var(self.roomy);
        self.builder.ins().brif(roomy, behind, &[], cold, &[]);
        cold
    }

    /// Finds it out again.
    fn look_for_room(&mut self) {
        let roomy = match self.least_to_come() {
            None => self.builder.ins().iconst(types::I8, 0),
            Some(least) => {
                let [frames, memory] = least.map(|least| self.is_no_less(least));
                self.builder.ins().band(frames, memory)
            }
        };
        self.builder.def_var(self.roomy, roomy);
    }

    /// Goes on with a block to which no path leads that is not there yet.
    pub(super) fn begin(&mut self, block: Block) {
        self.builder.switch_to_block(block);
        self.builder.seal_block(block);
    }

    fn site(&mut self, what: What) -> u64 {
        self.sites.push(Site { at: self.at, what });
        u64::from(self.task.number) << 32 | (self.sites.len() as u64 - 1)
    }

    /// Tells the host something, with words. Fuel and what is left may be others afterwards.
    pub(super) fn event(&mut self, what: What, words: &[Value]) {
        let site = self.site(what);
        self.tell(site, words);
    }

    fn tell(&mut self, site: u64, words: &[Value]) {
        let flags = self.flags.host;
        let counts = self.counts();
        for (value, place) in counts.into_iter().zip([field::FUEL, field::MEMORY_LEFT, field::FRAMES_LEFT]) {
            self.builder.ins().store(flags, value, self.context, place);
        }
        for (place, word) in words.iter().enumerate() {
            self.builder.ins().store(flags, *word, self.context, field::WORDS + 8 * place as i32);
        }
        let leave = self.builder.ins().iconst(types::I64, self.task.leave as i64);
        let number = self.builder.ins().iconst(types::I64, site.cast_signed());
        self.builder.ins().call_indirect(self.event, leave, &[self.context, number]);
    }

    /// Fuel, and memory and frames that are left.
    fn counts(&mut self) -> [Value; 3] {
        let fuel = self.fuel();
        let Some([memory, frames]) = self.kept else {
            return [fuel, self.builder.use_var(self.memory_left), self.builder.use_var(self.frames_left)];
        };
        // What is kept is what there was when the code began.
        let [memory, frames] = [(memory, self.taken.bytes), (frames, self.taken.frames)].map(|(slot, taken)| {
            let value = self.builder.ins().stack_load(types::I64, types::I64, slot, 0);
            if taken == 0 { value } else { self.builder.ins().iadd_imm_s(value, -taken) }
        });
        [fuel, memory, frames]
    }

    pub(super) fn reload(&mut self) {
        let flags = self.flags.host;
        self.reload_fuel();
        if !self.is_roomy() {
            let left = self.builder.ins().load(types::I64, flags, self.context, field::MEMORY_LEFT);
            self.builder.def_var(self.memory_left, left);
        }
    }

    /// Tells the host something, and does not go on.
    fn stop(&mut self, what: What, words: &[Value]) {
        self.event(what, words);
        self.builder.ins().trap(TrapCode::unwrap_user(1));
    }

    fn stop_if(&mut self, condition: Value, what: What, words: &[Value]) {
        let (cold, behind) = (self.builder.create_block(), self.builder.create_block());
        self.builder.set_cold_block(cold);
        self.builder.ins().brif(condition, cold, &[], behind, &[]);
        self.begin(cold);
        self.stop(what, words);
        self.begin(behind);
    }

    fn stop_unless(&mut self, condition: Value, what: What, words: &[Value]) {
        let (cold, behind) = (self.builder.create_block(), self.builder.create_block());
        self.builder.set_cold_block(cold);
        self.builder.ins().brif(condition, behind, &[], cold, &[]);
        self.begin(cold);
        self.stop(what, words);
        self.begin(behind);
    }

    fn trap_unless(&mut self, condition: Value, problem: Problem, words: &[Value]) {
        self.stop_unless(condition, What::Trap(problem), words);
    }

    /// Takes memory for an arena.
    fn take_memory(&mut self, bytes: u32) {
        if bytes == 0 || self.is_roomy() {
            return;
        }
        let before = self.builder.use_var(self.memory_left);
        let left = self.builder.ins().iadd_imm_s(before, -i64::from(bytes));
        self.builder.def_var(self.memory_left, left);
        let behind = self.builder.create_block();
        let cold = self.unless_roomy(behind);
        self.begin(cold);
        let is_too_much = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, left, 0);
        self.stop_if(is_too_much, What::Memory { bytes }, &[]);
        self.note_least(left, field::MEMORY_LEAST);
        self.look_for_room();
        self.builder.ins().jump(behind, &[]);
        self.begin(behind);
    }

    fn give_memory(&mut self, bytes: u32) {
        if self.is_roomy() {
            return;
        }
        let left = self.builder.use_var(self.memory_left);
        let left = self.builder.ins().iadd_imm_s(left, i64::from(bytes));
        self.builder.def_var(self.memory_left, left);
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

    /// What a condition tells, as a value that is not 0 if it holds.
    fn condition(&mut self, condition: Condition) -> Option<Value> {
        Some(match condition {
            Condition::Cell(cell) => self.get(cell, Kind::Int),
            Condition::Compare(computation, left, right) => {
                let [a, b] = operands(computation).map(Kind::of);
                let (left, right) = (self.operand(left, a), self.operand(right, b));
                compare(&mut self.builder, computation, left, right)?
            }
        })
    }

    fn two(&mut self, computation: Computation, to: Register, left: Operand, right: Operand) -> Option<()> {
        let [a, b] = operands(computation).map(Kind::of);
        let keeps_bits = matches!(
            computation,
            Computation::NegFloat | Computation::NegDecimal | Computation::AbsFloat | Computation::AbsDecimal
        );
        let left = if keeps_bits { self.operand_exact(left, a) } else { self.operand(left, a) };
        let divides = computation.divides();
        let zero = matches!(right, Operand::Constant(0));
        let divisor_is_known = matches!(right, Operand::Constant(_)) && !zero;
        let right = self.operand(right, b);
        if divides && !divisor_is_known {
            let problem = Problem::Known(Box::new(Trap::DivisionByZero {}));
            self.trap_unless(right, problem, &[]);
        }
        match compare(&mut self.builder, computation, left, right) {
            Some(holds) => {
                let holds = self.builder.ins().uextend(types::I32, holds);
                self.set(to, Kind::Int, holds);
            }
            None => {
                let computed = compute(&mut self.builder, computation, left, right)?;
                self.set_as(to, computed.kind, computed.value, computed.raw);
            }
        }
        Some(())
    }

    fn op(&mut self, op: &Op, number: usize) -> Option<()> {
        match *op {
            Op::Move { to, from } => self.copy(to, from),
            Op::Slide { to, from, cells } => {
                for cell in 0..cells {
                    self.copy(to + cell, Operand::Register(from + cell));
                }
            }
            Op::One { computation, to, operand } => {
                let operand = Operand::Register(operand);
                self.two(computation, to, operand, Operand::Constant(1))?;
            }
            Op::Two { computation, to, left, right } => self.two(computation, to, left, right)?,
            Op::Length { to, view } => {
                let (_, length) = self.get_view(view);
                self.set(to, Kind::Int, length);
            }
            Op::Span { to, at, length } => {
                let start = self.offset(at);
                let address = self.builder.ins().iadd(self.memory, start);
                let length = self.constant(length.into(), Kind::Int);
                self.set_view(to, (address, length));
            }
            Op::Load { tag, to, from } => {
                let (address, offset) = self.spot(from)?;
                let value = self.load(tag, address, offset);
                self.set(to, Kind::of(tag), value);
            }
            Op::Store { tag, value, to } => {
                let (address, offset) = self.spot(to)?;
                let value = self.operand_exact(value, Kind::of(tag));
                self.store(tag, value, address, offset);
            }
            Op::Open { base, capacity } => {
                self.take_memory(capacity);
                if let Some(base) = base {
                    self.open(base, capacity);
                }
            }
            Op::Close { capacity, has_bytes } => {
                self.give_memory(capacity);
                if has_bytes {
                    let flags = self.flags.host;
                    let top = self.builder.ins().load(types::I64, flags, self.context, field::TOP);
                    let top = self.builder.ins().iadd_imm_s(top, -i64::from(capacity));
                    self.builder.ins().store(flags, top, self.context, field::TOP);
                }
            }
            Op::Clear { at, length } => {
                self.charge_bytes(length);
                let start = self.offset(at);
                self.zero(start, length);
            }
            Op::Pay { bytes } => self.charge_bytes(bytes),
            Op::Point { to, offset, base, size, capacity } => {
                let offset = self.get(offset, Kind::Cell);
                let problem = Problem::Alias { size, capacity };
                match capacity.checked_sub(size) {
                    Some(last) => {
                        let last = i64::from(last);
                        let fits = self.builder.ins().icmp_imm_s(IntCC::UnsignedLessThanOrEqual, offset, last);
                        self.trap_unless(fits, problem, &[offset]);
                    }
                    None => {
                        let never = self.builder.ins().iconst(types::I8, 0);
                        self.trap_unless(never, problem, &[offset]);
                    }
                }
                let base = self.get(base, Kind::Cell);
                let address = self.builder.ins().iadd(base, offset);
                self.set(to, Kind::Cell, address);
            }
            Op::CheckStored { tag, slot } => {
                let tag = self.get(tag, Kind::Cell);
                self.trap_unless(tag, Problem::Known(Box::new(Trap::NeverStored { slot })), &[]);
            }
            Op::CheckTag { tag, slot, mask } => {
                let tag = self.get(tag, Kind::Cell);
                let is_one = self.is_one_of(tag, mask);
                self.trap_unless(is_one, Problem::Slot { slot, mask }, &[tag]);
            }
            Op::Complex { what, first, takes, gives } => self.complex(what, first, takes, gives)?,
            Op::Next => self.fall(number)?,
            Op::Breathe => {}
            Op::Jump { target }
                if target as usize <= number && self.task.prepared.body.is_test(target as usize, &self.ranges) =>
            {
                self.turn(target as usize, number)?;
            }
            Op::Jump { target } => {
                self.go(target as usize);
            }
            Op::Branch { condition, when, target } => {
                self.settle_for(target as usize);
                self.settle_for(number + 1);
                let holds = self.condition(condition)?;
                let (target, next) = (target as usize, number + 1);
                let ways = if when { [target, next] } else { [next, target] };
                let blocks = ways.map(|number| self.target(number));
                self.part(holds, ways, blocks);
            }
            Op::Call { function, first, takes, gives, .. } => {
                self.call(function, first, takes, gives)?;
                self.fall(number)?;
            }
            Op::CallHost { import, first, takes, gives } => {
                self.put_cells(first, takes);
                self.event(What::Host { import, first }, &[]);
                self.reload();
                self.take_cells(first, gives);
                self.fall(number)?;
            }
            Op::ReturnNothing => self.leave(&[])?,
            Op::ReturnOne { from } => self.leave(&[from])?,
            Op::Return { first, cells } => {
                let cells: Vec<_> = (first..first + cells).map(Operand::Register).collect();
                self.leave(&cells)?;
            }
            Op::Trap(ref trap) => self.stop(What::Trap(Problem::Known(trap.clone())), &[]),
            // A plain form has none of these.
            Op::Pair { .. }
            | Op::Shifted { .. }
            | Op::LoadTwo { .. }
            | Op::TwoStore { .. }
            | Op::Element { .. }
            | Op::JumpBranch { .. }
            | Op::Count { .. } => return None,
        }
        Some(())
    }

    /// Whether a tag is one of those of a mask.
    fn is_one_of(&mut self, tag: Value, mask: Mask) -> Value {
        let numbers = Tag::ALL.iter().filter(|tag| mask.contains(**tag)).map(|tag| 1i64 << tag.number());
        let bits = self.builder.ins().iconst(types::I64, numbers.fold(0, |bits, bit| bits | bit));
        let bits = self.builder.ins().ushr(bits, tag);
        self.builder.ins().band_imm_s(bits, 1)
    }

    /// Where bytes stand in linear memory.
    fn offset(&mut self, at: Address) -> Value {
        match at.base {
            Some(base) => {
                let base = self.get(base, Kind::Cell);
                self.builder.ins().iadd_imm_s(base, i64::from(at.offset))
            }
            None => self.constant(at.offset.into(), Kind::Cell),
        }
    }

    /// Where a value stands: an address, and so far behind it.
    fn spot(&mut self, spot: Spot) -> Option<(Value, i32)> {
        match spot {
            Spot::At(at) => Some(self.address(at)),
            Spot::Array { at, index, size, length } => {
                let (start, offset) = self.address(at);
                let length = self.constant(length.into(), Kind::Int);
                let index = self.index(index, length);
                Some((self.element(start, index, size), offset))
            }
            Spot::View { view, index, stride } => {
                let (start, length) = self.get_view(view);
                let index = self.index(index, length);
                let element = self.element(start, index, stride.size);
                Some(self.behind(element, stride.offset))
            }
            Spot::ViewAt { .. } => None,
        }
    }

    /// So far behind an address, as far as an instruction can tell.
    fn behind(&mut self, address: Value, offset: u32) -> (Value, i32) {
        match i32::try_from(offset) {
            Ok(offset) => (address, offset),
            Err(_) => (self.builder.ins().iadd_imm_s(address, i64::from(offset)), 0),
        }
    }

    fn address(&mut self, at: Address) -> (Value, i32) {
        let start = match at.base {
            Some(base) => {
                let base = self.get(base, Kind::Cell);
                self.builder.ins().iadd(self.memory, base)
            }
            None => self.memory,
        };
        self.behind(start, at.offset)
    }

    /// An index that is below a length.
    fn index(&mut self, register: Register, length: Value) -> Value {
        if self.kind_of(Operand::Register(register)) == Kind::Int {
            let index = self.get(register, Kind::Int);
            if self.proven {
                return self.builder.ins().uextend(types::I64, index);
            }
            let is_below = self.builder.ins().icmp(IntCC::UnsignedLessThan, index, length);
            self.index_traps_unless(is_below, register, length);
            return self.builder.ins().uextend(types::I64, index);
        }
        let index = self.get(register, Kind::Cell);
        if self.proven {
            return index;
        }
        let wide = self.builder.ins().uextend(types::I64, length);
        let is_below = self.builder.ins().icmp(IntCC::UnsignedLessThan, index, wide);
        self.index_traps_unless(is_below, register, length);
        index
    }

    fn index_traps_unless(&mut self, is_below: Value, register: Register, length: Value) {
        let (cold, behind) = (self.builder.create_block(), self.builder.create_block());
        self.builder.set_cold_block(cold);
        self.builder.ins().brif(is_below, behind, &[], cold, &[]);
        self.begin(cold);
        let index = self.get(register, Kind::Cell);
        let length = self.builder.ins().uextend(types::I64, length);
        self.stop(What::Trap(Problem::Index), &[index, length]);
        self.begin(behind);
    }

    fn element(&mut self, start: Value, index: Value, size: u32) -> Value {
        let distance = match size.is_power_of_two() {
            true => self.builder.ins().ishl_imm_s(index, i64::from(size.trailing_zeros())),
            false => self.builder.ins().imul_imm_s(index, i64::from(size)),
        };
        self.builder.ins().iadd(start, distance)
    }

    fn load(&mut self, tag: Tag, address: Value, offset: i32) -> Value {
        let flags = self.flags.memory;
        let ins = self.builder.ins();
        match tag {
            Tag::Byte => ins.uload8(types::I32, flags, address, offset),
            Tag::Bool => {
                let byte = ins.uload8(types::I32, flags, address, offset);
                let is_true = self.builder.ins().icmp_imm_s(IntCC::NotEqual, byte, 0);
                self.builder.ins().uextend(types::I32, is_true)
            }
            Tag::Short => ins.sload16(types::I32, flags, address, offset),
            Tag::Int => ins.load(types::I32, flags, address, offset),
            Tag::Char => {
                let bits = ins.load(types::I32, flags, address, offset);
                character(&mut self.builder, bits)
            }
            Tag::Long => ins.load(types::I64, flags, address, offset),
            Tag::Float => ins.load(types::F32, flags, address, offset),
            Tag::Decimal => ins.load(types::F64, flags, address, offset),
        }
    }

    fn store(&mut self, tag: Tag, value: Value, address: Value, offset: i32) {
        let flags = self.flags.memory;
        let ins = self.builder.ins();
        match tag {
            Tag::Byte | Tag::Bool => ins.istore8(flags, value, address, offset),
            Tag::Short => ins.istore16(flags, value, address, offset),
            _ => ins.store(flags, value, address, offset),
        };
    }

    /// Takes bytes behind the innermost arena, and makes them zeroes if they were ever in use.
    fn open(&mut self, base: Register, capacity: u32) {
        let flags = self.flags.host;
        let top = self.builder.ins().load(types::I64, flags, self.context, field::TOP);
        let dirty = self.builder.ins().load(types::I64, flags, self.context, field::DIRTY);
        let end = self.builder.ins().iadd_imm_s(top, i64::from(capacity));
        self.builder.ins().store(flags, end, self.context, field::TOP);
        let (used, behind) = (self.builder.create_block(), self.builder.create_block());
        let was_used = self.builder.ins().icmp(IntCC::UnsignedLessThan, top, dirty);
        self.builder.ins().brif(was_used, used, &[], behind, &[]);
        self.begin(used);
        self.zero(top, capacity);
        self.builder.ins().jump(behind, &[]);
        self.begin(behind);
        let dirty = self.builder.ins().umax(dirty, end);
        self.builder.ins().store(flags, dirty, self.context, field::DIRTY);
        self.set(base, Kind::Cell, top);
    }

    /// Makes bytes zeroes.
    fn zero(&mut self, start: Value, length: u32) {
        if length > FEW_BYTES {
            let length = self.constant(length.into(), Kind::Cell);
            self.event(What::Zero, &[start, length]);
            return self.reload();
        }
        let address = self.builder.ins().iadd(self.memory, start);
        let mut at = 0;
        for type_ in [types::I64, types::I32, types::I16, types::I8] {
            let zero = self.builder.ins().iconst(type_, 0);
            while at + type_.bytes() <= length {
                self.builder.ins().store(self.flags.memory, zero, address, at.cast_signed());
                at += type_.bytes();
            }
        }
    }

    /// Puts registers where the host finds them.
    fn put_cells(&mut self, first: Register, count: u16) {
        (first..first + count).for_each(|register| self.put_cell(register));
    }

    fn put_cell(&mut self, register: Register) {
        let value = self.get_exact(register, Kind::Cell);
        self.builder.ins().store(self.flags.host, value, self.registers, 8 * i32::from(register));
    }

    fn take_cells(&mut self, first: Register, count: u16) {
        (first..first + count).for_each(|register| self.take_cell(register));
    }

    fn take_cell(&mut self, register: Register) {
        let flags = self.flags.host;
        let value = self.builder.ins().load(types::I64, flags, self.registers, 8 * i32::from(register));
        self.set(register, Kind::Cell, value);
    }

    /// Most of what takes its operands as cells is done by the host, on the register file.
    fn complex(&mut self, what: Complex, first: Register, takes: u16, gives: u16) -> Option<()> {
        match what {
            Complex::UnionIs { shape: crate::register::Shape::Union, mask } => {
                let tag = self.get(first + 1, Kind::Cell);
                let is_one = self.is_one_of(tag, mask);
                self.set(first, Kind::Cell, is_one);
                return Some(());
            }
            Complex::UnionAs { shape: crate::register::Shape::Union, mask } => {
                let tag = self.get(first + 1, Kind::Cell);
                let is_one = self.is_one_of(tag, mask);
                self.trap_unless(is_one, Problem::Union { mask }, &[tag]);
                return Some(());
            }
            Complex::ViewPart { stride, length } => {
                let (start, most) = self.get_view(first);
                let index = self.index(first + 1, most);
                let start = self.element(start, index, stride.size);
                let start = self.builder.ins().iadd_imm_s(start, i64::from(stride.offset));
                let length = self.constant(length.into(), Kind::Int);
                self.set_view(first, (start, length));
                return Some(());
            }
            Complex::Slice { size } => {
                let [start, end] = [first + 1, first + 2].map(|register| self.get(register, Kind::Cell));
                let (from, length) = self.get_view(first);
                let length = self.builder.ins().uextend(types::I64, length);
                // As numbers without a sign, a start below zero is beyond any end that is within the length.
                let is_ordered = self.builder.ins().icmp(IntCC::UnsignedLessThanOrEqual, start, end);
                let is_within = self.builder.ins().icmp(IntCC::UnsignedLessThanOrEqual, end, length);
                let is_slice = self.builder.ins().band(is_ordered, is_within);
                self.trap_unless(is_slice, Problem::Slice, &[start, end, length]);
                let from = self.element(from, start, size);
                let length = self.builder.ins().isub(end, start);
                let length = self.builder.ins().ireduce(types::I32, length);
                self.set_view(first, (from, length));
                return Some(());
            }
            _ => {}
        }
        self.put_cells(first, takes);
        let mut uses = Uses::default();
        uses.of(&what);
        uses.reads.iter().flatten().for_each(|register| self.put_cell(*register));
        if let Complex::Fail = what {
            self.stop(What::Complex { what, first }, &[]);
            return Some(());
        }
        self.event(What::Complex { what, first }, &[]);
        self.reload();
        self.take_cells(first, gives);
        if let Some(register) = uses.writes {
            self.take_cell(register);
        }
        Some(())
    }

    fn call(&mut self, function: u32, first: Register, takes: u16, gives: u16) -> Option<()> {
        let shape = Shape::of(self.task.module, function)?;
        let mut arguments = vec![self.context];
        let mut cells = Vec::new();
        for (register, kind) in (first..first + takes).zip(&shape.parameters) {
            cells.push(self.get_exact(register, *kind));
        }
        let site = self.site(What::Call);
        if function == self.function && self.task.prepared.entry.is_none() && self.is_roomy() {
            // Its code is there: it runs.
            arguments.extend(self.counts());
            arguments.append(&mut cells);
            let itself = match self.itself {
                Some(itself) => itself,
                None => {
                    let signature = self.builder.import_signature(shape.signature());
                    let name = UserExternalName::new(0, function);
                    let name = self.builder.func.declare_imported_user_function(name);
                    let name = ExternalName::user(name);
                    let data = ExtFuncData { name, signature, colocated: true, patchable: false };
                    *self.itself.insert(self.builder.import_function(data))
                }
            };
            self.builder.set_srcloc(SourceLoc::new(site as u32));
            let call = self.builder.ins().call(itself, &arguments);
            self.builder.set_srcloc(SourceLoc::default());
            return self.called(call, first, gives, &shape);
        }
        let code = self.code(function)?;
        arguments.extend(self.counts());
        arguments.append(&mut cells);
        let signature = self.builder.import_signature(shape.signature());
        self.builder.set_srcloc(SourceLoc::new(site as u32));
        let call = self.builder.ins().call_indirect(signature, code, &arguments);
        self.builder.set_srcloc(SourceLoc::default());
        self.called(call, first, gives, &shape)
    }

    /// Where the code begins that an entry of the table says.
    fn code(&mut self, entry: u32) -> Option<Value> {
        let flags = self.flags.host;
        let steady = flags.with_readonly().with_can_move();
        let table = self.builder.ins().load(types::I64, steady, self.context, field::TABLE);
        let at = i32::try_from(8 * i64::from(entry)).ok()?;
        let code = self.builder.ins().load(types::I64, flags, table, at);
        let (cold, ready) = (self.builder.create_block(), self.builder.create_block());
        self.builder.set_cold_block(cold);
        let code_there = self.builder.append_block_param(ready, types::I64);
        self.builder.ins().brif(code, ready, &[code.into()], cold, &[]);
        self.begin(cold);
        self.event(What::Compile { entry }, &[]);
        self.reload();
        let code = self.builder.ins().load(types::I64, flags, table, at);
        self.builder.ins().jump(ready, &[code.into()]);
        self.begin(ready);
        Some(code_there)
    }

    /// Takes what a call gives.
    fn called(&mut self, call: Inst, first: Register, gives: u16, shape: &Shape) -> Option<()> {
        let flags = self.flags.host;
        let results = self.builder.inst_results(call).to_vec();
        let (fuel, result) = results.split_first()?;
        self.set_fuel(*fuel);
        if let (Some(value), Some(kind)) = (result.first(), shape.results.first()) {
            self.set(first, *kind, *value);
        }
        for place in 1..gives {
            let value = self.builder.ins().load(types::I64, flags, self.registers, 8 * i32::from(place));
            self.set(first + place, Kind::Cell, value);
        }
        Some(())
    }

    fn leave(&mut self, cells: &[Operand]) -> Option<()> {
        if self.task.prepared.entry.is_some() {
            for (place, cell) in cells.iter().enumerate() {
                let value = self.operand_exact(*cell, Kind::Cell);
                self.builder.ins().store(self.flags.host, value, self.registers, 8 * place as i32);
            }
            self.tell(DONE, &[]);
            self.builder.ins().trap(TrapCode::unwrap_user(1));
            return Some(());
        }
        let kinds = self.shape.results.clone();
        let first = cells.first().zip(kinds.first());
        let first = first.map(|(cell, kind)| self.operand_exact(*cell, *kind));
        for (place, cell) in cells.iter().enumerate().skip(1) {
            let value = self.operand_exact(*cell, Kind::Cell);
            self.builder.ins().store(self.flags.host, value, self.registers, 8 * place as i32);
        }
        if self.task.module.function(self.function)?.limit.is_some() {
            self.event(What::Deactivate { function: self.function }, &[]);
            self.reload();
        }
        let fuel = self.fuel();
        let results: Vec<_> = [fuel].into_iter().chain(first).collect();
        self.builder.ins().return_(&results);
        Some(())
    }
}

/// The registers that an operation on cells names beside those cells.
#[derive(Debug, Default)]
pub(super) struct Uses {
    pub(super) reads: [Option<Register>; 2],
    pub(super) writes: Option<Register>,
}

impl Uses {
    pub(super) fn of(&mut self, what: &Complex) {
        match *what {
            Complex::TextView { place: TextPlace::At(at), .. }
            | Complex::TextStore { place: TextPlace::At(at), .. }
            | Complex::TextFormat { place: TextPlace::At(at), .. } => self.reads = [at.base, None],
            Complex::LoadUnion { at, tag } => self.reads = [at.base, Some(tag)],
            Complex::StoreUnion { at, tag, .. } => {
                self.reads = [at.base, None];
                self.writes = Some(tag);
            }
            Complex::Dynamic(Dynamic::Point { address, .. }) => self.reads = [Some(address), None],
            Complex::Dynamic(Dynamic::Resolve { to, .. }) => self.writes = Some(to),
            Complex::Dynamic(Dynamic::Open { base, .. }) => self.writes = Some(base),
            _ => {}
        }
    }
}
