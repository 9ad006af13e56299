//! Operators: which types they work on, and how literals adapt to the other operand.

use super::Checker;
use super::convert::{Reason, common, failed, is_integer, is_number, is_numeric};
use super::fold::{Unfit, fold_as};
use crate::ast::{self, Binary, ExpressionKind, IntegerSuffix, Literal, Span, Unary};
use crate::checked::{Expression, Kind, Type};
use vega_format::instruction::Instruction;
use vega_format::types::Tag;

impl Checker<'_> {
    /// An operator before its operand.
    pub(super) fn unary(&mut self, operator: Unary, operand: &ast::Expression, span: Span) -> Expression {
        if let (Unary::Negate, ExpressionKind::Literal(Literal::Integer(value, Some(suffix)))) =
            (operator, &operand.kind)
            && *suffix != IntegerSuffix::Byte
        {
            let (kind, type_) = self.integer_of_type(-i128::from(*value), *suffix, span);
            return Expression { kind, type_, span };
        }
        let operand = self.operand(operand);
        self.prefixed(operator, operand, span, None)
    }

    /// `!x == 1`, where the `!` belongs to what stands right behind it: its left side.
    pub(super) fn not_before_comparison(
        &mut self,
        operand: &ast::Expression,
        span: Span,
        comparison: (Binary, &ast::Expression),
    ) -> Expression {
        let operand = self.operand(operand);
        self.prefixed(Unary::Not, operand, span, Some(comparison))
    }

    /// An operator before an operand that was checked, and what both are compared with.
    fn prefixed(
        &mut self,
        operator: Unary,
        operand: Expression,
        span: Span,
        comparison: Option<(Binary, &ast::Expression)>,
    ) -> Expression {
        let fits = match (operator, operand.type_) {
            (_, Type::Error | Type::Never) => return Expression { span, ..operand },
            (Unary::Negate, Type::AnyInteger) => {
                if let Kind::Integer(value) = operand.kind {
                    return Expression { kind: Kind::Integer((-value.get()).into()), type_: Type::AnyInteger, span };
                }
                true
            }
            (Unary::Negate, Type::AnyDecimal) => {
                if let Kind::Decimal(decimal, single) = operand.kind {
                    let kind = Kind::Decimal(-decimal, -single);
                    return Expression { kind, type_: Type::AnyDecimal, span };
                }
                true
            }
            (Unary::Negate, Type::Scalar(tag)) => is_number(tag) && tag != Tag::Byte,
            (Unary::Invert, Type::AnyInteger) => true,
            (Unary::Invert, Type::Scalar(tag)) => is_integer(tag),
            (Unary::Not, Type::Scalar(tag)) => tag == Tag::Bool,
            _ => false,
        };
        if fits {
            let type_ = operand.type_;
            return Expression { kind: Kind::Unary(operator, Box::new(operand)), type_, span };
        }
        let (sign, wanted) = match operator {
            Unary::Negate => ("-", "a number with a sign"),
            Unary::Invert => ("~", "an integer"),
            Unary::Not => ("!", "a bool"),
        };
        let title = format!("`{sign}` cannot be applied to `{}`", self.show(operand.type_));
        let mut diagnostic = self.error("E0402", operand.span, title, format!("{wanted} is wanted here"));
        let written = self.written(operand.span);
        match (operator, operand.type_) {
            (Unary::Negate, Type::Scalar(Tag::Byte)) => {
                diagnostic = diagnostic.hint(format!("a byte has no sign; convert it first: `-int({written})`"));
            }
            (Unary::Not, _) if let Some((comparison, right)) = comparison => {
                let right = self.written(right.span);
                let whole = format!("!({written} {} {right})", comparison.spelling());
                diagnostic = diagnostic.hint(match comparison {
                    Binary::Equal => format!("write `{whole}`, or `{written} != {right}`"),
                    Binary::NotEqual => format!("write `{whole}`, or `{written} == {right}`"),
                    _ => format!("write `{whole}`"),
                });
            }
            (Unary::Not, type_) if is_numeric(type_) => {
                let hint = format!("compare it: `{written} == 0`");
                diagnostic = self.with_edit(diagnostic.hint(hint), self.edit_for_not(&operand, span));
            }
            (_, Type::Union(held)) => {
                let wanted = |tag: &Tag| if operator == Unary::Not { *tag == Tag::Bool } else { is_number(*tag) };
                diagnostic = diagnostic.hint(self.ask_union(&operand, held.tags().find(wanted)));
            }
            _ => {}
        }
        self.complain(diagnostic);
        failed(span)
    }

    /// Whether a name is that of a scalar type, and of no variable.
    pub(super) fn is_scalar_type(&self, written: &ast::Expression) -> bool {
        matches!(&written.kind, ExpressionKind::Name(name) if Tag::from_name(name).is_some())
            && self.names_type(written)
    }

    /// `u == int`, where it is asked what a union holds.
    pub(super) fn refuse_type_as_operand(
        &mut self,
        operator: Binary,
        union: &ast::Expression,
        type_: &ast::Expression,
        span: Span,
    ) -> Expression {
        // `typeof(u)` asks of `u`.
        let union = match &union.kind {
            ExpressionKind::Call(asks, arguments) if matches!(asks.text.as_str(), "typeof" | "type") => {
                arguments.first().filter(|_| !self.by_name.contains_key(&asks.text)).unwrap_or(union)
            }
            _ => union,
        };
        self.operand(union);
        let [value, name] = [union, type_].map(|part| self.written(part.span));
        let meant = match operator {
            Binary::Equal => format!("{value} is {name}"),
            _ => format!("!({value} is {name})"),
        };
        let title = format!("`{name}` is a type, and is compared with a value");
        let diagnostic = self.error("E0301", type_.span, title, "not known as a variable");
        self.complain(diagnostic.hint(format!("what a union holds is asked by `is`: `{meant}`")));
        failed(span)
    }

    /// A binary operation on operands that were checked.
    pub(super) fn binary(
        &mut self,
        operator: Binary,
        place: Span,
        left: Expression,
        right: Expression,
        span: Span,
    ) -> Expression {
        if let Some(unfinished) = self.unfinished([&left, &right], span) {
            return unfinished;
        }
        if is_shift(operator) {
            return self.shift(operator, place, left, right, span);
        }
        self.certain_division(operator, left.type_, &right);
        let is_literal = |type_| matches!(type_, Type::AnyInteger | Type::AnyDecimal);
        if is_literal(left.type_) && is_literal(right.type_) && !is_comparison(operator) {
            let type_ = if left.type_ == right.type_ { left.type_ } else { Type::AnyDecimal };
            if type_ == Type::AnyInteger || !wants_integers(operator) {
                let kind = Kind::Binary(operator, Box::new([left, right]));
                return Expression { kind, type_, span };
            }
        }
        let (left, right) = self.adapt_to_each_other(left, right);
        // A literal may have been found not to fit.
        if let Some(unfinished) = self.unfinished([&left, &right], span) {
            return unfinished;
        }
        if let (Type::String, Type::String, Some(instruction)) = (left.type_, right.type_, of_strings(operator)) {
            if !self.view_stands(&left, std::slice::from_ref(&right)) {
                return failed(span);
            }
            let kind = Kind::Apply(instruction, vec![left, right]);
            return Expression { kind, type_: Type::Scalar(Tag::Bool), span };
        }
        if let (Type::Stencil(_), true, true) = (left.type_, left.type_ == right.type_, is_equality(operator)) {
            return self.compare_wholes(operator, left, right, span);
        }
        let tag = match (left.type_, right.type_) {
            (Type::Scalar(a), Type::Scalar(b)) => common(a, b),
            _ => None,
        };
        let fits = tag.is_some_and(|tag| match tag {
            Tag::Bool => is_equality(operator),
            Tag::Char => is_comparison(operator),
            _ => is_integer(tag) || !wants_integers(operator),
        });
        let Some(tag) = tag.filter(|_| fits) else {
            return self.no_such_operation(operator, place, &left, &right, span);
        };
        let words = |_: &str| format!("`{}` works on equal types", operator.spelling());
        let reason = Reason::at(&words, place);
        let left = self.coerce(left, Type::Scalar(tag), &reason);
        let right = self.coerce(right, Type::Scalar(tag), &reason);
        let type_ = if is_comparison(operator) { Type::Scalar(Tag::Bool) } else { Type::Scalar(tag) };
        let are_known = matches!((&left.kind, &right.kind), (Kind::Constant(..), Kind::Constant(..)));
        let whole = Expression { kind: Kind::Binary(operator, Box::new([left, right])), type_, span };
        if are_known {
            self.warn_wrapping(&whole);
        }
        whole
    }

    /// A literal beside something of a type, if it fits that; arithmetic fits where its result does, too, as far as that
    /// is known: the count of a shift may not be.
    pub(super) fn adapts_beside(&self, literal: &Expression, tag: Tag) -> Option<Expression> {
        self.adapts(literal, tag).filter(|_| matches!(fold_as(literal, tag), Ok(_) | Err((_, Unfit::Runs))))
    }

    /// The type in which the parts of a literal on the left are compared with what stands on the right.
    pub(super) fn wanted_beside(
        &self,
        operator: Binary,
        left: &ast::Expression,
        right: &ast::Expression,
    ) -> Option<Type> {
        let is_whole = matches!(left.kind, ExpressionKind::Tuple(_) | ExpressionKind::Array(_));
        if is_whole && is_equality(operator) { self.type_there(right) } else { None }
    }

    /// A literal takes the type of the other operand if it fits, else its own.
    pub(super) fn adapt_to_each_other(&mut self, left: Expression, right: Expression) -> (Expression, Expression) {
        let is_literal = |expression: &Expression| matches!(expression.type_, Type::AnyInteger | Type::AnyDecimal);
        if !is_literal(&left) && !is_literal(&right) {
            return (left, right);
        }
        let adapted = |checker: &Checker<'_>, literal: &Expression, other: &Expression| match other.type_ {
            Type::Scalar(tag) => checker.adapts_beside(literal, tag),
            Type::AnyDecimal => checker.adapts(literal, Tag::Decimal),
            _ => None,
        };
        let new_left = if is_literal(&left) { adapted(self, &left, &right) } else { None };
        let left = new_left.unwrap_or(left);
        let new_right = if is_literal(&right) { adapted(self, &right, &left) } else { None };
        let right = new_right.unwrap_or(right);
        (self.settle(left), self.settle(right))
    }

    pub(super) fn shift(
        &mut self,
        operator: Binary,
        place: Span,
        left: Expression,
        right: Expression,
        span: Span,
    ) -> Expression {
        let right = self.settle(right);
        self.warn_shift_count(&left, &right);
        let count = match right.type_ {
            Type::Error => return failed(span),
            // The count is masked, so its low bits are all that matters.
            Type::Scalar(tag) if is_integer(tag) && tag != Tag::Int => {
                let at = right.span;
                Expression {
                    kind: Kind::Convert(tag, Tag::Int, Box::new(right)),
                    type_: Type::Scalar(Tag::Int),
                    span: at,
                }
            }
            _ => right,
        };
        let left_fits = match left.type_ {
            Type::AnyInteger => true,
            Type::Scalar(tag) => is_integer(tag),
            _ => false,
        };
        if !left_fits || count.type_ != Type::Scalar(Tag::Int) {
            return self.no_such_operation(operator, place, &left, &count, span);
        }
        let type_ = left.type_;
        Expression { kind: Kind::Binary(operator, Box::new([left, count])), type_, span }
    }

    pub(super) fn no_such_operation(
        &mut self,
        operator: Binary,
        place: Span,
        left: &Expression,
        right: &Expression,
        span: Span,
    ) -> Expression {
        let (a, b) = (self.show(left.type_), self.show(right.type_));
        let title = format!("`{}` cannot be applied to `{a}` and `{b}`", operator.spelling());
        let mut diagnostic = self
            .error("E0402", place, title, "no such operation")
            .also(self.source, left.span, format!("this is `{a}`"))
            .also(self.source, right.span, format!("this is `{b}`"));
        if let Some(hint) = self.hint_for_operation(operator, left, right) {
            let edit = self.edit_for_operation(operator, place, left, right);
            diagnostic = self.with_edit(diagnostic.hint(hint), edit);
        }
        self.complain(diagnostic);
        failed(span)
    }
}

