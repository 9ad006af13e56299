//! `match`: the arms of a choice between the types that a union may hold.

use super::Parser;
use crate::ast::{Arm, Block, Statement, StatementKind, TypeName};
use crate::lexer::TokenKind;

const HINT: &str = "an arm is written `int i => …`, and `_ => …` takes all that is left";
const VALUES: &str = "`match` goes by the type of a union; values are told apart by `if x == 1 { … } else if … { … }`";

impl Parser<'_> {
    /// `match y { int i => …, bool b => … }`: arms end at a comma or with their line.
    #[inline(never)]
    pub(super) fn match_statement(&mut self) -> Option<StatementKind> {
        self.bump();
        let value = self.head();
        let mut highest = self.height;
        if self.peek() != TokenKind::BraceOpen {
            let diagnostic = self.unexpected("E0201", "`{`");
            return self.complain(diagnostic.hint("a choice is written `match y { int i => …, _ => … }`"));
        }
        let opening = self.open()?;
        let mut arms = Vec::new();
        self.skip_semicolons();
        while !matches!(self.peek(), TokenKind::BraceClose | TokenKind::End) && !self.at_new_function() {
            let beginning = self.begin();
            let arm = self.match_arm();
            let is_read = arm.is_some() && self.arm_end().is_some();
            highest = highest.max(self.height);
            arms.extend(arm);
            if !is_read {
                self.nesting = beginning.nesting;
                self.skip_statement(beginning.token);
            }
            self.skip_semicolons();
        }
        self.restore(&opening);
        self.close_block(opening.token);
        self.grow(highest)?;
        Some(StatementKind::Match { value: value?, arms })
    }

    /// `int i => …`, `int|long n => …`, `bool => …`, `_ => …`.
    #[inline(never)]
    fn match_arm(&mut self) -> Option<Arm> {
        let start = self.span().start();
        let pattern = self.pattern()?;
        let is_named = pattern.is_some() && self.continues_with(TokenKind::Name);
        let binding = if is_named { Some(self.name("the name of the value")?) } else { None };
        let head = self.span_from(start);
        self.expect(TokenKind::Becomes, if self.peek() == TokenKind::ParenOpen { VALUES } else { HINT })?;
        if self.peek() == TokenKind::BraceOpen {
            let body = self.block()?;
            return Some(Arm { pattern, binding, body, head });
        }
        self.begin();
        let start = self.span().start();
        let around = std::mem::replace(&mut self.in_arm, true);
        let kind = self.statement();
        self.in_arm = around;
        let kind = kind?;
        let span = self.span_from(start);
        let body = Block { statements: vec![Statement { kind, span }], span };
        self.grow(self.height)?;
        Some(Arm { pattern, binding, body, head })
    }

    /// The type before the name; `None` for `_`.
    fn pattern(&mut self) -> Option<Option<TypeName>> {
        if self.peek() == TokenKind::Name && self.token_text() == "_" {
            self.bump();
            return Some(None);
        }
        if self.peek().is_literal() {
            let diagnostic = self.unexpected("E0213", "a type");
            return self.complain(diagnostic.hint(VALUES));
        }
        self.type_name().map(Some)
    }

    /// Whether the comma that is looked at ends an arm: another one, a new line or the end of all stands behind it.
    pub(super) fn comma_ends_arm(&self) -> bool {
        let next = self.tokens.get(self.at + 1);
        let ends = next.is_none_or(|next| next.starts_line() || next.kind == TokenKind::BraceClose);
        self.in_arm && (ends || self.is_arm_after(1))
    }

    /// Whether an arm stands behind so many tokens: names, and `=>`.
    fn is_arm_after(&self, tokens: usize) -> bool {
        let is_pattern =
            |place: &usize| matches!(self.peek_after(*place), TokenKind::Name | TokenKind::Dot | TokenKind::Or);
        let end = (tokens..).find(|place| !is_pattern(place)).unwrap_or(tokens);
        end > tokens && self.peek_after(end) == TokenKind::Becomes
    }

    fn arm_end(&mut self) -> Option<()> {
        if self.take(TokenKind::Comma)
            || self.starts_line()
            || matches!(self.peek(), TokenKind::Semicolon | TokenKind::BraceClose | TokenKind::End)
        {
            return Some(());
        }
        let diagnostic = self.unexpected("E0202", "the end of the arm");
        let hint = "arms stand on lines of their own, or have commas between them";
        self.complain(if diagnostic.hint.is_none() || self.is_arm_after(0) {
            diagnostic.hint(hint)
        } else {
            diagnostic
        })
    }
}
