//! Expressions: operands with what stands before and after them. Operators between operands are in `operators`.

use vega_report::{Diagnostic, near};

use super::cursor::sign;
use super::{Parser, hints};
use crate::ast::{Arena, Expression, ExpressionKind, Name, Strategy, Unary};
use crate::lexer::{self, TokenKind};

impl Parser<'_> {
    /// An expression. It ends with its line, unless the line ends after an operator or inside brackets.
    pub(super) fn expression(&mut self) -> Option<Expression> {
        let first = self.operand();
        if first.is_none() || self.next_operator().is_none() {
            return first;
        }
        self.operation(first?)
    }

    /// An operand with the operators before it.
    pub(super) fn operand(&mut self) -> Option<Expression> {
        if unary(self.peek()).is_none() { self.postfix() } else { self.prefixed() }
    }

    #[inline(never)]
    fn prefixed(&mut self) -> Option<Expression> {
        let mut prefixes = Vec::new();
        while let Some(operator) = unary(self.peek()) {
            self.enter()?;
            prefixes.push((operator, self.span()));
            self.bump();
        }
        let mut expression = self.postfix()?;
        self.leave(prefixes.len());
        for (operator, sign) in prefixes.into_iter().rev() {
            self.grow(self.height)?;
            let span = sign.to(expression.span);
            expression = Expression { kind: ExpressionKind::Unary(operator, Box::new(expression)), span };
        }
        Some(expression)
    }

    /// An operand with the fields, indices and slices after it.
    fn postfix(&mut self) -> Option<Expression> {
        let first = self.primary();
        let goes_on = matches!(self.peek(), TokenKind::Dot | TokenKind::BracketOpen | TokenKind::ParenOpen);
        if first.is_none() || !goes_on || self.line_ended() {
            return first;
        }
        self.suffixes(first?)
    }

    #[inline(never)]
    fn suffixes(&mut self, first: Expression) -> Option<Expression> {
        let mut expression = first;
        while !self.line_ended() {
            expression = match self.peek() {
                TokenKind::Dot => self.field(expression)?,
                TokenKind::BracketOpen => self.index(expression)?,
                TokenKind::ParenOpen => return self.refuse_call(&expression),
                _ => break,
            };
        }
        Some(expression)
    }

    #[inline(never)]
    fn field(&mut self, whole: Expression) -> Option<Expression> {
        let highest = self.height;
        self.bump();
        let field = if self.continues_with(TokenKind::Integer) {
            let number = Name { text: self.token_text().into(), span: self.span() };
            self.bump();
            number
        } else {
            self.name("the name or the number of a field")?
        };
        self.grow(highest)?;
        let span = whole.span.to(field.span);
        Some(Expression { kind: ExpressionKind::Field(Box::new(whole), field), span })
    }

    /// `[i]`, `[i..j]`, `[i..]`, `[..j]`, `[..]`.
    #[inline(never)]
    fn index(&mut self, whole: Expression) -> Option<Expression> {
        let mut highest = self.height;
        let opening = self.open()?;
        let inside = self.index_inside();
        highest = highest.max(self.height);
        let inside = self.close(&opening, inside)?;
        self.grow(highest)?;
        let span = self.span_from(whole.span.start());
        let whole = Box::new(whole);
        let kind = match inside {
            Inside::Element(index) => ExpressionKind::Index(whole, index),
            Inside::Slice(start, end) => ExpressionKind::Slice(whole, start, end),
        };
        Some(Expression { kind, span })
    }

    fn index_inside(&mut self) -> Option<Inside> {
        self.height = 0;
        let mut start = None;
        if self.peek() != TokenKind::DotDot {
            let first = Box::new(self.expression()?);
            if self.peek() != TokenKind::DotDot {
                return Some(Inside::Element(first));
            }
            start = Some(first);
        }
        self.bump();
        if self.peek() == TokenKind::BracketClose {
            return Some(Inside::Slice(start, None));
        }
        let highest = self.height;
        let end = Box::new(self.expression()?);
        self.height = self.height.max(highest);
        Some(Inside::Slice(start, Some(end)))
    }

    fn primary(&mut self) -> Option<Expression> {
        self.height = 1;
        match self.peek() {
            _ if self.types && self.type_begins() => self.type_operand(),
            TokenKind::Name => self.named(),
            TokenKind::ParenOpen => self.parenthesized(),
            TokenKind::BracketOpen => self.array(),
            TokenKind::Alloc => self.alloc(),
            kind if kind.is_literal() => self.literal(),
            _ => self.refuse_operand(),
        }
    }

    /// Whether this is a type and looks like no expression: `string<`, `[]`.
    fn type_begins(&self) -> bool {
        match (self.peek(), self.peek_after(1)) {
            (TokenKind::BracketOpen, TokenKind::BracketClose) => true,
            (TokenKind::Name, TokenKind::Less) => self.token_text() == "string",
            _ => false,
        }
    }

    #[inline(never)]
    fn type_operand(&mut self) -> Option<Expression> {
        let type_name = self.union_member()?;
        let span = type_name.span;
        Some(Expression { kind: ExpressionKind::Type(Box::new(type_name)), span })
    }

    #[inline(never)]
    fn literal(&mut self) -> Option<Expression> {
        let span = self.span();
        let literal = lexer::literal(self.peek(), self.token_text())?;
        self.bump();
        Some(Expression { kind: ExpressionKind::Literal(literal), span })
    }

    /// What begins with a name: a call, a struct literal, or a variable, of which the dots read fields.
    fn named(&mut self) -> Option<Expression> {
        match self.after_path() {
            TokenKind::ParenOpen => self.call(),
            TokenKind::BraceOpen if self.struct_literals && !self.block_follows() => self.struct_literal(),
            _ => self.variable(),
        }
    }

    /// Whether a `{` after this name and the names after its dots can only be that of a block, for a bracket before it that is
    /// not closed: its line ends there, and what follows is no field.
    #[inline(never)]
    fn block_follows(&self) -> bool {
        let first = self.path_length() + 1;
        let begins_line = self.tokens.get(self.at + first).is_some_and(|token| token.starts_line());
        let is_field = match self.peek_after(first) {
            TokenKind::Name => matches!(self.peek_after(first + 1), TokenKind::Assign | TokenKind::Colon),
            kind => kind == TokenKind::BraceClose,
        };
        begins_line && !is_field && !self.lines_matter
    }

    #[inline(never)]
    fn variable(&mut self) -> Option<Expression> {
        let Name { text, span } = self.name_of(1);
        Some(Expression { kind: ExpressionKind::Name(text), span })
    }

    /// What goes on after the name that is looked at and the names after its dots.
    #[inline(never)]
    fn after_path(&self) -> TokenKind {
        let end = self.at + self.path_length();
        if self.lines_matter && self.tokens.get(end).is_some_and(|token| token.starts_line()) {
            return TokenKind::End;
        }
        self.tokens.get(end).map_or(TokenKind::End, |token| token.kind)
    }

    /// How many tokens a name has with the names after its dots.
    fn path_length(&self) -> usize {
        let mut length = 1;
        while self.peek_after(length) == TokenKind::Dot && self.peek_after(length + 1) == TokenKind::Name {
            if self.lines_matter && self.tokens.get(self.at + length).is_some_and(|dot| dot.starts_line()) {
                break;
            }
            length += 2;
        }
        length
    }

    /// A name with the names after its dots. Looked at is a name.
    pub(super) fn path(&mut self) -> Name {
        self.name_of(self.path_length())
    }

    /// The name that so many tokens make.
    fn name_of(&mut self, tokens: usize) -> Name {
        let parts = self.tokens.get(self.at..self.at + tokens).unwrap_or_default();
        self.at += tokens;
        match parts {
            [only] => Name { text: lexer::name(only.text(self.text)), span: only.span() },
            parts => Name {
                text: parts.iter().map(|token| lexer::name(token.text(self.text))).collect(),
                span: self.span_from(parts.first().map_or(0, |first| first.span().start())),
            },
        }
    }

    #[inline(never)]
    fn call(&mut self) -> Option<Expression> {
        let called = self.path();
        let opening = self.open()?;
        let types = std::mem::replace(&mut self.types, called.text == "size_of");
        let arguments = self.comma_list(TokenKind::ParenClose, Self::expression);
        self.types = types;
        let highest = self.height;
        let (arguments, _) = self.close(&opening, arguments)?;
        self.grow(highest)?;
        let span = self.span_from(called.span.start());
        Some(Expression { kind: ExpressionKind::Call(called, arguments), span })
    }

    #[inline(never)]
    fn struct_literal(&mut self) -> Option<Expression> {
        if let Some(hint) = self.block_word() {
            return self.refuse_block_word(hint);
        }
        let named = self.path();
        let opening = self.open()?;
        let fields = self.field_list(Self::field_value, Failing::Ends);
        let highest = self.height;
        let fields = self.close(&opening, fields)?;
        self.grow(highest)?;
        let span = self.span_from(named.span.start());
        Some(Expression { kind: ExpressionKind::StructLiteral(named, fields), span })
    }

    fn field_value(&mut self) -> Option<(Name, Expression)> {
        const HINT: &str = "a field takes its value with `=`: `point { x = 1, y = 2 }`";
        if self.peek() != TokenKind::Name && !self.peek().is_keyword() {
            let diagnostic = self.unexpected("E0201", "the name of a field");
            return self.complain(diagnostic.hint(HINT));
        }
        let field = self.name("the name of a field")?;
        if self.continues_with(TokenKind::Colon) {
            // The value is read all the same, so that all fields are told at once.
            let diagnostic = self.unexpected("E0201", sign(TokenKind::Assign)).hint(HINT);
            let meant = if field.span.end() == self.span().start() { " =" } else { "=" };
            let _: Option<()> = self.complain(diagnostic.edit(self.source, self.span(), meant));
            self.bump();
        } else {
            self.expect(TokenKind::Assign, HINT)?;
        }
        Some((field, self.expression()?))
    }

    /// `(a)`, which is a, and the tuples `(a,)` and `(a, b)`.
    #[inline(never)]
    fn parenthesized(&mut self) -> Option<Expression> {
        let start = self.span().start();
        let opening = self.open()?;
        if self.peek() == TokenKind::ParenClose {
            let diagnostic = self.unexpected("E0212", "an expression");
            self.complain::<()>(diagnostic);
            return self.close(&opening, None);
        }
        let parts = self.comma_list(TokenKind::ParenClose, Self::expression);
        let highest = self.height;
        let (mut parts, trailing_comma) = self.close(&opening, parts)?;
        let span = self.span_from(start);
        if parts.len() == 1 && !trailing_comma {
            let only = parts.pop()?;
            self.height = highest;
            return Some(Expression { kind: only.kind, span });
        }
        self.grow(highest)?;
        Some(Expression { kind: ExpressionKind::Tuple(parts), span })
    }

    #[inline(never)]
    fn array(&mut self) -> Option<Expression> {
        let start = self.span().start();
        let opening = self.open()?;
        let elements = self.comma_list(TokenKind::BracketClose, Self::expression);
        let highest = self.height;
        let (elements, _) = self.close(&opening, elements)?;
        self.grow(highest)?;
        Some(Expression { kind: ExpressionKind::Array(elements), span: self.span_from(start) })
    }

    /// `alloc 64 { … }`, `alloc 64 :bump { … }`, `alloc 64 :pool(4) { … }`.
    #[inline(never)]
    fn alloc(&mut self) -> Option<Expression> {
        let start = self.span().start();
        self.enter()?; // a level of its own beside that of the block: `alloc alloc alloc …` has no brackets to count
        self.bump();
        let arena = self.arena();
        let highest = self.height;
        let block = self.block_after_head();
        self.leave(1);
        let (arena, block) = (arena?, block?);
        self.grow(highest.max(self.height))?;
        Some(Expression { kind: ExpressionKind::Alloc(arena, block), span: self.span_from(start) })
    }

    /// `64`, `64 :bump`, `64 :pool(4)`.
    #[inline(never)]
    fn arena(&mut self) -> Option<Box<Arena>> {
        let size = self.head();
        let highest = self.height;
        if !self.take_on_line(TokenKind::Colon) {
            return Some(Box::new(Arena { size: size?, strategy: Strategy::FirstFit }));
        }
        let strategy = self.strategy();
        self.height = highest.max(self.height);
        if strategy.is_none() {
            self.skip_to_block();
        }
        Some(Box::new(Arena { size: size?, strategy: strategy? }))
    }

    /// `bump`, `pool(4)`.
    fn strategy(&mut self) -> Option<Strategy> {
        match self.token_text() {
            "bump" if self.continues_with(TokenKind::Name) => {
                self.bump();
                Some(Strategy::Bump)
            }
            "pool" if self.continues_with(TokenKind::Name) => {
                self.bump();
                if !self.continues_with(TokenKind::ParenOpen) {
                    let diagnostic = self.unexpected("E0201", sign(TokenKind::ParenOpen));
                    return self.complain(diagnostic.hint("say how many bytes a place of the pool has: `:pool(4)`"));
                }
                let opening = self.open()?;
                let place = self.expression();
                Some(Strategy::Pool(self.close(&opening, place)?))
            }
            _ => {
                let diagnostic = self.unexpected("E0201", "`bump` or `pool`");
                if let Some(meant) = near(self.token_text(), ["bump", "pool"]) {
                    let diagnostic = diagnostic.hint(format!("did you mean `{meant}`?"));
                    return self.complain(diagnostic.edit(self.source, self.span(), meant));
                }
                self.complain(diagnostic.hint("without a `:` variables take the first free bytes that are wide enough"))
            }
        }
    }

    /// Things with commas between them, up to a closing bracket, and whether a comma stands after the last.
    pub(super) fn comma_list<T>(
        &mut self,
        close: TokenKind,
        item: fn(&mut Self) -> Option<T>,
    ) -> Option<(Vec<T>, bool)> {
        let mut items = Vec::new();
        let mut highest = 0;
        let mut after_comma = false;
        while self.peek() != close {
            items.push(item(self)?);
            highest = highest.max(self.height);
            after_comma = self.take(TokenKind::Comma);
            if !after_comma {
                break;
            }
        }
        self.height = highest;
        Some((items, after_comma))
    }

    /// Fields with commas or line ends between them, up to `}`.
    pub(super) fn field_list<T>(&mut self, field: fn(&mut Self) -> Option<T>, failing: Failing) -> Option<Vec<T>> {
        let mut fields = Vec::new();
        let mut highest = 0;
        while !matches!(self.peek(), TokenKind::BraceClose | TokenKind::End) && !self.at_new_function() {
            let (start, nesting) = (self.at, self.nesting);
            self.beginning = start;
            match field(self) {
                Some(field) => fields.push(field),
                // Not in its value: it has no name, or no `=` behind it.
                None if failing == Failing::Ends && self.complained_at.is_some_and(|at| at < start + 2) => return None,
                None => {
                    self.nesting = nesting;
                    self.skip_field(start);
                }
            }
            highest = highest.max(self.height);
            if !self.take(TokenKind::Comma) && !self.starts_line() {
                break;
            }
        }
        self.height = highest;
        Some(fields)
    }

    #[inline(never)]
    fn refuse_operand<T>(&mut self) -> Option<T> {
        let diagnostic = match self.peek() {
            TokenKind::Star if !hints::is_operator(self) => {
                Diagnostic::error("E0209", "found `*`, expected an expression")
                    .label(self.source, self.span(), "a pointer form is no part of an expression")
                    .hint("an alias is a statement of its own: `y = *int(0)`")
            }
            TokenKind::If => Diagnostic::error("E0212", "found `if`, expected an expression")
                .label(self.source, self.span(), "`if` is a statement and has no value")
                .hint("assign in both branches: `if c { x = 1 } else { x = 2 }`"),
            TokenKind::Match => Diagnostic::error("E0212", "found `match`, expected an expression")
                .label(self.source, self.span(), "`match` is a statement and has no value")
                .hint("assign or return in each arm: `match y { int i => x = i, bool b => x = 0 }`"),
            TokenKind::Free => Diagnostic::error("E0212", "found `free`, expected an expression").label(
                self.source,
                self.span(),
                "`free` is a statement and has no value",
            ),
            _ => self.unexpected("E0212", "an expression"),
        };
        self.complain(diagnostic)
    }

    #[inline(never)]
    fn refuse_call<T>(&mut self, called: &Expression) -> Option<T> {
        let written = self.text.get(called.span.range()).unwrap_or_default();
        let is_number = matches!(called.kind, ExpressionKind::Literal(_));
        // Of `2.abs()` it was told that it is no number.
        if is_number && written.split_once('.').is_some_and(|(_, name)| name.starts_with(char::is_alphabetic)) {
            return None;
        }
        let diagnostic = Diagnostic::error("E0218", "found a call of an expression, expected a call of a name")
            .label(self.source, self.span(), "called here")
            .also(self.source, called.span, "this is not the name of a function")
            .hint(hints::CALL);
        self.complain(diagnostic)
    }

    /// The expression in the head of a statement: a struct literal in it must stand in parentheses, for its `{` would
    /// look like that of the block. If it fails, the block is looked for.
    #[inline(never)]
    pub(super) fn head(&mut self) -> Option<Expression> {
        let allowed = std::mem::replace(&mut self.struct_literals, false);
        let nesting = self.nesting;
        let expression = self.expression();
        self.struct_literals = allowed;
        if expression.is_none() {
            self.nesting = nesting;
            self.skip_to_block();
        }
        expression
    }
}

