//! Statements and blocks: where execution goes, and what ends where a block is left.

use super::assign::Source;
use super::convert::Reason;
use super::scope::ScopeKind;
use super::{Checker, Expected};
use crate::ast::{self, Span, StatementKind};
use crate::checked::{Block, Kind, Statement, Type};
use vega_format::types::Tag;

impl Checker<'_> {
    /// The statements of a block whose last line may be its value. The caller opens and closes the scope.
    pub(super) fn statements(&mut self, statements: &[ast::Statement], end: &Span, wanted: Expected) -> Block {
        let structs = self.hidden_structs.len();
        let mut block = Block { end: end.end.saturating_sub(1).max(end.start)..end.end, ..Block::default() };
        let last = statements.len().saturating_sub(1);
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
                        block.statements.push((statement.span.clone(), checked));
                    }
                }
            }
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
                    _ => self.coerce(checked, type_, &Reason::new(format!("the result is `{}`", self.show(type_)))),
                }
            }
            _ => {
                let checked = self.line(expression, None);
                self.settle(checked)
            }
        };
        match value.type_ {
            Type::Nothing | Type::Never => {
                block.statements.push((expression.span.clone(), Statement::Evaluate(value)));
            }
            // The result of a script is printed; what is no single value is printed here.
            Type::Stencil(_) | Type::View(_) if wanted == Expected::Anything && self.scopes.arenas() == 0 => {
                let printed = self.print_line(value);
                block.statements.push((expression.span.clone(), Statement::Evaluate(printed)));
            }
            _ => block.value = Some(Box::new(value)),
        }
    }

    /// A block of its own scope, without a value.
    fn inner_block(&mut self, block: &ast::Block, kind: ScopeKind) -> Block {
        self.scopes.open(kind);
        self.block_in_scope(block)
    }

    fn block_in_scope(&mut self, block: &ast::Block) -> Block {
        let checked = self.statements(&block.statements, &block.span, Expected::Nothing);
        Block { exits: self.scopes.close(), ..checked }
    }

    fn statement(&mut self, statement: &ast::Statement) -> Option<Statement> {
        let span = &statement.span;
        match &statement.kind {
            StatementKind::Assign { place, declared, value } => {
                self.assign(place, declared.as_ref(), value.as_ref().map(Source::Written), span)
            }
            StatementKind::AssignSeveral { places, value } => self.assign_several(places, value, span),
            StatementKind::Compound { place, operator, operator_span, value } => {
                self.compound(place, *operator, operator_span, value, span)
            }
            StatementKind::Alias { name, target, offset } => self.alias(name, target, offset, span),
            StatementKind::Free(name) => self.free(name),
            StatementKind::If { arms, otherwise } => Some(self.branches(arms, otherwise.as_ref())),
            StatementKind::While(condition, body) => Some(self.while_loop(condition, body)),
            StatementKind::For { variable, start, end, body } => Some(self.for_loop(variable, start, end, body)),
            StatementKind::Break => self.leave(span, "break"),
            StatementKind::Continue => self.leave(span, "continue"),
            StatementKind::Return(value) => self.return_statement(value.as_ref(), span),
            StatementKind::Struct(declaration) => {
                self.declare_inner_struct(declaration);
                None
            }
            StatementKind::Expression(expression) => {
                let checked = self.line(expression, None);
                self.warn_unused(expression, &checked);
                if let (Kind::Call(function, _), true) = (&checked.kind, checked.type_ != Type::Nothing) {
                    self.dropped.push((*function, expression.span.clone()));
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
        for (condition, block) in arms {
            let condition = self.condition(condition);
            let (mark, diverged) = (self.scopes.mark(), self.scopes.diverged);
            let block = self.inner_block(block, ScopeKind::Branch);
            paths.extend(self.scopes.rewind(mark));
            self.scopes.diverged = diverged;
            checked.push((condition, block));
        }
        let diverged = self.scopes.diverged;
        let otherwise = otherwise.map(|block| {
            let mark = self.scopes.mark();
            let block = self.inner_block(block, ScopeKind::Branch);
            paths.extend(self.scopes.rewind(mark));
            block
        });
        if otherwise.is_none() && !diverged {
            paths.push(Vec::new());
        }
        self.scopes.diverged = paths.is_empty();
        self.scopes.join(paths);
        Statement::If { arms: checked, otherwise }
    }

    fn while_loop(&mut self, condition: &ast::Expression, body: &ast::Block) -> Statement {
        let condition = self.condition(condition);
        let endless = matches!(condition.kind, Kind::Constant(Tag::Bool, 1));
        let before = self.scopes.diverged;
        self.scopes.enter_loop();
        self.scopes.open(ScopeKind::Loop);
        let body = self.block_in_scope(body);
        self.end_of_turn();
        self.scopes.leave_loop(endless);
        self.scopes.diverged |= before;
        Statement::While { condition, body }
    }

    fn for_loop(
        &mut self,
        variable: &ast::Name,
        start: &ast::Expression,
        end: &ast::Expression,
        body: &ast::Block,
    ) -> Statement {
        let range = self.range(start, end);
        let tag = range.as_ref().map_or(Tag::Int, |(_, _, tag)| *tag);
        let before = self.scopes.diverged;
        self.scopes.enter_loop();
        self.scopes.open(ScopeKind::Loop);
        let binding =
            self.scopes.declare_cell(&variable.text, Type::Scalar(tag), "loop variable", variable.span.clone());
        let body = self.block_in_scope(body);
        self.end_of_turn();
        self.scopes.leave_loop(false);
        self.scopes.diverged |= before;
        match range {
            Ok((start, end, tag)) => Statement::For { binding, tag, start, end, body },
            Err(unfinished) => Statement::Evaluate(unfinished),
        }
    }

    /// A turn of the innermost loop ends here: what lives outside must live on.
    fn end_of_turn(&mut self) {
        if self.scopes.diverged {
            return;
        }
        for (id, gone) in self.scopes.freed_in_loop() {
            let Some(variable) = self.scopes.variable(id) else { continue };
            let name =
                self.scopes.slots.get(usize::from(variable.slot)).map(|(_, name)| name.clone()).unwrap_or_default();
            let declared = variable.span.clone();
            let diagnostic = self
                .error(
                    "E0512",
                    &gone.span,
                    format!("`{name}` is freed inside a loop"),
                    "the next turn would find it gone",
                )
                .also(self.source, declared, "it lives outside of the loop")
                .hint("leave the loop behind `free`, or assign the variable inside of the loop");
            self.complain(diagnostic);
        }
    }

    fn leave(&mut self, span: &Span, word: &str) -> Option<Statement> {
        if !self.scopes.in_loop() {
            let title = format!("`{word}` outside of a loop");
            self.complain(self.error("E0513", span, title, "no loop is around it"));
            return None;
        }
        let exits = self.scopes.exits_to_loop();
        let statement = if word == "break" {
            if !self.scopes.diverged {
                self.scopes.break_loop();
            }
            Statement::Break(exits)
        } else {
            self.end_of_turn();
            Statement::Continue(exits)
        };
        self.scopes.diverged = true;
        Some(statement)
    }

    fn return_statement(&mut self, value: Option<&ast::Expression>, span: &Span) -> Option<Statement> {
        let arenas = self.scopes.arenas();
        let checked = match (self.result, value) {
            (Expected::Value(type_), Some(value)) => {
                let reason = Reason::new(format!("the result is `{}`", self.show(type_)));
                Some(self.value_as(value, type_, &reason))
            }
            (Expected::Value(Type::Error), None) => None,
            (Expected::Value(type_), None) => {
                let title = format!("`return` without a value, and the result is `{}`", self.show(type_));
                self.complain(self.error("E0406", span, title, "a value is wanted here"));
                None
            }
            (Expected::Nothing, Some(value)) => {
                self.expression(value);
                let diagnostic = self
                    .error(
                        "E0419",
                        &value.span,
                        "a value is returned from a function without a result",
                        "no value is wanted",
                    )
                    .hint("declare the result: `fn …(…) -> int`");
                self.complain(diagnostic);
                None
            }
            (Expected::Nothing, None) => None,
            (Expected::Anything, value) => {
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
        self.scopes.diverged = true;
        Some(Statement::Return { value: checked, arenas })
    }
}
