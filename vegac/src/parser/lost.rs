//! Statements and declarations that could not be read: what stands in their place, so that the others around them are judged
//! all the same.

use super::Parser;
use super::statements::Beginning;
use crate::ast::{
    Block, Declares, Expression, ExpressionKind, File, Name, Span, Statement, StatementKind, Struct, Unread,
};
use crate::lexer::{self, Token, TokenKind};
use std::collections::BTreeSet;

impl Parser<'_> {
    /// Puts what stands for a statement that could not be read, and whose end was just reached, in the place of what was
    /// read of it. Nothing stands for one that opens or closes blocks beyond itself: all around it may be something else.
    #[inline(never)]
    pub(super) fn lose(&mut self, statements: &mut Vec<Statement>, read: usize, beginning: &Beginning) {
        statements.truncate(read);
        let tokens = self.tokens.get(beginning.token..self.at).unwrap_or_default();
        let Some(first) = tokens.first().filter(|_| is_balanced(tokens)) else { return };
        let (kind, span) = (StatementKind::Lost(names(self.text, tokens)), self.span_of_lost(*first));
        statements.push(Statement { kind, span });
    }

    /// Goes to the end of a declaration that could not be read, and keeps its name. Where that is not known either, or blocks
    /// go beyond it, names may be missing.
    pub(super) fn lose_declaration(&mut self, file: &mut File, beginning: &Beginning) {
        self.nesting = beginning.nesting;
        self.skip_statement(beginning.token);
        let tokens = self.tokens.get(beginning.token..self.at).unwrap_or_default();
        match (self.declared.take().filter(|_| is_balanced(tokens)), tokens.first()) {
            (Some((what, name)), Some(first)) => {
                let span = self.span_of_lost(*first);
                file.unread.push(Unread { what, name, span });
            }
            _ => self.lost = true,
        }
    }

    /// From a token to the end of what could not be read; what is missing may be missing at the token that follows.
    fn span_of_lost(&self, first: Token) -> Span {
        let complained = self.complained_at.and_then(|at| self.tokens.get(at)).map_or(0, |token| token.span().start());
        let start = first.span().start();
        Span::from(start..self.span_from(start).end().max(complained))
    }
}

/// Takes out of a tree the statements and the structs in which something is wrong, and keeps their names; gives the faults, in
/// order, that are outside of what was taken out and of declarations that could not be read. `faults` are where something is
/// wrong with the text, `tokens` those of the text.
pub fn settle(file: &mut File, text: &str, tokens: &[Token], faults: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let mut settling = Settling { text, tokens, faults: faults.into_iter().collect() };
    for function in &mut file.functions {
        settling.block(&mut function.body);
    }
    file.statements.iter_mut().for_each(|statement| settling.statement(statement));
    let unread = file.structs.extract_if(.., |one| settling.has_fault(one.span) && !settling.declares_more(one));
    file.unread.extend(unread.map(|Struct { name, span, .. }| Unread { what: Declares::Struct, name, span }));
    file.unread.iter().for_each(|unread| settling.account_for(unread.span));
    settling.faults.into_iter().collect()
}

struct Settling<'a> {
    text: &'a str,
    tokens: &'a [Token],
    /// Those that no statement accounts for so far.
    faults: BTreeSet<usize>,
}

impl Settling<'_> {
    fn block(&mut self, block: &mut Block) {
        block.statements.iter_mut().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &mut Statement) {
        let is_lost = matches!(statement.kind, StatementKind::Lost(_));
        if !is_lost && self.has_fault(statement.span) {
            each_block(&mut statement.kind, |block| self.block(block));
            if self.has_fault(statement.span) {
                statement.kind = StatementKind::Lost(names(self.text, self.tokens_in(statement.span)));
            }
        }
        if matches!(statement.kind, StatementKind::Lost(_)) {
            self.account_for(statement.span);
        }
    }

    /// Takes the faults out that are in a part of the text.
    fn account_for(&mut self, span: Span) {
        let settled: Vec<usize> = self.faults.range(span.start()..=span.end()).copied().collect();
        settled.iter().for_each(|fault| _ = self.faults.remove(fault));
    }

    /// The tokens that begin in a part of the text.
    fn tokens_in(&self, span: Span) -> &[Token] {
        let [first, end] =
            [span.start(), span.end()].map(|place| self.tokens.partition_point(|token| token.span().start() < place));
        self.tokens.get(first..end).unwrap_or_default()
    }

    /// Whether functions stand in a struct, whose names nobody knows.
    fn declares_more(&self, one: &Struct) -> bool {
        self.tokens_in(one.span).iter().any(|token| token.kind == TokenKind::Fn)
    }

    fn has_fault(&self, span: Span) -> bool {
        self.faults.range(span.start()..=span.end()).next().is_some()
    }
}

/// Every block that a statement consists of, beside its head.
fn each_block(statement: &mut StatementKind, mut see: impl FnMut(&mut Block)) {
    match statement {
        StatementKind::If { arms, otherwise } => {
            arms.iter_mut().for_each(|(_, block)| see(block));
            otherwise.iter_mut().for_each(see);
        }
        StatementKind::Match { arms, .. } => arms.iter_mut().for_each(|arm| see(&mut arm.body)),
        StatementKind::While { body, .. } | StatementKind::For { body, .. } | StatementKind::Each { body, .. } => {
            see(body)
        }
        StatementKind::Expression(Expression { kind: ExpressionKind::Alloc(_, block), .. }) => see(block),
        _ => {}
    }
}

/// The names among tokens that may be those of variables: not of functions that are called, nor of fields.
fn names(text: &str, tokens: &[Token]) -> Vec<Name> {
    let kind = |place: usize| tokens.get(place).map(|token| token.kind);
    let is_variable = |(place, token): &(usize, &Token)| {
        let is_field = place.checked_sub(1).is_some_and(|before| kind(before) == Some(TokenKind::Dot));
        token.kind == TokenKind::Name && !is_field && kind(place + 1) != Some(TokenKind::ParenOpen)
    };
    let names = tokens.iter().enumerate().filter(is_variable);
    names.map(|(_, token)| Name { text: lexer::name(token.text(text)), span: token.span() }).collect()
}

/// Whether every block that begins among tokens ends there, and none else.
fn is_balanced(tokens: &[Token]) -> bool {
    let depth = tokens.iter().try_fold(0_usize, |depth, token| match token.kind {
        TokenKind::BraceOpen => Some(depth + 1),
        TokenKind::BraceClose => depth.checked_sub(1),
        _ => Some(depth),
    });
    depth == Some(0)
}
