//! What nobody needs: variables that are never read, functions that are never called, code behind a way out, a `free`
//! that does what the end of the block does anyway.
//!
//! A name counts as read wherever it is looked up, other than to store in it or to free it. All are lints that
//! are told only of a source in which nothing else is wrong.

use super::Checker;
use super::scope::Variable;
use crate::ast::{self, Span, StatementKind};
use ecow::EcoString;
use vega_report::{Diagnostic, nearest};

impl Checker<'_> {
    fn warning(&self, code: &'static str, span: Span, title: impl Into<String>, label: &str) -> Diagnostic {
        Diagnostic::warning(code, title).label(self.source, span, label)
    }

    /// The variables of a function whose scopes have been closed.
    pub(super) fn warn_unread(&mut self) {
        let has_alias = self.scopes.variables().iter().any(|variable| variable.alias);
        let is_unread = |variable: &&Variable| !variable.is_read() && (variable.alias || !has_alias);
        let variables = self.scopes.variables().iter();
        let unread: Vec<Variable> = variables.filter(is_unread).cloned().collect();
        for Variable { slot, named_at: span, of_several, .. } in unread {
            let name = self.scopes.slots.get(usize::from(slot)).map_or("", |(_, name)| name.as_str());
            if name.starts_with('_') {
                continue;
            }
            let title = format!("variable `{name}` is never read");
            let diagnostic = self.warning("W0002", span, title, "it gets a value, and nobody looks at it");
            self.complain(diagnostic.hint(match self.known_before(name, slot) {
                Some(other) => format!("did you mean `{other}`?"),
                None if of_several => "write `_` in its place".to_owned(),
                None => format!("leave it away, or name it `_{name}` if it is to hold bytes only"),
            }));
        }
    }

    /// A variable of which this may be a misspelling: one that was there when it was first assigned.
    fn known_before(&self, name: &str, slot: u16) -> Option<&str> {
        // Nobody will see it.
        if self.warnings.is_full() {
            return None;
        }
        let variables = self.scopes.variables();
        let unread = variables.iter().find(|variable| variable.slot == slot)?;
        let around = variables.iter().filter(|other| other.slot < slot && other.is_around(unread));
        let names = around.filter_map(|other| self.scopes.slots.get(usize::from(other.slot)));
        let names = names.map(|(_, name)| name.as_str()).chain(self.statics.keys().map(EcoString::as_str));
        let near = nearest(name, names.filter(|other| *other != name))?;
        near.is_certain.then_some(near.name)
    }

    /// A source without functions and statements, which is a script that does nothing.
    pub(super) fn warn_empty(&mut self) {
        let diagnostic =
            self.warning("W0009", Span::default(), "the program does nothing", "no function and no statement");
        self.complain(diagnostic.hint("write `println(\"hello\")`, or `fn main() { … }`"));
    }

    /// Functions that nobody calls and no other module sees. Of those that only such functions call, one of each circle is told.
    pub(super) fn warn_uncalled(&mut self, functions: &[ast::Function]) {
        let mut calls = std::mem::take(&mut self.calls);
        calls.retain(|(caller, called)| caller != called);
        calls.sort_unstable();
        calls.dedup();
        let mut reached = vec![false; functions.len()];
        for (index, function) in functions.iter().enumerate() {
            let name = &function.name.text;
            let is_root = function.public || name == "main" || name.starts_with('_') || name.starts_with("test_");
            if is_root || self.functions.get(index).is_none_or(|declared| declared.called) {
                reach(index, &calls, &mut reached);
            }
        }
        let mut is_called = vec![false; functions.len()];
        calls.iter().for_each(|(_, called)| is_called.get_mut(*called).into_iter().for_each(|called| *called = true));
        for (label, is_of_circle) in [("nobody calls it", false), ("only functions call it that nobody calls", true)] {
            for (index, function) in functions.iter().enumerate() {
                if reached.get(index) != Some(&false) || is_called.get(index) != Some(&is_of_circle) {
                    continue;
                }
                reach(index, &calls, &mut reached);
                let title = format!("function `{}` is never called", function.name.text);
                let diagnostic = self.warning("W0005", function.name.span, title, label);
                self.complain(diagnostic.hint("leave it away, or make it `pub` for other modules"));
            }
        }
    }

    /// The first statement to which execution cannot come.
    pub(super) fn warn_unreachable(&mut self, statements: &[ast::Statement], at: usize) {
        let (Some(before), Some(statement)) = (at.checked_sub(1).and_then(|at| statements.get(at)), statements.get(at))
        else {
            return;
        };
        let leaves = match before.kind {
            StatementKind::Return(_) => "`return` leaves the function",
            StatementKind::Break(_) => "`break` leaves the loop",
            StatementKind::Continue(_) => "`continue` begins the next turn",
            StatementKind::While { .. } => "no way leads behind this loop",
            _ => "all ways through this leave",
        };
        let end = statements.last().map_or(statement.span.end(), |last| last.span.end());
        let first_line = self.text.get(statement.span.start()..end).and_then(|text| text.find('\n'));
        let end = first_line.map_or(end, |length| statement.span.start() + length);
        let shown = Span::from(statement.span.start()..end);
        let diagnostic = self
            .warning("W0004", shown, "code that is never reached", "execution does not come here")
            .also(self.source, before.span, leaves);
        self.complain(diagnostic.hint("leave it away, or put it before"));
    }

    /// `free` at the end of the block that would free the variable by itself.
    pub(super) fn warn_needless_free(&mut self, statements: &[ast::Statement]) {
        let is_free = |statement: &&ast::Statement| matches!(statement.kind, StatementKind::Free(_));
        let last: Vec<&ast::Statement> = statements.iter().rev().take_while(is_free).collect();
        for statement in last.into_iter().rev() {
            let StatementKind::Free(name) = &statement.kind else { continue };
            if !self.scopes.is_of_innermost(&name.text) {
                continue;
            }
            let title = format!("`{}` is freed where it ends anyway", name.text);
            let diagnostic = self.warning("W0008", statement.span, title, "the block ends behind this");
            let edit = self.edit_to_remove(statement.span);
            self.complain(self.with_edit(diagnostic.hint("leave this away"), Some(edit)));
        }
    }
}

/// Marks a function and all that are called from there, at whatever distance. `calls` are in order.
fn reach(from: usize, calls: &[(usize, usize)], reached: &mut [bool]) {
    let mut waiting = vec![from];
    while let Some(function) = waiting.pop() {
        match reached.get_mut(function) {
            Some(is_reached) if !*is_reached => *is_reached = true,
            _ => continue,
        }
        let first = calls.partition_point(|(caller, _)| *caller < function);
        let own = calls.iter().skip(first).take_while(|(caller, _)| *caller == function);
        waiting.extend(own.map(|(_, called)| *called));
    }
}
