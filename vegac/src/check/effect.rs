//! Values that nobody uses: of expressions that stand for their effect, and of operations that one of their operands
//! never lets happen.
//!
//! An operand never gives a value (its type is `Never`) if every way through an `alloc` block in it leaves the block
//! by `return`, `break` or `continue`. What stands before it is computed all the same.

use super::convert::failed;
use super::expression::type_from;
use super::{Checker, Expected};
use crate::ast::{self, Binary, ExpressionKind, Span, StatementKind, Unary};
use crate::checked::{Base, Expression, Kind, Place, Type};
use vega_report::Diagnostic;

impl Checker<'_> {
    /// What becomes of an operation on these operands, which are computed in this order, if it cannot be done: one of
    /// them was complained about, or never gives a value.
    pub(super) fn unfinished<'e, I>(&mut self, operands: I, span: Span) -> Option<Expression>
    where
        I: IntoIterator<Item = &'e Expression>,
        I::IntoIter: Clone,
    {
        let operands = operands.into_iter();
        if operands.clone().any(|operand| operand.type_ == Type::Error) {
            return Some(failed(span));
        }
        let last = operands.clone().position(|operand| operand.type_ == Type::Never)?;
        let computed = operands.take(last + 1).map(|operand| self.for_effect(operand.clone())).collect();
        Some(Expression { kind: Kind::Sequence(computed), type_: Type::Never, span })
    }

    /// An expression of which only the effect is wanted. A struct, tuple or array has no cells that could be dropped.
    pub(super) fn for_effect(&mut self, expression: Expression) -> Expression {
        let expression = self.settle(expression);
        match (expression.kind, expression.type_) {
            (Kind::Load(place), Type::Stencil(type_ref)) => match place.base {
                Base::Variable(_) | Base::Stencil(_) | Base::Cells(..) | Base::Static(..) | Base::Lent(..) => {
                    sequence(Vec::new(), expression.span)
                }
                // One scalar or text of an element, for the check of the index.
                Base::Element(..) | Base::ViewElement(..) => {
                    let type_ = self.stencils.leaf_at(type_ref, 0).map_or(Type::Error, type_from);
                    self.read(Place { type_, ..place }, expression.span)
                }
            },
            (Kind::Literal(parts), _) => {
                let parts = parts.into_iter().map(|part| self.for_effect(part.value)).collect();
                sequence(parts, expression.span)
            }
            (kind, _) => Expression { kind, ..expression },
        }
    }

    /// What was said of unused values in a statement is not meant: they were to be the result.
    pub(super) fn forget_unused(&mut self, span: Span) {
        let is_inside = |warning: &Diagnostic| {
            warning.primary().is_some_and(|label| span.start() <= label.span.start && label.span.end <= span.end())
        };
        self.warnings.kept.retain(|warning| warning.code != "W0001" || !is_inside(warning));
    }

    /// Warns of a statement that does nothing but compute a value.
    pub(super) fn warn_unused(&mut self, expression: &ast::Expression, value: &Expression) {
        let line = expression.span;
        let mut expression = expression;
        while let ExpressionKind::Alloc(_, block) = &expression.kind
            && let Some(StatementKind::Expression(last)) = block.statements.last().map(|last| &last.kind)
        {
            expression = last;
        }
        if matches!(value.type_, Type::Error | Type::Never | Type::Nothing) || has_effect(expression) {
            return;
        }
        let warning = Diagnostic::warning("W0001", "the value is not used").label(
            self.source,
            expression.span,
            "computed, and nothing is done with it",
        );
        self.complain(match &expression.kind {
            ExpressionKind::Binary(Binary::Equal, ..) => warning.hint("`==` compares; `=` assigns"),
            _ if begins_with_sign(expression) => {
                warning.hint("if this is to go on with the line before, put the operator at the end of that line")
            }
            _ if let Some(hint) = self.hint_for_last_line(line, value.type_) => warning.hint(hint),
            _ if matches!(self.result, Expected::Value(_)) => {
                warning.hint("leave it away, assign it to a variable, or give it as the result: `return …`")
            }
            _ => warning.hint("leave it away, or assign it to a variable"),
        });
    }
}

fn sequence(parts: Vec<Expression>, span: Span) -> Expression {
    Expression { kind: Kind::Sequence(parts), type_: Type::Nothing, span }
}

/// Whether a block ends in a choice with a value as the last line of a branch.
pub(super) fn ends_in_values(block: &ast::Block) -> bool {
    let is_value = |block: &ast::Block| match block.statements.last().map(|last| &last.kind) {
        Some(StatementKind::Expression(value)) => !has_effect(value),
        _ => false,
    };
    match block.statements.last().map(|last| &last.kind) {
        Some(StatementKind::If { arms, otherwise }) => {
            arms.iter().any(|(_, arm)| is_value(arm)) || otherwise.as_ref().is_some_and(is_value)
        }
        Some(StatementKind::Match { arms, .. }) => arms.iter().any(|arm| is_value(&arm.body)),
        _ => false,
    }
}

/// Whether an expression is one that people write for what it does.
pub(super) fn has_effect(expression: &ast::Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Call(..) | ExpressionKind::Alloc(..) => true,
        ExpressionKind::And(operands) | ExpressionKind::Or(operands) => has_effect(&operands[1]),
        _ => false,
    }
}

/// Whether a `-` stands first.
fn begins_with_sign(expression: &ast::Expression) -> bool {
    let mut part = expression;
    loop {
        part = match &part.kind {
            ExpressionKind::Unary(operator, _) => return *operator == Unary::Negate,
            ExpressionKind::Binary(_, _, operands) | ExpressionKind::And(operands) | ExpressionKind::Or(operands) => {
                &operands[0]
            }
            _ => return false,
        };
    }
}
