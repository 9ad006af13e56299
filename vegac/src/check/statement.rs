//! Statements and blocks: where execution goes, and what ends where a block is left.

use super::assign::Source;
use super::certain::decided;
use super::convert::Reason;
use super::narrow::Known;
use super::scope::ScopeKind;
use super::{Checker, Expected};
use crate::ast::{self, Span, StatementKind};
use crate::checked::{Block, Kind, Statement, Type};

impl Checker<'_> {
    /// The statements of a block whose last line may be its value. The caller opens and closes the scope.
    pub(super) fn statements(&mut self, statements: &[ast::Statement], end: Span, wanted: Expected) -> Block {
        let structs = self.hidden_structs.len();
        let mut block =
            Block { end: Span::from(end.end().saturating_sub(1).max(end.start())..end.end()), ..Block::default() };
        let last = statements.len().saturating_sub(1);
        block.statements.reserve_exact(statements.len());
        let mut was_reached = !self.scopes.diverged;
        for (index, statement) in statements.iter().enumerate() {
            if was_reached && self.scopes.diverged {
                self.warn_unreachable(statements, index);
                was_reached = false;
            }
            match &statement.kind {
                StatementKind::Expression(expression) if index == last && wanted != Expected::Nothing => {
                    self.last_line(expression, wanted, &mut block);
                }
                _ => {
                    if let Some(checked) = self.statement(statement) {
                        block.statements.push((statement.span, checked));
                    }
                }
            }
            self.warn_of_slashes(statement);
        }
        self.warn_needless_free(statements);
        self.restore_structs(structs);
        block
    }

    /// The last line of a block that may have a value.
    fn last_line(&mut self, expression: &ast::Expression, wanted: Expected, block: &mut Block) {
        let value = match wanted {
            Expected::Value(type_) => {
                let checked = self.line(expression, Some(type_));
                match checked.type_ {
                    // Its paths end before they come here, or the missing result is told at the end.
                    Type::Nothing | Type::Never => checked,
                    _ => {
                        let words = |wanted: &str| format!("the result is `{wanted}`");
                        let reason = Reason::new(&words);
                        let value = self.coerce(checked, type_, &reason);
                        self.result_stands(value)
                    }
                }
            }
            Expected::Adapted(type_) => {
                let checked = self.line(expression, Some(type_));
                let words = |wanted: &str| format!("the value of the block is to be `{wanted}`");
                self.adapted(checked, Some(type_), &Reason::new(&words))
            }
            Expected::Anything | Expected::Nothing => {
                let checked = self.line(expression, None);
                self.settle(checked)
            }
        };
        match value.type_ {
            Type::Nothing | Type::Never => {
                block.statements.push((expression.span, Statement::Evaluate(value)));
            }
            // The result of a script is printed; what is no single value is printed here.
            Type::Stencil(_) | Type::View(_) if wanted == Expected::Anything && self.scopes.arenas() == 0 => {
                let printed = self.print_line(value);
                block.statements.push((expression.span, Statement::Evaluate(printed)));
            }
            _ => block.value = Some(Box::new(value)),
        }
    }

    /// A block of its own scope, without a value.
    fn inner_block(&mut self, block: &ast::Block, kind: ScopeKind) -> Block {
        self.scopes.open(kind);
        self.block_in_scope(block)
    }

    pub(super) fn block_in_scope(&mut self, block: &ast::Block) -> Block {
        let checked = self.statements(&block.statements, block.span, Expected::Nothing);
        Block { exits: self.scopes.close(), ..checked }
    }

    fn statement(&mut self, statement: &ast::Statement) -> Option<Statement> {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Assign { place, declared, value } => {
                self.assign(place, declared.as_ref(), value.as_ref().map(Source::Written), span)
            }
            StatementKind::AssignSeveral { places, value } => self.assign_several(places, value, span),
            StatementKind::Compound { place, operator, operator_span, value } => {
                self.compound(place, *operator, *operator_span, value, span)
            }
            StatementKind::Alias { name, target, offset } => self.alias(name, target, offset, span),
            StatementKind::Free(name) => self.free(name),
            StatementKind::If { arms, otherwise } => Some(self.branches(arms, otherwise.as_ref())),
            StatementKind::Match { value, arms } => self.choice(value, arms, span),
            StatementKind::While { label, condition, body } => Some(self.while_loop(label.as_ref(), condition, body)),
            StatementKind::For { label, variable, start, end, body } => {
                Some(self.for_loop(label.as_ref(), variable, start, end, body))
            }
            StatementKind::Each { label, variable, whole, body } => {
                self.each_loop(label.as_ref(), variable, whole, body)
            }
            StatementKind::Break(label) => self.leave(label.as_ref(), span, "break"),
            StatementKind::Continue(label) => self.leave(label.as_ref(), span, "continue"),
            StatementKind::Constant(declaration) => {
                self.declare_constant(declaration);
                None
            }
            StatementKind::Return(value) => self.return_statement(value.as_ref(), span),
            StatementKind::Struct(declaration) => {
                self.declare_inner_struct(declaration);
                None
            }
            StatementKind::Lost(names) => {
                self.scopes.lose(names);
                self.leave_counted(0);
                None
            }
            StatementKind::Expression(expression) => {
                let checked = self.line(expression, None);
                self.warn_unused(expression, &checked);
                if let (Kind::Call(function, _), true) = (&checked.kind, checked.type_ != Type::Nothing) {
                    self.dropped.push((*function, expression.span));
                }
                let checked = self.for_effect(checked);
                (checked.type_ != Type::Error).then_some(Statement::Evaluate(checked))
            }
        }
    }

    fn branches(&mut self, arms: &[(ast::Expression, ast::Block)], otherwise: Option<&ast::Block>) -> Statement {
        // A condition frees nothing that is older than itself, but it may leave for good, and then all that follows it
        // does not happen.
        let mut checked = Vec::new();
        let mut paths = Vec::new();
        let mut known = Vec::new();
        let mut is_decided = false;
        for (condition, block) in arms {
            let condition = self.where_sometimes(!checked.is_empty(), |checker| {
                checker.where_unreached(is_decided, |checker| checker.condition(condition))
            });
            let holds = decided(&condition);
            let (mark, diverged) = (self.scopes.mark(), self.scopes.diverged);
            let before = self.known.clone();
            self.learn(&condition, true);
            let block = self.where_unreached(is_decided || holds == Some(false), |checker| {
                checker.inner_block(block, ScopeKind::Branch)
            });
            is_decided |= holds == Some(true);
            paths.extend(self.scopes.rewind(mark));
            let after = std::mem::replace(&mut self.known, before);
            if !self.scopes.diverged {
                known.push(after);
            }
            self.learn(&condition, false);
            self.scopes.diverged = diverged;
            checked.push((condition, block));
        }
        let diverged = self.scopes.diverged;
        let otherwise = otherwise.map(|block| {
            let mark = self.scopes.mark();
            let block = self.where_unreached(is_decided, |checker| checker.inner_block(block, ScopeKind::Branch));
            paths.extend(self.scopes.rewind(mark));
            block
        });
        if otherwise.is_none() && !diverged {
            paths.push(Vec::new());
        }
        if !self.scopes.diverged || known.is_empty() {
            known.push(std::mem::take(&mut self.known));
        }
        self.known = Known::meet(known).unwrap_or_default();
        self.scopes.diverged = paths.is_empty();
        self.scopes.join(paths);
        Statement::If { arms: checked, otherwise }
    }

    fn return_statement(&mut self, value: Option<&ast::Expression>, span: Span) -> Option<Statement> {
        let arenas = self.scopes.arenas();
        let checked = match (self.result, value) {
            (Expected::Value(type_), Some(value)) => {
                let words = |wanted: &str| format!("the result is `{wanted}`");
                let reason = Reason::new(&words);
                let value = self.value_as(value, type_, &reason);
                Some(self.result_stands(value))
            }
            (Expected::Value(Type::Error), None) => None,
            (Expected::Value(type_), None) => {
                let title = format!("`return` without a value, and the result is `{}`", self.show(type_));
                self.complain(self.error("E0406", span, title, "a value is wanted here"));
                None
            }
            (Expected::Nothing, Some(value)) => {
                self.unpromised(value);
                None
            }
            (Expected::Nothing, None) => None,
            (Expected::Anything | Expected::Adapted(_), value) => {
                if let Some(value) = value {
                    self.expression(value);
                }
                let diagnostic = self
                    .error("E0514", span, "`return` in a script", "there is no function to return from")
                    .hint("write `fn main() { … }`, or let the last line be the result");
                self.complain(diagnostic);
                None
            }
        };
        self.leave_counted(0);
        self.scopes.diverged = true;
        Some(Statement::Return { value: checked, arenas })
    }
}
