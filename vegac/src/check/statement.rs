//! Statements and blocks: where execution goes, and what ends where a block is left.

use super::convert::Reason;
use super::scope::ScopeKind;
use super::{Checker, Expected};
use crate::ast::{self, Span, StatementKind};
use crate::checked::{Block, Expression, Kind, Statement, Type};
use vega_format::types::Tag;

impl Checker {
    /// The statements of a block whose last line may be its value. The caller opens and closes the scope.
    pub(super) fn statements(&mut self, statements: &[ast::Statement], end: &Span, wanted: Expected) -> Block {
        let structs = self.structs.clone();
        let mut block = Block { end: end.end.saturating_sub(1).max(end.start)..end.end, ..Block::default() };
        let last = statements.len().saturating_sub(1);
        for (index, statement) in statements.iter().enumerate() {
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
        if statements.iter().any(|statement| matches!(statement.kind, StatementKind::Struct(_))) {
            self.structs = structs;
        }
        block
    }

    /// The last line of a block that may have a value.
    fn last_line(&mut self, expression: &ast::Expression, wanted: Expected, block: &mut Block) {
        let value = match wanted {
            Expected::Value(type_) => {
                let checked = self.expression_for(expression, Some(type_));
                match checked.type_ {
                    // Its paths end before they come here, or the missing result is told at the end.
                    Type::Nothing | Type::Never => checked,
                    _ => self.coerce(checked, type_, &Reason::new(format!("the result is `{}`", self.show(type_)))),
                }
            }
            _ => {
                let checked = self.expression(expression);
                self.settle(checked)
            }
        };
        match value.type_ {
            Type::Nothing | Type::Never => {
                block.statements.push((expression.span.clone(), Statement::Evaluate(value)));
            }
            Type::Stencil(_) | Type::View(_) if wanted == Expected::Anything && self.scopes.arenas() == 0 => {
                let title = format!("the result of the program is `{}`", self.show(value.type_));
                let diagnostic = self.error("E0415", &value.span, title, "it cannot be printed");
                self.complain(diagnostic.hint("print its parts"));
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
                self.assign(place, declared.as_ref(), value.as_ref(), span)
            }
            StatementKind::Compound { place, operator, operator_span, value } => {
                self.compound(place, *operator, operator_span, value, span)
            }
            StatementKind::Alias { name, target, offset } => self.alias(name, target, offset),
            StatementKind::Free(name) => self.free(name),
            StatementKind::If { arms, otherwise } => Some(self.branches(arms, otherwise.as_ref())),
            StatementKind::While(condition, body) => Some(self.while_loop(condition, body)),
            StatementKind::For { variable, start, end, body } => Some(self.for_loop(variable, start, end, body)),
            StatementKind::Break => self.leave(span, "break"),
            StatementKind::Continue => self.leave(span, "continue"),
            StatementKind::Return(value) => self.return_statement(value.as_ref(), span),
            StatementKind::Struct(declaration) => {
                self.declare_struct(declaration);
                None
            }
            StatementKind::Expression(expression) => {
                let checked = self.expression(expression);
                let checked = self.settle(checked);
                (checked.type_ != Type::Error).then(|| self.for_effect(checked))
            }
        }
    }

    /// A struct or array has no cells to drop: reading it for its effect alone does nothing.
    fn for_effect(&mut self, expression: Expression) -> Statement {
        match (&expression.kind, expression.type_) {
            (Kind::Load(_), Type::Stencil(_)) => Statement::Evaluate(Expression {
                kind: Kind::Sequence(Vec::new()),
                type_: Type::Nothing,
                span: expression.span,
            }),
            (Kind::Leaves(leaves), _) => Statement::Evaluate(Expression {
                kind: Kind::Sequence(leaves.iter().map(|(_, _, leaf)| leaf.clone()).collect()),
                type_: Type::Nothing,
                span: expression.span,
            }),
            _ => Statement::Evaluate(expression),
        }
    }

    fn branches(&mut self, arms: &[(ast::Expression, ast::Block)], otherwise: Option<&ast::Block>) -> Statement {
        // A condition is computed when all those before it were false, and so is whatever it frees; since only what
        // an `alloc` block inside a condition does could matter, all arms are taken to start from the same state.
        let mut checked = Vec::new();
        let mut paths = Vec::new();
        let before = self.scopes.diverged;
        for (condition, block) in arms {
            let condition = self.condition(condition);
            let mark = self.scopes.mark();
            self.scopes.diverged = before;
            let block = self.inner_block(block, ScopeKind::Branch);
            paths.extend(self.scopes.rewind(mark));
            checked.push((condition, block));
        }
        self.scopes.diverged = before;
        let otherwise = otherwise.map(|block| {
            let mark = self.scopes.mark();
            let block = self.inner_block(block, ScopeKind::Branch);
            paths.extend(self.scopes.rewind(mark));
            block
        });
        if otherwise.is_none() && !before {
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
        let (start, end, tag) = self.range(start, end);
        let before = self.scopes.diverged;
        self.scopes.enter_loop();
        self.scopes.open(ScopeKind::Loop);
        let binding =
            self.scopes.declare_cell(&variable.text, Type::Scalar(tag), "loop variable", variable.span.clone());
        let body = self.block_in_scope(body);
        self.end_of_turn();
        self.scopes.leave_loop(false);
        self.scopes.diverged |= before;
        Statement::For { binding, tag, start, end, body }
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
