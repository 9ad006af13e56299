//! Blocks: where they begin and end, also where a brace is missing.

use super::operators::{COMPARISON, operator};
use super::{Parser, hints};
use crate::ast::{Block, Statement};
use crate::lexer::{Token, TokenKind};
use vega_report::Diagnostic;

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
        if self.closes_below() { self.block_without_opening() } else { self.block_of_lines() }
    }

    /// A block without braces: the lines that stand further to the right than the head.
    #[inline(never)]
    fn block_of_lines(&mut self) -> Option<Block> {
        let head = self.previous().map(|token| self.indentation(token))?;
        let (first, start, nesting) = (self.at, self.span().start(), self.nesting);
        self.enter()?;
        let (mut statements, mut highest) = (Vec::new(), 0);
        while !matches!(self.peek(), TokenKind::BraceClose | TokenKind::End)
            && self.tokens.get(self.at).is_some_and(|token| self.indentation(*token) > head)
        {
            self.statement_to_its_end(&mut statements);
            highest = highest.max(self.height);
        }
        self.nesting = nesting;
        self.grow(highest)?;
        (self.at > first).then(|| Block { statements, span: self.span_from(start) })
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
    pub(super) fn refuse_bare_struct_literal(&mut self, before_block: Option<Token>) -> Option<()> {
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
    pub(super) fn refuse_bare_block<T>(&mut self) -> Option<T> {
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
}
