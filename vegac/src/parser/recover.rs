//! Where reading starts again after a mistake.
//!
//! Whole `{ … }` are skipped as one, so that the lines of an inner block are not taken for those of the outer. An
//! opening bracket without its partner must not swallow the rest of the file: a line that can only be a statement ends
//! the search for it.

use super::Parser;
use super::cursor::closing;
use crate::lexer::TokenKind;

impl Parser<'_> {
    /// Goes to the end of the statement that has failed and that began at token `start`.
    pub(super) fn skip_statement(&mut self, start: usize) {
        if self.at == start && !self.ends_block() {
            self.skip_one();
        }
        self.skip_to(TokenKind::Semicolon);
    }

    /// Goes to a separator or the end of the line or the block. What stands inside of brackets, on however many lines,
    /// separates and ends nothing here.
    fn skip_to(&mut self, separator: TokenKind) {
        let mut open_brackets = 0_usize;
        let mut closes = true;
        while !self.starts_line() && !self.ends_block() && (open_brackets > 0 || self.peek() != separator) {
            match self.peek() {
                opening @ (TokenKind::ParenOpen | TokenKind::BracketOpen) if closes => {
                    self.bump();
                    match self.find_close(closing(opening)) {
                        Some(close) => self.at = close + 1,
                        // One search is enough: most others would fail as well.
                        None => (closes, open_brackets) = (false, 1),
                    }
                    continue;
                }
                TokenKind::ParenOpen | TokenKind::BracketOpen => open_brackets += 1,
                TokenKind::ParenClose | TokenKind::BracketClose => open_brackets = open_brackets.saturating_sub(1),
                _ => {}
            }
            self.skip_one();
        }
    }

    /// Goes past the bracket that closes what is open, if it can be found.
    pub(super) fn skip_past_close(&mut self, close: TokenKind) {
        if let Some(at) = self.find_close(close) {
            self.at = at + 1;
        }
    }

    /// Whether the bracket that closes what is open can be found.
    pub(super) fn close_is_ahead(&mut self, close: TokenKind) -> bool {
        self.find_close(close).is_some()
    }

    /// Goes to the `{` after the head of a statement that has failed, if it stands on the line; if not, there will be
    /// no complaint about its absence.
    pub(super) fn skip_to_block(&mut self) {
        while !self.starts_line() && !self.ends_block() {
            if self.peek() == TokenKind::BraceOpen {
                return;
            }
            self.at += 1;
        }
        self.complained_at = Some(self.at);
    }

    /// Goes to the end of a field that has failed: a comma, the next line or the end of the fields.
    pub(super) fn skip_field(&mut self, start: usize) {
        if self.at == start && !self.ends_block() {
            self.skip_one();
        }
        self.skip_to(TokenKind::Comma);
    }

    fn ends_block(&self) -> bool {
        matches!(self.peek(), TokenKind::BraceClose | TokenKind::End)
    }

    /// Moves past a token, or past a whole `{ … }`.
    fn skip_one(&mut self) {
        if self.peek() != TokenKind::BraceOpen {
            return self.bump();
        }
        self.bump();
        let opening = self.previous();
        match (self.find_close(TokenKind::BraceClose), opening) {
            (Some(close), _) => self.at = close + 1,
            (None, Some(opening)) => {
                self.at = self.tokens.len().saturating_sub(1);
                let diagnostic = self.never_closed(opening);
                self.complain::<()>(diagnostic);
            }
            (None, None) => {}
        }
    }

    /// The token that closes what is open here.
    fn find_close(&mut self, close: TokenKind) -> Option<usize> {
        if self.unclosed == Some((self.at, close)) {
            return None;
        }
        let found = self.search_close(close);
        if found.is_none() {
            self.unclosed = Some((self.at, close));
        }
        found
    }

    fn search_close(&self, close: TokenKind) -> Option<usize> {
        let mut open_braces = 0_usize;
        let mut open_others = 0_usize;
        for (at, token) in self.tokens.iter().enumerate().skip(self.at) {
            let inside = open_braces > 0 || close == TokenKind::BraceClose;
            let lost = token.kind == TokenKind::Unknown && token.span().is_empty();
            if !inside && (lost || (token.starts_line() && self.can_only_be_statement(at))) {
                return None;
            }
            match token.kind {
                kind if kind == close && open_braces == 0 && (open_others == 0 || kind == TokenKind::BraceClose) => {
                    return Some(at);
                }
                TokenKind::BraceOpen => open_braces += 1,
                TokenKind::BraceClose => open_braces = open_braces.checked_sub(1)?,
                TokenKind::ParenOpen | TokenKind::BracketOpen if open_braces == 0 => open_others += 1,
                TokenKind::ParenClose | TokenKind::BracketClose if open_braces == 0 => {
                    open_others = open_others.saturating_sub(1)
                }
                _ => {}
            }
        }
        None
    }

    /// Whether the line that begins with a token can stand only outside of `(` and `[`.
    fn can_only_be_statement(&self, at: usize) -> bool {
        use TokenKind::*;
        let kind = |at: usize| self.tokens.get(at).map_or(End, |token| token.kind);
        match kind(at) {
            If | Else | While | For | Import | Extern | Fn | Return | Break | Continue | Struct | Const | Match
            | Pub | Free => true,
            Name => matches!(kind(at + 1), Assign | Colon | AddAssign | SubAssign | MulAssign | DivAssign | RemAssign),
            _ => false,
        }
    }
}
