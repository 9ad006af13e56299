//! Types as they are spelled: `int`, `geometry.point`, `string<16>`, `[]T`, `T[4]`, `(T, U)`, `T|U`.

use vega_report::{Diagnostic, quote};

use super::Parser;
use super::cursor::sign;
use crate::ast::{Name, Span, TypeKind, TypeName};
use crate::lexer::TokenKind;

const ARRAYS: &str = "an array is written `int[4]`, a view `[]int`";

impl Parser<'_> {
    /// A type, with all members of a union. It may begin on the next line and ends with its line.
    pub(super) fn type_name(&mut self) -> Option<TypeName> {
        self.union(Self::next_member)
    }

    /// A type behind `is`, where an `||` goes on with the condition.
    pub(super) fn type_asked(&mut self) -> Option<TypeName> {
        self.union(|parser| parser.take_on_line(TokenKind::Or))
    }

    fn union(&mut self, goes_on: fn(&mut Self) -> bool) -> Option<TypeName> {
        let first = self.union_member()?;
        if !goes_on(self) {
            return Some(first);
        }
        let start = first.span.start();
        let mut highest = self.height;
        let mut members = vec![first, self.union_member()?];
        highest = highest.max(self.height);
        while goes_on(self) {
            members.push(self.union_member()?);
            highest = highest.max(self.height);
        }
        self.grow(highest)?;
        Some(TypeName { kind: TypeKind::Union(members), span: self.span_from(start) })
    }

    /// Goes past the `|` before another member; past the `||` or `or` of `int or bool`, too, after a complaint.
    fn next_member(&mut self) -> bool {
        let is_or =
            self.peek() == TokenKind::OrOr || self.token_text() == "or" && self.peek_after(1) == TokenKind::Name;
        if !is_or || self.line_ended() {
            return self.take_on_line(TokenKind::Or);
        }
        let (found, place) = self.found();
        let between = self.previous().map_or(place, |before| before.span().after()).to(place);
        let behind = self.tokens.get(self.at + 1).filter(|behind| !behind.starts_line());
        let between = between.to(behind.map_or(place, |behind| behind.span().before()));
        let diagnostic = Diagnostic::error("E0201", format!("found {found}, expected `|`"))
            .label(self.source, place, "expected `|`")
            .hint("a type that is one of several is written `int|bool`")
            .edit(self.source, between, "|");
        self.complain::<()>(diagnostic);
        self.bump();
        true
    }

    /// `[]` any number of times, a type, `[N]` any number of times. The lengths bind tighter than the views.
    pub(super) fn union_member(&mut self) -> Option<TypeName> {
        let mut views = Vec::new();
        while self.peek() == TokenKind::BracketOpen && self.peek_after(1) == TokenKind::BracketClose {
            self.enter()?;
            views.push(self.span().start());
            self.bump();
            self.bump();
        }
        let mut whole = self.array_type()?;
        self.leave(views.len());
        for start in views.into_iter().rev() {
            self.grow(self.height)?;
            whole = TypeName { kind: TypeKind::View(Box::new(whole)), span: self.span_from(start) };
        }
        Some(whole)
    }

    fn array_type(&mut self) -> Option<TypeName> {
        let element = self.single_type();
        if element.is_none() || !self.continues_with(TokenKind::BracketOpen) {
            return element;
        }
        self.lengths(element?)
    }

    #[inline(never)]
    fn lengths(&mut self, element: TypeName) -> Option<TypeName> {
        let mut whole = element;
        let mut suffixes = 0;
        while self.continues_with(TokenKind::BracketOpen) {
            if self.peek_after(1) == TokenKind::BracketClose {
                return self.refuse_length();
            }
            self.enter()?;
            suffixes += 1;
            let highest = self.height;
            let opening = self.open()?;
            let length = self.expression();
            let length = self.close(&opening, length)?;
            self.grow(highest.max(self.height))?;
            let span = self.span_from(whole.span.start());
            whole = TypeName { kind: TypeKind::Array(Box::new(whole), Box::new(length)), span };
        }
        self.leave(suffixes);
        Some(whole)
    }

    fn single_type(&mut self) -> Option<TypeName> {
        match self.peek() {
            TokenKind::ParenOpen => self.tuple_type(),
            TokenKind::Name => self.named_type(),
            _ => self.refuse_type(),
        }
    }

    #[inline(never)]
    fn named_type(&mut self) -> Option<TypeName> {
        let Name { text, span } = self.path();
        self.height = 1;
        if text == "string" && self.continues_with(TokenKind::Less) {
            self.bump();
            // What stands before the `>` has no operators but in parentheses.
            let bytes = Box::new(self.operand()?);
            let highest = self.height;
            if self.continues_with(TokenKind::GreaterEqual) {
                // The end of the length and the `=` behind it.
                let diagnostic =
                    self.unexpected("E0201", sign(TokenKind::Greater)).hint("`>=` is one sign: write `> =`");
                return self.complain(diagnostic.edit(self.source, self.span(), "> ="));
            }
            self.expect(TokenKind::Greater, "bounded text is written `string<16>`, or `string<(2 * N)>`")?;
            self.grow(highest)?;
            return Some(TypeName { kind: TypeKind::Text(bytes), span: self.span_from(span.start()) });
        }
        if self.continues_with(TokenKind::Less) {
            let diagnostic = self.unexpected("E0201", "the end of the type");
            return self.complain(diagnostic.hint(format!("`{}` takes no types; {ARRAYS}", quote(&text))));
        }
        Some(TypeName { kind: TypeKind::Named(text), span })
    }

    /// `(T, U)`, `(T,)`; `(T)` is T.
    #[inline(never)]
    fn tuple_type(&mut self) -> Option<TypeName> {
        let start = self.span().start();
        let opening = self.open()?;
        let members = self.comma_list(TokenKind::ParenClose, Self::type_name);
        let highest = self.height;
        let (mut members, trailing_comma) = self.close(&opening, members)?;
        let span = self.span_from(start);
        self.grow(highest)?;
        if members.is_empty() {
            return self.refuse_empty_type(span);
        }
        if members.len() == 1 && !trailing_comma {
            let only = members.pop()?;
            return Some(TypeName { kind: only.kind, span });
        }
        Some(TypeName { kind: TypeKind::Tuple(members), span })
    }

    #[inline(never)]
    fn refuse_type<T>(&mut self) -> Option<T> {
        let diagnostic = self.unexpected("E0213", "a type");
        if self.peek() != TokenKind::BracketOpen {
            return self.complain(diagnostic);
        }
        self.complain::<()>(diagnostic.hint(ARRAYS));
        self.bump();
        self.skip_past_close(TokenKind::BracketClose);
        None
    }

    /// `int[]`, of which the length is missing.
    #[inline(never)]
    fn refuse_length<T>(&mut self) -> Option<T> {
        self.bump();
        let diagnostic = self.unexpected("E0212", "an expression");
        self.bump();
        self.complain(diagnostic.hint(ARRAYS))
    }

    #[inline(never)]
    fn refuse_empty_type<T>(&mut self, span: Span) -> Option<T> {
        let diagnostic = Diagnostic::error("E0213", "found `()`, expected a type")
            .label(self.source, span, "no type")
            .hint("a function without a result has no `->`");
        self.complain(diagnostic)
    }
}
