//! What a constant expression comes to, computed as a program would compute it; what would wrap around is refused.

use super::convert::{adapt, is_integer, misfit};
use crate::adapting::Adapting;
use crate::ast::{Binary, Span, Unary};
use crate::checked::{Expression, Kind, Type};
use crate::operation;
use std::cmp::Ordering;
use std::rc::Rc;
use vega_format::compute::compute;
use vega_format::instruction::Instruction;
use vega_format::types::Tag;

/// Why an expression has no value that is known when it is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is known only when it runs.
    Runs,
    /// It is larger or smaller than the type can be in which it is computed.
    Overflows(Tag),
    /// It divides by zero.
    DividesByZero,
    /// A complaint was made of it already.
    Reported,
}

type Folded = Result<Kind, (Span, Unfit)>;

/// The value of a constant expression: a scalar, a text, or what adapts to its place.
pub(super) fn fold(expression: &Expression) -> Folded {
    let unfit = |why| Err((expression.span, why));
    match &expression.kind {
        Kind::Integer(_) | Kind::Decimal(..) | Kind::Adapting(_) | Kind::Constant(..) | Kind::Text(_) => {
            Ok(expression.kind.clone())
        }
        Kind::Error => unfit(Unfit::Reported),
        Kind::Unary(..) | Kind::Binary(..) if expression.type_ == Type::AnyInteger => each(expression, Tag::Long),
        Kind::Unary(..) | Kind::Binary(..) if expression.type_ == Type::AnyDecimal => each(expression, Tag::Decimal),
        Kind::Unary(operator, operand) => match fold(operand)? {
            Kind::Constant(tag, cell) => {
                if *operator == Unary::Negate && is_integer(tag) && !fits(-exact(tag, cell), tag) {
                    return unfit(Unfit::Overflows(tag));
                }
                done(operation::unary(*operator), tag, tag, &[cell], expression.span)
            }
            _ => unfit(Unfit::Runs),
        },
        Kind::Binary(operator, operands) => {
            let [left, right] = &**operands;
            binary(*operator, fold(left)?, fold(right)?, expression.span)
        }
        Kind::And(operands) | Kind::Or(operands) => {
            let is_and = matches!(expression.kind, Kind::And(..));
            match (fold(&operands[0])?, fold(&operands[1])) {
                // The second is not computed where the first decides, but has to be a constant all the same.
                (first @ Kind::Constant(_, holds), Err((_, Unfit::Overflows(_) | Unfit::DividesByZero)))
                    if is_and == (holds == 0) =>
                {
                    Ok(first)
                }
                (_, Err(why)) => Err(why),
                (Kind::Constant(tag, a), Ok(Kind::Constant(_, b))) => {
                    Ok(Kind::Constant(tag, if is_and { a & b } else { a | b }))
                }
                _ => unfit(Unfit::Runs),
            }
        }
        Kind::Convert(from, to, operand) => match fold(operand)? {
            Kind::Constant(_, cell) => done(operation::conversion(*from), *to, *to, &[cell], expression.span),
            _ => unfit(Unfit::Runs),
        },
        Kind::Typed(operation, tag, operands) => {
            let mut cells = Vec::new();
            for operand in operands {
                match fold(operand)? {
                    Kind::Constant(_, cell) => cells.push(cell),
                    _ => return unfit(Unfit::Runs),
                }
            }
            let has_no_absolute = |cell: &u64| is_integer(*tag) && !fits(exact(*tag, *cell).abs(), *tag);
            if *operation == "ABS" && cells.iter().any(has_no_absolute) {
                return unfit(Unfit::Overflows(*tag));
            }
            let result = match expression.type_ {
                Type::Scalar(result) => result,
                _ => *tag,
            };
            done(operation, *tag, result, &cells, expression.span)
        }
        Kind::Apply(Instruction::StringLength {}, operands) => match operands.first().map(fold).transpose()? {
            Some(Kind::Text(text)) => Ok(Kind::Constant(Tag::Int, text.len() as u64)),
            _ => unfit(Unfit::Runs),
        },
        Kind::Apply(instruction, operands)
            if let ([a, b], Some(holds)) = (operands.as_slice(), of_order(instruction)) =>
        {
            match (fold(a)?, fold(b)?) {
                (Kind::Text(a), Kind::Text(b)) => Ok(Kind::Constant(Tag::Bool, holds(a.cmp(&b)).into())),
                _ => unfit(Unfit::Runs),
            }
        }
        _ => unfit(Unfit::Runs),
    }
}

