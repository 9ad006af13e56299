//! Words that begin a block elsewhere, and look like the name of a struct before its literal.

use vega_report::{Diagnostic, quote};

use super::operators::compound;
use super::{Parser, hints};
use crate::lexer::TokenKind;

const BLOCKS: &str = "a block follows `if`, `else`, `while`, `for`, `fn` or `alloc 64`";

impl Parser<'_> {
    /// Whether the file declares a struct of this name.
    pub(super) fn declares_struct(&self, name: &str) -> bool {
        self.tokens
            .array_windows()
            .any(|[keyword, declared]| keyword.kind == TokenKind::Struct && declared.text(self.text) == name)
    }

    /// What to write instead of the word that is looked at, if the `{` behind it begins a block and no fields: at the beginning
    /// of a statement, where the value of a struct is rarely wanted, also one that begins with an assignment.
    pub(super) fn block_word(&self) -> Option<String> {
        let word = self.token_text();
        let known = hints::for_block_word(word);
        if self.at == self.beginning {
            let is_block = known.is_some() || self.statement_is_ahead();
            let is_refused = is_block && self.peek_after(1) == TokenKind::BraceOpen && !self.declares_struct(word);
            return is_refused.then(|| match (known, hints::near_beginning(word)) {
                (Some(hint), _) => hint.to_owned(),
                (None, Some(meant)) => format!("did you mean `{meant}`?"),
                (None, None) => BLOCKS.to_owned(),
            });
        }
        let is_field = self.peek_after(2) == TokenKind::Name && self.peek_after(3) == TokenKind::Assign;
        known.filter(|_| !is_field).map(str::to_owned)
    }

    /// Whether something that can only be a statement begins between the `{` behind this word and its `}`.
    fn statement_is_ahead(&self) -> bool {
        let (mut open, mut begins) = (0_usize, true);
        let inside = self.tokens.get(self.at + 2..).unwrap_or_default();
        for (place, token) in inside.iter().enumerate() {
            if open == 0 && (begins || token.starts_line()) {
                let next = inside.get(place + 1).map_or(TokenKind::End, |next| next.kind);
                let is_field = matches!(next, TokenKind::Assign | TokenKind::Colon);
                let is_place = matches!(next, TokenKind::ParenOpen | TokenKind::Dot | TokenKind::BracketOpen);
                let is_name = token.kind == TokenKind::Name;
                if hints::begins_statement(token.kind) && !is_field || is_name && (is_place || compound(next).is_some())
                {
                    return true;
                }
            }
            begins = token.kind == TokenKind::Comma;
            match token.kind {
                TokenKind::Semicolon if open == 0 => return true,
                TokenKind::ParenOpen | TokenKind::BracketOpen | TokenKind::BraceOpen => open += 1,
                TokenKind::ParenClose | TokenKind::BracketClose | TokenKind::BraceClose if open > 0 => open -= 1,
                TokenKind::ParenClose | TokenKind::BracketClose | TokenKind::BraceClose | TokenKind::End => break,
                _ => {}
            }
        }
        false
    }

    #[inline(never)]
    pub(super) fn refuse_block_word<T>(&mut self, hint: String) -> Option<T> {
        let title = format!("found the name `{}` before a block, expected a statement", quote(self.token_text()));
        let diagnostic =
            Diagnostic::error("E0207", title).label(self.source, self.span(), "this begins nothing in Vega");
        self.complain(diagnostic.hint(hint))
    }
}
