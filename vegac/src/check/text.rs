//! Bounded text, `string<N>`: a variable, or a part of one, that is seen as a string wherever it is mentioned, and changed
//! by assignment and `append`.

use super::Checker;
use super::convert::failed;
use super::place::{is_local, is_read_only};
use super::whole::with;
use crate::ast::{self, Span};
use crate::checked::{Expression, Kind, Place, Type};
use vega_format::text::counted;
use vega_format::trap::Trap;

impl Checker<'_> {
    /// The most bytes of a bounded text.
    pub(super) fn text_capacity(&self, type_: Type) -> Option<u32> {
        match type_ {
            Type::Stencil(type_ref) => self.stencils.text(type_ref),
            _ => None,
        }
    }

    /// The value of what stands at a place; bounded text is seen as a string.
    pub(super) fn read(&self, place: Place, span: Span) -> Expression {
        let type_ = if self.text_capacity(place.type_).is_some() { Type::String } else { place.type_ };
        Expression { kind: Kind::Load(place), type_, span }
    }

    /// A string that is stored in a text: complains of a literal that is certainly too long.
    pub(super) fn certain_length(&mut self, value: &Expression, type_: Type) {
        let (Kind::Text(text), Some(capacity)) = (&value.kind, self.text_capacity(type_)) else { return };
        let need = text.len() as u64;
        if need > u64::from(capacity) && self.folding {
            let title = format!("text of {} does not fit `string<{capacity}>`", counted(need, "byte"));
            let diagnostic = self.error("E0411", value.span, title, "too long");
            self.complain(diagnostic.hint(format!("declare it longer: `string<{need}>`")));
        } else if need > u64::from(capacity) {
            let diagnostic = self.certain_trap(value.span, &Trap::TextFull { need, free: capacity, capacity });
            self.complain(diagnostic.hint(format!("declare it longer: `string<{need}>`")));
        }
    }

    /// `append(t, a, b)`: behind what a text holds, each value as `print` writes it.
    pub(super) fn append(&mut self, arguments: &[ast::Expression], span: Span) -> Expression {
        let Some((target, values)) = arguments.split_first() else { return failed(span) };
        let Some(place) = self.text_to_append(target) else { return failed(span) };
        let mut kept = Vec::new();
        let place = self.pinned_place(place, &mut kept);
        self.warn_of_format(values, true);
        let mut pieces = Vec::new();
        for value in values {
            let value = self.value(value);
            match value.type_ {
                Type::String | Type::Scalar(_) | Type::Union(_) => {
                    let at = value.span;
                    let kind = Kind::Append(place.clone(), Box::new(value));
                    pieces.push(Expression { kind, type_: Type::Nothing, span: at });
                }
                Type::Error | Type::Never => pieces.push(value),
                other => {
                    let title = format!("`{}` is appended", self.show(other));
                    let diagnostic = self.error("E0523", value.span, title, "scalars, unions and strings can be");
                    self.complain(diagnostic.hint(match self.are_bytes(other) {
                        true => self.hint_for_bytes(self.written(value.span)),
                        false => "append its parts one by one".to_owned(),
                    }));
                    return failed(span);
                }
            }
        }
        if let Some(unfinished) = self.unfinished(kept.iter().map(|(_, value)| value).chain(&pieces), span) {
            return unfinished;
        }
        let all = Expression { kind: Kind::Sequence(pieces), type_: Type::Nothing, span };
        kept.into_iter().rev().fold(all, |body, kept| with(Some(kept), body))
    }

    /// The place of a text to which something is appended. To append is not to read.
    fn text_to_append(&mut self, target: &ast::Expression) -> Option<Place> {
        let unread = self.unread_variable(target);
        let found = self.operand(target);
        if let Some(variable) = unread.and_then(|id| self.scopes.variable(id)) {
            variable.set_read(false);
        }
        match found.kind {
            Kind::Load(place) if self.text_capacity(place.type_).is_some() => {
                if self.refuse_read_only(target) {
                    return None;
                }
                if is_read_only(&place) {
                    self.read_only_part(target);
                    return None;
                }
                Some(place)
            }
            _ => {
                if !matches!(found.type_, Type::Error | Type::Never) {
                    let title = format!("`append` is given `{}`", self.show(found.type_));
                    let diagnostic = self.error("E0523", target.span, title, "bounded text is wanted");
                    let element = self.element_type(found.type_);
                    let is_text = element.is_some_and(|element| self.stencils.text(element).is_some());
                    self.complain(diagnostic.hint(match is_text {
                        true => format!("its elements are: `append({}[0], …)`", self.written(target.span)),
                        false => "declare a variable of it: `t: string<64> = \"\"`".to_owned(),
                    }));
                }
                None
            }
        }
    }

    /// Complains of a string that would outlive the text that it shows.
    pub(super) fn local_text(&mut self, span: Span, what: &str) {
        let title = format!("{what} shows text that ends here");
        let diagnostic = self.error("E0506", span, title, "its bytes lie in an arena of this function").hint(
            "print or append it here, or store it in text that the caller lends: `into: []string<8>`, `into[0] = …`",
        );
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
