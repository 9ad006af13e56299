//! TABLE: what is certainly meant where a token does not fit, as a change of the text.

use super::Parser;
use super::hints::{SUPERFLUOUS, is_field_of_pointer, is_global, is_map};
use crate::ast::Span;
use crate::lexer::TokenKind;

/// Words for which there is just one in Vega: those that begin something, and those between operands.
const BEGUN: &[(&str, &str)] =
    &[("function", "fn"), ("func", "fn"), ("fun", "fn"), ("def", "fn"), ("class", "struct"), ("record", "struct")];
/// The same before what is declared.
const PUBLIC: &[(&str, &str)] = &[("public", "pub"), ("export", "pub")];
const CONTINUED: &[(&str, &str)] = &[("and", "&&"), ("or", "||"), ("mod", "%"), ("instanceof", "is")];
/// Words that only stand in the way before a block.
const BEFORE_BLOCKS: &[&str] = &["then", "do", "begin"];

/// What is certainly meant where a token does not fit: bytes of the text, and what belongs in their place.
pub(super) fn for_unexpected(parser: &Parser<'_>) -> Option<(Span, String)> {
    if parser.line_ended() || is_global(parser) {
        return None;
    }
    let before = parser.previous()?;
    let (here, word, word_before) = (parser.span(), parser.token_text(), before.text(parser.text));
    let adjacent = before.span().end() == here.start();
    let both = before.span().to(here);
    let to_here = before.span().to(here.before());
    let at_beginning = parser.at == parser.beginning + 1;
    let replaced = |table: &[(&str, &'static str)], found: &str| {
        table.iter().find(|(word, _)| *word == found).map(|&(_, meant)| meant.to_owned())
    };
    match (before.kind, parser.peek()) {
        (TokenKind::Equal | TokenKind::NotEqual, TokenKind::Assign) if adjacent => Some((here, String::new())),
        (TokenKind::Colon, TokenKind::Assign) if adjacent && !is_map(parser, parser.at + 1) => {
            Some((both, "=".to_owned()))
        }
        (_, TokenKind::Tilde) if is_in_head(parser) => {
            let assign = parser.tokens.get(parser.at + 1).filter(|next| next.kind == TokenKind::Assign)?.span();
            (assign.start() == here.end()).then(|| (here.to(assign), "!=".to_owned()))
        }
        (TokenKind::Name, TokenKind::Arrow) if is_field_of_pointer(parser) => Some((here, ".".to_owned())),
        (TokenKind::For, TokenKind::BraceOpen) => Some((before.span(), "while true".to_owned())),
        (_, TokenKind::Name) if CONTINUED.iter().any(|(other, _)| *other == word) => {
            replaced(CONTINUED, word).map(|meant| (here, meant))
        }
        (TokenKind::Name, TokenKind::Name) if at_beginning && SUPERFLUOUS.contains(&word_before) => {
            let goes_on = matches!(parser.peek_after(1), TokenKind::Assign | TokenKind::Colon);
            goes_on.then(|| (to_here, String::new()))
        }
        (_, TokenKind::Name) if BEFORE_BLOCKS.contains(&word) && parser.peek_after(1) == TokenKind::BraceOpen => {
            let block = parser.tokens.get(parser.at + 1)?;
            Some((here.to(block.span().before()), String::new()))
        }
        (TokenKind::Name, TokenKind::Fn | TokenKind::Struct | TokenKind::Const) if at_beginning => {
            if word_before == "private" {
                Some((to_here, String::new()))
            } else {
                replaced(PUBLIC, word_before).map(|meant| (before.span(), meant))
            }
        }
        // What is indented behind a colon takes more than another word.
        (TokenKind::Name, TokenKind::Name) if at_beginning && !ends_with_colon(parser) => {
            replaced(BEGUN, word_before).map(|meant| (before.span(), meant))
        }
        _ => None,
    }
}

/// Whether the head of an `if` or a `while` is read.
fn is_in_head(parser: &Parser<'_>) -> bool {
    let first = parser.tokens.get(parser.beginning).map(|first| first.kind);
    matches!(first, Some(TokenKind::If | TokenKind::While))
}

/// Whether the line that is read ends with a colon.
fn ends_with_colon(parser: &Parser<'_>) -> bool {
    let line = parser.tokens.get(parser.at..).unwrap_or_default();
    let line = line.iter().take_while(|token| !token.starts_line() && token.kind != TokenKind::End);
    line.last().is_some_and(|last| last.kind == TokenKind::Colon)
}
