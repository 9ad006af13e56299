//! What a constant expression comes to, computed as a program would compute it; what would wrap around is refused.

use super::convert::is_integer;
use crate::ast::{Binary, Span, Unary};
use crate::checked::{Expression, Kind, Type};
use crate::operation;
use std::cmp::Ordering;
use vega_format::compute::compute;
use vega_format::instruction::Instruction;
use vega_format::types::Tag;

/// Why an expression has no value that is known when it is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is known only when it runs.
    Runs,
    /// It is larger or smaller than its type can be.
    Overflows,
    /// It divides by zero.
    DividesByZero,
    /// A complaint was made of it already.
    Reported,
}

type Folded = Result<Kind, (Span, Unfit)>;

/// The value of a constant expression: a literal, a scalar or a text.
pub(super) fn fold(expression: &Expression) -> Folded {
    let unfit = |why| Err((expression.span, why));
    match &expression.kind {
        Kind::Integer(_) | Kind::Decimal(..) | Kind::Constant(..) | Kind::Text(_) => Ok(expression.kind.clone()),
        Kind::Error => unfit(Unfit::Reported),
        Kind::Unary(operator, operand) => match fold(operand)? {
            Kind::Integer(value) => {
                let value = value.get();
                integer(if *operator == Unary::Negate { -value } else { !value }, expression.span)
            }
            Kind::Decimal(decimal, single) => Ok(Kind::Decimal(-decimal, -single)),
            Kind::Constant(tag, cell) => {
                if *operator == Unary::Negate && is_integer(tag) && !fits(-exact(tag, cell), tag) {
                    return unfit(Unfit::Overflows);
                }
                done(operation::unary(*operator), tag, tag, &[cell], expression.span)
            }
            _ => unfit(Unfit::Runs),
        },
        Kind::Binary(operator, operands) => {
            let [left, right] = &**operands;
            binary(*operator, fold(left)?, fold(right)?, expression.span)
        }
        Kind::And(operands) | Kind::Or(operands) => match (fold(&operands[0])?, fold(&operands[1])?) {
            (Kind::Constant(tag, a), Kind::Constant(_, b)) => {
                let is_and = matches!(expression.kind, Kind::And(..));
                Ok(Kind::Constant(tag, if is_and { a & b } else { a | b }))
            }
            _ => unfit(Unfit::Runs),
        },
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
        (Kind::Integer(a), Kind::Integer(b)) => literals(operator, a.get(), b.get(), span),
        (Kind::Integer(a), Kind::Constant(tag, b)) => literals(operator, a.get(), exact(tag, b), span),
        (Kind::Decimal(a, a_single), Kind::Decimal(b, b_single)) => {
            let decimal = done(
                operation::binary(operator, Tag::Decimal),
                Tag::Decimal,
                Tag::Decimal,
                &[a.to_bits(), b.to_bits()],
                span,
            )?;
            let singles = [u64::from(a_single.to_bits()), u64::from(b_single.to_bits())];
            let single = done(operation::binary(operator, Tag::Float), Tag::Float, Tag::Float, &singles, span)?;
            match (decimal, single) {
                (Kind::Constant(_, decimal), Kind::Constant(_, single)) => {
                    Ok(Kind::Decimal(f64::from_bits(decimal), f32::from_bits(single as u32)))
                }
                _ => Err((span, Unfit::Runs)),
            }
        }
        (Kind::Integer(a), right @ Kind::Decimal(..)) => {
            let a = a.get();
            binary(operator, Kind::Decimal(a as f64, a as f32), right, span)
        }
        (left @ Kind::Decimal(..), Kind::Integer(b)) => {
            let b = b.get();
            binary(operator, left, Kind::Decimal(b as f64, b as f32), span)
        }
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
                return Err((span, Unfit::Overflows));
            }
            done(operation::binary(operator, tag), tag, result, &[a, b], span)
        }
        _ => Err((span, Unfit::Runs)),
    }
}

/// Literals are computed with exactly, within what a long can be.
fn literals(operator: Binary, a: i128, b: i128, span: Span) -> Folded {
    let count = u32::try_from(b).ok().filter(|count| *count < 64);
    let value = match operator {
        Binary::Div | Binary::Rem if b == 0 => return Err((span, Unfit::DividesByZero)),
        Binary::Div => Some(a / b),
        Binary::Rem => Some(a % b),
        Binary::BitAnd => Some(a & b),
        Binary::BitOr => Some(a | b),
        Binary::BitXor => Some(a ^ b),
        Binary::ShiftRight => count.map(|count| a >> count),
        Binary::ShiftRightZero => count.map(|count| i128::from(((a as i64).cast_unsigned() >> count).cast_signed())),
        _ => whole(operator, a, b),
    };
    match value {
        Some(value) => integer(value, span),
        None => Err((span, Unfit::Overflows)),
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

fn integer(value: i128, span: Span) -> Folded {
    match i64::try_from(value) {
        Ok(_) => Ok(Kind::Integer(value.into())),
        Err(_) => Err((span, Unfit::Overflows)),
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
