//! What machine code tells the host, and where a run ends.
//!
//! Guarantees: the host finds fuel, and memory and frames that are left, as they are at that place; and code goes on with
//! what it left of them.

use super::Lower;
use crate::jit::boundary::field;
use crate::jit::sites::{Problem, Site, What};
use cranelift_codegen::ir::{AbiParam, InstBuilder, Signature, TrapCode, Value, types};
use cranelift_codegen::isa::CallConv;

/// Of the code that goes to the host: it takes the context and a number. What is rarely told leaves all registers as they
/// were, so that there is nothing to save before it; what is asked for often is a call as any other.
pub(super) fn event_signature(convention: CallConv) -> Signature {
    let mut signature = Signature::new(convention);
    signature.params = vec![AbiParam::new(types::I64); 2];
    signature
}

impl Lower<'_, '_> {
    pub(super) fn site(&mut self, what: What) -> u64 {
        self.sites.push(Site { at: self.at, what });
        u64::from(self.task.number) << 32 | (self.sites.len() as u64 - 1)
    }

    /// Tells the host something, with words. Fuel and what is left may be others afterwards.
    pub(in crate::jit) fn event(&mut self, what: What, words: &[Value]) {
        let (code, signature) = match what {
            What::Host { .. } | What::Complex { .. } => (self.task.ask, self.ask),
            _ => (self.task.tell, self.tell),
        };
        let (site, flags) = (self.site(what), self.flags.host);
        self.tell_counts();
        for (place, word) in words.iter().enumerate() {
            self.builder.ins().store(flags, *word, self.context, field::WORDS + 8 * place as i32);
        }
        let code = self.builder.ins().iconst(types::I64, code as i64);
        let number = self.builder.ins().iconst(types::I64, site.cast_signed());
        self.builder.ins().call_indirect(signature, code, &[self.context, number]);
    }

    /// Tells what there is of fuel, memory and frames.
    pub(super) fn tell_counts(&mut self) {
        let counts = self.counts();
        for (value, place) in counts.into_iter().zip([field::FUEL, field::LEFT]) {
            self.builder.ins().store(self.flags.host, value, self.context, place);
        }
    }

    /// Tells the host something, and does not go on.
    pub(super) fn stop(&mut self, what: What, words: &[Value]) {
        self.event(what, words);
        self.builder.ins().trap(TrapCode::unwrap_user(1));
    }

    pub(super) fn stop_if(&mut self, condition: Value, what: What, words: &[Value]) {
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

    pub(super) fn trap_unless(&mut self, condition: Value, problem: Problem, words: &[Value]) {
        self.stop_unless(condition, What::Trap(problem), words);
    }
}
