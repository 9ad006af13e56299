//! Functions of numbers that the language has of itself: each is an instruction, or a few where only the wider types
//! have one.

use super::Checker;
use super::convert::{Reason, common, failed, is_integer, is_number, is_numeric};
use crate::ast::{self, Binary, Name, Span};
use crate::checked::{Expression, Kind, Type};
use vega_format::types::Tag;

/// TABLE: name, number of parameters, first part of the mnemonic.
const FUNCTIONS: [(&str, usize, &str); 16] = [
    ("sqrt", 1, "SQRT"),
    ("floor", 1, "FLOOR"),
    ("ceil", 1, "CEIL"),
    ("trunc", 1, "TRUNC"),
    ("round", 1, "ROUND"),
    ("abs", 1, "ABS"),
    ("min", 2, "MIN"),
    ("max", 2, "MAX"),
    ("rotate_left", 2, "ROTL"),
    ("rotate_right", 2, "ROTR"),
    ("leading_zeros", 1, "CLZ"),
    ("trailing_zeros", 1, "CTZ"),
    ("count_ones", 1, "ONES"),
    ("unsigned_less", 2, "ULT"),
    ("unsigned_divide", 2, "UDIV"),
    ("unsigned_remainder", 2, "UREM"),
];

/// The names of all of them.
pub(super) fn names<'a>() -> impl Iterator<Item = &'a str> {
    FUNCTIONS.into_iter().map(|(name, _, _)| -> &'a str { name })
}

/// How many arguments a function of this name takes.
pub(super) fn parameters(name: &str) -> Option<usize> {
    FUNCTIONS.iter().find(|(known, _, _)| *known == name).map(|(_, parameters, _)| *parameters)
}

impl Checker<'_> {
    /// The call of a function of the table with as many arguments as it takes.
    pub(super) fn number_function(&mut self, name: &Name, arguments: &[ast::Expression], span: Span) -> Expression {
        let row = FUNCTIONS.iter().find(|(known, _, _)| *known == name.text);
        match (row, arguments) {
            (Some((_, _, operation @ ("ROTL" | "ROTR"))), [value, count]) => {
                self.rotation(&name.text, operation, value, count, span)
            }
            (Some((_, _, operation)), [left, right]) => self.of_two(name, operation, left, right, span),
            (Some((_, _, operation)), [argument]) => {
                // A root is one of a decimal, or of a float.
                let wanted = (*operation == "SQRT").then_some(Type::Scalar(Tag::Decimal));
                let operand = self.operand_for(argument, wanted);
                let value = self.adapted(operand, wanted, &Reason::new(&|wanted| format!("`sqrt` works on {wanted}s")));
                self.of_one(&name.text, operation, value, span)
            }
            _ => failed(span),
        }
    }

    fn of_one(&mut self, name: &str, operation: &'static str, value: Expression, span: Span) -> Expression {
        match (operation, value.type_) {
            ("SQRT" | "FLOOR" | "CEIL" | "TRUNC" | "ROUND", Type::Scalar(tag @ (Tag::Float | Tag::Decimal))) => {
                typed(operation, tag, vec![value], tag, span)
            }
            ("SQRT", Type::Scalar(tag)) if is_integer(tag) && tag != Tag::Long => {
                let words = |wanted: &str| format!("`sqrt` works on {wanted}s");
                let value = self.coerce(value, Type::Scalar(Tag::Decimal), &Reason::new(&words));
                typed(operation, Tag::Decimal, vec![value], Tag::Decimal, span)
            }
            ("SQRT", _) => self.no_such_number(name, value, "a float or a decimal", Some(Tag::Decimal), span),
            ("FLOOR" | "CEIL" | "TRUNC" | "ROUND", _) => {
                self.no_such_number(name, value, "a float or a decimal", None, span)
            }
            ("ABS", Type::Scalar(tag)) if is_number(tag) && tag != Tag::Byte => {
                typed(operation, tag, vec![value], tag, span)
            }
            ("ABS", _) => self.no_such_number(name, value, "a number with a sign", Some(Tag::Int), span),
            (_, Type::Scalar(tag)) if is_integer(tag) => count_bits(operation, tag, value, span),
            _ => self.no_such_number(name, value, "an integer", Some(Tag::Long), span),
        }
    }

    fn no_such_number(
        &mut self,
        name: &str,
        value: Expression,
        wanted: &str,
        convert: Option<Tag>,
        span: Span,
    ) -> Expression {
        if let Some(unfinished) = self.unfinished([&value], span) {
            return unfinished;
        }
        let title = format!("`{name}` cannot be applied to `{}`", self.show(value.type_));
        let diagnostic = self.error("E0402", value.span, title, format!("{wanted} is wanted here"));
        let written = self.written(value.span);
        self.complain(match convert {
            Some(tag) if is_numeric(value.type_) => diagnostic.hint(format!("convert it: `{}({written})`", tag.name())),
            None if is_numeric(value.type_) => diagnostic.hint("an integer is whole already: leave the call away"),
            _ => diagnostic,
        });
        failed(span)
    }

    fn of_two(
        &mut self,
        name: &Name,
        operation: &'static str,
        left: &ast::Expression,
        right: &ast::Expression,
        span: Span,
    ) -> Expression {
        let (left, right) = (self.operand(left), self.operand(right));
        if let Some(unfinished) = self.unfinished([&left, &right], span) {
            return unfinished;
        }
        let (left, right) = self.adapt_to_each_other(left, right);
        let takes: fn(Tag) -> bool = if matches!(operation, "MIN" | "MAX") { is_number } else { is_integer };
        let tag = match (left.type_, right.type_) {
            (Type::Scalar(a), Type::Scalar(b)) if takes(a) && takes(b) => common(a, b),
            _ => None,
        };
        let Some(tag) = tag else {
            if left.type_ != Type::Error && right.type_ != Type::Error {
                let (a, b) = (self.show(left.type_), self.show(right.type_));
                let title = format!("`{}` cannot be applied to `{a}` and `{b}`", name.text);
                let wanted = if takes(Tag::Float) { "two numbers" } else { "two integers" };
                let diagnostic = self.error("E0402", name.span, title, format!("{wanted} of one type are wanted"));
                self.complain(match self.hint_for_numbers(&left, &right) {
                    Some(hint) => diagnostic.hint(hint),
                    None => diagnostic,
                });
            }
            return failed(span);
        };
        let words = |_: &str| format!("`{}` works on equal types", name.text);
        let reason = Reason::new(&words);
        let operands = [self.coerce(left, Type::Scalar(tag), &reason), self.coerce(right, Type::Scalar(tag), &reason)];
        match operation {
            "MIN" | "MAX" => typed(operation, tag, operands.into(), tag, span),
            _ => {
                if matches!(operation, "UDIV" | "UREM") {
                    self.certain_zero(&operands[1]);
                }
                without_sign(operation, tag, operands, span)
            }
        }
    }

    fn rotation(
        &mut self,
        name: &str,
        operation: &'static str,
        value: &ast::Expression,
        count: &ast::Expression,
        span: Span,
    ) -> Expression {
        let value = self.value(value);
        let count = self.integer(count, "the count of a rotation");
        if let Some(unfinished) = self.unfinished([&value, &count], span) {
            return unfinished;
        }
        match (value.type_, count.type_) {
            (Type::Scalar(tag), Type::Scalar(of_count)) if is_integer(tag) => {
                // The count is masked, so its low bits are all that matters.
                let count = if of_count == Tag::Int { count } else { convert(of_count, Tag::Int, count) };
                typed(operation, tag, vec![value, count], tag, span)
            }
            _ => self.no_such_number(name, value, "an integer", Some(Tag::Long), span),
        }
    }
}

