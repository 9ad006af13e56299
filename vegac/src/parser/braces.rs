//! A `}` too many: it closes a block too early, and the one that has no partner stands far behind it.

use vega_report::Diagnostic;

use super::Parser;
use crate::lexer::{Token, TokenKind};

impl Parser<'_> {
    /// Complains of a `}` at the top level: at the one that may have closed a block too early, if the lines say which, else
    /// at this one, which closes nothing.
    pub(super) fn refuse_stray_brace<T>(&mut self) -> Option<T> {
        let Some((opening, early)) = self.closed_too_early() else {
            return self.refuse_stray_close();
        };
        // What stands between the two belongs somewhere else.
        self.lost = true;
        let diagnostic = Diagnostic::error("E0204", "found a `}` too many, which closes a block too early")
            .label(self.source, early.span(), "this may be the one")
            .also(self.source, opening.span(), "it closes this, with a different indentation")
            .also(self.source, self.span(), "so this closes nothing")
            .hint("remove it, or add the opening bracket");
        self.complain(diagnostic)
    }

    /// The first `}` within the last block of the top level that stands further to the right than what it closes.
    fn closed_too_early(&self) -> Option<(Token, Token)> {
        let mut open = Vec::new();
        let mut early = None;
        for &token in self.tokens.get(..self.at)? {
            match token.kind {
                TokenKind::BraceOpen => {
                    if open.is_empty() {
                        early = None;
                    }
                    open.push(token);
                }
                TokenKind::BraceClose => {
                    let closed = open.pop();
                    let is_early = |opening: &Token| self.indentation(*opening) < self.indentation(token);
                    early = match closed {
                        Some(opening) => early.or_else(|| is_early(&opening).then_some((opening, token))),
                        // It was told of this one.
                        None => None,
                    };
                }
                _ => {}
            }
        }
        early
    }
}
