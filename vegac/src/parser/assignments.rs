//! What begins with an expression: declarations, assignments, aliases, and expressions by themselves.

use super::expressions::{is_place, plain_name};
use super::operators::compound;
use super::{Parser, hints, rewritten};
use crate::ast::{Binary, Expression, ExpressionKind, Name, Span, StatementKind};
use crate::lexer::{Token, TokenKind};
use vega_report::{Diagnostic, quote};

impl Parser<'_> {
    #[inline(never)]
    pub(super) fn assignment_or_expression(&mut self) -> Option<StatementKind> {
        let left = self.expression()?;
        if self.line_ended() {
            return Some(StatementKind::Expression(left));
        }
        match self.peek() {
            TokenKind::Colon => self.declaration(left),
            TokenKind::Comma if is_place(&left) && !self.arm_ends_behind_comma() => self.several(left),
            TokenKind::Assign if self.peek_after(1) == TokenKind::Star => self.alias(&left),
            TokenKind::Assign => self.assignment(left),
            kind => match compound(kind) {
                Some(operator) => self.compound_assignment(left, operator),
                None => Some(StatementKind::Expression(left)),
            },
        }
    }

    /// `x: T`, `x: T = e`; before a loop, its name.
    #[inline(never)]
    fn declaration(&mut self, place: Expression) -> Option<StatementKind> {
        if let (TokenKind::While | TokenKind::For, label @ Some(_)) = (self.peek_after(1), plain_name(&place)) {
            self.bump();
            return if self.peek() == TokenKind::While {
                self.while_statement(label)
            } else {
                self.for_statement(label)
            };
        }
        if let (TokenKind::If | TokenKind::Match | TokenKind::Alloc | TokenKind::BraceOpen, Some(name)) =
            (self.peek_after(1), plain_name(&place))
        {
            return self.refuse_label(&name);
        }
        if plain_name(&place).is_none() {
            let diagnostic =
                Diagnostic::error("E0210", "found a type for something that is no name, expected one for a name")
                    .label(self.source, place.span, "not a plain name")
                    .hint("only a new variable is declared with a type: `x: int = 5`");
            return self.complain(diagnostic);
        }
        let mut highest = self.height;
        self.bump();
        if self.line_ended() {
            let diagnostic = self.unexpected("E0213", "a type");
            return self.complain(diagnostic);
        }
        let declared = Some(self.type_name()?);
        highest = highest.max(self.height);
        let mut value = None;
        if self.take_on_line(TokenKind::Assign) {
            if self.peek() == TokenKind::Star {
                return self.refuse_typed_alias();
            }
            value = Some(self.expression()?);
        }
        self.height = self.height.max(highest);
        Some(StatementKind::Assign { place, declared, value })
    }

    /// `outer: if c { … }`: what stands behind the name is read for its own faults.
    #[inline(never)]
    fn refuse_label(&mut self, name: &Name) -> Option<StatementKind> {
        self.bump();
        // Such a block is no statement without the name, either.
        if self.peek() != TokenKind::BraceOpen {
            let diagnostic = self.unexpected("E0213", "a type or a loop");
            let hint = format!("only loops have names: `{}: while c {{ … }}`", name.text);
            self.complain::<()>(diagnostic.hint(hint));
        }
        self.statement()
    }

    #[inline(never)]
    fn assignment(&mut self, place: Expression) -> Option<StatementKind> {
        self.require_place(&place)?;
        let highest = self.height;
        self.bump();
        let value = Some(self.expression()?);
        self.height = self.height.max(highest);
        Some(StatementKind::Assign { place, declared: None, value })
    }

    /// `a, b = e`.
    #[inline(never)]
    fn several(&mut self, first: Expression) -> Option<StatementKind> {
        let mut highest = self.height;
        let mut places = vec![first];
        while self.take_on_line(TokenKind::Comma) {
            let place = self.expression()?;
            highest = highest.max(self.height);
            self.require_place(&place)?;
            places.push(place);
        }
        if self.line_ended() || self.peek() != TokenKind::Assign {
            let diagnostic = self.unexpected("E0201", "`=`");
            return self.complain(
                diagnostic
                    .hint("several variables are assigned from a tuple, `a, b = f()`; a tuple is written `(a, b)`"),
            );
        }
        self.bump();
        let value = self.expressions()?;
        self.height = self.height.max(highest);
        Some(StatementKind::AssignSeveral { places, value })
    }

    /// An expression, or several with commas between them, which are a tuple. A comma before an arm of a `match` ends it.
    pub(super) fn expressions(&mut self) -> Option<Expression> {
        let first = self.expression()?;
        if self.line_ended() || self.peek() != TokenKind::Comma || self.comma_ends_arm() {
            return Some(first);
        }
        let start = first.span.start();
        let mut highest = self.height;
        let mut elements = vec![first];
        while !self.comma_ends_arm() && self.take_on_line(TokenKind::Comma) {
            elements.push(self.expression()?);
            highest = highest.max(self.height);
        }
        self.grow(highest)?;
        Some(Expression { kind: ExpressionKind::Tuple(elements), span: self.span_from(start) })
    }

    #[inline(never)]
    fn compound_assignment(&mut self, place: Expression, operator: Binary) -> Option<StatementKind> {
        self.require_place(&place)?;
        let highest = self.height;
        let operator_span = self.span();
        self.bump();
        let value = self.expression()?;
        self.height = self.height.max(highest);
        Some(StatementKind::Compound { place, operator, operator_span, value })
    }

    /// `y = *int(0)`.
    #[inline(never)]
    fn alias(&mut self, place: &Expression) -> Option<StatementKind> {
        let Some(name) = plain_name(place) else {
            let diagnostic =
                Diagnostic::error("E0216", "found an alias under something that is no name, expected a name")
                    .label(self.source, place.span, "not a plain name")
                    .hint("an alias is a variable of its own: `y = *int(0)`");
            return self.complain(diagnostic);
        };
        self.bump();
        self.bump();
        let target = self.type_name()?;
        let highest = self.height;
        if !self.continues_with(TokenKind::ParenOpen) {
            let diagnostic = self.unexpected("E0201", "`(`");
            return self.complain(diagnostic.hint("an alias gives the offset of its first byte: `y = *int(0)`"));
        }
        let opening = self.open()?;
        let offset = self.expression();
        let offset = self.close(&opening, offset)?;
        self.height = self.height.max(highest);
        if self.next_operator().is_some() || self.continues_with(TokenKind::Dot) {
            let diagnostic = self.unexpected("E0209", "the end of the statement");
            return self.complain(
                diagnostic.hint("a pointer form is the whole right side: make the alias first, then use it"),
            );
        }
        Some(StatementKind::Alias { name, target, offset })
    }

    fn refuse_typed_alias<T>(&mut self) -> Option<T> {
        let diagnostic = Diagnostic::error("E0216", "found a type before an alias, expected the name alone")
            .label(self.source, self.span(), "the alias has the type that is named here")
            .hint("write it without the type: `y = *int(0)`");
        self.complain(diagnostic)
    }

    /// Whether what is read so far declares or assigns a variable of this name, as far as tokens tell.
    fn is_variable(&self, name: &str) -> bool {
        let begins = |pair: &[Token; 2]| {
            let [variable, sign] = pair;
            matches!(sign.kind, TokenKind::Colon | TokenKind::Assign) && variable.text(self.text) == name
        };
        self.tokens.get(..self.beginning).is_some_and(|read| read.array_windows().any(begins))
    }

    /// Of `x--` at the end of a line, which goes on with the next one, the place that is counted, and the signs.
    fn counted_down(&self, read: &Expression) -> Option<(Span, Span)> {
        let ExpressionKind::Binary(Binary::Sub, sign, operands) = &read.kind else { return None };
        let [counted, behind] = operands.as_ref();
        let second = Span::from(sign.end()..sign.end() + 1);
        let ends_line =
            self.text.get(second.end()..).is_some_and(|rest| rest.trim_start_matches(' ').starts_with('\n'));
        let is_sign = behind.span.start() == second.start() && matches!(behind.kind, ExpressionKind::Unary(..));
        (is_sign && ends_line && is_place(counted)).then(|| (counted.span, sign.to(second)))
    }

    fn require_place(&mut self, place: &Expression) -> Option<()> {
        if is_place(place) {
            return Some(());
        }
        let sign = self.token_text().to_owned();
        let counted = self.counted_down(place);
        let title = format!(
            "found `{sign}` after something that cannot be assigned, expected a variable, a field or an element before it"
        );
        let diagnostic = Diagnostic::error("E0210", title)
            .label(self.source, place.span, "not a variable, a field or an element")
            .also(self.source, self.span(), "assigned here")
            .hint(match &place.kind {
                ExpressionKind::Tuple(_) => "several places stand without parentheses: `a, b = f()`".to_owned(),
                ExpressionKind::Call(word, places) if hints::is_superfluous(&word.text) && places.len() > 1 => {
                    let places = self.text.get(places.first()?.span.to(places.last()?.span).range())?;
                    format!("several places stand without a word and parentheses: `{} = …`", quote(places))
                }
                ExpressionKind::Call(array, index) if index.len() == 1 && self.is_variable(&array.text) => {
                    let index = self.text.get(index.first()?.span.range())?;
                    format!("an element stands in brackets: `{}[{}]`", quote(&array.text), quote(index))
                }
                ExpressionKind::Call(..) => "a result lies nowhere: put it into a variable, and change that".to_owned(),
                ExpressionKind::Slice(..) => "assign the elements one by one, in a loop".to_owned(),
                ExpressionKind::Literal(_) => "a value has no place: only what has a name is assigned".to_owned(),
                _ if let Some((counted, _)) = counted => {
                    let counted = self.text.get(counted.range()).unwrap_or_default();
                    format!("to count down, write `{} -= 1`", quote(counted))
                }
                _ => "`==` compares".to_owned(),
            });
        let diagnostic = match counted {
            Some((counted, signs)) => diagnostic.edit(self.source, counted.after().to(signs), " -= 1"),
            None => diagnostic,
        };
        let diagnostic = match rewritten::for_pointer(self) {
            Some(hint) => diagnostic.hint(hint),
            None => diagnostic,
        };
        self.complain(diagnostic)
    }
}