/// Bytes and shorts are counted as the lowest bits of an int.
fn count_bits(operation: &'static str, tag: Tag, value: Expression, span: Span) -> Expression {
    if matches!(tag, Tag::Int | Tag::Long) {
        return typed(operation, tag, vec![value], Tag::Int, span);
    }
    let width = 8 * tag.size();
    let wide = zero_extended(tag, value);
    match operation {
        "CLZ" => binary(Binary::Sub, typed(operation, Tag::Int, vec![wide], Tag::Int, span), int(32 - width, span)),
        // A one above the highest bit ends the count.
        "CTZ" => {
            let ended = binary(Binary::BitOr, wide, int(1 << width, span));
            typed(operation, Tag::Int, vec![ended], Tag::Int, span)
        }
        _ => typed(operation, Tag::Int, vec![wide], Tag::Int, span),
    }
}

/// An operation on numbers without a sign. A byte has none, and a short without one is an int.
fn without_sign(operation: &'static str, tag: Tag, operands: [Expression; 2], span: Span) -> Expression {
    if matches!(tag, Tag::Int | Tag::Long) {
        return typed(operation, tag, operands.into(), result_of(operation, tag), span);
    }
    let operation = match operation {
        "UDIV" => "DIV",
        "UREM" => "REM",
        _ => "LT",
    };
    if tag == Tag::Byte {
        return typed(operation, tag, operands.into(), result_of(operation, tag), span);
    }
    let wide = operands.map(|operand| zero_extended(tag, operand));
    let computed = typed(operation, Tag::Int, wide.into(), result_of(operation, Tag::Int), span);
    if operation == "LT" { computed } else { convert(Tag::Int, tag, computed) }
}

fn result_of(operation: &str, tag: Tag) -> Tag {
    if matches!(operation, "ULT" | "LT") { Tag::Bool } else { tag }
}

/// The bits of a byte or a short, as an int.
fn zero_extended(tag: Tag, value: Expression) -> Expression {
    let span = value.span;
    let wide = convert(tag, Tag::Int, value);
    if tag == Tag::Byte { wide } else { binary(Binary::BitAnd, wide, int(0xFFFF, span)) }
}

fn typed(operation: &'static str, tag: Tag, operands: Vec<Expression>, result: Tag, span: Span) -> Expression {
    Expression { kind: Kind::Typed(operation, tag, operands), type_: Type::Scalar(result), span }
}

fn convert(from: Tag, to: Tag, value: Expression) -> Expression {
    let span = value.span;
    Expression { kind: Kind::Convert(from, to, Box::new(value)), type_: Type::Scalar(to), span }
}

fn binary(operator: Binary, left: Expression, right: Expression) -> Expression {
    let span = left.span;
    let kind = Kind::Binary(operator, Box::new([left, right]));
    Expression { kind, type_: Type::Scalar(Tag::Int), span }
}

fn int(value: u32, span: Span) -> Expression {
    Expression { kind: Kind::Constant(Tag::Int, value.into()), type_: Type::Scalar(Tag::Int), span }
}
