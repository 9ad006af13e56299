//! Traps that are certain and can be seen in the source: told in the words of the trap, and compiled all the same, for
//! `certain-trap` is a lint. What is certain only for the verifier is told when it has judged the module.

use super::Checker;
use super::builtin::Stream;
use super::convert::{failed, is_integer};
use super::fold::{Unfit, fold, has_no_such_value};
use crate::ast::{Binary, Span, Unary};
use crate::checked::{Expression, Kind, Type};
use vega_format::instruction::Instruction;
use vega_format::trap::{CERTAIN, Trap};
use vega_format::types::{self, Mask, Tag};
use vega_report::Diagnostic;

impl Checker<'_> {
    /// Looks at what execution never comes to, if constants decide so: what would trap there does not.
    pub(super) fn where_unreached<T>(&mut self, unreached: bool, look: impl FnOnce(&mut Self) -> T) -> T {
        self.while_set(|checker| &mut checker.unreached, unreached, look)
    }

    /// Looks at something with a flag set, if it is to be set; then it is as before.
    pub(super) fn while_set<T>(
        &mut self,
        flag: fn(&mut Self) -> &mut bool,
        set: bool,
        look: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = *flag(self);
        *flag(self) |= set;
        let seen = look(self);
        *flag(self) = before;
        seen
    }

    pub(super) fn certain_trap(&self, span: Span, trap: &Trap) -> Diagnostic {
        self.error(trap.kind().code(), span, trap.to_string(), CERTAIN)
    }

    /// A constant index of what has elements, so many if that is known.
    pub(super) fn certain_index(&mut self, base: Span, index: &Expression, length: Option<u32>) {
        let Some(value) = constant(index) else {
            return length.into_iter().for_each(|length| self.certain_turn(index, length));
        };
        if value >= 0 && length.is_none_or(|length| value < i64::from(length)) {
            return;
        }
        let diagnostic = match length {
            Some(length) => self.certain_trap(index.span, &Trap::IndexOutOfBounds { index: value, length }),
            None => self.error("T011", index.span, format!("index out of bounds: index {value}"), CERTAIN),
        };
        let hint = match length {
            Some(0) => "there is no element".to_owned(),
            Some(length) => format!("the first element is 0, the last {}", length - 1),
            None => format!("the first element is 0, the last `len({0}) - 1`", self.written(base)),
        };
        self.complain(diagnostic.hint(hint));
    }

    /// Constant ends of a slice of what has elements, so many if that is known.
    pub(super) fn certain_slice(&mut self, [start, end]: &[Expression; 2], length: Option<u32>, span: Span) {
        let (Some(start), Some(end)) = (constant(start), constant(end)) else { return };
        if 0 <= start && start <= end && length.is_none_or(|length| end <= i64::from(length)) {
            return;
        }
        self.complain(match length {
            Some(length) => self
                .certain_trap(span, &Trap::SliceOutOfBounds { start, end, length })
                .hint(format!("ends in order between 0 and {length} are wanted")),
            None => self
                .error("T012", span, format!("slice out of bounds: {start}..{end}"), CERTAIN)
                .hint("ends in order are wanted, the first at least 0"),
        });
    }

    /// A constant slice of text that is printed, and ends within a character.
    pub(super) fn certain_cut(&mut self, value: &Expression, stream: Stream) {
        let Kind::Apply(Instruction::StringSlice {}, parts) = &value.kind else { return };
        let [Expression { kind: Kind::Text(text), .. }, start, end] = parts.as_slice() else { return };
        let [Some(start), Some(end)] = [start, end].map(|end| usize::try_from(constant(end)?).ok()) else { return };
        // Ends that are out of bounds were told.
        let is_cut = text.as_bytes().get(start..end).is_some_and(|slice| std::str::from_utf8(slice).is_err());
        if is_cut {
            let (function, cause) = (stream.put(types::Type::String).to_string(), "argument 0 is not UTF-8".to_owned());
            let diagnostic = self.certain_trap(value.span, &Trap::HostFailed { function, cause });
            self.complain(
                diagnostic.hint("the slice cuts a character: its ends count bytes, and belong between characters"),
            );
        }
    }

    /// A division of integers by a constant.
    pub(super) fn certain_division(&mut self, operator: Binary, left: Type, divisor: &Expression) {
        let of_integers = match left {
            Type::Scalar(tag) => is_integer(tag),
            other => other == Type::AnyInteger,
        };
        if of_integers && matches!(operator, Binary::Div | Binary::Rem) {
            self.certain_zero(divisor);
        }
    }

    /// The divisor of integers that is zero.
    pub(super) fn certain_zero(&mut self, divisor: &Expression) {
        if !self.folding && constant(divisor) == Some(0) {
            let diagnostic = self.certain_trap(divisor.span, &Trap::DivisionByZero {});
            self.complain(diagnostic.hint("test the divisor before, or divide decimals, which gives an infinity"));
        }
    }

    /// Warns of a constant count of a shift that is taken modulo the width.
    pub(super) fn warn_shift_count(&mut self, left: &Expression, count: &Expression) {
        let Type::Scalar(tag) = left.type_ else { return };
        let width = i64::from(tag.size()) * 8;
        let Some(shift) = constant(count).filter(|shift| !(0..width).contains(shift)) else { return };
        let title = format!("`{}` has {width} bits, and is shifted by {shift}", tag.name());
        let label = format!("the count is taken modulo {width}: {}", shift.rem_euclid(width));
        let warning = Diagnostic::warning("W0012", title).label(self.source, count.span, label);
        self.complain(match tag {
            _ if shift < 0 => warning.hint("a count is not negative: shift the other way instead"),
            Tag::Long => warning.hint("shift by less"),
            _ => warning.hint(format!("widen the value first: `long({}) …`", self.written(left.span))),
        });
    }

    /// Warns of a range that goes down, and so is empty.
    pub(super) fn warn_reversed_range(&mut self, start: &Expression, end: &Expression) {
        let (Some(first), Some(last)) = (constant(start), constant(end)) else { return };
        if first <= last {
            return;
        }
        let title = format!("the range from {first} to {last} is empty, as ranges go up");
        let span = start.span.to(end.span);
        let warning = Diagnostic::warning("W0014", title).label(self.source, span, "its body never runs");
        let hint = format!("count up, `{last}..{first}`, and down in the body; or write a `while`");
        self.complain(warning.hint(hint));
    }

    /// Warns of arithmetic of constants that wraps around.
    pub(super) fn warn_wrapping(&mut self, whole: &Expression) {
        if self.folding {
            return;
        }
        if let Err((span, Unfit::Overflows(tag))) = fold(whole) {
            let title = format!("`{}` wraps around", self.written(span));
            let warning = Diagnostic::warning("W0013", title).label(self.source, span, has_no_such_value(tag));
            self.complain(warning.hint("give an operand a wider type, or write the value that is meant"));
        }
    }

    /// `free` of an alias.
    pub(super) fn certain_free(&mut self, slot: u16, span: Span, made_at: Span) {
        let diagnostic = self
            .certain_trap(span, &Trap::FreeOfAlias { slot })
            .also(self.source, made_at, "made an alias here")
            .hint("free the variable whose bytes it views");
        self.complain(diagnostic);
    }

    /// A scalar that is stored in a union of which its type is no member. `None` if it is something else.
    pub(super) fn certain_mismatch(
        &mut self,
        value: &Expression,
        mask: Mask,
        slot: u16,
        declared: Span,
    ) -> Option<Expression> {
        let is_scalar = matches!(value.type_, Type::Scalar(_) | Type::AnyInteger | Type::AnyDecimal);
        if !is_scalar || self.try_coerce(value, Type::Union(mask)).is_some() {
            return None;
        }
        if let (Type::AnyInteger, None) = (value.type_, self.adapts(value, Tag::Int)) {
            let diagnostic = self.too_wide_for_union(value, mask);
            self.complain(diagnostic.also(self.source, declared, "its types were given here"));
            return Some(failed(value.span));
        }
        let value = self.settle(value.clone());
        let Type::Scalar(tag) = value.type_ else { return Some(failed(value.span)) };
        let diagnostic = self
            .certain_trap(value.span, &Trap::TypeMismatch { slot, mask, tag })
            .also(self.source, declared, "its types were given here")
            .hint(format!("add `{}` to its types, or convert the value", tag.name()));
        self.complain(diagnostic);
        Some(value)
    }
}

