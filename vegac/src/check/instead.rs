//! What is done with a value of another type than is wanted, where to convert it would give another result than was meant.

use super::Checker;
use super::convert::{is_integer, is_number, is_numeric, widens};
use crate::ast::{self, Binary, ExpressionKind, Span};
use crate::checked::{Expression, Type};
use vega_format::types::Tag;

impl Checker<'_> {
    /// For `place op= value` with a value that is cut only once it is computed with: `x *= int(1.5)` would leave `x` as it is.
    pub(super) fn hint_for_compound(
        &self,
        place: Span,
        tag: Tag,
        operator: Binary,
        value: &Expression,
    ) -> Option<String> {
        let wider = match value.type_ {
            Type::AnyDecimal => Tag::Decimal,
            Type::Scalar(wider) if is_number(wider) => wider,
            _ => return None,
        };
        let is_cut_early = !is_integer(wider) || matches!(operator, Binary::Div | Binary::Rem);
        if !is_integer(tag) || !is_cut_early {
            return None;
        }
        let (place, sign) = (self.written(place), operator.spelling());
        let current = if widens(tag, wider) { place.to_owned() } else { format!("decimal({place})") };
        let value = self.operand_text(value.span);
        Some(format!("compute with all of it, and cut then: `{place} = {}({current} {sign} {value})`", tag.name()))
    }

    /// For an operand of `||` or `&&` behind a comparison: `x == 3 || 4`.
    pub(super) fn hint_for_alternative(
        &self,
        (operator, subject): (Binary, &ast::Expression),
        value: &Expression,
    ) -> Option<String> {
        let compares = match (self.type_there(subject), value.type_) {
            (None, _) => true,
            (Some(subject), value) => {
                subject == value
                    || is_numeric(subject) && is_numeric(value)
                    || self.is_text(subject) && self.is_text(value)
            }
        };
        let (subject, written) = (self.written(subject.span), self.written(value.span));
        compares.then(|| format!("each is compared by itself: `{subject} {} {written}`", operator.spelling()))
    }
}

/// The comparison by `==` or `!=` with which a condition ends: its sign, and what is compared.
pub(super) fn last_compared(condition: &ast::Expression) -> Option<(Binary, &ast::Expression)> {
    match &condition.kind {
        ExpressionKind::And(operands) | ExpressionKind::Or(operands) => last_compared(&operands[1]),
        ExpressionKind::Binary(operator @ (Binary::Equal | Binary::NotEqual), _, operands) => {
            Some((*operator, &operands[0]))
        }
        _ => None,
    }
}
