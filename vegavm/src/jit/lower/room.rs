//! Frames and memory: what is left of them is counted, and it is looked whether that is enough.
//!
//! Guarantees: code that takes no more than was taken before has nothing to count, which is found out before it runs; all
//! other code asks before it takes, and notes the least that was left.

use super::Lower;
use crate::jit::boundary::field;
use crate::jit::inline::frame_bytes;
use crate::jit::sites::What;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, Value, types};
impl Lower<'_, '_> {
    /// The frame of the function begins.
    pub(super) fn prologue(&mut self) -> Option<()> {
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
    pub(super) fn is_roomy(&self) -> bool {
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

    pub(super) fn give_frame(&mut self, bytes: u32) {
        for (left, by) in [(self.frames_left, 1), (self.memory_left, i64::from(bytes))] {
            let value = self.builder.use_var(left);
            let value = self.builder.ins().iadd_imm_s(value, by);
            self.builder.def_var(left, value);
        }
    }

    /// A frame begins: the function's own, or that of one that was put into it.
    pub(super) fn enter(&mut self, bytes: u32, is_own: bool) {
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
    pub(super) fn look_for_room(&mut self) {
        let roomy = match self.least_to_come() {
            None => self.builder.ins().iconst(types::I8, 0),
            Some(least) => {
                let [frames, memory] = least.map(|least| self.is_no_less(least));
                self.builder.ins().band(frames, memory)
            }
        };
        self.builder.def_var(self.roomy, roomy);
    }

    /// Fuel, and memory and frames that are left.
    pub(super) fn counts(&mut self) -> [Value; 3] {
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

    /// Takes memory for an arena.
    pub(super) fn take_memory(&mut self, bytes: u32) {
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

    pub(super) fn give_memory(&mut self, bytes: u32) {
        if self.is_roomy() {
            return;
        }
        let left = self.builder.use_var(self.memory_left);
        let left = self.builder.ins().iadd_imm_s(left, i64::from(bytes));
        self.builder.def_var(self.memory_left, left);
    }
}
