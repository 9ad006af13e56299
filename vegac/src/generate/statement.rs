//! Statements → instructions.

use super::code::Label;
use super::place::tag_of;
use super::{FunctionGenerator, Loop, Way};
use crate::ast::{Binary, Span};
use crate::checked::{Base, Block, Exit, Expression, Kind, Place, Statement};
use std::collections::BTreeMap;
use vega_format::builder::ConstantValue;
use vega_format::container::SlotKind;
use vega_format::instruction::{Instruction, Size, Slot};
use vega_format::types::Tag;

impl FunctionGenerator<'_> {
    /// A block: its statements, its value if it has one, and what ends with it.
    pub(super) fn block(&mut self, block: &Block) {
        self.block_to_its_end(block);
        self.exits(&block.exits);
    }

    fn block_to_its_end(&mut self, block: &Block) {
        self.statements(&block.statements);
        if let Some(value) = &block.value {
            self.at(value.span.start);
            self.expression(value);
        }
        self.at(block.end.start);
    }

    pub(super) fn statements(&mut self, statements: &[(Span, Statement)]) {
        for (span, statement) in statements {
            if !self.code.is_reachable() {
                break;
            }
            self.at(span.start);
            self.statement(statement, span);
        }
    }

    /// What ends with the body of a loop, with what joins on the way.
    fn exits_with(&mut self, exits: &[Exit], way: &Way) {
        for (place, exit) in exits.iter().enumerate() {
            if let Some(label) = way.joined.get(&(exits.len() - place)) {
                self.code.place(*label);
            }
            self.exits(std::slice::from_ref(exit));
        }
    }

    fn exits(&mut self, exits: &[Exit]) {
        for exit in exits {
            let instruction = match exit {
                Exit::Free(slot) => Instruction::VarFree { slot: Slot(*slot) },
                Exit::Drop(slot) => Instruction::VarDrop { slot: Slot(*slot) },
                Exit::Arena => Instruction::StackFree {},
            };
            self.code.emit(instruction, 0);
        }
    }

    fn statement(&mut self, statement: &Statement, span: &Span) {
        match statement {
            Statement::Assign { place, reserve, value } => self.assign(place, *reserve, value),
            Statement::AssignWhole { place, reserve, value } => self.assign_whole(place, *reserve, value),
            Statement::Reserve(slot) => self.reserve(*slot),
            Statement::Update { place, operator, value, span } => self.update(place, *operator, value, span),
            Statement::Alias { slot, tag, offset } => {
                self.expression(offset);
                self.code.emit(Instruction::VarPtr { slot: Slot(*slot), tag: *tag }, -1);
            }
            Statement::Free(slot) => self.code.emit(Instruction::VarFree { slot: Slot(*slot) }, 0),
            Statement::If { arms, otherwise } => self.branches(arms, otherwise.as_ref()),
            Statement::While { condition, body } => self.while_loop(condition, body),
            Statement::For { binding, tag, start, end, body } => self.for_loop(*binding, *tag, start, end, body),
            Statement::Break(exits) => self.leave(exits, |inner| &mut inner.end),
            Statement::Continue(exits) => self.leave(exits, |inner| &mut inner.next_turn),
            Statement::Return { value, arenas } => {
                if let Some(value) = value {
                    self.expression(value);
                }
                self.at(span.start);
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
        self.operands_of(place);
        self.expression(value);
        if let (Base::Variable(slot), true) = (&place.base, reserve) {
            self.reserve(*slot);
        }
        self.store(place, self.cells_of(value));
    }

    fn update(&mut self, place: &Place, operator: Binary, value: &Expression, span: &Span) {
        let bottom = self.code.depth();
        self.operands_of(place);
        for cell in bottom..self.code.depth() {
            self.load_stack_cell(cell);
        }
        self.load(place);
        self.expression(value);
        self.at(span.start);
        self.binary(operator, tag_of(place));
        self.store(place, 1);
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

    fn while_loop(&mut self, condition: &Expression, body: &Block) {
        let next_turn = self.code.new_label();
        let end = self.code.new_label();
        self.code.place(next_turn);
        if !matches!(condition.kind, Kind::Constant(Tag::Bool, 1)) {
            self.condition(condition, end, false);
        }
        let breaks = self.turn(body, next_turn, end);
        self.code.jump(next_turn, 0, |target| Instruction::Jump { target });
        self.code.end_path();
        self.leave_turn(&breaks);
        self.code.place(end);
    }

    /// The body of a loop; gives the way on which it is left for good.
    fn turn(&mut self, body: &Block, next_turn: Label, end: Label) -> BreakWay {
        let way = |target| Way { target, joined: BTreeMap::new() };
        let depth = self.code.depth();
        self.loops.push(Loop { next_turn: way(next_turn), end: way(end), exits: body.exits.clone(), depth });
        self.block_to_its_end(body);
        let inner = self.loops.pop()?;
        self.exits_with(&inner.exits, &inner.next_turn);
        Some((inner.end, inner.exits))
    }

    /// What ends with the body of a loop, for those who leave it by `break`. Execution does not come here otherwise.
    fn leave_turn(&mut self, breaks: &BreakWay) {
        let Some((way, exits)) = breaks else { return };
        let Some((longest, _)) = way.joined.last_key_value() else { return };
        self.exits_with(exits.get(exits.len() - longest..).unwrap_or_default(), way);
        self.code.jump(way.target, 0, |target| Instruction::Jump { target });
        self.code.end_path();
    }

    /// Beneath the body lie the end and, on top, the variable; a turn adds 1 to it where it lies.
    fn for_loop(&mut self, binding: u32, tag: Tag, start: &Expression, end: &Expression, body: &Block) {
        let bottom = self.code.depth();
        // A start that is the same before and after the end is computed may be pushed behind it.
        if matches!(start.kind, Kind::Constant(..) | Kind::Cell(_)) {
            self.expression(end);
            self.expression(start);
        } else {
            self.expression(start);
            self.expression(end);
            self.load_stack_cell(bottom);
        }
        if !self.code.is_reachable() {
            return;
        }
        let variable = self.code.depth() - 1;
        let cell = u16::try_from(u32::from(self.parameters) + variable).unwrap_or(u16::MAX);
        self.cells.insert(binding, cell);
        let (turn, next_turn, done) = (self.code.new_label(), self.code.new_label(), self.code.new_label());
        self.code.place(turn);
        self.load_stack_cell(variable);
        self.load_stack_cell(variable - 1);
        self.operation("LT", tag);
        self.code.jump(done, -1, |target| Instruction::JumpFalse { target });
        let breaks = self.turn(body, next_turn, done);
        self.code.place(next_turn);
        self.constant(ConstantValue::Scalar(tag, 1));
        self.operation("ADD", tag);
        self.code.jump(turn, 0, |target| Instruction::Jump { target });
        self.code.end_path();
        self.leave_turn(&breaks);
        self.code.place(done);
        self.pop_to(bottom);
    }

    fn leave(&mut self, exits: &[Exit], way: impl Fn(&mut Loop) -> &mut Way) {
        let Some(inner) = self.loops.last_mut() else { return };
        let depth = inner.depth;
        // Those of the body come last, in the order in which they stand at its end.
        let ends = exits.iter().rev().zip(inner.exits.iter().rev());
        let shared = ends.take_while(|(exit, of_body)| exit == of_body).count();
        let shared = if shared < LEAST_SHARED { 0 } else { shared };
        let way = way(inner);
        let label = match shared {
            0 => way.target,
            _ => *way.joined.entry(shared).or_insert_with(|| self.code.new_label()),
        };
        self.pop_to(depth);
        self.exits(exits.get(..exits.len() - shared).unwrap_or_default());
        self.code.jump(label, 0, |target| Instruction::Jump { target });
        self.code.end_path();
    }
}

/// The way on which a loop is left by `break`, and what ends with its body.
type BreakWay = Option<(Way, Vec<Exit>)>;

/// Fewer exits are written out wherever a loop is left, which spares a jump.
const LEAST_SHARED: usize = 4;
