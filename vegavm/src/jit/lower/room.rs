//! Frames and memory: what is left of them is counted, and it is looked whether that is enough.
//!
//! Guarantees: code that takes no more than was taken before has nothing to count, which is found out before it runs; all
//! other code asks before it takes, and notes the least that was left.

use super::Lower;
use crate::jit::body::Taken;
use crate::jit::boundary::field;
use crate::jit::inline::frame_bytes;
use crate::jit::left::{BITS, LACKS, word_of};
use crate::jit::sites::What;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, Value, types};
impl Lower<'_, '_> {
    /// The frame of the function begins.
    pub(super) fn prologue(&mut self) -> Option<()> {
        let bytes = frame_bytes(self.task.module, self.function);
        let limit = self.task.module.function(self.function)?.limit;
        if self.is_roomy() {
            self.unless_there_is_room(bytes)?;
            if let Some(limit) = limit {
                self.activate(limit, None)?;
            }
            return Some(());
        }
        if let Some(limit) = limit {
            let left = self.take_frame(bytes);
            let lacks = self.lacks(left);
            self.activate(limit, Some(lacks))?;
            self.give_frame(bytes);
        }
        let no = self.builder.ins().iconst(types::I8, 0);
        self.builder.def_var(self.roomy, no);
        self.enter(bytes, true);
        Some(())
    }

