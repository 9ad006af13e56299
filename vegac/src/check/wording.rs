//! Hints for text: how it is joined and quoted, and how bytes become text or are compared with it.

use super::Checker;
use super::edits::{in_single_quotes, is_written};
use crate::ast::{Binary, Span};
use crate::checked::{Expression, Kind, Type};
use vega_format::instruction::Instruction;
use vega_format::types::Tag;

impl Checker<'_> {
    /// For values of which one is text, and that are joined by `+`.
    pub(super) fn hint_for_joined(&self, left: &Expression, right: &Expression) -> String {
        let Some(target) = self.assigned_before(left.span) else {
            return "strings cannot be joined; print one after the other, `print(a, b)`, or put them into bounded text: \
                    `t: string<64> = \"\"`, and `append(t, a, b)`"
                .to_owned();
        };
        let name = target.split(':').next().unwrap_or_default().trim_end();
        let (first, second) = (self.written(left.span), self.written(right.span));
        // What is joined to both stands behind them.
        let goes_on =
            self.text.get(right.span.end()..).unwrap_or_default().trim_start_matches([' ', '\t']).starts_with('+');
        let more = if goes_on { ", …" } else { "" };
        let is_declared = target.len() > name.len() || self.is_assigned(name);
        match (left.type_, name == first) {
            (_, true) => {
                format!("strings cannot be joined; write behind what it holds: `append({name}, {second}{more})`")
            }
            (Type::String, _) if is_declared => {
                format!(
                    "strings cannot be joined; write one behind the other: `{target} = {first}; append({name}, {second}{more})`"
                )
            }
            _ => {
                let target = if is_declared { target.to_owned() } else { format!("{name}: string<64>") };
                format!(
                    "strings cannot be joined; write one behind the other: `{target} = \"\"; append({name}, {first}, {second}{more})`"
                )
            }
        }
    }

    /// Whether a place is there already, as far as its name tells.
    fn is_assigned(&self, place: &str) -> bool {
        place.contains(['.', '[']) || self.scopes.find_unread(place).is_some() || self.statics.contains_key(place)
    }

    /// What a value is assigned to that begins here, as its line tells.
    pub(super) fn assigned_before(&self, span: Span) -> Option<&str> {
        let line = self.text.get(..span.start())?.rsplit(['\n', '{', ';']).next()?.trim();
        let target = line.strip_suffix('=')?.trim_end();
        let is_place =
            |place: &str| place.chars().all(|character| character.is_alphanumeric() || "_.[]".contains(character));
        let (name, type_name) = target.split_once(':').unwrap_or((target, ""));
        let is_type = type_name.chars().all(|character| character.is_alphanumeric() || "_<> ".contains(character));
        (!name.is_empty() && is_place(name.trim_end()) && is_type).then_some(target)
    }

    /// For bytes where text is wanted.
    pub(super) fn hint_for_bytes(&self, written: &str) -> String {
        format!(
            "bytes are no text: append their characters, which `c, at = text.next_char({written}, at)` of the library \
             gives one by one"
        )
    }

    /// How bytes are compared with a text.
    pub(super) fn compared_bytes(&self, operator: Binary, bytes: &Expression, text: &Expression) -> String {
        let whole = if matches!(bytes.type_, Type::View(_)) { "" } else { "[..n]" };
        let not = if operator == Binary::NotEqual { "!" } else { "" };
        let import = if self.modules.contains_key("text") { "" } else { ", with `import text` at the top" };
        let (bytes, text) = (self.written(bytes.span), self.written(text.span));
        format!("bytes are compared with text by `{not}text.equal({bytes}{whole}, {text})`{import}")
    }

    /// How the character that a byte is compared with is written as a byte.
    pub(super) fn as_byte(&self, byte: &Expression, character: &Expression) -> String {
        if let Some(written) = beyond_ascii(character) {
            return match &byte.kind {
                Kind::Apply(Instruction::StringByte {}, operands) if let Some(text) = operands.first() => {
                    let text = self.written(text.span);
                    format!(
                        "`{written}` has more than one byte: compare characters, `for c in {text} {{ if c == {written} {{ … }} }}`"
                    )
                }
                _ => format!(
                    "`{written}` has more than one byte: compare characters, which `text.next_char` of the library gives \
                     one by one"
                ),
            };
        }
        let meant = match (&character.kind, character.type_) {
            (Kind::Text(_), _) => character_of(character).map(in_single_quotes),
            (_, Type::Scalar(Tag::Char)) => Some(self.written(character.span).to_owned()),
            _ => None,
        };
        let meant = meant.unwrap_or_else(|| "'a'".to_owned());
        format!("a byte is a number; compare it with that of the character: `byte({meant})`")
    }

    /// For a text and a character that are compared.
    pub(super) fn hint_for_quotes(&self, text: &Expression, character: &Expression) -> Option<String> {
        let is_longer = matches!(&text.kind, Kind::Text(text) if text.chars().nth(1).is_some());
        let one_by_one = || {
            let written = self.written(character.span);
            format!("a char is one character; several are asked one by one: `{written} == 'a' || {written} == 'b'`")
        };
        let hint = quotes(text).or_else(|| self.double_quotes(character));
        hint.or_else(|| is_longer.then(one_by_one))
    }

    /// For a character that is written down where text is meant.
    pub(super) fn double_quotes(&self, expression: &Expression) -> Option<String> {
        Some(format!("text stands between double quotes: `{}`", self.in_double_quotes(expression)?))
    }
}

/// For a text of one character where a character is meant.
pub(super) fn quotes(expression: &Expression) -> Option<String> {
    let character = character_of(expression)?;
    Some(format!("a character stands between single quotes: `{}`", in_single_quotes(character)))
}

/// For a text of one character of which the number is wanted; a digit may be meant as one.
pub(super) fn number_of(expression: &Expression, target: Tag) -> Option<String> {
    let character = character_of(expression).filter(|character| character.is_ascii() && !character.is_ascii_digit())?;
    Some(format!("the number of a character is `{}({})`", target.name(), in_single_quotes(character)))
}

/// The only character of a text that is written down.
pub(super) fn character_of(expression: &Expression) -> Option<char> {
    let Kind::Text(text) = &expression.kind else { return None };
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) if is_written(character) => Some(character),
        _ => None,
    }
}

/// What is written down for a character, or a text of one, that has more than one byte.
pub(super) fn beyond_ascii(expression: &Expression) -> Option<String> {
    let character = match expression.kind {
        Kind::Constant(Tag::Char, number) => char::from_u32(u32::try_from(number).ok()?)?,
        _ => character_of(expression)?,
    };
    (!character.is_ascii()).then(|| in_single_quotes(character))
}
