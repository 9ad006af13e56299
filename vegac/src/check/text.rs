//! Bounded text, `string<N>`: a variable that is seen as a string wherever it is mentioned, and changed by assignment
//! and `append`.

use super::Checker;
use super::convert::failed;
use super::place::is_local;
use super::scope::Meaning;
use crate::ast::{self, ExpressionKind, Span};
use crate::checked::{Expression, Kind, Type};
use vega_format::instruction::{Instruction, Slot};
use vega_format::trap::Trap;

impl Checker<'_> {
    /// The most bytes of a bounded text.
    pub(super) fn text_capacity(&self, type_: Type) -> Option<u32> {
        match type_ {
            Type::Stencil(type_ref) => self.stencils.text(type_ref),
            _ => None,
        }
    }

    /// A string that is stored in a text: complains of a literal that is certainly too long.
    pub(super) fn certain_length(&mut self, value: &Expression, capacity: u32) {
        let Kind::Text(text) = &value.kind else { return };
        let need = text.len() as u64;
        if need > u64::from(capacity) {
            let diagnostic = self.certain_trap(value.span, &Trap::TextFull { need, free: capacity, capacity });
            self.complain(diagnostic.hint(format!("declare it longer: `string<{need}>`")));
        }
    }

    /// `append(t, a, b)`: behind what a text holds, each value as `print` writes it.
    pub(super) fn append(&mut self, arguments: &[ast::Expression], span: Span) -> Expression {
        let Some((target, values)) = arguments.split_first() else { return failed(span) };
        let slot = match &target.kind {
            ExpressionKind::Name(name) => match self.scopes.find_unread(name) {
                Some(Ok(Meaning::Variable(id))) => self.scopes.variable(*id),
                _ => None,
            },
            _ => None,
        };
        let slot = slot.filter(|variable| self.text_capacity(variable.type_).is_some()).map(|variable| variable.slot);
        let Some(slot) = slot else {
            let found = self.operand(target);
            if found.type_ != Type::Error {
                let title = format!("`append` is given `{}`", self.show(found.type_));
                let diagnostic = self.error("E0523", target.span, title, "a variable of bounded text is wanted");
                self.complain(diagnostic.hint("declare one: `t: string<64> = \"\"`"));
            }
            return failed(span);
        };
        let mut pieces = Vec::new();
        for value in values {
            let value = self.value(value);
            let instruction = match value.type_ {
                Type::String => Instruction::TextAppend { slot: Slot(slot) },
                Type::Scalar(_) | Type::Union(_) => Instruction::TextFormat { slot: Slot(slot) },
                Type::Error | Type::Never => {
                    pieces.push(value);
                    continue;
                }
                other => {
                    let title = format!("`{}` is appended", self.show(other));
                    let diagnostic = self.error("E0523", value.span, title, "scalars, unions and strings can be");
                    self.complain(diagnostic.hint("append its parts one by one"));
                    return failed(span);
                }
            };
            let at = value.span;
            pieces.push(Expression { kind: Kind::Apply(instruction, vec![value]), type_: Type::Nothing, span: at });
        }
        if let Some(unfinished) = self.unfinished(&pieces, span) {
            return unfinished;
        }
        Expression { kind: Kind::Sequence(pieces), type_: Type::Nothing, span }
    }

    /// Complains of a string that would outlive the text that it shows.
    pub(super) fn local_text(&mut self, span: Span, what: &str) {
        let title = format!("{what} shows text that ends here");
        let diagnostic = self
            .error("E0506", span, title, "its bytes lie in an arena of this function")
            .hint("print or append it here, or store it in bytes that the caller lends");
        self.complain(diagnostic);
    }

    /// A result must not show memory of the function.
    pub(super) fn result_stands(&mut self, value: Expression) -> Expression {
        if value.type_ == Type::String && is_local(&value) {
            self.local_text(value.span, "the result");
            return failed(value.span);
        }
        value
    }
}
