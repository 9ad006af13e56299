//! What is a program here and means something else in another language: warned about where it was surely meant otherwise.

use super::Checker;
use super::effect::has_effect;
use crate::ast::{self, ExpressionKind, Literal, Span, StatementKind};
use crate::lexer::{self, TokenKind};
use crate::parser;
use vega_report::{Diagnostic, quote};

/// What a comment begins with that divides elsewhere.
const SLASHES: &str = "//";

impl Checker<'_> {
    /// `half = n // 2`: warns of a comment behind a number that reads as the rest of a division.
    pub(super) fn warn_of_slashes(&mut self, statement: &ast::Statement) {
        let may_compute = match &statement.kind {
            StatementKind::Assign { value, .. } => value.is_some(),
            StatementKind::Return(value) => value.is_some(),
            StatementKind::Expression(value) => !has_effect(value),
            StatementKind::Compound { .. } => true,
            _ => false,
        };
        if may_compute {
            self.warn_of_slashes_behind(statement.span);
        }
    }

    /// The same of whatever computes a value and ends here.
    pub(super) fn warn_of_slashes_behind(&mut self, span: Span) {
        let rest = self.text.get(span.end()..).unwrap_or_default();
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let Some(divisor) = rest.get(blanks..).and_then(|rest| rest.strip_prefix(SLASHES)) else { return };
        let divisor = divisor.split(['\n', '\r', '#']).next().unwrap_or_default().trim_end();
        let written = self.text.get(span.range()).unwrap_or_default();
        let is_operand = |last: char| last.is_alphanumeric() || matches!(last, '_' | ')' | ']');
        if !written.ends_with(is_operand) || !self.reads_as_operand(divisor) {
            return;
        }
        let start = span.end() + blanks;
        let comment = Span::from(start..start + SLASHES.len() + divisor.len());
        let hint = format!("`/` divides, and integers without a rest: `/ {}`", quote(divisor.trim()));
        let warning = Diagnostic::warning("W0015", "`//` begins a comment, and divides nothing")
            .label(self.source, comment, "not computed")
            .hint(hint);
        self.complain(warning);
    }

    /// Whether a comment is an expression by itself, of numbers and of names that are known here.
    fn reads_as_operand(&self, comment: &str) -> bool {
        let (tokens, complaints) = lexer::lex(self.source, comment);
        let mut before = None;
        let is_of_operand = |token: &lexer::Token| {
            let behind = before.replace(token.kind);
            let name = token.text(comment);
            match token.kind {
                TokenKind::Name if behind == Some(TokenKind::Dot) => true,
                TokenKind::Name => {
                    self.scopes.find_unread(name).is_some()
                        || self.statics.contains_key(name)
                        || self.by_name.contains_key(name)
                }
                // A list of something begins with a line.
                TokenKind::Minus => behind.is_some(),
                // `65 // 0x41` says what a number is otherwise.
                kind => !matches!(kind, TokenKind::String | TokenKind::Char | TokenKind::Hex),
            }
        };
        if !complaints.is_empty() || !tokens.iter().all(is_of_operand) {
            return false;
        }
        let (file, complaints) = parser::parse(self.source, comment, &tokens);
        let is_value = |statement: &ast::Statement| matches!(statement.kind, StatementKind::Expression(_));
        complaints.is_empty() && matches!(file.statements.as_slice(), [only] if is_value(only))
    }

    /// `println("{} of {}", a, b)`: warns of text that is a format elsewhere and has its values behind it.
    pub(super) fn warn_of_format(&mut self, printed: &[ast::Expression]) {
        let text = |value: &ast::Expression| match &value.kind {
            ExpressionKind::Literal(Literal::String(text)) => placeholder(text),
            _ => None,
        };
        let Some((_, before)) = printed.split_last() else { return };
        let Some((format, sign)) = before.iter().find_map(|value| Some((value.span, text(value)?))) else { return };
        let title = format!("`{}` stays in the text as it is", quote(&sign));
        let warning = Diagnostic::warning("W0016", title)
            .label(self.source, format, "no value takes its place")
            .hint("values are printed one after another, with a space between them: `println(\"x is\", x)`");
        self.complain(warning);
    }
}

/// The first part of a text that stands for a value in the formats of Rust, Python and C: `{}`, `{0}`, `{:.2}`, `%d`, `%5.2f`.
fn placeholder(text: &str) -> Option<String> {
    text.char_indices().find_map(|(place, sign)| {
        let behind = text.get(place + 1..)?;
        match sign {
            '{' => {
                let inside = behind.split_once('}')?.0;
                let digits = inside.trim_start_matches(|digit: char| digit.is_ascii_digit());
                let is_plain = digits.is_empty() || digits.starts_with(':') && !digits.contains(' ');
                is_plain.then(|| format!("{{{inside}}}"))
            }
            '%' => {
                let rest = behind.trim_start_matches(|next: char| next.is_ascii_digit() || ".-+l".contains(next));
                let kind = rest.chars().next().filter(|kind| "disfgxXcue".contains(*kind))?;
                let flags = behind.get(..behind.len() - rest.len())?;
                let goes_on = rest.chars().nth(1).is_some_and(char::is_alphanumeric);
                (!goes_on).then(|| format!("%{flags}{kind}"))
            }
            _ => None,
        }
    })
}
