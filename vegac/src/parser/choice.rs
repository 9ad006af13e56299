//! `match`: the arms of a choice between the types that a union may hold.

use super::Parser;
use crate::ast::{Arm, Block, Span, Statement, StatementKind, TypeName};
use crate::lexer::TokenKind;
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
        let start = self.span().start();
        let pattern = self.pattern()?;
        let is_named = pattern.is_some() && self.continues_with(TokenKind::Name);
        let binding = if is_named { Some(self.name("the name of the value")?) } else { None };
        let head = self.span_from(start);
        if self.peek() == TokenKind::ParenOpen {
            return self.refuse_parenthesis(head);
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

    /// `int(i) =>`, or `f(1) =>`, behind what was read as a type.
    fn refuse_parenthesis<T>(&mut self, type_: Span) -> Option<T> {
        let diagnostic = self.unexpected("E0201", "`=>`");
        let name = self.tokens.get(self.at + 1).filter(|token| token.kind == TokenKind::Name);
        let type_ = self.text.get(type_.range()).unwrap_or_default();
        self.complain(match (name, self.peek_after(2), self.peek_after(3)) {
            (Some(name), TokenKind::ParenClose, TokenKind::Becomes) => {
                let binding = format!(" {}", name.text(self.text));
                let parentheses =
                    self.span().to(self.tokens.get(self.at + 2).map_or(name.span(), |close| close.span()));
                diagnostic.hint(format!("write `{}{} => …`", quote(type_), quote(&binding))).edit(
                    self.source,
                    parentheses,
                    binding,
                )
            }
            _ => diagnostic.hint(VALUES),
        })
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