/// Whether a condition is known to hold, or not to hold, when it is compiled.
pub(super) fn decided(condition: &Expression) -> Option<bool> {
    // Each link of a chain of conditions asks about those before it.
    const MOST_LEVELS: u32 = 8;
    decided_within(condition, MOST_LEVELS)
}

fn decided_within(condition: &Expression, levels: u32) -> Option<bool> {
    let decided = |operand: &Expression| decided_within(operand, levels.checked_sub(1)?);
    let both = |operands: &[Expression; 2]| [decided(&operands[0]), decided(&operands[1])];
    match &condition.kind {
        Kind::Unary(Unary::Not, operand) => decided(operand).map(|holds| !holds),
        Kind::And(operands) => match both(operands) {
            [Some(true), Some(true)] => Some(true),
            either => either.contains(&Some(false)).then_some(false),
        },
        Kind::Or(operands) => match both(operands) {
            [Some(false), Some(false)] => Some(false),
            either => either.contains(&Some(true)).then_some(true),
        },
        _ => match fold(condition).ok()? {
            Kind::Constant(Tag::Bool, holds) => Some(holds != 0),
            _ => None,
        },
    }
}

/// The value of an integer that is known.
pub(super) fn constant(expression: &Expression) -> Option<i64> {
    match fold(expression).ok()? {
        Kind::Constant(tag, cell) if is_integer(tag) => Some(cell.cast_signed()),
        Kind::Integer(value) => i64::try_from(value.get()).ok(),
        // Its type may still be the one or the other.
        Kind::Adapting(each) if each.get(Tag::Int) == each.get(Tag::Long) => each.whole(),
        _ => None,
    }
}

/// How many elements an expression has, if it is known.
pub(super) fn known_length(expression: &Expression) -> Option<u32> {
    match &expression.kind {
        Kind::Text(text) => u32::try_from(text.len()).ok(),
        _ => None,
    }
}
