//! Steps are paid for with fuel, which a variable holds.
//!
//! What a block takes need not be taken from the variable at once: it is known, so it is kept in mind, and the variable is put
//! right where another way leads to the same place, and where fuel is told. So a way through many blocks that goes straight
//! takes its steps at one place, or at none. Guarantees: wherever fuel can be seen it is what it would be if each block had
//! taken its own.

use super::boundary::field;
use super::lower::Lower;
use super::sites::What;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, Value, types};
use cranelift_frontend::Variable;

/// The fuel of a function that is lowered.
#[derive(Debug)]
pub(super) struct Fuel {
    variable: Variable,
    /// How much more there is than the variable says; less, mostly.
    ahead: i64,
    /// The same where blocks begin, by number; as the first way that was found leads there.
    heads: Vec<Option<i64>>,
}

impl Fuel {
    pub(super) fn new(variable: Variable, blocks: usize) -> Fuel {
        Fuel { variable, ahead: 0, heads: vec![None; blocks] }
    }

    /// What is kept in mind where a block begins.
    fn head(&mut self, number: usize) -> i64 {
        let ahead = self.ahead;
        self.heads.get_mut(number).map_or(ahead, |head| *head.get_or_insert(ahead))
    }
}

impl Lower<'_, '_> {
    /// How much there is.
    pub(super) fn fuel(&mut self) -> Value {
        let fuel = self.builder.use_var(self.fuel.variable);
        match self.fuel.ahead {
            0 => fuel,
            ahead => self.builder.ins().iadd_imm_s(fuel, ahead),
        }
    }

    pub(super) fn set_fuel(&mut self, fuel: Value) {
        self.builder.def_var(self.fuel.variable, fuel);
        self.fuel.ahead = 0;
    }

    /// Takes what the host has left. What is kept in mind stays so.
    pub(super) fn reload_fuel(&mut self) {
        let fuel = self.builder.ins().load(types::I64, self.flags.host, self.context, field::FUEL);
        let fuel = self.builder.ins().iadd_imm_s(fuel, -self.fuel.ahead);
        self.builder.def_var(self.fuel.variable, fuel);
    }

    /// A block begins.
    pub(super) fn enter_fuel(&mut self, number: usize) {
        // Where only later code leads, all is in the variable.
        self.fuel.ahead = 0;
        self.fuel.ahead = self.fuel.head(number);
    }

    /// The variable is what a block expects.
    pub(super) fn settle_fuel(&mut self, number: usize) {
        let head = self.fuel.head(number);
        self.turn_to(head);
    }

    fn turn_to(&mut self, ahead: i64) {
        if ahead != self.fuel.ahead {
            let fuel = self.builder.use_var(self.fuel.variable);
            let fuel = self.builder.ins().iadd_imm_s(fuel, self.fuel.ahead - ahead);
            self.builder.def_var(self.fuel.variable, fuel);
            self.fuel.ahead = ahead;
        }
    }

    /// Goes to the first of two blocks if something holds, to the second otherwise.
    pub(super) fn part(&mut self, holds: Value, numbers: [usize; 2], blocks: [Block; 2]) {
        let heads = numbers.map(|number| self.fuel.head(number));
        if heads[0] == heads[1] {
            self.turn_to(heads[0]);
        }
        let ahead = self.fuel.ahead;
        let direct = |place: usize| heads[place] == ahead;
        let ways: [Block; 2] =
            core::array::from_fn(|place| if direct(place) { blocks[place] } else { self.builder.create_block() });
        self.builder.ins().brif(holds, ways[0], &[], ways[1], &[]);
        for place in 0..2 {
            if !direct(place) {
                self.begin(ways[place]);
                self.turn_to(heads[place]);
                self.builder.ins().jump(blocks[place], &[]);
                self.fuel.ahead = ahead;
            }
        }
    }

    /// Pays for rounds that were run.
    pub(super) fn pay_for(&mut self, rounds: Value, price: Value) {
        let fuel = self.builder.use_var(self.fuel.variable);
        let steps = self.builder.ins().imul(rounds, price);
        let fuel = self.builder.ins().isub(fuel, steps);
        self.builder.def_var(self.fuel.variable, fuel);
    }

    /// A block begins, or the copy of a test with which another block ends.
    pub(super) fn charge_block(&mut self, number: usize, copy_in: Option<usize>, must_look: bool) {
        let body = &self.task.prepared.body;
        let charges = self.task.prepared.charges.as_ref();
        let charge = match copy_in {
            Some(block) => charges.and_then(|charges| charges.of_copies.get(block)),
            None => charges.and_then(|charges| charges.of_blocks.get(number)),
        };
        let block = |number: &usize| {
            let block = body.blocks.get(*number).copied().flatten()?;
            Some((block.at, block.steps))
        };
        let (looks, blocks) = match charge {
            Some(charge) => (charge.looks, charge.blocks.iter().filter_map(block).collect()),
            None => (must_look, block(&number).into_iter().collect::<Vec<_>>()),
        };
        let Some((_, steps)) = blocks.last().copied() else { return };
        self.charge(steps, looks, What::Starved { blocks });
    }

    /// Takes steps, and looks whether they were there.
    fn charge(&mut self, steps: u32, looks: bool, what: What) {
        if steps == 0 && !looks {
            return;
        }
        self.fuel.ahead -= i64::from(steps);
        if !looks {
            return;
        }
        let (cold, behind) = (self.builder.create_block(), self.builder.create_block());
        self.builder.set_cold_block(cold);
        let fuel = self.builder.use_var(self.fuel.variable);
        let is_starved = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, fuel, -self.fuel.ahead);
        self.builder.ins().brif(is_starved, cold, &[], behind, &[]);
        self.begin(cold);
        self.event(what, &[]);
        self.reload_fuel();
        self.builder.ins().jump(behind, &[]);
        self.begin(behind);
    }

    pub(super) fn charge_bytes(&mut self, bytes: u32) {
        let steps = bytes / 64;
        if steps == 0 {
            return;
        }
        self.charge(steps, self.task.prepared.charges.is_some(), What::Charged { steps });
    }
}
