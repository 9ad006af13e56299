//! Values converted in the way of other languages, `(int)c` and `c as int`, as the calls that are meant.

use super::Parser;
use super::rewritten::{Rewritten, short};
use crate::ast::Span;
use crate::foreign;
use crate::lexer::{Token, TokenKind};
use vega_format::types::Tag;

/// `(int)c`, of which the `c` is looked at.
pub(super) fn cast(parser: &Parser<'_>) -> Option<Rewritten> {
    let first = parser.at.checked_sub(3)?;
    let [open, type_, close] = parser.tokens.get(first..)?.first_chunk()?;
    let is_called = first.checked_sub(1).and_then(|before| parser.tokens.get(before)).map(|before| before.kind);
    if (open.kind, close.kind) != (TokenKind::ParenOpen, TokenKind::ParenClose)
        || is_called == Some(TokenKind::Name)
        || parser.line_ended()
    {
        return None;
    }
    let value = parser.span_of(parser.at, parser.operand_end(parser.at)?)?;
    call(parser, type_, value, open.span().to(value))
}

/// `c as int`, of which the `as` is looked at.
pub(super) fn converted_behind(parser: &Parser<'_>) -> Option<Rewritten> {
    if parser.token_text() != "as" || parser.line_ended() {
        return None;
    }
    let type_ = parser.tokens.get(parser.at + 1).filter(|type_| !type_.starts_line())?;
    // Elsewhere `-c as int` is the conversion of all of `-c`.
    let kind = |at: usize| parser.tokens.get(at).map(|token| token.kind);
    let ends_operand = |kind: TokenKind| kind.ends_operand() || kind.is_literal();
    let is_prefix = |at: &usize| {
        let before = at.checked_sub(1).and_then(kind);
        *at > parser.beginning
            && matches!(kind(*at), Some(TokenKind::Minus | TokenKind::Bang | TokenKind::Tilde))
            && !before.is_some_and(ends_operand)
    };
    let mut first = parser.operand_start(parser.at)?;
    while let Some(prefix) = first.checked_sub(1).filter(is_prefix) {
        first = prefix;
    }
    let value = parser.span_of(first, parser.at)?;
    call(parser, type_, value, value.to(type_.span()))
}

/// The conversion to a type, in the place of what is written.
fn call(parser: &Parser<'_>, type_: &Token, value: Span, written: Span) -> Option<Rewritten> {
    let type_ = type_.text(parser.text);
    let type_ = foreign::scalar(type_).or(Tag::from_name(type_).map(Tag::name))?;
    let value = parser.text.get(value.range())?;
    let hint = format!("a value is converted by a call: `{type_}({})`", short(value));
    Some((hint, Some((written, format!("{type_}({value})")))))
}
