//! Values that a function gives although its head promises none: told once a function, and not again where it is called.

use super::{Checker, Expected};
use crate::ast::{self, Span};
use crate::checked::Type;
use vega_report::Diagnostic;

impl Checker<'_> {
    /// Complains of the first `return` with a value; the others mean the same.
    pub(super) fn unpromised(&mut self, value: &ast::Expression) {
        let given = self.value(value);
        let title = "a value is returned from a function without a result";
        let diagnostic = self.error("E0419", value.span, title, "no value is wanted");
        self.complain(match self.head_with(given.type_) {
            Some(head) => diagnostic.hint(format!("declare the result: `{head}`")),
            None => diagnostic,
        });
        self.result = Expected::Value(Type::Error);
        self.unpromised.extend(self.calling);
    }

    /// For the last line of a function without a result, which is a value.
    pub(super) fn hint_for_last_line(&self, line: Span, given: Type) -> Option<String> {
        let is_last = self.result == Expected::Nothing && self.last_line == Some(line);
        let head = self.head_with(given).filter(|_| is_last)?;
        Some(format!("leave it away, or declare it as the result: `{head}`"))
    }

    /// The head of this function with a result of a type.
    fn head_with(&self, result: Type) -> Option<String> {
        let function = self.functions.get(self.calling?)?;
        let name = function.signature.name.rsplit('.').next()?;
        let parameters = if function.parameters.is_empty() { "" } else { "…" };
        let result = match result {
            Type::Error | Type::Never | Type::Nothing => "…".to_owned(),
            known => self.show(known),
        };
        Some(format!("fn {name}({parameters}) -> {result}"))
    }

    /// Behind a function that gives a value unasked: what was said of calls before it is no news.
    pub(super) fn forget_unpromised(&mut self, head: Span) {
        let is_at = |error: &Diagnostic| {
            error.labels.iter().any(|label| label.source == self.source && label.span == head.range())
        };
        self.errors.kept.retain(|error| error.code != "E0403" || !is_at(error));
    }
}
