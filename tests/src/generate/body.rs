//! The code of one function: statements that leave the stack as they found it, nested in arenas, branches and loops.
//!
//! What is known of the slots is a guess that keeps most statements sensible; nothing depends on its being right, for
//! the verifier takes any use of a slot that fits its kind.

use super::{Mood, Parameter, ROW, Random, Shape, StaticPart, int_or_bool};
use vega_format::allocator::Strategy;
use vega_format::builder::{Builder, ConstantValue};
use vega_format::cell;
use vega_format::container::SlotKind;
use vega_format::instruction::{Cell, Count, Depth, Instruction, Offset, Size, Slot, Target};
use vega_format::stencil::{Stencil, TypeRef};
use vega_format::types::{Mask, Tag, Type};

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
            25..28 if nests => self.repeat(depth),
            28..31 if nests => self.walk(depth),
            31..37 => self.call(),
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

    pub(super) fn open_arenas(&self) -> usize {
        self.arenas.len()
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

    pub(super) fn jump_later(&mut self, jump: Instruction) -> usize {
        self.push(jump);
        self.code.len() - 1
    }

    /// Makes a jump that was written go to what is written next.
    pub(super) fn land(&mut self, jump: usize) {
        let target = Target(self.code.len() as u32);
        if let Some(place) = self.code.get_mut(jump) {
            *place = match *place {
                Instruction::JumpTrue { .. } => Instruction::JumpTrue { target },
                Instruction::JumpFalse { .. } => Instruction::JumpFalse { target },
                _ => Instruction::Jump { target },
            };
        }
    }

    fn arena(&mut self, depth: u32) {
        let capacity =
            if self.random.percent(self.mood.tight) { self.random.within(0, 24) } else { self.random.within(40, 200) };
        let strategy = match self.random.below(10) {
            0..6 => Strategy::FirstFit,
            6..8 => Strategy::Bump,
            _ => Strategy::Pool(self.random.within(1, 24)),
        };
        self.push(strategy.opening(capacity));
        self.arenas.push((strategy, capacity));
        if self.random.percent(80) {
            self.allocate();
        }
        self.statements(depth + 1);
        self.push(Instruction::StackFree {});
        self.arenas.pop();
        self.end_arenas(self.arenas.len());
    }

    fn end_arenas(&mut self, left: usize) {
        for belief in &mut self.beliefs {
            if matches!(belief, Belief::There(level, _) if *level >= left) {
                *belief = Belief::Gone;
            }
        }
    }

    fn branch(&mut self, depth: u32) {
        self.condition();
        let when = if self.random.percent(50) {
            Instruction::JumpFalse { target: Target(0) }
        } else {
            Instruction::JumpTrue { target: Target(0) }
        };
        let over = self.jump_later(when);
        let before = self.beliefs.clone();
        let disagree = self.random.percent(self.mood.disagree);
        self.statements(depth + 1);
        if !disagree {
            self.restore(&before);
        }
        let first = self.beliefs.clone();
        if self.random.percent(50) {
            let end = self.jump_later(Instruction::Jump { target: Target(0) });
            self.land(over);
            self.beliefs.clone_from(&before);
            self.statements(depth + 1);
            if !disagree {
                self.restore(&before);
            }
            self.land(end);
        } else {
            self.land(over);
        }
        if self.random.percent(50) {
            self.beliefs = first;
        }
    }

    /// Drops what is there and was not before, and allocates what was there and is not.
    pub(super) fn restore(&mut self, before: &[Belief]) {
        for (slot, was) in before.iter().enumerate() {
            let Some(is) = self.beliefs.get(slot).copied() else { continue };
            let slot = Slot(slot as u16);
            match (was, is) {
                (Belief::Gone, Belief::There(..)) => {
                    self.push(Instruction::VarDrop { slot });
                    self.believe(slot, Belief::Gone);
                }
                (Belief::There(level, _), Belief::Gone) if *level + 1 == self.arenas.len() => {
                    self.put(slot);
                }
                _ => {}
            }
        }
    }

    pub(super) fn believe(&mut self, slot: Slot, belief: Belief) {
        if let Some(place) = self.beliefs.get_mut(usize::from(slot.0)) {
            *place = belief;
        }
    }

    /// A loop of a few rounds, now and then of many, counted down in a cell.
    pub(super) fn repeat(&mut self, depth: u32) {
        let most = if self.random.percent(25) { 60 } else { 3 };
        let rounds = self.random.within(1, most) as i32;
        self.int(rounds);
        self.cells.push(true);
        let before = self.beliefs.clone();
        let counter = Cell(self.parameter_cells() + self.cells.len() as u16 - 1);
        let start = Target(self.code.len() as u32);
        self.push(Instruction::CellLoad { cell: counter });
        self.int(0);
        self.push(Instruction::GtInt {});
        let end = self.jump_later(Instruction::JumpFalse { target: Target(0) });
        let (arenas, cells) = (self.arenas.len(), self.cells.len() as u16);
        self.loops.push(Loop { arenas, cells, leaving: vec![end], again: Vec::new() });
        self.statements(depth + 1);
        if !self.random.percent(self.mood.disagree) {
            self.restore(&before);
        }
        let Some(Loop { leaving, again, .. }) = self.loops.pop() else { return };
        again.into_iter().for_each(|jump| self.land(jump));
        self.int(1);
        self.push(Instruction::SubInt {});
        self.push(Instruction::Jump { target: start });
        leaving.into_iter().for_each(|jump| self.land(jump));
        self.push(Instruction::StackPop {});
        self.cells.pop();
        self.beliefs = before;
    }

    /// Leaves the innermost loop, or begins its next round, on a condition.
    fn leave(&mut self) {
        let Some((arenas, cells)) = self.loops.last().map(|inner| (inner.arenas, inner.cells)) else { return };
        self.condition();
        let over = self.jump_later(Instruction::JumpFalse { target: Target(0) });
        for _ in arenas..self.arenas.len() {
            self.push(Instruction::StackFree {});
        }
        for _ in usize::from(cells)..self.cells.len() {
            self.push(Instruction::StackPop {});
        }
        let jump = self.jump_later(Instruction::Jump { target: Target(0) });
        let leaves = self.random.percent(50);
        if let Some(inner) = self.loops.last_mut() {
            if leaves { &mut inner.leaving } else { &mut inner.again }.push(jump);
        }
        self.land(over);
    }

    fn return_early(&mut self) {
        let over = if self.random.percent(90) {
            self.condition();
            Some(self.jump_later(Instruction::JumpFalse { target: Target(0) }))
        } else {
            None
        };
        for _ in &self.arenas {
            self.code.push(Instruction::StackFree {});
        }
        self.result();
        self.push(Instruction::Return {});
        over.into_iter().for_each(|jump| self.land(jump));
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

    pub(super) fn call(&mut self) {
        let Some(own) = self.shapes.get(self.index) else { return };
        let back = own.recursive && self.random.percent(60);
        let range = if back { 1..self.index + 1 } else { self.index + 1..self.shapes.len() };
        let callees: Vec<usize> = range
            .filter(|callee| !back || self.shapes.get(*callee).is_some_and(|shape| shape.recursive))
            .filter(|callee| self.has_arguments(*callee))
            .collect();
        let Some(callee) = self.random.pick(&callees).copied() else { return };
        let Some(shape) = self.shapes.get(callee).cloned() else { return };
        // What calls back does so while there is fuel, which gets less with every call.
        let over = back.then(|| {
            self.push(Instruction::CellLoad { cell: Cell(0) });
            self.int(0);
            self.push(Instruction::GtInt {});
            self.jump_later(Instruction::JumpFalse { target: Target(0) })
        });
        if self.index > 0 {
            self.push(Instruction::CellLoad { cell: Cell(0) });
            self.int(1);
            self.push(Instruction::SubInt {});
        } else {
            let fuel = self.random.below(7) as i32;
            self.int(fuel);
        }
        for parameter in &shape.parameters {
            self.argument(*parameter);
        }
        let function = self.builder.function(&shape.mangled);
        self.push(Instruction::Call { function });
        self.note_result(shape.result);
        over.into_iter().for_each(|jump| self.land(jump));
    }

    fn argument(&mut self, parameter: Parameter) {
        match parameter {
            Parameter::Scalar(tag) => self.value(tag),
            Parameter::Union => self.union_value(),
            Parameter::Bytes => self.bytes_view(),
            Parameter::Pair => {
                self.value(Tag::Int);
                self.value(Tag::Bool);
            }
            Parameter::Row => match (self.find_row(), self.find_parameter(Parameter::Row)) {
                (Some(slot), _) => self.push(Instruction::FieldView { slot, offset: Offset(0), depth: Depth(0) }),
                (None, Some(cell)) => self.push(Instruction::CellLoad { cell }),
                (None, None) => {}
            },
        }
    }

    /// Whether there is something to hand over for every parameter.
    fn has_arguments(&mut self, callee: usize) -> bool {
        let parameters = self.shapes.get(callee).map(|shape| shape.parameters.clone()).unwrap_or_default();
        parameters.into_iter().all(|parameter| match parameter {
            Parameter::Scalar(_) | Parameter::Pair => true,
            Parameter::Row => self.find_parameter(parameter).is_some() || self.find_row().is_some(),
            Parameter::Union => self.find_parameter(parameter).is_some() || self.find_union().is_some(),
            Parameter::Bytes => self.find_parameter(parameter).is_some() || self.find_bytes().is_some(),
        })
    }

    fn union_value(&mut self) {
        match (self.find_parameter(Parameter::Union), self.find_union()) {
            (Some(cell), _) => self.push(Instruction::CellLoad { cell }),
            (None, Some(slot)) => self.push(Instruction::VarLoad { slot }),
            (None, None) => {}
        }
    }

    fn bytes_view(&mut self) {
        match (self.find_bytes(), self.find_parameter(Parameter::Bytes)) {
            (Some(slot), _) => self.push(Instruction::ArrayView { slot }),
            (None, Some(cell)) => self.push(Instruction::CellLoad { cell }),
            (None, None) => {}
        }
    }

    /// A variable of `int|bool`: one that has a value, or any in a careless function.
    fn find_union(&mut self) -> Option<Slot> {
        let any = self.mood.careless > 0;
        let wanted = SlotKind::Variable(int_or_bool());
        self.find(|kind, belief| kind == wanted && (any || matches!(belief, Belief::There(_, true))))
    }

    /// An array of bytes: one that is there, or any in a careless function.
    fn find_bytes(&mut self) -> Option<Slot> {
        let any = self.mood.careless > 0;
        let kinds = self.slots.iter().map(|kind| self.element(*kind) == Some(Tag::Byte));
        let both = kinds.zip(&self.beliefs).enumerate();
        let fits = |belief: Belief| any || matches!(belief, Belief::There(..));
        let found: Vec<usize> =
            both.filter(|(_, (bytes, belief))| *bytes && fits(**belief)).map(|(slot, _)| slot).collect();
        self.random.pick(&found).map(|slot| Slot(*slot as u16))
    }

    /// A struct that can be lent: one that is there, or any in a careless function.
    fn find_row(&mut self) -> Option<Slot> {
        let any = self.mood.careless > 0;
        let row = self.builder.stencils().find(&Type::Struct(ROW.to_owned()))?;
        self.find(|kind, belief| kind == SlotKind::Stencil(row) && (any || matches!(belief, Belief::There(..))))
    }

    pub(super) fn find_parameter(&self, wanted: Parameter) -> Option<Cell> {
        let shape = self.shapes.get(self.index).filter(|_| self.index > 0)?;
        let place = shape.parameters.iter().position(|parameter| *parameter == wanted)?;
        Some(Cell(1 + shape.parameters.iter().take(place).map(|one| one.cells()).sum::<u16>()))
    }

    pub(super) fn find(&mut self, fits: impl Fn(SlotKind, Belief) -> bool) -> Option<Slot> {
        let both = self.slots.iter().zip(&self.beliefs).enumerate();
        let found: Vec<usize> =
            both.filter(|(_, (kind, belief))| fits(**kind, **belief)).map(|(slot, _)| slot).collect();
        self.random.pick(&found).map(|slot| Slot(*slot as u16))
    }

    /// A slot of which something is believed; now and then any.
    pub(super) fn choose(&mut self, fits: impl Fn(SlotKind, Belief) -> bool) -> Option<Slot> {
        if self.random.percent(self.mood.careless) { self.find(|_, _| true) } else { self.find(fits) }
    }

    fn kind(&self, slot: Slot) -> Option<SlotKind> {
        self.slots.get(usize::from(slot.0)).copied()
    }

    pub(super) fn element(&self, kind: SlotKind) -> Option<Tag> {
        let SlotKind::Stencil(type_ref) = kind else { return None };
        match self.builder.stencils().array(type_ref) {
            Some((TypeRef::Scalar(tag), _)) => Some(tag),
            _ => None,
        }
    }

    fn allocate(&mut self) {
        let owned = |kind| !matches!(kind, SlotKind::Alias(_));
        if let Some(slot) = self.choose(|kind, belief| owned(kind) && belief == Belief::Gone) {
            self.put(slot);
        }
    }

    /// Allocates a slot, and mostly stores to it.
    fn put(&mut self, slot: Slot) {
        let level = self.arenas.len().saturating_sub(1);
        let widest = self.arenas.last().map_or(0, |(strategy, _)| strategy.widest());
        match self.kind(slot) {
            _ if self.arenas.is_empty() => {}
            Some(SlotKind::Variable(mask)) if mask.size() > widest => {}
            Some(SlotKind::Stencil(type_ref)) if self.builder.stencils().size(type_ref) > widest => {}
            Some(SlotKind::Variable(mask)) => {
                self.push(Instruction::VarAlloc { slot, mask });
                let stored = self.random.percent(85);
                if stored {
                    self.store(slot, mask);
                }
                self.believe(slot, Belief::There(level, stored));
            }
            Some(SlotKind::Stencil(type_ref)) => {
                let size = Size(self.builder.stencils().size(type_ref));
                self.push(Instruction::StencilAlloc { slot, size });
                self.believe(slot, Belief::There(level, true));
            }
            Some(SlotKind::Alias(tag)) => self.point_at(slot, tag),
            None => {}
        }
    }

    fn store(&mut self, slot: Slot, mask: Mask) {
        let tags: Vec<Tag> = mask.tags().collect();
        let Some(tag) = self.random.pick(&tags).copied() else { return };
        let tag = if self.random.percent(self.mood.careless / 3) { Tag::Decimal } else { tag };
        self.value(tag);
        self.push(Instruction::VarStore { slot });
    }

    fn free(&mut self) {
        // What an outer block has stays, unless paths may disagree.
        let innermost = self.arenas.len().saturating_sub(1);
        let any = self.random.percent(self.mood.disagree);
        let fits = |belief| matches!(belief, Belief::There(level, _) if any || level == innermost);
        let Some(slot) = self.choose(|_, belief| fits(belief)) else { return };
        let alias = matches!(self.kind(slot), Some(SlotKind::Alias(_)));
        let frees = if alias { self.random.percent(self.mood.careless) } else { self.random.percent(70) };
        self.push(if frees { Instruction::VarFree { slot } } else { Instruction::VarDrop { slot } });
        self.believe(slot, Belief::Gone);
    }

    fn point(&mut self) {
        let aliases = |kind, _| matches!(kind, SlotKind::Alias(_));
        if let Some(slot) = self.find(aliases)
            && let Some(SlotKind::Alias(tag)) = self.kind(slot)
        {
            self.point_at(slot, tag);
        }
    }

    fn point_at(&mut self, slot: Slot, tag: Tag) {
        let capacity = self.arenas.last().map_or(0, |(_, capacity)| *capacity);
        if capacity < tag.size() && self.mood.careless == 0 {
            return;
        }
        let last = capacity.saturating_sub(tag.size());
        let at = if self.random.percent(self.mood.careless) { last + 1 } else { self.random.within(0, last) };
        if self.random.percent(80) {
            self.int(at as i32);
        } else {
            // The offset is not a constant here, as far as one can see.
            self.int(at as i32);
            self.int(0);
            self.push(Instruction::AddInt {});
        }
        self.push(Instruction::VarPtr { slot, tag });
        self.believe(slot, Belief::There(self.arenas.len().saturating_sub(1), true));
    }

    fn use_a_slot(&mut self) {
        let Some(slot) = self.choose(|_, belief| matches!(belief, Belief::There(..))) else { return };
        let stored = matches!(self.beliefs.get(usize::from(slot.0)), Some(Belief::There(_, true)));
        match self.kind(slot) {
            Some(SlotKind::Variable(mask)) => {
                if self.random.percent(50) || !stored && !self.random.percent(self.mood.careless) {
                    self.store(slot, mask);
                    if let Some(Belief::There(level, _)) = self.beliefs.get(usize::from(slot.0)).copied() {
                        self.believe(slot, Belief::There(level, true));
                    }
                } else {
                    self.push(Instruction::VarLoad { slot });
                    match mask.is_single() {
                        Some(tag) => self.note(tag),
                        None => {
                            self.ask(mask);
                            self.push(Instruction::StackPop {});
                        }
                    }
                }
            }
            Some(SlotKind::Alias(tag)) => {
                if self.random.percent(50) {
                    self.value(tag);
                    self.push(Instruction::VarStore { slot });
                } else {
                    self.push(Instruction::VarLoad { slot });
                    self.note(tag);
                }
            }
            Some(SlotKind::Stencil(type_ref)) => self.use_a_stencil(slot, type_ref),
            None => {}
        }
    }

    fn use_a_static(&mut self) {
        let Some(StaticPart { block, offset, type_ref }) = self.random.pick(self.statics).copied() else { return };
        let offset = Offset(offset);
        match type_ref {
            TypeRef::Scalar(tag) if self.random.percent(50) => {
                self.value(tag);
                self.push(Instruction::StaticStore { block, offset, tag });
            }
            TypeRef::Scalar(tag) => {
                self.push(Instruction::StaticLoad { block, offset, tag });
                self.note(tag);
            }
            TypeRef::Stencil(_) => {
                let index = self.random.below(6) as i32;
                self.push(Instruction::StaticView { block, offset, depth: Depth(0) });
                self.int(index.min(if self.mood.careless > 0 { 5 } else { 4 }));
                self.value(Tag::Byte);
                self.push(Instruction::ViewStore { offset: Offset(0), tag: Tag::Byte });
            }
        }
    }

    /// Makes something else of a union that lies on top, or asks what it holds.
    fn ask(&mut self, mask: Mask) {
        let tags: Vec<Tag> = mask.tags().collect();
        let Some(tag) = self.random.pick(&tags).copied().filter(|_| tags.len() > 1) else { return };
        match self.random.below(4) {
            0 => self.push(Instruction::UnionIs { mask: tag.mask() }),
            1 => self.push(Instruction::UnionAs { mask: mask.union(Tag::Char.mask()) }),
            // It may hold another type, and then this traps.
            2 if self.random.percent(self.mood.careless) => self.push(Instruction::UnionAs { mask: tag.mask() }),
            _ => {}
        }
    }

    /// Stores in a text, appends to it, or looks at it.
    fn use_a_text(&mut self, slot: Slot) {
        const TEXTS: [&str; 5] = ["", "a", "ab\u{e9}", "\u{20ac}\u{10ffff}", "a text that is long"];
        match self.random.below(5) {
            0 => {
                let text = self.random.pick(&TEXTS).copied().unwrap_or_default();
                let index = self.builder.constant(ConstantValue::String(text.to_owned()));
                self.push(Instruction::LoadConst { index });
                self.push(Instruction::TextStore { slot });
            }
            1 => {
                // A part of the text behind the whole.
                self.push(Instruction::TextView { slot });
                self.int(0);
                self.int(0);
                self.push(Instruction::StringSlice {});
                self.push(Instruction::TextAppend { slot });
            }
            2 => {
                self.value(Tag::Byte);
                self.push(Instruction::TextFormat { slot });
            }
            3 => {
                self.int(0);
                self.push(Instruction::TextView { slot });
                self.push(Instruction::StringNext {});
                self.push(Instruction::StackPop {});
            }
            _ => {
                self.push(Instruction::TextView { slot });
                self.push(Instruction::TextView { slot });
                self.push(Instruction::LeString {});
                self.push(Instruction::StackPop {});
            }
        }
    }

    fn use_a_stencil(&mut self, slot: Slot, type_ref: TypeRef) {
        if self.random.percent(15) {
            self.push(Instruction::VarOffset { slot });
            return self.push(Instruction::StackPop {});
        }
        if self.random.percent(20) {
            return self.copy_a_part(slot, type_ref);
        }
        if self.builder.stencils().text(type_ref).is_some() {
            return self.use_a_text(slot);
        }
        if let Some((element, count)) = self.builder.stencils().array(type_ref) {
            return self.use_an_array(slot, element, count);
        }
        let Some((offset, tag)) = self.field_of(type_ref) else { return };
        if self.random.percent(50) {
            self.value(tag);
            self.push(Instruction::FieldStore { slot, offset, tag });
        } else {
            self.push(Instruction::FieldLoad { slot, offset, tag });
            self.note(tag);
        }
    }

    /// Copies a part of a slot over itself, with a cell beneath its views.
    fn copy_a_part(&mut self, slot: Slot, type_ref: TypeRef) {
        let depth = self.random.below(2) as u8;
        let whole = Instruction::FieldView { slot, offset: Offset(0), depth: Depth(0) };
        self.int(0);
        self.push(whole);
        self.push(whole);
        self.push(Instruction::StackSlide { keep: Count(2), drop: Count(1) });
        self.push(Instruction::ViewCopy {});
        if let Some(part) = self.builder.stencils().part_at(type_ref, 0, depth) {
            // Of an array, a part of an element; else of the slot alone, which is the only element.
            let (element, _) = self.builder.stencils().viewed(part);
            self.push(Instruction::FieldView { slot, offset: Offset(0), depth: Depth(depth) });
            let inner = u8::from(self.builder.stencils().part_at(element, 0, 1).is_some());
            self.int(0);
            self.push(Instruction::ViewField { offset: Offset(0), depth: Depth(inner) });
            self.push(Instruction::ViewLength {});
            self.push(Instruction::StackPop {});
        }
    }

    /// A scalar field, of the type itself if it is a scalar.
    pub(super) fn field_of(&mut self, type_ref: TypeRef) -> Option<(Offset, Tag)> {
        let stencils = self.builder.stencils();
        let parts: Vec<(u32, Tag)> = match type_ref {
            TypeRef::Scalar(tag) => vec![(0, tag)],
            TypeRef::Stencil(index) if matches!(stencils.get(index), Some(Stencil::Array(..) | Stencil::Text(_))) => {
                Vec::new()
            }
            TypeRef::Stencil(_) => {
                let scalar = |(offset, part)| match part {
                    TypeRef::Scalar(tag) => Some((offset, tag)),
                    TypeRef::Stencil(_) => None,
                };
                stencils.parts(type_ref).filter_map(scalar).collect()
            }
        };
        self.random.pick(&parts).map(|(offset, tag)| (Offset(*offset), *tag))
    }

    fn use_an_array(&mut self, slot: Slot, element: TypeRef, count: u32) {
        let Some((offset, tag)) = self.field_of(element) else { return };
        let index = if self.random.percent(self.mood.careless / 2) { count } else { self.random.below(count) } as i32;
        match self.random.below(4) {
            0 => {
                self.int(index);
                self.value(tag);
                self.push(Instruction::ElemStore { slot, offset, tag });
            }
            1 => {
                self.int(index);
                self.push(Instruction::ElemLoad { slot, offset, tag });
                self.note(tag);
            }
            2 => {
                self.push(Instruction::ArrayView { slot });
                self.int(index);
                self.value(tag);
                self.push(Instruction::ViewStore { offset, tag });
            }
            _ => {
                self.push(Instruction::ArrayView { slot });
                self.push(Instruction::ViewLength {});
                self.push(Instruction::StackPop {});
            }
        }
    }
}