    /// Counts an activation of the function. The host is told where there are as many as it allows, or where something else is
    /// lacking: what of that stops it first, it knows.
    fn activate(&mut self, limit: u32, lacks: Option<Value>) -> Option<()> {
        let [quick, cold, behind] = core::array::from_fn(|_| self.builder.create_block());
        self.builder.set_cold_block(cold);
        let (counts, at) = self.activations()?;
        let live = self.builder.ins().load(types::I32, self.flags.host, counts, at);
        let most = self.builder.ins().iconst(types::I32, i64::from(limit));
        let is_full = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, live, most);
        let tells = match lacks {
            Some(lacks) => {
                let lacks = self.builder.ins().icmp_imm_s(IntCC::NotEqual, lacks, 0);
                self.builder.ins().bor(is_full, lacks)
            }
            None => is_full,
        };
        self.builder.ins().brif(tells, cold, &[], quick, &[]);
        self.begin(quick);
        let live = self.builder.ins().iadd_imm_s(live, 1);
        self.builder.ins().store(self.flags.host, live, counts, at);
        self.builder.ins().jump(behind, &[]);
        self.begin(cold);
        self.event(What::Activate { function: self.function }, &[]);
        self.reload();
        self.builder.ins().jump(behind, &[]);
        self.begin(behind);
        Some(())
    }

    /// An activation of the function ends.
    pub(super) fn deactivate(&mut self) -> Option<()> {
        let (counts, at) = self.activations()?;
        let live = self.builder.ins().load(types::I32, self.flags.host, counts, at);
        let live = self.builder.ins().iadd_imm_s(live, -1);
        self.builder.ins().store(self.flags.host, live, counts, at);
        Some(())
    }

    /// Where the activations of the function are counted.
    fn activations(&mut self) -> Option<(Value, i32)> {
        let steady = self.flags.host.with_readonly().with_can_move();
        let counts = self.builder.ins().load(types::I64, steady, self.context, field::LIVE);
        Some((counts, i32::try_from(4 * i64::from(self.function)).ok()?))
    }

    /// Takes the frame of the function and goes on, unless it may take more than was ever taken before: then the code of the
    /// function that counts does all in its place.
    fn unless_there_is_room(&mut self, bytes: u32) -> Option<()> {
        let given = self.counts();
        let [_, left] = given;
        self.take_frame(bytes);
        let [behind, cold] = core::array::from_fn(|_| self.builder.create_block());
        self.builder.set_cold_block(cold);
        let lacks = self.lacks_room()?;
        self.builder.ins().brif(lacks, cold, &[], behind, &[]);
        self.begin(cold);
        // The code that counts takes the frame itself: until then it is not taken.
        self.builder.def_var(self.left, left);
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
    pub(super) fn is_roomy(&self) -> bool {
        self.task.prepared.spare.is_some()
    }

    /// So much is taken from now on, which may be more than there is; gives what is left.
    pub(super) fn leave_only(&mut self, taken: Taken) -> Value {
        let left = self.builder.use_var(self.left);
        // What is in a body is less than a word can tell, as `prepare` sees to.
        let left = self.builder.ins().iadd_imm_s(left, -word_of(taken).unwrap_or_default());
        self.builder.def_var(self.left, left);
        left
    }

    fn take_frame(&mut self, bytes: u32) -> Value {
        self.leave_only(Taken { frames: 1, bytes: bytes.into() })
    }

    pub(super) fn give_frame(&mut self, bytes: u32) {
        self.leave_only(Taken { frames: -1, bytes: -i64::from(bytes) });
    }

    /// A frame begins: the function's own, or that of one that was put into it.
    pub(super) fn enter(&mut self, bytes: u32, is_own: bool) {
        let left = self.take_frame(bytes);
        let behind = self.builder.create_block();
        let cold = self.unless_roomy(behind);
        self.begin(cold);
        let is_too_much = self.lacks(left);
        self.stop_if(is_too_much, What::Frame { bytes, is_own }, &[]);
        self.note_least(left);
        self.look_for_room();
        self.builder.ins().jump(behind, &[]);
        self.begin(behind);
    }

    /// Whether frames or bytes are below zero.
    fn lacks(&mut self, word: Value) -> Value {
        let lacks = self.builder.ins().iconst(types::I64, LACKS);
        self.builder.ins().band(word, lacks)
    }

    /// Notes what is left, of frames or of memory, if it is less than ever before.
    fn note_least(&mut self, left: Value) {
        let least = self.builder.ins().load(types::I64, self.flags.host, self.context, field::LEAST);
        let both = [left, least].map(|word| {
            let bytes = self.builder.ins().ishl_imm_u(word, i64::from(64 - BITS));
            let bytes = self.builder.ins().sshr_imm_u(bytes, i64::from(64 - BITS));
            // Whole frames, with no bytes.
            (self.builder.ins().isub(word, bytes), bytes)
        });
        let [(frames, bytes), (least_frames, least_bytes)] = both;
        let frames = self.builder.ins().smin(frames, least_frames);
        let bytes = self.builder.ins().smin(bytes, least_bytes);
        let least = self.builder.ins().iadd(frames, bytes);
        self.builder.ins().store(self.flags.host, least, self.context, field::LEAST);
    }

    /// Whether less will be left than ever before, of frames or of memory, when most is taken of what this code takes.
    fn lacks_room(&mut self) -> Option<Value> {
        let rest = word_of(self.most?.beyond(self.taken))?;
        let left = self.builder.use_var(self.left);
        let least = self.builder.ins().load(types::I64, self.flags.host, self.context, field::LEAST);
        let spare = self.builder.ins().isub(left, least);
        let spare = if rest == 0 { spare } else { self.builder.ins().iadd_imm_s(spare, -rest) };
        Some(self.lacks(spare))
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
    pub(super) fn look_for_room(&mut self) {
        let roomy = match self.lacks_room() {
            None => self.builder.ins().iconst(types::I8, 0),
            Some(lacks) => self.builder.ins().icmp_imm_s(IntCC::Equal, lacks, 0),
        };
        self.builder.def_var(self.roomy, roomy);
    }

    /// Fuel, and what is left of frames and memory.
    pub(super) fn counts(&mut self) -> [Value; 2] {
        let fuel = self.fuel();
        let Some(slot) = self.kept else { return [fuel, self.builder.use_var(self.left)] };
        // What is kept is what there was when the code began.
        let left = self.builder.ins().stack_load(types::I64, types::I64, slot, 0);
        let taken = word_of(self.taken).unwrap_or_default();
        [fuel, if taken == 0 { left } else { self.builder.ins().iadd_imm_s(left, -taken) }]
    }

    pub(super) fn reload(&mut self) {
        let flags = self.flags.host;
        self.reload_fuel();
        if !self.is_roomy() {
            let left = self.builder.ins().load(types::I64, flags, self.context, field::LEFT);
            self.builder.def_var(self.left, left);
        }
    }

    /// Takes memory for an arena.
    pub(super) fn take_memory(&mut self, bytes: u32) {
        if bytes == 0 || self.is_roomy() {
            return;
        }
        let left = self.leave_only(Taken { frames: 0, bytes: bytes.into() });
        let behind = self.builder.create_block();
        let cold = self.unless_roomy(behind);
        self.begin(cold);
        let is_too_much = self.lacks(left);
        self.stop_if(is_too_much, What::Memory { bytes }, &[]);
        self.note_least(left);
        self.look_for_room();
        self.builder.ins().jump(behind, &[]);
        self.begin(behind);
    }

    pub(super) fn give_memory(&mut self, bytes: u32) {
        if self.is_roomy() {
            return;
        }
        self.leave_only(Taken { frames: 0, bytes: -i64::from(bytes) });
    }
}
