//! Hints as changes of the text, where they are certain to be meant.

use super::Checker;
use super::convert::{is_number, is_numeric};
use super::operator::{is_comparison, is_equality, of_bools};
use crate::ast::{Binary, Span};
use crate::checked::{Expression, Kind, Type, Wide};
use vega_format::types::Tag;
use vega_report::Diagnostic;

/// What stands between words of a line.
const BLANKS: [char; 2] = [' ', '\t'];

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
    pub(super) fn operand_text(&self, span: Span) -> String {
        let text = self.text_at(span);
        let is_one = text.chars().all(|character| character.is_alphanumeric() || "_.".contains(character));
        if is_one || is_in_parentheses(text) { text.to_owned() } else { format!("({text})") }
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
            (Type::Scalar(Tag::Char), Type::Scalar(Tag::Int)) => self.converted(Tag::Int, value)?,
            (Type::Scalar(Tag::Char), Type::Scalar(Tag::Byte)) => self.byte_of(value)?,
            (Type::String, Type::Scalar(Tag::Char)) => character(value)?,
            (Type::Scalar(Tag::Char), _) if self.is_text(wanted) => self.in_double_quotes(value)?,
            (Type::Stencil(type_ref), Type::View(element)) if type_ref == element => self.part_of_one(value)?,
            _ => return None,
        };
        Some((value.span, text))
    }

    /// A character that is known and in ASCII as a byte.
    fn byte_of(&self, value: &Expression) -> Option<String> {
        match value.kind {
            Kind::Constant(Tag::Char, ..0x80) => self.converted(Tag::Byte, value),
            _ => None,
        }
    }

    /// A conversion of a value, unless the file has a function of its name.
    fn converted(&self, tag: Tag, value: &Expression) -> Option<String> {
        let is_hidden = self.by_name.contains_key(tag.name());
        (!is_hidden).then(|| format!("{}({})", tag.name(), self.text_at(value.span)))
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
                let meant = of_bools(operator)?;
                // `|=` and its like have no such form.
                if self.text_at(place) != operator.spelling() {
                    return None;
                }
                let (span, [a, b]) = (left.span.to(right.span), [left, right].map(|one| self.operand_text(one.span)));
                let are_plain = a == self.text_at(left.span) && b == self.text_at(right.span);
                match are_plain && self.stands_alone(span) {
                    true => Some((place, meant.to_owned())),
                    // What is written instead binds less tightly.
                    false => Some((span, format!("({a} {meant} {b})"))),
                }
            }
            (Type::Scalar(Tag::Byte), Type::Scalar(Tag::Char)) => Some((right.span, self.byte_of(right)?)),
            (Type::Scalar(Tag::Char), Type::Scalar(Tag::Byte)) => Some((left.span, self.byte_of(left)?)),
            (Type::Scalar(Tag::Char), Type::String) if is_comparison(operator) => match character(right) {
                Some(text) => Some((right.span, text)),
                None => Some((left.span, self.in_double_quotes(left)?)),
            },
            (Type::String, Type::Scalar(Tag::Char)) if is_comparison(operator) => match character(left) {
                Some(text) => Some((left.span, text)),
                None => Some((right.span, self.in_double_quotes(right)?)),
            },
            (Type::View(_), Type::String) if is_equality(operator) && self.are_bytes(left.type_) => {
                self.equal_bytes(operator, left, right)
            }
            _ => None,
        }
    }

    /// Bytes that are compared with text, where the library that does so is at hand.
    fn equal_bytes(&self, operator: Binary, bytes: &Expression, text: &Expression) -> Option<(Span, String)> {
        let is_known = self.by_name.contains_key("text.equal") && self.scopes.find("text").is_none();
        let not = if operator == Binary::NotEqual { "!" } else { "" };
        let meant = format!("{not}text.equal({}, {})", self.text_at(bytes.span), self.text_at(text.span));
        is_known.then(|| (bytes.span.to(text.span), meant))
    }

    /// A character that is written down, as a text.
    pub(super) fn in_double_quotes(&self, expression: &Expression) -> Option<String> {
        let Kind::Constant(Tag::Char, number) = expression.kind else { return None };
        let character = char::from_u32(u32::try_from(number).ok()?).filter(|character| is_written(*character))?;
        let is_literal = self.text_at(expression.span).starts_with('\'');
        is_literal.then(|| format!("\"{}\"", within(character, '"')))
    }

    /// For `!` before a number, where a condition stands and nothing else is computed with it.
    pub(super) fn edit_for_not(&self, operand: &Expression, span: Span) -> Option<(Span, String)> {
        if !self.is_condition(span) {
            return None;
        }
        let text = format!("({} == 0)", self.operand_text(operand.span));
        is_numeric(operand.type_).then_some((span, text))
    }

    /// What stands before and behind a place on its line, without the blanks around it.
    fn around_text(&self, span: Span) -> (&str, &str) {
        let before = self.text.get(..span.start()).unwrap_or_default();
        let behind = self.text.get(span.end()..).unwrap_or_default();
        (before.trim_end_matches(BLANKS), behind.trim_start_matches(BLANKS))
    }

    /// Whether an expression is no operand of an operator, as far as its line tells.
    fn stands_alone(&self, span: Span) -> bool {
        let (before, behind) = self.around_text(span);
        let begins = before.ends_with(['(', ',', '{', '['])
            || before.ends_with('=') && !["==", "!=", "<=", ">="].iter().any(|sign| before.ends_with(sign))
            || ends_with_word(before, &["if", "while", "return"]);
        begins && (behind.is_empty() || behind.starts_with(['\n', '\r', '{', '}', ')', ']', ',', ';', '#']))
    }

    /// Whether an expression is a condition by itself, or one of several that are joined.
    fn is_condition(&self, span: Span) -> bool {
        let (mut before, mut behind) = self.around_text(span);
        while let (Some(opened), Some(closed)) = (before.strip_suffix('('), behind.strip_prefix(')')) {
            (before, behind) = (opened.trim_end_matches(BLANKS), closed.trim_start_matches(BLANKS));
        }
        let begins =
            before.ends_with("&&") || before.ends_with("||") || ends_with_word(before, &["if", "while", "assert"]);
        begins && (behind.starts_with("&&") || behind.starts_with("||") || behind.starts_with(['{', '\n', '\r', ')']))
    }

    /// Whether an expression is all that stands between the `in` of a loop and its block.
    pub(super) fn is_gone_through(&self, span: Span) -> bool {
        let (before, behind) = self.around_text(span);
        ends_with_word(before, &["in"]) && behind.starts_with('{')
    }

    /// Whether a type is that of a result.
    pub(super) fn is_result(&self, span: Span) -> bool {
        self.around_text(span).0.ends_with("->")
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

    /// Takes a statement out, with its line if nothing else stands there, or with the `;` that set it off.
    pub(super) fn edit_to_remove(&self, span: Span) -> (Span, String) {
        let line = self.text.get(..span.start()).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
        let rest = self.text.get(span.end()..).unwrap_or_default();
        let (after, end) = match rest.find('\n') {
            Some(newline) => (rest.get(..newline).unwrap_or_default(), span.end() + newline + 1),
            None => (rest, self.text.len()),
        };
        let before = self.text.get(line..span.start()).unwrap_or_default();
        let behind = after.trim_start_matches(BLANKS);
        let removed = if before.trim().is_empty() && behind.trim_end().is_empty() {
            line..end
        } else if let Some(kept) = before.trim_end_matches(BLANKS).strip_suffix(';') {
            line + kept.len()..span.end()
        } else {
            let kept = behind.strip_prefix(';').map_or(behind, |next| next.trim_start_matches(BLANKS));
            span.start()..span.end() + after.len() - kept.len()
        };
        (removed.into(), String::new())
    }
}

