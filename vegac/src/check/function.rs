//! Functions of the file: declared before anything is looked at, then checked one after another.

use super::{Assignments, Checker, Expected, Known, ScopeKind, builtin, effect};
use crate::ast::{self, Span};
use crate::checked::{self, Block, Type};
use ecow::EcoString;
use vega_format::mangle::MOST_PARAMETERS;
use vega_format::types::Signature;

/// A function as calls see it.
#[derive(Debug)]
pub(super) struct Declared {
    pub(super) parameters: Vec<(EcoString, Type)>,
    pub(super) result: Option<Type>,
    pub(super) signature: Signature,
    /// Where it is declared; of one of another module, where that is imported.
    pub(super) head: Span,
    /// Whether a call of it was seen outside of functions.
    pub(super) called: bool,
    pub(super) callee: Callee,
}

impl Declared {
    /// Whether nothing was complained about in its parameters.
    pub(super) fn is_understood(&self) -> bool {
        self.parameters.len() == self.signature.parameters.len()
    }
}

/// Who has the body of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Callee {
    /// This module.
    Own,
    /// Another module.
    Module,
    /// The host.
    Host,
}

impl Checker<'_> {
    pub(super) fn declare_function(&mut self, function: &ast::Function) {
        if function.parameters.len() > MOST_PARAMETERS {
            let (name, count) = (&function.name.text, function.parameters.len());
            let title = format!("`{name}` has {count} parameters; the limit is {MOST_PARAMETERS}");
            self.complain(self.error("L0108", function.head, title, "too many parameters"));
        } else {
            self.refuse_equal_parameters(function);
        }
        let parameters: Vec<(EcoString, Type)> = function
            .parameters
            .iter()
            .map(|(name, type_name)| (name.text.clone(), self.parameter_type(type_name)))
            .collect();
        if builtin::is_builtin(&function.name.text) {
            let title = format!("a function is named `{}`", function.name.text);
            let diagnostic = self.error("E0312", function.name.span, title, "the language has a function of this name");
            self.complain(diagnostic.hint("give it another name"));
        }
        let result = function.result.as_ref().map(|type_name| self.result_type(type_name));
        let signature = Signature {
            name: self.absolute_name(&function.name.text),
            parameters: parameters.iter().filter_map(|(_, type_)| self.signature_type(*type_)).collect(),
            result: result.and_then(|type_| self.signature_type(type_)),
        };
        let head = function.head;
        self.add_function(
            &function.name.text,
            Declared { parameters, result, signature, head, callee: Callee::Own, called: false },
        );
    }

    /// Makes a function known by the name that calls give it.
    pub(super) fn add_function(&mut self, name: &str, function: Declared) {
        let same = self.by_name.get(name).filter(|_| function.is_understood()).and_then(|others| {
            let mut others = others.iter().filter_map(|other| self.functions.get(*other));
            others.find(|other| other.is_understood() && other.signature.parameters == function.signature.parameters)
        });
        if let Some(other) = same {
            let title = format!("`{name}` is declared twice with the same parameters");
            let diagnostic = self
                .error("E0305", function.head, title, "declared again here")
                .also(self.source, other.head, "first declared here")
                .hint("give one of them another name, or other parameters");
            self.complain(diagnostic);
        }
        let index = self.functions.len();
        self.by_name.entry(name.into()).or_default().push(index);
        self.functions.push(function);
    }

    pub(super) fn refuse_equal_parameters(&mut self, function: &ast::Function) {
        // They are so few that nothing is quicker than to look at each.
        for (index, (name, _)) in function.parameters.iter().enumerate() {
            let mut before = function.parameters.iter().take(index).rev();
            let Some((first, _)) = before.find(|(other, _)| other.text == name.text) else { continue };
            let diagnostic = self
                .error("E0306", name.span, format!("two parameters are named `{}`", name.text), "named again here")
                .also(self.source, first.span, "first named here");
            self.complain(diagnostic);
        }
    }

    /// The body of the function that was declared under this number.
    pub(super) fn function(
        &mut self,
        index: usize,
        function: &ast::Function,
        written: &ast::Block,
    ) -> checked::Function {
        let declared = self.functions.get(index);
        let (parameters, result, signature) = match declared {
            Some(declared) => (declared.parameters.clone(), declared.result, self.linked(&declared.signature)),
            None => (Vec::new(), None, Signature { name: String::new(), parameters: Vec::new(), result: None }),
        };
        self.scopes.begin_function();
        self.known = Known::default();
        self.assignments = Assignments::default();
        self.scopes.open(ScopeKind::Function);
        self.begin_outside();
        for ((name, type_), (spelled, _)) in parameters.iter().zip(&function.parameters) {
            self.scopes.declare_cell(name, *type_, "parameter", spelled.span);
        }
        self.result = result.map_or(Expected::Nothing, Expected::Value);
        let limit = function.limit.as_ref().and_then(|limit| self.positive(limit, "the limit of a function"));
        self.calling = Some(index);
        self.last_line = written.statements.last().map(|last| last.span);
        let mut body = self.body(written);
        self.calling = None;
        if self.unpromised.contains(&index) {
            self.forget_unpromised(function.head);
        }
        self.warn_unread();
        let is_promised = result.is_some_and(|type_| type_ != Type::Error);
        if let (true, None, false) = (is_promised, &body.value, self.scopes.diverged) {
            let ends_in_values = effect::ends_in_values(written);
            if let (true, Some(last)) = (ends_in_values, written.statements.last()) {
                self.forget_unused(last.span);
            }
            let end = Span::from(written.span.end().saturating_sub(1)..written.span.end());
            let title = format!("`{}` can end without its result", function.name.text);
            let diagnostic = self
                .error("E0406", end, title, "the end is reached without a `return`")
                .also(self.source, function.head, "the result is promised here")
                .hint(match ends_in_values {
                    true => "an `if` or `match` has no value: put `return` before the values in it",
                    false => "return a value on every path, or make the last line one",
                });
            self.complain(diagnostic);
        }
        // What stands between the braces.
        let inside = Span::from(written.span.start() + 1..written.span.end().saturating_sub(1));
        self.complain_of_outside(&body, |_| Some(inside));
        body.exits = Vec::new();
        checked::Function {
            signature,
            // What a test does not reach is not part of it.
            exported: function.public && self.test.is_none(),
            limit,
            parameters: parameters.into_iter().map(|(name, _)| name).collect(),
            slots: std::mem::take(&mut self.scopes.slots),
            body,
            span: function.head,
        }
    }

    /// The body of a function or a script; its value, if it has one, is the result.
    pub(super) fn body(&mut self, block: &ast::Block) -> Block {
        let wanted = self.result;
        self.statements(&block.statements, block.span, wanted)
    }
}
