//! How far an operand reaches, as tokens tell: a literal, or a name with its fields, indices and arguments, all on a line.

use super::Parser;
use crate::ast::Span;
use crate::lexer::TokenKind;

impl Parser<'_> {
    fn kind_at(&self, at: usize) -> Option<TokenKind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    /// From the first of some tokens to the last before another.
    pub(super) fn span_of(&self, first: usize, end: usize) -> Option<Span> {
        Some(self.tokens.get(first)?.span().to(self.tokens.get(end.checked_sub(1)?)?.span()))
    }

    /// Behind the operand that begins at a token.
    pub(super) fn operand_end(&self, first: usize) -> Option<usize> {
        let goes_on = |at: usize| self.tokens.get(at).is_some_and(|token| !token.starts_line());
        let mut end = first + 1;
        if self.kind_at(first)? != TokenKind::Name {
            return self.kind_at(first)?.is_literal().then_some(end);
        }
        while goes_on(end) {
            end = match self.kind_at(end)? {
                TokenKind::Dot if goes_on(end + 1) => end + 2,
                TokenKind::ParenOpen | TokenKind::BracketOpen => self.behind_close(end)?,
                _ => break,
            };
        }
        Some(end)
    }

    /// Behind the bracket that closes another on its line.
    fn behind_close(&self, opening: usize) -> Option<usize> {
        let mut open = 0_usize;
        for (behind, token) in self.tokens.get(opening..)?.iter().enumerate() {
            match token.kind {
                _ if behind > 0 && token.starts_line() => return None,
                TokenKind::ParenOpen | TokenKind::BracketOpen => open += 1,
                TokenKind::ParenClose | TokenKind::BracketClose => open = open.checked_sub(1)?,
                _ => {}
            }
            if open == 0 {
                return Some(opening + behind + 1);
            }
        }
        None
    }

    /// Where the operand begins that ends before a token of this statement.
    pub(super) fn operand_start(&self, end: usize) -> Option<usize> {
        let mut first = end.checked_sub(1)?;
        loop {
            let before = first.checked_sub(1).filter(|before| *before >= self.beginning);
            first = match (before.and_then(|before| self.kind_at(before)), self.kind_at(first)?) {
                (_, TokenKind::ParenClose | TokenKind::BracketClose) => {
                    let opening = self.opening_of(first)?;
                    let called = opening.checked_sub(1).filter(|called| *called >= self.beginning);
                    match called.filter(|called| self.kind_at(*called).is_some_and(TokenKind::ends_operand)) {
                        Some(called) => called,
                        None => return Some(opening),
                    }
                }
                (Some(TokenKind::Dot), TokenKind::Name | TokenKind::Integer) => before?.checked_sub(1)?,
                (_, kind) => return (kind == TokenKind::Name || kind.is_literal()).then_some(first),
            };
        }
    }

    /// The bracket of this statement that another closes.
    fn opening_of(&self, close: usize) -> Option<usize> {
        let mut open = 0_usize;
        (self.beginning..=close).rev().find(|at| {
            match self.kind_at(*at) {
                Some(TokenKind::ParenClose | TokenKind::BracketClose) => open += 1,
                Some(TokenKind::ParenOpen | TokenKind::BracketOpen) => open = open.saturating_sub(1),
                _ => {}
            }
            open == 0
        })
    }
}