/// Arithmetic of literals alone, in each type that its place may want; `widest` is the last to have a value of it.
fn each(literals: &Expression, widest: Tag) -> Folded {
    let each = Adapting::of(|tag| fold_as(literals, tag).ok());
    let is_known = if widest == Tag::Long { each.whole().is_some() } else { each.get(widest).is_some() };
    match fold_as(literals, widest) {
        Err(why) if !is_known => Err(why),
        _ => Ok(Kind::Adapting(Rc::new(each))),
    }
}

/// What adapts to its place, where that wants a type.
pub(super) fn fold_as(expression: &Expression, tag: Tag) -> Result<u64, (Span, Unfit)> {
    let Some(adapted) = adapt(expression, tag) else {
        return Err((misfit(expression, tag).unwrap_or(expression).span, Unfit::Overflows(tag)));
    };
    match fold(&adapted)? {
        Kind::Constant(_, cell) => Ok(cell),
        _ => Err((expression.span, Unfit::Runs)),
    }
}

/// Of a type in which something is computed that is too large or too small for it.
pub(super) fn has_no_such_value(tag: Tag) -> String {
    format!("computed in `{}`, which has no such value", tag.name())
}

/// What a comparison of strings says of their order.
fn of_order(instruction: &Instruction) -> Option<fn(Ordering) -> bool> {
    Some(match instruction {
        Instruction::EqString {} => Ordering::is_eq,
        Instruction::NeString {} => Ordering::is_ne,
        Instruction::LtString {} => Ordering::is_lt,
        Instruction::LeString {} => Ordering::is_le,
        Instruction::GtString {} => Ordering::is_gt,
        Instruction::GeString {} => Ordering::is_ge,
        _ => return None,
    })
}

fn binary(operator: Binary, left: Kind, right: Kind, span: Span) -> Folded {
    match (left, right) {
        (Kind::Constant(tag, a), Kind::Constant(other, b)) => {
            let result = match operator {
                Binary::Equal
                | Binary::NotEqual
                | Binary::Less
                | Binary::LessEqual
                | Binary::Greater
                | Binary::GreaterEqual => Tag::Bool,
                _ => tag,
            };
            let overflows = is_integer(tag)
                && whole(operator, exact(tag, a), exact(other, b)).is_some_and(|value| !fits(value, tag));
            if overflows {
                return Err((span, Unfit::Overflows(tag)));
            }
            done(operation::binary(operator, tag), tag, result, &[a, b], span)
        }
        _ => Err((span, Unfit::Runs)),
    }
}

/// The result of an operation of which the result can be too large for the type, without end.
fn whole(operator: Binary, a: i128, b: i128) -> Option<i128> {
    match operator {
        Binary::Add => Some(a + b),
        Binary::Sub => Some(a - b),
        Binary::Mul => a.checked_mul(b),
        Binary::Div => a.checked_div(b),
        Binary::ShiftLeft => {
            let count = u32::try_from(b).ok().filter(|count| *count < 64);
            Some(count.and_then(|count| a.checked_mul(1 << count)).unwrap_or(i128::MAX))
        }
        _ => None,
    }
}

/// The result of an operation on cells.
fn done(operation: &str, tag: Tag, result: Tag, cells: &[u64], span: Span) -> Folded {
    let instruction = operation::instruction(operation, tag);
    match instruction.and_then(|instruction| compute(&instruction, cells)) {
        Some(Ok(cell)) => Ok(Kind::Constant(result, cell)),
        Some(Err(_)) => Err((span, Unfit::DividesByZero)),
        None => Err((span, Unfit::Runs)),
    }
}

/// The number in the cell of an integer.
fn exact(tag: Tag, cell: u64) -> i128 {
    match tag {
        Tag::Byte => i128::from(cell as u8),
        _ => i128::from(cell.cast_signed()),
    }
}

fn fits(value: i128, tag: Tag) -> bool {
    super::convert::integer_cell(value, tag).is_some()
}