pub(super) fn wants_integers(operator: Binary) -> bool {
    use Binary::{BitAnd, BitOr, BitXor, Rem};
    matches!(operator, Rem | BitAnd | BitOr | BitXor) || is_shift(operator)
}

pub(super) fn is_shift(operator: Binary) -> bool {
    matches!(operator, Binary::ShiftLeft | Binary::ShiftRight | Binary::ShiftRightZero)
}

pub(super) fn is_equality(operator: Binary) -> bool {
    matches!(operator, Binary::Equal | Binary::NotEqual)
}

pub(super) fn is_comparison(operator: Binary) -> bool {
    use Binary::{Greater, GreaterEqual, Less, LessEqual};
    is_equality(operator) || matches!(operator, Less | LessEqual | Greater | GreaterEqual)
}

/// What joins bools as an operation on bits joins those.
pub(super) fn of_bools(operator: Binary) -> Option<&'static str> {
    match operator {
        Binary::BitAnd => Some("&&"),
        Binary::BitOr => Some("||"),
        Binary::BitXor => Some("!="),
        _ => None,
    }
}

/// The comparison of two strings.
pub(super) fn of_strings(operator: Binary) -> Option<Instruction> {
    Some(match operator {
        Binary::Equal => Instruction::EqString {},
        Binary::NotEqual => Instruction::NeString {},
        Binary::Less => Instruction::LtString {},
        Binary::LessEqual => Instruction::LeString {},
        Binary::Greater => Instruction::GtString {},
        Binary::GreaterEqual => Instruction::GeString {},
        _ => return None,
    })
}
