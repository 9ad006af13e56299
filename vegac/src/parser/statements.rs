//! Statements, one after another.

use super::cursor::sign;
use super::operators::compound;
use super::{Parser, hints, rewritten};
use crate::ast::{Block, Expression, File, Name, Span, Statement, StatementKind};
use crate::lexer::{Token, TokenKind};
use vega_report::Diagnostic;

impl Parser<'_> {
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
            TokenKind::Static => self.refuse_inner_static(),
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
            // An `if` behind an `else` begins as one by itself does.
            self.beginning = self.at;
            self.bump();
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
    pub(super) fn while_statement(&mut self, label: Option<Name>) -> Option<StatementKind> {
        self.bump();
        self.arm().map(|(condition, body)| StatementKind::While { label, condition, body })
    }

    #[inline(never)]
    pub(super) fn for_statement(&mut self, label: Option<Name>) -> Option<StatementKind> {
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
        if self.token_text() == "of" {
            let diagnostic = self.unexpected("E0201", sign(TokenKind::In));
            return self.complain(diagnostic.hint("write `in` instead of `of`").edit(self.source, self.span(), "in"));
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
                self.lost |= matches!(kind, TokenKind::Fn | TokenKind::Struct | TokenKind::Const | TokenKind::Import);
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

    /// `static` in a function, which begins a variable elsewhere.
    #[inline(never)]
    fn refuse_inner_static<T>(&mut self) -> Option<T> {
        let title = "found `static` inside a block, expected it at the top level of the file";
        let diagnostic = Diagnostic::error("E0208", title).label(self.source, self.span(), "not inside a block").hint(
            "what lasts as long as the program stands outside of the functions that see it: `static 64 { x = 5 }`",
        );
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
