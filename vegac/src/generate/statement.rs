//! Statements → instructions.

use super::FunctionGenerator;
use super::place::tag_of;
use crate::ast::{Binary, Span};
use crate::checked::{Arm, Base, Block, Exit, Expression, Place, Statement, Type};
use vega_format::container::SlotKind;
use vega_format::instruction::{Instruction, Size, Slot};

impl FunctionGenerator<'_> {
    /// A block: its statements, its value if it has one, and what ends with it.
    pub(super) fn block(&mut self, block: &Block) {
        self.block_to_its_end(block);
        self.exits(&block.exits);
    }

    pub(super) fn block_to_its_end(&mut self, block: &Block) {
        self.statements(&block.statements);
        if let Some(value) = &block.value {
            self.at(value.span.start());
            self.expression(value);
        }
        self.at(block.end.start());
    }

    pub(super) fn statements(&mut self, statements: &[(Span, Statement)]) {
        for (span, statement) in statements {
            if !self.code.is_reachable() {
                break;
            }
            self.at(span.start());
            self.statement(statement, *span);
        }
    }

    pub(super) fn exits(&mut self, exits: &[Exit]) {
        for exit in exits {
            let instruction = match exit {
                Exit::Free(slot) => Instruction::VarFree { slot: Slot(*slot) },
                Exit::Drop(slot) => Instruction::VarDrop { slot: Slot(*slot) },
                Exit::Arena => Instruction::StackFree {},
            };
            self.code.emit(instruction, 0);
        }
    }

    fn statement(&mut self, statement: &Statement, span: Span) {
        match statement {
            Statement::Assign { place, reserve, value } => self.assign(place, *reserve, value),
            Statement::AssignWhole { place, reserve, value } => self.assign_whole(place, *reserve, value),
            Statement::Reserve(slot) => self.reserve(*slot),
            Statement::Update { place, operator, value, span } => self.update(place, *operator, value, *span),
            Statement::Alias { slot, tag, offset } => {
                self.expression(offset);
                self.code.emit(Instruction::VarPtr { slot: Slot(*slot), tag: *tag }, -1);
            }
            Statement::Free(slot) => self.code.emit(Instruction::VarFree { slot: Slot(*slot) }, 0),
            Statement::If { arms, otherwise } => self.branches(arms, otherwise.as_ref()),
            Statement::While { condition, body } => self.while_loop(condition, body),
            Statement::For { binding, tag, start, end, body } => self.for_loop(*binding, *tag, start, end, body),
            Statement::Match { value, binding, arms, otherwise } => {
                self.choice(value, *binding, arms, otherwise.as_ref());
            }
            Statement::Each(each) => self.each_loop(each),
            Statement::EachChar(each) => self.char_loop(each),
            Statement::Break(outward, exits) => self.leave(*outward, exits, |left| &mut left.end),
            Statement::Continue(outward, exits) => self.leave(*outward, exits, |left| &mut left.next_turn),
            Statement::Return { value, arenas } => {
                if let Some(value) = value {
                    self.expression(value);
                }
                self.at(span.start());
                for _ in 0..*arenas {
                    self.code.emit(Instruction::StackFree {}, 0);
                }
                self.code.emit(Instruction::Return {}, 0);
                self.code.end_path();
            }
            Statement::Let { binding, value, body } => {
                let kept = self.keep(*binding, value);
                self.statements(body);
                self.slide(0, kept);
            }
            Statement::Evaluate(expression) => {
                let bottom = self.code.depth();
                self.expression(expression);
                self.pop_to(bottom);
            }
        }
    }

    /// Reserves the bytes of a slot, as its kind says.
    pub(super) fn reserve(&mut self, slot: u16) {
        let Some((kind, size)) = self.slot(slot) else { return };
        let instruction = match kind {
            SlotKind::Variable(mask) => Instruction::VarAlloc { slot: Slot(slot), mask },
            _ => Instruction::StencilAlloc { slot: Slot(slot), size: Size(size) },
        };
        self.code.emit(instruction, 0);
    }

    fn slot(&self, slot: u16) -> Option<(SlotKind, u32)> {
        let kind = self.slots.get(usize::from(slot)).map(|(kind, _)| *kind)?;
        let size = match kind {
            SlotKind::Stencil(type_ref) => self.module.builder.stencils().size(type_ref),
            _ => 0,
        };
        Some((kind, size))
    }

    fn assign(&mut self, place: &Place, reserve: bool, value: &Expression) {
        let bottom = self.code.depth();
        self.operands_of(place);
        self.expression(value);
        if let (Base::Variable(slot) | Base::Stencil(slot), true) = (&place.base, reserve) {
            self.reserve(*slot);
        }
        match place.type_ {
            // Of those that are stored in one piece and are no scalar there is bounded text alone.
            Type::Stencil(_) => self.store_text(place, bottom),
            _ => self.store(place, self.cells_of(value)),
        }
    }

    fn update(&mut self, place: &Place, operator: Binary, value: &Expression, span: Span) {
        let bottom = self.code.depth();
        self.operands_of(place);
        for cell in bottom..self.code.depth() {
            self.load_stack_cell(cell);
        }
        self.load(place);
        self.expression(value);
        self.at(span.start());
        self.binary(operator, tag_of(place));
        self.store(place, 1);
    }

    /// The union lies beneath all arms; what an arm calls it lies above.
    fn choice(&mut self, value: &Expression, binding: u32, arms: &[Arm], otherwise: Option<&Block>) {
        let bottom = self.code.depth();
        self.expression(value);
        if !self.code.is_reachable() {
            return;
        }
        let union = self.code.depth();
        self.bind(binding, bottom);
        let end = self.code.new_label();
        for (place, arm) in arms.iter().enumerate() {
            let next = self.code.new_label();
            if place + 1 < arms.len() || otherwise.is_some() {
                self.load_stack_cells(bottom, 2);
                self.code.emit(Instruction::UnionIs { mask: arm.mask }, -1);
                self.code.jump(next, -1, |target| Instruction::JumpFalse { target });
            }
            if let Some(binding) = arm.binding {
                self.load_stack_cells(bottom, 2);
                let cells = if arm.mask.is_single().is_some() { 1 } else { 2 };
                self.code.emit(Instruction::UnionAs { mask: arm.mask }, cells - 2);
                self.bind(binding, union);
            }
            self.block(&arm.body);
            self.pop_to(union);
            self.code.jump(end, 0, |target| Instruction::Jump { target });
            self.code.end_path();
            self.code.place(next);
        }
        if let Some(block) = otherwise {
            self.block(block);
        }
        self.code.place(end);
        self.pop_to(bottom);
    }

    /// A name means the cells from this one of the expression stack on.
    pub(super) fn bind(&mut self, binding: u32, cell: u32) {
        let cell = u32::from(self.parameters) + cell;
        let (place, cell) = (binding as usize, u16::try_from(cell).unwrap_or(u16::MAX));
        let cells = &mut self.module.cells;
        cells.resize(cells.len().max(place + 1), u16::MAX);
        if let Some(known) = cells.get_mut(place) {
            *known = cell;
        }
    }

    fn branches(&mut self, arms: &[(Expression, Block)], otherwise: Option<&Block>) {
        let end = self.code.new_label();
        for (place, (condition, block)) in arms.iter().enumerate() {
            let next = self.code.new_label();
            self.condition(condition, next, false);
            self.block(block);
            if place + 1 < arms.len() || otherwise.is_some() {
                self.code.jump(end, 0, |target| Instruction::Jump { target });
                self.code.end_path();
            }
            self.code.place(next);
        }
        if let Some(block) = otherwise {
            self.block(block);
        }
        self.code.place(end);
    }
}
