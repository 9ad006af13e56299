//! Statements and blocks.

use vega_report::Diagnostic;

use super::expressions::{is_place, plain_name};
use super::operators::{COMPARISON, compound, operator};
use super::{Parser, hints, rewritten};
use crate::ast::{Binary, Block, Expression, ExpressionKind, File, Name, Span, Statement, StatementKind};
use crate::lexer::{Token, TokenKind};

impl Parser<'_> {
    /// `{ … }`.
    #[inline(never)]
    pub(super) fn block(&mut self) -> Option<Block> {
        let opening = self.open()?;
        let mut statements = Vec::new();
        let highest = self.statements_inside(&mut statements, Some(opening.token));
        self.restore(&opening);
        self.close_block(opening.token);
        self.grow(highest)?;
        Some(Block { statements, span: self.span_from(opening.token.span().start()) })
    }

    /// A block of which the `{` is missing, up to its `}`.
    #[inline(never)]
    fn block_without_opening(&mut self) -> Option<Block> {
        let (start, nesting) = (self.span().start(), self.nesting);
        self.enter()?;
        let mut statements = Vec::new();
        let highest = self.statements_inside(&mut statements, None);
        self.nesting = nesting;
        self.take(TokenKind::BraceClose);
        self.grow(highest)?;
        Some(Block { statements, span: self.span_from(start) })
    }

    /// The statements of a block, up to where it ends; gives how high the highest is.
    #[inline(never)]
    fn statements_inside(&mut self, statements: &mut Vec<Statement>, opening: Option<Token>) -> usize {
        let mut highest = 0;
        self.skip_semicolons();
        while !matches!(self.peek(), TokenKind::BraceClose | TokenKind::End)
            && !self.at_new_function()
            && !opening.is_some_and(|opening| self.at_else_of(opening))
        {
            self.statement_to_its_end(statements);
            highest = highest.max(self.height);
        }
        highest
    }

    /// Adds a statement and goes past the `;` after it, or complains and goes past the rest of it. Always moves on.
    #[inline(never)]
    pub(super) fn statement_to_its_end(&mut self, statements: &mut Vec<Statement>) {
        let beginning = self.begin();
        let (start, read) = (self.span().start(), statements.len());
        let mut kind = self.statement();
        let is_read = kind.is_some();
        add(statements, &mut kind, self.span_from(start));
        if !self.end(&beginning, is_read) {
            self.lose(statements, read, &beginning);
        }
        self.skip_semicolons();
    }

    /// Remembers where a statement or a declaration begins.
    pub(super) fn begin(&mut self) -> Beginning {
        self.beginning = self.at;
        Beginning { token: self.at, nesting: self.nesting }
    }

    /// Goes to the end of what has begun, whether it could be read or not; says whether it could as a whole.
    #[inline(never)]
    pub(super) fn end(&mut self, beginning: &Beginning, is_read: bool) -> bool {
        let ended = is_read && self.grow(self.height).is_some() && self.statement_end().is_some();
        if !ended {
            self.lost |= hints::declares(self, beginning.token);
            self.nesting = beginning.nesting;
            self.skip_statement(beginning.token);
        }
        ended
    }

    pub(super) fn skip_semicolons(&mut self) {
        while self.take(TokenKind::Semicolon) {}
    }

    #[inline(never)]
    pub(super) fn statement(&mut self) -> Option<StatementKind> {
        self.height = 1;
        match self.peek() {
            TokenKind::If => self.if_statement(),
            TokenKind::While => self.while_statement(None),
            TokenKind::For => self.for_statement(None),
            TokenKind::Match => self.match_statement(),
            TokenKind::Return => self.return_statement(),
            TokenKind::Free => self.free_statement(),
            TokenKind::Break => self.leave_statement(StatementKind::Break),
            TokenKind::Continue => self.leave_statement(StatementKind::Continue),
            TokenKind::Struct => self.inner_struct(),
            TokenKind::Const => self.inner_constant(),
            TokenKind::Fn | TokenKind::Pub | TokenKind::Import | TokenKind::Extern => self.refuse_inner_declaration(),
            TokenKind::BraceOpen => self.refuse_bare_block(),
            TokenKind::Else => self.refuse_else(),
            TokenKind::ParenClose | TokenKind::BracketClose => self.refuse_stray_close(),
            _ => self.assignment_or_expression(),
        }
    }

    #[inline(never)]
    fn inner_struct(&mut self) -> Option<StatementKind> {
        self.structure(false).map(StatementKind::Struct)
    }

    #[inline(never)]
    fn inner_constant(&mut self) -> Option<StatementKind> {
        self.constant(false).map(StatementKind::Constant)
    }

    /// `break`, `continue`, and the name of the loop if one is given.
    #[inline(never)]
    fn leave_statement(&mut self, statement: fn(Option<Name>) -> StatementKind) -> Option<StatementKind> {
        self.bump();
        let is_named = self.continues_with(TokenKind::Name);
        let label = if is_named { Some(self.name("the name of a loop")?) } else { None };
        Some(statement(label))
    }

    /// The block after the head of a statement, on its line or the next. Without it, the head makes no statement.
    pub(super) fn block_after_head(&mut self) -> Option<Block> {
        if self.peek() == TokenKind::BraceOpen {
            return self.block();
        }
        self.refuse_missing_block();
        self.skip_to_block();
        if self.peek() == TokenKind::BraceOpen {
            self.block();
            return None;
        }
        if self.closes_below() { self.block_without_opening() } else { None }
    }

    #[inline(never)]
    fn refuse_missing_block(&mut self) {
        let diagnostic = self.unexpected("E0201", "`{`");
        let begins_function = |token: &Token| matches!(token.kind, TokenKind::Fn | TokenKind::Pub);
        let diagnostic = match diagnostic.hint {
            _ if self.continues_with(TokenKind::Assign)
                && self.tokens.get(self.beginning).is_some_and(begins_function) =>
            {
                diagnostic.hint("the body of a function stands between `{` and `}`")
            }
            None if !self.continues_with(TokenKind::Assign) => diagnostic.hint("the block stands between `{` and `}`"),
            _ if self.continues_with(TokenKind::Assign) => match self.peek_after(1) {
                // `=<`, `=!`: the hint says in which order.
                TokenKind::Less | TokenKind::Bang => diagnostic,
                _ if hints::assigns_in_while(self) => diagnostic,
                // `a == b == c` would be a chain.
                _ if self.compares_on_line() => diagnostic,
                _ => diagnostic.edit(self.source, self.span(), "=="),
            },
            _ => diagnostic,
        };
        self.complain::<()>(diagnostic);
    }

    /// Whether a comparison stands on the line of the `=` that is looked at.
    fn compares_on_line(&self) -> bool {
        let is_comparison = |token: &Token| matches!(operator(token.kind), Some((_, COMPARISON)));
        let (before, behind) = self.tokens.split_at_checked(self.at).unwrap_or_default();
        let first = before.iter().rposition(|token| token.starts_line()).unwrap_or_default();
        let on_line = behind.iter().take_while(|token| !token.starts_line());
        before.iter().skip(first).chain(on_line).any(is_comparison)
    }

    /// A condition and its block.
    #[inline(never)]
    fn arm(&mut self) -> Option<(Expression, Block)> {
        let condition = self.head();
        let highest = self.height;
        let before_block = self.previous();
        let block = self.block_after_head();
        self.height = self.height.max(highest);
        self.refuse_bare_struct_literal(before_block)?;
        condition.zip(block)
    }

    #[inline(never)]
    fn if_statement(&mut self) -> Option<StatementKind> {
        let mut arms = Vec::new();
        let mut otherwise = None;
        let mut complete = true;
        let mut highest = 0;
        loop {
            self.bump(); // the `if`
            let arm = self.arm();
            complete &= arm.is_some();
            arms.extend(arm);
            highest = highest.max(self.height);
            if self.at_else_if_in_one_word() {
                let title = format!("found the name `{}`, expected `else`", self.token_text());
                let diagnostic = Diagnostic::error("E0202", title).label(self.source, self.span(), "expected `else`");
                self.complain::<()>(diagnostic.hint("write `else if`").edit(self.source, self.span(), "else if"));
                complete = false;
                continue;
            }
            if !self.take(TokenKind::Else) {
                break;
            }
            if self.peek() != TokenKind::If {
                otherwise = self.block_after_head();
                complete &= otherwise.is_some();
                highest = highest.max(self.height);
                break;
            }
        }
        self.height = highest;
        complete.then_some(StatementKind::If { arms, otherwise })
    }

    /// `elif c {` behind the block of an `if`, on its line or the next.
    fn at_else_if_in_one_word(&self) -> bool {
        self.peek() == TokenKind::Name
            && hints::ELSE_IF.contains(&self.token_text())
            && self.tokens.get(self.at + 1).is_some_and(|next| !next.starts_line())
            && !matches!(
                self.peek_after(1),
                TokenKind::Assign | TokenKind::Colon | TokenKind::Dot | TokenKind::BracketOpen
            )
    }

    #[inline(never)]
    fn while_statement(&mut self, label: Option<Name>) -> Option<StatementKind> {
        self.bump();
        self.arm().map(|(condition, body)| StatementKind::While { label, condition, body })
    }

    #[inline(never)]
    fn for_statement(&mut self, label: Option<Name>) -> Option<StatementKind> {
        self.bump();
        let head = self.for_head();
        if head.is_none() {
            self.skip_to_block();
        }
        let highest = self.height;
        let before_block = self.previous();
        let body = self.block_after_head();
        self.height = self.height.max(highest);
        self.refuse_bare_struct_literal(before_block)?;
        let (variable, whole_or_start, end) = head?;
        let body = body?;
        Some(match end {
            Some(end) => StatementKind::For { label, variable, start: whole_or_start, end, body },
            None => StatementKind::Each { label, variable, whole: whole_or_start, body },
        })
    }

    #[inline(never)]
    fn for_head(&mut self) -> Option<(Name, Expression, Option<Expression>)> {
        if self.peek() == TokenKind::ParenOpen {
            let diagnostic = self.unexpected("E0201", "the name of the loop variable");
            let meant = rewritten::for_loop_of_c(self);
            let hint =
                meant.unwrap_or_else(|| "a loop is written `for i in 0..10 { … }`, without parentheses".to_owned());
            self.complain::<()>(diagnostic.hint(hint));
            self.bump();
            self.skip_past_close(TokenKind::ParenClose);
            return None;
        }
        let variable = self.name("the name of the loop variable")?;
        if self.peek() == TokenKind::Comma {
            let diagnostic = self.unexpected("E0201", "`in`");
            return self
                .complain(diagnostic.hint("a loop has one variable: count, `for i in 0..len(a)`, and take `a[i]`"));
        }
        self.expect(TokenKind::In, "a loop is written `for i in 0..10 { … }`")?;
        let first = self.head()?;
        // A `:` stands where the block should begin.
        if self.continues_with(TokenKind::BraceOpen) || self.continues_with(TokenKind::Colon) {
            return Some((variable, first, None));
        }
        let highest = self.height;
        self.expect(
            TokenKind::DotDot,
            "a loop runs over a range or a view: `for i in 0..10 { … }`, `for x in a { … }`",
        )?;
        let end = self.head()?;
        self.height = self.height.max(highest);
        Some((variable, first, Some(end)))
    }

    #[inline(never)]
    fn return_statement(&mut self) -> Option<StatementKind> {
        self.bump();
        let ends = match self.peek() {
            TokenKind::Comma => self.in_arm,
            kind => matches!(kind, TokenKind::Semicolon | TokenKind::BraceClose | TokenKind::End),
        };
        if ends || self.line_ended() {
            return Some(StatementKind::Return(None));
        }
        Some(StatementKind::Return(Some(self.expressions()?)))
    }

    #[inline(never)]
    fn free_statement(&mut self) -> Option<StatementKind> {
        const HINT: &str = "a variable is freed by `free(x)`";
        self.bump();
        if !self.continues_with(TokenKind::ParenOpen) {
            let diagnostic = self.unexpected("E0201", "`(`");
            return self.complain(diagnostic.hint(HINT));
        }
        let opening = self.open()?;
        let mut freed = self.name("the name of a variable");
        if freed.is_some() && matches!(self.peek(), TokenKind::Dot | TokenKind::BracketOpen) {
            let diagnostic = self.unexpected("E0201", "`)`");
            freed = self.complain(diagnostic.hint("only a whole variable can be freed, no part of one"));
        }
        self.close(&opening, freed).map(StatementKind::Free)
    }

    #[inline(never)]
    fn assignment_or_expression(&mut self) -> Option<StatementKind> {
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
    fn expressions(&mut self) -> Option<Expression> {
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

    fn require_place(&mut self, place: &Expression) -> Option<()> {
        if is_place(place) {
            return Some(());
        }
        let sign = self.token_text().to_owned();
        let title = format!(
            "found `{sign}` after something that cannot be assigned, expected a variable, a field or an element before it"
        );
        let diagnostic = Diagnostic::error("E0210", title)
            .label(self.source, place.span, "not a variable, a field or an element")
            .also(self.source, self.span(), "assigned here")
            .hint(match place.kind {
                ExpressionKind::Tuple(_) => "several places stand without parentheses: `a, b = f()`",
                ExpressionKind::Call(..) => "a result lies nowhere: put it into a variable, and change that",
                ExpressionKind::Slice(..) => "assign the elements one by one, in a loop",
                ExpressionKind::Literal(_) => "a value has no place: only what has a name is assigned",
                _ => "`==` compares",
            });
        let diagnostic = match rewritten::for_pointer(self) {
            Some(hint) => diagnostic.hint(hint),
            None => diagnostic,
        };
        self.complain(diagnostic)
    }

    /// Sees that nothing more stands on the line.
    fn statement_end(&mut self) -> Option<()> {
        if self.starts_line() || matches!(self.peek(), TokenKind::Semicolon | TokenKind::BraceClose | TokenKind::End) {
            return Some(());
        }
        match self.peek() {
            TokenKind::ParenClose | TokenKind::BracketClose => self.refuse_stray_close(),
            kind if kind == TokenKind::Assign || compound(kind).is_some() => {
                let diagnostic = self.unexpected("E0215", "the end of the statement");
                self.complain(diagnostic.hint(match self.peek_after(1) {
                    TokenKind::Less => hints::ORDER,
                    _ => "an assignment has no value: write one assignment a line; `==` compares",
                }))
            }
            TokenKind::Else => self.refuse_else(),
            kind => {
                // Behind a word that begins no declaration here, one is lost.
                self.lost |= matches!(kind, TokenKind::Fn | TokenKind::Struct | TokenKind::Const);
                let diagnostic = self.unexpected("E0202", "the end of the statement");
                let hint = diagnostic
                    .hint
                    .clone()
                    .unwrap_or_else(|| "begin a new line, or write `;` between the statements".to_owned());
                self.complain(diagnostic.hint(hint))
            }
        }
    }

    /// Whether a function begins here so far left that the block around it must have lost its `}`.
    pub(super) fn at_new_function(&self) -> bool {
        let start = self.span().start();
        let first_column = self.text.get(..start).is_some_and(|before| before.is_empty() || before.ends_with('\n'));
        matches!(self.peek(), TokenKind::Fn | TokenKind::Pub) && first_column
    }

    /// Moves past the `}` of a block, or complains.
    #[inline(never)]
    pub(super) fn close_block(&mut self, opening: Token) {
        if self.peek() == TokenKind::BraceClose {
            self.bump();
            return;
        }
        let mut diagnostic = self.never_closed(opening);
        if let Some((open, close)) = self.misindented_after(opening) {
            diagnostic = diagnostic.also(self.source, open.span(), "this may be the one that lacks its `}`").also(
                self.source,
                close.span(),
                "closes it, with a different indentation",
            );
        }
        self.complain::<()>(diagnostic);
    }

    /// The first block behind a bracket whose `}` is not indented as its beginning: a suspect when the bracket is never
    /// closed.
    fn misindented_after(&self, opening: Token) -> Option<(Token, Token)> {
        let read = self.tokens.get(..self.at).unwrap_or_default();
        let first = read.partition_point(|token| token.span().start() <= opening.span().start());
        let mut open = Vec::new();
        for &token in read.get(first..)? {
            match token.kind {
                TokenKind::BraceOpen => open.push(token),
                TokenKind::BraceClose => {
                    let opened = open.pop()?;
                    if self.is_misindented(opened, token) {
                        return Some((opened, token));
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Whether a `}` that begins its line stands further left or right than the line that its block began on.
    fn is_misindented(&self, opening: Token, close: Token) -> bool {
        close.starts_line() && self.indentation(opening) != self.indentation(close)
    }

    /// How far the line of a token stands to the right.
    pub(super) fn indentation(&self, token: Token) -> usize {
        let before = self.text.get(..token.span().start()).unwrap_or("");
        let line = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.text.get(line..).unwrap_or("");
        line.len() - line.trim_start_matches([' ', '\t']).len()
    }

    /// Whether the lines behind a head without `{` stand further to the right than it does, up to a `}` just beneath it.
    fn closes_below(&self) -> bool {
        let Some(head) = self.previous().map(|token| self.indentation(token)) else { return false };
        let mut open = 0_usize;
        for &token in self.tokens.get(self.at..).unwrap_or_default() {
            if open == 0 && token.starts_line() {
                match self.indentation(token) {
                    below if below == head => return token.kind == TokenKind::BraceClose,
                    below if below < head => return false,
                    _ => {}
                }
            }
            match token.kind {
                TokenKind::BraceOpen => open += 1,
                // One too many may belong to a head further down that lacks its `{`, too.
                TokenKind::BraceClose => open = open.saturating_sub(1),
                _ => {}
            }
        }
        false
    }

    /// Whether an `else` stands where that of the block which a bracket opens would, if it were closed.
    fn at_else_of(&self, opening: Token) -> bool {
        let Some(token) = self.tokens.get(self.at).filter(|token| token.kind == TokenKind::Else && token.starts_line())
        else {
            return false;
        };
        let behind = self.tokens.partition_point(|token| token.span().start() <= opening.span().start());
        let line = self.tokens.get(..behind).unwrap_or_default();
        let first = line.iter().rfind(|token| token.starts_line()).or(line.first());
        let is_arm = |first: &Token| matches!(first.kind, TokenKind::If | TokenKind::Else | TokenKind::BraceClose);
        first.is_some_and(is_arm) && self.indentation(opening) == self.indentation(*token)
    }

    /// After `if p == point { x = 1 } {`, of which the condition ended too early.
    fn refuse_bare_struct_literal(&mut self, before_block: Option<Token>) -> Option<()> {
        let after_name = before_block.filter(|token| token.kind == TokenKind::Name);
        let Some(name) = after_name.filter(|_| self.continues_with(TokenKind::BraceOpen)) else { return Some(()) };
        let diagnostic =
            Diagnostic::error("E0211", "found a struct literal before a block, expected it in parentheses")
                .label(self.source, name.span(), "its `{` is taken for that of the block")
                .hint(format!("write `({} {{ … }})`", vega_report::quote(name.text(self.text))));
        self.complain::<()>(diagnostic);
        self.block();
        None
    }

    #[inline(never)]
    fn refuse_bare_block<T>(&mut self) -> Option<T> {
        let brace = self.span();
        // What is inside comes first, so that a limit reached there is the only complaint.
        self.block()?;
        let diagnostic = Diagnostic::error("E0207", "found a block by itself, expected a statement")
            .label(self.source, brace, "no statement that this belongs to")
            .hint(
                "memory of its own is `alloc 64 { … }`; a block follows `if`, `else`, `while`, `for`, `fn` or `alloc`",
            );
        self.complain(diagnostic)
    }

    #[inline(never)]
    fn refuse_else<T>(&mut self) -> Option<T> {
        let diagnostic = Diagnostic::error("E0217", "found `else` without an `if` before it").label(
            self.source,
            self.span(),
            "belongs to nothing",
        );
        let kind = |token: Option<&Token>| token.map(|token| token.kind);
        let before = |tokens: usize| self.at.checked_sub(tokens).and_then(|at| self.tokens.get(at));
        let ended = before(1).filter(|_| kind(before(2)) == Some(TokenKind::BraceClose));
        self.complain(match ended.filter(|token| token.kind == TokenKind::Semicolon) {
            Some(semicolon) => diagnostic
                .also(self.source, semicolon.span(), "ends the statement")
                .hint("remove the `;` before it")
                .edit(self.source, semicolon.span(), ""),
            None => diagnostic.hint("`else` stands on the line of the `}` that ends the `if`, or on the next"),
        })
    }

    #[inline(never)]
    pub(super) fn refuse_stray_close<T>(&mut self) -> Option<T> {
        let found = self.token_text().to_owned();
        let diagnostic = Diagnostic::error("E0204", format!("found `{found}`, which closes nothing"))
            .label(self.source, self.span(), "no bracket is open that this could close")
            .hint("remove it, or add the opening bracket");
        self.complain(diagnostic)
    }

    #[inline(never)]
    fn refuse_inner_declaration<T>(&mut self) -> Option<T> {
        let found = self.token_text().to_owned();
        let diagnostic = Diagnostic::error(
            "E0208",
            format!("found `{found}` inside a block, expected it at the top level of the file"),
        )
        .label(self.source, self.span(), "not inside a block")
        .hint(hints::INNER_DECLARATION);
        self.complain::<()>(diagnostic);
        self.declaration_in(&mut File::default());
        self.lost = true;
        None
    }
}

/// Adds a statement, if it could be read. Takes it out of its place, so that the caller keeps one copy on the stack.
#[inline(never)]
fn add(statements: &mut Vec<Statement>, kind: &mut Option<StatementKind>, span: Span) {
    if let Some(kind) = kind.take() {
        statements.push(Statement { kind, span });
    }
}

/// Where a statement or a declaration begins, and how deep.
pub(super) struct Beginning {
    pub(super) token: usize,
    pub(super) nesting: usize,
}
