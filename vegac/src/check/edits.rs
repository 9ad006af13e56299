//! Hints as changes of the text, where they are certain to be meant.

use super::Checker;
use super::convert::{is_number, is_numeric};
use crate::ast::{Binary, Span};
use crate::checked::{Expression, Kind, Type, Wide};
use vega_format::types::Tag;
use vega_report::Diagnostic;

impl Checker<'_> {
    /// With a change, if there is one.
    pub(super) fn with_edit(&self, diagnostic: Diagnostic, edit: Option<(Span, String)>) -> Diagnostic {
        match edit {
            Some((span, text)) => diagnostic.edit(self.source, span, text),
            None => diagnostic,
        }
    }

    /// What was written somewhere, whole.
    fn text_at(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The same as an operand of whatever operator.
    fn operand_text(&self, span: Span) -> String {
        let text = self.text_at(span);
        let is_one = text.chars().all(|character| character.is_alphanumeric() || "_.".contains(character))
            || text.starts_with('(') && text.ends_with(')');
        if is_one { text.to_owned() } else { format!("({text})") }
    }

    /// For a value of another type than is wanted.
    pub(super) fn edit_for_value(&self, value: &Expression, wanted: Type) -> Option<(Span, String)> {
        let text = match (value.type_, wanted) {
            (Type::AnyInteger, Type::Scalar(Tag::Bool)) => match value.kind {
                Kind::Integer(Wide::ZERO) => "false".to_owned(),
                Kind::Integer(Wide::ONE) => "true".to_owned(),
                _ => return None,
            },
            (Type::Scalar(tag), Type::Scalar(Tag::Bool)) if is_number(tag) => {
                format!("{} != 0", self.operand_text(value.span))
            }
            (Type::Scalar(Tag::Char), Type::Scalar(Tag::Int)) => format!("int({})", self.text_at(value.span)),
            (Type::Scalar(Tag::Char), Type::Scalar(Tag::Byte)) => self.byte_of(value)?,
            (Type::String, Type::Scalar(Tag::Char)) => character(value)?,
            _ => return None,
        };
        Some((value.span, text))
    }

    /// A character that is known and in ASCII as a byte.
    fn byte_of(&self, value: &Expression) -> Option<String> {
        match value.kind {
            Kind::Constant(Tag::Char, ..0x80) => Some(format!("byte({})", self.text_at(value.span))),
            _ => None,
        }
    }

    /// For an operation that these operands do not have.
    pub(super) fn edit_for_operation(
        &self,
        operator: Binary,
        place: Span,
        left: &Expression,
        right: &Expression,
    ) -> Option<(Span, String)> {
        match (left.type_, right.type_) {
            (Type::Scalar(Tag::Bool), Type::Scalar(Tag::Bool)) => {
                let meant = match operator {
                    Binary::BitAnd => "&&",
                    Binary::BitOr => "||",
                    Binary::BitXor => "!=",
                    _ => return None,
                };
                // `|=` and its like have no such form.
                (self.text_at(place) == operator.spelling()).then(|| (place, meant.to_owned()))
            }
            (Type::Scalar(Tag::Byte), Type::Scalar(Tag::Char)) => Some((right.span, self.byte_of(right)?)),
            (Type::Scalar(Tag::Char), Type::Scalar(Tag::Byte)) => Some((left.span, self.byte_of(left)?)),
            (Type::Scalar(Tag::Char), Type::String) => Some((right.span, character(right)?)),
            (Type::String, Type::Scalar(Tag::Char)) => Some((left.span, character(left)?)),
            _ => None,
        }
    }

    /// For `!` before a number.
    pub(super) fn edit_for_not(&self, operand: &Expression, span: Span) -> Option<(Span, String)> {
        let text = format!("({} == 0)", self.operand_text(operand.span));
        is_numeric(operand.type_).then_some((span, text))
    }

    /// For a scalar that is declared without a value.
    pub(super) fn edit_for_no_value(&self, type_: Type, span: Span) -> Option<(Span, String)> {
        let zero = match type_ {
            Type::Scalar(Tag::Bool) => "false",
            Type::Scalar(Tag::Char) => "'\\0'",
            Type::Scalar(_) => "0",
            _ => return None,
        };
        Some((span.after(), format!(" = {zero}")))
    }

    /// Takes a statement out, with its line if nothing else stands there.
    pub(super) fn edit_to_remove(&self, span: Span) -> (Span, String) {
        let line = self.text.get(..span.start()).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
        let rest = self.text.get(span.end()..).unwrap_or_default();
        let (after, end) = match rest.find('\n') {
            Some(newline) => (rest.get(..newline).unwrap_or_default(), span.end() + newline + 1),
            None => (rest, self.text.len()),
        };
        let before = self.text.get(line..span.start()).unwrap_or_default();
        let is_alone = before.trim().is_empty() && after.trim().is_empty();
        (if is_alone { Span::from(line..end) } else { span }, String::new())
    }
}

/// A text of one plain character as a character.
fn character(text: &Expression) -> Option<String> {
    let Kind::Text(text) = &text.kind else { return None };
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(only), None) if !only.is_control() && !matches!(only, '\'' | '\\' | '"') => Some(format!("'{only}'")),
        _ => None,
    }
}
