//! `match`: the arms of a choice between the types that a union may hold.

use super::Parser;
use crate::ast::{Arm, Block, Span, Statement, StatementKind, TypeName};
use crate::lexer::TokenKind;
use vega_format::types::Tag;
use vega_report::quote;

const HINT: &str = "an arm is written `int i => …`, and `_ => …` takes all that is left";
const REST: &str = "all that is left is taken by `_ => …`";
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
        if let Some((head, written)) = self.foreign_head() {
            // Of `int(i)` it is the parenthesis that does not fit.
            let fits = written.starts_with(self.token_text());
            self.at += usize::from(fits);
            let diagnostic = if fits { self.unexpected("E0201", "`=>`") } else { self.unexpected("E0213", "a type") };
            let diagnostic = diagnostic.hint(format!("write `{} => …`", quote(&written)));
            return self.complain(diagnostic.edit(self.source, head, written));
        }
        let start = self.span().start();
        let pattern = self.pattern()?;
        let is_named = pattern.is_some() && self.continues_with(TokenKind::Name);
        let binding = if is_named { Some(self.name("the name of the value")?) } else { None };
        let head = self.span_from(start);
        if self.peek() == TokenKind::ParenOpen {
            let diagnostic = self.unexpected("E0201", "`=>`");
            return self.complain(diagnostic.hint(VALUES));
        }
        self.expect(TokenKind::Becomes, HINT)?;
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

    /// `case int i =>`, `int(i) =>`, `Int i =>`: how the head of an arm is written elsewhere, and how it is here.
    fn foreign_head(&self) -> Option<(Span, String)> {
        let token = |place: usize| self.tokens.get(self.at + place);
        let text = |place: usize| token(place).map_or("", |token| token.text(self.text));
        let is_name = |place: usize| self.peek_after(place) == TokenKind::Name;
        let type_at = usize::from(text(0) == "case" && is_name(1));
        if !is_name(type_at) {
            return None;
        }
        let (name, end) = match self.peek_after(type_at + 1) {
            TokenKind::Becomes => (None, type_at),
            TokenKind::Name => (Some(type_at + 1), type_at + 1),
            TokenKind::ParenOpen if is_name(type_at + 2) && self.peek_after(type_at + 3) == TokenKind::ParenClose => {
                (Some(type_at + 2), type_at + 3)
            }
            _ => return None,
        };
        let lower = text(type_at).to_lowercase();
        let type_ = if Tag::from_name(&lower).is_some() { &lower } else { text(type_at) };
        let is_foreign = type_at > 0 || end == type_at + 3 || type_ != text(type_at);
        if !is_foreign || self.peek_after(end + 1) != TokenKind::Becomes {
            return None;
        }
        let name = name.map(|name| format!(" {}", text(name))).unwrap_or_default();
        Some((self.span().to(token(end)?.span()), format!("{type_}{name}")))
    }

    /// The type before the name; `None` for `_`.
    fn pattern(&mut self) -> Option<Option<TypeName>> {
        if self.peek() == TokenKind::Name && self.token_text() == "_" {
            self.bump();
            return Some(None);
        }
        let is_default = self.token_text() == "default" && self.peek_after(1) == TokenKind::Becomes;
        if self.peek() == TokenKind::Else || is_default {
            let diagnostic = self.unexpected("E0213", "a type");
            return self.complain(diagnostic.hint(REST).edit(self.source, self.span(), "_"));
        }
        if self.peek().is_literal() {
            let diagnostic = self.unexpected("E0213", "a type");
            return self.complain(diagnostic.hint(VALUES));
        }
        self.type_name().map(Some)
    }

    /// Whether the comma that is looked at ends an arm: another one, a new line or the end of all stands behind it.
    pub(super) fn comma_ends_arm(&self) -> bool {
        let starts_line = self.tokens.get(self.at + 1).is_none_or(|next| next.starts_line());
        self.in_arm && (starts_line || self.arm_ends_behind_comma())
    }

    /// Whether the arm ends at the comma that is looked at, for another one or the end of all stands behind it.
    pub(super) fn arm_ends_behind_comma(&self) -> bool {
        self.in_arm && (self.peek_after(1) == TokenKind::BraceClose || self.is_arm_after(1))
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
