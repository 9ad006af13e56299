//! Constant expressions: the sizes of arenas and arrays.

use super::Checker;
use super::scope::Meaning;
use crate::ast::{Binary, Expression, ExpressionKind, Literal, Unary};
use vega_format::stencil::StencilTable;

impl Checker<'_> {
    /// The value of a constant expression that is a size in bytes or elements, from 0 to 2^31 - 1.
    pub(super) fn constant_size(&mut self, expression: &Expression, what: &str) -> Option<u32> {
        let value = self.constant(expression)?;
        let limit = i64::from(StencilTable::MOST_BYTES);
        if value < 0 {
            let title = format!("{what} is {value}");
            let diagnostic = self.error("E0501", &expression.span, title, "a size cannot be negative");
            self.complain(diagnostic);
            return None;
        }
        if value > limit {
            let title = format!("{what} is {value}; the limit is {limit}");
            self.complain(self.error("L0106", &expression.span, title, "too large"));
            return None;
        }
        Some(value as u32)
    }

    /// The value of a constant expression from 1 to 2^31 - 1.
    pub(super) fn positive(&mut self, expression: &Expression, what: &str) -> Option<u32> {
        let value = self.constant_size(expression, what)?;
        if value == 0 {
            let diagnostic = self.error("E0501", &expression.span, format!("{what} is 0"), "it must be at least 1");
            self.complain(diagnostic);
            return None;
        }
        Some(value)
    }

    fn constant(&mut self, expression: &Expression) -> Option<i64> {
        match self.fold(expression) {
            Ok(value) => Some(value),
            Err(Some((span, title))) => {
                let diagnostic = self.error("E0502", &span, title, "this must be known when it is compiled");
                self.complain(diagnostic.hint("use whole numbers, `size_of` and the operators of integers"));
                None
            }
            Err(None) => None,
        }
    }

    /// The value, or where and why there is none; `Err(None)` where a complaint was made already.
    fn fold(&mut self, expression: &Expression) -> Result<i64, Option<(crate::ast::Span, String)>> {
        let wrong = |title: &str| Err(Some((expression.span.clone(), title.to_owned())));
        match &expression.kind {
            ExpressionKind::Literal(Literal::Integer(value, _)) => match i64::try_from(*value) {
                Ok(value) => Ok(value),
                Err(_) => wrong("this number is larger than a long"),
            },
            ExpressionKind::Literal(Literal::Hex { bits, .. }) => Ok(*bits as i64),
            ExpressionKind::Unary(Unary::Negate, operand) => match self.fold(operand)?.checked_neg() {
                Some(value) => Ok(value),
                None => wrong("this constant expression overflows"),
            },
            ExpressionKind::Unary(Unary::Invert, operand) => Ok(!self.fold(operand)?),
            ExpressionKind::Call(name, arguments) if name.text == "size_of" => {
                match self.size_of_argument(arguments, &expression.span) {
                    Some(size) => Ok(size.into()),
                    None => Err(None),
                }
            }
            ExpressionKind::Binary(operator, _, left, right) => {
                let (a, b) = (self.fold(left)?, self.fold(right)?);
                let shift = u32::try_from(b).ok().filter(|count| *count < 64);
                let value = match operator {
                    Binary::Add => a.checked_add(b),
                    Binary::Sub => a.checked_sub(b),
                    Binary::Mul => a.checked_mul(b),
                    Binary::Div | Binary::Rem if b == 0 => return wrong("this constant expression divides by zero"),
                    Binary::Div => a.checked_div(b),
                    Binary::Rem => a.checked_rem(b),
                    Binary::BitAnd => Some(a & b),
                    Binary::BitOr => Some(a | b),
                    Binary::BitXor => Some(a ^ b),
                    Binary::ShiftLeft => {
                        shift.and_then(|count| a.checked_mul(1i64.checked_shl(count).filter(|f| *f > 0)?))
                    }
                    Binary::ShiftRight => shift.map(|count| a >> count),
                    Binary::ShiftRightZero => shift.map(|count| (a as u64 >> count) as i64),
                    _ => return wrong("this is no constant number"),
                };
                match value {
                    Some(value) => Ok(value),
                    None => wrong("this constant expression overflows"),
                }
            }
            ExpressionKind::Name(name) => match self.scopes.find(name) {
                Some(Ok(Meaning::Cell { what, .. })) => {
                    wrong(&format!("`{name}` is a {what}, known only when it runs"))
                }
                Some(_) => wrong(&format!("`{name}` is a variable, known only when it runs")),
                None => wrong("this is no constant number"),
            },
            _ => wrong("this is no constant number"),
        }
    }
}
