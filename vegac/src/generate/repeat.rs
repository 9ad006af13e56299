//! Loops → instructions.

use super::code::Label;
use super::{FunctionGenerator, Loop, Way};
use crate::checked::{Block, Each, EachChar, Exit, Expression, Kind};
use std::collections::BTreeMap;
use vega_format::builder::ConstantValue;
use vega_format::instruction::Instruction;
use vega_format::types::Tag;

impl FunctionGenerator<'_> {
    /// What ends with the body of a loop, with what joins on the way.
    fn exits_with(&mut self, exits: &[Exit], way: &Way) {
        for (place, exit) in exits.iter().enumerate() {
            if let Some(label) = way.joined.get(&(exits.len() - place)) {
                self.code.place(*label);
            }
            self.exits(std::slice::from_ref(exit));
        }
    }

    pub(super) fn while_loop(&mut self, condition: &Expression, body: &Block) {
        let next_turn = self.code.new_label();
        let end = self.code.new_label();
        self.code.place(next_turn);
        self.condition(condition, end, false);
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
    pub(super) fn for_loop(&mut self, binding: u32, tag: Tag, start: &Expression, end: &Expression, body: &Block) {
        let bottom = self.code.depth();
        self.range(start, end);
        if !self.code.is_reachable() {
            return;
        }
        let (turn, next_turn, done) = (self.code.new_label(), self.code.new_label(), self.code.new_label());
        self.bind(binding, self.code.depth() - 1);
        self.count(turn, done, tag);
        let breaks = self.turn(body, next_turn, done);
        self.code.place(next_turn);
        self.count_on(turn, tag);
        self.leave_turn(&breaks);
        self.code.place(done);
        self.pop_to(bottom);
    }

    /// The same, with the number of the element as the variable and a copy of the element above it.
    pub(super) fn each_loop(&mut self, each: &Each) {
        let bottom = self.code.depth();
        self.range(&each.start, &each.end);
        if !self.code.is_reachable() {
            return;
        }
        self.bind(each.index_cell, self.code.depth() - 1);
        self.bind(each.end_cell, self.code.depth() - 2);
        if let Some(check) = &each.check {
            self.expression(check);
            self.code.emit(Instruction::StackPop {}, -1);
        }
        let (turn, next_turn, done) = (self.code.new_label(), self.code.new_label(), self.code.new_label());
        let broken = self.code.new_label();
        let numbers = self.code.depth();
        self.count(turn, done, each.tag);
        if let Some((binding, element)) = &each.element {
            self.expression(element);
            self.bind(*binding, self.code.depth() - 1);
        }
        let breaks = self.turn(&each.body, next_turn, broken);
        self.code.place(next_turn);
        self.pop_to(numbers);
        self.count_on(turn, each.tag);
        self.leave_turn(&breaks);
        self.code.place(broken);
        self.pop_to(numbers);
        self.code.place(done);
        self.pop_to(bottom);
    }

    /// Beneath the body lie the string, if it is kept, the index of the character, and the character.
    pub(super) fn char_loop(&mut self, each: &EachChar) {
        let bottom = self.code.depth();
        if let Some((binding, string)) = &each.kept {
            self.bind(*binding, bottom);
            self.expression(string);
        }
        let index = self.code.depth();
        self.bind(each.index_cell, index);
        self.constant(ConstantValue::Scalar(Tag::Int, 0));
        if !self.code.is_reachable() {
            return;
        }
        let (turn, next_turn, done) = (self.code.new_label(), self.code.new_label(), self.code.new_label());
        let broken = self.code.new_label();
        self.code.place(turn);
        self.load_stack_cell(index);
        self.expression(&each.string);
        self.code.emit_fixed(Instruction::StringLength {});
        self.operation("LT", Tag::Int);
        self.code.jump(done, -1, |target| Instruction::JumpFalse { target });
        self.bind(each.binding, self.code.depth());
        self.expression(&each.string);
        self.load_stack_cell(index);
        self.code.emit(Instruction::StringChar {}, -1);
        let breaks = self.turn(&each.body, next_turn, broken);
        self.code.place(next_turn);
        self.pop_to(index + 1);
        self.expression(&each.string);
        self.code.emit(Instruction::StringNext {}, -1);
        self.code.jump(turn, 0, |target| Instruction::Jump { target });
        self.code.end_path();
        self.leave_turn(&breaks);
        self.code.place(broken);
        self.pop_to(index + 1);
        self.code.place(done);
        self.pop_to(bottom);
    }

    /// Pushes the end of a range and above it the start, computed in the order in which they are written.
    fn range(&mut self, start: &Expression, end: &Expression) {
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
    }

    /// A turn begins if the number on top is less than the end beneath it.
    fn count(&mut self, turn: Label, done: Label, tag: Tag) {
        let number = self.code.depth() - 1;
        self.code.place(turn);
        self.load_stack_cell(number);
        self.load_stack_cell(number - 1);
        self.operation("LT", tag);
        self.code.jump(done, -1, |target| Instruction::JumpFalse { target });
    }

    fn count_on(&mut self, turn: Label, tag: Tag) {
        self.constant(ConstantValue::Scalar(tag, 1));
        self.operation("ADD", tag);
        self.code.jump(turn, 0, |target| Instruction::Jump { target });
        self.code.end_path();
    }

    /// Leaves a loop on one of its ways; so many loops lie between it and this place.
    pub(super) fn leave(&mut self, outward: usize, exits: &[Exit], way: impl Fn(&mut Loop) -> &mut Way) {
        let Some(left) = self.loops.iter_mut().nth_back(outward) else { return };
        let depth = left.depth;
        // Those of the body come last, in the order in which they stand at its end.
        let ends = exits.iter().rev().zip(left.exits.iter().rev());
        let shared = ends.take_while(|(exit, of_body)| exit == of_body).count();
        let shared = if shared < LEAST_SHARED { 0 } else { shared };
        let way = way(left);
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
