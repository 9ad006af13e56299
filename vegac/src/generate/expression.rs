//! Expressions → instructions: each leaves its value on the stack.

use super::FunctionGenerator;
use super::code::Label;
use crate::ast::{Binary, Unary};
use crate::checked::{Expression, Kind, Type};
use crate::operation;
use vega_format::builder::ConstantValue;
use vega_format::instruction::Instruction;
use vega_format::types::Tag;

impl FunctionGenerator<'_> {
    /// Computes an expression.
    pub(super) fn expression(&mut self, expression: &Expression) {
        if !self.code.is_reachable() {
            return;
        }
        self.at(expression.span.start());
        match &expression.kind {
            Kind::Constant(tag, cell) => self.constant(ConstantValue::Scalar(*tag, *cell)),
            Kind::Text(text) => self.constant(ConstantValue::String(text.to_string())),
            Kind::Cell(binding) => self.load_value(*binding, self.cells_of(expression)),
            Kind::Load(place) => match expression.type_ {
                Type::Stencil(type_ref) => self.load_whole(place, type_ref),
                Type::String => self.load_text(place),
                _ => {
                    self.operands_of(place);
                    self.at(expression.span.start());
                    self.load(place);
                }
            },
            Kind::Unary(operator, operand) => {
                self.expression(operand);
                if let Type::Scalar(tag) = operand.type_ {
                    self.operation(operation::unary(*operator), tag);
                }
            }
            Kind::Binary(operator, operands) => {
                let [left, right] = &**operands;
                self.expression(left);
                self.expression(right);
                self.at(expression.span.start());
                if let Type::Scalar(tag) = left.type_ {
                    self.binary(*operator, tag);
                }
            }
            Kind::Convert(from, to, operand) => {
                self.expression(operand);
                self.operation(operation::conversion(*from), *to);
            }
            Kind::Append(place, value) => self.append(place, value),
            Kind::And(..) | Kind::Or(..) => self.truth(expression),
            Kind::Apply(instruction, operands) => {
                let bottom = self.code.depth();
                for operand in operands {
                    self.expression(operand);
                }
                self.at(expression.span.start());
                let change = self.change_to(bottom, expression);
                self.code.emit(*instruction, change);
            }
            Kind::Typed(operation, tag, operands) => {
                for operand in operands {
                    self.expression(operand);
                }
                self.operation(operation, *tag);
            }
            Kind::View(place) => self.view(place),
            Kind::Call(function, arguments) => {
                let bottom = self.code.depth();
                for argument in arguments {
                    self.expression(argument);
                }
                self.at(expression.span.start());
                let name = self.callees.get(*function).cloned().unwrap_or_default();
                let function = self.module.builder.function(&name);
                let change = self.change_to(bottom, expression);
                self.code.emit(Instruction::Call { function }, change);
            }
            Kind::Host(name, arguments) => {
                let bottom = self.code.depth();
                for argument in arguments {
                    self.expression(argument);
                }
                self.at(expression.span.start());
                if self.code.is_reachable() {
                    let import = self.module.builder.import(name);
                    let change = self.change_to(bottom, expression);
                    self.code.emit(Instruction::CallNat { import }, change);
                }
            }
            Kind::Sequence(parts) => self.sequence(parts),
            Kind::UnionAs(mask, value) => {
                let bottom = self.code.depth();
                self.expression(value);
                self.at(expression.span.start());
                let change = self.change_to(bottom, expression);
                self.code.emit(Instruction::UnionAs { mask: *mask }, change);
            }
            Kind::Is(mask, value) => {
                self.expression(value);
                self.at(expression.span.start());
                self.code.emit(Instruction::UnionIs { mask: *mask }, -1);
            }
            Kind::Assert(condition, told, words) => {
                let holds = self.code.new_label();
                self.condition(condition, holds, true);
                self.sequence(told);
                self.expression(words);
                self.at(expression.span.start());
                self.code.emit_fixed(Instruction::Fail {});
                self.code.end_path();
                self.code.place(holds);
            }
            Kind::Literal(parts) => self.literal(parts, expression.type_),
            Kind::Let(binding, value, body) => {
                let kept = self.keep(*binding, value);
                self.expression(body);
                self.slide(self.cells_of(body), kept);
            }
            Kind::Block(statements) => self.statements(statements),
            Kind::Alloc(arena) => {
                self.code.emit(arena.strategy.opening(arena.capacity), 0);
                self.block(&arena.block);
            }
            // Literals are settled and errors are told before anything is generated.
            Kind::Integer(_) | Kind::Decimal(..) | Kind::Adapting(_) | Kind::Error => {}
        }
    }

    /// The change of depth of a call whose arguments start at `bottom`.
    fn change_to(&self, bottom: u32, expression: &Expression) -> i32 {
        bottom as i32 + self.cells_of(expression) as i32 - self.code.depth() as i32
    }

    /// The operation on the two values on top.
    pub(super) fn binary(&mut self, operator: Binary, tag: Tag) {
        self.operation(operation::binary(operator, tag), tag);
    }

    /// Jumps to `label` if a condition is `when`, else goes on; `&&` and `||` jump as soon as they are decided.
    pub(super) fn condition(&mut self, condition: &Expression, label: Label, when: bool) {
        match &condition.kind {
            Kind::And(operands) | Kind::Or(operands) => {
                let [left, right] = &**operands;
                // `a && b` is decided by a false `a`, `a || b` by a true one.
                let decided = matches!(condition.kind, Kind::Or(..));
                if decided == when {
                    self.condition(left, label, when);
                    self.condition(right, label, when);
                } else {
                    let through = self.code.new_label();
                    self.condition(left, through, decided);
                    self.condition(right, label, when);
                    self.code.place(through);
                }
            }
            Kind::Unary(Unary::Not, operand) => self.condition(operand, label, !when),
            _ => {
                self.expression(condition);
                match self.code.take_known() {
                    Some(holds) if (holds != 0) == when => {
                        self.code.jump(label, 0, |target| Instruction::Jump { target });
                        self.code.end_path();
                    }
                    Some(_) => {}
                    None => self.code.jump(label, -1, |target| match when {
                        true => Instruction::JumpTrue { target },
                        false => Instruction::JumpFalse { target },
                    }),
                }
            }
        }
    }

    /// The value of `&&` or `||`.
    fn truth(&mut self, expression: &Expression) {
        let (is_false, end) = (self.code.new_label(), self.code.new_label());
        self.condition(expression, is_false, false);
        self.constant(ConstantValue::Scalar(Tag::Bool, 1));
        self.code.jump(end, 0, |target| Instruction::Jump { target });
        self.code.end_path();
        self.code.place(is_false);
        self.constant(ConstantValue::Scalar(Tag::Bool, 0));
        self.code.place(end);
    }

    /// One after another, for their effect.
    fn sequence(&mut self, parts: &[Expression]) {
        for part in parts {
            let bottom = self.code.depth();
            self.expression(part);
            self.pop_to(bottom);
        }
    }
}