/// Whether a text stands in one pair of parentheses.
fn is_in_parentheses(text: &str) -> bool {
    let Some(inside) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else { return false };
    let mut open = 0_usize;
    inside.chars().all(|character| match character {
        '(' => {
            open += 1;
            true
        }
        ')' if open == 0 => false,
        ')' => {
            open -= 1;
            true
        }
        // A parenthesis in quotes may be none.
        '"' | '\'' => false,
        _ => true,
    })
}

/// Whether a text ends with one of these words.
fn ends_with_word(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| {
        let before = text.strip_suffix(word);
        before.is_some_and(|before| !before.ends_with(|last: char| last.is_alphanumeric() || last == '_'))
    })
}

/// A text of one plain character as a character.
pub(super) fn character(text: &Expression) -> Option<String> {
    let Kind::Text(text) = &text.kind else { return None };
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(only), None) if is_written(only) => Some(in_single_quotes(only)),
        _ => None,
    }
}

/// Whether a character can be shown in a literal.
pub(super) fn is_written(character: char) -> bool {
    !character.is_control() || matches!(character, '\n' | '\t' | '\r' | '\0')
}

/// A character as a literal.
pub(super) fn in_single_quotes(character: char) -> String {
    format!("'{}'", within(character, '\''))
}

/// A character as it stands between quotes.
fn within(character: char, quote: char) -> String {
    match character {
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        '\r' => "\\r".to_owned(),
        '\0' => "\\0".to_owned(),
        _ if character == '\\' || character == quote => format!("\\{character}"),
        _ => character.to_string(),
    }
}
