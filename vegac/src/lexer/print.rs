//! Tokens as text, one a line: `vegac --emit tokens`.

use std::fmt::Write;

use vega_report::quote;

use super::{Token, TokenKind};

/// The tokens of a text: line, column, kind, and what was written. Stable: tests compare it.
pub fn print(tokens: &[Token], text: &str) -> String {
    let mut printed = String::new();
    let mut place = Place { line: 1, column: 1, at: 0 };
    for token in tokens {
        place.advance(text, token.span().start());
        let _ = write!(printed, "{}:{} {}", place.line, place.column, token.kind.label());
        if token.kind != TokenKind::End {
            let _ = write!(printed, " {}", quote(token.text(text)));
        }
        printed.push('\n');
    }
    printed
}

/// A place that only moves on, so that printing takes one pass.
struct Place {
    line: usize,
    column: usize,
    at: usize,
}

impl Place {
    fn advance(&mut self, text: &str, to: usize) {
        for character in text.get(self.at..to).unwrap_or("").chars() {
            self.column += 1;
            if character == '\n' {
                self.line += 1;
                self.column = 1;
            }
        }
        self.at = to;
    }
}