/// What a field that cannot be read means for the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failing {
    /// They are read: each has a line or a mistake of its own.
    IsLeftOut,
    /// They are not if it has not the form of a field, for then none of them has.
    Ends,
}

/// What stands between `[` and `]`.
enum Inside {
    Element(Box<Expression>),
    Slice(Option<Box<Expression>>, Option<Box<Expression>>),
}

fn unary(kind: TokenKind) -> Option<Unary> {
    match kind {
        TokenKind::Minus => Some(Unary::Negate),
        TokenKind::Bang => Some(Unary::Not),
        TokenKind::Tilde => Some(Unary::Invert),
        _ => None,
    }
}

/// Whether an expression can stand on the left of `=`.
pub(super) fn is_place(expression: &Expression) -> bool {
    let mut part = expression;
    loop {
        part = match &part.kind {
            ExpressionKind::Name(_) => return true,
            ExpressionKind::Field(whole, _) | ExpressionKind::Index(whole, _) => whole,
            _ => return false,
        };
    }
}

/// The name that an expression is, if it is no more than that.
pub(super) fn plain_name(expression: &Expression) -> Option<Name> {
    match &expression.kind {
        ExpressionKind::Name(text) => Some(Name { text: text.clone(), span: expression.span }),
        _ => None,
    }
}
