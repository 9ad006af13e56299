//! The code of one function: statements that leave the stack as they found it, nested in arenas, branches and loops.
//!
//! What is known of the slots is a guess that keeps most statements sensible; nothing depends on its being right, for
//! the verifier takes any use of a slot that fits its kind.

mod calls;
mod flow;
mod parts;
mod slots;

use super::{Mood, Random, Shape, StaticPart};
use vega_format::allocator::Strategy;
use vega_format::builder::{Builder, ConstantValue};
use vega_format::cell;
use vega_format::container::SlotKind;
use vega_format::instruction::{Cell, Instruction};
use vega_format::types::Tag;

/// What is believed of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Belief {
    Gone,
    /// In the arena of this depth; whether it was stored to.
    There(usize, bool),
}

/// A loop that code may leave or begin again.
#[derive(Debug)]
pub(super) struct Loop {
    /// Arenas that are open around it.
    pub(super) arenas: usize,
    /// Cells that lie on the stack around it, its counter among them.
    pub(super) cells: u16,
    /// The jumps behind it, whose targets are still to come.
    pub(super) leaving: Vec<usize>,
    /// The jumps to its next round.
    pub(super) again: Vec<usize>,
}

/// A function that is being written.
pub(super) struct Body<'a> {
    pub(super) builder: &'a mut Builder,
    pub(super) random: &'a mut Random,
    pub(super) mood: Mood,
    pub(super) shapes: &'a [Shape],
    pub(super) index: usize,
    pub(super) slots: &'a [SlotKind],
    pub(super) statics: &'a [StaticPart],
    pub(super) code: Vec<Instruction>,
    pub(super) beliefs: Vec<Belief>,
    /// The open arenas, with their bytes.
    arenas: Vec<(Strategy, u32)>,
    /// Cells on the expression stack; true for an int.
    pub(super) cells: Vec<bool>,
    pub(super) loops: Vec<Loop>,
    /// Statements that may still be written.
    left: u32,
}

impl<'a> Body<'a> {
    pub(super) fn new(
        builder: &'a mut Builder,
        random: &'a mut Random,
        mood: Mood,
        shapes: &'a [Shape],
        index: usize,
        slots: &'a [SlotKind],
        statics: &'a [StaticPart],
    ) -> Body<'a> {
        // Small ones are put into their callers.
        let left = if index > 0 && random.percent(40) { random.within(1, 4) } else { random.within(6, 30) };
        Body {
            builder,
            random,
            mood,
            shapes,
            index,
            slots,
            statics,
            code: Vec::new(),
            beliefs: vec![Belief::Gone; slots.len()],
            arenas: Vec::new(),
            cells: Vec::new(),
            loops: Vec::new(),
            left,
        }
    }

    /// The whole of its code.
    pub(super) fn write(mut self) -> Vec<Instruction> {
        while self.left > 0 {
            self.statements(0);
        }
        self.result();
        self.code.push(Instruction::Return {});
        self.code
    }

    pub(super) fn statements(&mut self, depth: u32) {
        for _ in 0..self.random.within(1, 5) {
            if self.left == 0 {
                return;
            }
            self.left -= 1;
            self.statement(depth);
        }
    }

    fn statement(&mut self, depth: u32) {
        let nests = depth < 5;
        let inside = !self.arenas.is_empty();
        match self.random.below(100) {
            0..15 if nests => self.arena(depth),
            _ if !inside && nests && self.random.percent(50) => self.arena(depth),
            15..25 if nests => self.branch(depth),
            25..28 if nests && self.random.percent(40) => self.carry(depth),
            25..28 if nests => self.repeat(depth),
            28..31 if nests => self.walk(depth),
            31..37 => self.call(),
            37..39 if inside => self.count(),
            37..40 => self.compute(),
            40..42 => self.leave(),
            42..44 => self.return_early(),
            44..47 if nests => self.keep_a_cell(depth),
            47..62 if inside => self.allocate(),
            62..72 => self.free(),
            72..76 if inside => self.point(),
            76..80 => self.use_a_static(),
            80..83 => self.slide(),
            _ => self.use_a_slot(),
        }
    }

    pub(super) fn push(&mut self, instruction: Instruction) {
        self.code.push(instruction);
    }

    pub(super) fn constant(&mut self, tag: Tag, bits: u64) {
        let index = self.builder.constant(ConstantValue::Scalar(tag, bits));
        self.push(Instruction::LoadConst { index });
    }

    pub(super) fn int(&mut self, value: i32) {
        self.constant(Tag::Int, cell::from_int(value));
    }

    /// A value of a type, which is then on top.
    pub(super) fn value(&mut self, tag: Tag) {
        let number = self.random.below(100);
        let bits = match tag {
            Tag::Short => cell::from_short(number as i16 - 50),
            Tag::Int => cell::from_int(number as i32 - 50),
            Tag::Long => cell::from_long(i64::from(number) << 33),
            Tag::Float => cell::from_float(number as f32),
            Tag::Decimal => cell::from_decimal(number.into()),
            Tag::Bool => cell::from_bool(number.is_multiple_of(2)),
            Tag::Byte => cell::from_byte(number as u8),
            Tag::Char => cell::from_char(char::from(b'A' + (number % 26) as u8)),
        };
        self.constant(tag, bits);
    }

    /// An int that lies in the frame: the fuel, or the counter of a loop.
    pub(super) fn some_int_cell(&mut self) -> Option<Cell> {
        let parameters = self.parameter_cells();
        let counters = self.cells.iter().enumerate().filter(|(_, is_int)| **is_int).map(|(at, _)| at as u16);
        let mut cells: Vec<u16> = counters.map(|at| parameters + at).collect();
        cells.extend((self.index > 0).then_some(0));
        self.random.pick(&cells).map(|cell| Cell(*cell))
    }

    pub(super) fn parameter_cells(&self) -> u16 {
        match self.shapes.get(self.index) {
            Some(shape) if self.index > 0 => 1 + shape.parameters.iter().map(|one| one.cells()).sum::<u16>(),
            _ => 0,
        }
    }

    pub(super) fn int_value(&mut self) {
        match self.some_int_cell() {
            Some(cell) if self.random.percent(60) => self.push(Instruction::CellLoad { cell }),
            _ => self.value(Tag::Int),
        }
    }

    /// A bool, which the frame decides where it can.
    pub(super) fn condition(&mut self) {
        self.int_value();
        let against = self.random.below(4) as i32;
        self.int(against);
        let compare = match self.random.below(4) {
            0 => Instruction::LtInt {},
            1 => Instruction::EqInt {},
            2 => Instruction::GeInt {},
            _ => Instruction::NeInt {},
        };
        self.push(compare);
    }

    /// A value lies on the stack while other things are done.
    fn keep_a_cell(&mut self, depth: u32) {
        let is_int = self.random.percent(50);
        self.value(if is_int { Tag::Int } else { Tag::Decimal });
        self.cells.push(is_int);
        self.statements(depth + 1);
        self.cells.pop();
        self.push(Instruction::StackPop {});
    }
}
